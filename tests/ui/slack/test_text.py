"""Text that is safe for Slack, and cut where sentences end."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.slack.text import defang, escape, is_to_someone_else, mentions, pieces, plain

LIVE = re.compile(r"<[!@#a-zA-Z/]|://|@(?:here|channel|everyone)\b|\bwww\.", re.IGNORECASE)
HOSTILE = [
    "<!channel>",
    "<!here|here>",
    "<!subteam^S1|@all>",
    "<!date^1^{date}^https://evil.example|x>",
    "<@U012AB>",
    "<#C012AB|general>",
    "<https://evil.example|bank.example>",
    "<mailto:a@b.example|x>",
    "http://evil.example",
    "HTTPS://EVIL.EXAMPLE",
    "www.evil.example",
    "@here @channel @everyone",
    "<a href=https://evil.example>",
    "\u202egnp.exe",
    "a\x00b\x1b[31m",
    "<\u200e!channel>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_would_act_is_only_shown(text: str) -> None:
    safe = defang(text)
    assert not LIVE.search(safe)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e]", safe)
    assert "<" not in escape(text)
    assert ">" not in escape(text)


@pytest.mark.parametrize(
    "text", ["增速<5%且>3%", "A&B", "a < b", "比例3:7", "e.g. 1. 2", "*粗*_斜_"]
)
def test_what_does_nothing_stays(text: str) -> None:
    assert defang(text) == text


@given(st.text(st.characters() | st.sampled_from("<>!@#/:whtp.")))
def test_nothing_acts_whatever_it_is(text: str) -> None:
    assert not LIVE.search(defang(text))
    assert defang(defang(text)) == defang(text)


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        ("<@UBOT> 瑞安2018年?", "瑞安2018年?"),
        ("瑞安 <@UBOT>2018年", "瑞安 2018年"),
        ("<@UBOT|bot> <@U2> GDP &lt;5% &amp; more", "GDP <5% & more"),
        ("see <https://a.example/x|the page> in <#C1|general> <!here>", "see the page in general"),
        ("<https://a.example>", "https://a.example"),
        ("<@UBOT>", ""),
        ("a\n\nb", "a b"),
    ],
)
def test_what_a_message_means(message: str, meant: str) -> None:
    assert plain(message, "UBOT") == meant


def test_who_is_addressed() -> None:
    assert mentions("a <@UBOT> b", "UBOT")
    assert not mentions("a <@UBOTX> b", "UBOT")
    assert is_to_someone_else(" <@U2> you?", "UBOT")
    assert not is_to_someone_else("<@UBOT> you?", "UBOT")
    assert not is_to_someone_else("as <@U2> said", "UBOT")


@given(st.text(st.characters() | st.sampled_from("。\uff1b\uff0c. \n")), st.integers(1, 50))
def test_pieces_are_the_text(text: str, limit: int) -> None:
    found = pieces(text, limit)
    assert "".join(found) == text
    assert all(1 <= len(piece) <= limit for piece in found)


def test_pieces_end_with_sentences() -> None:
    assert pieces("一二三。四五六\uff01七八", 6) == ["一二三。", "四五六\uff01七八"]
    assert pieces("一二\uff0c三四五六", 5) == ["一二\uff0c", "三四五六"]
    assert pieces("One. Two 1.5 three. Four", 20) == ["One. Two 1.5 three.", " Four"]
    assert pieces("一二三四五", 2) == ["一二", "三四", "五"]
