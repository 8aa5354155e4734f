"""Answers as statements with their markers, read independently of the code under test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rag.search.understand import fold

_MARKERS = re.compile(
    r"\s*[\[\u3010\uff3b]\s*\^?\d{1,3}(?:\s*[,\u3001\uff0c\u2013-]\s*\d{1,3})*\s*[\]\u3011\uff3d]"
)
_NUMBER = re.compile(r"\d{1,3}")
_HARD_END = "\u3002\uff01\uff1f!?"  # full stop, exclamation and question marks of both widths
_CLOSING = "\u201d\u2019\u300d\u300f\uff09)\"'"
_QUOTES = {"\u201c": "\u201d", "\u300c": "\u300d", "\u300e": "\u300f"}
_ABBREVIATION = re.compile(r"(?:\b(?:No|vs|approx|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)|\b[A-Z])$")
_LEAD_IN = re.compile(r"[:\uff1a]\s*$")
_LEFT_OPEN = re.compile(
    r"^(?:报告没有说明\uff1a|报告隐去了数值|"
    r"The reports (?:do not state this|mask the value[^:]*): \")"
)
_ROW = re.compile(r"^\|.*\|$")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_BETWEEN_CJK = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u300c\u300d\u300e\u300f", '"'),
        **dict.fromkeys("\u2018\u2019", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u3001": ",",
        "\u3002": ".",
    }
)


@dataclass(frozen=True)
class Statement:
    """A sentence of an answer that claims something, without its markers."""

    text: str
    markers: tuple[int, ...]


def statements(text: str) -> list[Statement]:
    """The statements of an answer in order.

    A sentence ends at a line's end, at a full stop, exclamation or question mark outside
    quotation marks, never inside a number; a marker behind it still belongs to it. A row of a
    table is one statement. A line that only leads in ("In the words of the reports:") or repeats a
    question that is left open, and a row without a marker or a figure (the head, or what no report
    states) claim nothing and are left out.
    """
    found: list[Statement] = []
    for sentence in _sentences(text):
        markers = [int(n) for group in _MARKERS.findall(sentence) for n in _NUMBER.findall(group)]
        words = _MARKERS.sub("", sentence).strip()
        if markers and not re.search(r"\w", words) and found:
            last = found.pop()
            found.append(Statement(last.text, tuple(dict.fromkeys((*last.markers, *markers)))))
        elif re.search(r"\w", words) and (markers or not _claims_nothing(words)):
            found.append(Statement(words, tuple(dict.fromkeys(markers))))
    return found


def without_markers(text: str) -> str:
    """The text a reader reads."""
    return _MARKERS.sub("", text)


def _claims_nothing(words: str) -> bool:
    if not _ROW.match(words):
        return bool(_LEAD_IN.search(words) or _LEFT_OPEN.match(words))
    _, _, rest = words.strip("| ").partition("|")  # the first cell says of what, with the year
    return not re.search(r"\d", rest)


def _sentences(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if _ROW.match(line):
            yield line
            continue
        start = at = 0
        closing = ""
        while at < len(line):
            character = line[at]
            if closing:
                closing = "" if character == closing else closing
            elif character in _QUOTES and _QUOTES[character] in line[at:]:
                closing = _QUOTES[character]
            elif _ends(line, at):
                at = _past_markers(line, at + 1)
                yield line[start:at]
                start = at
                continue
            at += 1
        yield line[start:]


def _ends(line: str, at: int) -> bool:
    if line[at] in _HARD_END:
        return True
    followed = at + 1 == len(line) or line[at + 1] in _CLOSING or line[at + 1].isspace()
    return line[at] == "." and followed and not _ABBREVIATION.search(line[:at])


def _past_markers(line: str, at: int) -> int:
    """The position behind closing marks and the markers that follow a sentence."""
    while at < len(line) and (line[at] in _CLOSING or line[at] in _HARD_END):
        at += 1
    while found := _MARKERS.match(line, at):
        at = found.end()
    return at


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """Text for comparing: half-width, simplified, lower case, one kind of quotation mark, dash
    and space, no space between Chinese characters."""
    folded = fold(text).translate(_ALIKE).casefold()
    return _BETWEEN_CJK.sub("", " ".join(folded.split()))


def holds(text: str, words: str) -> bool:
    """Whether a text holds words as such: "100%" is not in "1100%", "admin" not in
    "administration"."""
    text, words = normal(text), normal(words)
    before = r"(?<![a-z0-9])(?<!\d[.,])" if words[:1].isascii() and words[:1].isalnum() else ""
    after = r"(?![a-z0-9])(?![.,]\d)" if words[-1:].isascii() and words[-1:].isalnum() else ""
    return bool(words) and bool(re.search(before + re.escape(words) + after, text))


def states(text: str, words: str) -> bool:
    """Whether a text states words: as part of longer ones too, but not of a longer number."""
    text, words = normal(text), normal(words)
    before = r"(?<!\d)(?<!\d[.,])" if words[:1].isdigit() else ""
    after = r"(?!\d)(?![.,]\d)" if words[-1:].isdigit() else ""
    return bool(words) and bool(re.search(before + re.escape(words) + after, text))


def cjk_count(text: str) -> int:
    """Number of Chinese characters."""
    return len(_CJK.findall(text))


def word_units(text: str) -> frozenset[str]:
    """What two texts can have in common: pairs of neighbouring Chinese characters and words of
    Latin letters; numbers are left to the comparison of figures."""
    folded = normal(text)
    pairs = {
        run[i : i + 2]
        for run in re.findall(r"[\u4e00-\u9fff]{2,}", folded)
        for i in range(len(run) - 1)
    }
    return frozenset(pairs | set(re.findall(r"[a-z][a-z'-]{2,}", folded)))


def quotations(text: str) -> list[str]:
    """What stands in quotation marks, at least eight characters of it."""
    found = re.findall("\u201c([^\u201c\u201d]{8,})\u201d|\u300c([^\u300c\u300d]{8,})\u300d", text)
    return [first or second for first, second in found]
