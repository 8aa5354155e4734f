"""Tables over several places, years and reports, from the five reports."""

from __future__ import annotations

import pytest

from rag.answer.claims import claims
from rag.answer.comparison import compares, parts_of, said, scopes
from rag.answer.llm import Endpoint, OpenAIChatModel
from rag.answer.tables import Table, blocks
from rag.app import App
from rag.assistant import Assistant, Said
from rag.search.places import PlaceNames
from rag.search.understand import understand
from rag.types import Answer, Place
from tests.fakes import MODEL, ScriptedEndpoint, says

RUIAN = Place("瑞安市", "Ruian", ("瑞安",))
JINHUA = Place("金华经济技术开发区", "Jinhua ETDZ", ("金华开发区",))
WENZHOU = Place("温州经济技术开发区", "Wenzhou ETDZ", ("温州经开区",))
NAMES = PlaceNames((RUIAN, JINHUA, WENZHOU))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("金华开发区2022年和瑞安2019年的目标?", {("金华经济技术开发区", 2022), ("瑞安市", 2019)}),
        ("2022年金华开发区和2019年瑞安的目标?", {("金华经济技术开发区", 2022), ("瑞安市", 2019)}),
        (
            "Compare the targets: Jinhua ETDZ for 2022 and Wenzhou ETDZ for 2015.",
            {("金华经济技术开发区", 2022), ("温州经济技术开发区", 2015)},
        ),
        (
            "瑞安2018年、2019年和金华开发区2022年的增速?",
            {("瑞安市", 2018), ("瑞安市", 2019), ("金华经济技术开发区", 2022)},
        ),
        (
            "瑞安和金华开发区2018年、2022年的增速?",
            {(place, year) for place in (RUIAN.zh, JINHUA.zh) for year in (2018, 2022)},
        ),
        ("瑞安2018年和2019年的增速?", {("瑞安市", 2018), ("瑞安市", 2019)}),
    ],
)
def test_each_part_has_one_place_and_year(question: str, expected: set[tuple[str, int]]) -> None:
    parts = parts_of(understand(question, NAMES), NAMES)
    assert {(part.places[0], part.years[0]) for part in parts} == expected
    assert len(parts) == len(expected)


@pytest.mark.parametrize(
    ("question", "does"),
    [
        ("瑞安和杭州的生产总值?", True),
        ("瑞安与金华开发区谁的增速高?", True),
        ("What did Ruian and Jinhua ETDZ invest?", True),
        ("瑞安2018年和2019年的增速?", True),
        ("瑞安列入温州西部生态休闲产业带的项目投资多少?", False),
    ],
)
def test_whether_places_or_years_are_set_beside_each_other(question: str, does: bool) -> None:
    assert compares(understand(question, NAMES), NAMES) is does


@pytest.mark.parametrize(
    ("sentence", "figure", "words", "value"),
    [
        ("限上固定资产投资增长8%以上,出口稳定", "8%", "限上固定资产投资增长", "8%以上"),
        ("社会消费品零售总额增长约8%、占比3.37%", "8%", "社会消费品零售总额增长", "约8%"),
        ("规上工业增加值增长9%、力争10%,收入增长8%", "9%", "规上工业增加值增长", "9%、力争10%"),
        ("新增企业96家、中小企业298家、上云企业3000家", "298家", "中小企业", "298家"),
        ("城镇、农村居民收入分别增长7.9%和8.6%", "7.9%", "城镇居民收入增长", "7.9%"),
        ("总收入117.7亿元,预算收入71.1亿元,分别增长12.1%和12%", "12%", "预算收入增长", "12%"),
        ("主要目标为:实现生产总值增长8%左右", "8%", "实现生产总值增长", "8%左右"),
        (
            "规上总量首次突破600亿元、居全市第三",
            "600亿元",
            "规上总量",
            "首次突破600亿元、居全市第三",
        ),
        ("完成313家企业整治", "313家", "完成", "313家企业整治"),
    ],
)
def test_the_words_and_the_value_of_a_figure(
    sentence: str, figure: str, words: str, value: str
) -> None:
    claim = next(claim for claim in claims(sentence) if claim.figure.text == figure)
    assert said(claim, sentence) == (words, value)


@pytest.mark.parametrize(
    ("figures", "differ"),
    [
        ([("开发区本级实现工业总产值", "CNY", 1), ("规上工业总产值总量", "CNY", 2)], True),
        ([("规上工业增加值增长", "%", 1), ("规上工业产值增长", "%", 2)], True),
        ([("财政总收入", "CNY", 1), ("一般公共预算收入", "CNY", 2)], True),
        ([("省科技型中小企业", "count:家", 1), ("科技型中小企业", "count:家", 2)], True),
        ([("固定资产投资增长", "%", 1), ("限上固定资产投资", "CNY", 2)], True),
        ([("研发经费支出占生产总值比重", "%", 1), ("全社会研发经费支出增长", "%", 2)], True),
        ([("生产总值增长", "%", 1), ("实现地区生产总值增长", "%", 2)], False),
        ([("公共财政预算收入", "CNY", 1), ("其中一般公共预算收入", "CNY", 2)], False),
        ([("社会消费品零售总额", "CNY", 1)], False),
    ],
)
def test_scopes_that_differ_are_named(figures: list[tuple[str, str, int]], differ: bool) -> None:
    for language, begins in (("zh", "口径不同"), ("en", "Scopes differ")):
        line = scopes(figures, "zh" if language == "zh" else "en")
        assert line.startswith(begins) is differ
        for words, _, marker in figures if differ else ():
            assert words in line
            assert f"[{marker}]" in line


def table(answer: Answer) -> list[list[str]]:
    """The rows of an answer's only table, and what holds for all of them."""
    assert answer.status == "answered"
    assert not answer.problems
    (found,) = (block for block in blocks(answer.text) if isinstance(block, Table))
    for citation in answer.citations:
        text = citation.passage.paragraph.text
        assert text[citation.start : citation.end] == citation.quote
    assert all(figure.status != "unsupported" for figure in answer.figures)
    assert all(figure.text in answer.text for figure in answer.figures)
    return [[cell.text for cell in row] for row in found.rows]


def test_scopes_of_industrial_output(real_app: App) -> None:
    answer = real_app.assistant.answer(
        "温州经开区2014年的工业总产值和2021年的规上工业总产值,报告各怎么说?"
    )
    assert table(answer) == [
        ["温州经济技术开发区\uff082014年实绩\uff09", "开发区本级实现工业总产值", "626.6亿元 [1]"],
        [
            "温州经济技术开发区\uff082021年实绩\uff09",
            "规上工业总产值总量",
            "首次突破600亿元、居全市第三 [2]",
        ],
    ]
    last = answer.text.splitlines()[-1]
    assert last.startswith("口径不同")
    assert last.endswith("[1][2]。")


def test_the_same_in_english(real_app: App) -> None:
    answer = real_app.assistant.answer(
        "Compare Wenzhou ETDZ's industrial output in 2014 and in 2021, in yuan."
    )
    rows = table(answer)
    assert [row[0].rpartition(" (")[2] for row in rows] == ["2014 result)", "2021 result)"]
    assert rows[0][2] == "62.66 billion yuan (626.6亿元) [1]"
    assert rows[1][2] == "over 60 billion yuan (首次突破600亿元、居全市第三) [2]"
    assert "Scopes differ" in answer.text


@pytest.mark.parametrize(
    ("question", "values"),
    [
        (
            "把金华开发区2022年、温州经开区2015年和瑞安2019年的固定资产投资增速目标放在一起比一比",
            ["14%以上 [1]", "21% [2]", "8%以上 [3]"],
        ),
        (
            "金华开发区2022年和瑞安2019年,高新技术企业培育(新认定)目标各是多少家?",
            ["20家 [1]", "120家 [2]"],
        ),
        ("瑞安社会消费品零售总额2018年增长多少?2019年的目标增幅又是多少?", ["11% [1]", "8% [2]"]),
        ("瑞安和杭州2018年的生产总值各是多少?", ["910亿元 [1]", "没有这个地方的报告"]),
        (
            "温州经开区2013年和2014年的社会消费品零售总额各是多少?",
            ["没有这一年的报告", "30.47亿元 [1]"],
        ),
        (
            "瑞安2018年一般公共预算收入和前湾生态园2022年一般公共预算收入各是多少?",
            ["71.1亿元 [1]", "X亿元\uff08原文隐去\uff09 [2]"],
        ),
        (
            "How do the GDP growth targets of Ruian for 2019 and Shanghai compare?",
            ["about 8% (8%左右) [1]", "no report of this place"],
        ),
    ],
)
def test_every_part_has_a_row(question: str, values: list[str], real_app: App) -> None:
    assert [row[-1] for row in table(real_app.assistant.answer(question))] == values


def test_figures_of_a_list_over_reports(real_app: App) -> None:
    rows = table(real_app.assistant.answer("各报告的GDP增长目标是多少?"))
    assert {row[0][:2]: row[2].partition(" [")[0] for row in rows} == {
        "温州": "8.5%",
        "瑞安": "8%左右",
        "金华": "约8%",
    }


def test_shares_are_not_divided_by_each_other(real_app: App) -> None:
    answer = real_app.assistant.answer(
        "R&D spending as a share of GDP: what did Jinhua ETDZ target for 2022 and Ruian for 2019?"
    )
    assert [row[2] for row in table(answer)] == [
        "达到3.37% [1]",
        "at least 2.7% (达2.7%以上) [2]",
    ]
    assert "\u00f7" not in answer.text


def test_what_shares_only_a_word_is_not_stated(real_app: App) -> None:
    rows = table(real_app.assistant.answer("瑞安、金华开发区、温州经开区的出口增长目标分别是多少?"))
    assert [row[-1] for row in rows] == ["报告未说明", "报告未说明", "7.5% [1]"]


def test_a_row_that_cannot_be_borne_out_quotes_the_sentence(real_app: App) -> None:
    rows = table(
        real_app.assistant.answer(
            "Compare the rural income growth targets of Jinhua ETDZ in 2022, Ruian in 2019 and "
            "Wenzhou ETDZ in 2015."
        )
    )
    assert len(rows) == 3
    assert rows[0][2] == "9.5% [1]"
    assert "8.5%" in rows[1][2]
    assert rows[2][2] == "10% [3]"


def test_the_year_that_growth_is_measured_against_has_no_row(real_app: App) -> None:
    answer = real_app.assistant.answer("瑞安2018年GDP比2017年增长多少?")
    assert not [block for block in blocks(answer.text) if isinstance(block, Table)]
    assert "7.8%" in answer.text


def test_what_is_not_stated_has_a_row_too(real_app: App) -> None:
    rows = table(real_app.assistant.answer("温州经开区2014年和瑞安2018年的财政总收入哪个高?"))
    assert rows[0][0] == "温州经济技术开发区\uff082014年\uff09"
    assert rows[0][-1] == "报告未说明"
    assert "117.7亿元" in rows[1][-1]


def test_a_calculation_stands_below(real_app: App) -> None:
    answer = real_app.assistant.answer("瑞安2019年高企培育目标比2018年新增数多几家?")
    assert [row[-1] for row in table(answer)] == ["96家 [1]", "120家 [2]"]
    assert answer.text.splitlines()[-1] == "120家 \u2212 96家 = 24家 [1][2]"


def test_a_list_over_reports_has_a_row_for_each(real_app: App) -> None:
    rows = table(real_app.assistant.answer("哪些报告谈到了亚运会(迎亚运)?"))
    assert {row[0] for row in rows} == {
        "温州经济技术开发区\uff082022年计划\uff09",
        "金华经济技术开发区\uff082022年计划\uff09",
    }
    assert all("亚运" in row[1] for row in rows)


def test_a_place_that_is_only_mentioned_has_no_row(real_app: App) -> None:
    answer = real_app.assistant.answer("瑞安列入温州西部生态休闲产业带的项目2018年完成投资多少?")
    assert not [block for block in blocks(answer.text) if isinstance(block, Table)]
    assert "12亿元" in answer.text


def test_a_model_writes_below_the_table(real_app: App) -> None:
    with ScriptedEndpoint(says("金华开发区2022年规上工业增加值增长目标是15%[1]。")) as endpoint:
        model = OpenAIChatModel(Endpoint(endpoint.base_url, "sk-test", MODEL, 10.0), engine="api:x")
        assistant = Assistant(real_app.assistant._searcher, lambda _: model, 8)
        *before, answer = assistant.ask(
            "比较金华开发区2022年和温州经开区2015年的规上工业增加值增长目标,各是多少?"
        )
    assert isinstance(answer, Answer)
    assert answer.engine == "api:x"
    assert [row[-1] for row in table(answer)] == ["15% [1]", "9%、力争10% [2]"]
    assert answer.text.splitlines()[-1].startswith("金华开发区2022年规上工业增加值增长目标是15%")
    for event in before:
        if isinstance(event, Said):
            assert event.text in ("", answer.text)


def test_a_model_that_says_nothing_leaves_the_table(real_app: App) -> None:
    with ScriptedEndpoint(says("未提及。")) as endpoint:
        model = OpenAIChatModel(Endpoint(endpoint.base_url, "sk-test", MODEL, 10.0), engine="api:x")
        assistant = Assistant(real_app.assistant._searcher, lambda _: model, 8)
        answer = assistant.answer("瑞安社会消费品零售总额2018年增长多少?2019年的目标增幅又是多少?")
    assert answer.engine == "extractive"
    (found,) = (block for block in blocks(answer.text) if isinstance(block, Table))
    assert [row[-1].text for row in found.rows] == ["11% [1]", "8% [2]"]
    assert "未提及" not in answer.text
