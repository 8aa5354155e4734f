"""Texts that others wrote, checked against the five reports."""

from __future__ import annotations

import pytest

from eval.trust.sentences import false_sentences, load_facts, true_sentences
from rag.answer.check import check_sentence, check_text
from rag.app import App
from rag.types import Paragraph, Passage, Place, ReportInfo


@pytest.mark.parametrize(
    ("text", "said_in"),
    [
        ("2018年，瑞安市实现生产总值910亿元，增长7.8%。", "实现生产总值910亿元"),
        ("Ruian's GDP reached 91 billion yuan in 2018.", "实现生产总值910亿元"),
        ("瑞安2018年新增高新技术企业96家。", "新增高新技术企业96家"),
        ("In 2022, Jinhua ETDZ plans to complete 16 billion yuan of fixed-asset investment.",
         "固定资产投资完成160亿元"),
        ("温州经开区2014年社会消费品零售总额30.47亿元。", "社会消费品零售总额30.47亿元"),
    ],
)  # fmt: skip
def test_what_the_reports_say_is_supported(text: str, said_in: str, real_app: App) -> None:
    checked = check_sentence(text, real_app.assistant.corpus())
    assert checked.verdict == "supported"
    assert checked.citation
    assert said_in in checked.citation.quote
    assert {figure.status for figure in checked.figures} <= {"exact", "converted"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2018年瑞安一般公共预算收入增长12.1%。", "another figure"),
        ("Ruian's GDP was 910 billion yuan in 2018.", "another figure"),
        ("2018年瑞安生产总值下降7.8%。", "a rise told as a fall, or a fall as a rise"),
        ("2017年瑞安实现生产总值910亿元。", "another year than its source"),
        ("2022年金华开发区固定资产投资完成了160亿元。", "a plan told as a result"),
    ],
)
def test_what_they_contradict_is_said_with_what_they_say(
    text: str, reason: str, real_app: App
) -> None:
    checked = check_sentence(text, real_app.assistant.corpus())
    assert (checked.verdict, checked.reason) == ("contradicted", reason)
    assert checked.citation


@pytest.mark.parametrize(
    "text",
    ["温州经开区2021年人口达到50万人。", "Ruian built 1,212 airports in 2018.", "水在100度沸腾。"],
)
def test_what_they_do_not_speak_of_is_not_found(text: str, real_app: App) -> None:
    checked = check_sentence(text, real_app.assistant.corpus())
    assert (checked.verdict, checked.citation) == ("not_found", None)


def test_sentences_without_figures_are_left_out(real_app: App) -> None:
    text = "瑞安经济平稳发展。2018年瑞安实现生产总值910亿元。All went well."
    (checked,) = check_text(text, real_app.assistant.corpus())
    assert "910亿元" in checked.text


def test_given_paragraphs_are_all_that_counts(real_app: App) -> None:
    paragraph = Paragraph("note", 1, "全县新建公路31公里。", (), "actual", "")
    info = ReportInfo("note", "note", "", Place(""), "", "", "", "")
    passages = [Passage(info, paragraph, 0, len(paragraph.text), 0.0)]
    corpus = real_app.assistant.corpus()
    verdicts = [
        checked.verdict
        for checked in check_text(
            "新建公路31公里。新建公路13公里。2018年瑞安实现生产总值910亿元。", corpus, passages
        )
    ]
    assert verdicts == ["supported", "contradicted", "not_found"]


def test_most_made_sentences_are_told_apart(real_app: App) -> None:
    """A small sample of what `make bench-trust` measures."""
    facts = load_facts()[::12]
    corpus = real_app.assistant.corpus()
    true = [s for s in true_sentences(facts) if s.language == "zh"]
    false = [s for s in false_sentences(facts) if s.language == "zh"]
    supported = [check_sentence(s.text, corpus).verdict == "supported" for s in true]
    caught = [check_sentence(s.text, corpus).verdict != "supported" for s in false]
    assert sum(supported) >= 0.85 * len(true)
    assert sum(caught) >= 0.92 * len(false)
