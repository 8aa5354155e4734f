"""Whether the reports say it at all, decided before anything is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.answer.axes import differ
from rag.answer.claims import claims
from rag.answer.evidence import Evidence
from rag.answer.members import announced_by
from rag.answer.nearest import Difference, is_statistic
from rag.answer.scope import clauses_of
from rag.search.measure import DATE, asks_how_much, asks_year
from rag.search.terms import Terms
from rag.search.understand import kind_of
from rag.types import Language, Query, ReportInfo

Reason = Literal["place", "year", "silent", "masked", "off_topic", "unexplained"]
# Scores (see Evidence) from which on a sentence states what is asked; settled on golden questions.
_ENOUGH: dict[Language, float] = {"zh": 0.34, "en": 0.31}
# Of confidence. Higher ones turn down more of what is missing, but too much of what is there.
_SURE = 0.03
_FAR, _SURE_OF_FAR = 0.25, 0.1  # of cosine; of confidence, where no clause is nearer
# From which on it need not hold the question's words as they are.
_VERY_SURE: dict[Language, float] = {"zh": 0.5, "en": 0.3}
_FEW_WORDS, _MOST_OF_FEW = 3, 0.5  # of so few telling words so much must stand in the sentence
# Of the coverage that the clause around the figure must hold itself.
_ENOUGH_OF_CLAIM: dict[Language, float] = {"zh": 0.15, "en": 0.25}
_SOME_WORDS, _LEAST_NAMED = 3, 0.15  # of so many telling words so much must be held wholly
_SURE_OF_FEW = 0.2  # of confidence, where they are not
_SPEAKS_OF_IT = 0.75  # of coverage
_SURE_OF_ITS_YEAR = 0.5  # of confidence, where a sentence says less of it
_ABOUT_WHEN = re.compile("[年月]底|[上下]半年|年[初末中内]|季度|月[初中]|近期|[今明]年")
# A clause that begins so is of the subject of the one before it.
_GOES_ON = re.compile("[,\uff0c](争取|力争|预计|确保|计划|拟|将|并|已|有望|可)")
_SAME_CLAUSE = 0.5  # of a sentence's coverage, in the clause that says when
_MUTE_FITS_BETTER = 0.3  # of coverage
_SAME_REPORT, _SAME_KIND = 0.4, 0.1
_HARDLY = 0.1  # of what is counted
_NOTHING, _SOMETHING = 0.12, 0.45  # of coverage


@dataclass(frozen=True)
class Silence:
    """Why there is no answer, and the nearest sentence there is with what it gives instead."""

    reason: Reason
    nearest: Evidence | None = None
    difference: Difference | None = None


def not_covered(query: Query, reports: Sequence[ReportInfo]) -> Silence | None:
    """A place or period that no report is of; None if there may be an answer."""
    if query.unknown_places and not query.places:
        return Silence("place")
    if query.years and not _years_covered(query, reports):
        return Silence("year")
    return None


def stated(
    query: Query, ranked: Sequence[Evidence], terms: Terms, *, part: bool = False
) -> list[Evidence]:
    """The evidence that states what is asked, best first; empty if the reports do not.

    A `part` of a comparison is judged by its words alone, for what the parts have in common speaks
    for each of them.
    """
    fitting = [e for e in ranked if e.conforms and _is_enough(query, e, terms)]
    if not part:
        fitting = [e for e in fitting if _is_sure(e)]
    if not query.units:
        return fitting
    # A sentence that speaks of just this, but gives no such figure, shows that there is none; one
    # that only announces something, that those behind it may give it.
    mute = max(
        (e for e in ranked if e.conforms and e.claim is None),
        key=lambda e: e.coverage,
        default=None,
    )
    if mute is None or (fitting and fitting[0].coverage > mute.coverage - _MUTE_FITS_BETTER):
        return fitting
    members = announced_by(mute) if mute.confidence >= _VERY_SURE[query.language] else []
    return [e for e in ranked if e.claim and e.span in members and e.marker == mute.marker]


def _is_sure(evidence: Evidence) -> bool:
    """Whether a sentence is likely enough to state what is asked."""
    cosine = evidence.passage.cosine(evidence.span.start, evidence.span.end)
    far = cosine is not None and cosine < _FAR
    return evidence.confidence >= (_SURE_OF_FAR if far else _SURE)


def _is_enough(query: Query, evidence: Evidence, terms: Terms) -> bool:
    headings, claim = " ".join(evidence.passage.paragraph.section), evidence.claim
    text = f"{headings} {evidence.span.text}"
    about_when = query.units == DATE and bool(_ABOUT_WHEN.search(evidence.span.text))
    # What a report tells of its year was in that year.
    of_its_year = (
        query.units == DATE
        and asks_year(query.standalone)
        and evidence.passage.paragraph.kind == "actual"
        and kind_of(text) != "plan"
    )
    # What is counted stands before the number or in its clause, not in what comes after.
    counted = f"{headings} {claim.context} {claim.clause.text}" if claim else text
    if evidence.score < _ENOUGH[query.language] or terms.share_counted(counted) <= _HARDLY:
        return False
    if evidence.claim is None and not (about_when or of_its_year) and needs_figure(query):
        return False
    # English words have too many translations for it.
    if query.language == "zh" and differ(query.subject, text):
        return False
    if of_its_year and evidence.claim is None:
        return evidence.coverage >= _SPEAKS_OF_IT or evidence.confidence >= _SURE_OF_ITS_YEAR
    return evidence.confidence >= _VERY_SURE[query.language] or (
        _holds_telling_words(query, evidence, terms, text)
        and _stands_at_words(query, evidence, terms, about_when=about_when)
    )


def needs_figure(query: Query) -> bool:
    """Whether only a figure can answer a question."""
    return bool(query.units) or asks_how_much(query.standalone)


def _holds_telling_words(query: Query, evidence: Evidence, terms: Terms, text: str) -> bool:
    """Whether a sentence holds enough of the few words that a question consists of."""
    if not query.years and len(terms.groups) <= _FEW_WORDS and evidence.coverage < _MOST_OF_FEW:
        return False
    few = len(terms.groups) <= _SOME_WORDS and terms.named(text) < _LEAST_NAMED
    return not few or evidence.confidence >= _SURE_OF_FEW


def _stands_at_words(query: Query, evidence: Evidence, terms: Terms, *, about_when: bool) -> bool:
    """Whether the figure or time asked for stands where the question's words do."""
    if about_when:
        clauses = clauses_of(_GOES_ON.sub(r"\1", evidence.span.text))
        there = max(terms.coverage(c) for c in clauses if _ABOUT_WHEN.search(c))
        return evidence.coverage >= _SPEAKS_OF_IT and there >= _SAME_CLAUSE * evidence.coverage
    share = _ENOUGH_OF_CLAIM[query.language]
    return not query.units or evidence.claim_coverage >= share * evidence.coverage


def silent(ranked: Sequence[Evidence], query: Query | None = None) -> Silence:
    """The silence of reports that are there, with the nearest they come.

    A question that names no place, no year and no measure is of something else altogether unless a
    sentence holds a good part of its words.
    """
    # Of the place, year and kind asked for another measure is nearer than the same one elsewhere,
    # and elsewhere a result is nearer to a result.
    kinds = {e.passage.paragraph.kind for e in ranked if e.conforms}

    def nearness(evidence: Evidence) -> float:
        same = evidence.conforms and bool(claims(evidence.span.text))
        of_kind = evidence.passage.paragraph.kind in kinds
        return evidence.score + _SAME_REPORT * same + _SAME_KIND * of_kind

    best = max(ranked, key=nearness, default=None)
    anchored = query is None or bool(query.places or query.years or query.units)
    if best is None or best.coverage < (_NOTHING if anchored else _SOMETHING):
        return Silence("off_topic")
    return Silence("silent", best)


def _years_covered(query: Query, reports: Sequence[ReportInfo]) -> bool:
    """Whether a report of the places asked about, or of any, is of one of the years."""
    asked = set(map(str, query.years))
    return any(
        asked & {report.reviews, report.plans, report.date[:4]}
        for report in reports
        if not query.places or report.place.zh in query.places
    )


def say(silence: Silence, query: Query, reports: Sequence[ReportInfo]) -> str:
    """The refusal in the question's language; the nearest sentence is cited as [1]."""
    zh = query.language == "zh"
    nearest = f"“{silence.nearest.span.text}”" if silence.nearest else ""
    match silence.reason:
        case "place" | "year":
            named = (
                "、".join(query.unknown_places)
                if silence.reason == "place"
                else "、".join(map(str, query.years))
            )
            covered = coverage_line(reports, zh=zh)
            if zh:
                what = (
                    f"没有{named}的报告"
                    if silence.reason == "place"
                    else f"没有{named}年的相应报告"
                )
                return f"资料库中{what}。现有报告：{covered}。"
            what = (
                f"no report of {named}"
                if silence.reason == "place"
                else f"no such report for {named}"
            )
            return f"There is {what} in the corpus. It holds: {covered}."
        case "masked":
            if zh:
                return f"报告提到了这一项，但数值被隐去（原文以 X 代替）：{nearest} [1]"
            return (
                f"The report names this item but masks its value (X in the source): {nearest} [1]"
            )
        case "unexplained":
            if zh:
                return f"报告没有说明原因\uff0c只说了这件事本身\uff1a{nearest} [1]"
            return f"The reports give no reason for this; they only state it: {nearest} [1]"
        case "off_topic" if not is_statistic(query):
            if zh:
                return "这个问题不在这些政府工作报告的范围之内\uff0c无法据此回答。"
            return "This is outside what these government work reports cover."
        case _ if silence.difference:
            asked = silence.difference.asked.words(query.language)
            given = silence.difference.given.words(query.language)
            if silence.difference.clause:
                nearest = f"“{silence.difference.clause}”"
            if zh:
                return f"报告没有说明{asked}\uff1b给出的是{given}\uff1a{nearest} [1]"
            return f"The reports do not state {asked}; they give {given}: {nearest} [1]"
        case _:
            if zh:
                return "报告没有说明这一点。" + (
                    f"最接近的内容是：{nearest} [1]" if nearest else ""
                )
            said = "The reports do not state this."
            return said + (f" The nearest they come: {nearest} [1]" if nearest else "")


def say_open(question: str, silence: Silence, language: Language) -> str:
    """The line that says that one of the questions of a message is left open."""
    masked = silence.reason == "masked"
    if language == "zh":
        what = "报告隐去了数值（原文以 X 代替）" if masked else "报告没有说明"
        return f"{what}\uff1a\u201c{question}\u201d。"
    what = "mask the value (X in the source)" if masked else "do not state this"
    return f'The reports {what}: "{question}".'


def coverage_line(reports: Sequence[ReportInfo], *, zh: bool) -> str:
    """What the corpus covers, place by place."""
    places: dict[str, list[str]] = {}
    for report in reports:
        name = report.place.zh if zh else report.place.en or report.place.zh
        for year, kind in ((report.reviews, ("实绩", "results")), (report.plans, ("计划", "plan"))):
            if year:
                places.setdefault(name, []).append(
                    f"{year}年{kind[0]}" if zh else f"{year} {kind[1]}"
                )
    separator, comma = ("；", "、") if zh else ("; ", ", ")
    return separator.join(
        f"{name}（{comma.join(years)}）" if zh else f"{name} ({comma.join(years)})"
        for name, years in places.items()
    )
