"""Paragraphs to chunks of whole sentences, with their offsets."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from rag.types import Chunk, Paragraph, ReportInfo

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

# Part of the index's signature: raise it when a paragraph would be cut, embedded or indexed
# otherwise.
CHUNKER_VERSION = 5
CHUNK_CHARACTERS = 120
# Sentence ends first, then clauses; reports mix full-width and half-width punctuation.
_SEPARATORS = ["\n", "。", "!", "?", "！", "？", ";", "；", ",", "，", "、", ""]
_MINIMUM_CHARACTERS = 8


@cache
def _splitter() -> RecursiveCharacterTextSplitter:
    """Imported at first use: only who ingests waits for it."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(
        chunk_size=CHUNK_CHARACTERS,
        chunk_overlap=0,
        separators=_SEPARATORS,
        keep_separator="end",
        strip_whitespace=False,
        add_start_index=True,
    )


def context_of(info: ReportInfo, paragraph: Paragraph) -> str:
    """What stands in front of a text when it is embedded: the place and the heading path.

    The title goes in only where no heading names the period: titles often name two ("2021年工作
    总结和2022年工作思路"), of which a paragraph speaks of one.
    """
    path = " ".join(paragraph.section)
    if paragraph.period and paragraph.period in path:
        return f"{info.place.zh} {path}"
    title = info.title if info.place.zh in info.title else f"{info.place.zh} {info.title}"
    return f"{title} {path}".strip()


def is_indexed(paragraph: Paragraph) -> bool:
    """Whether a paragraph is worth finding: not a heading, not a bare salutation."""
    return not paragraph.is_heading and len(paragraph.text) >= _MINIMUM_CHARACTERS


def chunk_paragraph(info: ReportInfo, paragraph: Paragraph) -> list[Chunk]:
    """The chunks of one paragraph in order; together they are its whole text."""
    context = context_of(info, paragraph)
    documents = _splitter().create_documents([paragraph.text])
    return [
        Chunk(paragraph, start, start + len(text), text, context)
        for text, start in (
            (document.page_content, int(document.metadata["start_index"])) for document in documents
        )
    ]


def whole_paragraph(info: ReportInfo, paragraph: Paragraph) -> Chunk:
    """A paragraph as a single chunk, for the leg that searches whole paragraphs.

    Its vector is the mean of its chunks': a long one would not fit the model's window.
    """
    return Chunk(paragraph, 0, len(paragraph.text), paragraph.text, context_of(info, paragraph))
