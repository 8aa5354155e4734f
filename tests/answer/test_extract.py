"""Answers without a language model over the five reports."""

from __future__ import annotations

import pytest

from rag.answer.comparison import label
from rag.answer.evidence import Evidence, rank_sentences
from rag.answer.extract import (
    LEAD,
    NO_REASON,
    choose,
    compute,
    extract,
    first_of_each_report,
    quoted,
)
from rag.answer.silence import stated
from rag.app import App
from rag.search.terms import Terms
from rag.types import EXTRACTIVE, Draft, Passage, Query


def evidence(app: App, question: str) -> tuple[Query, list[Evidence], tuple[Passage, ...], Terms]:
    found = app.assistant.search(question)
    terms = app.assistant.corpus().retriever.terms(found.query)
    ranked = rank_sentences(found.query, found.passages, terms)
    answers = stated(found.query, ranked, terms, part=found.query.listing)
    return found.query, answers, found.passages, terms


def draft(app: App, question: str) -> Draft:
    query, ranked, passages, terms = evidence(app, question)
    return extract(query, choose(ranked), passages, terms)


@pytest.mark.parametrize(
    ("question", "explained"),
    [
        ("前湾生态园2022年上半年部分指标增幅为什么回落?", True),
        ("瑞安为什么要实施三大征迁补偿安置新政?", False),
        ("Why did Ruian's college entrance exam results improve?", False),
    ],
)
def test_a_reason_that_is_asked_for_and_not_given(
    question: str, explained: bool, real_app: App
) -> None:
    answer = real_app.assistant.answer(question, engine="extractive")
    lead = answer.text.splitlines()[0]
    assert lead == (LEAD if explained else NO_REASON)[answer.query.language]
    assert not answer.problems


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("瑞安2018年的生产总值是多少亿元?", "生产总值910亿元"),
        ("瑞安2018年新增高新技术企业多少家?", "高新技术企业96家"),
        ("金华开发区2022年计划新增专技人才多少人?", "新增专技人才2000人以上"),
        ("How many breeding sows does Jinhua plan to keep in 2022?", "能繁母猪存栏1万头"),
    ],
)
def test_a_draft_quotes_the_report_under_a_lead(question: str, words: str, real_app: App) -> None:
    written = draft(real_app, question)
    lead, first, *_ = written.text.splitlines()
    assert lead in LEAD.values()
    assert words in first
    assert first.rstrip("。;\uff1b").endswith("]")
    assert written.engine == EXTRACTIVE
    assert written.complete


def test_the_lead_is_in_the_language_of_the_question(real_app: App) -> None:
    zh = draft(real_app, "瑞安2018年的生产总值是多少亿元?")
    en = draft(real_app, "How many breeding sows does Jinhua plan to keep in 2022?")
    assert zh.text.startswith(LEAD["zh"])
    assert en.text.startswith(LEAD["en"])


def test_every_line_is_in_the_passage_it_cites(real_app: App) -> None:
    for question in ("瑞安2018年新增高新技术企业多少家?", "金华开发区2022年的主要目标是什么?"):
        written = draft(real_app, question)
        for line in written.text.splitlines()[1:]:
            told, _, marker = line.rstrip("。;\uff1b!").rpartition(" [")
            passage = written.passages[int(marker.rstrip("]")) - 1]
            words = told.removeprefix(f"{label(passage, 'zh')}\uff1a")
            assert words in passage.paragraph.text


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        (
            "瑞安一般公共预算收入增长多少?",
            [
                "瑞安市\uff082019年计划\uff09\uff1a一般公共预算",
                "瑞安市\uff082018年实绩\uff09\uff1a财政总收入",
            ],
        ),
        (
            "How much did Ruian's general public budget revenue grow?",
            ["Ruian (2019 plan): 一般公共预算", "Ruian (2018 result): 财政总收入"],
        ),
        ("瑞安2018年GDP增长了吗?", ["瑞安市\uff082018年实绩\uff09\uff1a预计全市实现生产总值"]),
        (
            "瑞安的五大产城融合平台是哪五个?",
            ["瑞安市\uff082019年计划\uff09\uff1a主攻", "经济开发区突出", "塘下新区突出"],
        ),
        ("瑞安的报告是谁作的?", ["瑞安市市长"]),
    ],
)
def test_what_place_year_and_kind_a_line_is_of(
    question: str, lines: list[str], real_app: App
) -> None:
    answer = real_app.assistant.answer(question, engine="extractive")
    told = answer.text.splitlines()[1:]
    assert [line[: len(start)] for line, start in zip(told, lines, strict=False)] == lines
    assert not answer.problems


@pytest.mark.parametrize(
    ("question", "line"),
    [
        (
            "规上工业总产值首次突破600亿是哪一年?",
            "\uff082021年实绩\uff09\uff1a规上工业总产值总量首次突破600亿元",
        ),
        ("Which year did the tech incubator of Wenzhou ETDZ open?", "(2014 result): "),
        ("温州经开区是哪一年成立的?", ""),
        ("瑞安段的S2线计划哪年通车?", ""),
        ("In which year was Wenzhou ETDZ founded?", ""),
    ],
)
def test_in_which_year_it_was(question: str, line: str, real_app: App) -> None:
    answer = real_app.assistant.answer(question, engine="extractive")
    assert answer.status == ("answered" if line else "not_found")
    assert line in answer.text


@pytest.mark.parametrize(
    ("question", "english"),
    [
        ("Which island's beach restoration became a marine ecology demonstration?", ""),
        (
            "How much was invested in Ruian's rural demonstration belts in 2018?",
            "(340 million yuan)",
        ),
    ],
)
def test_a_sum_is_put_in_english_where_it_answers(
    question: str, english: str, real_app: App
) -> None:
    answer = real_app.assistant.answer(question, engine="extractive")
    assert "3.4亿元" in answer.text
    assert ("(340 million yuan)" in answer.text) == bool(english)


def test_of_a_long_sentence_the_clause_with_the_figure(real_app: App) -> None:
    query, ranked, _, _ = evidence(real_app, "瑞安2018年新增高新技术企业多少家?")
    assert len(ranked[0].span.text) > 90
    text = quoted(ranked[0], query)
    assert "高新技术企业96家" in text
    assert text in ranked[0].span.text
    assert len(text) < len(ranked[0].span.text)


@pytest.mark.parametrize(
    ("question", "formula"),
    [
        (
            "温州经开区2014年城镇和农村常住居民人均可支配收入相差多少元?",
            "40855元 \u2212 24525元 = 16330元",
        ),
        (
            "瑞安2018年财政总收入与一般公共预算收入相差多少亿元?",
            "117.7亿元 \u2212 71.1亿元 = 46.6亿元",
        ),
        (
            "瑞安2018年城中村改造的签约户数比拆除户数多多少?",
            "5100户 \u2212 3800户 = 1300户",
        ),
        (
            "How many km of rural road upgrading and road repair did Ruian do in 2018, together?",
            "94公里 + 71公里 = 165公里",
        ),
        (
            "The combined area of urban-village, old-residential and old-factory renovation in the "
            "Wenzhou ETDZ in 2014?",
            "26.91万平方米 + 12.55万平方米 + 9.1万平方米 = 48.56万平方米",
        ),
    ],
)
def test_a_calculation_that_is_asked_for_comes_last(
    question: str, formula: str, real_app: App
) -> None:
    assert formula in draft(real_app, question).text.splitlines()[-1]


def test_nothing_is_calculated_unasked(real_app: App) -> None:
    query, ranked, _, terms = evidence(real_app, "瑞安2018年的生产总值是多少亿元?")
    assert compute(query, choose(ranked), terms) == ([], "")


def test_without_evidence_there_is_no_text(real_app: App) -> None:
    query, _, passages, terms = evidence(real_app, "瑞安2018年的生产总值是多少亿元?")
    assert extract(query, [], passages, terms).text == ""
    assert choose([]) == []
    assert first_of_each_report([]) == []


def test_a_listing_takes_the_best_of_each_report(real_app: App) -> None:
    _, ranked, _, _ = evidence(real_app, "哪些报告提到了数字化改革?")
    first = first_of_each_report(ranked)
    reports = [e.passage.info.id for e in first]
    assert len(set(reports)) == len(reports) >= 2
    for chosen in first:
        rest = [e.score for e in ranked if e.passage.info.id == chosen.passage.info.id]
        assert chosen.score == max(rest)


def test_a_second_sentence_only_if_nearly_as_good(real_app: App) -> None:
    for question in ("瑞安2018年的生产总值是多少亿元?", "金华开发区2022年的主要目标是什么?"):
        _, ranked, _, _ = evidence(real_app, question)
        chosen = choose(ranked)
        assert 1 <= len(chosen) <= 2
        assert chosen[0] == ranked[0]
        assert chosen[-1].score >= 0.85 * chosen[0].score


def test_a_second_sentence_only_if_as_sure(real_app: App) -> None:
    question = "温州经济技术开发区“数字开发区”一期项目拿了什么奖?"
    _, ranked, _, _ = evidence(real_app, question)
    first, second, *_ = ranked
    assert "钱江杯" in second.span.text
    assert second.confidence < 0.4 * first.confidence
    assert "钱江杯" not in draft(real_app, question).text
