"""Sentences of the five reports ranked for a question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answer.evidence import Evidence, conforms, has_unit, rank_sentences
from rag.answer.figures import find_figures
from rag.app import App
from rag.search import measure


def ranked(app: App, question: str) -> list[Evidence]:
    found = app.assistant.search(question)
    terms = app.assistant.corpus().retriever.terms(found.query)
    return rank_sentences(found.query, found.passages, terms)


@pytest.mark.parametrize(
    ("question", "words", "figure"),
    [
        ("瑞安2018年的生产总值是多少亿元?", "实现生产总值910亿元", "910亿元"),
        ("瑞安2018年新增高新技术企业多少家?", "新增高新技术企业96家", "96家"),
        ("温州经开区2014年引进物流企业多少家?", "引进物流企业11家", "11家"),
        ("金华开发区2022年力争固定资产投资完成多少亿元?", "固定资产投资完成160亿元", "160亿元"),
        ("生态园2022年完成固定资产投资多少亿元?", "固定资产投资X亿元", "X亿元"),
        ("How many breeding sows does Jinhua plan to keep in 2022?", "能繁母猪存栏1万头", "1万头"),
        ("How many high-tech enterprises did Ruian add in 2018?", "高新技术企业96家", "96家"),
        ("How much land was supplied to industry in Ruian?", "工业供地1824亩", "1824亩"),
        ("How much export tax was refunded in Ruian?", "出口退(免)税34.3亿元", "34.3亿元"),
    ],
)
def test_of_what_conforms_the_sentence_and_figure_asked_for_come_first(
    question: str, words: str, figure: str, real_app: App
) -> None:
    best = next(evidence for evidence in ranked(real_app, question) if evidence.conforms)
    assert words in best.span.text
    assert best.claim is not None
    assert best.claim.figure.text == figure
    assert best.masked == figure.startswith("X")


def test_scores_fall_and_shares_stay_between_0_and_1(real_app: App) -> None:
    found = ranked(real_app, "瑞安2018年的生产总值是多少亿元?")
    assert [e.score for e in found] == sorted((e.score for e in found), reverse=True)
    assert all(0 <= e.coverage <= 1 and 0 <= e.claim_coverage <= 1 for e in found)


def test_a_span_and_its_citation_are_the_paragraphs_own_words(real_app: App) -> None:
    for evidence in ranked(real_app, "瑞安2018年的生产总值是多少亿元?"):
        text = evidence.passage.paragraph.text
        citation = evidence.citation()
        assert text[evidence.span.start : evidence.span.end] == evidence.span.text
        assert text[citation.start : citation.end] == citation.quote == evidence.span.text
        assert citation.marker == evidence.marker


def test_only_figures_of_the_unit_asked_for_count(real_app: App) -> None:
    for evidence in ranked(real_app, "瑞安2018年生产总值增长百分之几?"):
        assert evidence.claim is None or evidence.claim.figure.unit in ("%", "pp")


def test_without_passages_there_is_no_evidence(real_app: App) -> None:
    found = real_app.assistant.search("瑞安2018年的生产总值是多少?")
    terms = real_app.assistant.corpus().retriever.terms(found.query)
    assert rank_sentences(found.query, (), terms) == []


def test_a_sentence_conforms_to_place_year_and_kind(real_app: App) -> None:
    found = real_app.assistant.search("瑞安2018年的生产总值是多少?")
    passage = next(p for p in found.passages if "910亿元" in p.paragraph.text)
    query = replace(found.query, kind="actual")
    sentence = "预计全市实现生产总值910亿元"
    assert conforms(query, passage, sentence)
    assert not conforms(replace(query, places=("金华经济技术开发区",)), passage, sentence)
    assert not conforms(replace(query, years=(2019,)), passage, sentence)
    assert conforms(replace(query, years=(2019,)), passage, "2019年要达到这一目标")
    assert not conforms(replace(query, kind="plan"), passage, sentence)
    assert conforms(replace(query, places=(), years=(), kind=None), passage, sentence)


@pytest.mark.parametrize(
    ("figure", "units", "has"),
    [
        ("910亿元", measure.MONEY, True),
        ("3亿美元", measure.MONEY, True),
        ("7.8%", measure.SHARE, True),
        ("0.9个百分点", measure.SHARE, True),
        ("96家", measure.COUNT, True),
        ("20万", measure.COUNT, True),
        ("20万", measure.MONEY, False),
        ("3000亩", measure.AREA, True),
        ("550兆瓦", measure.POWER, True),
        ("96家", measure.MONEY, False),
        ("7.8%", measure.COUNT, False),
        ("2018年", measure.DATE, True),
        ("2018年", measure.COUNT, False),
        ("全市第三", measure.RANK, True),
        ("全市第三", measure.COUNT, False),
        ("910亿元", (), False),
    ],
)
def test_units(figure: str, units: tuple[str, ...], has: bool) -> None:
    assert has_unit(find_figures(figure)[0], units) == has


def test_relative_years_count_from_the_report(real_app: App) -> None:
    found = real_app.assistant.search("瑞安2019年计划新建多少公里绿道?")
    query = replace(found.query, years=(2018,), kind=None)
    plan = next(p for p in found.passages if p.paragraph.kind == "plan")  # of 2019
    assert conforms(query, plan, "去年完成投资38亿元")
    assert conforms(replace(query, kind="actual"), plan, "去年完成投资38亿元")
    assert not conforms(query, plan, "投资比去年增长8%")
    result = replace(query, years=(2019,), kind="actual")
    assert not conforms(result, plan, "在去年完成38亿元的基础上,力争投资40亿元")
    assert not conforms(result, plan, "2018年完成投资38亿元,今年力争40亿元")
    assert not conforms(replace(query, years=(2019,), kind="actual"), plan, "今年完成投资38亿元")


def test_what_is_told_of_five_years_is_not_of_the_last(real_app: App) -> None:
    found = real_app.assistant.search("瑞安2018年的生产总值是多少?")
    review = next(p for p in found.passages if "910亿元" in p.paragraph.text)
    average = "过去五年生产总值年均增长8%"
    assert not conforms(found.query, review, average)
    assert conforms(replace(found.query, years=tuple(range(2014, 2019))), review, average)
    assert conforms(found.query, review, "实际利用外资6200万美元,创近五年新高")
