"""Exports are opened again with what people open them with."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook

from rag.app import App
from rag.contract import AnswerOut, CitationOut, FigureOut
from ui.web.conversations import Exchange, Understood
from ui.web.export import claims, export, markdown, plain_text

SITE = "http://127.0.0.1:7860"
DIFFERENCE = "金华开发区2022年固定资产投资目标额比温州经开区本级2014年限上固定资产投资多多少亿元?"
FORMULAS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =HYPERLINK(\"http://x\")", "\uff1d1+1",
)  # fmt: skip


def exchange(app: App, question: str) -> Exchange:
    answer = app.assistant.answer(question)
    understood = Understood.of(answer.query, app.assistant.corpus().names)
    return Exchange(question=question, understood=understood, answer=AnswerOut.of(answer))


def hostile(text: str) -> Exchange:
    """An exchange in which everything that comes from outside is `text`."""
    citation = CitationOut(
        marker=1, report="r", title=text, paragraph=1, anchor="r#p1", section=[text], text=text,
        quote=text, start=0, end=len(text), kind="actual", period=text,
    )  # fmt: skip
    answer: dict[str, Any] = {
        "id": "", "question": text, "standalone": text, "language": "zh", "status": "answered",
        "answer": f"{text}x [1]", "citations": [citation],
        "figures": [FigureOut(text=text, source=text, marker=1, status="converted", formula=text)],
        "retrieved": [], "problems": [], "engine": text,
        "timings": {"retrieve_ms": 0, "first_token_ms": None, "total_ms": 0},
    }  # fmt: skip
    understood = Understood(
        language="zh", places=[], english=[], unknown_places=[], years=[], kind=None, subject=""
    )
    return Exchange(question=text, understood=understood, answer=AnswerOut(**answer))


@pytest.fixture(scope="module")
def talk(real_app: App) -> list[Exchange]:
    questions = (DIFFERENCE, "What was Ruian's GDP in 2018?", "杭州2020年的生产总值是多少?")
    return [exchange(real_app, question) for question in questions]


def test_a_comparison_stays_a_table(talk: list[Exchange]) -> None:
    text = markdown(talk, SITE)
    assert "\n|" + " --- |" * 3 + "\n" in text
    assert "| 力争固定资产投资完成 | 160亿元 \\[1\\] |" in text
    document = Document(io.BytesIO(export(talk, "docx", SITE)))
    (table,) = document.tables
    assert [row.cells[2].text for row in table.rows] == ["数值", "160亿元 [1]", "121.02亿元 [2]"]
    rows = [row for row in claims(talk[0], SITE) if row.check == "exact"]
    assert "力争固定资产投资完成160亿元" in rows[0].sentence
    assert not any("|" in row.sentence for row in rows)


def test_a_table_has_a_row_for_each_figure(talk: list[Exchange]) -> None:
    rows = [row for each in talk for row in claims(each, SITE)]
    calculated = next(row for row in rows if row.check == "calculated")
    assert calculated.figure == "38.98亿元"
    assert calculated.formula == "160亿元 − 121.02亿元 = 38.98亿元"
    converted = next(row for row in rows if row.check == "converted")
    assert (converted.figure, converted.in_the_report) == ("91 billion yuan", "910亿元")
    assert (converted.report, converted.paragraph) == ("ruian-2019", 4)
    assert "910亿元" in converted.quote
    assert converted.link.startswith(f"{SITE}/?report=ruian-2019&quote=")
    missing = [row for row in rows if row.status == "not_found"]
    assert missing
    assert {row.report for row in missing} == {""}


def test_csv_and_xlsx_hold_the_same_rows(talk: list[Exchange]) -> None:
    text = export(talk, "csv", SITE).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    book = load_workbook(io.BytesIO(export(talk, "xlsx", SITE)))
    sheet = [[cell or "" for cell in row] for row in book.active.iter_rows(values_only=True)]
    assert sheet == rows
    assert rows[0][:4] == ["question", "status", "sentence", "figure"]
    assert len(rows) == 1 + sum(len(claims(each, SITE)) for each in talk)


def test_word_holds_questions_answers_and_sources(talk: list[Exchange]) -> None:
    document = Document(io.BytesIO(export(talk, "docx", SITE)))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for wanted in (
        DIFFERENCE,
        "38.98亿元",
        "预计全市实现生产总值910亿元",
        f"{SITE}/?report=ruian-2019",
    ):
        assert wanted in text


def test_markdown_and_the_clipboard(talk: list[Exchange]) -> None:
    text = markdown(talk, SITE)
    assert text.startswith("## 金华开发区2022年")
    assert f"<{SITE}/?report=ruian-2019&quote=" in text
    assert "91 billion yuan: converted (910亿元)" in text
    assert "[1] 2019年瑞安市政府工作报告" in plain_text(talk[1], SITE)


@pytest.mark.parametrize("formula", FORMULAS)
def test_nothing_in_a_table_is_a_formula(formula: str) -> None:
    talk = [hostile(formula)]
    for row in csv.reader(io.StringIO(export(talk, "csv", SITE).decode("utf-8-sig"), newline="")):
        assert not [cell for cell in row if cell.strip()[:1] in tuple("=+-@\uff1d")]
    sheet = load_workbook(io.BytesIO(export(talk, "xlsx", SITE))).active
    for cells in sheet.iter_rows():
        assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
        assert not [cell for cell in cells if str(cell.value or "").strip()[:1] in tuple("=+-@")]


@pytest.mark.parametrize("text", ["\x00\x0b\x1f\ufffe", "<b>&amp;</b>", "𠮷", "x" * 40_000])
def test_odd_characters_break_no_file(text: str) -> None:
    talk = [hostile(text)]
    assert load_workbook(io.BytesIO(export(talk, "xlsx", SITE))).active.max_row >= 2
    assert Document(io.BytesIO(export(talk, "docx", SITE))).paragraphs


def test_markup_is_not_markdown() -> None:
    text = markdown([hostile("![x](http://elsewhere.example/x.png) <img src=x> [a](b) # h")], SITE)
    assert "![" not in text
    assert not re.search(r"(?<!\\)<(?!http)", text)
    assert "](" not in text.replace("\\](", "")
