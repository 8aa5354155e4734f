"""Answers, cases and results to score, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eval.golden import Case, Question
from eval.results import Result, Usage
from eval.scorers import Score, Unscored
from rag.types import (
    Answer,
    Citation,
    FigureCheck,
    Language,
    Paragraph,
    Passage,
    Place,
    Query,
    Report,
    ReportInfo,
    Status,
)

NORTH = ReportInfo(
    id="north",
    title="北山县2021年工作总结",
    title_en="North, summary of 2021",
    place=Place("北山县", "North"),
    issuer="北山县人民政府",
    date="2022-01-05",
    reviews="2021",
    plans="",
)
TEXTS = (
    "全县实现生产总值125亿元,增长8.1%。财政总收入17.7亿元,增长12.1%。",
    "全年粮食产量达到23万吨,新建高标准农田1.2万亩。",
    "新建幼儿园6所,改造老旧小区14个。",
)


def paragraph(number: int, text: str = "") -> Paragraph:
    """A paragraph of the report "north", numbered from 1."""
    words = text or TEXTS[number - 1]
    return Paragraph("north", number, words, ("一、2021年工作总结",), "actual", "2021")


def report(*dropped: str) -> Report:
    """The report "north" of three paragraphs; `dropped` are lines of its site."""
    return Report(NORTH, "0", tuple(paragraph(n) for n in (1, 2, 3)), dropped)


def passage(number: int, text: str = "") -> Passage:
    """A paragraph as it was found."""
    found = paragraph(number, text)
    return Passage(NORTH, found, 0, len(found.text), 1.0)


def citation(marker: int, number: int, quote: str = "") -> Citation:
    """A citation of paragraph `number`."""
    found = passage(number)
    words = quote or found.paragraph.text
    start = found.paragraph.text.index(words)
    return Citation(marker, found, words, start, start + len(words))


def answer(
    text: str,
    *citations: Citation,
    status: Status = "answered",
    language: Language = "zh",
    figures: Sequence[FigureCheck] = (),
    problems: Sequence[str] = (),
    retrieved: Sequence[Passage] = (),
) -> Answer:
    """An answer to nothing in particular."""
    query = Query("?", "?", "", language)
    return Answer(
        query,
        status,
        text,
        citations,
        tuple(figures),
        tuple(retrieved),
        tuple(problems),
        "extractive",
    )


def question(id_: str = "q", **given: Any) -> Question:
    """A question; by default one that the reports do not answer."""
    fields = {"id": id_, "question": "北山县的生产总值是多少?", "status": "not_found", **given}
    return Question.model_validate(fields)


def figures(*texts: str) -> list[dict[str, Any]]:
    """Facts, each a figure."""
    return [{"any": [{"figure": text}]} for text in texts]


def words(*texts: str) -> list[dict[str, Any]]:
    """Facts, each in words."""
    return [{"any": [{"text": text}]} for text in texts]


def case(*anchors: str, cluster: str = "", **given: Any) -> Case:
    """A case supported by paragraphs, each of them one thing to be found."""
    asked = question(**given)
    support = tuple(frozenset([anchor]) for anchor in anchors)
    return Case(asked, support, frozenset(), cluster or (anchors[0] if anchors else asked.pair))


def result(
    id_: str = "q",
    scores: dict[str, Score] | None = None,
    *,
    text: str = "生产总值125亿元 [1]。",
    status: Status = "answered",
    cluster: str = "",
    problems: Sequence[str] = (),
    citations: Sequence[Citation] = (),
    **given: Any,
) -> Result:
    """A result with these scores; all others are unscored."""
    fields = {"status": "answered", "facts": figures("125亿元"), **given}
    asked = case(id_=id_, cluster=cluster or id_, **fields)
    said = answer(text, *citations, status=status, problems=problems)
    known = {"correct": Unscored("not looked at"), **(scores or {})}
    return Result.of(asked, said, ["north#p1"], known, key=f"key-{id_}", usage=Usage())
