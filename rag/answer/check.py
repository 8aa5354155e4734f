"""Any text, a press draft for example, checked against the corpus sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.answer.citations import answer_sentences
from rag.answer.claims import Claim, claims
from rag.answer.evidence import conforms
from rag.answer.figures import compare
from rag.answer.fit import Fit
from rag.answer.verify import Verifier
from rag.corpus.sentences import source_sentences
from rag.search.searcher import OpenCorpus
from rag.types import Citation, FigureCheck, Passage, Query

Verdict = Literal["supported", "contradicted", "not_found"]
_PASSAGES = 10
_LONGEST = 500  # characters of a sentence that are looked up
_SAME_INDICATOR = 0.75  # of a claim's words that a source figure's own words must hold


@dataclass(frozen=True)
class CheckedSentence:
    """A sentence with figures, and what the reports say of it.

    `citation` is the sentence that bears it out or contradicts it; `reason` says in what.
    """

    text: str
    verdict: Verdict
    citation: Citation | None
    figures: tuple[FigureCheck, ...]
    reason: str = ""


def check_text(
    text: str, corpus: OpenCorpus, passages: Sequence[Passage] | None = None
) -> list[CheckedSentence]:
    """Every sentence of a text that states a quantity; the others are left out.

    Each is looked up in the corpus, or only in `passages` if they are given.
    """
    found = []
    for sentence in answer_sentences(text):
        if any(claim.figure.role == "quantity" for claim in claims(sentence.text)):
            found.append(check_sentence(sentence.text, corpus, passages))
    return found


def check_sentence(
    text: str, corpus: OpenCorpus, passages: Sequence[Passage] | None = None
) -> CheckedSentence:
    """One sentence with figures against the corpus, or against `passages`."""
    query = corpus.understand(text[:_LONGEST])
    where = passages
    if where is None:
        where = corpus.retriever.retrieve(query, _PASSAGES)
    verifier = Verifier(query, where, corpus)
    lines = [verifier.check(text, (marker,)) for marker in range(1, len(where) + 1)]
    for line in lines:
        if line.holds and line.matches:
            return CheckedSentence(
                text, "supported", verifier.citation(line), verifier.figures(line)
            )
    for line in lines:
        if line.matches and not line.unsupported:
            return CheckedSentence(
                text, "contradicted", verifier.citation(line), verifier.figures(line), line.wrong
            )
    return _instead(text, query, where, verifier)


def _instead(
    text: str, query: Query, passages: Sequence[Passage], verifier: Verifier
) -> CheckedSentence:
    """What the reports say of the indicator of a figure that is not in them."""
    missing = [claim for claim in claims(text) if claim.figure.role == "quantity"]
    figures = tuple(FigureCheck(c.figure.text, "", None, "unsupported") for c in missing)
    for claim in missing:
        if found := _of_the_same(claim, verifier.fit(claim, text), query, passages):
            return CheckedSentence(text, "contradicted", found, figures, "another figure")
    return CheckedSentence(text, "not_found", None, figures)


def _of_the_same(
    claim: Claim, fits: Fit, query: Query, passages: Sequence[Passage]
) -> Citation | None:
    """The source sentence with a figure of the same unit and indicator, of the place, year and
    kind that the sentence names."""
    best: tuple[float, Citation] | None = None
    for marker, passage in enumerate(passages, start=1):
        for span in source_sentences(passage.paragraph.text):
            if not conforms(query, passage, span.text):
                continue
            for source in claims(span.text):
                if source.figure.unit != claim.figure.unit or compare(claim.figure, source.figure):
                    continue
                score = fits(source)
                if score >= _SAME_INDICATOR and (best is None or score > best[0]):
                    best = score, Citation(marker, passage, span.text, span.start, span.end)
    return best[1] if best else None
