"""Questions about a report as a whole, answered with the headings of the parts asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from rag.answer.claims import claims
from rag.answer.evidence import Evidence, rank_sentences
from rag.corpus.parse import LEVELS
from rag.corpus.sentences import Span, source_sentences
from rag.index.store import Index
from rag.search.overview import overview_likely
from rag.search.terms import Terms
from rag.types import Kind, Overview, Paragraph, Passage, Query, ReportInfo

_KIND: dict[Overview, Kind] = {"results": "actual", "plans": "plan"}
_STYLES = (LEVELS[1], LEVELS[0], LEVELS[2])  # how the headings of a part are numbered
_FEWEST = 2  # headings that make up a part
_PARTICULAR = 0.1  # confidence of a sentence that states what is asked
_TOTALS = 3  # figures from which on a sentence above them tells the year's totals
_REPORT = re.compile(r"报告|\breports?\b", re.IGNORECASE)
_ADMITS = re.compile(
    "清醒地?(?:认识|看|意识)到|(?:问题|短板|困难|矛盾)(?:依然|仍然?|还|较为?|比较)|不足之处|差距和不足|问题和不足"
    "|存在(?:着|的)?(?:一些|不少|许多|诸多)?[\u4e00-\u9fff]{0,6}(?:不足|短板|问题和|问题与|差距|薄弱)"
)
_PROBLEM = re.compile(
    "有待|尚未|不足|短板|困难|不够|难以|不平衡|不充分|问题|差距|滞后|薄弱|不强|不高|亟待|亟需|矛盾|压力"
)


def as_overview(
    query: Query, passages: Sequence[Passage], terms: Terms, reports: Sequence[ReportInfo]
) -> Query:
    """A query that likely asks for an overview, though its words do not say so for certain, as one
    that does, unless a sentence states something particular that it may ask for."""
    asks_more = query.overview or query.details or query.units or query.listing
    if asks_more or not query.places:
        return query
    likely = overview_likely(query.subject)
    if not likely:
        return query
    ranked = rank_sentences(query, passages, terms)
    if any(e.conforms and e.confidence >= _PARTICULAR for e in ranked):
        return query
    return replace(query, overview=_told(likely, query, reports), parts=())


def _told(
    likely: tuple[Overview, ...], query: Query, reports: Sequence[ReportInfo]
) -> tuple[Overview, ...]:
    """The parts likely asked for; of results and plans that which the question's words name, or
    the results of a year that no plan is of."""
    if len(likely) > 1 or likely[0] not in _KIND:
        return likely
    if query.kind:
        return tuple(part for part, kind in _KIND.items() if kind == query.kind)
    own = [r for r in reports if r.place.zh in query.places]
    planned = {r.plans for r in own} & set(map(str, query.years))
    return likely if planned or not query.years else ("results",)


def overview(query: Query, index: Index) -> list[Evidence]:
    """What opens the parts of the reports that a question asks for as a whole: the sentence with
    the year's totals and the headings, or the sentences that admit problems. Empty where no report
    has such a part."""
    found: list[tuple[ReportInfo, Paragraph, Span]] = []
    for info in _reports(query, index.infos()):
        paragraphs = [p for p in index.paragraphs(info.id) if p.number]
        for part in query.overview:
            found += [(info, p, span) for p, span in _part(query, info, paragraphs, part)]
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
    if info.date[:4] in years and (len(query.overview) > 1 or _REPORT.search(query.standalone)):
        years = set()  # those of the 2019 report, whatever year they are of
    own = [p for p in paragraphs if p.kind == _KIND[part] and (not years or p.period in years)]
    headings = _headings(own)
    totals = _totals(list(takewhile(lambda p: p not in headings, own)))
    return [*totals, *((p, source_sentences(p.text)[0]) for p in headings)]


def _headings(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """The paragraphs that open the sections right below a part of a report."""
    for style in _STYLES:
        found = [p for p in paragraphs if style.match(p.text)]
        if len(found) >= _FEWEST:
            return found
    return []


def _totals(paragraphs: Sequence[Paragraph]) -> list[tuple[Paragraph, Span]]:
    """The members of the sentence of these with most quantities, if it has enough."""
    found = [
        [(paragraph, span, _quantities(span)) for span in members]
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
    """The sentences that tell of problems, of the paragraphs in which a report admits some."""
    admitting = [p for p in paragraphs if p.kind == "actual" and _ADMITS.search(p.text)]
    return [
        (p, span)
        for p in admitting
        for span in source_sentences(p.text)
        if _PROBLEM.search(span.text)
    ]
