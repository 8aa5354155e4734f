"""What each figure of a Chinese text is a figure of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.answer.figures import Figure, find_figures, shared_out
from rag.corpus.sentences import Span, source_sentences

_CLAUSE_END = re.compile("[,\uff0c;\uff1b\u3002!?\uff01\uff1f\n]+")
_ITEM_END = re.compile("[,\uff0c;\uff1b\u3002!?\uff01\uff1f\u3001\n]")
# Verbs, directions and bounds: they say how an indicator moved, not which one it is.
_EMPTY = re.compile(
    "同比|环比|比上年|比去年|较上年|增长|增加|提高|提升|上升|下降|减少|降低|回落|达到?|完成|实现|力争|预计|约|近|超过?|突破|不少于|不低于|不超过|至少"
    "|为|了|到|至|的|是|有|共|累计|全年|年均|以上|左右|其中|分别|和|与|及|增速|总量|首次|将|要|在|均"
    '|[\\s"“”\\u2018\\u2019()\uff08\uff09:\uff1a\u3001,\uff0c]'
)


@dataclass(frozen=True)
class Claim:
    """A figure, the words it is said of, and the clause it stands in.

    `subject` is what the figure belongs to ("一般公共预算收入 增长"); `clause` knows its offsets.
    `context` is what its sentence says before it, for what an item of a list leaves out (竣工 of
    "工业项目开工55个、竣工35个"); `qualifier` is the size of what it counts ("10亿元以上企业1家").
    """

    figure: Figure
    subject: str
    clause: Span
    context: str = ""
    qualifier: Figure | None = None


@lru_cache(maxsize=4096)
def claims(text: str) -> tuple[Claim, ...]:
    """Every figure of a text with its subject, in order; dates and ordinals too."""
    found: list[Claim] = []
    for sentence in source_sentences(text):
        found += _sentence_claims(sentence)
    return tuple(found)


def _sentence_claims(sentence: Span) -> list[Claim]:
    text = sentence.text
    figures = find_figures(text)
    shared = {(figure.start, figure.end): subject for subject, figure in shared_out(text)}
    found: list[Claim] = []
    inherited = ""
    previous_end = 0
    qualifier: Figure | None = None
    for number, figure in enumerate(figures):
        before = text[previous_end : figure.start]
        rest = text[figure.end : figures[number + 1].start if number + 1 < len(figures) else None]
        after = _ITEM_END.split(rest, maxsplit=1)[0]
        own = _own_words(before, after) if previous_end else _last_clause(before)
        if (figure.start, figure.end) in shared:
            subject = f"{shared[figure.start, figure.end]} {_direction(text[: figure.start])}"
        elif is_empty(own) and (is_empty(after) or figure.role != "quantity"):
            subject = f"{inherited} {own}{after}".strip()
        else:
            subject = f"{own} {after}".strip()
        if figure.role == "quantity":
            if not is_empty(own) or not is_empty(after):
                inherited = subject
            qualifies = _qualifies(figure, rest)
            if not qualifies:
                previous_end = figure.end
        start, end = _clause(text, figure)
        span = Span(text[start:end], sentence.start + start, sentence.start + end)
        moved = Figure(
            **{
                **vars(figure),
                "start": figure.start + sentence.start,
                "end": figure.end + sentence.start,
            }
        )
        found.append(Claim(moved, subject, span, text[: figure.start], qualifier))
        if figure.role == "quantity":
            qualifier = moved if qualifies else None
    return found


def _qualifies(figure: Figure, rest: str) -> bool:
    """Whether a sum only says of what size the counted things are ("10亿元以上企业1家")."""
    noun_then_number = re.match(r"级?(?:以上|以下)?[^,\uff0c;\uff1b\u3001\u3002]{0,12}$", rest)
    return figure.unit in ("CNY", "USD") and (
        figure.text.endswith("级") or bool(noun_then_number and rest)
    )


def _own_words(before: str, after: str) -> str:
    """The words in front of a figure, without those that the figure before it counts ("12个城中村
    改造、37个小区")."""
    if not is_empty(after) and not _ITEM_END.split(before)[-1].strip():
        return ""
    return _last_clause(before)


def is_empty(words: str) -> bool:
    """Whether words name no indicator."""
    return not re.search(r"[\u4e00-\u9fffA-Za-z]", _EMPTY.sub("", words))


def _direction(before: str) -> str:
    found = re.findall("增长|下降|提高|减少|完成", before)
    return found[-1] if found else ""


def _last_clause(before: str) -> str:
    """The words since the last clause that says something, without what came before it."""
    parts = [part for part in _ITEM_END.split(before) if part.strip()]
    kept: list[str] = []
    for part in reversed(parts):
        kept.insert(0, part)
        if not is_empty(part):
            break
    return "".join(kept).strip()


def _clause(text: str, figure: Figure) -> tuple[int, int]:
    """Offsets of the clause around a figure, without its final punctuation."""
    start = max((found.end() for found in _CLAUSE_END.finditer(text, 0, figure.start)), default=0)
    stop = _CLAUSE_END.search(text, figure.end)
    return start, stop.start() if stop else len(text)
