"""How many things are asked for by name, announced or listed."""

from __future__ import annotations

import pytest

from rag.answer.evidence import rank_sentences
from rag.answer.lists import lists, number_asked, numbers_announced
from rag.app import App


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("Which three certificates would be merged?", 3),
        ("What are the ten landmark projects of Ruian?", 10),
        ('Which three provincial "strong city" titles was Ruian pursuing?', 3),
        ("Ruian set out to win three designations at once. What are they?", 3),
        ("List the trio of platforms.", 3),
        ("Besides Pandai, which other two subdistricts passed?", 0),
        ("Which projects were finished in the last three years?", 0),
        ("Which roads were built?", 0),
        ("How many of the three roads were built?", 0),
        ("What industries grew in the first three quarters?", 0),
        ("Which roads were built in the last two decades?", 0),
        ("Which 3 platforms were merged?", 3),
        ("党的十九大以来建成了哪些项目?", 0),
        ("党的二十大精神是什么?", 0),
        ("十二大产业分别是什么?", 12),
        ("哪20个项目?", 20),
        ("哪两个奖?", 2),
        ("瑞安主攻的五大平台是哪些?", 5),
        ("哪一年开工?", 0),
        ("有哪些项目?", 0),
        ("第三大产业是什么?", 0),
    ],
)
def test_the_number_of_names_asked_for(question: str, number: int) -> None:
    assert number_asked(question) == number


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("实施商务区等十大项目,新增企业3家。", [10]),
        ("主攻五大平台和2个园区。", [5, 2]),
        ("第三大产业增长5个月。", []),
        ("党的十九大以来建成二十个项目。", [20]),
        ("新增1个项目。", []),
    ],
)
def test_numbers_that_a_sentence_announces(sentence: str, numbers: list[int]) -> None:
    assert numbers_announced(sentence) == numbers


@pytest.mark.parametrize(
    ("sentence", "number", "does"),
    [
        ("做大甲城、乙园、丙园三大平台,力争投资450亿元。", 3, True),
        ("做大甲城、乙园和丙园,力争投资450亿元。", 3, True),
        ("提升在沪、杭等地设立的科创中心、人才大厦。", 2, True),
        ("统筹学前教育、高等教育、职业教育三大领域。", 3, True),
        ("做大甲城、乙园、丙园三大平台。", 2, False),
        ("做大甲城。", 2, False),
    ],
)
def test_a_clause_that_lists_as_many(sentence: str, number: int, does: bool) -> None:
    assert lists(sentence, number) is does


def test_what_lists_as_many_comes_first(real_app: App) -> None:
    found = real_app.assistant.search(
        "Which two old quarters in Ruian finally came down in 2018 "
        "after more than a decade of being stuck?"
    )
    terms = real_app.assistant.corpus().retriever.terms(found.query)
    best = rank_sentences(found.query, found.passages, terms)[0]
    assert "安阳三圣门旧村团块、塘下赵宅三星街团块完成拆除" in best.span.text
