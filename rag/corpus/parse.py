"""Text of a report file to numbered paragraphs with headings, period and kind."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from rag.corpus.catalogue import infer_info, part_kind
from rag.corpus.frontmatter import is_body, is_noise, read_front_matter
from rag.corpus.read import read_text
from rag.errors import CorpusError
from rag.types import Kind, Paragraph, Report, ReportInfo

# Part of the index's signature: raise it when paragraphs of the same file would come out different.
PARSER_VERSION = 3

_NUMERAL = "[一二三四五六七八九十]"
# How numbered headings begin, the highest first.
LEVELS = (
    re.compile(rf"^{_NUMERAL}{{1,3}}、"),
    re.compile(rf"^[(（]{_NUMERAL}{{1,3}}[)）]"),
    re.compile(r"^\d{1,2}[.、．](?!\d)"),
    re.compile(rf"^{_NUMERAL}{{1,2}}是"),
)
_YEAR = re.compile(r"((?:19|20)\d\d)年")
_FIGURE = re.compile(r"[\dX]")
_LEAD_LENGTH = 40


def parse_file(path: Path, info: ReportInfo | None = None) -> Report:
    """Read and parse a report file.

    `info` is its catalogue entry; without one it is inferred. Raises CorpusError if the file
    cannot be read or holds no paragraph.
    """
    return parse_text(read_text(path), path, info)


def parse_text(text: str, path: Path, info: ReportInfo | None = None) -> Report:
    """Parse the text of the file `path` (which only names it and is not read)."""
    lines = [line.strip().replace("\u3000", "") for line in text.split("\n")]
    kept = [line for line in lines if line and not is_noise(line)]
    dropped = tuple(line for line in lines if line and is_noise(line))
    first_body = next((i for i, line in enumerate(kept) if is_body(line)), len(kept))
    front, body = kept[:first_body], kept[first_body:]
    if not body:
        raise CorpusError(
            f"{path} holds no paragraph of a report; check that it is the right file."
        )
    if info is None:
        headings = [line for line in body if LEVELS[0].match(line) and len(line) <= _LEAD_LENGTH]
        info = infer_info(path, read_front_matter(front), headings, "\n".join(body))
    return Report(
        info=info,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        paragraphs=(*_front_matter(front, info), *_number(body, info)),
        dropped=dropped,
    )


def _front_matter(lines: list[str], info: ReportInfo) -> tuple[Paragraph, ...]:
    """Paragraph 0: what stands above the text, if anything does."""
    kind, period = _opening(info)
    return (Paragraph(info.id, 0, "\n".join(lines), (), kind, period, True),) if lines else ()


def _opening(info: ReportInfo) -> tuple[Kind, str]:
    """Kind and period of what stands above the first part."""
    return ("actual", info.reviews) if info.reviews or not info.plans else ("plan", info.plans)


def _number(lines: list[str], info: ReportInfo) -> tuple[Paragraph, ...]:
    section: list[str] = []
    levels: list[int] = []
    kind, period = _opening(info)
    paragraphs = []
    headings = [_heading(line) for line in lines]
    for number, (line, (level, lead, whole)) in enumerate(
        zip(lines, headings, strict=True), start=1
    ):
        below = headings[number][0] if number < len(lines) else 0
        is_heading = whole and level is not None and (below is None or below > level)
        if level is not None:
            while levels and levels[-1] >= level:
                levels.pop()
                section.pop()
            levels.append(level)
            section.append(lead)
            if level == 0:
                kind, period = _part(lead, kind, info)
        paragraphs.append(
            Paragraph(info.id, number, line, tuple(section), kind, period, is_heading)
        )
    return tuple(paragraphs)


def _heading(line: str) -> tuple[int | None, str, bool]:
    """(level or None, the heading's words, whether the whole line may be a heading).

    A line that states a figure is text ("1.生产总值增长8%左右。"); so is, for the caller to see,
    one that has nothing under it.
    """
    found = [(i, m) for i, pattern in enumerate(LEVELS) if (m := pattern.match(line))]
    if not found:
        return None, "", False
    level, numbering = found[0]
    lead = re.split(r"[。;；]", line, maxsplit=1)[0]
    whole = lead == line.rstrip("。;；") and len(line) <= 2 * _LEAD_LENGTH
    if _FIGURE.search(_YEAR.sub("", line[numbering.end() :])):
        whole = False
    if not whole and len(lead) > _LEAD_LENGTH:
        lead = re.split(r"[,，:：]", lead, maxsplit=1)[0][:_LEAD_LENGTH]
    return level, lead, whole


def _part(heading: str, before: Kind, info: ReportInfo) -> tuple[Kind, str]:
    """Kind and period of the part that `heading` opens."""
    said = part_kind(heading)
    kind: Kind = before if said is None else ("plan" if said == "plan" else "actual")
    year = _YEAR.search(heading)
    fallback = info.plans if kind == "plan" else info.reviews
    return kind, year[1] if year else fallback or info.plans or info.reviews
