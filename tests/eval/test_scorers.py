"""Every score against a value worked out by hand."""

from __future__ import annotations

from math import log2

import pytest

from eval.arithmetic import follows
from eval.scorers import (
    MEASURES,
    Unscored,
    citations,
    correct,
    facts,
    figures_in,
    figures_unsupported,
    forbidden,
    language,
    own_words,
    retrieval,
    score,
    support_cited,
)
from rag.types import FigureCheck, Language, Status
from tests.eval.build import answer, case, citation, figures, passage, words

P1, P2, P3 = (f"north#p{n}" for n in (1, 2, 3))


def sets(*anchors: str) -> list[frozenset[str]]:
    return [frozenset(anchor.split("|")) for anchor in anchors]


# Retrieval


def test_retrieval_of_one_paragraph() -> None:
    found = retrieval(sets("b"), ["a", "b", "c"])
    assert found == {
        "recall@1": 0.0,
        "recall@5": 1.0,
        "recall@10": 1.0,
        "mrr": 0.5,
        "ndcg@10": pytest.approx(1 / log2(3)),
    }


def test_retrieval_of_several_paragraphs() -> None:
    found = retrieval(sets("a", "z", "f"), list("abcdefgh"))
    assert found["recall@1"] == pytest.approx(1 / 3)
    assert found["recall@5"] == pytest.approx(1 / 3)
    assert found["recall@10"] == pytest.approx(2 / 3)
    assert found["mrr"] == 1.0
    ideal = 1 + 1 / log2(3) + 1 / log2(4)
    assert found["ndcg@10"] == pytest.approx((1 + 1 / log2(7)) / ideal)


def test_any_paragraph_of_a_quote_will_do_once() -> None:
    found = retrieval(sets("b|c"), ["a", "b", "c"])
    assert found["recall@5"] == 1.0
    assert found["ndcg@10"] == pytest.approx(1 / log2(3))


def test_retrieval_that_finds_nothing_and_that_need_not() -> None:
    assert set(retrieval(sets("z"), ["a"]).values()) == {0.0}
    assert retrieval(sets("a"), []) == retrieval(sets("z"), ["a"])
    assert all(isinstance(value, Unscored) for value in retrieval([], ["a"]).values())


# Facts


@pytest.mark.parametrize(
    ("golden", "text", "stated"),
    [
        ("910亿元", "生产总值910亿元。", 1.0),
        ("910亿元", "GDP was 91 billion yuan (910亿元) [1].", 1.0),
        ("910亿元", "GDP was 91 billion yuan.", 1.0),
        ("910亿元", "GDP was 910 billion yuan.", 0.0),
        ("910亿元", "生产总值9100亿元。", 0.0),
        ("9.0%", "增长9%", 1.0),
        ("9%", "增长9%以上", 1.0),
        ("9%", "超9%", 1.0),
        ("9%", "力争9.5%", 0.0),
        ("20家", "新增20个企业", 1.0),
        ("20家", "20 companies", 1.0),
        ("2000人", "2000家", 0.0),
        ("1.3个百分点", "高1.3 percentage points", 1.0),
        ("1.3个百分点", "高1.3%", 0.0),
        ("2.65万亩", "26,500 mu", 1.0),
    ],
)
def test_figures_are_compared_as_quantities(golden: str, text: str, stated: float) -> None:
    asked = case(status="answered", facts=figures(golden))
    assert facts(asked, answer(text)) == stated


@pytest.mark.parametrize(
    ("golden", "text", "stated"),
    [
        ("量子水泥", "匈牙利量子水泥项目", 1.0),
        ("產城聯動", "突出“产城联动”", 1.0),
        ("Ma Shengcong", "the mayor, MA  SHENGCONG", 1.0),
        ("No. 3", "no. 30", 0.0),
        ("6号", "\uff16号", 1.0),
        ("一二", "一 [1] 二", 1.0),
    ],
)
def test_words_are_compared_folded(golden: str, text: str, stated: float) -> None:
    asked = case(status="answered", facts=words(golden))
    assert facts(asked, answer(text)) == stated


def test_facts_are_a_share_of_which_any_way_will_do() -> None:
    ways = [{"any": [{"figure": "1.3个百分点"}, {"figure": "1.3%"}]}, *words("全市第三", "幼儿园")]
    asked = case(status="answered", facts=ways)
    assert facts(asked, answer("高1.3%,全市第三")) == pytest.approx(2 / 3)


def test_a_refusal_states_no_facts_even_if_it_quotes_them() -> None:
    asked = case(status="answered", facts=figures("125亿元"))
    refusal = answer("报告没有说明。最接近的是“125亿元” [1]", status="not_found")
    assert facts(asked, refusal) == 0.0


def test_no_facts_are_unscored() -> None:
    assert isinstance(facts(case(), answer("...")), Unscored)


def test_forbidden_words() -> None:
    assert forbidden(["91亿元", "admin"], "共910亿元") == 0.0
    assert forbidden(["91亿元", "admin"], "The word is Admin.") == 1.0
    assert isinstance(forbidden([], "..."), Unscored)


# Citations

GDP = "全县实现生产总值125亿元,增长8.1% [1]。"


def test_a_quoted_sentence_is_supported() -> None:
    found = citations(case(), answer(f"报告原文\uff1a\n{GDP}", citation(1, 1)))
    assert found == {"citation_recall": 1.0, "citation_precision": 1.0}


def test_a_sentence_without_a_marker_is_not() -> None:
    found = citations(case(), answer(f"{GDP}新建幼儿园6所。", citation(1, 1)))
    assert found == {"citation_recall": 0.5, "citation_precision": 1.0}


def test_the_neighbour_supports_nothing() -> None:
    found = citations(case(), answer(GDP, citation(1, 2)))
    assert found == {"citation_recall": 0.0, "citation_precision": 0.0}


def test_a_wrong_figure_is_supported_by_nothing_golden_or_not() -> None:
    found = citations(case(P1), answer("实现生产总值126亿元 [1]。", citation(1, 1)))
    assert found == {"citation_recall": 0.0, "citation_precision": 0.0}


def test_words_that_are_not_there_are_not_supported() -> None:
    text = "南湖区引进外资项目数量位居全省前列并获得表彰 [1]。"
    assert citations(case(), answer(text, citation(1, 2)))["citation_recall"] == 0.0
    assert citations(case(P2), answer(text, citation(1, 2)))["citation_recall"] == 1.0


def test_what_stands_in_quotation_marks_must_stand_there() -> None:
    right = "报告提到\uff1a“新建高标准农田1.2万亩” [1]"
    wrong = "报告提到\uff1a“改造高标准农田1.2万亩” [1]"
    assert citations(case(), answer(right, citation(1, 2)))["citation_recall"] == 1.0
    assert citations(case(), answer(wrong, citation(1, 2)))["citation_recall"] == 0.0


def test_an_english_statement_rests_on_its_figures_or_on_golden_support() -> None:
    figure = answer("GDP was 12.5 billion yuan [1].", citation(1, 1), language="en")
    plain = answer("The county did well [1].", citation(1, 1), language="en")
    assert citations(case(), figure)["citation_recall"] == 1.0
    assert citations(case(), plain)["citation_recall"] == 0.0
    assert citations(case(P1), plain)["citation_recall"] == 1.0


def test_two_paragraphs_may_support_together_and_are_then_both_needed() -> None:
    text = "生产总值125亿元,粮食产量达到23万吨 [1][2]。"
    found = citations(case(), answer(text, citation(1, 1), citation(2, 2)))
    assert found == {"citation_recall": 1.0, "citation_precision": 1.0}


def test_a_citation_that_is_not_needed_is_not_precise() -> None:
    text = GDP.replace("[1]", "[1][2]")
    found = citations(case(), answer(text, citation(1, 1), citation(2, 3)))
    assert found == {"citation_recall": 1.0, "citation_precision": 0.5}


def test_an_invented_marker_is_wrong() -> None:
    text = GDP.replace("[1]", "[1][7]")
    found = citations(case(), answer(text, citation(1, 1)))
    assert found == {"citation_recall": 1.0, "citation_precision": 0.5}
    alone = citations(case(), answer(GDP.replace("[1]", "[7]"), citation(1, 1)))
    assert alone == {"citation_recall": 0.0, "citation_precision": 0.0}


def test_an_answer_without_markers_has_recall_but_no_precision() -> None:
    found = citations(case(), answer(GDP.replace(" [1]", ""), citation(1, 1)))
    assert found["citation_recall"] == 0.0
    assert isinstance(found["citation_precision"], Unscored)


def test_a_calculated_figure_is_held_by_its_operands() -> None:
    formula = "6所 + 14个 = 20个"
    check = FigureCheck("20个", formula, 1, "calculated", formula)
    text = "新建幼儿园和改造老旧小区合计20个 [1]。"
    right = answer(text, citation(1, 3), figures=[check])
    wrong = answer(text, citation(1, 2), figures=[check])
    assert citations(case(), right)["citation_recall"] == 1.0
    assert citations(case(P2), wrong)["citation_recall"] == 0.0
    assert figures_unsupported(right) == 0.0
    assert figures_unsupported(wrong) == 1.0


@pytest.mark.parametrize(
    ("result", "operands", "right"),
    [
        ("20个", "6所 + 14个", True),
        ("21个", "6所 + 14个", False),
        ("38.98亿元", "160亿元 - 121.02亿元", True),
        ("38.9亿元", "160亿元 - 121.02亿元", False),
        ("60.4%", "71.1亿元 / 117.7亿元", True),
        ("60.41%", "71.1亿元 / 117.7亿元", True),
        ("60.5%", "71.1亿元 / 117.7亿元", False),
        ("24%", "60% × 40%", True),
        ("1.3个百分点", "15% - 13.7%", True),
        ("10倍", "10万亩 / 1万亩", True),
        ("11.2亩", "492亩 / 44宗", True),
        ("48.56万平方米", "26.91万平方米 + 12.55万平方米 + 9.1万平方米", True),
        ("3.898 billion yuan", "16 billion yuan - 12.102 billion yuan", True),
        ("25%", "125亿元, 100亿元", True),
        ("5个", "5个", False),
    ],
)
def test_a_calculated_figure_must_follow(result: str, operands: str, right: bool) -> None:
    (wanted,) = figures_in(result)
    assert follows(wanted, figures_in(operands)) is right


def test_a_wrong_calculation_is_unsupported() -> None:
    check = FigureCheck("21个", "", 1, "calculated", formula="6所 + 14个 = 21个")
    said = answer("合计21个 [1]。", citation(1, 3), figures=[check])
    assert figures_unsupported(said) == 1.0


def test_refusals_have_no_citations_to_score() -> None:
    refusal = citations(case(), answer("没有说明。", status="not_found"))
    assert all(isinstance(value, Unscored) for value in refusal.values())


def test_support_cited() -> None:
    said = answer(GDP, citation(1, 1))
    assert support_cited(case(P1, P2), said) == 0.5
    assert support_cited(case(P2), said) == 0.0
    assert isinstance(support_cited(case(), said), Unscored)


# Figures


def test_figures_are_counted_anew() -> None:
    exact = FigureCheck("126亿元", "125亿元", 1, "exact")
    assert figures_unsupported(answer(GDP, citation(1, 1))) == 0.0
    said = answer("生产总值126亿元,增长8.1% [1]。", citation(1, 1), figures=[exact])
    assert figures_unsupported(said) == 1.0


def test_what_the_answer_declares_unsupported_counts() -> None:
    declared = FigureCheck("8.1%", "", None, "unsupported")
    gone = FigureCheck("99%", "", None, "unsupported")
    assert figures_unsupported(answer(GDP, citation(1, 1), figures=[declared])) == 1.0
    assert figures_unsupported(answer(GDP, citation(1, 1), figures=[gone])) == 1.0


def test_markers_dates_and_ranks_are_no_figures() -> None:
    text = "2021年全县粮食产量居第三位 [1]。"
    assert figures_unsupported(answer(text, citation(1, 2))) == 0.0


def test_a_claim_may_not_add_what_the_source_does_not_say() -> None:
    assert figures_unsupported(answer("超125亿元 [1]。", citation(1, 1))) == 1.0


def test_a_refusal_states_no_figures() -> None:
    found = figures_unsupported(answer("没有说明。99%", status="not_found"))
    assert isinstance(found, Unscored)


# Language


@pytest.mark.parametrize(
    ("expected", "text", "right"),
    [
        ("zh", "生产总值125亿元 [1]。", 1.0),
        ("zh", "GDP was 12.5 billion yuan [1].", 0.0),
        ("zh", "In the words of the reports:\n新建幼儿园6所 [1]", 0.0),
        ("en", "GDP was 12.5 billion yuan (125亿元) [1].", 1.0),
        ("en", "生产总值125亿元 [1]。", 0.0),
        ("en", "100% [1]", 1.0),
        ("en", "报告原文\uff1a\n新建幼儿园6所 [1]", 0.0),
        ("en", "In the words of the reports:\n新建幼儿园6所 [1]", 1.0),
        ("en", "It says “新建幼儿园6所,改造老旧小区14个” [1].", 1.0),
        ("en", "新建幼儿园6所,改造老旧小区14个。[1]", 0.0),
        ("zh", "新建幼儿园6所,改造老旧小区14个。[1]", 1.0),
        ("en", "In the words of the reports:\nNorth (2021 result): 改造老旧小区14个 (14) [1]", 1.0),
        ("en", "北山县2021年的结果是\uff1a改造老旧小区14个 (14) [1]", 0.0),
    ],
)
def test_language_is_that_of_the_answer_s_own_words(
    expected: Language, text: str, right: float
) -> None:
    assert language(expected, answer(text, citation(1, 3))) == right


def test_own_words_leave_out_quoted_lines_with_quotation_marks_in_them() -> None:
    source = passage(1, '出台"两个健康"政策措施85条,做实重大改革。')
    cited = citation(1, 1)
    quoted = type(cited)(1, source, source.paragraph.text, 0, len(source.paragraph.text))
    said = answer('In the words of the reports:\n出台"两个健康"政策措施85条 [1]', quoted)
    assert own_words(said).strip() == "in the words of the reports:"


# All together


def test_every_measure_is_a_number_or_unscored() -> None:
    asked = case(P1, status="answered", facts=figures("125亿元"))
    found = score(asked, answer(GDP, citation(1, 1)), [P1])
    assert list(found) == [measure.name for measure in MEASURES]
    assert {n for n, v in found.items() if isinstance(v, Unscored)} == {"forbidden", "model_failed"}
    assert found["correct"] == 1.0
    assert score(asked, answer(GDP, citation(1, 1)), [P1], True)["model_failed"] == 1.0


def test_a_failed_question_scores_nothing() -> None:
    asked = case(P1, status="answered", facts=figures("125亿元"))
    found = score(asked, answer("", status="failed", problems=["no index"]), [])
    assert all(value == Unscored("the question failed: no index") for value in found.values())


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("status", 0.0, 0.0),
        ("facts", 0.5, 0.0),
        ("facts", Unscored("none"), 1.0),
        ("forbidden", 1.0, 0.0),
        ("figures_unsupported", 2.0, 0.0),
        ("mrr", 0.0, 1.0),
    ],
)
def test_correct(name: str, value: float | Unscored, right: float) -> None:
    best = {"status": 1.0, "facts": 1.0, "forbidden": 0.0, "figures_unsupported": 0.0}
    assert correct({**best, name: value}) == right


@pytest.mark.parametrize("status", ["answered", "not_found", "withheld"])
def test_status(status: Status) -> None:
    asked = case(status="not_found")
    found = score(asked, answer("...", status=status), [])
    assert found["status"] == float(status == "not_found")
