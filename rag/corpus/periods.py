"""The years that a sentence of a report speaks of, relative ones resolved against the report."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.types import ReportInfo

_REMEMBERED = 20_000  # texts
_YEAR = r"(?<!\d)((?:19|20)\d\d)"
_SPAN = re.compile(rf"{_YEAR}年?\s*(?:-|~|\u2013|\u2014|\uff0d|\uff5e|至|到)\s*{_YEAR}")
_NAMED = re.compile(rf"{_YEAR}年")
# "比去年增长5%", "比2017年提高" and "去年同期" measure by a year, they do not tell of it.
_COMPARED = re.compile(
    rf"[比较超于](?:{_YEAR}年|前年|去年|上年)|(?:{_YEAR}年|去年|上年)(?:同期|同比|基数)"
)
_RELATIVE = tuple(
    (re.compile(words), offset)
    for words, offset in (
        ("(?<![以目之])前年(?![产均度])", -2),
        ("(?<!过)去年|上年(?!度)", -1),
        ("(?<!如)今年|本年度", 0),
        ("(?<!文)明年", 1),
    )
)
_NUMERALS = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "十": 10}
_COUNT = r"([两二三四五十]|\d{1,2})"
# "提前两年" and "历时近三年" are durations, "创近五年新高" and "十年来首次" rank a single year.
_PAST_YEARS = re.compile(
    rf"(?:过去|(?<![创时耗期经])近|(?<![提目当以之])前)的?{_COUNT}年(?!级|期|行动)"
    rf"|(?<![一二三四五六七八九十\d]){_COUNT}年(?=来)"
)
_RANKS = re.compile(r"年(?:以?来)?[^,\uff0c;\uff1b。]{0,6}(?:新[高低]|最|首|第一)")
_YEARS_TO_COME = re.compile(rf"(?:今后|未来)的?{_COUNT}年(?!级)")
_ON_AVERAGE = re.compile("年均|累计|平均|总共|合计")


@dataclass(frozen=True)
class Told:
    """Single years, and spans of years as (first, last). `averages` says that figures are given
    over a span."""

    years: frozenset[int]
    spans: frozenset[tuple[int, int]]
    averages: bool = False

    def speaks_of(self, years: set[int]) -> bool:
        """Whether one of the years is told of by itself, or a span from the first to the last of
        them."""
        return bool(self.years & years) or (bool(years) and (min(years), max(years)) in self.spans)

    def covered(self) -> set[int]:
        """All the years, those within the spans too."""
        return {*self.years, *(y for first, last in self.spans for y in range(first, last + 1))}


@lru_cache(maxsize=_REMEMBERED)
def told(text: str, report: ReportInfo) -> Told:
    """What a sentence says of years in its own words.

    去年, 今年 and 明年 count from the year in which the report was given, 过去五年 back from the
    year it reviews, 今后五年 on from the year it plans.
    """
    text = _COMPARED.sub(" ", text)
    spans = {(int(m[1]), int(m[2])) for m in _SPAN.finditer(text)}
    years = {int(m[1]) for m in _NAMED.finditer(_SPAN.sub(" ", text))}
    given, reviewed, planned = map(_year, (report.date, report.reviews, report.plans))
    given = given or planned or reviewed
    if given:
        years |= {given + offset for words, offset in _RELATIVE if words.search(text)}
    if reviewed:
        for found in _PAST_YEARS.finditer(text):
            if not _RANKS.match(text, found.end() - 1):
                spans.add((reviewed - _number(found[1] or found[2]) + 1, reviewed))
    if planned:
        for found in _YEARS_TO_COME.finditer(text):
            spans.add((planned, planned + _number(found[1]) - 1))
    kept = frozenset(s for s in spans if s[0] < s[1] <= s[0] + 20)
    return Told(frozenset(years), kept, bool(kept) and bool(_ON_AVERAGE.search(text)))


def _year(date: str) -> int | None:
    return int(date[:4]) if re.match(r"\d{4}", date) else None


def _number(numeral: str) -> int:
    return _NUMERALS.get(numeral) or int(numeral)
