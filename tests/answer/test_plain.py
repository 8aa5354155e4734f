"""A reply as it reads when it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answer.plain import plain
from rag.corpus.parse import parse_file
from rag.corpus.sentences import source_sentences


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("9**1**0亿元 [1]。", "910亿元 [1]。"),
        ("__910__ ~~亿元~~ _x_", "910 亿元 x"),
        ("snake_case", "snake_case"),
        ("<b>9</b>10亿元", "910亿元"),
        ("a <!-- 999 --> b <!-- 1", "a  b "),
        ("3 < 5 > 2", "3 < 5 > 2"),
        ("&#57;10 &amp; 1", "910 & 1"),
        ("[910亿元](https://x.test/y) [1](#p1) [2](2018)", "[910亿元] [1] [2](2018)"),
        ("见https://x.test/999亿元", "见亿元"),
        ("\uff19\u0661\u06f0", "910"),
        ("9\u200b1\u20600\ufeff", "910"),
        ("9\u03361\u20e30", "910"),
        ("\u2468\u2460\u2468亿元 \u2460推进", "919亿元 \u2460推进"),
        ("生產總值九億", "生产总值九亿"),
        (
            "# 标题\n- 一项\n* 二项\n1. 三项\n(2) 四项\n1.2亿元",
            "标题\n一项\n二项\n三项\n四项\n1.2亿元",
        ),
        ("caf\u00e9 ①", "caf\u00e9 ①"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_the_reports_stay_as_they_are(seeds: Path) -> None:
    """All sentences but the first of a paragraph, which may begin with its number in a list."""
    changed = []
    for report in sorted(seeds.glob("*.txt")):
        for paragraph in parse_file(report).paragraphs:
            for span in source_sentences(paragraph.text)[1:]:
                changed += [] if plain(span.text) == span.text else [span.text]
    assert changed == []
