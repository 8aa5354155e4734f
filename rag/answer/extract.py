"""Answers without a language model: the clauses of the reports that say it, quoted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.answer.calculate import Operation, asked_operation, calculate, things_joined
from rag.answer.citations import with_markers
from rag.answer.claims import Claim, claims
from rag.answer.comparison import Comparison, Part, headed, label
from rag.answer.evidence import Evidence, has_unit
from rag.answer.figures import Figure, in_english
from rag.answer.premise import Premise, asks_reason, gives_reason
from rag.search.terms import Terms
from rag.types import EXTRACTIVE, Draft, Language, Passage, Query

LEAD: dict[Language, str] = {"zh": "报告原文\uff1a", "en": "In the words of the reports:"}
NO_REASON: dict[Language, str] = {
    "zh": "找到的段落没有明说原因\uff0c相关的内容是\uff1a",
    "en": "The passages found give no explicit reason; what they say of it:",
}
_WHOLE_SENTENCE = 90  # characters up to which a sentence is quoted whole
_WORDED_UNITS = ("CNY", "USD", "m2")  # written in 亿, 万 and 亩, which English readers may not know
_AT_WORDS = 0.5  # of a sentence's coverage
# A second sentence is quoted if it scores this share of the best one, and is as sure.
_FURTHER, _AS_SURE = 0.75, 0.4


def compute(query: Query, chosen: Sequence[Evidence], terms: Terms) -> tuple[list[Evidence], str]:
    """(the evidence used, a line with the calculation that the question asks for), or ([], "").

    The operands are the figures asked for of two parts of the question, or those of one sentence
    that the question's words stand at.
    """
    operation = asked_operation(query.standalone)
    if operation is None:
        return [], ""
    per_part = [(e, e.claim.figure) for e in chosen if e.claim is not None]
    options = [per_part] if len(chosen) > 1 else []
    options += [
        [(evidence, figure) for figure in _named_figures(query, evidence, terms, operation)]
        for evidence in chosen[:2]
    ]
    for operands in options:
        found = calculate(operation, [figure for _, figure in operands])
        if found:
            used = list(dict.fromkeys(evidence for evidence, _ in operands))
            return used, with_markers(found.formula, tuple(e.marker for e in used))
    return [], ""


def _named_figures(
    query: Query, evidence: Evidence, terms: Terms, operation: Operation
) -> list[Figure]:
    """The figures of a sentence whose own words the question holds, at most what can be used."""
    wanted = (*query.units, "count") if operation == "mean" else query.units
    if operation in ("share", "times"):
        wanted = ()
    found = [
        claim
        for claim in claims(evidence.span.text)
        if claim.figure.role == "quantity"
        and (has_unit(claim.figure, wanted) if wanted else claim.figure.unit not in ("%", "pp"))
        and terms.named(claim.subject)
    ]
    if operation == "sum":
        return [claim.figure for claim in _addends(query, evidence, found)]
    found.sort(key=lambda claim: -terms.coverage(claim.subject))
    return [claim.figure for claim in found[:2]]


def _addends(query: Query, evidence: Evidence, named: Sequence[Claim]) -> Sequence[Claim]:
    """What is to be added up: the list that the evidence's figure stands in, if that is as long as
    the question's, or else the claims that its words name."""
    stated = evidence.claim
    if stated is None:
        return named
    listed = [
        claim
        for claim in claims(evidence.span.text)
        if claim.clause == stated.clause
        and claim.figure.unit == stated.figure.unit
        and claim.figure.role == "quantity"
    ]
    return listed if len(listed) == things_joined(query.subject) else named


def extract(
    query: Query,
    chosen: Sequence[Evidence],
    passages: Sequence[Passage],
    terms: Terms,
    further: Sequence[Part] = (),
) -> Draft:
    """A draft that quotes the chosen evidence, one line each, under one line in the question's
    language, which says so where a reason is asked for and none is given; a calculation that the
    question asks for, and the evidence for the `further` questions of its message, come last."""
    used, calculation = compute(query, chosen, terms)
    lines = _labelled([(e, quoted(e, query)) for e in used or chosen], query.language)
    lines += [calculation] if calculation else []
    asked = [(replace(part.query, language=query.language), part.evidence) for part in further]
    lines += _labelled(
        [(e, quoted(e, q, clause=True)) for q, es in asked for e in es], query.language
    )
    explained = not asks_reason(query) or any(gives_reason(e) for e in chosen)
    return _draft(query, lines, passages, LEAD if explained else NO_REASON)


def extract_comparison(
    query: Query,
    comparison: Comparison,
    chosen: Sequence[Evidence],
    passages: Sequence[Passage],
    terms: Terms,
) -> Draft:
    """A draft with the lines of a comparison and the calculation that the question asks for."""
    calculation = compute(query, chosen, terms)[1]
    return _draft(query, comparison.lines + ([calculation] if calculation else []), passages)


def extract_premise(query: Query, premise: Premise, passages: Sequence[Passage]) -> Draft:
    """A draft that says whether what the question takes for granted is so, and quotes what is."""
    evidence = premise.evidence
    (line,) = _labelled([(evidence, quoted(evidence, query, clause=True))], query.language)
    return Draft(f"{premise.lead(query.language)}\n{line}", tuple(passages), EXTRACTIVE)


def _draft(
    query: Query,
    lines: Sequence[str],
    passages: Sequence[Passage],
    lead: dict[Language, str] = LEAD,
) -> Draft:
    text = "\n".join([lead[query.language], *dict.fromkeys(lines)]) if lines else ""
    return Draft(text, tuple(passages), EXTRACTIVE)


def _labelled(quotes: Sequence[tuple[Evidence, str]], language: Language) -> list[str]:
    """A line for each quote, with the place, year and kind in front where they are other than
    those of the line before; a line of a report's head, which tells neither results nor plans, has
    none."""
    lines: list[str] = []
    before = ""
    for evidence, text in quotes:
        in_head = evidence.passage.paragraph.number == 0
        head = "" if in_head else label(evidence.passage, language)
        told = text if head in ("", before) else headed(head, text, language)
        lines.append(with_markers(told, (evidence.marker,)))
        before = head
    return lines


def choose(ranked: Sequence[Evidence]) -> list[Evidence]:
    """The best evidence, and the next if it is nearly as good and as sure and gives a value."""
    chosen = list(ranked[:1])
    for evidence in ranked[1:2]:
        as_sure = evidence.confidence >= _AS_SURE * ranked[0].confidence
        if as_sure and not evidence.masked and evidence.score >= _FURTHER * ranked[0].score:
            chosen.append(evidence)
    return chosen


def first_of_each_report(ranked: Sequence[Evidence]) -> list[Evidence]:
    """The best evidence of every report that has any."""
    first: dict[str, Evidence] = {}
    for evidence in ranked:
        first.setdefault(evidence.passage.info.id, evidence)
    return list(first.values())


def quoted(evidence: Evidence, query: Query, *, clause: bool = False) -> str:
    """The sentence; of a long one only the clause with the figure, if a figure is asked for or
    `clause` is.

    An English question gets a sum or an area that its words stand at in English behind.
    """
    text, claim = evidence.span.text.rstrip(";\uff1b"), evidence.claim
    if len(text) > _WHOLE_SENTENCE and claim is not None and (query.units or clause):
        text = claim.clause.text
    if claim is None or query.language == "zh" or claim.figure.unit not in _WORDED_UNITS:
        return text
    at_words = evidence.claim_coverage >= _AT_WORDS * evidence.coverage
    if query.units or at_words:
        text = text.rstrip("\u3002") + f" ({in_english(claim.figure)})"
    return text
