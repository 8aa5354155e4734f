"""How well the words around a source figure fit those around a claim."""

from __future__ import annotations

import pytest

from rag.answer.claims import Claim, claims
from rag.answer.figures import find_figures
from rag.answer.fit import Fit, fit, is_attribute, is_in_a_name, pairs_of
from rag.app import App

PROJECTS = "工业供地1824亩,工业项目开工55个、竣工35个,新增30亿级企业1家、20亿级2家、亿级20家。"


def source(figure: str) -> Claim:
    return next(claim for claim in claims(PROJECTS) if claim.figure.text == figure)


def fit_of(text: str, figure: str, app: App) -> Fit:
    claim = next(claim for claim in claims(text) if claim.figure.text == figure)
    return fit(claim, text, app.assistant.corpus())


@pytest.mark.parametrize(
    ("text", "figure", "right", "wrong"),
    [
        ("瑞安工业项目竣工35个。", "35个", "35个", "55个"),
        ("瑞安工业项目开工55个。", "55个", "55个", "35个"),
        ("瑞安新增亿级企业20家。", "20家", "20家", "2家"),
        ("瑞安新增20亿级企业2家。", "2家", "2家", "20家"),
        ("Ruian started 55 industrial projects.", "55", "55个", "35个"),
    ],
)
def test_the_right_figure_fits_best(
    text: str, figure: str, right: str, wrong: str, real_app: App
) -> None:
    fits = fit_of(text, figure, real_app)
    found = fits.best([source(wrong), source(right)])
    assert found is not None
    assert found[1].figure.text == right


def test_another_size_is_another_thing(real_app: App) -> None:
    fits = fit_of("瑞安新增30亿级企业1家。", "1家", real_app)
    assert fits.qualifies(source("1家"))
    assert not fits.qualifies(source("2家"))
    assert fits.best([source("2家")]) is None


def test_few_digits_need_more_words(real_app: App) -> None:
    fits = fit_of("瑞安工业供地1824亩。", "1824亩", real_app)
    assert fits.least(find_figures("1824亩")[0]) < fits.least(find_figures("3000亩")[0])


@pytest.mark.parametrize(
    ("text", "figure", "attribute"),
    [
        ("新增10亿元以上企业3家", "10亿元", True),
        ("新增10亿元以上企业3家", "3家", False),
        ("two 10,000-mu parks", "10,000-mu", True),
        ("the three platforms grew", "three", True),
        ("it built three platforms", "three", False),
        ("5 projects worth 1 billion yuan", "1 billion yuan", True),
        ("GDP of 1 billion yuan", "1 billion yuan", False),
    ],
)
def test_what_only_says_of_what_sort(text: str, figure: str, attribute: bool) -> None:
    found = next(f for f in find_figures(text) if f.text == figure)
    assert is_attribute(found, text) == attribute


def test_a_number_in_a_name() -> None:
    (three,) = find_figures("the three platforms")
    assert is_in_a_name(three, "三大平台")
    assert not is_in_a_name(three, "两大平台")


def test_pairs_leave_out_how_it_moved() -> None:
    assert pairs_of("生产总值增长了") == {"生产", "产总", "总值"}
    assert pairs_of("GDP") == frozenset()
