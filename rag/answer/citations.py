"""The sentences of an answer and the markers in them."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A sentence of an answer ends at 。!? or at a full stop before white space (not in 8.9 or "No. 3").
_CLOSING = r"[”’\"'」』)）]*"
_ABBREVIATION = r"(?<!\bNo)(?<!\bvs)(?<!\b[A-Z])(?<!\be\.g)(?<!\bi\.e)(?<!\b[Aa]pprox)"
_EN_END = re.compile(rf"{_ABBREVIATION}\.{_CLOSING}(?=\s|$)|[。!?！？\n]+{_CLOSING}")
_MARKERS = r"(?:\s*[\[［【]\s*\^?\d{1,3}(?:\s*[,，、–-]\s*\d{1,3})*\s*[\]］】])+"
MARKER = re.compile(_MARKERS)
_TRAILING = re.compile(rf"([。.!?！？;；]+{_CLOSING})({_MARKERS})")
_NUMBERS = re.compile(r"(\d{1,3})(?:\s*[–-]\s*(\d{1,3}))?")
_FENCE = re.compile(r"```[a-z]*\n?|`")


@dataclass(frozen=True)
class Sentence:
    """A sentence of an answer without its markers, which are given in order."""

    text: str
    markers: tuple[int, ...]


def answer_sentences(text: str) -> list[Sentence]:
    """The sentences of an answer with the markers that each carries, in whatever brackets, also
    inside code fences and behind the full stop."""
    text = _FENCE.sub("", text)
    text = _TRAILING.sub(lambda m: m[2].strip() + m[1], text)
    sentences = []
    position = 0
    for end in [*(found.end() for found in _EN_END.finditer(text)), len(text)]:
        raw = text[position:end]
        position = end
        markers = [number for group in MARKER.findall(raw) for number in _numbers(group)]
        cleaned = " ".join(MARKER.sub("", raw).split())
        if re.search(r"\w", cleaned):
            sentences.append(Sentence(cleaned, tuple(dict.fromkeys(markers))))
        elif markers and sentences:
            last = sentences[-1]
            sentences[-1] = Sentence(last.text, tuple(dict.fromkeys((*last.markers, *markers))))
    return sentences


def _numbers(group: str) -> list[int]:
    """The numbers of "[1, 3-5]": 1, 3, 4, 5."""
    found: list[int] = []
    for first, last in _NUMBERS.findall(group):
        found += range(int(first), int(last or first) + 1)
    return found


def with_markers(text: str, markers: tuple[int, ...]) -> str:
    """A sentence with its markers in front of its final punctuation."""
    marks = "".join(f"[{marker}]" for marker in markers)
    if not marks:
        return text
    body = text.rstrip("。.!?！？;；,，")
    tail = re.sub("[;,\uff1b\uff0c]+", "", text[len(body) :])
    return f"{body} {marks}{tail}"
