"""`report-qa verify`: a text checked against the corpus, or against given paragraphs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.markup import escape

from rag.answer.check import CheckedSentence, Verdict, check_text
from rag.app import App
from rag.contract import CitationOut, FigureOut
from rag.corpus.read import decode, read_bytes, read_text
from rag.errors import CorpusError
from rag.search.understand import kind_of
from rag.types import Paragraph, Passage, Place, ReportInfo

_COLOURS: dict[Verdict, str] = {"supported": "green", "contradicted": "red", "not_found": "yellow"}


class ParagraphIn(BaseModel):
    """A line of a file of paragraphs to check against."""

    id: str
    text: str


class CheckedOut(BaseModel):
    """A sentence with figures and what the sources say of it, as scripts see it."""

    text: str
    verdict: Verdict
    reason: str
    citation: CitationOut | None
    figures: list[FigureOut]

    @classmethod
    def of(cls, checked: CheckedSentence) -> CheckedOut:
        """From the project's own value."""
        return cls(
            text=checked.text,
            verdict=checked.verdict,
            reason=checked.reason,
            citation=CitationOut.of(checked.citation) if checked.citation else None,
            figures=[FigureOut(**vars(figure)) for figure in checked.figures],
        )


def verify_file(
    app: App, file: Path, against: Path | None, *, as_json: bool, out: Console
) -> list[CheckedSentence]:
    """Check a file, print what was found, and return it. Raises CorpusError for files that cannot
    be read."""
    passages = None if against is None else read_passages(against)
    found = check_text(read_text(file), app.assistant.corpus(), passages)
    if as_json:
        lines = [CheckedOut.of(checked).model_dump() for checked in found]
        out.print_json(json.dumps(lines, ensure_ascii=False))
        return found
    for checked in found:
        _print(checked, out)
    counts = {verdict: sum(c.verdict == verdict for c in found) for verdict in _COLOURS}
    said = ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in counts.items())
    out.print(f"{len(found)} sentences with figures: {said}.")
    return found


def _print(checked: CheckedSentence, out: Console) -> None:
    verdict = f"[{_COLOURS[checked.verdict]}]{checked.verdict.replace('_', ' ')}[/]"
    reason = f" ({escape(checked.reason)})" if checked.reason else ""
    out.print(f"{verdict}{reason}: {escape(checked.text)}")
    if checked.citation:
        anchor = checked.citation.passage.anchor
        out.print(f"    [dim]{escape(anchor)}[/] {escape(checked.citation.quote)}")


def read_passages(file: Path) -> tuple[Passage, ...]:
    """The paragraphs of a file with a JSON object `{"id", "text"}` a line.

    Nothing is known of their place and period, so these are not compared. Raises CorpusError.
    """
    text = decode(read_bytes(file))
    if text is None:
        raise CorpusError(f"{file} is not text; write one JSON object a line, in UTF-8.")
    lines = [line for line in text.splitlines() if line.strip()]
    return tuple(_passage(file, number, line) for number, line in enumerate(lines, start=1))


def _passage(file: Path, number: int, line: str) -> Passage:
    try:
        given = ParagraphIn.model_validate_json(line)
    except ValidationError as error:
        raise CorpusError(
            f'{file}, line {number}: write one JSON object a line, {{"id": "...", "text": "..."}}.'
        ) from error
    kind = kind_of(given.text) or "actual"
    paragraph = Paragraph(given.id, 1, given.text, (), kind, "")
    info = ReportInfo(given.id, given.id, "", Place(""), "", "", "", "")
    return Passage(info, paragraph, 0, len(given.text), 0.0)


def worst(found: Sequence[CheckedSentence]) -> int:
    """The exit code: 1 if anything is contradicted, else 0."""
    return int(any(checked.verdict == "contradicted" for checked in found))
