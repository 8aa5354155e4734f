"""Tables in answers."""

from __future__ import annotations

from rag.answer.tables import Line, Table, as_lines, blocks, markdown_table, unescaped

ANSWER = (
    "报告原文\uff1a\n"
    + markdown_table(
        ("地方", "用语", "数值"),
        [("甲市", "生产总值", "910亿元 [1]"), ("乙市", "\u2014", "报告未说明")],
    )
    + "\n口径不同 [1]。"
)


def test_lines_and_tables_are_found_where_they_stand() -> None:
    found = list(blocks(ANSWER))
    assert [type(block) for block in found] == [Line, Table, Line]
    table = found[1]
    assert isinstance(table, Table)
    assert [cell.text for cell in table.head] == ["地方", "用语", "数值"]
    for row in (table.head, *table.rows):
        for cell in row:
            assert ANSWER[cell.start : cell.end] == cell.text


def test_a_bar_in_a_cell_is_no_border() -> None:
    (table,) = blocks(markdown_table(("a", "b"), [("x|y", "1")]))
    assert isinstance(table, Table)
    assert [unescaped(cell.text) for cell in table.rows[0]] == ["x|y", "1"]


def test_lines_with_bars_alone_are_no_table() -> None:
    text = "| a | b |\n| c | d |"
    assert [type(block) for block in blocks(text)] == [Line, Line]
    assert as_lines(text) == text


def test_where_there_are_no_tables_a_row_is_a_line() -> None:
    assert as_lines(ANSWER).split("\n") == [
        "报告原文\uff1a",
        "甲市\uff1a生产总值910亿元 [1]",
        "乙市\uff1a报告未说明",
        "口径不同 [1]。",
    ]
    table = markdown_table(("Place", "Words", "Figure"), [("Ruian", "生产总值", "91 billion yuan")])
    assert as_lines(table) == "Ruian: 生产总值 91 billion yuan"
