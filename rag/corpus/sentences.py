"""The sentences of a report's paragraph, with their offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass

# At 。!? or a semicolon; reports use both widths.
_END = re.compile(r"[。!?;！？；\n]+[”’\"'」』)）]*")


@dataclass(frozen=True)
class Span:
    """A sentence of a source: `source[start:end] == text`."""

    text: str
    start: int
    end: int


def source_sentences(text: str) -> list[Span]:
    """The sentences of a paragraph; white space around them is left out, nothing else."""
    spans = []
    position = 0
    for end in [*(found.end() for found in _END.finditer(text)), len(text)]:
        raw = text[position:end]
        start = position + len(raw) - len(raw.lstrip())
        stripped = raw.strip()
        if stripped:
            spans.append(Span(stripped, start, start + len(stripped)))
        position = max(position, end)
    return spans
