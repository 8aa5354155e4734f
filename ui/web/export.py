"""A conversation as a file to keep: Markdown, Word, CSV or XLSX. Pure: values in, bytes out.

Word files are made with python-docx, XLSX files with openpyxl (both MIT licence): the ones that
most others build on, pure Python but for lxml.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Literal

from rag.answer.citations import answer_sentences
from rag.answer.tables import Table, as_lines, blocks, unescaped
from rag.contract import AnswerOut, CitationOut, FigureOut
from ui.web.conversations import Exchange
from ui.web.markup import deep_link

Form = Literal["md", "docx", "csv", "xlsx"]
MEDIA_TYPES: dict[Form, str] = {
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|!~&])")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What spreadsheets take for a formula at the beginning of a cell (OWASP, CSV Injection).
_FORMULA = re.compile(r"^\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_CELL = 32_000  # characters; a cell of a spreadsheet holds 32,767


@dataclass(frozen=True)
class Claim:
    """A row of a table: a figure of a sentence, or a sentence without figures, and its source."""

    question: str
    status: str
    sentence: str
    figure: str
    check: str
    in_the_report: str
    formula: str
    report: str
    title: str
    section: str
    paragraph: int | str
    kind: str
    period: str
    quote: str
    link: str


def export(exchanges: Sequence[Exchange], form: Form, site: str) -> bytes:
    """The conversation in a form. `site` is where links begin, as in http://127.0.0.1:7860."""
    match form:
        case "md":
            return markdown(exchanges, site).encode()
        case "docx":
            return _docx(exchanges, site)
        case "csv":
            return _csv(exchanges, site)
        case "xlsx":
            return _xlsx(exchanges, site)


def claims(exchange: Exchange, site: str) -> list[Claim]:
    """The rows of an answer, in its order."""
    answer = exchange.answer
    citations = {citation.marker: citation for citation in answer.citations}
    figures = list(answer.figures)
    rows = []
    for sentence in answer_sentences(as_lines(answer.answer)):
        own: list[FigureOut] = []
        while figures and figures[0].text in sentence.text:
            own.append(figures.pop(0))
        cited = [citations[marker] for marker in sentence.markers if marker in citations]
        for figure in own:
            source = citations.get(figure.marker or 0) or next(iter(cited), None)
            rows.append(_claim(exchange, sentence.text, figure, source, site))
        if not own:
            sources: Sequence[CitationOut | None] = cited or [None]
            rows += [_claim(exchange, sentence.text, None, source, site) for source in sources]
    return rows


def _claim(
    exchange: Exchange,
    sentence: str,
    figure: FigureOut | None,
    source: CitationOut | None,
    site: str,
) -> Claim:
    return Claim(
        question=exchange.question,
        status=exchange.answer.status,
        sentence=sentence,
        figure=figure.text if figure else "",
        check=figure.status if figure else "",
        in_the_report=figure.source if figure else "",
        formula=figure.formula if figure else "",
        report=source.report if source else "",
        title=source.title if source else "",
        section=" › ".join(source.section) if source else "",
        paragraph=source.paragraph if source else "",
        kind=source.kind if source else "",
        period=source.period if source else "",
        quote=source.quote if source else "",
        link=_link(source, site) if source else "",
    )


def _link(citation: CitationOut, site: str) -> str:
    span = (citation.start, citation.end)
    return site.rstrip("/") + deep_link(citation.report, citation.paragraph, span)


def source_line(citation: CitationOut) -> str:
    """`title › section · 2021 actual (report#p3)`."""
    path = " › ".join([citation.title, *citation.section])
    return f"{path} · {citation.period} {citation.kind} ({citation.anchor})"


def plain_text(exchange: Exchange, site: str) -> str:
    """An answer with its sources, for the clipboard."""
    lines = [exchange.question, "", exchange.answer.answer]
    for c in exchange.answer.citations:
        lines += ["", f"[{c.marker}] {source_line(c)}", f"    {c.quote}", f"    {_link(c, site)}"]
    return "\n".join(lines)


def markdown(exchanges: Iterable[Exchange], site: str) -> str:
    """Questions as headings, answers as text, sources as lists; all other marks are escaped."""
    lines: list[str] = []
    for exchange in exchanges:
        lines += [f"## {_plain(exchange.question)}", ""]
        for block in blocks(exchange.answer.answer):
            lines += _table(block) if isinstance(block, Table) else [f"{_plain(block.text)}  "]
        lines += ["", *_figure_notes(exchange.answer), ""]
        for c in exchange.answer.citations:
            lines += [
                f"- \\[{c.marker}\\] {_plain(source_line(c))} — <{_link(c, site)}>",
                f"  > {_plain(c.quote)}",
            ]
        lines += ["", f"*{exchange.time} · {_plain(exchange.answer.engine)}*", ""]
    return "\n".join(lines)


def _table(table: Table) -> list[str]:
    rows = [table.head, *table.rows]
    lines = ["| " + " | ".join(_plain(unescaped(cell.text)) for cell in row) + " |" for row in rows]
    return ["", lines[0], "|" + " --- |" * len(table.head), *lines[1:], ""]


def _figure_notes(answer: AnswerOut) -> list[str]:
    return [
        f"- {_plain(figure.text)}: {figure.status}"
        + (f" ({_plain(figure.formula or figure.source)})" if figure.source else "")
        for figure in answer.figures
        if figure.status != "exact"
    ]


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _docx(exchanges: Iterable[Exchange], site: str) -> bytes:
    from docx import Document

    document = Document()
    for exchange in exchanges:
        document.add_heading(_xml(exchange.question), level=2)
        for block in blocks(exchange.answer.answer):
            if isinstance(block, Table):
                rows = [block.head, *block.rows]
                table = document.add_table(len(rows), len(block.head), style="Table Grid")
                for there, row in zip(table.rows, rows, strict=True):
                    for place, cell in zip(there.cells, row, strict=False):
                        place.text = _xml(unescaped(cell.text))
            else:
                document.add_paragraph(_xml(block.text))
        for figure in exchange.answer.figures:
            if figure.status != "exact":
                note = f"{figure.text}: {figure.status}"
                note += f" ({figure.formula or figure.source})" if figure.source else ""
                document.add_paragraph(_xml(note), style="List Bullet")
        for c in exchange.answer.citations:
            document.add_paragraph(_xml(f"[{c.marker}] {source_line(c)}"), style="List Bullet")
            document.add_paragraph(_xml(c.quote), style="Quote")
            document.add_paragraph(_link(c, site))
        document.add_paragraph(_xml(f"{exchange.time} · {exchange.answer.engine}"))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _cell(value: object) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = _xml(str(value))[:_CELL]
    return f"'{text}" if _FORMULA.match(text) else text


def _rows(exchanges: Iterable[Exchange], site: str) -> Iterable[list[str]]:
    yield [field.name for field in fields(Claim)]
    for exchange in exchanges:
        for claim in claims(exchange, site):
            yield [_cell(value) for value in astuple(claim)]


def _csv(exchanges: Iterable[Exchange], site: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(_rows(exchanges, site))
    return out.getvalue().encode("utf-8-sig")  # with the mark by which Excel knows UTF-8


def _xlsx(exchanges: Iterable[Exchange], site: str) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate(_rows(exchanges, site), start=1):
        for column, text in enumerate(row, start=1):
            cell = sheet.cell(number, column)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
            cell.data_type = "s"
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
