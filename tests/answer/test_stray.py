"""Ranks, days, proportions and digits that no source states."""

from __future__ import annotations

import pytest

from rag.answer.stray import stray

SOURCE = '1-9月新建5G基站300个,投资居全省第一,高新技术企业占比过半,列入"152"工程。'


@pytest.mark.parametrize(
    "text",
    [
        "新建5G基站300个。",
        "投资居全省第一。",
        "Investment ranked first in the province.",
        "占比过半。",
        "More than half were high-tech firms.",
        "前三季度新建300个。",
        "In January to September, 300 were built.",
        "列入152工程。",
    ],
)
def test_what_the_source_states(text: str) -> None:
    assert stray(text, [SOURCE]) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("新建6G基站300个。", "6G"),
        ("投资居全省第二。", "第二"),
        ("Investment ranked third in the province.", "third"),
        ("占比两成。", "两成"),
        ("Output doubled.", "doubled"),
        ("1-6月新建300个。", "1-6月"),
        ("3O0个", "3O0"),
        ("列入153工程。", "153"),
    ],
)
def test_what_it_does_not(text: str, said: str) -> None:
    assert said in [figure.text for figure in stray(text, [SOURCE])]


def test_without_a_source_nothing_is_stated() -> None:
    assert [figure.text for figure in stray("居全省第一。", [])] == ["第一"]
