"""A first file of golden questions over somebody's own reports, with comments on how to go on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rag.answer.figures import Figure, find_figures
from rag.types import Paragraph, Report

_HEAD = """\
# Golden questions over your own reports. Ask them with:
#
#   report-qa eval --golden THIS_FILE
#
# One example per report stands below; it was made from a sentence of the report so that the file
# can be run as it is. Replace it by what you would really ask. Ten questions tell you something,
# fifty tell you a lot. Write them from the reports, before you look at any answer.
#
#   id        your name for the question, used once
#   question  in Chinese or English
#   status    answered, not_found (the reports do not say it), or withheld (masked: X in the report)
#   facts     what the answer must state. Each fact is a list of ways to state it, any of which will
#             do: a figure with its unit, compared as a quantity ("91 billion yuan" will do for
#             "910\u4ebf\u5143"), or words
#   support   where it stands: the report's id and words copied from it
#   must_not  words that no answer may contain (optional)
#   nearest   for not_found: what comes nearest, as in support (optional)
#   history   earlier turns, for a follow-up question (optional)
#   pair      the same for the same question in another language (optional)
#   kind      fact, plan, plan_vs_result, list, comparison, calculation, follow_up, masked,
#             false_premise, not_covered, silent, off_topic or injection (optional)
#   split     held: keep it out of sight while you change things; otherwise open (optional)
"""
_TAIL = """
# A question that the reports do not answer; every set needs some of these.
#- id: not-in-the-reports
#  question: "\u706b\u661f2030\u5e74\u7684\u751f\u4ea7\u603b\u503c\u662f\u591a\u5c11?"
#  kind: not_covered
#  status: not_found
#
# A follow-up question.
#- id: follow-up
#  question: "And the year after?"
#  kind: follow_up
#  history:
#  - {role: user, content: "What was the target for 2022?"}
#  - {role: assistant, content: "Growth of 8%."}
#  status: not_found
"""
_CLAUSE = re.compile(
    '[^\uff0c,\u3002\uff1b;\uff1a:\u3001!?\uff01\uff1f\u201c\u201d"()\uff08\uff09]+'
)
_ABOUT = re.compile(
    "(?:\u8fbe\u5230?|\u4e3a|\u7ea6|\u8d85\u8fc7?|\u7a81\u7834|\u5b8c\u6210|\u5b9e\u73b0)+$"
)
_NUMBER = re.compile(r"\d")


@dataclass(frozen=True)
class _Example:
    """A clause of a paragraph that gives a figure."""

    paragraph: Paragraph
    clause: str
    figure: Figure

    @property
    def subject(self) -> str:
        """What the figure is of: the clause as far as the figure."""
        return _ABOUT.sub("", self.clause[: self.figure.start].strip())


def starting_file(reports: Mapping[str, Report]) -> str:
    """The text of the file, for the reports of an index by id."""
    entries = [_entry(report) for report in reports.values()]
    return "\n".join([_HEAD, *entries, _TAIL])


def _entry(report: Report) -> str:
    title = f"# {report.info.title} ({report.info.id})"
    # A figure with a unit makes a better question than a count of this and that.
    example = min(_examples(report), key=lambda e: e.figure.unit.startswith("count"), default=None)
    if example is None:
        return f"{title}: no sentence with a readable figure was found.\n"
    where = f"{report.info.place.zh}{example.paragraph.period}\u5e74"
    question = f"{where}{example.subject}\u662f\u591a\u5c11?"
    return "\n".join(
        [
            title,
            f"- id: {report.info.id}-1",
            f"  question: {_quoted(question)}",
            f"  kind: {'plan' if example.paragraph.kind == 'plan' else 'fact'}",
            "  status: answered",
            "  facts:",
            f"  - any: [{{figure: {_quoted(example.figure.text)}}}]",
            "  support:",
            f"  - {{report: {report.info.id}, quote: {_quoted(example.clause)}}}",
            "",
        ]
    )


def _examples(report: Report) -> Iterator[_Example]:
    for paragraph in report.paragraphs:
        for found in _CLAUSE.finditer(paragraph.text):
            clause = found[0].strip()
            figures = [f for f in find_figures(clause) if f.role == "quantity" and not f.masked]
            example = _Example(paragraph, clause, figures[0]) if len(figures) == 1 else None
            if example and 4 <= len(example.subject) <= 20 and not _NUMBER.search(example.subject):
                yield example


def _quoted(text: str) -> str:
    """A YAML scalar that means exactly this text."""
    return json.dumps(text, ensure_ascii=False)
