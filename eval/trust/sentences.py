"""True and false sentences about the reports, made from a hand-checked table of facts.

Each fact gives a sentence or two in each language; each way of being wrong changes one thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from pydantic import BaseModel, ConfigDict

from eval.golden import read_yaml
from rag.types import Kind, Language

FACTS = Path(__file__).parent / "facts.yaml"
Form = Literal["level", "rise", "fall", "count"]
_PLACES_EN = {
    "温州经济技术开发区": "Wenzhou ETDZ",
    "瑞安市": "Ruian",
    "金华经济技术开发区": "Jinhua ETDZ",
}
_OTHER_PLACE = {
    "温州经济技术开发区": ("瑞安市", "Ruian"),
    "瑞安市": ("金华经济技术开发区", "Jinhua ETDZ"),
    "金华经济技术开发区": ("温州经济技术开发区", "Wenzhou ETDZ"),
}
_DIGIT = re.compile(r"\d")
_SCALES_ZH = (("亿", "万"), ("万", "亿"), ("%", "‰"))
_SCALES_EN = (("billion", "million"), ("million", "billion"))
_UNITS_ZH = (
    ("%", "个百分点"),
    ("亿元", "亿美元"),
    ("万美元", "万元"),
    ("家", "人"),
    ("公里", "亩"),
)
_UNITS_EN = (("%", " percentage points"), (" yuan", " US dollars"), (" mu", " hectares"))


class Neighbour(BaseModel):
    """Another indicator of the same sentence or paragraph, of the same unit."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    indicator_zh: str
    indicator_en: str
    figure_zh: str
    figure_en: str


class Fact(BaseModel):
    """A figure of a report and what it is of, in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    report: str
    quote: str
    place: str
    year: int
    kind: Kind
    indicator_zh: str
    indicator_en: str
    form: Form
    figure_zh: str
    figure_en: str
    neighbour: Neighbour | None = None


@dataclass(frozen=True)
class Sentence:
    """A sentence, and what is wrong with it; "" if it is true."""

    text: str
    language: Language
    wrong: str
    fact: Fact


def load_facts() -> list[Fact]:
    """The table. Raises GoldenError if it cannot be read."""
    return [Fact.model_validate(entry) for entry in read_yaml(FACTS)]


def true_sentences(facts: list[Fact]) -> Iterator[Sentence]:
    """Each fact in both languages, worded in two ways."""
    for fact in facts:
        for way in (0, 1):
            yield Sentence(_zh(fact, way=way), "zh", "", fact)
            yield Sentence(_en(fact, way=way), "en", "", fact)


def false_sentences(facts: list[Fact], seed: int = 11) -> Iterator[Sentence]:
    """Each fact in both languages with one thing wrong, in each way that applies."""
    random = Random(seed)
    for fact in facts:
        digit = _other_digit(fact.figure_zh, random), _other_digit(fact.figure_en, random)
        yield from _pair(fact, "digit", figure=digit)
        for wrong, tables in (
            ("scale", (_SCALES_ZH, _SCALES_EN)),
            ("unit", (_UNITS_ZH, _UNITS_EN)),
        ):
            figure = _swapped(fact.figure_zh, tables[0]), _swapped(fact.figure_en, tables[1])
            yield from _pair(fact, wrong, figure=figure)
        yield from _pair(fact, "year", year=fact.year - 3)
        yield from _pair(fact, "place", place=_OTHER_PLACE.get(fact.place, ("瑞安市", "Ruian")))
        other: Kind = "plan" if fact.kind == "actual" else "actual"
        yield from _pair(fact, "kind", kind=other)
        if fact.form in ("rise", "fall"):
            yield from _pair(fact, "direction", form="fall" if fact.form == "rise" else "rise")
        if fact.neighbour:
            moved = fact.neighbour.figure_zh, fact.neighbour.figure_en
            yield from _pair(fact, "neighbour", figure=moved)


def _pair(
    fact: Fact,
    wrong: str,
    *,
    figure: tuple[str, str] | None = None,
    year: int | None = None,
    place: tuple[str, str] | None = None,
    kind: Kind | None = None,
    form: Form | None = None,
) -> Iterator[Sentence]:
    """The changed fact in both languages; nothing where the change does not apply."""
    zh, en = figure or (fact.figure_zh, fact.figure_en)
    changed = fact.model_copy(
        update={
            "year": year or fact.year,
            "kind": kind or fact.kind,
            "form": form or fact.form,
            "figure_zh": zh,
            "figure_en": en,
        }
    )
    where_zh, where_en = place or (fact.place, _PLACES_EN.get(fact.place, fact.place))
    if zh and (figure is None or zh != fact.figure_zh):
        yield Sentence(_zh(changed, where=where_zh), "zh", wrong, fact)
    if en and (figure is None or en != fact.figure_en):
        yield Sentence(_en(changed, where=where_en), "en", wrong, fact)


def _zh(fact: Fact, *, way: int = 0, where: str = "") -> str:
    where = where or fact.place
    verbs = {
        ("level", "actual"): "达到",
        ("level", "plan"): "目标为",
        ("rise", "actual"): "增长了",
        ("rise", "plan"): "的增长目标为",
        ("fall", "actual"): "下降了",
        ("fall", "plan"): "计划下降",
        ("count", "actual"): "实际达到",
        ("count", "plan"): "的目标为",
    }
    said = f"{fact.indicator_zh}{verbs[fact.form, fact.kind]}{fact.figure_zh}"
    if way:
        return f"{where}{said}\uff08{fact.year}年\uff09\u3002"
    return f"{fact.year}年\uff0c{where}{said}\u3002"


def _en(fact: Fact, *, way: int = 0, where: str = "") -> str:
    where = where or _PLACES_EN.get(fact.place, fact.place)
    verbs = {
        ("level", "actual"): "reached",
        ("level", "plan"): "was targeted at",
        ("rise", "actual"): "grew by",
        ("rise", "plan"): "was planned to grow by",
        ("fall", "actual"): "fell by",
        ("fall", "plan"): "was planned to fall by",
        ("count", "actual"): "actually came to",
        ("count", "plan"): "was targeted at",
    }
    said = f"{fact.indicator_en} {verbs[fact.form, fact.kind]} {fact.figure_en}"
    if way:
        return f"{where}: {said} ({fact.year})."
    return f"In {fact.year}, {where}'s {said}."


def _other_digit(figure: str, random: Random) -> str:
    """The figure with its first or last digit changed; "" if it has none."""
    places = [found.start() for found in _DIGIT.finditer(figure)]
    if not places:
        return ""
    at = random.choice((places[0], places[-1]))
    other = random.choice([d for d in "123456789" if d != figure[at]])
    return figure[:at] + other + figure[at + 1 :]


def _swapped(figure: str, table: tuple[tuple[str, str], ...]) -> str:
    """The figure with the first unit of the table it has replaced; "" if it has none."""
    for old, new in table:
        if old in figure:
            return figure.replace(old, new, 1)
    return ""
