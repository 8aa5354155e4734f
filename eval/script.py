"""Conversations with expectations, checked turn by turn: a script of "our questions"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.errors import GoldenError
from eval.golden import Fact, Question, Quote, first_problem, read_yaml, resolve
from eval.scorers import figures_unsupported, forbidden, is_stated
from rag.assistant import Assistant
from rag.errors import ReportQAError
from rag.search.understand import language_of
from rag.types import Answer, Query, Report, Status, Turn


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expect(_Strict):
    """What an answer must be like; whatever is left out is not checked. `cites` are quotes whose
    paragraphs must be cited."""

    status: Status | None = None
    facts: tuple[Fact, ...] = ()
    must_not: tuple[str, ...] = ()
    cites: tuple[Quote, ...] = ()


class ScriptTurn(_Strict):
    """A question of a conversation."""

    question: str = Field(min_length=1)
    expect: Expect = Expect()


class Conversation(_Strict):
    """Questions asked one after the other; each knows those before it and their answers."""

    title: str = ""
    turns: tuple[ScriptTurn, ...] = Field(min_length=1)


@dataclass(frozen=True)
class TurnResult:
    """A turn as it went; no `problems` means that all expectations were met."""

    conversation: str
    turn: int
    question: str
    status: Status
    answer: str
    citations: tuple[str, ...]
    problems: tuple[str, ...]


def load_script(path: Path) -> tuple[Conversation, ...]:
    """The conversation of a YAML file, or its list of them. Raises GoldenError."""
    given = read_yaml(path)
    entries = given if isinstance(given, list) else [given]
    conversations = []
    for number, entry in enumerate(entries, start=1):
        try:
            conversations.append(Conversation.model_validate(entry))
        except ValidationError as error:
            raise GoldenError(
                f"{path}: conversation {number} is wrong: {first_problem(error)}."
            ) from error
    return tuple(conversations)


def run_script(
    script: Sequence[Conversation],
    assistant: Assistant,
    reports: Mapping[str, Report],
    engine: str = "extractive",
) -> Iterator[TurnResult]:
    """Hold the conversations and yield each turn. Raises GoldenError before the first one if a
    quote does not stand in its report."""
    wanted = [[_anchors(turn, reports) for turn in talk.turns] for talk in script]
    for number, (conversation, cites) in enumerate(zip(script, wanted, strict=True), start=1):
        title = conversation.title or f"conversation {number}"
        history: list[Turn] = []
        for position, turn in enumerate(conversation.turns, start=1):
            answer = _ask(turn.question, assistant, history, engine)
            cited = tuple(citation.passage.anchor for citation in answer.citations)
            problems = tuple(_problems(turn.expect, cites[position - 1], answer, cited))
            yield TurnResult(
                title, position, turn.question, answer.status, answer.text, cited, problems
            )
            history += [Turn("user", turn.question), Turn("assistant", answer.text)]


def _anchors(turn: ScriptTurn, reports: Mapping[str, Report]) -> list[frozenset[str]]:
    """The paragraphs of each quote that must be cited."""
    return [resolve([_question(turn, quote)], reports)[0].anchors for quote in turn.expect.cites]


def _question(turn: ScriptTurn, quote: Quote) -> Question:
    return Question(
        id="turn",
        question=turn.question,
        status="withheld",
        language=language_of(turn.question),
        support=(quote,),
    )


def _ask(question: str, assistant: Assistant, history: Sequence[Turn], engine: str) -> Answer:
    try:
        return assistant.answer(question, history, engine)
    except ReportQAError as error:
        query = Query(question, question, "", language_of(question))
        return Answer(query, "failed", "", (), (), (), (str(error),), "")


def _problems(
    expect: Expect, anchors: Sequence[frozenset[str]], answer: Answer, cited: Sequence[str]
) -> Iterator[str]:
    if answer.status == "failed":
        yield "; ".join(answer.problems)
    if expect.status and answer.status != expect.status:
        yield f"status is {answer.status}, expected {expect.status}"
    for fact in expect.facts:
        if not any(is_stated(way, answer.text) for way in fact.any):
            yield "it does not say " + " or ".join(way.figure or way.text for way in fact.any)
    for words in expect.must_not:
        if forbidden([words], answer.text) == 1.0:
            yield f"it says {words}"
    for wanted, quote in zip(anchors, expect.cites, strict=True):
        if not wanted & set(cited):
            yield f"it does not cite the paragraph of {quote.report} with: {quote.quote}"
    if (count := figures_unsupported(answer)) and isinstance(count, float):
        yield f"{count:g} of its figures stand in no paragraph it cites"
