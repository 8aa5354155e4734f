"""Markdown tables in answers: written, found again, and told as lines where there are no tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

_ROW = re.compile(r"^\|.*\|$")
_RULE = re.compile(r"^\|(?: *:?-+:? *\|)+$")
_BAR = re.compile(r"(?<!\\)\|")
NOTHING = "\u2014"
"""What stands in a cell that has nothing to hold."""
_CJK = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Cell:
    """What stands in one cell: `text[start:end]` of the answer, bars in it as `\\|`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Table:
    """A table of an answer, from its head to its last row."""

    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Line:
    """A line of an answer outside tables: `text[start:end]` of it."""

    text: str
    start: int
    end: int


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with blank lines around it, without which some readers see no table."""
    rule = ["---"] * len(head)
    return "\n" + "\n".join(_row(cells) for cells in (head, rule, *rows)) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def unescaped(cell: str) -> str:
    """The text of a cell as it reads."""
    return cell.replace("\\|", "|")


def blocks(text: str) -> Iterator[Line | Table]:
    """The lines and tables of an answer in order; blank lines are left out."""
    lines: list[Line] = []
    at = 0
    for written in text.split("\n"):
        lines.append(Line(written, at, at + len(written)))
        at += len(written) + 1
    position = 0
    while position < len(lines):
        line = lines[position]
        below = lines[position + 1].text if position + 1 < len(lines) else ""
        if _ROW.match(line.text) and _RULE.match(below):
            end = position + 2
            while end < len(lines) and _ROW.match(lines[end].text):
                end += 1
            head, *rows = (_cells(row) for row in (line, *lines[position + 2 : end]))
            yield Table(head, tuple(rows))
            position = end
        else:
            if line.text.strip():
                yield line
            position += 1


def _cells(line: Line) -> tuple[Cell, ...]:
    bars = [found.start() for found in _BAR.finditer(line.text)]
    cells = []
    for bar, following in pairwise(bars):
        raw = line.text[bar + 1 : following]
        start = line.start + bar + 1 + len(raw) - len(raw.lstrip())
        cells.append(Cell(raw.strip(), start, start + len(raw.strip())))
    return tuple(cells)


def row_as_line(row: Sequence[str]) -> str:
    """A row told in one line: its first cell, a colon, the others."""
    head, *rest = (cell for cell in row if cell != NOTHING)
    if _CJK.search(head):
        return f"{head}\uff1a{''.join(rest)}"
    return f"{head}: {' '.join(rest)}"


def as_lines(text: str) -> str:
    """An answer with its tables told line by line."""
    lines = []
    for block in blocks(text):
        if isinstance(block, Line):
            lines.append(block.text)
        else:
            lines += [row_as_line([unescaped(cell.text) for cell in row]) for row in block.rows]
    return "\n".join(lines)
