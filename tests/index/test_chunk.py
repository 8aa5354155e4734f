"""Chunks are their paragraph, cut at the ends of sentences; nothing added, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.corpus.catalogue import load_catalogue
from rag.corpus.parse import parse_file
from rag.index.chunk import (
    CHUNK_CHARACTERS,
    chunk_paragraph,
    context_of,
    is_indexed,
    whole_paragraph,
)
from rag.types import Chunk, Paragraph, Place, Report, ReportInfo

INFO = ReportInfo(
    "north-2021", "北山县2021年工作总结", "", Place("北山县"), "", "2022", "2021", "2022"
)
ENDS = "。!?;,、\uff01\uff1f\uff1b\uff0c"
PROSE = st.text(alphabet="增长投资8.1% X" + ENDS, min_size=1, max_size=900)
RUNS = st.builds(
    lambda word, n: word * n, st.sampled_from(["增", "增长。", "8,", "a "]), st.integers(1, 400)
)


def paragraph(text: str, *section: str, period: str = "2021") -> Paragraph:
    return Paragraph("north-2021", 7, text, section, "actual", period)


@pytest.fixture(scope="module")
def reports(seeds: Path) -> list[Report]:
    catalogue = load_catalogue(seeds)
    return [parse_file(path, catalogue[path.name]) for path in sorted(seeds.glob("*.txt"))]


def assert_covers(chunks: list[Chunk], whole: Paragraph) -> None:
    """Exact offsets that rise without a gap from the paragraph's begin to its end."""
    end = 0
    for chunk in chunks:
        assert chunk.start == end
        assert chunk.start < chunk.end
        assert whole.text[chunk.start : chunk.end] == chunk.text
        assert chunk.paragraph is whole
        end = chunk.end
    assert end == len(whole.text)


@given(PROSE | RUNS)
def test_chunks_cover_any_paragraph(text: str) -> None:
    whole = paragraph(text)
    chunks = chunk_paragraph(INFO, whole)
    assert_covers(chunks, whole)
    assert all(len(chunk.text) <= CHUNK_CHARACTERS for chunk in chunks)
    assert len({chunk.id for chunk in chunks}) == len(chunks)


def test_chunks_cover_the_seeds(reports: list[Report]) -> None:
    for report in reports:
        for whole in report.paragraphs:
            assert_covers(chunk_paragraph(report.info, whole), whole)


def test_chunks_of_the_seeds_end_with_a_sentence_or_a_clause(reports: list[Report]) -> None:
    for report in reports:
        for whole in report.paragraphs:
            for chunk in chunk_paragraph(report.info, whole)[:-1]:
                assert chunk.text[-1] in ENDS


def test_a_sentence_that_fits_is_not_cut() -> None:
    sentences = [
        "全县实现生产总值125亿元,增长8.1%。",
        "财政总收入" + "17.7亿元," * 10 + "增长。",
        "新建" * 40 + "。",
    ]
    chunks = chunk_paragraph(INFO, paragraph("".join(sentences)))
    assert [chunk.text for chunk in chunks] == [sentences[0] + sentences[1], sentences[2]]


def test_full_width_sentence_ends_are_preferred_too() -> None:
    first, second = "增长" * 45 + "\uff1b", "下降" * 45 + "\uff01"
    chunks = chunk_paragraph(INFO, paragraph(first + second))
    assert [chunk.text for chunk in chunks] == [first, second]


def test_what_is_embedded_says_where_it_stands_and_what_is_cited_does_not() -> None:
    whole = paragraph("增长8.1%。", "一、2021年工作总结", "(一)工业")
    (chunk,) = chunk_paragraph(INFO, whole)
    assert chunk.embedded_text == "北山县 一、2021年工作总结 (一)工业\n增长8.1%。"
    assert chunk.text == "增长8.1%。"
    assert whole_paragraph(INFO, whole).embedded_text == chunk.embedded_text


def test_the_title_stands_in_where_no_heading_names_the_period() -> None:
    assert context_of(INFO, paragraph("增长。", "(一)工业")) == "北山县2021年工作总结 (一)工业"
    assert context_of(INFO, paragraph("增长。")) == "北山县2021年工作总结"


def test_headings_and_salutations_are_not_indexed(reports: list[Report]) -> None:
    for report in reports:
        for whole in report.paragraphs:
            assert is_indexed(whole) == (not whole.is_heading and whole.text != "各位代表:")
