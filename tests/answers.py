"""What holds for every answer."""

from __future__ import annotations

from rag.types import Answer


def assert_sound(answer: Answer) -> None:
    """An answer cites what it says and no figure without a source; each quotation stands in its
    paragraph, which is among those found."""
    if answer.status == "answered":
        assert answer.citations
        assert all(figure.status != "unsupported" for figure in answer.figures)
    for citation in answer.citations:
        text = citation.passage.paragraph.text
        assert text[citation.start : citation.end] == citation.quote
        assert f"[{citation.marker}]" in answer.text
        assert citation.passage in answer.retrieved
