"""Answers and passages as text and HTML. Pure: values in, strings out.

HTML is made from escaped text only; the only links are to our own anchors.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from rag.types import Answer, Citation, Language, Passage, Query

_MARKER = re.compile(r"\[(\d{1,3})\]")
_WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "actual": "实绩",
        "plan": "计划",
        "understood": "理解为",
        "sources": "来源",
        "passages": "相关段落",
        "not_found": "未找到",
        "withheld": "数值隐去",
        "failed": "未能回答",
        "nothing": "没有找到段落。",
    },
    "en": {
        "actual": "result",
        "plan": "plan",
        "understood": "understood as",
        "sources": "Sources",
        "passages": "Passages",
        "not_found": "not found",
        "withheld": "withheld",
        "failed": "failed",
        "nothing": "No passages found.",
    },
}


def word(name: str, language: Language) -> str:
    """A word of the interface."""
    return _WORDS[language][name]


def understood_line(query: Query, english_names: dict[str, str] | None = None) -> str:
    """How a question was understood: place · year · result or plan; "" where it named none."""
    names = english_names or {}
    places = [
        names.get(place, place) if query.language == "en" else place for place in query.places
    ]
    parts = [*places, *query.unknown_places, *(str(year) for year in query.years)]
    if query.kind:
        parts.append(word(query.kind, query.language))
    return " · ".join(parts)


def source_line(citation: Citation, language: Language) -> str:
    """`[1] title › section · 2021 result (report#p3)`."""
    paragraph = citation.passage.paragraph
    info = citation.passage.info
    title = info.title if language == "zh" else info.title_en or info.title
    path = " › ".join([title, *paragraph.section])
    kind = word(paragraph.kind, language)
    return f"[{citation.marker}] {path} · {paragraph.period} {kind} ({paragraph.anchor})"


def answer_html(answer: Answer, turn: int) -> str:
    """An answer, its status if it is none, its sources with the quoted sentences marked, and what
    went wrong on the way. `turn` makes its anchors differ from those of other answers."""
    language = answer.query.language
    body = text_html(answer.text, {citation.marker for citation in answer.citations}, turn)
    status = ""
    if answer.status != "answered":
        label = html.escape(word(answer.status, language))
        status = f'<span class="status {answer.status}">{label}</span>'
    problems = "".join(f"<li>{html.escape(problem)}</li>" for problem in answer.problems)
    sources = "".join(_source_html(citation, language, turn) for citation in answer.citations)
    return (
        f'<div class="answer {answer.status}">{status}{body}'
        + (f'<div class="sources">{sources}</div>' if sources else "")
        + (f'<ul class="problems">{problems}</ul>' if problems else "")
        + f'<div class="engine">{html.escape(answer.engine)}</div></div>'
    )


def text_html(text: str, known: set[int], turn: int) -> str:
    """Escaped paragraphs with each known marker a link to its source."""

    def link(found: re.Match[str]) -> str:
        number = int(found[1])
        if number not in known:
            return found[0]
        return f'<a class="marker" href="#source-{turn}-{number}">[{number}]</a>'

    lines = html.escape(text).split("\n")
    return "".join(f"<p>{_MARKER.sub(link, line)}</p>" for line in lines if line.strip())


def _source_html(citation: Citation, language: Language, turn: int) -> str:
    text = citation.passage.paragraph.text
    return (
        f'<details class="source" id="source-{turn}-{citation.marker}" open><summary>'
        f"{html.escape(source_line(citation, language))}</summary><p>"
        f"{html.escape(text[: citation.start])}<mark>{html.escape(citation.quote)}</mark>"
        f"{html.escape(text[citation.end :])}</p></details>"
    )


def passages_html(passages: Sequence[Passage], language: Language) -> str:
    """What was found, best first, with the best chunk of each marked."""
    if not passages:
        return f"<p>{html.escape(word('nothing', language))}</p>"
    parts = []
    for passage in passages:
        paragraph = passage.paragraph
        title = (
            passage.info.title if language == "zh" else passage.info.title_en or passage.info.title
        )
        head = f"{title} · {paragraph.period} {word(paragraph.kind, language)} · {paragraph.anchor}"
        text = paragraph.text
        parts.append(
            f'<details class="passage"><summary>{html.escape(head)}</summary><p>'
            f"{html.escape(text[: passage.start])}<mark>{html.escape(passage.best_chunk)}</mark>"
            f"{html.escape(text[passage.end :])}</p></details>"
        )
    return "".join(parts)
