"""In what the nearest sentence differs from what was asked: in place, year, kind or measure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.answer.claims import claims
from rag.answer.evidence import Evidence
from rag.answer.figures import find_figures
from rag.search.measure import COUNT, DATE, MONEY, RANK, SHARE
from rag.search.terms import Terms
from rag.types import Language, Query

_NEAR = 0.4  # coverage from which on a sentence is of the same thing, and not merely the nearest
_LONG = 90  # characters up to which a sentence is shown whole
_OWN = 0.5  # of what a sentence covers, that one of its figures must cover itself to be given
_CHANGE = re.compile("增长|增速|增幅|提高|上升|下降|减少|降低")
_CHANGE_ASKED = re.compile(
    r"增长|增速|增幅|涨|跌|降|上升|\b(?:gr[eo]w\w*|rose|ris\w+|fell|fall\w*|increas\w+|declin\w+|rate)\b",
    re.IGNORECASE,
)
_STATISTIC = re.compile(
    r"率|人口|人数|指数|浓度|总量|总额|产量|收入|支出|数量|面积|密度|寿命|多少"
    r"|\b(?:rate|population|number|index|level|output|income|revenue|spending|density|area)\b"
    r"|\bhow (?:many|much)\b",
    re.IGNORECASE,
)
_PRICE = re.compile(r"票|价|租金|多少钱|\b(?:price|ticket|fare|rent|cost)s?\b", re.IGNORECASE)

_KINDS: dict[Language, dict[str, str]] = {
    "zh": {"actual": "结果", "plan": "目标"},
    "en": {"actual": "a result", "plan": "a target"},
}
_MEASURES: dict[Language, dict[str, str]] = {
    "zh": {"change": "增幅", "share": "比重", "amount": "数额", "number": "数量"},
    "en": {
        "change": "a growth rate",
        "share": "a percentage",
        "amount": "an amount",
        "number": "a number",
    },
}


@dataclass(frozen=True)
class Aspect:
    """What a question asks for or a sentence gives, as far as the two differ; "" where they do
    not."""

    place: str = ""
    year: str = ""
    kind: str = ""
    measure: str = ""

    def words(self, language: Language) -> str:
        """`2022年的结果`, `a result for 2022`."""
        kind = _KINDS[language].get(self.kind, "")
        measure = _MEASURES[language].get(self.measure, "")
        if language == "zh":
            where = self.place + (f"{self.year}年" if self.year else "")
            what = f"{kind}{measure}" or "情况"
            return f"{where}的{what}" if where else what
        what = f"{measure} ({kind.removeprefix('a ')})" if kind and measure else kind or measure
        where = (f" of {self.place}" if self.place else "") + (
            f" for {self.year}" if self.year else ""
        )
        return (what or "this") + where


@dataclass(frozen=True)
class Difference:
    """What was asked and what the nearest sentence gives instead; of a long one its `clause`."""

    asked: Aspect
    given: Aspect
    clause: str = ""


def difference(query: Query, nearest: Evidence, terms: Terms) -> Difference | None:
    """In what the nearest sentence differs from the question; None if in nothing that can be
    named, or if it is of something else."""
    if nearest.coverage < _NEAR or query.units in (DATE, RANK):
        return None
    language, paragraph = query.language, nearest.passage.paragraph
    asked: dict[str, str] = {}
    given: dict[str, str] = {}
    place = nearest.passage.info.place
    if query.places and place.zh not in query.places:
        given["place"] = place.zh if language == "zh" else place.en or place.zh
    years = [str(year) for year in query.years]
    said = {f.text[:4] for f in find_figures(nearest.span.text) if f.unit == "year"}
    if paragraph.period and years and not {paragraph.period, *said} & set(years):
        given["year"] = paragraph.period
    if query.kind and query.kind != paragraph.kind and not nearest.conforms:
        asked["kind"], given["kind"] = query.kind, paragraph.kind
    if given:
        given["kind"] = paragraph.kind
    measures = _measure_asked(query), _measure_given(nearest, terms)
    if nearest.claim is None and all(measures) and measures.count("change") == 1:
        asked["measure"], given["measure"] = measures
    if not given:
        return None
    asked["year"] = ("、" if language == "zh" else " and ").join(years)
    return Difference(Aspect(**asked), Aspect(**given), _clause(nearest, terms))


def _clause(nearest: Evidence, terms: Terms) -> str:
    """Of a long sentence the clause with the figure that is nearest; "" if it says too little."""
    text = nearest.span.text
    found = [claim for claim in claims(text) if claim.figure.role == "quantity"]
    claim = max(found, key=lambda c: terms.coverage(c.subject), default=None)
    if len(text) <= _LONG or claim is None:
        return ""
    whole = terms.coverage(claim.clause.text) >= terms.coverage(text)
    return claim.clause.text if whole else ""


def _measure_asked(query: Query) -> str:
    changes = bool(_CHANGE_ASKED.search(query.standalone))
    if query.units == SHARE:
        return "change" if changes else "share"
    if changes:
        return ""
    return {MONEY: "amount", COUNT: "number"}.get(query.units, "")


def _measure_given(nearest: Evidence, terms: Terms) -> str:
    """The kind of quantity that a sentence gives for what is asked; "" if it gives none."""
    found = [claim for claim in claims(nearest.span.text) if claim.figure.role == "quantity"]
    claim = max(found, key=lambda c: terms.coverage(c.subject), default=None)
    if claim is None or terms.coverage(claim.subject) < _OWN * terms.coverage(nearest.span.text):
        return ""
    if claim.figure.unit in SHARE:
        return "change" if _CHANGE.search(claim.subject) else "share"
    return {"CNY": "amount", "USD": "amount", "count": "number"}.get(
        claim.figure.unit.partition(":")[0], ""
    )


def is_statistic(query: Query) -> bool:
    """Whether a question of a place or year asks for something that a work report might give."""
    if not (query.places or query.years) or _PRICE.search(query.standalone):
        return False
    counts = bool(query.units) and query.units not in (DATE, RANK)
    return counts or bool(_STATISTIC.search(query.standalone))
