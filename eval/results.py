"""What is kept of each question: the line of results.jsonl."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from eval.errors import EvalError
from eval.golden import Case, Quote
from eval.scorers import Score, Unscored
from rag.contract import FigureOut, TimingsOut, TurnIn
from rag.types import Answer, Citation, Kind, Language, Status

RESULTS = "results.jsonl"


class Expected(BaseModel):
    """What the golden question asks for, for people to read."""

    status: Status
    facts: list[list[str]]
    support: list[Quote]
    anchors: list[str]
    must_not: list[str]
    note: str


class Cited(BaseModel):
    """A citation of the answer."""

    marker: int
    anchor: str
    title: str
    section: list[str]
    kind: Kind
    period: str
    quote: str

    @classmethod
    def of(cls, citation: Citation) -> Cited:
        """From the project's own value."""
        paragraph = citation.passage.paragraph
        return cls(
            marker=citation.marker,
            anchor=paragraph.anchor,
            title=citation.passage.info.title,
            section=list(paragraph.section),
            kind=paragraph.kind,
            period=paragraph.period,
            quote=citation.quote,
        )


class Usage(BaseModel):
    """What the language model was sent and gave. Pieces are what it streamed, for most endpoints
    one token each; `failed` is what it said when it failed, and another engine then answered."""

    calls: int = 0
    prompt_characters: int = 0
    pieces: int = 0
    failed: str = ""


class Result(BaseModel):
    """A question, what was answered, and how it scored.

    `key` names the golden set, the system and the engine; a name in `unscored` is a measure
    without a score, with the reason. Only `timings` differ between two runs.
    """

    model_config = ConfigDict(extra="forbid")
    key: str
    id: str
    pair: str
    language: Language
    kind: str
    split: Literal["open", "held"]
    cluster: str
    question: str
    history: list[TurnIn]
    expected: Expected
    status: Status
    answer: str
    citations: list[Cited]
    figures: list[FigureOut]
    retrieved: list[str]
    problems: list[str]
    engine: str
    usage: Usage
    scores: dict[str, float]
    unscored: dict[str, str]
    timings: TimingsOut

    @classmethod
    def of(
        cls,
        case: Case,
        answer: Answer,
        retrieved: Iterable[str],
        scores: Mapping[str, Score],
        *,
        key: str,
        usage: Usage,
    ) -> Result:
        """From a case, its answer and its scores."""
        question = case.question
        return cls(
            key=key,
            id=question.id,
            pair=question.pair,
            language=question.language,
            kind=question.kind,
            split=question.split,
            cluster=case.cluster,
            question=question.question,
            history=list(question.history),
            expected=_expected(case),
            status=answer.status,
            answer=answer.text,
            citations=[Cited.of(citation) for citation in answer.citations],
            figures=[FigureOut(**vars(figure)) for figure in answer.figures],
            retrieved=list(retrieved),
            problems=list(answer.problems),
            engine=answer.engine,
            usage=usage,
            scores={n: round(s, 6) for n, s in scores.items() if not isinstance(s, Unscored)},
            unscored={n: s.reason for n, s in scores.items() if isinstance(s, Unscored)},
            timings=TimingsOut(**vars(answer.timings)),
        )

    @property
    def is_correct(self) -> bool:
        """Whether all of it is right; a failed question is not."""
        return self.scores.get("correct") == 1.0

    @property
    def slices(self) -> tuple[str, ...]:
        """The groups it counts in: all, its language, its kind, and its kind in its language."""
        return ("all", self.language, self.kind, f"{self.kind} {self.language}")


def _expected(case: Case) -> Expected:
    question = case.question
    return Expected(
        status=question.status,
        facts=[[way.figure or way.text for way in fact.any] for fact in question.facts],
        support=list(question.support),
        anchors=sorted(case.anchors or case.nearest),
        must_not=list(question.must_not),
        note=question.note,
    )


def read_results(path: Path, *, finished: bool = True) -> list[Result]:
    """The results of a file, or of the folder of a run; none if the file is not there and the run
    need not be `finished`.

    Raises EvalError. Of an unfinished run the last line may be broken; it is left out.
    """
    file = path / RESULTS if path.is_dir() else path
    if not finished and not file.exists():
        return []
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EvalError(
            f"{file} cannot be read; name the {RESULTS} of a run, or its folder."
        ) from error
    results = []
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            results.append(Result.model_validate_json(line))
        except ValidationError as error:
            if not finished:
                continue
            raise EvalError(
                f"{file} line {number} is not the result of a question; run the baseline again."
            ) from error
    return results


def append_result(file: Path, result: Result) -> None:
    """Add a line that is on the disk before the next question is asked."""
    with file.open("a", encoding="utf-8") as stream:
        stream.write(result.model_dump_json() + "\n")
        stream.flush()


def write_results(file: Path, results: Iterable[Result]) -> None:
    """Put the file in order: these results and no others. The file is whole at any time."""
    scratch = file.with_name(f".{file.name}.part")
    lines = "".join(result.model_dump_json() + "\n" for result in results)
    scratch.write_text(lines, encoding="utf-8")
    os.replace(scratch, file)
