"""Retrieval over the five reports: the right paragraph comes first or nearly so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.app import App
from rag.search.retrieve import LEGS, Weights, cells, preferences
from rag.types import Passage

QUESTIONS = [
    ("瑞安2018年的生产总值是多少?", "ruian-2019", "预计全市实现生产总值910亿元"),
    ("瑞安2018年垦造耕地多少亩?", "ruian-2019", "垦造耕地3000亩"),
    ("2019年瑞安计划培育高新技术企业多少家?", "ruian-2019", "培育高新技术企业120家"),
    ("温州经开区2014年引进物流企业多少家?", "wenzhou-etdz-2015", "引进物流企业11家"),
    ("温州经开区2015年新建污水管网多少公里?", "wenzhou-etdz-2015", "新建污水管网35.23公里"),
    ("温州经开区2021年有几家企业入选国家级专精特新小巨人?", "wenzhou-etdz-2022", "“小巨人”3家"),
    ("金华开发区2022年要完成多少家低效工业用地企业整治提升?", "jinhua-etdz-2022", "整治提升120家"),
    ("生态园2022年授权入库专利数是多少?", "qianwan-ecopark-2022", "授权入库专利数X项"),
    ("What was Ruian's general public budget revenue in 2018?", "ruian-2019", "收入71.1亿元"),
    ("How many public toilets were upgraded in Ruian in 2018?", "ruian-2019", "公厕1731座"),
    (
        "What was the industrial output of Wenzhou ETDZ in 2014?",
        "wenzhou-etdz-2015",
        "实现工业总产值626.6亿元",
    ),
    (
        "How many megawatts is the fishery-solar plant of Wenzhou ETDZ that was finished in 2021?",
        "wenzhou-etdz-2022",
        "550兆瓦渔光互补顺利并网发电",
    ),
    ("How many breeding sows does Jinhua plan to keep?", "jinhua-etdz-2022", "母猪存栏1万头"),
    (
        "How much foreign investment did the Qianwan ecological park attract in 2022?",
        "qianwan-ecopark-2022",
        "实际利用外资X万美元",
    ),
]  # fmt: skip


def found(app: App, question: str, k: int = 8) -> tuple[Passage, ...]:
    return app.assistant.search(question, k).passages


@pytest.mark.parametrize(
    ("question", "report", "words"), QUESTIONS, ids=[f"{n} {q[1]}" for n, q in enumerate(QUESTIONS)]
)
def test_the_paragraph_that_says_it_is_among_the_first_three(
    question: str, report: str, words: str, real_app: App
) -> None:
    first_three = found(real_app, question)[:3]
    assert any(p.info.id == report and words in p.paragraph.text for p in first_three)


def test_it_mostly_comes_first(real_app: App) -> None:
    first = [
        words in found(real_app, question)[0].paragraph.text for question, _, words in QUESTIONS
    ]
    assert sum(first) >= len(QUESTIONS) - 3


@pytest.mark.parametrize(
    "question",
    [
        "瑞安的数字化改革做得怎么样?",
        "温州经开区的一般公共预算收入是多少?",
        "What does Ruian say about the 550 MW fishery-solar plant?",
        "What did the ecological park do for its breeding sows?",
        "瑞安的能繁母猪有多少头?",
        "金华开发区的污水管网有多长?",
        "生态园的垃圾分类村有多少个?",
        "How many logistics companies came to Jinhua ETDZ?",
    ],
)
def test_a_place_that_is_named_comes_first(question: str, real_app: App) -> None:
    result = real_app.assistant.search(question)
    assert len(result.query.places) == 1
    assert result.passages[0].info.place.zh == result.query.places[0]


@pytest.mark.parametrize(("question", "report", "words"), QUESTIONS)
def test_the_first_is_of_the_place_named(
    question: str, report: str, words: str, real_app: App
) -> None:
    result = real_app.assistant.search(question)
    first = result.passages[0].info
    assert result.query.places in ((), (first.place.zh,))


def test_two_places_take_turns(real_app: App) -> None:
    result = real_app.assistant.search("瑞安和金华开发区的研发经费支出占比目标各是多少?")
    assert len(cells(result.query)) == 2
    assert {p.info.id for p in result.passages[:2]} == {"ruian-2019", "jinhua-etdz-2022"}
    assert all(
        "研发经费" in p.paragraph.text or "R&D" in p.paragraph.text for p in result.passages[:2]
    )


@pytest.mark.parametrize(
    "question", ["哪些报告提到了数字化改革?", "Which reports mention land sales?"]
)
def test_a_listing_gives_the_best_of_each_report_first(question: str, real_app: App) -> None:
    passages = found(real_app, question)
    reports = [p.info.id for p in passages]
    assert len(set(reports[:5])) == 5
    for report in set(reports):
        of_report = [p.score for p in passages if p.info.id == report]
        assert of_report == sorted(of_report, reverse=True)


@pytest.mark.parametrize("question", [QUESTIONS[0][0], QUESTIONS[8][0], "哪些报告提到了飞地?", "?"])
def test_the_legs_add_up_to_the_score(question: str, real_app: App) -> None:
    for passage in found(real_app, question):
        assert set(passage.legs) == {*LEGS, "place", "year", "kind"}
        assert sum(passage.legs.values()) == pytest.approx(passage.score)


@pytest.mark.parametrize("question", [QUESTIONS[0][0], QUESTIONS[9][0]])
def test_every_leg_speaks_for_a_question_in_either_language(question: str, real_app: App) -> None:
    best = found(real_app, question)[0]
    assert all(best.legs[leg] > 0 for leg in LEGS)


def test_a_year_told_in_passing_counts_half(real_app: App) -> None:
    """Else the plan's part of a report would hide what it tells of the year before."""
    passage = next(p for p in found(real_app, QUESTIONS[2][0]) if p.paragraph.kind == "plan")
    query = real_app.assistant.search("瑞安2018年的投资").query
    of_last_year = replace(passage.paragraph, text="去年完成投资38亿元")
    for paragraph, year in ((passage.paragraph, 0.0), (of_last_year, 2.0)):
        parts = preferences(query, passage.info, paragraph, Weights(year=4))
        assert parts["year"] == year
    parts = preferences(replace(query, years=(2019,)), passage.info, of_last_year, Weights(year=4))
    assert parts["year"] == 4


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("出让的工业用地", "供地"),
        ("多少家企业上了云", "上云"),
        ("完成了投资", "投资"),
        ("为了解企业", "了解"),
    ],
)
def test_what_is_done_is_the_same_word(text: str, word: str, real_app: App) -> None:
    groups = real_app.assistant.corpus().retriever.terms_of(text, "zh").groups
    assert any(word in run for group in groups for run in group)


def test_passages_come_best_first_and_each_once(real_app: App) -> None:
    for question, _, _ in QUESTIONS[:4]:
        passages = found(real_app, question)
        assert [p.score for p in passages] == sorted((p.score for p in passages), reverse=True)
        assert len({p.anchor for p in passages}) == len(passages) == 8


def test_headings_are_not_found_and_chunks_lie_in_their_paragraph(real_app: App) -> None:
    for question, _, _ in QUESTIONS[:6]:
        for passage in found(real_app, question, 20):
            assert not passage.paragraph.is_heading
            assert passage.best_chunk in passage.paragraph.text
            assert passage.best_chunk
            for start, end, _ in passage.chunks:
                assert 0 <= start < end <= len(passage.paragraph.text)


def test_k_is_how_many_there_are_at_most(real_app: App) -> None:
    assert len(found(real_app, QUESTIONS[0][0], 1)) == 1
    assert found(real_app, QUESTIONS[0][0], 3) == found(real_app, QUESTIONS[0][0], 8)[:3]
    everything = found(real_app, QUESTIONS[0][0], 1000)
    assert len({p.anchor for p in everything}) == len(everything) > 50


def test_the_same_question_finds_the_same(real_app: App) -> None:
    assert found(real_app, QUESTIONS[1][0]) == found(real_app, QUESTIONS[1][0])
