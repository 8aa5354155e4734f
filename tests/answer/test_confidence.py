"""How sure it is that a sentence states what is asked."""

from __future__ import annotations

from itertools import pairwise

import pytest

from rag.answer.confidence import FEATURES, confidence
from rag.answer.evidence import Evidence, rank_sentences
from rag.app import App
from rag.types import Language

MIDDLE = {
    "coverage": 0.5,
    "claim coverage": 0.5,
    "closeness of its chunk": 0.5,
    "further than the nearest sentence": 0.1,
    "score": 0.5,
    "words wholly held": 0.5,
    "cosine": 0.4,
    "best chunk": 1.0,
    "words asked for": 3.0,
    "length": 40.0,
    "has a figure": 1.0,
    "a figure is asked for": 1.0,
}
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def ranked(app: App, question: str) -> list[Evidence]:
    corpus = app.assistant.corpus()
    found = app.assistant.search(question)
    return rank_sentences(found.query, found.passages, corpus.retriever.terms(found.query))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("feature", [name for name, way in FEATURES.items() if way])
def test_more_of_what_speaks_for_it_never_makes_it_less_sure(
    feature: str, language: Language
) -> None:
    values = [MIDDLE.get(name, 0.0) for name in FEATURES]
    at = list(FEATURES).index(feature)
    found = []
    for step in range(-40, 41):
        values[at] = FEATURES[feature] * step / 10
        found.append(confidence(values, language))
    assert all(low <= high for low, high in pairwise(found))
    assert 0 < found[0] <= found[-1] < 1


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("瑞安2018年的生产总值是多少?", "生产总值910亿元"),
        ("What was the foreign investment actually used by Ruian in 2018?", "实际利用外资"),
    ],
)
def test_the_sentence_that_states_it_is_the_surest(
    question: str, words: str, real_app: App
) -> None:
    found = [e for e in ranked(real_app, question) if e.conforms and e.claim]
    assert all(len(e.features) == len(FEATURES) for e in found)
    surest = max(found, key=lambda e: e.confidence)
    assert words in surest.span.text
    assert surest.confidence > 0.5


def test_of_what_is_not_stated_nothing_is_sure(real_app: App) -> None:
    found = ranked(real_app, "瑞安2018年的地铁票价是多少元?")
    assert max(e.confidence for e in found if e.conforms and e.claim) < 0.1
