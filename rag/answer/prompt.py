"""Passages and a question to the messages a chat model is sent."""

from __future__ import annotations

from collections.abc import Sequence

from prompts import render
from rag.types import Passage, Query

Message = dict[str, str]
_BRACKETS = str.maketrans("[]\uff3b\uff3d\u3010\u3011", "〔〕" * 3)  # all that may hold a marker
_CONTEXT_CHARACTERS = 600  # of a paragraph around its best chunk, at an endpoint


def build_messages(
    query: Query, passages: Sequence[Passage], *, short: bool = False
) -> list[Message]:
    """The fixed part first, so that a server can keep its prefix; then passages and question.

    With `short` a passage is its best chunk only, for a small model on a slow machine.
    """
    listed = "\n".join(
        f"[{number}] {fence(_head(passage) + _excerpt(passage, short))}"
        for number, passage in enumerate(passages, start=1)
    )
    return [
        {"role": "system", "content": render(f"answer_{query.language}")},
        {
            "role": "user",
            "content": render(
                f"question_{query.language}", passages=listed, question=fence(query.standalone)
            ),
        },
    ]


def fence(text: str) -> str:
    """Text of a document or a user that cannot pass for a marker or a line of the prompt."""
    return " ".join(text.translate(_BRACKETS).split())


def _head(passage: Passage) -> str:
    paragraph = passage.paragraph
    kind = "计划" if paragraph.kind == "plan" else "实绩"
    return f"({passage.info.place.zh} {paragraph.period} {kind}) "


def _excerpt(passage: Passage, short: bool) -> str:
    text = passage.paragraph.text
    if short:
        return passage.best_chunk
    spare = max(0, _CONTEXT_CHARACTERS - (passage.end - passage.start)) // 2
    return text[max(0, passage.start - spare) : passage.end + spare]
