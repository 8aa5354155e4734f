"""The sentences of passages that speak to a question, best first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.answer.axes import differ
from rag.answer.calculate import asked_operation
from rag.answer.claims import Claim, claims
from rag.answer.confidence import confidence, features
from rag.answer.figures import Figure, compare, find_figures
from rag.answer.lists import lists, number_asked, numbers_announced
from rag.answer.scope import scope_of
from rag.corpus.periods import told
from rag.corpus.sentences import Span, source_sentences
from rag.search.measure import (
    SHARE,
    asks_amount,
    asks_how_much,
    asks_stock,
    may_count,
    per_what,
    tells_addition,
    tells_change,
)
from rag.search.terms import Terms
from rag.search.understand import excluded_words, kind_of
from rag.types import Citation, Language, Passage, Query

_HEADING_SHARE = 0.4  # what a word in a heading counts, of what it counts in the sentence
_CLAIM_SHARE = 0.35  # of the score that the clause around the figure makes up
_CHUNK_SHARE = {"zh": 0.25, "en": 0.35}  # what the best chunk's retrieval score adds
_CHUNK_RANGE = 8.0  # standard deviations below the best chunk at which it adds nothing
_SENTENCE_SHARE = {"zh": 0.6, "en": 1.0}  # what being further from the question takes away
_NEAR = 0.25  # the cosine that a sentence has at least that answers a question
# "占生产总值比重2.5%" says nothing of 生产总值 itself.
_SHARE_OF = re.compile("占[^,\uff0c;\uff1b。、]{1,20}?(?:比重|比例|份额)")
# What share one thing is of another is no rate of something else (覆盖率, 完成率).
_ASKS_SHARE_OF = re.compile(
    "占(?!了?几成|多大|多少|什么|怎样)[^,\uff0c]{1,20}?(?:比重|比例|份额|百分之几|几成)"
    r"|\b(?:percentage|share|proportion|per ?cent|slice|fraction|portion) of (?:its |the )?"
    r"(?:GDP|output|spending|revenue)",
    re.IGNORECASE,
)
_FIGURE_SHARE = 0.15  # what holding the figures that the question itself names adds
_LIST_SHARE = 0.3  # what listing as many things as it asks for adds; settled on open questions


@dataclass(frozen=True)
class Evidence:
    """A sentence of the passage at position `marker` (1-based).

    `coverage` is the share of the question's words in it and, less, in the headings above it, 0
    to 1. `claim` is its figure of the unit asked for, with `claim_coverage` of its own clause.
    `conforms` says that it is of the place, year and kind asked for. `features` are the values of
    `rag.answer.confidence.FEATURES`, of a question in `language`.
    """

    marker: int
    passage: Passage
    span: Span
    coverage: float
    claim: Claim | None
    claim_coverage: float
    conforms: bool
    score: float
    features: tuple[float, ...]
    language: Language

    @cached_property
    def confidence(self) -> float:
        """How sure it is that it states what is asked, 0 to 1."""
        return confidence(self.features, self.language)

    def citation(self) -> Citation:
        """The citation that quotes it."""
        return Citation(self.marker, self.passage, self.span.text, self.span.start, self.span.end)

    @property
    def masked(self) -> bool:
        """Whether the figure asked for is replaced by X."""
        return self.claim is not None and self.claim.figure.masked


def rank_sentences(query: Query, passages: Sequence[Passage], terms: Terms) -> list[Evidence]:
    """All sentences of the passages, best first. `query` names at most one place and year."""
    found = []
    per, scope = per_what(query.standalone), scope_of(query.standalone)
    best = max((score for p in passages for _, _, score in p.chunks), default=0.0)
    nearest = max([_NEAR, *(cosine for p in passages for cosine in p.cosines.values())])
    number = 0 if query.units else number_asked(query.standalone)
    named = [
        figure
        for figure in find_figures(query.standalone)
        if figure.role == "quantity"
        and not figure.masked
        and not (figure.unit.partition(":")[0] in ("", "count") and figure.value == number)
    ]
    for marker, passage in enumerate(passages, start=1):
        section = " ".join(passage.paragraph.section)
        for span in source_sentences(passage.paragraph.text):
            coverage = terms.coverage(span.text)
            coverage += _HEADING_SHARE * (terms.coverage(f"{section} {span.text}") - coverage)
            claim, own = _best_claim(query, span, terms)
            closeness = _closeness(passage, span, best)
            cosine = passage.cosine(span.start, span.end)
            further = 0.0 if cosine is None else nearest - cosine
            figures = _share_held(named, span.text)
            many = _as_many(span.text, number) if number else 0.0
            score = (1 - _CLAIM_SHARE) * coverage + _CLAIM_SHARE * own
            score += _CHUNK_SHARE[query.language] * closeness
            score -= _SENTENCE_SHARE[query.language] * further
            score += _FIGURE_SHARE * figures + _LIST_SHARE * many
            ok = conforms(query, passage, span.text) and per <= per_what(span.text)
            ok = ok and scope.holds(passage.paragraph.text, span, terms)
            values = features(query, terms, passage, span, claim)
            values = (coverage, own, closeness, further, max(figures, many), score, *values)
            found.append(
                Evidence(
                    marker, passage, span, coverage, claim, own, ok, score, values, query.language
                )
            )
    return sorted(found, key=lambda e: (-e.score, e.marker, e.span.start))


def _closeness(passage: Passage, span: Span, best: float) -> float:
    """Retrieval score of the best chunk a sentence is in: 1 for the best of all, down to 0."""
    score = passage.chunk_score(span.start, span.end)
    return 0.0 if score is None else max(0.0, 1 - (best - score) / _CHUNK_RANGE)


def _share_held(named: Sequence[Figure], sentence: str) -> float:
    """The share of the question's own figures that a sentence holds."""
    if not named:
        return 0.0
    there = find_figures(sentence)
    return sum(any(compare(figure, f) for f in there) for figure in named) / len(named)


def _as_many(sentence: str, number: int) -> float:
    """How well a sentence fits a question for the names of as many things, 0 to 1: by announcing
    them, and by listing them."""
    return (number in numbers_announced(sentence)) / 2 + lists(sentence, number) / 2


def conforms(query: Query, passage: Passage, sentence: str) -> bool:
    """Whether a sentence is of the place, year and kind that a question names."""
    paragraph = passage.paragraph
    if query.places and passage.info.place.zh not in query.places:
        return False
    own = told(sentence, passage.info)
    # "过去五年年均增长8%" is not of the last of these years.
    of_period = paragraph.period in map(str, query.years) and not own.averages
    if query.years and not of_period and not own.speaks_of(set(query.years)):
        return False
    if query.kind == "plan":
        # A review may tell what is planned ("计划修复湿地X公顷"). What it expects to be the result
        # (预计) is no plan.
        return paragraph.kind == "plan" or kind_of(sentence.replace("预计", "")) == "plan"
    # A plan tells no results but those of the years before it ("去年完成投资38亿元").
    asked = own.years & set(query.years)
    earlier = any(str(year) < paragraph.period for year in asked)
    return query.kind is None or paragraph.kind == query.kind or earlier


def has_unit(figure: Figure, units: Sequence[str]) -> bool:
    """Whether a figure is of one of the units a question asks for (see rag.search.measure)."""
    if figure.role == "date":
        return "date" in units or (figure.unit.startswith("count") and "count" in units)
    if figure.role == "ordinal":
        return "ordinal" in units
    unit = figure.unit.partition(":")[0]
    return unit in units or (not unit and "count" in units)  # "平台用户突破20万"


def _best_claim(query: Query, span: Span, terms: Terms) -> tuple[Claim | None, float]:
    """The figure of a sentence that the question's words stand nearest to, and their share."""
    best: tuple[Claim | None, float] = (None, 0.0)
    for claim in asked_for(query, claims(span.text), terms):
        subject, clause = claim.subject, claim.clause.text
        if not set(query.units) & set(SHARE):
            subject, clause = _SHARE_OF.sub("", subject), _SHARE_OF.sub("", clause)
        # The subject counts twice as much as the clause: neighbours share the clause.
        own = (2 * terms.coverage(subject) + terms.coverage(clause)) / 3
        if best[0] is None or own > best[1]:
            best = (claim, own)
    if best[0] and tells_addition(best[0].subject) and asks_stock(query.standalone):
        return None, 0.0  # "新认定高新技术企业20家" says nothing of how many there are
    return best


def asked_for(query: Query, found: Sequence[Claim], terms: Terms) -> list[Claim]:
    """The claims whose figures may be what is asked for, or what it is to be calculated from: not
    dates, nor ranks where a quantity is asked for, nor numbers of things where an amount is."""
    asked = terms.written if query.language == "en" else query.subject
    excluded = excluded_words(query.standalone)
    sizes = {claim.qualifier.start for claim in found if claim.qualifier}  # "10亿元以上企业1家"
    same = [
        claim
        for claim in found
        if claim.figure.start not in sizes
        and not differ(asked, claim.subject)
        and not any(words in claim.subject for words in excluded)
    ]
    if not query.units:
        no_answer = ("date", "ordinal") if asks_how_much(query.standalone) else ("date",)
        counts = asks_amount(query.standalone)
        return [
            claim
            for claim in same
            if claim.figure.role not in no_answer
            and not (counts and claim.figure.unit.startswith("count:"))
        ]
    fitting = [
        claim
        for claim in same
        if has_unit(claim.figure, query.units)
        and may_count(claim.figure.unit.partition(":")[2], query.standalone)
    ]
    if not set(query.units) & set(SHARE):
        return fitting
    asks_share = bool(_ASKS_SHARE_OF.search(query.standalone))
    if asks_share:
        fitting = [
            claim for claim in fitting if not claim.subject.rstrip("达为到超 ").endswith("率")
        ]
    # By how much a share rises is seen from two shares.
    change = False if asks_share else tells_change(query.standalone)
    fitting = [c for c in fitting if {change, tells_change(c.subject)} != {True, False}]
    if fitting or asked_operation(query.standalone) != "share":
        return fitting
    named = [c for c in found if c.figure.role == "quantity" and terms.named(c.subject)]
    units = Counter(claim.figure.unit for claim in named)
    return [claim for claim in named if units[claim.figure.unit] > 1]
