"""Golden questions: how they are written, read and tied to the paragraphs that support them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from eval.errors import GoldenError
from rag.answer.figures import find_figures
from rag.contract import TurnIn
from rag.search.understand import fold, language_of
from rag.types import Language, Paragraph, Report

QuestionKind = Literal[
    "fact",
    "plan",
    "plan_vs_result",
    "list",
    "comparison",
    "calculation",
    "follow_up",
    "masked",
    "false_premise",
    "not_covered",
    "silent",
    "off_topic",
    "injection",
]
Split = Literal["open", "held"]
KINDS: tuple[str, ...] = get_args(QuestionKind)
SPLITS: tuple[str, ...] = get_args(Split)
FOLDER = Path(__file__).parent / "golden"
"""The project's own questions, over the five reports in `seeds/`."""

# YAML reads 2022-09-14 as a date and 15 as a number; here all of these are text.
_Text = Annotated[str, BeforeValidator(lambda value: value if value is None else str(value))]
_Words = Annotated[_Text, Field(min_length=1)]
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Alternative(_Strict):
    """One way to state a fact: a figure with its unit, or words. Exactly one of them is given."""

    figure: _Text = ""
    text: _Text = ""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if bool(self.figure) == bool(self.text):
            raise ValueError("give either figure or text")
        if self.figure:
            figures = find_figures(self.figure)
            if len(figures) != 1 or figures[0].text != self.figure.strip() or figures[0].masked:
                raise ValueError(f"{self.figure!r} is not one figure with its unit")
        return self


class Fact(_Strict):
    """What an answer must state, in any of these ways."""

    any: tuple[Alternative, ...] = Field(min_length=1)


class Quote(_Strict):
    """Words that stand in a report."""

    report: str
    quote: _Words


class Question(_Strict):
    """A golden question. `pair` joins the same question in several languages; `split` "held" is
    never used to settle weights or prompts; `nearest` is what a refusal may point to; `must_not`
    are words that no answer may contain."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    question: _Words
    status: Literal["answered", "not_found", "withheld"]
    pair: str = ""
    language: Language
    kind: QuestionKind = "fact"
    split: Split = "open"
    history: tuple[TurnIn, ...] = ()
    facts: tuple[Fact, ...] = ()
    support: tuple[Quote, ...] = ()
    nearest: Quote | None = None
    must_not: tuple[_Words, ...] = ()
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: Any) -> Any:
        """What may be left out: the pair is the id, the language that of the question."""
        if not isinstance(given, dict):
            return given
        filled = {"pair": given.get("id"), **given}
        if "language" not in filled and filled.get("question"):
            filled["language"] = language_of(str(filled["question"]))
        return filled

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.status == "answered" and not self.facts:
            raise ValueError("an answered question needs facts to check")
        if self.status != "answered" and self.facts:
            raise ValueError(f"a question that is {self.status} has no facts")
        if self.status == "not_found" and self.support:
            raise ValueError("what is not_found has no support; name it nearest")
        return self


@dataclass(frozen=True)
class Case:
    """A question tied to a corpus.

    `support` holds, for each distinct quote, the anchors of the paragraphs it stands in. `cluster`
    is what questions about the same source have in common: an anchor, or else the pair.
    """

    question: Question
    support: tuple[frozenset[str], ...]
    nearest: frozenset[str]
    cluster: str

    @property
    def anchors(self) -> frozenset[str]:
        """All paragraphs that support the answer."""
        return frozenset().union(*self.support)


def load_golden(path: Path) -> tuple[Question, ...]:
    """The questions of a YAML file, or of all of them in a folder by name.

    Raises GoldenError, in one sentence that names the file and the question.
    """
    files = sorted(path.glob("*.y*ml")) if path.is_dir() else [path]
    if not files:
        raise GoldenError(f"{path} holds no .yaml file; run: report-qa eval init")
    questions = tuple(question for file in files for question in _read(file))
    if not questions:
        raise GoldenError(f"{path} holds no question; run: report-qa eval init")
    (id_, count), *_ = Counter(question.id for question in questions).most_common(1)
    if count > 1:
        raise GoldenError(f"{path}: the id {id_!r} is used twice; give each question its own.")
    return questions


def _read(file: Path) -> Iterator[Question]:
    entries = read_yaml(file) or []
    if not isinstance(entries, list):
        raise GoldenError(f"{file} is not a list of questions; begin each one with '- id: ...'.")
    for number, entry in enumerate(entries, start=1):
        try:
            yield Question.model_validate(entry)
        except ValidationError as error:
            id_ = entry.get("id") if isinstance(entry, dict) else None
            name = f"the question {id_!r}" if id_ else f"question {number}"
            raise GoldenError(f"{file}: {name} is wrong: {first_problem(error)}.") from error


def read_yaml(file: Path) -> Any:
    """What a YAML file holds; None if it is empty. Raises GoldenError, in one sentence."""
    try:
        return yaml.load(file.read_text(encoding="utf-8-sig"), Loader=_Loader)
    except (OSError, UnicodeDecodeError) as error:
        raise GoldenError(f"{file} cannot be read as UTF-8 text; check the path.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        said = getattr(error, "problem", None) or "it cannot be parsed"
        raise GoldenError(f"{file} is not valid YAML{where}: {said}.") from error


def first_problem(error: ValidationError) -> str:
    """Where and what the first thing wrong is, for a sentence."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    said = first["msg"].removeprefix("Value error, ")
    return f"{where}: {said}" if where else said


def content_hash(questions: Iterable[Question]) -> str:
    """SHA-256 over the canonical JSON of the questions, whatever their order and files."""
    entries = sorted((question.model_dump() for question in questions), key=lambda q: str(q["id"]))
    return digest(entries)


def digest(value: Any) -> str:
    """SHA-256 of a JSON value in canonical form: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def resolve(questions: Sequence[Question], reports: Mapping[str, Report]) -> tuple[Case, ...]:
    """Tie questions to parsed reports, by id.

    Raises GoldenError if a report is not there or a quote does not stand in it.
    """
    places = {id_: _Places(report) for id_, report in reports.items()}
    return tuple(_case(question, places) for question in questions)


class _Places:
    """Where words stand in a report."""

    def __init__(self, report: Report) -> None:
        self._paragraphs = report.paragraphs
        self._folded: list[str] | None = None

    def find(self, quote: str) -> frozenset[str] | None:
        """Anchors of the paragraphs with these words; None if nowhere."""
        found = [p for p in self._paragraphs if quote in p.text] or self._find_folded(quote)
        return frozenset(paragraph.anchor for paragraph in found) or None

    def _find_folded(self, quote: str) -> list[Paragraph]:
        if self._folded is None:
            self._folded = [_bare(paragraph.text) for paragraph in self._paragraphs]
        bare = _bare(quote)
        pairs = zip(self._paragraphs, self._folded, strict=True)
        return [paragraph for paragraph, text in pairs if bare in text]


def _bare(text: str) -> str:
    """Text without what people change when they copy it: width, script and white space."""
    return "".join(fold(text).split())


def _case(question: Question, places: Mapping[str, _Places]) -> Case:
    support = tuple(dict.fromkeys(_find(question, quote, places) for quote in question.support))
    nearest = _find(question, question.nearest, places) if question.nearest else frozenset[str]()
    stands_in = min(support[0]) if support else min(nearest, default="")
    return Case(question, support, nearest, stands_in or question.pair)


def _find(question: Question, quote: Quote, places: Mapping[str, _Places]) -> frozenset[str]:
    if quote.report not in places:
        known = ", ".join(sorted(places)) or "none"
        raise GoldenError(
            f"The question {question.id!r} names the report {quote.report!r}, which is not in the "
            f"index (there are: {known}); ingest it or correct the question."
        )
    anchors = places[quote.report].find(quote.quote)
    if anchors is None:
        raise GoldenError(
            f"The question {question.id!r} quotes words that {quote.report!r} does not hold: "
            f"{quote.quote!r}; copy them from the report."
        )
    return anchors


def sample(cases: Sequence[Case], size: int) -> tuple[Case, ...]:
    """At most `size` cases spread evenly over kinds and languages, in their own order; always the
    same ones for the same questions."""
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in sorted(cases, key=lambda case: (digest(case.question.pair), case.question.id)):
        groups.setdefault((case.question.kind, case.question.language), []).append(case)
    dealt = sorted(
        (turn, key, case.question.id)
        for key, group in groups.items()
        for turn, case in enumerate(group)
    )
    chosen = {id_ for _, _, id_ in dealt[:size]}
    return tuple(case for case in cases if case.question.id in chosen)
