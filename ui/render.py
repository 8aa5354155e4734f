"""Queries and sources as lines of text. Pure: values in, strings out."""

from __future__ import annotations

from rag.types import Citation, Language, Query

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
