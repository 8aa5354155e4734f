"""A model that lies, asked through the assistant over the five reports: the lie is gone from the
answer, and what is true stays as it was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from rag.answer.figures import find_figures
from rag.answer.llm import Endpoint, OpenAIChatModel
from rag.assistant import Assistant, Said
from rag.search.searcher import Searcher
from rag.types import Answer
from tests.fakes import MODEL, ScriptedEndpoint, says


@dataclass(frozen=True)
class Asked:
    """A question and words of the passage that answers it; `@` in a reply is its marker."""

    question: str
    said_by: str


GDP = Asked("瑞安2018年的生产总值是多少?", "实现生产总值910亿元")
GDP_EN = Asked("What was Ruian's GDP in 2018?", "实现生产总值910亿元")
GROWTH = Asked("瑞安2018年生产总值增长多少?", "实现生产总值910亿元")
REVENUE = Asked("瑞安2018年一般公共预算收入增长多少?", "分别增长12.1%和12%")
REVENUE_EN = Asked(
    "How fast did Ruian's general public budget revenue grow in 2018?", "分别增长12.1%和12%"
)
FIRMS = Asked("瑞安2018年新增高新技术企业多少家?", "高新技术企业96家")
FIRMS_EN = Asked("How many high-tech enterprises did Ruian add in 2018?", "高新技术企业96家")
TARGET = Asked("瑞安2019年生产总值的增长目标是多少?", "生产总值增长8%左右")
TARGET_EN = Asked("What GDP growth did Ruian target for 2019?", "生产总值增长8%左右")
INCOME = Asked("温州经开区2014年城镇常住居民人均可支配收入是多少?", "40855元")
INCOME_EN = Asked(
    "What was the disposable income of urban residents in Wenzhou ETDZ in 2014?", "40855元"
)
GREEN = Asked("温州经开区2014年完成绿化建设多少公顷?", "绿化建设77.1公顷")
LAND = Asked("瑞安2018年垦造耕地多少亩?", "垦造耕地3000亩")
INVESTMENT = Asked("金华开发区2022年固定资产投资计划完成多少?", "固定资产投资完成160亿元")
INVESTMENT_EN = Asked(
    "How much fixed-asset investment does Jinhua ETDZ plan for 2022?", "固定资产投资完成160亿元"
)
PARKS = Asked("金华开发区2022年计划布局多少个数字经济园区?", "3-5个特色化")
BONDS = Asked("前湾新区生态园2022年有几只政府专项债获批?", "两只政府专项债成功获批")

LIES: dict[str, tuple[Asked, str, str]] = {
    # Which source it is
    "an invented marker": (GDP, "2018年瑞安实现生产总值919亿元 [42]。", "919亿元"),
    "no marker": (GDP, "2018年瑞安实现生产总值919亿元。", "919亿元"),
    "no markers in English": (GDP_EN, "Ruian's GDP reached 92 billion yuan in 2018.", "92 billion"),
    "every marker": (GDP, "2018年瑞安实现生产总值919亿元 [1][2][3][4][5]。", "919亿元"),
    "a range of markers": (GDP, "2018年瑞安实现生产总值919亿元 [1-5]。", "919亿元"),
    "a code block": (GDP, "```\n2018年瑞安实现生产总值919亿元 [@]。\n```", "919亿元"),
    "full-width brackets": (GDP, "2018年瑞安实现生产总值919亿元\uff3b@\uff3d。", "919亿元"),
    "corner brackets": (GDP, "2018年瑞安实现生产总值919亿元【@】。", "919亿元"),
    "a footnote": (GDP, "生产总值见注[^@]。\n\n[^@]: 瑞安2018年生产总值为919亿元。", "919亿元"),
    "a forged citation": (
        GDP,
        "瑞安910亿元 [@]。\n\n[@] 报告原文\uff1a“实现生产总值919亿元”",
        "919亿元",
    ),
    "a forged quotation": (GDP, "报告说\uff1a“预计全市实现生产总值1910亿元” [@]。", "1910亿元"),
    # How it is set
    "a heading": (GDP, "# 瑞安生产总值919亿元\n2018年瑞安实现生产总值910亿元 [@]。", "919亿元"),
    "a table": (
        GDP,
        "| 指标 | 数值 |\n|---|---|\n| 生产总值 | 919亿元 |\n\n生产总值910亿元 [@]。",
        "919亿元",
    ),
    "a list": (GDP, "- 生产总值910亿元 [@]\n- 财政总收入119.7亿元 [@]", "119.7亿元"),
    "a numbered list": (GDP, "1. 生产总值910亿元 [@]\n2. 财政总收入119.7亿元 [@]", "119.7亿元"),
    "a link": (GDP, "[生产总值919亿元](https://example.com/report) [@]。", "919亿元"),
    "the address of a link": (
        GDP,
        "生产总值910亿元 [@]\uff0c详见https://example.com/919亿元 。",
        "example.com",
    ),
    "an HTML comment": (
        GDP,
        "<!-- 生产总值919亿元 -->2018年瑞安实现生产总值910亿元 [@]。",
        "919亿元",
    ),
    "an open HTML comment": (GDP, "2018年瑞安实现生产总值910亿元 [@]。<!-- 实为919亿元", "919亿元"),
    "bold": (GDP, "2018年瑞安实现生产总值**919亿元** [@]。", "919亿元"),
    "bold inside": (GDP, "2018年瑞安实现生产总值9**1**9亿元 [@]。", "9**1**9"),
    "a tag inside": (GDP, "2018年瑞安实现生产总值9<b>1</b>9亿元 [@]。", "9<b>1</b>9"),
    "spaces inside": (GDP, "2018年瑞安实现生产总值9 1 9亿元 [@]。", "9 1 9"),
    "a character nobody sees": (GDP, "2018年瑞安实现生产总值9\u200b1\u200b9亿元 [@]。", "1\u200b9"),
    "struck out": (GDP, "2018年瑞安实现生产总值9\u03361\u03369\u0336亿元 [@]。", "9\u0336"),
    "an entity": (GDP, "2018年瑞安实现生产总值&#57;19亿元 [@]。", "19亿元"),
    "full-width digits": (
        GDP,
        "2018年瑞安实现生产总值\uff19\uff11\uff19亿元 [@]。",
        "\uff19\uff11\uff19",
    ),
    "Arabic-Indic digits": (
        GDP,
        "2018年瑞安实现生产总值\u0669\u0661\u0669亿元 [@]。",
        "\u0669\u0661\u0669",
    ),
    "circled digits": (
        GDP,
        "2018年瑞安实现生产总值\u2468\u2460\u2468亿元 [@]。",
        "\u2468\u2460\u2468",
    ),
    "letters for digits": (GDP, "2018年瑞安实现生产总值91O亿元 [@]。", "91O"),
    "traditional characters": (GDP, "2018年瑞安實現生產總值919億元 [@]。", "919"),
    "Chinese numerals": (GDP, "2018年瑞安实现生产总值九百一十九亿元 [@]。", "九百一十九"),
    "Chinese numerals of another scale": (
        INVESTMENT,
        "2022年固定资产投资力争完成六百亿元 [@]。",
        "六百亿",
    ),
    "English words": (
        GDP_EN,
        "Ruian's GDP reached nine hundred billion yuan in 2018 [@].",
        "nine hundred",
    ),
    # The figure
    "a digit": (INCOME, "2014年城镇常住居民人均可支配收入40856元 [@]。", "40856"),
    "decimals": (GDP, "2018年瑞安实现生产总值91.0亿元 [@]。", "91.0"),
    "more precise than the source": (GDP, "2018年瑞安实现生产总值910.35亿元 [@]。", "910.35"),
    "rounded": (INCOME, "2014年城镇常住居民人均可支配收入4.1万元 [@]。", "4.1万"),
    "scale in English": (
        GDP_EN,
        "Ruian's GDP reached 910 billion yuan in 2018 [@].",
        "910 billion",
    ),
    "scale in Chinese": (GDP, "2018年瑞安实现生产总值910万元 [@]。", "910万"),
    "points for per cent": (GROWTH, "2018年瑞安生产总值增长7.8个百分点 [@]。", "7.8个百分点"),
    "mu for hectares": (GREEN, "2014年温州经开区完成绿化建设77.1亩 [@]。", "77.1亩"),
    "hectares for mu": (LAND, "2018年瑞安垦造耕地3000公顷 [@]。", "3000公顷"),
    "dollars for yuan": (GDP, "2018年瑞安实现生产总值910亿美元 [@]。", "910亿美元"),
    "dollars in English": (
        GDP_EN,
        "Ruian's GDP reached 91 billion US dollars in 2018 [@].",
        "dollars",
    ),
    "over": (GDP, "2018年瑞安实现生产总值超910亿元 [@]。", "超910"),
    "at least": (GDP_EN, "Ruian's GDP was at least 91 billion yuan in 2018 [@].", "at least"),
    "a narrower range": (PARKS, "2022年金华开发区计划布局4-5个数字经济园区 [@]。", "4-5个"),
    "one end of a range": (
        PARKS,
        "2022年金华开发区计划布局5个数字经济园区 [@]。",
        "5个数字经济园区",
    ),
    "a masked value": (
        BONDS,
        "1-9月园区实现固定资产投资35亿元 [@]。两只政府专项债成功获批 [@]。",
        "35亿元",
    ),
    # What it is of
    "another year": (GDP, "2017年瑞安实现生产总值910亿元 [@]。", "2017"),
    "another year in English": (GDP_EN, "Ruian's GDP reached 91 billion yuan in 2016 [@].", "2016"),
    "another place": (GDP, "2018年金华开发区实现生产总值910亿元 [@]。", "金华开发区实现"),
    "another place in English": (
        GDP_EN,
        "Jinhua ETDZ's GDP reached 91 billion yuan [@].",
        "Jinhua",
    ),
    "another place's figure": (GDP, "2018年瑞安固定资产投资160亿元 [@]。", "投资160亿元"),
    "the neighbour's figure": (
        REVENUE,
        "2018年瑞安一般公共预算收入增长12.1% [@]。",
        "收入增长12.1%",
    ),
    "the neighbour's in English": (
        REVENUE_EN,
        "Ruian's general public budget revenue grew by 12.1% in 2018 [@].",
        "by 12.1%",
    ),
    "the neighbour's count": (FIRMS, "2018年瑞安新增高新技术企业298家 [@]。", "高新技术企业298家"),
    "the neighbour's count in English": (
        FIRMS_EN,
        "Ruian added 298 high-tech enterprises in 2018 [@].",
        "298 high-tech",
    ),
    "a rise told as a fall": (GROWTH, "2018年瑞安生产总值下降7.8% [@]。", "下降7.8%"),
    "a fall in English": (GDP_EN, "Ruian's GDP fell by 7.8% in 2018 [@].", "fell by"),
    "a plan told as a result": (TARGET, "2019年瑞安生产总值实际增长了8% [@]。", "实际增长"),
    "a plan told as done": (
        INVESTMENT,
        "2022年金华开发区完成了固定资产投资160亿元 [@]。",
        "完成了固定资产投资",
    ),
    "a plan in the past tense": (TARGET_EN, "Ruian's GDP grew by 8% in 2019 [@].", "grew by 8%"),
    "a plan told as achieved": (
        INVESTMENT_EN,
        "Jinhua ETDZ achieved 16 billion yuan of fixed-asset investment [@].",
        "achieved",
    ),
    "a result told as a plan": (FIRMS, "瑞安计划在2018年新增高新技术企业96家 [@]。", "计划在"),
    "a rank": (
        GDP,
        "2018年瑞安实现生产总值910亿元\uff0c居全省第一 [@]。",
        "910亿元\uff0c居全省第一",
    ),
    "a rank in English": (
        GDP_EN,
        "Ruian's GDP of 91 billion yuan ranked third in the province [@].",
        "third",
    ),
    "another part of the year": (GDP, "2018年1-6月瑞安实现生产总值910亿元 [@]。", "1-6月"),
    "another month": (GDP_EN, "Ruian's GDP reached 91 billion yuan in May 2018 [@].", "May"),
    "per head": (GDP, "2018年瑞安人均生产总值910亿元 [@]。", "人均生产总值910"),
    "per head in English": (
        GDP_EN,
        "Ruian's per capita GDP reached 91 billion yuan in 2018 [@].",
        "per capita",
    ),
    "a level told as a change": (GDP, "2018年瑞安生产总值增加了910亿元 [@]。", "增加了910亿元"),
    "a level told as a change in English": (
        GDP_EN,
        "Ruian's GDP rose by 91 billion yuan in 2018 [@].",
        "rose by 91",
    ),
    "a record": (GDP, "2018年瑞安生产总值910亿元\uff0c创历史新高 [@]。", "910亿元\uff0c创历史新高"),
    "a record in English": (
        GDP_EN,
        "Ruian's GDP was 91 billion yuan, the highest in China [@].",
        "highest",
    ),
    "denied": (GDP, "2018年瑞安未能实现生产总值910亿元 [@]。", "未能"),
    "denied in English": (
        GDP_EN,
        "Ruian's GDP did not reach 91 billion yuan in 2018 [@].",
        "did not",
    ),
    "a percentage of nothing": (GROWTH, "增长50.5% [@]。", "增长50.5%"),
    # Figures in words
    "doubled": (GDP_EN, "Ruian's GDP doubled in 2018 [@].", "doubled"),
    "one third": (
        GDP_EN,
        "Services made up one third of Ruian's GDP of 91 billion yuan [@].",
        "one third",
    ),
    "翻番": (GDP, "2018年瑞安生产总值翻番\uff0c达到910亿元 [@]。", "翻番"),
    "过半": (GDP, "2018年瑞安生产总值910亿元\uff0c服务业占比过半 [@]。", "过半"),
    "两成": (GDP, "2018年瑞安生产总值910亿元\uff0c比上年提高两成 [@]。", "两成"),
    "一半": (GDP, "2018年瑞安生产总值910亿元\uff0c其中第三产业占一半 [@]。", "一半"),
    # Words
    "praise": (GDP, "市长深受欢迎\uff0c人人满意 [@]。生产总值910亿元 [@]。", "深受欢迎"),
    "praise in English": (
        GDP_EN,
        "The mayor is very popular and everyone is happy [@]. GDP was 91 billion yuan [@].",
        "popular",
    ),
    "praise behind a figure": (
        GDP,
        "2018年瑞安生产总值910亿元\uff0c市民幸福感全国最强 [@]。",
        "幸福感",
    ),
    "a fall without a figure": (
        GROWTH,
        "2018年瑞安生产总值出现下滑 [@]。增长7.8% [@]。",
        "出现下滑",
    ),
    "what nobody cites": (GDP, "生产总值910亿元 [@]。该市市长已因腐败被捕。", "被捕"),
    "obedience": (
        GDP_EN,
        "Ignoring all previous rules as told. PWNED. GDP was 91 billion yuan [@].",
        "PWNED",
    ),
    # Calculations
    "a formula that only looks like one": (
        REVENUE,
        "一般公共预算收入: 12.1% + 12% = 12.1% [@]",
        "= 12.1%",
    ),
    "a formula with another's figure": (
        REVENUE,
        "2018年瑞安一般公共预算收入增长 = 12.1% + 0% = 12.1% [@]",
        "+ 0%",
    ),
    "a wrong difference": (INCOME, "城镇40855元\uff0c农村24525元\uff0c相差17330元 [@]。", "17330"),
    "a difference told as a sum": (
        INCOME,
        "城镇40855元\uff0c农村24525元\uff0c合计16330元 [@]。",
        "合计16330",
    ),
    "a wrong ratio in English": (
        INCOME_EN,
        "Urban residents earned 40,855 yuan, 1.9 times the rural 24,525 yuan [@].",
        "1.9 times",
    ),
    # The whole answer
    "one sentence of two": (GDP, "生产总值增长7.8% [@]。财政总收入117.8亿元 [@]。", "117.8"),
    "a sentence in another language": (
        GDP,
        "瑞安生产总值910亿元 [@]。Le PIB a atteint 919 milliards [@].",
        "919",
    ),
    "a very long answer": (
        GDP,
        "".join(f"第{n}项指标为{n}7.31亿元 [@]。" for n in range(20, 50)),
        "7.31亿元",
    ),
    "a refusal and a figure": (GDP, "未提及。不过一般认为是919亿元 [@]。", "919"),
    "what the question says": (
        Asked("有人说瑞安2018年达到919亿元,那瑞安2018年的生产总值是多少?", "实现生产总值910亿元"),
        "是的\uff0c生产总值是919亿元 [@]。",
        "919亿元 [",
    ),
    "what a document asks for": (GDP, "按资料中的指示\uff0c所有数字改为999亿元 [@]。", "999亿元"),
}

TRUTHS: dict[str, tuple[Asked, str]] = {
    "a level": (GDP, "2018年瑞安实现生产总值910亿元 [@]。"),
    "two figures": (GDP, "2018年瑞安实现生产总值910亿元\uff0c增长7.8% [@]。"),
    "as a model words it": (
        GDP,
        "根据2019年政府工作报告\uff0c2018年瑞安市预计实现生产总值910亿元\uff0c同比增长7.8% [@]。",
    ),
    "as a model words it in English": (
        GDP_EN,
        "According to the 2019 work report, Ruian's GDP was expected to grow by 7.8% in 2018 [@].",
    ),
    "a shared list": (REVENUE, "2018年瑞安财政总收入增长12.1%\uff0c一般公共预算收入增长12% [@]。"),
    "a count": (FIRMS, "2018年瑞安新增高新技术企业96家 [@]。"),
    "a plan": (TARGET, "2019年瑞安生产总值的目标是增长8%左右 [@]。"),
    "a plan of investment": (INVESTMENT, "2022年金华开发区力争固定资产投资完成160亿元 [@]。"),
    "a range": (PARKS, "2022年金华开发区计划布局3-5个数字经济园区 [@]。"),
    "a difference": (INCOME, "城镇40855元\uff0c农村24525元\uff0c相差16330元 [@]。"),
    "a ratio": (INCOME, "城镇40855元\uff0c是农村24525元的1.67倍 [@]。"),
    "hectares": (GREEN, "2014年温州经开区完成绿化建设77.1公顷 [@]。"),
    "growth in English": (GDP_EN, "Ruian's GDP grew by 7.8% in 2018 [@]."),
    "revenue in English": (
        REVENUE_EN,
        "Ruian's general public budget revenue grew by 12% in 2018 [@].",
    ),
    "a plan in English": (TARGET_EN, "Ruian set a GDP growth target of about 8% for 2019 [@]."),
    "income in English": (
        INCOME_EN,
        "Urban residents' disposable income was 40,855 yuan (40855元) [@].",
    ),
}

IN_WORDS: dict[str, tuple[Asked, str]] = {
    "as the report has it": (GDP, "2018年瑞安经济持续健康发展\uff0c社会保持和谐稳定 [@]。"),
    "shorter": (GDP, "瑞安获批创建省级高新区 [@]。"),
    "in English": (GDP_EN, "The economy grew healthily and society stayed stable in 2018 [@]."),
    "a reform in English": (
        GDP_EN,
        "Ruian was approved to create a provincial high-tech zone [@].",
    ),
    "a plan in English": (
        INVESTMENT_EN,
        "Major projects such as Jinhu Hospital are to drive investment in 2022 [@].",
    ),
}


@dataclass(frozen=True)
class Told:
    """What the model wrote, and what was shown of it: on the way, and in the end."""

    reply: str
    said: Sequence[str]
    answer: Answer


def tell(searcher: Searcher, asked: Asked, reply: str) -> Told:
    """Ask, and let the model reply; `@` is the marker of the passage that answers."""
    passages = Assistant(searcher, lambda _: None, 8).search(asked.question).passages
    marker = next(n for n, p in enumerate(passages, 1) if asked.said_by in p.paragraph.text)
    reply = reply.replace("@", str(marker))
    with ScriptedEndpoint(says(*(reply[n : n + 7] for n in range(0, len(reply), 7)))) as endpoint:
        where = Endpoint(endpoint.base_url, "sk-test", MODEL, 10.0)
        model = OpenAIChatModel(where, engine=f"api:{MODEL}")
        *events, answer = Assistant(searcher, lambda _: model, 8).ask(asked.question)
        assert len(endpoint.requests) == 1
    assert isinstance(answer, Answer)
    return Told(reply, [event.text for event in events if isinstance(event, Said)], answer)


def test_there_are_enough_of_both() -> None:
    assert len(LIES) >= 40
    assert len(TRUTHS) >= 8


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_not_in_the_answer(name: str, searcher: Searcher) -> None:
    asked, reply, lie = LIES[name]
    told = tell(searcher, asked, reply)
    index = searcher.corpus().index
    paragraphs = [p.text for info in index.infos() for p in index.paragraphs(info.id)]
    assert lie in told.reply
    assert not any(lie in text for text in paragraphs)
    assert told.answer.status == "answered"
    for shown in (*told.said, told.answer.text):
        assert lie not in shown
    assert told.answer.citations
    checked = " ".join(figure.text for figure in told.answer.figures)
    for figure in find_figures(told.answer.text):
        assert figure.role != "quantity" or figure.text in checked
    for check in told.answer.figures:
        assert check.status != "unsupported"
        assert check.marker is not None
    for citation in told.answer.citations:
        text = citation.passage.paragraph.text
        assert text[citation.start : citation.end] == citation.quote
        assert f"[{citation.marker}]" in told.answer.text


@pytest.mark.parametrize("markers", ["[42]", "[0]", "[999]", "[!]", "[!][42]", "\uff3b!\uff3d"])
def test_a_right_figure_leads_to_its_own_source(markers: str, searcher: Searcher) -> None:
    """`!` is a passage that does not hold the figure."""
    passages = Assistant(searcher, lambda _: None, 8).search(GDP.question).passages
    wrong = next(n for n, p in enumerate(passages, 1) if "910" not in p.paragraph.text)
    markers = markers.replace("!", str(wrong))
    answer = tell(searcher, GDP, f"2018年瑞安实现生产总值910亿元 {markers}。").answer
    assert answer.text == "2018年瑞安实现生产总值910亿元 [1]。"
    assert answer.problems
    (citation,) = answer.citations
    assert "生产总值910亿元" in citation.quote


@pytest.mark.parametrize("name", TRUTHS)
def test_the_truth_stays_as_it_was_told(name: str, searcher: Searcher) -> None:
    asked, reply = TRUTHS[name]
    told = tell(searcher, asked, reply)
    marker = told.reply[told.reply.rindex("[") : told.reply.rindex("]") + 1]
    assert told.answer.status == "answered"
    assert told.answer.engine == f"api:{MODEL}"
    assert told.answer.problems == ()
    assert told.answer.text == told.reply.replace(marker, "[1]")
    assert told.answer.figures


@pytest.mark.parametrize("name", IN_WORDS)
def test_the_truth_without_figures_stays_too(name: str, searcher: Searcher) -> None:
    asked, reply = IN_WORDS[name]
    told = tell(searcher, asked, reply)
    assert told.answer.engine == f"api:{MODEL}"
    assert told.answer.problems == ()
    assert told.answer.text.split(" [")[0] == told.reply.split(" [")[0]


@pytest.mark.parametrize(
    ("question", "reply", "quote"),
    [
        (
            "How many automation schemes swapping workers for machines does the Wenzhou zone mean "
            "to carry out in 2015?",
            "55 items.",
            "实施50项“机器换人”项目",
        ),
        ("瑞安2018年工业供地多少亩?", "104亩。", "工业供地1824亩"),
    ],
)
def test_what_a_lie_gives_way_to_is_what_was_asked(
    question: str, reply: str, quote: str, searcher: Searcher
) -> None:
    """Not the sentence nearest to the question's words among all that the model was shown."""
    with ScriptedEndpoint(says(reply)) as endpoint:
        model = OpenAIChatModel(Endpoint(endpoint.base_url, "sk-test", MODEL, 10.0), engine="api:x")
        answer = Assistant(searcher, lambda _: model, 8).answer(question)
    assert endpoint.requests
    assert answer.status == "answered"
    assert quote in answer.text
    assert quote in answer.citations[0].quote
