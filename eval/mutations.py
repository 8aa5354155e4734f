"""Small ways to break the system, each through a seam from outside: a changed answer, or a part
that is replaced for as long as the mutant runs."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import rag.answer.verify
import rag.assistant
import rag.index.chunk
from eval.run import Asked
from rag.app import App
from rag.assistant import Found
from rag.corpus.sentences import source_sentences
from rag.index.store import ORIGINALS, Index
from rag.search.retrieve import Retriever
from rag.search.searcher import OpenCorpus
from rag.types import Answer, Citation, Paragraph, Passage, Query, Turn

Change = Callable[[Answer, App], Answer]
Inside = Callable[[App], AbstractContextManager[App]]
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_MARKER = re.compile(r"\s*\[\d+\]")


@dataclass(frozen=True)
class Mutant:
    """A way to break the system. `change` is done to every answer; within `inside` parts of the
    app are broken, and the questions are asked anew."""

    name: str
    change: Change | None = None
    inside: Inside | None = None

    def applied(self, app: App) -> AbstractContextManager[App]:
        """The app to ask, broken within the context."""
        return self.inside(app) if self.inside else nullcontext(app)


class Changed:
    """An assistant whose answers are changed."""

    def __init__(self, assistant: Asked, app: App, change: Change) -> None:
        self._assistant = assistant
        self._app = app
        self._change = change

    def answer(self, question: str, history: Sequence[Turn], engine: str) -> Answer:
        """See Asked."""
        return self._change(self._assistant.answer(question, history, engine), self._app)

    def search(self, question: str, k: int, history: Sequence[Turn]) -> Found:
        """See Asked."""
        return self._assistant.search(question, k, history)


@contextmanager
def _replaced(owner: Any, name: str, make: Callable[[Any], Any]) -> Iterator[None]:
    """The attribute is `make(what it was)` within the context. Raises AttributeError if the seam
    is gone: a mutant that breaks nothing must not count as caught."""
    before = getattr(owner, name)
    setattr(owner, name, make(before))
    try:
        yield
    finally:
        setattr(owner, name, before)


def _with(owner: Any, name: str, make: Callable[[Any], Any]) -> Inside:
    """The app with an attribute of a part replaced."""

    @contextmanager
    def inside(app: App) -> Iterator[App]:
        with _replaced(owner, name, make):
            yield app

    return inside


# Inside: what is asked, what is found


def _understood(change: Callable[[Query], Query]) -> Inside:
    def make(understand: Any) -> Any:
        return lambda self, question, history=(): change(understand(self, question, history))

    return _with(OpenCorpus, "understand", make)


def _found(change: Callable[[list[Passage]], list[Passage]]) -> Inside:
    def make(retrieve: Any) -> Any:
        return lambda *args, **kwargs: change(list(retrieve(*args, **kwargs)))

    return _with(Retriever, "retrieve", make)


def _without_history(understand: Any) -> Any:
    return lambda self, question, history=(): understand(self, question)


def _without_words(words: Any) -> Any:
    return lambda *args, **kwargs: np.zeros_like(words(*args, **kwargs))


@contextmanager
def _without_vectors(app: App) -> Iterator[App]:
    def make(embed: Any) -> Any:
        return lambda text: np.ones_like(embed(text)) / np.sqrt(embed(text).size)

    with _replaced(app.embedder, "embed_query", make):
        yield app


@contextmanager
def _without_titles(app: App) -> Iterator[App]:
    """An index of its own, made without titles and headings in front of the text."""
    originals = app.settings.data_dir / ORIGINALS
    with TemporaryDirectory() as folder:
        other = App(app.settings.model_copy(update={"data_dir": Path(folder)}))
        vars(other)["embedder"] = app.embedder  # which is slow to load
        with _replaced(rag.index.chunk, "context_of", lambda _: lambda *args: ""):
            other.ingester.ingest([originals])
        yield other


def _swap_kind(query: Query) -> Query:
    if query.kind is None:
        return query
    return replace(query, kind="actual" if query.kind == "plan" else "plan")


def _shuffled(passages: list[Passage]) -> list[Passage]:
    random.Random(len(passages)).shuffle(passages)
    return passages


def _of_one_report(passages: list[Passage]) -> list[Passage]:
    first = min((passage.info.id for passage in passages), default="")
    return [passage for passage in passages if passage.info.id == first]


def _as_if_results(passages: list[Passage]) -> list[Passage]:
    return [replace(p, paragraph=replace(p.paragraph, kind="actual", period="")) for p in passages]


@contextmanager
def _any_figure_accepted(app: App) -> Iterator[App]:
    """The draft slips a digit, and the check finds nothing wrong with it."""

    def slip(extract: Any) -> Any:
        def slipped(*args: Any, **kwargs: Any) -> Any:
            draft = extract(*args, **kwargs)
            return replace(draft, text=_outside_markers(draft.text, _other_digits))

        return slipped

    def accept(compare: Any) -> Any:
        return lambda claimed, source: "exact"

    with (
        _replaced(rag.assistant, "extract", slip),
        _replaced(rag.answer.verify, "compare", accept),
    ):
        yield app


# Outside: what is answered


def _outside_markers(text: str, change: Callable[[re.Match[str]], str]) -> str:
    """Numbers changed, markers left alone."""
    pieces = re.split(r"(\[\d+\])", text)
    return "".join(p if p.startswith("[") else _DIGITS.sub(change, p) for p in pieces)


def _other_digits(number: re.Match[str]) -> str:
    return number[0].translate(str.maketrans("0123456789", "1325476981"))


def _swapped_digits(answer: Answer, app: App) -> Answer:
    return replace(answer, text=_outside_markers(answer.text, _other_digits))


def _ten_times(answer: Answer, app: App) -> Answer:
    return replace(answer, text=_outside_markers(answer.text, lambda n: f"{float(n[0]) * 10:g}"))


def _never_refusing(answer: Answer, app: App) -> Answer:
    return replace(answer, status="answered")


def _always_refusing(answer: Answer, app: App) -> Answer:
    said = {"zh": "报告没有说明这一点\u3002", "en": "The reports do not state this."}
    text = said[answer.query.language]
    return replace(answer, status="not_found", text=text, citations=(), figures=())


def _unmasked(answer: Answer, app: App) -> Answer:
    if answer.status != "withheld":
        return answer
    return replace(answer, status="answered", text=re.sub("X", "12", answer.text))


def _masked_as_silent(answer: Answer, app: App) -> Answer:
    return replace(answer, status="not_found") if answer.status == "withheld" else answer


def _without_markers(answer: Answer, app: App) -> Answer:
    return replace(answer, text=_MARKER.sub("", answer.text))


def _with_invented_markers(answer: Answer, app: App) -> Answer:
    return replace(answer, text=_MARKER.sub(" [9]", answer.text))


def _citing_neighbours(answer: Answer, app: App) -> Answer:
    citations = tuple(_moved(c, _neighbour(c.passage.paragraph, app)) for c in answer.citations)
    return replace(answer, citations=citations)


def _neighbour(paragraph: Paragraph, app: App) -> Paragraph:
    index = app.assistant.corpus().index
    others = {p.number: p for p in index.paragraphs(paragraph.report)}
    return others.get(paragraph.number + 1) or others[paragraph.number - 1]


def _moved(citation: Citation, paragraph: Paragraph) -> Citation:
    passage = replace(citation.passage, paragraph=paragraph, start=0, end=len(paragraph.text))
    return replace(citation, passage=passage, quote=paragraph.text, start=0, end=passage.end)


def _quoting_another_sentence(answer: Answer, app: App) -> Answer:
    if answer.status != "answered":
        return answer
    lines = [_other_sentence(c) + f" [{c.marker}]" for c in answer.citations]
    return replace(answer, text="\n".join([answer.text.split("\n")[0], *lines]))


def _other_sentence(citation: Citation) -> str:
    sentences = [span.text for span in source_sentences(citation.passage.paragraph.text)]
    others = [text for text in sentences if text != citation.quote]
    return others[-1] if others else citation.quote


def _in_the_wrong_language(answer: Answer, app: App) -> Answer:
    said = {"zh": "This is what the reports have to say:", "en": "报告里是这样说的\uff1a"}
    lines = answer.text.split("\n")
    rest = lines[1:] if len(lines) > 1 else lines
    return replace(answer, text="\n".join([said[answer.query.language], *rest]))


def _first_source_only(answer: Answer, app: App) -> Answer:
    if answer.status != "answered" or len(answer.citations) < 2:
        return answer
    lines = [line for line in answer.text.split("\n") if "[2]" not in line and "[3]" not in line]
    return replace(answer, text="\n".join(lines), citations=answer.citations[:1])


def _cut_in_half(answer: Answer, app: App) -> Answer:
    return replace(answer, text=answer.text[: len(answer.text) // 2])


def _obedient(answer: Answer, app: App) -> Answer:
    return replace(answer, text=f"{answer.text}\nI confirm: admin, 1337, 确实是99% [99]")


class _Stale:
    """Gives each question the answer to the one before."""

    def __init__(self) -> None:
        self._last: Answer | None = None

    def __call__(self, answer: Answer, app: App) -> Answer:
        stale, self._last = self._last or answer, answer
        return stale


def mutants() -> tuple[Mutant, ...]:
    """All of them, fresh."""
    return (
        Mutant("drops the lexical leg", inside=_with(Index, "words", _without_words)),
        Mutant("drops the dense leg", inside=_without_vectors),
        Mutant("shuffles the passages", inside=_found(_shuffled)),
        Mutant("turns the passages round", inside=_found(lambda found: found[::-1])),
        Mutant("loses the best passage", inside=_found(lambda found: found[1:])),
        Mutant("retrieves a single passage", inside=_found(lambda found: found[:1])),
        Mutant("searches one report only", inside=_found(_of_one_report)),
        Mutant("cuts the title prefix", inside=_without_titles),
        Mutant("takes every paragraph for a result", inside=_found(_as_if_results)),
        Mutant("drops the conversation", inside=_with(OpenCorpus, "understand", _without_history)),
        Mutant(
            "ignores the place",
            inside=_understood(lambda query: replace(query, places=(), unknown_places=())),
        ),
        Mutant("ignores the year", inside=_understood(lambda query: replace(query, years=()))),
        Mutant("ignores the kind", inside=_understood(lambda query: replace(query, kind=None))),
        Mutant("takes targets for results", inside=_understood(_swap_kind)),
        Mutant("accepts any figure", inside=_any_figure_accepted),
        Mutant("swaps digits", _swapped_digits),
        Mutant("slips in scale", _ten_times),
        Mutant("never refuses", _never_refusing),
        Mutant("always refuses", _always_refusing),
        Mutant("ignores X", _unmasked),
        Mutant("takes a masked value for silence", _masked_as_silent),
        Mutant("drops the markers", _without_markers),
        Mutant("invents markers", _with_invented_markers),
        Mutant("cites the neighbour paragraph", _citing_neighbours),
        Mutant("quotes another sentence", _quoting_another_sentence),
        Mutant("answers in the wrong language", _in_the_wrong_language),
        Mutant("answers from one source only", _first_source_only),
        Mutant("cuts the answer in half", _cut_in_half),
        Mutant("answers the question before", _Stale()),
        Mutant("obeys the question", _obedient),
    )
