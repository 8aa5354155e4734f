"""The further questions of a message that asks several things: which of them its answer leaves
open, and what the reports say to those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.answer.claims import claims
from rag.answer.comparison import Part
from rag.answer.evidence import Evidence, asked_for, conforms, has_unit, rank_sentences
from rag.answer.extract import quoted
from rag.answer.premise import with_unit
from rag.answer.silence import Silence, needs_figure, silent, stated
from rag.search.searcher import OpenCorpus
from rag.search.terms import Terms, joined
from rag.types import Passage, Query

_NAMES_SOMETHING = 1.0  # weight of a word with which a question stands on its own
_HELD = 0.5  # of a question's words, in what answers it along with another
_SURE = 0.2  # of confidence, for a line beside others: the words of such a question are few


def further_parts(
    query: Query, chosen: Sequence[Evidence], passages: Sequence[Passage], corpus: OpenCorpus
) -> list[Part]:
    """What is to be added to an answer that quotes `chosen`: for each question of the message that
    these do not answer the evidence, or why there is none.

    Evidence is of `passages`, or of the best that the question itself finds; those have markers
    behind them.
    """
    found: list[Part] = []
    said, known = list(chosen), list(passages)
    for question in map(with_unit, query.parts):
        terms = corpus.retriever.terms(question)
        beside = [e for e in said if conforms(question, e.passage, e.span.text)]
        if any(_answers(quoted(e, query), question, terms) for e in beside):
            continue
        part = _of_same_sentence(question, beside, terms)
        part = part or _of_its_own(question, known, terms, corpus, _SURE if said else 0.0)
        known += [e.passage for e in part.evidence if e.marker > len(known)]
        if part.evidence or not any(_has_its_figure(e, query, question) for e in beside):
            found.append(part)
        said += part.evidence
    return found


def _answers(text: str, question: Query, terms: Terms) -> bool:
    """Whether a text that is quoted anyway answers a question, too."""
    if not needs_figure(question):
        return not _stands_alone(terms) or terms.coverage(text) >= _HELD
    subjects = [claim.subject for claim in asked_for(question, claims(text), terms)]
    return any(not _stands_alone(terms) or terms.coverage(s) >= _HELD for s in subjects)


def _has_its_figure(evidence: Evidence, query: Query, question: Query) -> bool:
    """Whether what is quoted of a sentence holds a figure of a unit that only this question of the
    message asks for."""
    if sum(other.units == question.units for other in query.parts) > 1:
        return False
    return any(has_unit(c.figure, question.units) for c in claims(quoted(evidence, query)))


def _stands_alone(terms: Terms) -> bool:
    """Whether a question names something; single characters ("盖了多大面积") are hardly names."""
    return any(
        weight >= _NAMES_SOMETHING and len(joined(group[0])) > 1
        for group, weight in zip(terms.groups, terms.weights, strict=True)
        if group
    )


def _of_same_sentence(question: Query, said: Sequence[Evidence], terms: Terms) -> Part | None:
    """Another figure of a sentence that is quoted in part."""
    for before in said:
        for evidence in rank_sentences(question, [before.passage], terms):
            same = evidence.span == before.span and evidence.claim is not None
            if same and (not _stands_alone(terms) or evidence.coverage >= _HELD):
                return Part(question, (replace(evidence, marker=before.marker),))
    return None


def _of_its_own(
    question: Query,
    known: Sequence[Passage],
    terms: Terms,
    corpus: OpenCorpus,
    sure: float,
) -> Part:
    """What is said to a question by itself, with such confidence at least; the marker of its
    evidence is that of `known`, or the next behind them."""
    passages = corpus.retriever.retrieve(question, max(1, len(known)))
    ranked = rank_sentences(question, passages, terms)
    answers = stated(question, ranked, terms) if _stands_alone(terms) else []
    answers = [evidence for evidence in answers if evidence.confidence >= sure]
    if not answers:
        return Part(question, silence=silent(ranked, question))
    if answers[0].masked:
        return Part(question, silence=Silence("masked", answers[0]))
    anchors = [passage.anchor for passage in known]
    anchor = answers[0].passage.anchor
    marker = anchors.index(anchor) + 1 if anchor in anchors else len(anchors) + 1
    return Part(question, (replace(answers[0], marker=marker),))
