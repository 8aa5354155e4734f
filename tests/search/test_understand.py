"""Questions as understood: the hand-checked table, conversations, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from rag.app import App
from rag.corpus.catalogue import load_catalogue
from rag.errors import QuestionError
from rag.search import measure
from rag.search.places import PlaceNames
from rag.search.understand import MAX_CHARACTERS, excluded_words, fold, understand
from rag.types import Kind, Query, Turn
from tests.wording import assert_sentence

PLACES = {
    "ruian": "瑞安市",
    "wenzhou": "温州经济技术开发区",
    "jinhua": "金华经济技术开发区",
    "qianwan": "前湾新区生态园",
}
UNITS = {
    "money": measure.MONEY,
    "share": measure.SHARE,
    "count": measure.COUNT,
    "area": measure.AREA,
    "length": measure.LENGTH,
    "date": measure.DATE,
    "rank": measure.RANK,
    "power": measure.POWER,
    "weight": measure.WEIGHT,
    "times": measure.TIMES,
    "none": (),
}
TABLE: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("questions.yaml").read_text("utf-8")
)


@pytest.fixture(scope="module")
def names(seeds: Path) -> PlaceNames:
    """The places of the five reports."""
    return PlaceNames(info.place for info in load_catalogue(seeds).values())


def rows() -> list[Any]:
    """One parameter a question; a known gap must fail until it is closed."""
    params = []
    for number, row in enumerate(TABLE):
        gap = row.get("known_gap")
        marks = [pytest.mark.xfail(reason=gap, strict=True)] if gap else []
        params.append(pytest.param(row, id=f"{row['language']} {number}", marks=marks))
    return params


@pytest.mark.parametrize("row", rows())
def test_a_question_is_understood_as_it_reads(row: dict[str, Any], names: PlaceNames) -> None:
    query = understand(row["question"], names)
    understood = {
        "language": query.language,
        "places": sorted(query.places),
        "unknown": list(query.unknown_places),
        "years": list(query.years),
        "kind": query.kind,
        "listing": query.listing,
    }
    assert understood == {
        "language": row["language"],
        "places": sorted(PLACES[place] for place in row.get("places", ())),
        "unknown": row.get("unknown", []),
        "years": row.get("years", []),
        "kind": row.get("kind"),
        "listing": row.get("listing", False),
    }
    if "units" in row:
        assert query.units == UNITS[row["units"]]


def test_the_table_is_large_and_even() -> None:
    questions = [row["question"] for row in TABLE]
    assert len(set(questions)) == len(questions) >= 85
    assert 0.4 <= sum(row["language"] == "zh" for row in TABLE) / len(TABLE) <= 0.6
    folded_differently = [
        q for q in questions if "".join(q.split()) != fold(q).replace(" ", "") and "\uff11" not in q
    ]
    assert sum(any("\u4e00" <= c <= "\u9fff" for c in q) for q in folded_differently) >= 8
    assert sum("known_gap" in row for row in TABLE) <= 5


# Conversations


@dataclass(frozen=True)
class Talk:
    """A conversation: earlier questions, the last one, and what that one asks for.

    `says` are words of the standalone question, `omits` words that it must not hold.
    """

    before: tuple[str, ...]
    question: str
    places: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    kind: Kind | None = None
    says: tuple[str, ...] = ()
    omits: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


TALKS = {
    "year of before, next place": Talk(
        ("瑞安2018年的生产总值是多少?",),
        "温州经开区呢?",
        ("wenzhou",),
        (2018,),
        says=("温州经济技术开发区", "2018年", "生产总值"),
        omits=("瑞安",),
    ),
    "place and subject of before, next year": Talk(
        ("瑞安2018年的社会消费品零售总额增长多少?",),
        "那2019年呢?",
        ("ruian",),
        (2019,),
        says=("瑞安市", "2019年", "社会消费品零售总额"),
        omits=("2018",),
    ),
    "place and year of before, next subject": Talk(
        ("瑞安2018年的生产总值是多少?",),
        "财政总收入呢?",
        ("ruian",),
        (2018,),
        says=("瑞安市", "2018年", "财政总收入"),
        omits=("生产总值",),
    ),
    "kind of before": Talk(
        ("金华开发区2022年固定资产投资的目标是多少?",),
        "社会消费品零售总额呢?",
        ("jinhua",),
        (2022,),
        "plan",
        says=("社会消费品零售总额", "目标"),
    ),
    "the year before": Talk(
        ("温州经开区2015年社会消费品零售总额的目标是多少?",),
        "上一年实际完成了多少?",
        ("wenzhou",),
        (2014,),
        "actual",
        says=("2014年", "社会消费品零售总额"),
        omits=("目标",),
    ),
    "the following year": Talk(
        ("瑞安2018年服务业增加值增长多少?",),
        "第二年的目标是多少?",
        ("ruian",),
        (2019,),
        "plan",
        says=("2019年", "服务业增加值", "目标"),
    ),
    "what was counted before": Talk(
        ("瑞安2018年新增了几家高新技术企业?",),
        "那第二年打算培育多少家?",
        ("ruian",),
        (2019,),
        "plan",
        says=("2019年", "高新技术企业", "培育多少家"),
    ),
    "what was counted before, in English": Talk(
        ("How many high-tech enterprises did Ruian add in 2018?",),
        "And how many do they plan to cultivate the year after?",
        ("ruian",),
        (2019,),
        "plan",
        says=("high-tech enterprises", "cultivate", "2019"),
    ),
    "three turns": Talk(
        ("瑞安2018年的生产总值是多少?", "财政总收入呢?"),
        "增长了多少?",
        ("ruian",),
        (2018,),
        says=("瑞安市", "2018年"),
    ),
    "traditional characters": Talk(
        ("瑞安2018年的財政總收入是多少?",),
        "溫州經開區呢?",
        ("wenzhou",),
        (2018,),
        says=("财政总收入",),
    ),
    "a place no report covers": Talk(
        ("瑞安2018年的生产总值是多少?",),
        "杭州呢?",
        (),
        (2018,),
        unknown=("杭州",),
        omits=("瑞安",),
    ),
    "English: next place": Talk(
        ("What GDP growth does Ruian target for 2019?",),
        "And Jinhua?",
        ("jinhua",),
        (2019,),
        "plan",
        says=("Jinhua", "2019", "GDP growth"),
        omits=("Ruian",),
    ),
    "English: another's": Talk(
        ("What GDP growth does Ruian target for 2019?",),
        "And Wenzhou ETDZ's for 2015?",
        ("wenzhou",),
        (2015,),
        "plan",
        says=("2015", "GDP growth"),
        omits=("Ruian", "'s"),
    ),
    "English: next year": Talk(
        ("How much did retail sales grow in Ruian in 2018?",),
        "What about 2019?",
        ("ruian",),
        (2019,),
        says=("Ruian", "2019", "retail sales"),
        omits=("2018",),
    ),
    "English: next subject": Talk(
        ("What was Ruian's GDP in 2018?",),
        "And its fiscal revenue?",
        ("ruian",),
        (2018,),
        says=("Ruian", "2018", "fiscal revenue"),
        omits=("GDP",),
    ),
    "English: there": Talk(
        ("What was the industrial output of Wenzhou ETDZ in 2014?",),
        "How many logistics companies were brought in there that year?",
        ("wenzhou",),
        (2014,),
        says=("logistics companies", "2014"),
    ),
    "how much it grew": Talk(
        ("瑞安2018年外贸出口总额是多少?",),
        "增长了多少?",
        ("ruian",),
        (2018,),
        says=("外贸出口总额", "增长"),
    ),
    "how much it grew, in English": Talk(
        ("What were retail sales in Ruian in 2018?",),
        "By how much did they grow?",
        ("ruian",),
        (2018,),
        says=("retail sales", "grow"),
    ),
    "at what rate it is to grow": Talk(
        ("瑞安2018年外贸出口总额是多少?",),
        "2019年的目标增速呢?",
        ("ruian",),
        (2019,),
        "plan",
        says=("外贸出口总额", "增速"),
    ),
    "where it ranks": Talk(
        ("温州经开区2021年规上工业增加值增长多少?",),
        "全市排第几?",
        ("wenzhou",),
        (2021,),
        says=("规上工业增加值", "第几"),
    ),
    "from Chinese to English": Talk(
        ("瑞安2018年的生产总值是多少?",),
        "What about fiscal revenue?",
        ("ruian",),
        (2018,),
        says=("Ruian", "fiscal revenue"),
    ),
    "a new question stands alone": Talk(
        ("瑞安2018年的生产总值是多少?",),
        "金华开发区2022年计划新增多少名专技人才?",
        ("jinhua",),
        (2022,),
        "plan",
        omits=("瑞安", "2018"),
    ),
    "a listing is over all places": Talk(
        ("瑞安2018年的生产总值是多少?",),
        "哪些报告提到了飞地?",
        omits=("瑞安", "2018"),
    ),
}


@pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
def test_a_follow_up_is_made_whole(talk: Talk, names: PlaceNames) -> None:
    query = understand(talk.question, names, history(*talk.before))
    assert (query.places, query.unknown_places, query.years, query.kind) == (
        tuple(PLACES[place] for place in talk.places),
        talk.unknown,
        talk.years,
        talk.kind,
    )
    assert query.question == talk.question
    for words in talk.says:
        assert words in query.standalone
    for words in talk.omits:
        assert words not in query.standalone


def history(*questions: str) -> list[Turn]:
    """Turns of a conversation, with answers in between that name other places and years."""
    turns = []
    for question in questions:
        turns += [
            Turn("user", question),
            Turn("assistant", "金华开发区2030年的计划见报告 [1]。"),
        ]
    return turns


def test_what_the_assistant_said_is_not_asked(names: PlaceNames) -> None:
    only_answers = [Turn("assistant", "瑞安2018年生产总值910亿元 [1]。")]
    assert understand("增长多少?", names, only_answers) == understand("增长多少?", names)


def test_the_same_follow_up_alone_is_left_as_it_is(names: PlaceNames) -> None:
    query = understand("那2019年呢?", names)
    assert (query.places, query.years, query.kind) == ((), (2019,), None)


def test_a_standalone_question_means_the_same_alone(names: PlaceNames) -> None:
    for talk in TALKS.values():
        whole = understand(talk.question, names, history(*talk.before))
        if not whole.unknown_places:
            again = understand(whole.standalone, names)
            assert (again.places, again.years) == (whole.places, whole.years)


# Spellings


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("\uff12\uff10\uff11\uff18\u5e74", "2018年"),
        ("二〇一八年", "2018年"),
        ("二零一八年", "2018年"),
        ("一九九二年", "1992年"),
        ("\uff27\uff24\uff30\uff1f", "GDP?"),
        ("財政總收入", "财政总收入"),
        ("瑞安\u3000GDP", "瑞安 GDP"),
        ("十四五", "十四五"),
        ("三年行动", "三年行动"),
    ],
)
def test_folding(written: str, plain: str) -> None:
    assert fold(written) == plain
    assert fold(plain) == plain


@pytest.mark.parametrize(
    "question",
    [
        "瑞安2018年的财政总收入是多少?",
        "瑞安\uff12\uff10\uff11\uff18年的财政总收入是多少\uff1f",
        "瑞安二〇一八年的财政总收入是多少?",
        "瑞安2018年的財政總收入是多少?",
    ],
)
def test_spellings_of_one_question_are_one_question(question: str, names: PlaceNames) -> None:
    query = understand(question, names)
    assert query.standalone == "瑞安2018年的财政总收入是多少?"
    assert query.question == question
    assert query.subject == understand("瑞安2018年的财政总收入是多少?", names).subject


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("瑞安2018年拿了啥奖?", "瑞安2018年拿了什么奖?"),
        ("污水厂几时建成?", "污水厂什么时候建成?"),
        ("为啥要修这条路?", "为什么要修这条路?"),
        ("人才房在哪儿?", "人才房在哪里?"),
        ("地铁几号线开工了?", "地铁几号线开工了?"),
        ("固定资产投了多少钱?", "固定资产投资投了多少钱?"),
        ("固定资产想砸多少钱?", "固定资产投资想砸多少钱?"),
        ("固定资产总投资多少?", "固定资产总投资多少?"),
        ("固定资产投资多少?", "固定资产投资多少?"),
    ],
)
def test_spoken_words_of_asking_are_written_ones(
    spoken: str, written: str, names: PlaceNames
) -> None:
    assert understand(spoken, names).standalone == written


def test_the_subject_is_without_place_and_year(names: PlaceNames) -> None:
    zh: Query = understand("瑞安2018年的财政总收入是多少?", names)
    assert "财政总收入" in zh.subject
    assert not any(words in zh.subject for words in ("瑞安", "2018"))
    en = understand("What was Ruian's fiscal revenue in 2018?", names)
    assert "fiscal revenue" in en.subject
    assert not any(words in en.subject for words in ("Ruian", "2018"))


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("十四五期间的目标", (2021, 2022, 2023, 2024, 2025)),
        ("“十三五”期间的目标", (2016, 2017, 2018, 2019, 2020)),
        ("十四五开局之年2021年的增速", (2021,)),
        ("the 13th Five-Year Plan", (2016, 2017, 2018, 2019, 2020)),
        ("2018-2020年的增速", (2018, 2019, 2020)),
        ("增速2018.5是什么", ()),
        ("12018家企业", ()),
    ],
)
def test_years(question: str, years: tuple[int, ...], names: PlaceNames) -> None:
    assert understand(question, names).years == years


# Refusals


@pytest.mark.parametrize("question", ["", "  ", "\n\t", "\u3000"])
def test_an_empty_question_is_refused(question: str, names: PlaceNames) -> None:
    with pytest.raises(QuestionError) as refused:
        understand(question, names)
    assert_sentence_or_example(str(refused.value), "empty")


def assert_sentence_or_example(message: str, *says: str) -> None:
    """Like assert_sentence, for one that ends with a question as its example."""
    assert_sentence(message.rstrip("?") + ".", *says)


def test_the_longest_question_is_taken_and_one_longer_is_refused(names: PlaceNames) -> None:
    understand("问" * MAX_CHARACTERS, names)
    with pytest.raises(QuestionError) as refused:
        understand("问" * (MAX_CHARACTERS + 1), names)
    assert_sentence(str(refused.value), str(MAX_CHARACTERS), str(MAX_CHARACTERS + 1))


def test_a_long_turn_before_does_not_matter(names: PlaceNames) -> None:
    before = [Turn("user", "瑞安2018年的生产总值" + "很" * 3000)]
    assert understand("增长多少?", names, before).places == ("瑞安市",)


def test_what_is_said_not_to_be_meant_is_no_subject(names: PlaceNames) -> None:
    question = "瑞安2018年新开了几家城市书房(不算百姓书屋、文化驿站)"
    assert "百姓书屋" not in understand(question, names).subject
    assert excluded_words(question) == {"百姓书屋", "文化驿站"}
    for question in ("是不是下降了?", "出口不是下降了吗?", "不是出口而是进口多少?", "不算多少?"):
        assert excluded_words(question) == frozenset()
        assert understand(question, names).subject


def test_the_questions_of_a_message_share_place_and_year(names: PlaceNames) -> None:
    first, second = understand("瑞安2018年引进人才多少人,新增高企多少家?", names).parts
    assert first.places == second.places == (PLACES["ruian"],)
    assert first.years == second.years == (2018,)
    assert (first.subject, second.subject) == ("引进人才多少人", "新增高企多少家")
    assert "瑞安" in second.standalone


def test_a_message_over_several_places_at_once_is_not_taken_apart(names: PlaceNames) -> None:
    question = "瑞安和金华开发区引进人才多少人,新增高企多少家?"
    assert understand(question, names).parts == ()


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("2019年瑞安市政府工作报告里说去年完成了多少公里污水管网?", (2018,)),
        ("How many complaints did Ruian close, per its 2019 report?", (2018,)),
        ("What target does Ruian's 2019 work report set for GDP?", (2019,)),
        ("How many firms did Qianwan eco-park's 2022 report say were rated A?", (2022,)),
        ("How many firms did the Wenzhou zone add in 2014?", (2014,)),
    ],
)
def test_a_report_tells_of_the_year_it_reviews(
    question: str, years: tuple[int, ...], real_app: App
) -> None:
    assert real_app.assistant.corpus().understand(question).years == years
