"""How sure it is that a sentence states what is asked: boosted trees over what words, vectors and
figures say of it.

The trees are fitted by `eval/confidence.py` on questions whose answer stands in the reports and on
the same questions with their answer cut out. More words or a nearer vector never make it less sure.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from rag.answer.claims import Claim
from rag.corpus.sentences import Span
from rag.search.terms import Terms
from rag.types import Language, Passage, Query

FEATURES: dict[str, int] = {
    "coverage": 1,
    "claim coverage": 1,
    "closeness of its chunk": 1,
    "further than the nearest sentence": -1,
    "figures of the question held": 1,
    "score": 1,
    "words wholly held": 1,
    "words wholly held by the subject": 1,
    "coverage by the subject": 1,
    "words of the subject that are asked for": 1,
    "largest word missing": -1,
    "weight of missing words": -1,
    "weight of held words": 1,
    "cosine": 1,
    "best chunk": 1,
    "dense leg": 1,
    "sentence leg": 1,
    "words asked for": 0,
    "length": 0,
    "has a figure": 0,
    "a figure is asked for": 0,
}
"""What the trees look at, each with its direction: 1 where more of it means surer, -1 less sure."""
_FILE = Path(__file__).with_name("confidence.json")
_NO_CHUNK = -3.0

Node = tuple[int, float, int, int, float]
"""(feature, threshold, left, right, value): left if the feature is at most the threshold; a leaf
has no left (0)."""


def features(
    query: Query, terms: Terms, passage: Passage, span: Span, claim: Claim | None
) -> tuple[float, ...]:
    """The values of FEATURES from "words wholly held" on."""
    text = f"{' '.join(passage.paragraph.section)} {span.text}"
    subject = claim.subject if claim else span.text
    shares = terms.shares(text)
    weighed = list(zip(terms.weights, shares, strict=True))
    total = sum(terms.weights) or 1.0
    chunk = passage.chunk_score(span.start, span.end)
    return (
        sum(w for w, share in weighed if share == 1) / total,
        terms.named(subject),
        terms.coverage(subject),
        terms.asked_for(subject),
        max((w * (1 - share) for w, share in weighed), default=0.0) / total,
        sum(w for w, share in weighed if share == 0),
        sum(w for w, share in weighed if share == 1),
        passage.cosine(span.start, span.end) or 0.0,
        _NO_CHUNK if chunk is None else chunk,
        passage.legs.get("dense_paragraph", 0.0),
        passage.legs.get("sentence", 0.0),
        float(len(weighed)),
        float(len(span.text)),
        float(claim is not None),
        float(bool(query.units)),
    )


def confidence(values: Sequence[float], language: Language) -> float:
    """A probability, from the values of all FEATURES."""
    base, trees = _model(language)
    total = base
    for tree in trees:
        at = 0
        while left := tree[at][2]:
            feature, threshold, _, right, _ = tree[at]
            at = left if values[feature] <= threshold else right
        total += tree[at][4]
    return 1 / (1 + math.exp(-total))


@cache
def _model(language: Language) -> tuple[float, list[list[Node]]]:
    model = json.loads(_FILE.read_text(encoding="utf-8"))[language]
    return model["base"], [[tuple(node) for node in tree] for tree in model["trees"]]
