"""Files to text. One reader a format, by suffix."""

from __future__ import annotations

import os
import re
from pathlib import Path

from rag.corpus.formats import UnreadableError, docx_text, html_text, pdf_text
from rag.errors import CorpusError

_TEXT = (".txt", ".md", ".html", ".htm")
SUFFIXES = (*_TEXT, ".docx", ".pdf")
MAX_BYTES = 20_000_000
_CJK = re.compile(r"[\u4e00-\u9fff]")
# The commonest characters of Chinese prose: of text decoded with the right encoding they are
# well over a tenth, of garbled text next to none.
_COMMON = re.compile(r"[的年和在工作市区发展建设全一是产业大重点项目实现提升中]")


def read_text(path: Path) -> str:
    """The text of a report file: plain text and HTML in UTF-8, UTF-16 or GB18030, Word, PDF.

    Raises CorpusError if the file is missing, of another format, too large, not text, empty, or
    in an encoding that cannot be told.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise CorpusError(f"{path} is not a {' or '.join(SUFFIXES)} file; save the report as text.")
    raw = read_bytes(path)
    try:
        text = _decoded(path, raw) if suffix in _TEXT else _READERS[suffix](raw)
    except UnreadableError as error:
        raise CorpusError(f"{path} {error}") from error
    if suffix in (".html", ".htm"):
        text = html_text(text)
    if not text.strip():
        raise CorpusError(f"{path} is empty; there is nothing to ingest in it.")
    return text


_READERS = {".docx": docx_text, ".pdf": pdf_text}


def _decoded(path: Path, raw: bytes) -> str:
    text = decode(raw)
    if text is None:
        raise CorpusError(
            f"{path} is not text in UTF-8, UTF-16 or GB18030; save it as UTF-8 and ingest it again."
        )
    return text


def read_bytes(path: Path) -> bytes:
    """The bytes of a report file.

    Raises CorpusError if it is missing or too large, or its name cannot be stored.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        name = os.fsencode(path).decode(errors="replace")
        raise CorpusError(
            f"{name} has a name that is not UTF-8; rename it and ingest it."
        ) from error
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CorpusError(
                f"{path} is larger than {MAX_BYTES // 1_000_000} MB; split it before ingesting."
            )
        return path.read_bytes()
    except OSError as error:
        raise CorpusError(
            f"{path} cannot be read ({error.strerror}); check the path and its permissions."
        ) from error


def decode(raw: bytes) -> str | None:
    """Bytes to text with `\\n` line ends, or None if they are not text that can be told."""
    encodings = ["utf-16"] if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _plausible(text, sure=encoding != "gb18030"):
            return text.replace("\r\n", "\n").replace("\r", "\n")
    return None


def _plausible(text: str, *, sure: bool) -> bool:
    control = sum(1 for c in text if ord(c) < 32 and c not in "\n\r\t\f\v")
    if control > len(text) / 1000:
        return False
    if sure:
        return True
    cjk = len(_CJK.findall(text))
    return cjk > 0 and len(_COMMON.findall(text)) / cjk > 0.04
