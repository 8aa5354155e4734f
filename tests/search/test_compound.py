"""Messages that ask several things."""

from __future__ import annotations

import pytest

from rag.search.compound import items_of, questions_of


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        (
            "瑞安2018年引进人才多少人,高新技术产业产值又是多少?",
            ("瑞安2018年引进人才多少人", "高新技术产业产值又是多少"),
        ),
        ("新增高企几家?科技型中小企业呢?", ("新增高企几家", "科技型中小企业呢")),
        ("建了多少公里绿道、多少座公厕?", ("建了多少公里绿道", "多少座公厕")),
        ("瑞安2018年,城区停车位增加多少,是民生实事吗?", ()),
        (
            "上云企业方面,瑞安2018年新增了多少家,2019年又计划新增多少家,请说明?",
            ("上云企业方面,瑞安2018年新增了多少家", "2019年又计划新增多少家,请说明?"),
        ),
        (
            "How many firms were added, and how many patents were granted?",
            ("How many firms were added", "how many patents were granted"),
        ),
        (
            "What was GDP in 2018? By how much did it grow?",
            ("What was GDP in 2018", "By how much did it grow"),
        ),
        ("GDP多少亿,人均多少?", ("GDP多少亿", "人均多少")),
        ("有很多大项目开工,GDP增长了多少?", ()),
        ("许多高新技术企业落户,产值多少?", ()),
        ("瑞安2018年生产总值是多少?", ()),
        ("What was Ruian's GDP in 2018?", ()),
        ("", ()),
        # something is asked of all of them
        ("瑞安2018年和2019年各新增多少家,哪年多?", ()),
        ("工业投资多少,制造业投资多少,合计多少?", ()),
        ("出口为什么下降,下降了多少?", ()),
        ("Which target did Ruian set and which did Jinhua, and whose is higher?", ()),
        ("How many did each add, and what is the difference?", ()),
        ("一多少?二多少?三多少?四多少?五多少?", ()),
    ],
)
def test_a_message_is_taken_apart(text: str, questions: tuple[str, ...]) -> None:
    assert questions_of(text) == questions


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        (
            "瑞安2018年生产总值、财政总收入和工业投资分别是多少?",
            ("瑞安2018年生产总值是多少?", "财政总收入是多少?", "工业投资是多少?"),
        ),
        ("事故起数和死亡人数分别下降多少", ("事故起数下降多少", "死亡人数下降多少")),
        (
            "What were Ruian's GDP, fiscal revenue and industrial investment?",
            (
                "What were Ruian's GDP?",
                "What were fiscal revenue?",
                "What were industrial investment?",
            ),
        ),
        ("瑞安2018年生产总值是多少?", ()),
        ("一般公共预算收入和支出分别是多少?", ()),
        ("城镇和农村居民收入分别是多少?", ()),
        ("What were research and development spending, GDP and exports?", ()),
        ("What are the plans for education, health and housing?", ()),
        ("瑞安2018年生产总值和财政总收入是多少?", ()),  # may be the name of one thing
        ("What was the output of car makers in Tangxia, Ruian, in 2018?", ()),
        ("What was the combined area of villages, old homes and old factories?", ()),
        ("What was the cost of research and development?", ()),
    ],
)
def test_things_listed_are_asked_one_by_one(text: str, questions: tuple[str, ...]) -> None:
    assert items_of(text) == questions
