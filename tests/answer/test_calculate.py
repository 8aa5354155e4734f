"""Arithmetic on cited figures: exact, in the unit of the first, and only where units allow it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.calculate import Operation, asked_operation, calculate, explain, things_joined
from rag.answer.figures import exact_values, find_figures


@pytest.mark.parametrize(
    ("question", "operation"),
    [
        ("瑞安的生产总值比金华多多少?", "difference"),
        ("城乡居民收入相差多少元?", "difference"),
        ("两地目标的差距有多大?", "difference"),
        ("两项合计多少亿元?", "sum"),
        ("一共新增了多少家企业?", "sum"),
        ("城镇收入是农村的几倍?", "times"),
        ("核心区投资占全区的百分之几?", "share"),
        ("平均每宗出让多少亩?", "mean"),
        ("How much higher is the urban income than the rural one?", "difference"),
        ("By how many percentage points did it miss the target?", "difference"),
        ("What is the combined investment?", "sum"),
        ("How many times larger is it?", "times"),
        ("What share of the total was in the core area?", "share"),
        ("Total km of new roads plus repaired ones", "sum"),
        ("If you take grants out of the total, what remains?", "difference"),
        ("扣除土地收入还有多少亿元?", "difference"),
        ("How large was a plot on average?", "mean"),
        ("瑞安的生产总值是多少?", None),
        ("占地面积有多大?", None),
        ("What was Ruian's GDP in 2018?", None),
        ("What did the city do together with its partners?", None),
        ("How much domestic capital from outside did it take in?", None),
    ],
)
def test_what_a_question_wants_done(question: str, operation: Operation | None) -> None:
    assert asked_operation(question) == operation


@pytest.mark.parametrize(
    ("operation", "figures", "formula"),
    [
        ("difference", "160亿元,121.02亿元", "160亿元 \u2212 121.02亿元 = 38.98亿元"),
        ("difference", "121.02亿元,160亿元", "160亿元 \u2212 121.02亿元 = 38.98亿元"),
        ("difference", "8.9%,8%", "8.9% \u2212 8% = 0.9个百分点"),
        ("difference", "40855元,24525元", "40855元 \u2212 24525元 = 16330元"),
        ("difference", "10公里,500米", "10公里 \u2212 500米 = 9.5公里"),
        ("difference", "1,824亩,776亩", "1,824亩 \u2212 776亩 = 1048亩"),
        ("sum", "1亿元,2000万元", "1亿元 + 2000万元 = 1.2亿元"),
        ("sum", "1家,2家,20家", "1家 + 2家 + 20家 = 23家"),
        ("times", "24525元,40855元", "40855元 \u00f7 24525元 = 1.67倍"),
        ("share", "121.02亿元,45.67亿元", "45.67亿元 \u00f7 121.02亿元 = 37.74%"),
        ("mean", "12家,120亿元", "120亿元 \u00f7 12家 = 10亿元"),
        ("mean", "776亩,12宗", "776亩 \u00f7 12宗 = 64.67亩"),
        ("difference", "91 billion yuan,80 billion yuan", "= 11 billion yuan"),
    ],
)
def test_calculations(operation: Operation, figures: str, formula: str) -> None:
    found = calculate(operation, find_figures(figures))
    assert found is not None
    assert found.formula.endswith(formula)


@pytest.mark.parametrize(
    ("operation", "figures"),
    [
        ("share", "3.37%,10%"),
        ("difference", "5家,3亿元"),
        ("difference", "3亿元,3亿美元"),
        ("difference", "5-7家,3家"),
        ("difference", "X亿元,3亿元"),
        ("difference", "1家,2家,3家"),
        ("difference", "8.9%,9亿元"),
        ("difference", "910亿元"),
        ("sum", "8%,9%"),
        ("mean", "910亿元,8亿元"),
        ("mean", "3家,4家"),
        ("mean", "910亿元,10000000家"),
        ("sum", ""),
    ],
)
def test_what_cannot_be_calculated(operation: Operation, figures: str) -> None:
    assert calculate(operation, find_figures(figures)) is None


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_differences_and_sums_are_exact(one: int, other: int) -> None:
    figures = find_figures(f"{Decimal(one) / 100}亿元,{Decimal(other) / 100}亿元")
    values = [exact_values(figure)[0] for figure in figures]
    expected = {"difference": abs(values[0] - values[1]), "sum": values[0] + values[1]}
    for operation in ("difference", "sum"):
        found = calculate(operation, figures)
        assert found
        if expected[operation]:
            (result,) = find_figures(found.result)
            assert exact_values(result)[0] == Fraction(expected[operation])


@pytest.mark.parametrize(
    ("claim", "operands", "formula"),
    [
        ("16330元", "40855元,24525元", "40855元 \u2212 24525元 = 16330元"),
        ("1.67倍", "24525元,40855元", "40855元 \u00f7 24525元 = 1.67倍"),
        ("37.74%", "45.67亿元,121.02亿元", "45.67亿元 \u00f7 121.02亿元 = 37.74%"),
        ("0.9个百分点", "8.9%,8%", "8.9% \u2212 8% = 0.9个百分点"),
        ("23家", "1家,2家,20家", "1家 + 2家 + 20家 = 23家"),
    ],
)
def test_a_figure_is_explained(claim: str, operands: str, formula: str) -> None:
    found = explain(find_figures(claim)[0], find_figures(operands))
    assert found is not None
    assert found.formula == formula


@pytest.mark.parametrize(
    ("claim", "operands"),
    [
        ("17330元", "40855元,24525元"),
        ("16330家", "40855元,24525元"),
        ("16330万元", "40855元,24525元"),
        ("16330元", "40855元"),
        ("16330元", ""),
    ],
)
def test_a_figure_that_does_not_follow_is_not(claim: str, operands: str) -> None:
    assert explain(find_figures(claim)[0], find_figures(operands)) is None


@pytest.mark.parametrize(
    ("claim", "operands", "formula"),
    [
        ("37.7%", "45.67亿元,121.02亿元", "45.67亿元 \u00f7 121.02亿元 = 37.7%"),
        ("38%", "45.67亿元,121.02亿元", "45.67亿元 \u00f7 121.02亿元 = 38%"),
        ("37.738%", "45.67亿元,121.02亿元", "45.67亿元 \u00f7 121.02亿元 = 37.738%"),
        ("1.7倍", "40855元,24525元", "40855元 \u00f7 24525元 = 1.7倍"),
        ("64.7亩", "776亩,12宗", "776亩 \u00f7 12宗 = 64.7亩"),
    ],
)
def test_a_result_is_rounded_to_the_places_shown(claim: str, operands: str, formula: str) -> None:
    found = explain(find_figures(claim)[0], find_figures(operands))
    assert found is not None
    assert found.formula == formula


@pytest.mark.parametrize(
    ("claim", "operands"),
    [
        ("37.8%", "45.67亿元,121.02亿元"),
        ("37.73%", "45.67亿元,121.02亿元"),
        ("2倍", "40855元,24525元"),
        ("1.6倍", "40855元,24525元"),
        ("39亿元", "160亿元,121.02亿元"),
        ("1.1亿元", "1亿元,1200万元"),
        ("65.0亩", "776亩,12宗"),
    ],
)
def test_a_result_rounded_otherwise_is_not_explained(claim: str, operands: str) -> None:
    assert explain(find_figures(claim)[0], find_figures(operands)) is None


@pytest.mark.parametrize(
    ("claim", "told", "follows"),
    [
        ("16330元", "城乡相差16330元", True),
        ("16330元", "城乡合计16330元", False),
        ("65380元", "城乡合计65380元", True),
        ("65380元", "城乡相差65380元", False),
        ("65380元", "65,380 yuan more than", False),
        ("65380元", "65,380 yuan together", True),
        ("16330元", "", True),
    ],
)
def test_a_sum_is_not_told_as_a_difference(claim: str, told: str, follows: bool) -> None:
    found = explain(find_figures(claim)[0], find_figures("40855元,24525元"), told)
    assert (found is not None) == follows


@pytest.mark.parametrize(
    ("words", "things"),
    [
        ("provincial and municipal centres together", 2),
        ("the combined area of village, old-residential and old-factory renovation", 3),
        ("In total, how many kilometres of upgrading and repair", 2),
        ("垃圾分类的村和小区合计", 2),
        ("城中村、旧住宅区和旧厂区改造", 3),
        ("和美乡村示范村", 1),
        ("rural roads in total", 1),
    ],
)
def test_how_many_things_are_joined(words: str, things: int) -> None:
    assert things_joined(words) == things
