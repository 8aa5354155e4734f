"""Questions about a report itself, answered from its front matter."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.evidence import Evidence
from rag.corpus.frontmatter import details_of
from rag.types import Passage, Query


def stated_in_front(query: Query, passages: Sequence[Passage]) -> list[Evidence]:
    """The lines of front matter with the details of a report that a question asks for."""
    found = []
    for marker, passage in enumerate(passages, start=1):
        if passage.paragraph.number:
            continue
        lines = details_of(passage.paragraph.text)
        for detail in query.details:
            if span := lines.get(detail):
                found.append(
                    Evidence(marker, passage, span, 1.0, None, 0.0, True, 1.0, (), query.language)
                )
    return found
