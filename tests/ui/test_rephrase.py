"""A question asked otherwise is understood as it was meant."""

from __future__ import annotations

import pytest

from rag.app import App
from rag.types import Kind
from ui.web.rephrase import rephrase

QUESTIONS = (
    "瑞安2018年的生产总值是多少?",
    "金华开发区2022年固定资产投资的增长目标是多少?",
    "生态园2022年1-9月实现工业总产值多少?",
    "What was Ruian's GDP in 2018?",
    "What growth in fixed-asset investment did Jinhua ETDZ target for 2022?",
    "What was the GDP of Hangzhou in 2020?",
    "一般公共预算收入是多少?",
)
MEANT: tuple[tuple[list[str], list[int], Kind | None], ...] = (
    (["温州经济技术开发区"], [2021], "actual"),
    (["瑞安市"], [2019], "plan"),
    (["瑞安市", "金华经济技术开发区"], [2019, 2022], None),
    (["瑞安市"], [2018], None),
)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(("places", "years", "kind"), MEANT)
def test_a_rephrased_question_is_understood_as_meant(
    real_app: App, question: str, places: list[str], years: list[int], kind: Kind | None
) -> None:
    corpus = real_app.assistant.corpus()
    said = corpus.understand(rephrase(question, corpus.names, places, years, kind))
    assert set(said.places) == set(places)
    assert list(said.years) == years
    assert said.kind == kind
    assert not said.unknown_places


def test_a_place_and_a_year_can_be_left_out(real_app: App) -> None:
    names = real_app.assistant.corpus().names
    assert rephrase("瑞安2018年的生产总值是多少?", names, [], [], None) == "生产总值是多少?"
    said = rephrase("What was the GDP of Ruian in 2018?", names, ["瑞安市"], [], None)
    assert said == "What was the GDP of Ruian ?"
