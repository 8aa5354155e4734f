"""Questions about a report as a whole, and those that only look so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.search.overview import CLASSES, likely_class, overview_asked, overview_likely
from rag.search.places import PlaceNames
from rag.search.understand import understand
from rag.types import Overview, Place, Turn

NAMES = PlaceNames([Place("北山县", "Beishan"), Place("南河市", "Nanhe")])
ALL: tuple[Overview, ...] = ("results", "problems", "plans")


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("北山县2021年取得了哪些成绩?", ("results",)),
        ("北山县2021年经济发展情况怎么样", ("results",)),
        ("北山县去年做了什么", ("results",)),
        ("What did Beishan achieve in 2021?", ("results",)),
        ("How did Beishan's economy do in 2021?", ("results",)),
        ("北山县今年的工作重点是什么", ("plans",)),
        ("2022年北山县打算抓哪些工作?", ("plans",)),
        ("What are Beishan's priorities for 2022?", ("plans",)),
        ("What does Beishan plan for 2022?", ("plans",)),
        ("北山县政府承认存在哪些不足?", ("problems",)),
        ("What problems does the Beishan government admit?", ("problems",)),
        ("北山县2021年的成绩和不足分别是什么", ("results", "problems")),
        ("北山县2021年的成绩和2022年的目标分别是什么?", ("results", "plans")),
        ("总结一下北山县的政府工作报告", ALL),
        ("Give me an overview of the Beishan report.", ALL),
        ("What does the Beishan report say?", ALL),
        ("对比一下北山县和南河市的工作重点", ("plans",)),
    ],
)
def test_asked_as_a_whole(question: str, asked: tuple[Overview, ...]) -> None:
    assert understand(question, NAMES).overview == asked


@pytest.mark.parametrize(
    "question",
    [
        "北山县2021年的生产总值是多少?",
        "北山县教育工作取得了哪些成绩?",
        "北山县2022年的重点项目有哪些?",
        "北山县怎样解决看病难的问题?",
        "北山县2022年经济增长目标是多少?",
        "What problems does Beishan face in education?",
        "What is Beishan's plan for the metro?",
        "How much progress did Beishan make on its sponge city?",
        "哪些地方承认存在不足?",  # of every place there is
        "对比北山县和杭州的工作重点",  # one of them without a report
        "北山县2022年有多少项重点工作?",
    ],
)
def test_asked_of_something_in_particular(question: str) -> None:
    assert understand(question, NAMES).overview == ()


def test_of_the_only_place_there_is() -> None:
    assert understand("今年的工作重点是什么?", PlaceNames([Place("北山县")])).overview == ("plans",)


def test_a_follow_up_is_about_the_same_place_and_year() -> None:
    before = (Turn("user", "北山县2021年的生产总值是多少?"), Turn("assistant", "125亿元 [1]"))
    query = understand("主要成绩呢?", NAMES, before)
    assert (query.overview, query.places, query.years) == (("results",), ("北山县",), (2021,))


def test_a_place_alone_asks_for_all_there_is_of_it() -> None:
    assert understand("北山县2021年?", NAMES).overview == ALL
    assert overview_asked(" ") == ALL
    assert overview_likely(" ") == ()


@pytest.mark.parametrize(
    ("subject", "likely"),
    [
        ("交出了一份怎样的答卷", ("results",)),
        ("准备往哪里发力", ("plans",)),
        ("还有什么没做好的地方", ("problems",)),
        ("用三五句话讲讲 政府工作报告说了什么", ALL),
        ("How did turn out for", ("results",)),
        ("where is headed", ("plans",)),
        ("what headaches did it admit to having", ("problems",)),
        ("tl;dr of the work plan", ALL),
        ("生产总值是多少", ()),
        ("哪些学校投用", ()),
        ("Which bridge was joined up", ()),
        ("who won the Luban prize", ()),
    ],
)
def test_likely_asked_as_a_whole(subject: str, likely: tuple[Overview, ...]) -> None:
    assert overview_likely(subject) == likely


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5).filter(any))
def test_the_likeliest_class_is_none_unless_the_others_are_likely(chances: list[float]) -> None:
    chances = [chance / sum(chances) for chance in chances]
    found = likely_class(chances)
    assert (found == "none") == (1 - chances[0] < 0.6)
    assert found == "none" or chances[CLASSES.index(found)] == max(chances[1:])
