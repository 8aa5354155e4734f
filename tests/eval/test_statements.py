"""Answers as statements."""

from __future__ import annotations

import pytest

from eval.statements import Statement, holds, normal, statements, states, word_units


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("增长8.1% [1]。", [("增长8.1%。", (1,))]),
        ("增长8.1%。[1][2]", [("增长8.1%。", (1, 2))]),
        ("增长8.1%。 [1, 3]下降2%。", [("增长8.1%。", (1, 3)), ("下降2%。", ())]),
        ("甲\uff1a\n乙 [1]\n丙 [2]\uff1b", [("乙", (1,)), ("丙\uff1b", (2,))]),
        ("It grew 8.1% [1]. It fell.", [("It grew 8.1%.", (1,)), ("It fell.", ())]),
        ("It was No. 3 in the U.S. market [1].", [("It was No. 3 in the U.S. market.", (1,))]),
        ("他说“好。真的好。” [1]", [("他说“好。真的好。”", (1,))]),
        ("说“好。 [1]", [("说“好。", (1,))]),
        ("增长【2】。", [("增长。", (2,))]),
        ("In the words of the reports:\n", []),
        (
            "| 地方 | 数值 |\n| --- | --- |\n| 甲市 | 8.1% [1] |\n| 乙市(2021年) | 报告未说明 |",
            [("| 甲市 | 8.1% |", (1,))],
        ),
        ("| 甲市(2021年) | 8.1% |", [("| 甲市(2021年) | 8.1% |", ())]),
        ("甲 [1]\n报告没有说明\uff1a“2018年有几个乙”。", [("甲", (1,))]),
        ('A [1].\nThe reports do not state this: "how many in 2018".', [("A.", (1,))]),
        ("报告没有说明2018年的乙", [("报告没有说明2018年的乙", ())]),
        ("", []),
        ("[1]", []),
    ],
)
def test_statements(text: str, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert statements(text) == [Statement(words, markers) for words, markers in expected]


def test_normal_folds_what_makes_no_difference() -> None:
    assert normal("\uff21\uff22\uff23 「規上」") == normal('abc "规上"')
    assert normal("一 二\n三") == "一二三"


@pytest.mark.parametrize(
    ("text", "words", "held"),
    [
        ("达到1100%", "100%", False),
        ("达到100%", "100%", True),
        ("共910亿元", "91亿元", False),
        ("共1600亿元", "600亿元", False),
        ("共12,600亿元", "600亿元", False),
        ("an administration", "admin", False),
        ("It is ADMIN.", "admin", True),
        ("见 [99]", "[99]", True),
        ("确实是99%", "确实是99%", True),
        ("99.5%", "99", False),
    ],
)
def test_forbidden_words_are_held_as_such(text: str, words: str, held: bool) -> None:
    assert holds(text, words) is held


def test_stated_words_may_be_part_of_longer_ones() -> None:
    assert states("three streetlights", "streetlight")
    assert not states("130 years", "30 years")
    assert not states("anything", "")


def test_units_are_pairs_of_characters_and_latin_words() -> None:
    assert word_units("生产总值 GDP增长8.1%") == {"生产", "产总", "总值", "gdp", "增长"}
