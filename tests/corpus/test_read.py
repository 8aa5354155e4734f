"""Report files in the encodings they come in, and files that are no reports."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag.corpus.read import MAX_BYTES, read_text
from rag.errors import CorpusError
from tests.wording import assert_sentence

TEXT = (
    "一、2018年主要工作回顾\n预计全市实现生产总值910亿元\uff0c增长7.8%\u3002\n€ and English too\n"
)
TRADITIONAL = (
    "政府工作報告\n各位代表\uff1a現在我代表市人民政府向大會報告工作\u3002全年實現生產總值增長\u3002"
)


def refusal(path: Path) -> CorpusError:
    with pytest.raises(CorpusError) as caught:
        read_text(path)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(TEXT.encode(encoding))
    assert read_text(path) == TEXT


def test_utf_16_of_either_byte_order(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        path.write_bytes(mark + TEXT.encode(encoding))
        assert read_text(path) == TEXT


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_are_made_one_kind(tmp_path: Path, end: str) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(TEXT.replace("\n", end).encode())
    assert read_text(path) == TEXT


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(TRADITIONAL.encode("big5"), "UTF-8", id="Big5"),
        pytest.param(TEXT.encode("utf-16-le"), "UTF-8", id="UTF-16 without its mark"),
        pytest.param(TEXT.encode()[:-5] + b"\xe5\x85", "UTF-8", id="cut inside a character"),
        pytest.param(bytes(range(256)) * 40, "UTF-8", id="binary"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(2000), "UTF-8", id="PNG"),
        pytest.param("Année écoulée".encode("latin-1"), "UTF-8", id="Latin-1"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"\xef\xbb\xbf", "empty", id="a byte order mark alone"),
        pytest.param(b" \n\t\r\n", "empty", id="white space"),
    ],
)
def test_what_is_not_a_text_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(content)
    assert_sentence(refusal(path), "report.txt", says)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert_sentence(refusal(tmp_path / "no.txt"), "no.txt", "No such file")


def test_a_folder_is_no_report(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    assert_sentence(refusal(tmp_path / "folder.txt"), "folder.txt", "directory")


def test_other_formats_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "report.xls"
    path.write_text(TEXT, encoding="utf-8")
    assert_sentence(refusal(path), "report.xls", ".txt")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    assert_sentence(refusal(path), "huge.txt", "20 MB")


def test_a_file_name_that_is_not_text_is_refused(tmp_path: Path) -> None:
    """As archives made on a Chinese Windows give them."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xb1\xa8\xb8\xe6.txt"))
    path.write_text(TEXT, encoding="utf-8")
    message = str(refusal(path))
    assert_sentence(message, "rename")
    message.encode()
