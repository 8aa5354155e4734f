"""What a model's reply says, apart from how it is set: no markup, no links, digits 0 to 9."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from html import unescape

from rag.search.understand import fold

_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>")
_TARGET = re.compile(r"(?<=\])\((?:[a-z]+:|[/#.]|www\.)[^()\s]*\)", re.IGNORECASE)  # of a link
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s()<>\[\]\u3000-\u9fff\uff00-\uffef]+", re.IGNORECASE)
_ITEM = re.compile(
    r"^[ \t]*(?:#{1,6}(?=\s)|>|[-+*\u2022\u00b7](?=\s)|\(?\d{1,2}[.)\u3001\uff09](?!\d))[ \t]*",
    re.MULTILINE,
)
_EMPHASIS = re.compile(r"\*+|_{2,}|~~|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)")
_ON_DIGITS = re.compile(r"(?<=\d)[\u0300-\u036f\u20d0-\u20f0\ufe00-\ufe0f]+")
_ENCLOSED = re.compile(
    r"[\u00b2\u00b3\u00b9\u2070-\u2089\u2460-\u24ff\u2776-\u2793]+(?=[\d.%\u4ebf\u4e07])"
)


def plain(text: str) -> str:
    """The text as it reads when shown: Markdown and HTML taken out, characters nobody sees gone,
    digits of any script as ASCII ones, characters simplified. Lines and markers stay."""
    text = _TAG.sub("", _HIDDEN.sub("", unescape(text)))
    text = _EMPHASIS.sub("", _ITEM.sub("", _ADDRESS.sub("", _TARGET.sub("", text))))
    text = "".join(map(_character, text))
    return _ENCLOSED.sub(lambda m: unicodedata.normalize("NFKC", m[0]), _ON_DIGITS.sub("", text))


@cache
def _character(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if unicodedata.category(character) == "Cf":
        return ""
    return fold(character) if "\u4e00" <= character <= "\u9fff" else character
