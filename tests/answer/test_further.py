"""Answers to messages that ask several things."""

from __future__ import annotations

import pytest

from rag.app import App
from rag.types import Turn


@pytest.mark.parametrize(
    ("question", "said"),
    [
        # two sentences, each for itself
        ("瑞安2018年建了多少公里漫步道、改造提升了多少座公厕?", ("6.8公里", "1731座")),
        (
            "In how many working days should one be able to set up a company in Ruian in 2019, and "
            "how many for an industrial project's building permit?",
            ("3个工作日", "7个工作日"),
        ),
        # things listed
        ("瑞安2018年生产总值、财政总收入、工业投资分别是多少?", ("910亿元", "117.7亿元", "60亿元")),
        (
            "What were Ruian's GDP, total fiscal revenue and industrial investment in 2018?",
            ("910亿元", "117.7亿元", "60亿元"),
        ),
        # one sentence says both
        ("瑞安2018年生产总值多少,增长多少?", ("910亿元", "7.8%")),
        ("瑞安2018年新增高新技术企业几家?科技型中小企业呢?", ("96家", "298家")),
        ("2014年温州经开区动工的公租房有几套、盖了多大面积?", ("1759套", "8.35万平方米")),
        ("What was Ruian's GDP in 2018, and how fast did it grow?", ("910亿元", "7.8%")),
    ],
)
def test_each_question_of_a_message_is_answered(
    question: str, said: tuple[str, ...], real_app: App
) -> None:
    answer = real_app.assistant.answer(question, engine="extractive")
    assert answer.status == "answered"
    for words in said:
        assert words in answer.text
    assert "没有说明" not in answer.text
    assert all(c.quote in c.passage.paragraph.text for c in answer.citations)


@pytest.mark.parametrize(
    ("question", "said", "open_question"),
    [
        (
            "金华开发区2022年要引进专技人才多少人,地铁什么时候通车?",
            "2000人",
            "报告没有说明\uff1a\u201c地铁什么时候通车\u201d",
        ),
        (
            "How many high-tech enterprises did Ruian add in 2018, and how many airports "
            "were opened?",
            "96家",
            'The reports do not state this: "how many airports were opened"',
        ),
    ],
)
def test_what_is_left_open_is_said(
    question: str, said: str, open_question: str, real_app: App
) -> None:
    answer = real_app.assistant.answer(question, engine="extractive")
    assert answer.status == "answered"
    assert said in answer.text
    assert open_question in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "前湾生态园2022年1到9月固定资产投资完成多少,增长多少?",  # both are masked
        "前湾生态园2022年签约项目总投资多少?规划面积多大?",  # one is, the other is not stated
    ],
)
def test_masked_values_alone_are_withheld(question: str, real_app: App) -> None:
    assert real_app.assistant.answer(question, engine="extractive").status == "withheld"


def test_a_follow_up_that_only_asks_how_much_is_of_what_was_asked_before(real_app: App) -> None:
    before = [Turn("user", "瑞安2018年外贸出口总额是多少?")]
    answer = real_app.assistant.answer("增长了多少?", before, engine="extractive")
    assert "外贸出口总额增长10%" in answer.text
    assert "7.8%" not in answer.text


@pytest.mark.parametrize(
    ("question", "said", "not_said"),
    [
        # of another place, of which nothing is stated
        ("瑞安2018年GDP多少?金华开发区呢?", ("910亿元", "金华开发区呢"), ()),
        # a word of it stands in what is quoted, but is not what is asked
        ("瑞安2018年GDP多少亿,人均多少?", ("910亿元",), ("7.9%",)),
        (
            "How many listed companies are there in Ruian and how many filed for listing in 2018?",
            (),
            ("清单项目",),
        ),
        ("瑞安2018年有很多大项目开工,GDP增长了多少?", (), ("55个",)),
    ],
)
def test_nothing_else_is_quoted_for_a_further_question(
    question: str, said: tuple[str, ...], not_said: tuple[str, ...], real_app: App
) -> None:
    text = real_app.assistant.answer(question, engine="extractive").text
    assert all(words in text for words in said)
    assert not any(words in text for words in not_said)


def test_a_follow_up_asks_all_the_questions_of_the_message_before(real_app: App) -> None:
    before = [Turn("user", "瑞安2018年GDP增长多少?外贸出口增长多少?社会消费品零售总额增长多少?")]
    answer = real_app.assistant.answer("2019年呢?", before, engine="extractive")
    assert "生产总值增长8%左右" in answer.text
    assert "社会消费品零售总额增长8%" in answer.text
