"""The years that sentences speak of, in a report given in January 2019."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.corpus.periods import Told, told
from rag.types import Place, ReportInfo

REPORT = ReportInfo(
    "north-2019", "2019年工作报告", "", Place("北山县", ""), "", "2019-01-16", "2018", "2019"
)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2017年完成投资38亿元", {2017}),
        ("去年完成投资38亿元,今年力争40亿元", {2018, 2019}),
        ("前年建成的园区", {2017}),
        ("明年全面完成", {2020}),
        ("本年度完成投资12亿元", {2019}),
        ("到2022年,建成3个园区", {2022}),
        ("投资比去年增长5%", set()),
        ("较去年同期提高2个百分点", set()),
        ("比2017年提高1个百分点", set()),
        ("在去年完成38亿元的基础上,今年力争40亿元", {2018, 2019}),
        ("盘活以前年度结余资金3亿元,目前年产值达10亿元", set()),
        ("创建文明年活动,如今年产10万吨,过去年均增长8%", set()),
        ("去年同期为3%", set()),
        ("投资2018万元,占地2019平方米", set()),
        ("全年完成投资38亿元", set()),
    ],
)
def test_single_years(text: str, years: set[int]) -> None:
    assert told(text, REPORT) == Told(frozenset(years), frozenset())


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("过去五年,生产总值年均增长8%", (2014, 2018)),
        ("过去的5年", (2014, 2018)),
        ("五年来,我们始终坚持", (2014, 2018)),
        ("近三年新增企业120家", (2016, 2018)),
        ("近10年来", (2009, 2018)),
        ("今后三年新建学校10所", (2019, 2021)),
        ("未来两年", (2019, 2020)),
        ("2016-2020年", (2016, 2020)),
        ("三年行动计划(2018\u20142020)", (2018, 2020)),
        ("2016年至2018年累计投资90亿元", (2016, 2018)),
    ],
)
def test_spans_of_years(text: str, span: tuple[int, int]) -> None:
    assert (told(text, REPORT).years, told(text, REPORT).spans) == (frozenset(), {span})


@pytest.mark.parametrize(
    "text",
    [
        "创近五年新高",
        "近五年来最高",
        "十年来首次增长",
        "前五年级学生",
        "十五年来",
        "2015年来",
        "近99年",
        "连续三年",
    ],
)
def test_what_ranks_a_year_or_counts_years_is_no_span(text: str) -> None:
    assert told(text, REPORT).spans == frozenset()


def test_without_a_date_the_years_of_the_parts_count() -> None:
    assert told("去年", replace(REPORT, date="")).years == {2018}
    assert told("去年", replace(REPORT, date="二〇一九年一月")).years == {2018}
    assert told("去年", replace(REPORT, date="", plans="")).years == {2017}
    assert told("去年、过去五年、未来三年", replace(REPORT, date="", plans="", reviews="")) == Told(
        frozenset(), frozenset()
    )


def test_a_span_speaks_of_just_its_years_and_covers_each() -> None:
    average = told("过去五年,生产总值年均增长8%", REPORT)
    assert average.speaks_of({2014, 2015, 2016, 2017, 2018})
    assert not average.speaks_of({2018})
    assert average.covered() == {2014, 2015, 2016, 2017, 2018}
    assert told("2017年", REPORT).speaks_of({2017, 2018})
    assert not told("2017年", REPORT).speaks_of(set())
    assert average.averages
    assert not told("五年来,我们始终坚持", REPORT).averages
    assert not told("年均增长8%", REPORT).averages
