"""The members of what a sentence only announces: "主攻五大平台。" is followed by the five."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from rag.answer.evidence import Evidence
from rag.corpus.sentences import Span, source_sentences
from rag.index.store import Index
from rag.types import Paragraph, Passage, Query

_NUMBERS = {c: n for n, c in enumerate("一二三四五六七八九十", start=1)} | {"两": 2}
_ANNOUNCED = re.compile(
    r"(?<![\d第])([两二三四五六七八九十]|1?\d)(?:大|个|项|类|条|种|张|方面)(?![月年])"
)
_ASKS_MEMBERS = re.compile(
    r"哪[些几两二三四五六七八九十\d]|是什么|有什么|分别|列出|列举|\b(?:which|what|name|list|who)\b",
    re.IGNORECASE,
)
_STYLES = (
    re.compile("[(\uff08][一二三四五六七八九十]+[)\uff09]"),
    re.compile("[一二三四五六七八九十]+、"),
    re.compile("[一二三四五六七八九十]+是"),
    re.compile(r"\d{1,2}[.\u3001\uff0e](?!\d)"),
)
_NUMBERED = re.compile("[一二三四五六七八九十]是")
_CLAUSE_END = re.compile("[,\uff0c:\uff1a;\uff1b]|分别")
_LAST_ITEM = re.compile("和|与|及")
_SHORT = 40  # characters of a sentence that names a member
_PAIR = 2


def with_members(
    chosen: Sequence[Evidence], query: Query, passages: Sequence[Passage], index: Index
) -> list[Evidence]:
    """The chosen evidence; where the first only announces how many things there are and names are
    asked for, that and what names them: sentences of its paragraph, or the headings of those
    behind it, with markers behind those of the passages."""
    if not chosen or query.units or not _ASKS_MEMBERS.search(query.standalone):
        return list(chosen)
    first = replace(chosen[0], claim=None, claim_coverage=0.0)
    if spans := announced_by(first):
        return [first, *(replace(first, span=span) for span in spans)]
    info = first.passage.info
    headings = [
        replace(first, marker=marker, passage=passage, span=_lead(passage.paragraph.text))
        for marker, passage in enumerate(
            (
                Passage(info, p, 0, len(p.text), 0.0)
                for p in _headings_behind(first, index.paragraphs(info.id))
            ),
            start=len(passages) + 1,
        )
    ]
    return [first, *headings] if headings else list(chosen)


def announced_by(evidence: Evidence) -> list[Span]:
    """The sentences of its paragraph that name what a sentence announces; mostly none."""
    return members_of(evidence.span, source_sentences(evidence.passage.paragraph.text))


def members_of(announcing: Span, sentences: Sequence[Span]) -> list[Span]:
    """The sentences that name what a short one announces a number of: the next, if it lists as
    many; as many numbered ones; or as many short ones with two characters in common. Empty if
    there are none, or the sentence lists them itself."""
    found = _ANNOUNCED.search(announcing.text)
    if not found or len(announcing.text) > _SHORT:
        return []
    number = _NUMBERS.get(found[1]) or int(found[1])
    behind = [span for span in sentences if span.start >= announcing.end]
    if number < 2 or _lists(announcing.text, number) or not behind:
        return []
    if _lists(behind[0].text, number):
        return behind[:1]
    numbered = [span for span in behind if _NUMBERED.match(span.text)]
    if len(numbered) == number:
        return numbered
    short = [span for span in behind if len(span.text) <= _SHORT]
    pairs = Counter(pair for span in short for pair in _pairs(span.text))
    common = next((pair for pair, count in pairs.most_common() if count == number), None)
    return [span for span in short if common in _pairs(span.text)] if common else []


def _headings_behind(announcing: Evidence, paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """As many paragraphs numbered from one, in one style, as the last sentence of a paragraph
    before them announces."""
    own, text = announcing.passage.paragraph, announcing.span.text
    found = _ANNOUNCED.search(text)
    ends = announcing.span.end == len(own.text.rstrip())
    if not found or not ends or len(text) > _SHORT:
        return []
    behind = [p for p in paragraphs if p.number > own.number]
    style = next((s for s in _STYLES if behind and s.match(behind[0].text)), None)
    if style is None:
        return []
    part = takewhile(lambda p: (p.kind, p.period) == (own.kind, own.period), behind)
    numbered = [p for p in part if style.match(p.text)]
    return numbered if len(numbered) == (_NUMBERS.get(found[1]) or int(found[1])) else []


def _lead(text: str) -> Span:
    """The first sentence of a paragraph, or its heading."""
    return source_sentences(text)[0]


def _lists(sentence: str, number: int) -> bool:
    """Whether a clause of a sentence lists as many things."""
    for clause in _CLAUSE_END.split(sentence):
        items = clause.count("、") + 1
        if items > 1 and items <= number <= items + len(_LAST_ITEM.findall(clause)):
            return True
    return False


def _pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring Chinese characters of a text."""
    runs = re.findall("[\u4e00-\u9fff]+", text)
    return frozenset(run[i : i + _PAIR] for run in runs for i in range(len(run) - 1))
