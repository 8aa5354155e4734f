"""A question about a report as a whole is answered with what opens its parts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answer.overview import as_overview, overview
from rag.app import App
from rag.index.ingest import make_tokenizer
from rag.search.overview import overview_likely
from rag.search.terms import Terms
from rag.types import Overview, Query
from tests.answers import assert_sound
from tests.conftest import Corpus

QUERY = Query("?", "?", "", "zh", places=("北山县",))
REPORT = (
    "2022年北山县政府工作报告",
    "--2022年1月5日在北山县第九届人民代表大会第一次会议上",
    "一、2021年工作回顾",
    "一年来,全县上下团结奋斗。实现生产总值125亿元,增长8.1%;财政总收入12亿元;进出口总额X亿元。",
    "(一)工业持续壮大。新增企业30家。",
    "(二)城乡更加美丽。拆除违章建筑12万平方米。",
    "我们也清醒地看到,发展还不平衡。公共服务仍有短板。我们将努力工作。",
    "二、2022年重点工作",
    "(一)聚力招商引资",
    "引进项目20个。",
    "(二)聚力改善民生",
    "建成学校3所。",
)


def lines(corpus: Corpus, query: Query) -> list[str]:
    found = overview(query, corpus.open())
    for evidence in found:
        text = evidence.passage.paragraph.text
        assert text[evidence.span.start : evidence.span.end] == evidence.span.text
    anchors = list(dict.fromkeys(e.passage.anchor for e in found))
    assert [e.marker for e in found] == [1 + anchors.index(e.passage.anchor) for e in found]
    return [evidence.span.text for evidence in found]


@pytest.mark.parametrize(
    ("part", "opening"),
    [
        (
            "results",
            [
                "实现生产总值125亿元,增长8.1%;",
                "财政总收入12亿元;",
                "(一)工业持续壮大。",
                "(二)城乡更加美丽。",
            ],
        ),
        ("plans", ["(一)聚力招商引资", "(二)聚力改善民生"]),
        ("problems", ["我们也清醒地看到,发展还不平衡。", "公共服务仍有短板。"]),
    ],
)
def test_what_opens_a_part(part: Overview, opening: list[str], corpus: Corpus) -> None:
    corpus.write("north.txt", *REPORT)
    corpus.ingest()
    assert lines(corpus, replace(QUERY, overview=(part,))) == opening
    other = replace(QUERY, places=("南河市",), overview=(part,))
    assert lines(corpus, other) == []


def test_of_the_year_asked_for_or_else_the_latest_report(corpus: Corpus) -> None:
    corpus.write("north.txt", *REPORT)
    corpus.write("before.txt", *(line.replace("2022", "2019") for line in REPORT[:1]), *OLDER)
    corpus.ingest()
    plans = replace(QUERY, overview=("plans",))
    assert lines(corpus, plans) == ["(一)聚力招商引资", "(二)聚力改善民生"]
    assert lines(corpus, replace(plans, years=(2019,))) == ["(一)推进改革。", "(二)扩大开放。"]
    assert lines(corpus, replace(plans, years=(2018,))) == []
    # Of the report of that year, whatever year its parts are of.
    of_report = replace(plans, standalone="2019年报告", years=(2019,), overview=("results",))
    assert lines(corpus, of_report) == ["(一)项目提速。", "(二)环境变好。"]


def test_a_report_without_headings_is_not_opened_by_them(corpus: Corpus) -> None:
    corpus.write("north.txt", *(line for line in REPORT if not line.startswith("(")))
    corpus.ingest()
    index = corpus.open()
    terms = Terms((), (), make_tokenizer((), index.infos(), corpus.data_dir)[0])
    for part, years, kept in (("plans", (2022,), ()), ("results", (2022,), ("results",))):
        query = replace(QUERY, years=years, overview=(part,))
        assert lines(corpus, query) == []
        # What it does not have at all is said; what it has in another form is searched for.
        assert as_overview(query, (), terms, index)[0].overview == kept


def test_totals_are_of_the_year_itself(corpus: Corpus) -> None:
    since = "五年来,生产总值从80亿元增加到125亿元,财政收入从6亿元增加到12亿元,年均增长8%。"
    corpus.write("north.txt", *REPORT[:3], since, *REPORT[3:])
    corpus.ingest()
    assert "五年来" not in "".join(lines(corpus, replace(QUERY, overview=("results",))))


@pytest.mark.parametrize(
    "said",
    [
        "存在问题的企业全部整改,新增车位800个,缓解停车难问题。",
        "着力解决群众关心的问题。",
    ],
)
def test_what_was_solved_is_no_problem_admitted(said: str, corpus: Corpus) -> None:
    corpus.write("north.txt", *REPORT[:6], said, *REPORT[7:])
    corpus.ingest()
    assert lines(corpus, replace(QUERY, overview=("problems",))) == []


OLDER = (
    "--2019年1月8日在北山县第八届人民代表大会第三次会议上",
    "一、2018年工作回顾",
    "(一)项目提速。开工30个。",
    "(二)环境变好。植树300亩。",
    "二、2019年重点工作",
    "(一)推进改革。改革10项。",
    "(二)扩大开放。引资2亿元。",
)


@pytest.mark.parametrize(
    ("question", "labels", "said"),
    [
        ("瑞安2018年取得了哪些成绩?", ["瑞安市（2018年实绩）"], ["生产总值910亿元", "(八)着力"]),
        (
            "Compare the priorities of Ruian in 2019 and Jinhua in 2022.",
            ["Ruian (2019 plan)", "Jinhua Economic and Technological Development Zone (2022 plan)"],
            ["(二)坚定不移强支撑", "(七)打通体系鸿沟"],
        ),
        ("瑞安政府承认存在哪些不足?", ["瑞安市（2018年实绩）"], ["不平衡不充分", "短板"]),
        (
            "温州经开区2014年的成绩和2022年的计划分别是什么?",
            ["温州经济技术开发区（2014年实绩）", "温州经济技术开发区（2022年计划）"],
            ["(七)民生保障", "(六)全力以赴"],
        ),
    ],
)
def test_each_line_is_cited(
    question: str, labels: list[str], said: list[str], real_app: App
) -> None:
    answer = real_app.assistant.answer(question, engine="extractive")
    assert answer.status == "answered"
    assert not answer.problems
    assert all(label in answer.text for label in labels)
    assert all(words in answer.text for words in said)
    assert all("[" in line for line in answer.text.splitlines()[1:])
    assert_sound(answer)


def test_a_place_of_several_that_admits_none_is_named(real_app: App) -> None:
    question = "对比瑞安和金华开发区承认的不足"
    answer = real_app.assistant.answer(question, engine="extractive")
    assert "短板" in answer.text
    assert answer.text.endswith("报告没有说明\uff1a\u201c金华经济技术开发区\u201d。")


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("瑞安2019年取得了哪些成绩?", "没有2019年的相应报告"),
        ("What challenges does Jinhua admit?", "do not state this"),
    ],
)
def test_a_part_that_no_report_has(question: str, says: str, real_app: App) -> None:
    answer = real_app.assistant.answer(question, engine="extractive")
    assert answer.status == "not_found"
    assert says in answer.text


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("瑞安2018年交出了一份怎样的答卷?", "(一)着力振兴实体经济"),
        ("So, was 2022 any good for the Qianwan eco-park?", "(一)凝心聚力"),
        ("where is qianwan ecopark headed in 2023", "(一)始终坚持招商引资"),
        ("What still isn't working in Rui'an, by its own account?", "不平衡不充分"),
    ],
)
def test_words_that_only_likely_ask_for_an_overview(
    question: str, says: str, real_app: App
) -> None:
    answer = real_app.assistant.answer(question, engine="extractive")
    assert (answer.status, says in answer.text) == ("answered", True)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("生态园党建工作2022年总结", "党建"),
        ("Digital reform priorities Jinhua ETDZ 2022", "数字化改革"),
        ("温州经开区2021年疫情防控做得怎么样?", "疫情防控"),
    ],
)
def test_what_a_sentence_states_is_no_overview(question: str, says: str, real_app: App) -> None:
    answer = real_app.assistant.answer(question, engine="extractive")
    assert (answer.query.overview, says in answer.text) == ((), True)


def test_a_likely_overview_gives_way_to_a_sentence_that_states_it(real_app: App) -> None:
    question = "瑞安2018年解决了哪些问题?"
    assert overview_likely(real_app.assistant.corpus().understand(question).subject)
    answer = real_app.assistant.answer(question, engine="extractive")
    assert (answer.query.overview, "整改" in answer.text) == ((), True)
