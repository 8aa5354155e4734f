"""HTML, Word and PDF files to text, hostile ones among them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from docx import Document
from openpyxl import Workbook

from rag.corpus.formats import docx_text, html_text, pdf_text
from rag.corpus.parse import parse_file
from rag.corpus.read import read_text
from rag.errors import CorpusError

PARAGRAPHS = ("一、2022年工作回顾", "全县实现生产总值211亿元,增长6.3%。", "二、2023年工作安排")


def pdf(*lines: str, encrypt: bool = False) -> bytes:
    """A PDF with these lines of Latin letters; `encrypt` names a cipher and no more."""
    shown = " ".join(f"1 0 0 1 72 {720 - 20 * n} Tm ({line}) Tj" for n, line in enumerate(lines))
    stream = f"BT /F1 12 Tf {shown} ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Filter /Standard /V 1 /R 2 /O <{'00' * 32}> /U <{'00' * 32}> /P -4 >>",
    ]
    out, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    cipher = f"/Encrypt 6 0 R /ID [<{'00' * 16}> <{'00' * 16}>]" if encrypt else ""
    out += f"xref\n0 7\n0000000000 65535 f \n{table}trailer\n<< /Size 7 /Root 1 0 R {cipher} >>\n"
    return (out + f"startxref\n{out.index('xref')}\n%%EOF").encode()


def docx(*paragraphs: str, table: tuple[str, ...] = ()) -> bytes:
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if table:
        cells = document.add_table(1, len(table)).rows[0].cells
        for cell, text in zip(cells, table, strict=True):
            cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_html_keeps_blocks_and_leaves_out_the_site() -> None:
    page = (
        "<title>报告</title><nav>首页</nav><script>x</script><div><p>一、<b>2022年</b>工作</p>"
        "<p>第一<br>第二</p><table><tr><td>发布机构</td><td>县政府</td></tr></table></div>"
        "<form><input><button>搜索</button></form><footer>版权</footer>"
    )
    assert html_text(page).split("\n") == [
        "报告", "一、2022年工作", "第一", "第二", "发布机构 | 县政府",
    ]  # fmt: skip


def test_html_in_gb18030_and_broken(tmp_path: Path) -> None:
    path = tmp_path / "r.htm"
    path.write_bytes(("<p>" + "<p>".join(PARAGRAPHS)).encode("gb18030"))
    assert read_text(path).split("\n") == list(PARAGRAPHS)
    assert html_text("<div>" * 50_000 + "深").endswith("深")


def test_word_keeps_paragraphs_and_tables_in_order() -> None:
    text = docx_text(docx(*PARAGRAPHS, table=("指标", "211亿元")))
    assert text.split("\n") == [*PARAGRAPHS, "指标 | 211亿元"]


def test_word_files_are_parsed_as_reports(tmp_path: Path) -> None:
    path = tmp_path / "xixi-2023.docx"
    path.write_bytes(docx("西溪县2023年政府工作报告", *PARAGRAPHS))
    report = parse_file(path)
    assert (report.info.place.zh, report.info.reviews, report.info.plans) == (
        "西溪县",
        "2022",
        "2023",
    )


def test_pdf_lines_are_put_together() -> None:
    full = "this line is as full as the others are and so it goes on in the"
    text = pdf_text(pdf(full, "next one.", full, "next, and ends", "- 1 -"))
    assert text.split("\n") == [f"{full} next one.", f"{full} next, and ends"]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 201_000_000)
    return out.getvalue()


def workbook() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"%PDF-1.7 nothing", "not a sound PDF"),
        ("a.pdf", b"", "not a sound PDF"),
        ("a.pdf", pdf("x", encrypt=True), "encrypted"),
        ("a.pdf", pdf(), "text recognition"),
        ("a.docx", b"PK\x03\x04 nothing", "not a Word document"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 99, "old Word format"),
        ("a.docx", workbook(), "not a sound Word document"),
        ("a.docx", docx(), "is empty"),
        ("a.html", b"<p></p>", "is empty"),
        ("a.html", bytes(range(256)) * 9, "not text"),
        ("a.xls", b"x", "not a .txt or .md"),
    ],
)
def test_a_bad_file_gets_one_sentence(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=said) as error:
        read_text(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    path.write_bytes(bomb())
    with pytest.raises(CorpusError, match="unpacks to more than 200 MB"):
        read_text(path)


def test_entities_of_a_word_file_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not read")
    original = zipfile.ZipFile(io.BytesIO(docx("hello")))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for item in original.infolist():
            content = original.read(item)
            if item.filename == "word/document.xml":
                head = f'<!DOCTYPE d [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
                content = content.replace(b"<w:document", head + b"<w:document", 1)
                content = content.replace(b"hello", b"hello &e;")
            archive.writestr(item, content)
    assert "do not read" not in docx_text(out.getvalue())
