"""What questions take for granted, held against the five reports."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.answer.extract import LEAD
from rag.answer.llm import Endpoint, OpenAIChatModel
from rag.answer.premise import as_outcome, asks_not, direction_of, form_of
from rag.app import App
from rag.assistant import Assistant
from rag.search.places import PlaceNames
from rag.search.understand import understand
from rag.types import Answer, Place
from tests.fakes import MODEL, ScriptedEndpoint, says

NAMES = PlaceNames([Place("瑞安市", "Ruian", ("瑞安",))])


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("为什么瑞安2018年出口下降了?", "why"),
        ("瑞安2018年安全事故多了四成,原因何在", "why"),
        ("Why did Ruian's exports fall in 2018?", "why"),
        ("What lay behind the rise in Ruian's exports in 2018?", "why"),
        ("What accounted for Ruian's growth in 2018?", "why"),
        ("瑞安2018年出口增长,背后是什么?", "why"),
        ("What caused the rise in criminal cases in Ruian?", "why"),
        ("瑞安2018年生产总值是910亿元,对吗?", "whether"),
        ("瑞安2018年生产总值突破一千亿了吧,准确数是多少?", "whether"),
        ("Is it true that Ruian's GDP grew 9%?", "whether"),
        ("Ruian moved 1,500 firms to the cloud, correct?", "whether"),
        ("瑞安2018年的生产总值是多少?", "other"),
        ("What was Ruian's GDP in 2018?", "other"),
        ("How much did Ruian's exports grow in 2018?", "other"),
    ],
)
def test_why_whether_or_something_else(question: str, form: str) -> None:
    assert form_of(understand(question, NAMES)) == form


@pytest.mark.parametrize(
    ("words", "direction"),
    [
        ("外贸出口下降了", "fall"),
        ("出口负增长", "fall"),
        ("安全事故多了四成", "rise"),
        ("exports fell", "fall"),
        ("a 5.9% rise in cases", "rise"),
        ("规上工业增加值是多少", None),
        ("上升还是下降", None),
        ("what was the GDP", None),
    ],
)
def test_the_direction_that_words_tell_of(words: str, direction: str | None) -> None:
    assert direction_of(words) == direction


def test_a_missed_target_is_about_the_result() -> None:
    for question in ("瑞安为什么没有完成2018年的目标?", "Why did Ruian miss its 2018 target?"):
        assert as_outcome(understand(question, NAMES)).kind == "actual"
    assert as_outcome(understand("瑞安2019年的目标是什么?", NAMES)).kind == "plan"


def told(answer: Answer) -> tuple[str, str]:
    """The lead and the quotation below it, which hold as everywhere."""
    assert answer.status == "answered"
    assert not answer.problems
    assert all(figure.status != "unsupported" for figure in answer.figures)
    lead, quote, *more = answer.text.splitlines()
    assert not more
    (citation,) = answer.citations
    text = citation.passage.paragraph.text
    assert text[citation.start : citation.end] == citation.quote
    return lead, quote


@pytest.mark.parametrize(
    ("question", "lead", "quote"),
    [
        (
            "为什么瑞安2018年外贸出口下降了?",
            "前提与报告不符\uff0c报告说的是增长\uff1a",
            "外贸出口总额增长10%",
        ),
        (
            "瑞安2018年外贸出口下降了多少?",
            "前提与报告不符\uff0c报告说的是增长\uff1a",
            "外贸出口总额增长10%",
        ),
        (
            "Why did Ruian's exports fall in 2018?",
            "The premise does not hold; the report tells of a rise:",
            "外贸出口总额增长10%",
        ),
        (
            "What caused the 5.9% rise in criminal cases accepted in Ruian in 2018?",
            "The premise does not hold; the report tells of a fall:",
            "刑事案件受理数下降5.9%",
        ),
        ("瑞安2018年刑事案件上升了吗?", "否\uff0c报告说的是下降\uff1a", "刑事案件受理数下降5.9%"),
        (
            "为什么温州经开区2014年全员劳动生产率下降了?",
            "前提与报告不符\uff0c报告说的是增长\uff1a",
            "全员劳动生产率提高了13.8%",
        ),
    ],
)
def test_a_direction_that_was_the_other(
    question: str, lead: str, quote: str, real_app: App
) -> None:
    said = told(real_app.assistant.answer(question))
    assert said[0] == lead
    assert quote in said[1]


@pytest.mark.parametrize(
    ("question", "lead"),
    [
        ("瑞安千亿产业集群形成了吗?", "否\uff0c报告说的是\uff1a"),
        ("Has Ruian formed a hundred-billion-yuan industrial cluster?", "No; the report says:"),
        ("瑞安千亿产业集群还没形成吧?", "报告原文\uff1a"),
    ],
)
def test_what_the_report_says_is_not_so(question: str, lead: str, real_app: App) -> None:
    said = told(real_app.assistant.answer(question))
    assert said[0] == lead
    assert "千亿产业集群尚未形成" in said[1]


@pytest.mark.parametrize(
    ("question", "negative"),
    [
        ("GDP没有达到910亿元吗?", True),
        ("GDP不是910亿元吧?", True),
        ("GDP是不是910亿元?", False),
        ("有没有达到910亿元?", False),
        ("GDP是910亿元,没错吧?", False),
        ("Didn't GDP reach 91 billion?", False),
        ("GDP reached 91 billion, didn't it?", False),
        ("So didn't GDP reach 91 billion, right?", False),
        ("Growth was not less than 7%, right?", False),
        ("批而未供土地减少了吗?", False),
        ("Did GDP not reach 91 billion?", True),
        ("Why does Ruian lack a cluster?", True),
        ("Has Ruian yet to form a cluster?", True),
        ("Why is there no cluster in Ruian?", True),
        ("瑞安尚无千亿产业集群吗?", True),
        ("GDP hasn't reached 91 billion, has it?", True),
    ],
)
def test_questions_in_the_negative(question: str, negative: bool) -> None:
    assert asks_not(question) is negative


@pytest.mark.parametrize("question", ["瑞安2018年GDP没有达到910亿元吗?"])
def test_a_question_in_the_negative_gets_no_yes(question: str, real_app: App) -> None:
    lead, quote = told(real_app.assistant.answer(question))
    assert lead == LEAD["zh"]
    assert "910亿元" in quote


@pytest.mark.parametrize(
    ("question", "asserted", "quote"),
    [
        ("瑞安2018年GDP增长了9%吗?", "9%", "增长7.8%"),
        ("为什么瑞安2018年GDP增速只有5%?", "5%", "增长7.8%"),
        ("Is it true that Ruian's GDP grew 9% in 2018?", "9%", "增长7.8%"),
        ("Was Ruian's 2018 GDP 910 billion yuan?", "910 billion", "91 billion yuan"),
        ("瑞安2018年生产总值突破一千亿了吧,准确数是多少?", "一千亿", "910亿元"),
        ("金华开发区2022年固投目标是投450亿吗", "450亿", "160亿元"),
        ("金华开发区2022年把GDP增长目标定在15%,依据是什么?", "15%", "约8%"),
        ("温州经开区2014年温商回归资金到了30亿,是吧?", "30亿", "24.57亿元"),
        ("2021年温州经开区规上工业增加值增速全市第一,对不对", "第一", "全市第三"),
        ("I read that Ruian moved 1,500 firms to the cloud in 2018, correct?", "1,500", "3000家"),
        ("Did Ruian add 120 high-tech enterprises in 2018?", "120", "高新技术企业96家"),
    ],
)
def test_a_figure_that_was_another(question: str, asserted: str, quote: str, real_app: App) -> None:
    lead, quoted = told(real_app.assistant.answer(question))
    assert lead.startswith(("否\uff0c", "前提与报告不符", "No; ", "The premise does not hold"))
    assert quote in quoted
    assert asserted not in f"{lead}{quoted}"


@pytest.mark.parametrize(
    "question",
    [
        "瑞安2018年GDP增长了7.8%吗?",
        "瑞安2018年的生产总值是910亿元,对吗?",
        "Was Ruian's 2018 GDP 91 billion yuan?",
        "Is it true that Ruian's GDP grew more than 7% in 2018?",
        "瑞安2018年高新技术企业新增了96家吗?",
        "Did criminal cases fall in Ruian in 2018?",
        "温州经开区2014年农村居民收入增长超过10%吗?",
    ],
)
def test_what_is_so_is_said_to_be_so(question: str, real_app: App) -> None:
    lead, _ = told(real_app.assistant.answer(question))
    assert lead.startswith(("是\uff0c", "Yes, "))


@pytest.mark.parametrize(
    "question",
    [
        "温州经开区2014年社会消费品零售总额下降了吗?",
        "前湾生态园标准厂房七期2022年已经完工了吧?",
        "2022年前湾生态园区出现过新冠感染或疑似病例吗?",
        "Is it right that the Wenzhou zone cut half of its synthetic leather lines in 2014?",
    ],
)
def test_what_is_not_certain_is_only_quoted(question: str, real_app: App) -> None:
    answer = real_app.assistant.answer(question)
    assert answer.text.startswith(("报告原文", "In the words of the reports"))


@pytest.mark.parametrize(
    ("question", "lead", "quote"),
    [
        (
            "Did Jinhua ETDZ complete 16 billion yuan of fixed-asset investment in 2022?",
            "The report gives this as a plan, not as a result:",
            "160亿元 (16 billion yuan)",
        ),
        (
            "金华开发区2022年GDP增长了8%,对吗?",
            "报告把这写作计划\uff0c没有写作结果\uff1a",
            "地区生产总值增长约8%",
        ),
    ],
)
def test_a_plan_is_not_a_result(question: str, lead: str, quote: str, real_app: App) -> None:
    said = told(real_app.assistant.answer(question))
    assert said[0] == lead
    assert quote in said[1]


def test_a_plan_that_is_asked_for_is_borne_out(real_app: App) -> None:
    lead, _ = told(real_app.assistant.answer("瑞安2019年GDP增长目标是不是8%左右?"))
    assert lead.startswith("是\uff0c")


@pytest.mark.parametrize(
    ("question", "lead", "quote"),
    [
        (
            "为什么温州经开区2014年没有完成全年目标任务?",
            "报告说的是完成",
            "较好地完成了全年目标任务",
        ),
        ("Why did Wenzhou ETDZ miss its 2014 targets?", "targets met", "较好地完成了全年目标任务"),
        (
            "Why did Wenzhou ETDZ miss its 2014 energy-saving target?",
            "targets met",
            "节能减排超额完成",
        ),
    ],
)
def test_a_target_that_was_met(question: str, lead: str, quote: str, real_app: App) -> None:
    said = told(real_app.assistant.answer(question))
    assert lead in said[0]
    assert quote in said[1]


def test_whether_a_target_was_missed_is_not_stated_by_a_plan(real_app: App) -> None:
    answer = real_app.assistant.answer("金华开发区2022年为什么没有完成固定资产投资目标?")
    assert answer.status == "not_found"
    assert "160亿元" in answer.text


@pytest.mark.parametrize(
    ("question", "says_so"),
    [
        ("为什么瑞安2018年外贸出口增长了?", "没有说明原因"),
        ("Why did Ruian's GDP grow in 2018?", "give no reason"),
    ],
)
def test_a_fact_without_a_reason(question: str, says_so: str, real_app: App) -> None:
    answer = real_app.assistant.answer(question)
    assert answer.status == "not_found"
    assert says_so in answer.text
    assert len(answer.citations) == 1


def test_a_reason_that_is_given_is_quoted(real_app: App) -> None:
    answer = real_app.assistant.answer("2022年上半年前湾生态园部分指标增幅为什么回落?")
    assert answer.status == "answered"
    assert "俄乌战争" in answer.text


@pytest.fixture
def endpoint() -> Iterator[ScriptedEndpoint]:
    """A model that explains whatever it is asked."""
    with ScriptedEndpoint(says("出口下降是因为外部环境变化 [1]。")) as scripted:
        yield scripted


def test_a_model_is_not_asked_to_explain_what_is_not_so(
    endpoint: ScriptedEndpoint, real_app: App
) -> None:
    model = OpenAIChatModel(Endpoint(endpoint.base_url, "sk-test", MODEL, 10.0), engine="api:x")
    assistant = Assistant(real_app.assistant._searcher, lambda _: model, 8)
    answer = assistant.answer("为什么瑞安2018年外贸出口下降了?")
    assert endpoint.requests == []
    assert answer.engine == "extractive"
    assert "报告说的是增长" in answer.text
    assert assistant.answer("为什么瑞安2018年外贸出口增长了?").status == "not_found"
    assert endpoint.requests == []
