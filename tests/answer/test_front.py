"""Questions about a report itself are answered with the lines of its front matter."""

from __future__ import annotations

import pytest

from rag.answer.front import stated_in_front
from rag.types import Detail, Paragraph, Passage, Place, Query, ReportInfo

INFO = ReportInfo("north-2021", "北山县工作报告", "", Place("北山县"), "", "2022", "2021", "2022")
FRONT = (
    "2022年北山县政府工作报告\n--2022年1月5日在北山县第九届人民代表大会第一次会议上\n北山县县长李明"
)


def passage(number: int, text: str) -> Passage:
    paragraph = Paragraph("north-2021", number, text, (), "actual", "2021", number == 0)
    return Passage(INFO, paragraph, 0, len(text), 1.0)


def asked(*details: Detail) -> Query:
    return Query("?", "?", "", "zh", details=details)


@pytest.mark.parametrize(
    ("details", "lines"),
    [
        (("date",), ["2022年1月5日在北山县第九届人民代表大会第一次会议上"]),
        (("speaker",), ["北山县县长李明"]),
        (
            ("date", "speaker"),
            ["2022年1月5日在北山县第九届人民代表大会第一次会议上", "北山县县长李明"],
        ),
        (("issuer",), []),
    ],
)
def test_the_lines_with_the_details(details: tuple[Detail, ...], lines: list[str]) -> None:
    found = stated_in_front(asked(*details), [passage(3, "县长李明\n多云"), passage(0, FRONT)])
    assert [evidence.span.text for evidence in found] == lines
    assert all(evidence.marker == 2 for evidence in found)
    assert all(FRONT[e.span.start : e.span.end] == e.span.text for e in found)
