"""Text out of HTML, Word and PDF files. One reader a format, bytes in, lines out.

HTML: selectolax (MIT), which wraps the Lexbor parser and reads what browsers read, however broken
or deeply nested. Word: python-docx (MIT), the reader most others build on; its XML parser resolves
no entities. PDF: pypdfium2 (Apache-2.0 or BSD-3-Clause), which wraps Chromium's PDFium: it knows
Chinese encodings without embedded maps, is fast, and is fuzzed by its maintainers.
"""

from __future__ import annotations

import io
import re
import threading
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

MAX_UNPACKED = 200_000_000
MAX_PARTS = 5_000
MAX_PAGES = 2_000
_NOT_TEXT = (
    "script, style, noscript, template, iframe, object, svg, nav, header, footer, aside, form, "
    "button, select"
)
_BLOCKS = (
    "p, div, br, h1, h2, h3, h4, h5, h6, li, tr, table, section, article, main, blockquote, pre, "
    "dd, dt, title, center, td > p"
)
_PAGE_NUMBER = re.compile(r"^[-\u2014\u2013\s·第]*\d{1,4}[-\u2014\u2013\s·页/\d共]*$")
_ENDS = re.compile(r"[。\uff01\uff1f\uff1b!?;:\uff1a][\u201d\u2019\"')\uff09]*$")
_BEGINS = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|[(\uff08][一二三四五六七八九十]{1,3}[)\uff09])"
)
_FULL = 0.85  # of the usual width: a line this long goes on in the next
_pdfium = threading.Lock()  # PDFium is not safe to use from several threads


class UnreadableError(ValueError):
    """A file is not what its name says, or holds no text; says what to do, for a sentence that
    begins with the file's name."""


def html_text(text: str) -> str:
    """The visible text of a page, a line a block; navigation, forms and scripts are left out."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(text)
    heading = tree.css_first("h1")
    title = tree.css_first("title")
    for node in tree.css(_NOT_TEXT):
        node.decompose()
    body = tree.body
    if body is None:
        return ""
    for cell in body.css("td, th"):
        cell.insert_after(" | ")
    for block in body.css(_BLOCKS):
        block.insert_before("\n")
        block.insert_after("\n")
    lines = [" ".join(line.split()).strip("| ") for line in body.text().split("\n")]
    first = [] if heading or title is None else [" ".join(title.text().split())]
    return "\n".join(line for line in (*first, *lines) if line)


def docx_text(raw: bytes) -> str:
    """The paragraphs and table rows of a Word document in their order. Raises UnreadableError."""
    _check_zip(raw)
    from docx import Document
    from docx.opc.exceptions import OpcError
    from docx.table import Table
    from lxml.etree import LxmlError

    try:
        document = Document(io.BytesIO(raw))
        lines: list[str] = []
        for block in document.iter_inner_content():
            if isinstance(block, Table):
                lines += [_row(cell.text for cell in row.cells) for row in block.rows]
            else:
                lines += block.text.split("\n")
    except (OpcError, LxmlError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UnreadableError("is not a sound Word document; save it as .docx again.") from error
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return " | ".join(" ".join(cell.split()) for cell in dict.fromkeys(cells))


def _check_zip(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        old = raw[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        said = "is encrypted or in the old Word format" if old else "is not a Word document"
        raise UnreadableError(f"{said}; save it as .docx without a password.") from error
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise UnreadableError(
            f"unpacks to more than {MAX_UNPACKED // 1_000_000} MB; save its text as .txt."
        )


def pdf_text(raw: bytes) -> str:
    """The text of a PDF with its lines put together to paragraphs. Raises UnreadableError."""
    import pypdfium2

    with _pdfium:
        try:
            document = pypdfium2.PdfDocument(raw)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise UnreadableError("is encrypted; save it without a password.") from error
            raise UnreadableError("is not a sound PDF; save it again or as .docx.") from error
        try:
            if len(document) > MAX_PAGES:
                raise UnreadableError(f"has more than {MAX_PAGES} pages; split it.")
            pages = [_page_lines(document, number) for number in range(len(document))]
        except pypdfium2.PdfiumError as error:
            raise UnreadableError("has pages that cannot be read; save it again.") from error
        finally:
            document.close()
    if not any(pages):
        raise UnreadableError(
            "holds no text, probably only pictures of pages; run text recognition (OCR) first."
        )
    return "\n".join(_paragraphs(_without_margins(pages)))


def _page_lines(document: object, number: int) -> list[str]:
    page = document[number]  # type: ignore[index]
    text = page.get_textpage()
    lines = str(text.get_text_bounded()).replace("\ufffe", "").splitlines()
    text.close()
    page.close()
    return [line.strip() for line in lines if line.strip()]


def _without_margins(pages: Sequence[Sequence[str]]) -> list[str]:
    """Without page numbers, and without first and last lines that most pages share."""
    edges = Counter(line for page in pages if page for line in {page[0], page[-1]})
    often = max(3, len(pages) // 2)
    return [
        line
        for page in pages
        for line in page
        if not _PAGE_NUMBER.match(line) and edges[line] < often
    ]


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """Lines joined where one only goes on in the next: it is full and ends no sentence."""
    widths = sorted(_width(line) for line in lines)
    full = _FULL * widths[len(widths) * 9 // 10] if widths else 0
    joined = list(lines[:1])
    for before, line in pairwise(lines):
        goes_on = _width(before) >= full and not _ENDS.search(before) and not _BEGINS.match(line)
        if not goes_on:
            joined.append(line)
        elif before[-1].isascii() and line[0].isascii() and before[-1].isalpha():
            joined[-1] += f" {line}"
        else:
            joined[-1] += line
    return joined


def _width(line: str) -> int:
    """Columns: a Chinese character has two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
