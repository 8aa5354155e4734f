"""What a refusal points to, and in what that differs from what was asked."""

from __future__ import annotations

import pytest

from rag.answer.nearest import Aspect, is_statistic
from rag.answer.silence import Silence, say
from rag.app import App
from rag.search.places import PlaceNames
from rag.search.understand import understand
from rag.types import Place

NAMES = PlaceNames([Place("瑞安市", "Ruian", ("瑞安",))])


@pytest.mark.parametrize(
    ("aspect", "zh", "en"),
    [
        (Aspect(), "情况", "this"),
        (Aspect(year="2022", kind="actual"), "2022年的结果", "a result for 2022"),
        (Aspect(kind="plan"), "目标", "a target"),
        (Aspect(measure="change"), "增幅", "a growth rate"),
        (Aspect(kind="plan", measure="change"), "目标增幅", "a growth rate (target)"),
        (Aspect(place="瑞安市", year="2018"), "瑞安市2018年的情况", "this of 瑞安市 for 2018"),
    ],
)
def test_an_aspect_in_words(aspect: Aspect, zh: str, en: str) -> None:
    assert aspect.words("zh") == zh
    assert aspect.words("en") == en


@pytest.mark.parametrize(
    ("question", "says", "quotes"),
    [
        (
            "金华开发区2022年地区生产总值实际增长了多少?",
            "没有说明2022年的结果\uff1b给出的是目标\uff1a",
            "约8%",
        ),
        (
            "到2015年底,温州经开区全年实际新增绿化多少公顷?",
            "2015年的结果\uff1b给出的是目标\uff1a",
            "40公顷",
        ),
        (
            "温州经开区2022年GDP增长目标定的是多少?",
            "2022年的情况\uff1b给出的是2015年的目标\uff1a",
            "8.5%",
        ),
        (
            "瑞安2019年计划垦造耕地多少亩?",
            "2019年的目标\uff1b给出的是2018年的结果\uff1a",
            "3000亩",
        ),
        (
            "2018年瑞安城镇常住居民人均可支配收入是多少元?",
            "2018年的数额\uff1b给出的是增幅\uff1a",
            "7.9%",
        ),
        (
            "温州经开区2021年规上工业总产值同比增长多少",
            "2021年的增幅\uff1b给出的是数额\uff1a",
            "600亿元",
        ),
        (
            "2021年温州经开区新增了多少家高新技术企业?",
            "2021年的情况\uff1b给出的是2014年的结果\uff1a",
            "9家",
        ),
        (
            "How much did Jinhua ETDZ's GDP actually grow in 2022?",
            "do not state a result for 2022; they give a target:",
            "约8%",
        ),
        (
            "What was the actual GDP growth of the Wenzhou zone core area in 2022?",
            "do not state this for 2022; they give a result for 2021:",
            "8.9%",
        ),
        (
            "By what percentage did fixed-asset investment in the Wenzhou zone grow in 2014?",
            "do not state a growth rate for 2014; they give an amount:",
            "121.02亿元",
        ),
        (
            "What is the size of the Jinhua zone's economy (GDP in yuan)?",
            "do not state an amount; they give a growth rate:",
            "约8%",
        ),
    ],
)
def test_the_nearest_is_said_in_kind(question: str, says: str, quotes: str, real_app: App) -> None:
    answer = real_app.assistant.answer(question)
    assert answer.status == "not_found"
    assert says in answer.text
    assert answer.text.endswith("[1]")
    (citation,) = answer.citations
    assert quotes in citation.quote
    shown = answer.text.partition("\u201c")[2].removesuffix("\u201d [1]")
    assert quotes in shown
    assert shown in citation.quote


@pytest.mark.parametrize(
    "question",
    [
        "瑞安段的S2线计划哪年通车?",
        "前湾生态园和清华的合作办学协议是哪天签的?",
        "How many people lived in the Wenzhou zone in 2014?",
        "溫州經開區2014年不良貸款率是多少",
    ],
)
def test_where_nothing_telling_differs_it_is_only_the_nearest(question: str, real_app: App) -> None:
    text = real_app.assistant.answer(question).text
    assert text.startswith(
        ("报告没有说明这一点。最接近", "The reports do not state this. The nearest")
    )


@pytest.mark.parametrize(
    ("question", "is_one"),
    [
        ("瑞安2018年的出生率是多少?", True),
        ("What was the birth rate in Ruian in 2018?", True),
        ("瑞安的失业率", True),
        ("瑞安2018年有多少游客?", True),
        ("瑞安今天天气怎么样?", False),
        ("瑞安2018年的地铁票价是多少元?", False),
        ("What does a flat in Ruian cost?", False),
        ("best restaurants in Ruian", False),
        ("写一首诗", False),
    ],
)
def test_what_a_work_report_might_give(question: str, is_one: bool) -> None:
    query = understand(question, NAMES)
    assert is_statistic(query) is is_one
    said = say(Silence("off_topic"), query, [])
    assert ("范围之内" in said or "outside" in said) is not is_one


@pytest.mark.parametrize(
    "question", ["What is the capital of France?", "Write me a quicksort in Python, please."]
)
def test_something_else_altogether_has_no_nearest(question: str, real_app: App) -> None:
    answer = real_app.assistant.answer(question)
    assert "outside" in answer.text
    assert answer.citations == ()
