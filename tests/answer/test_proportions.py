"""Proportions and multiples told in words."""

from __future__ import annotations

import pytest

from rag.answer.figures import compare, find_figures
from rag.answer.proportions import find_proportions


@pytest.mark.parametrize(
    ("text", "told", "value"),
    [
        ("服务业占一半", "一半", "50%"),
        ("占比过半", "过半", None),
        ("提高两成", "两成", "20%"),
        ("三成五的企业", "三成", "30%"),
        ("四分之三的村", "四分之三", "75%"),
        ("产值翻番", "翻番", "2倍"),
        ("产值翻了两番", "翻了两番", "4倍"),
        ("half of the firms", "half", "50%"),
        ("one quarter of GDP", "one quarter", "25%"),
        ("two-fifths of it", "two-fifths", "40%"),
        ("output doubled", "doubled", "2倍"),
        ("tripling output", "tripling", "3倍"),
        ("twice as much", "twice as", "2倍"),
    ],
)
def test_what_is_told(text: str, told: str, value: str | None) -> None:
    (found,) = find_proportions(text)
    assert text[found.start : found.end] == found.text == told
    if value is not None:
        assert compare(found, find_figures(value)[0])


def test_two_languages_say_the_same() -> None:
    for zh, en in (("三分之二", "two thirds"), ("一半", "half"), ("十分之一", "one tenth")):
        assert compare(find_proportions(en)[0], find_proportions(zh)[0])
    assert not compare(find_proportions("one third")[0], find_proportions("三分之二")[0])


def test_more_than_half_is_not_half() -> None:
    over, half = find_proportions("more than half")[0], find_proportions("一半")[0]
    assert not compare(over, half)
    assert compare(over, find_proportions("过半")[0])


@pytest.mark.parametrize(
    "text",
    ["一成不变", "建成两成立", "上半年", "first half of 2018", "the third quarter", "half a year",
     "百分之八", "double-track", "成效显著", "第三产业"],
)  # fmt: skip
def test_what_only_looks_like_it(text: str) -> None:
    assert find_proportions(text) == ()
