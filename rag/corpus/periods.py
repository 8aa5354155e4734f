"""The years that a sentence of a report speaks of, relative ones resolved against the report."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.types import ReportInfo

_REMEMBERED = 20_000  # texts
_YEAR = r"(?<!\d)((?:19|20)\d\d)"
_SPAN = re.compile(rf"{_YEAR}年?\s*(?:-|~|\u2013|\u2014|\uff5e|至|到)\s*{_YEAR}年")
_NAMED = re.compile(rf"{_YEAR}年")
# "比去年增长5%" and "上年同期" measure by a year, they do not tell of it.
_MEASURED_BY = r"(?<![比较超于同与和])"
_RELATIVE = tuple(
    (re.compile(rf"{_MEASURED_BY}{words}(?!同期|同比|基数)"), offset)
    for words, offset in (("前年", -2), ("去年", -1), ("(?:今年|本年度)", 0), ("明年", 1))
)
_NUMERALS = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "十": 10}
# "创近五年新高" and "十年来首次" rank a single year.
_PAST_YEARS = re.compile(
    r"(?<!创)(?:(?:过去|近|前)的?([两二三四五十]|\d{1,2})年(?!级)|(?<![一二三四五六七八九十\d])([两二三四五十]|\d{1,2})年来)"
    "(?!以?来?的?(?:新[高低]|最|首|第一))"
)
_YEARS_TO_COME = re.compile(r"(?:今后|未来)(?:的)?([两二三四五十]|\d{1,2})年")


@dataclass(frozen=True)
class Told:
    """Single years, and spans of years as (first, last)."""

    years: frozenset[int]
    spans: frozenset[tuple[int, int]]

    def speaks_of(self, years: set[int]) -> bool:
        """Whether one of the years is told of by itself, or a span of just these years."""
        return bool(self.years & years) or (min(years), max(years)) in self.spans

    def covered(self) -> set[int]:
        """All the years, those within the spans too."""
        return {*self.years, *(y for first, last in self.spans for y in range(first, last + 1))}


@lru_cache(maxsize=_REMEMBERED)
def told(text: str, report: ReportInfo) -> Told:
    """What a sentence says of years in its own words.

    去年, 今年 and 明年 count from the year in which the report was given, 过去五年 back from the
    year it reviews, 今后五年 on from the year it plans.
    """
    spans = {(int(m[1]), int(m[2])) for m in _SPAN.finditer(text)}
    years = {int(m[1]) for m in _NAMED.finditer(_SPAN.sub(" ", text))}
    given, reviewed, planned = (
        int(year[:4]) if year[:4].isdigit() else None
        for year in (report.date or report.plans or report.reviews, report.reviews, report.plans)
    )
    if given:
        years |= {given + offset for words, offset in _RELATIVE if words.search(text)}
    if reviewed:
        for found in _PAST_YEARS.finditer(text):
            spans.add((reviewed - _number(found[1] or found[2]) + 1, reviewed))
    if planned:
        for found in _YEARS_TO_COME.finditer(text):
            spans.add((planned, planned + _number(found[1]) - 1))
    return Told(frozenset(years), frozenset(s for s in spans if s[0] < s[1] <= s[0] + 20))


def _number(numeral: str) -> int:
    return _NUMERALS.get(numeral) or int(numeral)
