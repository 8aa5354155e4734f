"""What the reports do not say, decided before anything is written and said in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answer.evidence import rank_sentences
from rag.answer.silence import Silence, coverage_line, not_covered, say, silent, stated
from rag.app import App
from rag.corpus.catalogue import load_catalogue
from rag.search.places import PlaceNames
from rag.search.understand import understand
from rag.types import Query, ReportInfo


@pytest.fixture(scope="module")
def reports(seeds: Path) -> list[ReportInfo]:
    """The five reports."""
    return list(load_catalogue(seeds).values())


def query_of(question: str, reports: list[ReportInfo]) -> Query:
    return understand(question, PlaceNames(report.place for report in reports))


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("杭州2021年的GDP是多少?", "place"),
        ("What was Shanghai's GDP in 2021?", "place"),
        ("瑞安2010年的生产总值是多少?", "year"),
        ("What was Ruian's GDP in 2021?", "year"),
        ("2030年的目标是什么?", "year"),
        ("金华开发区2018年的财政收入是多少?", "year"),
        ("瑞安2018年的生产总值是多少?", None),
        ("瑞安2019年的目标是什么?", None),
        ("瑞安与杭州相比如何?", None),
        ("十四五期间温州经开区有哪些亮点?", None),
        ("2022年的目标是什么?", None),
        ("生产总值是多少?", None),
    ],
)
def test_places_and_years_that_no_report_is_of(
    question: str, reason: str | None, reports: list[ReportInfo]
) -> None:
    silence = not_covered(query_of(question, reports), reports)
    assert (silence.reason if silence else None) == reason


def test_an_empty_corpus_covers_no_year() -> None:
    assert not_covered(query_of("2018年的目标是什么?", []), []) == Silence("year")


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("杭州2021年的GDP是多少?", ("没有杭州的报告", "瑞安市", "2018年实绩", "2019年计划")),
        ("瑞安2010年的GDP是多少?", ("没有2010年", "瑞安市")),
        ("What was Shanghai's GDP in 2021?", ("no report of Shanghai", "Ruian", "2018 results")),
        ("What was Ruian's GDP in 2010?", ("no such report for 2010", "Ruian (2018 results")),
    ],
)
def test_a_refusal_names_what_is_missing_and_lists_what_there_is(
    question: str, says: tuple[str, ...], reports: list[ReportInfo]
) -> None:
    query = query_of(question, reports)
    silence = not_covered(query, reports)
    assert silence
    text = say(silence, query, reports)
    for words in says:
        assert words in text


def test_every_place_and_period_is_listed_once(reports: list[ReportInfo]) -> None:
    zh, en = coverage_line(reports, zh=True), coverage_line(reports, zh=False)
    for report in reports:
        assert zh.count(report.place.zh) == 1
        assert en.count(f"{report.place.en} (") == 1
        assert report.reviews in zh
        assert report.plans in en
    assert en.isascii()


def stated_in(app: App, question: str) -> list[str]:
    found = app.assistant.search(question)
    terms = app.assistant.corpus().retriever.terms(found.query)
    ranked = rank_sentences(found.query, found.passages, terms)
    return [evidence.span.text for evidence in stated(found.query, ranked, terms)]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("瑞安2018年的生产总值是多少亿元?", "910亿元"),
        ("金华开发区2022年计划新增专技人才多少人?", "2000人以上"),
        ("How many breeding sows does Jinhua plan to keep in 2022?", "1万头"),
        ("科兴路东延什么时候能通车?", "预计年底"),
        ("瑞安2018年一般公共预算收入占财政总收入的百分之几?", "71.1亿元"),
        ("What happened to the number of criminal cases in Ruian in 2018?", "下降5.9%"),
        ("R&D spending as a share of GDP: what did Ruian target for 2019?", "2.7%"),
    ],
)
def test_what_is_said_is_stated(question: str, words: str, real_app: App) -> None:
    assert words in stated_in(real_app, question)[0]


@pytest.mark.parametrize(
    "question",
    [
        "瑞安2018年的常住人口是多少人?",
        "瑞安2018年的地铁票价是多少元?",
        "瑞安2018年人均GDP是多少元?",
        "温州经开区2021年出口增长多少?",
        "温州经开区2021年R&D经费占GDP的比重具体是百分之几?",
        "瑞安税收占一般公共预算收入的比重是多少?",
        "What was the urbanization rate of Ruian in 2018?",
        "How many aircraft landed in Jinhua in 2022?",
        "瑞安2018年一般公共预算支出总额",
        "金华开发区2022年一共有多少家高新技术企业?",
        "瑞安2018年新开了多少条公交线路?",
        "How many new bus routes did Ruian open in 2018?",
        "瑞安2018年高考一段上线人数是多少?",
        "How much merchandise did the live-streaming supply base in Ruian sell?",
        "What is the recipe for sweet and sour pork?",
    ],
)
def test_what_is_not_said_is_not_stated(question: str, real_app: App) -> None:
    assert stated_in(real_app, question) == []


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("瑞安2018年的常住人口是多少人?", "报告没有说明这一点"),
        ("How many people lived in Ruian in 2018?", "do not state this"),
    ],
)
def test_a_silence_quotes_the_nearest_sentence(question: str, says: str, real_app: App) -> None:
    found = real_app.assistant.search(question)
    corpus = real_app.assistant.corpus()
    ranked = rank_sentences(found.query, found.passages, corpus.retriever.terms(found.query))
    silence = silent(ranked)
    text = say(silence, found.query, corpus.index.infos())
    if silence.nearest:
        assert says in text
        assert silence.nearest.span.text in text
        assert text.endswith("[1]")
    else:
        assert silence.reason == "off_topic"


def test_nothing_found_is_off_topic(reports: list[ReportInfo]) -> None:
    assert silent([]) == Silence("off_topic")
    for question, words in (("今天天气如何?", "范围之内"), ("How is the weather?", "outside")):
        assert words in say(Silence("off_topic"), query_of(question, reports), reports)
