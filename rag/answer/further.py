"""The further questions of a message that asks several things: which of them its answer leaves
open, and what the reports say to those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.answer.claims import claims
from rag.answer.comparison import Part
from rag.answer.evidence import Evidence, has_unit, rank_sentences
from rag.answer.extract import quoted
from rag.answer.premise import with_unit
from rag.answer.silence import silent, stated
from rag.search.searcher import OpenCorpus
from rag.search.terms import Terms
from rag.types import Passage, Query

_NAMES_SOMETHING = 2.0  # weight of words from which on a question stands on its own
_HELD = 0.5  # of a question's words, in a sentence that answers it along with another


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
        if any(_answers(quoted(e, query), question, terms) for e in said):
            continue
        part = _of_same_sentence(question, said, terms)
        part = part or _of_its_own(question, known, terms, corpus)
        known += [e.passage for e in part.evidence if e.marker > len(known)]
        if part.evidence or not any(_has_its_figure(e, query, question) for e in said):
            found.append(part)
        said += part.evidence
    return found if said else []


def _answers(text: str, question: Query, terms: Terms) -> bool:
    """Whether a text that is quoted anyway answers a question, too."""
    figures = [claim.figure for claim in claims(text)]
    if question.units and not any(has_unit(figure, question.units) for figure in figures):
        return False
    return not _stands_alone(terms) or terms.coverage(text) >= _HELD


def _has_its_figure(evidence: Evidence, query: Query, question: Query) -> bool:
    """Whether what is quoted of a sentence holds a figure of a unit that only this question of the
    message asks for."""
    if sum(other.units == question.units for other in query.parts) > 1:
        return False
    return any(has_unit(c.figure, question.units) for c in claims(quoted(evidence, query)))


def _stands_alone(terms: Terms) -> bool:
    return sum(terms.weights) >= _NAMES_SOMETHING


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
) -> Part:
    """What is said to a question by itself; the marker of its evidence is that of `known`, or the
    next behind them."""
    passages = corpus.retriever.retrieve(question, max(1, len(known)))
    ranked = rank_sentences(question, passages, terms)
    answers = stated(question, ranked, terms) if _stands_alone(terms) else []
    if not answers:
        return Part(question, silence=silent(ranked, question))
    anchors = [passage.anchor for passage in known]
    anchor = answers[0].passage.anchor
    marker = anchors.index(anchor) + 1 if anchor in anchors else len(anchors) + 1
    return Part(question, (replace(answers[0], marker=marker),))
