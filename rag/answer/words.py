"""Whether the sources say what a sentence says in words, where it gives no figure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answer.context import directions
from rag.answer.figures import find_figures
from rag.answer.fit import translated
from rag.corpus.sentences import source_sentences
from rag.search.searcher import OpenCorpus
from rag.search.terms import Terms
from rag.search.understand import fold, language_of

_CLAUSE = re.compile("[,;:\uff0c\uff1b\uff1a]")
_YEAR = re.compile(r"(?:19|20)\d\d年?")
_TELLS = 3  # telling words from which on a clause is looked at by itself
# Of the open golden questions, all but 2 in 100 hold more than this of their words in the paragraph
# that answers them; of other paragraphs of the same report, 75 and 60 in 100 hold less.
_LEAST = {"zh": 0.3, "en": 0.15}
_REFUSAL = re.compile(
    r"未提及|未说明|没有(?:提及|说明|给出|写明|提到)"
    r"|\bnot (?:state|mention|give|specif|provid|contain|report)\w*"
    r"|\bno (?:information|mention|data)\b",
    re.IGNORECASE,
)
_YES = re.compile(r"(?:yes|no|是|是的|对|不是|否|没有)\W*", re.IGNORECASE)


def says_nothing(text: str) -> bool:
    """Whether a sentence only leads in to others, says yes or no, or refuses."""
    text = text.strip()
    return bool(text.endswith((":", "\uff1a")) or _YES.fullmatch(text) or _REFUSAL.search(text))


def unsaid(text: str, sources: Sequence[str], corpus: OpenCorpus) -> str:
    """What the sources do not say: the whole sentence if it has no figure, or a clause of it that
    has none; "" if they say it all."""
    if says_nothing(text):
        return ""
    for piece in (text, *_CLAUSE.split(text)):
        if any(figure.role == "quantity" for figure in find_figures(piece)):
            continue
        terms = _terms(piece, corpus)
        if not terms.groups or (piece != text and len(terms.groups) < _TELLS):
            continue
        if terms.coverage(" ".join(sources)) < _LEAST[language_of(piece)]:
            return piece.strip()
        if _is_turned(piece, terms, sources):
            return piece.strip()
    return ""


def _is_turned(piece: str, terms: Terms, sources: Sequence[str]) -> bool:
    """Whether a change is told the other way round than the source sentence nearest to it."""
    said = directions(piece)
    sentences = [span.text for source in sources for span in source_sentences(source)]
    if not said or not sentences:
        return False
    there = directions(max(sentences, key=terms.coverage))
    return bool(there) and not said & there


def _terms(text: str, corpus: OpenCorpus) -> Terms:
    """The telling words of a text, without names of places and years."""
    named = _YEAR.sub(" ", corpus.names.find(fold(text)).text)
    language = language_of(text)
    terms = corpus.retriever.terms_of(named, language)
    return translated(terms, named) if language == "en" else terms
