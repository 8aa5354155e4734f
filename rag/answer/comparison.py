"""Answers over several places, years or reports: a table with a row for each.

A comparison is drafted as lines, `place (year, kind): words of the report`, which are verified like
any other; only then are they laid out as a table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answer.axes import on_axes
from rag.answer.citations import MARKER, with_markers
from rag.answer.claims import Claim, claims, is_empty
from rag.answer.evidence import Evidence
from rag.answer.figures import find_figures, in_english
from rag.answer.fit import pairs_of
from rag.answer.silence import Silence
from rag.answer.tables import NOTHING, markdown_table
from rag.answer.verify import Verified
from rag.search.measure import asked_units
from rag.search.places import PlaceNames
from rag.search.retrieve import cells
from rag.search.terms import Terms
from rag.search.understand import YEAR
from rag.types import Language, Passage, Query

_COMPARES = re.compile(
    r"比|各|分别|谁|哪|\b(?:vs|versus|than|compar\w+|respectively|both|each|which|higher|lower)\b",
    re.IGNORECASE,
)
_AGAINST = re.compile(r"比|较|\b(?:over|from|since|than|against|with|to)\b", re.IGNORECASE)
_JOINED = re.compile(r" {2,}(?:和|与|及|以及|跟|同|、|,|and|or|&)(?: the)? {2,}")  # two places
_CHANGE_ASKED = re.compile(
    r"增长|增速|增幅|下降|上升|涨|跌|\b(?:gr[eo]w\w*|rose|ris\w+|fell|fall\w*|increas\w+|declin\w+)\b",
    re.IGNORECASE,
)
_WHICH_ONE = re.compile(r"哪[一个边家里]*|谁|\bwhich(?: \w+)?\b", re.IGNORECASE)
_SHARE_ASKED = re.compile(
    r"占|比重|比例|强度|\bshare\b|proportion|percentage of|intensity", re.IGNORECASE
)
_SEPARATOR = re.compile("[,\uff0c\u3001:\uff1a;\uff1b\u3002]")
_BOUND = re.compile("(?:(?:首次)?突破|约|近|超过?|不少于|不低于|不超过|至少|力争|达到?|为)+$")
_QUOTES = frozenset('\u201c\u201d"')
_TRAILING = "\u3002.;\uff1b"
_CJK = re.compile("[\u4e00-\u9fff]")
_ENGLISH_BEHIND = re.compile(r"^(.*?) \(([^()\u4e00-\u9fff]+)\)$")
_ALIKE, _AS_WELL, _AS_PLAIN = 0.5, 0.9, 0.4
_ADDED = re.compile(
    "新增|新认定|认定|培育|新建|创建"
)  # how things came to be counted, not which ones
_PLAINLY = 0.9  # of what a sentence covers, that its figure covers itself

_SHARE = re.compile("占|比重|比例|覆盖率")


@dataclass(frozen=True)
class Part:
    """What the reports say to one part of a question, best first, or why they say nothing."""

    query: Query
    evidence: tuple[Evidence, ...] = ()
    silence: Silence | None = None


def parts_of(query: Query, names: PlaceNames) -> list[Query]:
    """A question over several places or years taken apart.

    Where each place is named with years of its own ("A in 2015 and B in 2022"), only those; else
    every place goes with every year.
    """
    if not query.units and query.asks_name:  # "which has the higher growth target?"
        units = asked_units(_WHICH_ONE.sub(" ", query.standalone))
        query = replace(query, units=units, asks_name=not units) if several(query) else query
    every = cells(query)
    own = _own_years(query, names)
    return [part for part in every if (part.places, part.years) in own] or every


def several(query: Query) -> bool:
    """Whether a question is over several places or years."""
    return len(query.places) > 1 or 1 < len(query.years) <= 3


def compares(query: Query, names: PlaceNames) -> bool:
    """Whether a question sets places or years beside each other, so that a part of it which the
    reports do not state must be said to be missing."""
    if len(query.years) > 1 or _COMPARES.search(query.standalone):
        return True
    return bool(_JOINED.search(names.find(query.standalone).text))


def without_base_year(parts: Sequence[Part], query: Query) -> list[Part]:
    """The parts without the year that growth is only measured against."""
    if not _AGAINST.search(query.standalone) or not _CHANGE_ASKED.search(query.standalone):
        return list(parts)
    stated = {year for part in parts if part.evidence for year in part.query.years}
    return [
        part
        for part in parts
        if part.evidence or not {year + 1 for year in part.query.years} & stated
    ]


def unknown_parts(query: Query) -> list[Part]:
    """A part for each place that is named and that no report is of."""
    return [
        Part(replace(query, places=(), years=(), unknown_places=(name,)), silence=Silence("place"))
        for name in query.unknown_places
    ]


def _own_years(query: Query, names: PlaceNames) -> set[tuple[tuple[str, ...], tuple[int, ...]]]:
    """The (places, years) of the parts of a question that names a year or more behind each place,
    or in front of each; empty if it does not."""
    order: list[str | int] = []
    at = 0
    for found in YEAR.finditer(query.standalone):
        order += names.find(query.standalone[at : found.start()]).known
        order += [int(found[0])] if int(found[0]) in query.years else []
        at = found.end()
    order += names.find(query.standalone[at:]).known
    if order and isinstance(order[0], int):
        order.reverse()
    years: dict[str, list[int]] = {}
    place = ""
    for what in order:
        if isinstance(what, str):
            place = what
            years.setdefault(place, [])
        elif place:
            years[place].append(what)
        else:
            return set()
    if len(years) < 2 or not all(years.values()):
        return set()
    return {((place,), (year,)) for place, own in years.items() for year in own}


# Like with like


@dataclass(frozen=True)
class Candidates:
    """A part of a question, the sentences there are, and those that state what is asked."""

    query: Query
    ranked: Sequence[Evidence]
    answers: Sequence[Evidence]


def like_with_like(found: Sequence[Candidates], terms: Terms) -> list[Part]:
    """The best evidence of each part; where figures are asked for, that of the indicator which is
    the same in the report that answers most plainly, if the others have it too."""
    plainest = _plainest(found) if any(candidates.query.units for candidates in found) else None
    parts = []
    for candidates in found:
        best = next(iter(candidates.answers), None)
        if plainest in candidates.answers:
            best = plainest
        elif plainest is not None:
            best = _of_the_same(plainest, candidates, terms) or _as_plain(plainest, best)
        evidence = (best,) if best else ()
        parts.append(Part(candidates.query, evidence, None if best else Silence("silent")))
    return parts


def _plainest(found: Sequence[Candidates]) -> Evidence | None:
    """The evidence whose figure is most plainly of what is asked; no share where none is asked."""
    answers = [e for c in found for e in c.answers if e.claim and is_apt(e.claim, c.query)]
    return max(answers, key=lambda e: (e.claim_coverage, e.score), default=None)


def _as_plain(plainest: Evidence, other: Evidence | None) -> Evidence | None:
    """Evidence that is about as plainly of what is asked; None if it only shares a word of it."""
    if other is None or other.masked:
        return other
    return other if other.claim_coverage >= _AS_PLAIN * plainest.claim_coverage else None


def is_apt(claim: Claim, query: Query) -> bool:
    """Whether a figure may answer: no share where growth is asked for."""
    asked = query.standalone
    if claim.figure.unit != "%" or not _CHANGE_ASKED.search(asked) or _SHARE_ASKED.search(asked):
        return True
    return not _SHARE.search(claim.subject)


def _of_the_same(plainest: Evidence, there: Candidates, terms: Terms) -> Evidence | None:
    """The evidence whose figure is said of the same words and covers the question as well; None
    if there is none, or that which comes first is."""
    if plainest.claim is None:
        return None
    wanted = _ADDED.sub("", said(plainest.claim, plainest.span.text)[0])
    found: list[tuple[float, Evidence]] = []
    for evidence in there.ranked:
        for claim in claims(evidence.span.text) if evidence.conforms else ():
            words, _ = said(claim, evidence.span.text)
            if claim.figure.unit == plainest.claim.figure.unit and terms.coverage(
                words
            ) >= _AS_WELL * terms.coverage(wanted):
                found.append((_alike(wanted, words), replace(evidence, claim=claim)))
    alike, best = max(found, key=lambda item: item[0], default=(0.0, None))
    return best if alike >= _ALIKE else None


def _alike(one: str, other: str) -> float:
    """Dice's coefficient of the pairs of characters of two indicators (Dice 1945)."""
    first, second = pairs_of(one), pairs_of(other)
    return 2 * len(first & second) / (len(first) + len(second) or 1)


# Rows


@dataclass(frozen=True)
class Row:
    """One row: `head` says of what, `words` and `value` what the report says, with `note` outside
    the quotation and `quote` for its sentence. Without a marker nothing is said; then `value` says
    that."""

    head: str
    words: str
    value: str
    marker: int | None = None
    note: str = ""
    quote: str = ""

    def line(self, language: Language) -> str:
        """As a line to verify."""
        text = headed(self.head, f"{self.words}{self.value}", language)
        return text if self.marker is None else with_markers(text, (self.marker,))


@dataclass(frozen=True)
class Comparison:
    """The rows of an answer and which of them differ in scope."""

    rows: tuple[Row, ...]
    scopes: str
    language: Language

    def quoting(self, verified: Verified) -> Comparison:
        """The comparison with the sentences themselves in those rows that were not borne out."""
        told = {row for line in verified.text.split("\n") if (row := self._row_of(line))}
        rows = (
            row if row in told or not row.quote else replace(row, words="", value=row.quote)
            for row in self.rows
        )
        return replace(self, rows=tuple(rows))

    @property
    def lines(self) -> list[str]:
        """The rows and the scopes as lines to verify."""
        lines = [row.line(self.language) for row in self.rows]
        return [*lines, self.scopes] if self.scopes else lines

    def laid_out(self, verified: Verified) -> Verified:
        """A verified answer with the lines of this comparison as a table."""
        lines = verified.text.split("\n")
        told = [(row, line) for line in lines if (row := self._row_of(line))]
        if len(told) < 2:
            return verified
        figures = any(row.words for row, _ in told)
        rows = []
        for row, line in told:
            rest = line.removeprefix(headed(row.head, "", self.language)).rstrip(_TRAILING)
            cells = [row.head, row.words or NOTHING] if figures else [row.head]
            rows.append([*cells, _value(rest.removeprefix(row.words), row.note)])
        table = markdown_table(_HEADS[self.language][figures], rows)
        out = []
        for line in lines:
            if line == told[0][1]:
                out.append(table)
            elif not any(line == other for _, other in told):
                out.append(line)
        return replace(verified, text="\n".join(out).strip("\n"))

    def _row_of(self, line: str) -> Row | None:
        colon = "\uff1a" if self.language == "zh" else ": "
        found = (row for row in self.rows if line.startswith(row.head + colon + row.words))
        return max(found, key=lambda row: len(row.words), default=None)


_HEADS: dict[Language, dict[bool, tuple[str, ...]]] = {
    "zh": {True: ("地方与时期", "报告的用语", "数值"), False: ("地方与时期", "报告原文")},
    "en": {
        True: ("Place and period", "In the report's words", "Figure"),
        False: ("Place and period", "In the words of the report"),
    },
}


def _value(told: str, note: str) -> str:
    """A value with its markers; in English first, the original in brackets behind it."""
    marks = "".join(MARKER.findall(told)).strip()
    value = MARKER.sub("", told).strip()
    if (english := _ENGLISH_BEHIND.match(value)) and _CJK.search(english[1]):
        value = f"{english[2]} ({english[1]})"
    return " ".join(part for part in (value + note, marks) if part)


def compare_parts(parts: Sequence[Part], query: Query, names: PlaceNames) -> Comparison:
    """The comparison of what was found for the parts of a question."""
    language = query.language
    rows: list[Row] = []
    figures: list[tuple[str, str, int]] = []  # words, unit, marker
    shown = [part.evidence[0] for part in parts if part.evidence]
    comparable = bool(query.units) or len({part.query for part in parts}) > 1
    numeric = comparable and _are_figures(shown, query)
    for part in parts:
        if not part.evidence:
            head = head_of(part.query, names, language)
            rows.append(Row(head, "", _unsaid(part, language)))
            continue
        evidence = part.evidence[0]
        head = label(evidence.passage, language)
        if not numeric or evidence.claim is None:
            text = evidence.span.text.rstrip(_TRAILING)
            rows.append(Row(head, "", text, evidence.marker, quote=text))
            continue
        words, value = said(evidence.claim, evidence.span.text)
        note = _MASKED[language] if evidence.masked else ""
        if language == "en" and not evidence.masked:
            value += _in_english(evidence.claim, value)
        quote = evidence.span.text.rstrip(_TRAILING)
        rows.append(Row(head, words, value, evidence.marker, note, quote))
        figures.append((words, evidence.claim.figure.unit, evidence.marker))
    unique = {row.line(language): row for row in rows}
    return Comparison(tuple(unique.values()), scopes(figures, language), language)


def _are_figures(shown: Sequence[Evidence], query: Query) -> bool:
    """Whether figures answer, rather than sentences: they are asked for, or each sentence plainly
    says just a figure, all of one unit."""
    found = [evidence.claim.figure.unit for evidence in shown if evidence.claim]
    if len(found) < len(shown) or query.units:
        return len(found) == len(shown)
    plain = all(evidence.claim_coverage >= _PLAINLY * evidence.coverage for evidence in shown)
    return plain and len(set(found)) == 1 and not found[0].startswith("count")


def said(claim: Claim, text: str) -> tuple[str, str]:
    """(the words that a figure is said of, the figure with what belongs to it), as they stand in a
    sentence; of a list of figures behind 分别 the words are put together."""
    figure = claim.figure
    start = max((m.end() for m in _SEPARATOR.finditer(text, 0, figure.start)), default=0)
    words = text[start : figure.start]
    value = text[figure.start : _item_end(claim, text)]
    behind = value.removeprefix(figure.text)
    if "分别" in words or (is_empty(words) and is_empty(behind)):
        after = re.match("(?:以上|以下|左右|以内)?", text[figure.end :])
        return "".join(claim.subject.split()), figure.text + (after[0] if after else "")
    bound = _BOUND.search(words)
    if bound and not is_empty(words[: bound.start()]):
        return words[: bound.start()], bound[0] + value
    return words, value


def _item_end(claim: Claim, text: str) -> int:
    """Where what is said of a figure ends: with its clause, or before the next figure's words."""
    end = claim.clause.end
    for found in _SEPARATOR.finditer(text, claim.figure.end, end):
        item = _SEPARATOR.split(text[found.end() : end], maxsplit=1)[0]
        figures = [f for f in find_figures(item) if f.role == "quantity"]
        if figures and not is_empty(item[: figures[0].start]):
            return found.start()
    return end


def _in_english(claim: Claim, value: str) -> str:
    english = in_english(claim.figure)
    return "" if english in value else f" ({english})"


_MASKED: dict[Language, str] = {"zh": "\uff08原文隐去\uff09", "en": " (masked in the source)"}


def _unsaid(part: Part, language: Language) -> str:
    """Why a row is empty."""
    reason = part.silence.reason if part.silence else "silent"
    if language == "zh":
        reasons = {"place": "没有这个地方的报告", "year": "没有这一年的报告"}
        return reasons.get(reason, "报告未说明")
    reasons = {"place": "no report of this place", "year": "no report for this year"}
    return reasons.get(reason, "not stated")


def head_of(query: Query, names: PlaceNames, language: Language) -> str:
    """Place and year of a part of a question."""
    zh = language == "zh"
    places = [*(p if zh else names.english(p) for p in query.places), *query.unknown_places]
    years = [f"{year}年" if zh else str(year) for year in query.years]
    where, when = "、".join(places) if zh else ", ".join(places), "、".join(years)
    if not (where and when):
        return where or when
    return f"{where}\uff08{when}\uff09" if zh else f"{where} ({when})"


def label(passage: Passage, language: Language) -> str:
    """Place, period and kind of a passage."""
    place, paragraph = passage.info.place, passage.paragraph
    if language == "zh":
        kind = "计划" if paragraph.kind == "plan" else "实绩"
        year = f"{paragraph.period}年" if paragraph.period else ""
        return f"{place.zh}\uff08{year}{kind}\uff09"
    kind = "plan" if paragraph.kind == "plan" else "result"
    year = f"{paragraph.period} " if paragraph.period else ""
    return f"{place.en or place.zh} ({year}{kind})"


def headed(head: str, text: str, language: Language) -> str:
    """A text behind what it is of: "瑞安市\uff082018年实绩\uff09\uff1a…"."""
    return f"{head}\uff1a{text}" if language == "zh" else f"{head}: {text}"


# Scopes


def scopes(figures: Sequence[tuple[str, str, int]], language: Language) -> str:
    """A line that names the indicators whose scopes differ, with their markers; "" if none do.

    `figures` are the words of each indicator, the unit of its figure, and its marker.
    """
    if len({_scope(words, unit) for words, unit, _ in figures}) < 2:
        return ""
    named = {words: marker for words, _, marker in figures if not re.search(r"\d", words)}
    if len(named) < 2:
        return ""
    quoted = [words if set(words) & _QUOTES else f"\u201c{words}\u201d" for words in named]
    if language == "zh":
        text = f"口径不同\uff0c不宜直接比较\uff1a{'、'.join(quoted)}\u3002"
    else:
        text = f"Scopes differ: {', '.join(quoted)}."
    return with_markers(text, tuple(dict.fromkeys(named.values())))


def _scope(words: str, unit: str) -> tuple[frozenset[str], ...]:
    """Where an indicator stands on each axis, and what kind of quantity it is."""
    measure = unit.partition(":")[0]
    if unit == "%":
        measure = "share" if _SHARE.search(words) else "change"
    return (*on_axes(words), frozenset([measure]))
