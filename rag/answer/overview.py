"""Questions about a report as a whole, answered with the headings of the parts asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import dropwhile, takewhile

from rag.answer.claims import claims
from rag.answer.comparison import Part
from rag.answer.evidence import Evidence, rank_sentences
from rag.answer.silence import Silence
from rag.corpus.parse import LEVELS
from rag.corpus.periods import told
from rag.corpus.sentences import Span, source_sentences
from rag.index.store import Index
from rag.search.overview import WHOLE_REPORT, may_be_asked, overview_likely
from rag.search.places import PlaceNames
from rag.search.terms import Terms
from rag.search.understand import report_year
from rag.types import Kind, Overview, Paragraph, Passage, Query, ReportInfo

_KIND: dict[Overview, Kind] = {"results": "actual", "plans": "plan"}
_STYLES = (LEVELS[1], LEVELS[0], LEVELS[2])  # how the headings of a part are numbered
_FEWEST = 2  # headings that make up a part
_PARTICULAR = 0.1  # confidence of a sentence that states what is asked
_TOTALS = 3  # figures from which on a sentence above them tells the year's totals
_ADMITS = re.compile(
    "清醒地?(?:认识|看|意识)到|(?:问题|短板|困难|矛盾)(?:依然|仍然?|还)|不足之处|差距和不足|问题和不足"
    "|(?:还|仍|也|依然)然?(?:存在|面临)[^\uff0c,\u3002]{0,12}(?:不足|问题|短板|困难|差距|挑战|薄弱)"
    "|面临的?(?:主要)?(?:困难|问题|挑战)"
)
_PROBLEM = re.compile(
    "有待|尚未|不足|短板|困难|不够|难以|不平衡|不充分|问题|差距|滞后|薄弱|不强|不高|亟待|亟需|矛盾|压力"
)


def as_overview(
    query: Query, passages: Sequence[Passage], terms: Terms, index: Index
) -> tuple[Query, list[Evidence]]:
    """A query with the overview that it asks for, if the reports have such parts or are known not
    to, and what opens these; not where its words only likely ask for one and a sentence states
    something particular."""
    reports = index.infos()
    if query.overview:
        opening = overview(query, index)
        settled = opening or not _covered(query, reports)
        return (query if settled else replace(query, overview=())), opening
    may_be = may_be_asked(query, len({report.place.zh for report in reports}))
    asks_more = query.details or query.listing
    likely = overview_likely(query.subject) if may_be and not asks_more else ()
    if not likely:
        return query, []
    ranked = rank_sentences(query, passages, terms)
    if any(e.conforms and e.confidence >= _PARTICULAR for e in ranked):
        return query, []
    asked = replace(query, overview=_told(likely, query, reports))
    opening = overview(asked, index)
    return (asked if opening else query), opening


def _covered(query: Query, reports: Sequence[ReportInfo]) -> bool:
    """Whether a report is of what an overview is asked of, whatever its form; which problems one
    admits only its text can tell."""
    years = set(map(str, query.years))
    return any(
        bool(period) and (not years or period in years)
        for report in _reports(query, reports)
        for part, period in (("results", report.reviews), ("plans", report.plans))
        if part in query.overview
    )


def places_without(query: Query, opening: Sequence[Evidence], names: PlaceNames) -> list[Part]:
    """A silent part for each of several places whose reports have nothing that opens an
    overview."""
    given = {evidence.passage.info.place.zh for evidence in opening}
    missing = [place for place in query.places if place not in given]
    zh = query.language == "zh"
    return [
        Part(replace(query, question=place if zh else names.english(place)), (), Silence("silent"))
        for place in missing
    ]


def _told(
    likely: tuple[Overview, ...], query: Query, reports: Sequence[ReportInfo]
) -> tuple[Overview, ...]:
    """The parts likely asked for; of results and plans that which the question's words name, or
    the results of a year that no plan is of."""
    if len(likely) > 1 or likely[0] not in _KIND:
        return likely
    if query.kind:
        return tuple(part for part, kind in _KIND.items() if kind == query.kind)
    own = [report for report in reports if not query.places or report.place.zh in query.places]
    planned = {report.plans for report in own} & set(map(str, query.years))
    return likely if planned or not query.years else ("results",)


def overview(query: Query, index: Index) -> list[Evidence]:
    """What opens the parts of the reports that a question asks for as a whole: the sentence with
    the year's totals and the headings, or the sentences that admit problems. Empty where no report
    has such a part."""
    found: list[tuple[ReportInfo, Paragraph, Span]] = []
    for info in _reports(query, index.infos()):
        paragraphs = [p for p in index.paragraphs(info.id) if p.number]
        for part in query.overview:
            opening = _part(query, info, paragraphs, part)
            found += [(info, paragraph, span) for paragraph, span in opening]
    anchors = list(dict.fromkeys(paragraph.anchor for _, paragraph, _ in found))
    return [
        Evidence(
            anchors.index(paragraph.anchor) + 1,
            Passage(info, paragraph, span.start, span.end, 0.0),
            *(span, 1.0, None, 0.0, True, 1.0, (), query.language),
        )
        for info, paragraph, span in found
    ]


def _reports(query: Query, reports: Sequence[ReportInfo]) -> list[ReportInfo]:
    """The reports of the places and years asked about, place by place; where no year is named, the
    latest of each."""
    places = query.places or tuple(dict.fromkeys(r.place.zh for r in reports))
    fitting = [r for place in places for r in reports if r.place.zh == place]
    if years := set(map(str, query.years)):
        return [r for r in fitting if years & {r.reviews, r.plans, r.date[:4]}]
    latest = {r.place.zh: r for r in sorted(fitting, key=lambda r: r.date)}
    return [r for r in fitting if r == latest[r.place.zh]]


def _part(
    query: Query, info: ReportInfo, paragraphs: Sequence[Paragraph], part: Overview
) -> list[tuple[Paragraph, Span]]:
    """The sentences that open one part of a report, each with its paragraph."""
    if part == "problems":
        return _problems(paragraphs)
    years = set(map(str, query.years))
    if info.date[:4] in years and (
        report_year(query.standalone) == info.date[:4] or len(query.overview) == len(WHOLE_REPORT)
    ):
        years = set()  # those of "the 2019 report", whatever year they are of
    own = [p for p in paragraphs if p.kind == _KIND[part] and (not years or p.period in years)]
    headings = _headings(own)
    if not headings:
        return []
    totals = _totals(list(takewhile(lambda p: p not in headings, own)), info)
    return [*totals, *((p, source_sentences(p.text)[0]) for p in headings)]


def _headings(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """The paragraphs that open the sections right below a part of a report."""
    for style in _STYLES:
        found = [p for p in paragraphs if style.match(p.text)]
        if len(found) >= _FEWEST:
            return found
    return []


def _totals(paragraphs: Sequence[Paragraph], info: ReportInfo) -> list[tuple[Paragraph, Span]]:
    """The members of the sentence of these with most quantities of their own year, if it has
    enough."""
    found = [
        [
            (paragraph, span, _quantities(span))
            for span in members
            if not told(span.text, info).covered() - {int(paragraph.period or 0)}
        ]
        for paragraph in paragraphs
        for members in _whole_sentences(paragraph.text)
    ]
    best = max(found, key=lambda members: sum(n for *_, n in members), default=[])
    if sum(n for *_, n in best) < _TOTALS:
        return []
    return [(paragraph, span) for paragraph, span, n in best if n]


def _quantities(span: Span) -> int:
    figures = (claim.figure for claim in claims(span.text))
    return sum(figure.role == "quantity" and not figure.masked for figure in figures)


def _whole_sentences(text: str) -> list[list[Span]]:
    """The sentences of a paragraph, each in what its semicolons part."""
    sentences: list[list[Span]] = [[]]
    for span in source_sentences(text):
        sentences[-1].append(span)
        if not span.text.endswith((";", "\uff1b")):
            sentences.append([])
    return sentences


def _problems(paragraphs: Sequence[Paragraph]) -> list[tuple[Paragraph, Span]]:
    """Where a report admits problems: the sentence that does, and those behind it in its paragraph
    that tell of some."""
    found: list[tuple[Paragraph, Span]] = []
    for paragraph in paragraphs:
        sentences = source_sentences(paragraph.text)
        admitting = dropwhile(lambda span: not _ADMITS.search(span.text), sentences)
        if paragraph.kind == "actual":
            found += [(paragraph, span) for span in admitting if _PROBLEM.search(span.text)]
    return found
