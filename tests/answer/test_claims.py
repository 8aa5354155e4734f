"""What each figure of a Chinese sentence is a figure of."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answer.claims import claims, is_empty
from rag.corpus.parse import parse_file

REVENUE = "财政总收入117.7亿元,其中一般公共预算收入71.1亿元,分别增长12.1%和12%;"
INCOME = "城镇、农村常住居民人均可支配收入分别增长7.9%和8.6%"
SHARED = "交通建设、生态环境和公共设施、高新技术产业、民间投资分别增长15%、12%、15%和10%。"
HOUSING = "开工建设公共租赁房1759套,面积8.35万平方米,分别完成目标任务的146.6%、124.6%。"


@pytest.mark.parametrize(
    ("text", "figure", "words"),
    [
        ("完成工业投资60亿元", "60亿元", ["工业投资"]),
        (REVENUE, "117.7亿元", ["财政总收入"]),
        (REVENUE, "71.1亿元", ["一般公共预算收入"]),
        (REVENUE, "12.1%", ["财政总收入", "增长"]),
        (REVENUE, "12%", ["一般公共预算收入", "增长"]),
        (INCOME, "7.9%", ["城镇", "人均可支配收入", "增长"]),
        (INCOME, "8.6%", ["农村", "人均可支配收入", "增长"]),
        (SHARED, "12%", ["生态环境和公共设施"]),
        (SHARED, "10%", ["民间投资"]),
        (HOUSING, "146.6%", ["公共租赁房", "完成"]),
        (HOUSING, "124.6%", ["面积", "完成"]),
        ("预计全市实现生产总值910亿元,增长7.8%", "7.8%", ["生产总值", "增长"]),
        ("完成固定资产投资X亿元,同比增长X%", "X%", ["固定资产投资", "增长"]),
        ("规上工业总产值首次突破600亿元、居全市第三", "第三", ["全市"]),
        ("新增30亿级企业1家、20亿级2家、小升规102家", "1家", ["30亿级"]),
        ("新增30亿级企业1家、20亿级2家、小升规102家", "2家", ["20亿级"]),
        ("新增30亿级企业1家、20亿级2家、小升规102家", "102家", ["小升规"]),
        ("新增10亿元以上企业1家。", "1家", ["10亿元以上企业"]),
        ("新增高新技术企业96家、科技型中小企业298家", "96家", ["高新技术企业"]),
        ("新增高新技术企业96家、科技型中小企业298家", "298家", ["科技型中小企业"]),
    ],
)
def test_the_subject_of_a_figure(text: str, figure: str, words: list[str]) -> None:
    (claim,) = [claim for claim in claims(text) if claim.figure.text == figure]
    for word in words:
        assert word in claim.subject


@pytest.mark.parametrize(
    ("text", "figure", "word"),
    [
        (REVENUE, "12.1%", "一般公共预算"),
        (REVENUE, "12%", "财政总收入"),
        (INCOME, "7.9%", "农村"),
        (SHARED, "15%", "民间投资"),
        ("新增高新技术企业96家、科技型中小企业298家", "298家", "高新技术"),
        ("新增高新技术企业96家;另有298家", "298家", "高新技术"),
    ],
)
def test_the_subject_is_not_the_neighbours(text: str, figure: str, word: str) -> None:
    found = [claim for claim in claims(text) if claim.figure.text == figure]
    assert found
    assert all(word not in claim.subject for claim in found)


def test_a_clause_ends_at_the_comma() -> None:
    clauses = [claim.clause.text for claim in claims("工业投资60亿元\uff0c增长5%;农业2亿元。")]
    assert clauses == ["工业投资60亿元", "增长5%", "农业2亿元"]


def test_offsets_are_those_of_the_whole_text(seeds: Path) -> None:
    paragraphs = parse_file(seeds / "ruian-2019.txt").paragraphs
    found = 0
    for paragraph in paragraphs:
        for claim in claims(paragraph.text):
            figure, clause = claim.figure, claim.clause
            assert paragraph.text[figure.start : figure.end] == figure.text
            assert paragraph.text[clause.start : clause.end] == clause.text
            assert clause.start <= figure.start < figure.end <= clause.end
            found += 1
    assert found > 200


def test_claims_come_in_order_and_dates_too() -> None:
    found = claims("2018年实现生产总值910亿元,全省第三。")
    assert [claim.figure.role for claim in found] == ["date", "quantity", "ordinal"]


def test_a_text_without_figures_claims_nothing() -> None:
    assert claims("深化改革。") == ()
    assert claims("") == ()


@pytest.mark.parametrize("words", ["分别增长", "同比", "其中达到", ",", "(“”)", "", "完成了约"])
def test_words_that_name_no_indicator(words: str) -> None:
    assert is_empty(words)


@pytest.mark.parametrize("words", ["工业投资", "GDP", "增长的产值", "户"])
def test_words_that_name_one(words: str) -> None:
    assert not is_empty(words)
