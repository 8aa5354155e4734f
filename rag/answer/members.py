"""What a sentence only announces: "主攻五大平台。" is followed by the five, "推进改革。" by how."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from rag.answer.claims import claims
from rag.answer.evidence import Evidence
from rag.answer.lists import asks_members, lists, numbers_announced
from rag.corpus.parse import LEVELS
from rag.corpus.sentences import Span, source_sentences
from rag.index.lexical import character_pairs
from rag.index.store import Index
from rag.types import Paragraph, Passage, Query

_NUMBERED = re.compile("[一二三四五六七八九十]是")
_SHORT = 40  # characters of a sentence that names a member
# A short sentence without a comma or a figure is the topic of those behind it.
_ORDER = re.compile(f"^(?:{_NUMBERED.pattern}|另?一方面[,\uff0c])")
_TOPIC = re.compile("[^,\uff0c:\uff1a;\uff1b]{4,24}\u3002")
_DIGIT = re.compile(r"\d")
_SEVERAL = 3  # topics of one form by which a paragraph is ordered
_DETAILS = 3  # members of sentences from which on no further sentence is quoted with its topic


def with_members(
    chosen: Sequence[Evidence], query: Query, passages: Sequence[Passage], index: Index
) -> list[Evidence]:
    """The chosen evidence; where the first is only a topic, with what is said of it; where it only
    announces how many things there are and names are asked for, that and what names them:
    sentences of its paragraph, or the headings of those behind it, with markers behind those of
    the passages."""
    if not chosen or query.units:
        return list(chosen)
    first = replace(chosen[0], claim=None, claim_coverage=0.0)
    number = _announced(first.span.text) if asks_members(query.standalone) else 0
    if not number:
        details = [replace(first, span=span) for span in _details(first)]
        said = {(evidence.passage.anchor, evidence.span) for evidence in details}
        rest = [e for e in chosen[1:] if (e.passage.anchor, e.span) not in said]
        return [chosen[0], *details, *rest]
    if spans := announced_by(first):
        return [first, *(replace(first, span=span) for span in spans)]
    info = first.passage.info
    headings = [
        replace(
            first,
            marker=marker,
            passage=Passage(info, paragraph, 0, len(paragraph.text), 0.0),
            span=source_sentences(paragraph.text)[0],
        )
        for marker, paragraph in enumerate(
            _headings_behind(first, number, index.paragraphs(info.id)), start=len(passages) + 1
        )
    ]
    return [first, *headings] if headings else list(chosen)


def _details(evidence: Evidence) -> list[Span]:
    """The first sentences behind a topic, up to the next one; empty for any other sentence."""
    sentences = source_sentences(evidence.passage.paragraph.text)
    topics = _topics(sentences)
    if evidence.span not in topics:
        return []
    found: list[Span] = []
    for span in sentences[sentences.index(evidence.span) + 1 :]:
        ended = not found or found[-1].text.endswith("\u3002")
        if span in topics or (ended and len(found) >= _DETAILS):
            break
        found.append(span)
    return found


def _topics(sentences: Sequence[Span]) -> list[Span]:
    """The sentences of a paragraph that are topics: its first one, if that is short or a numbered
    heading, numbered ones, or several of one form."""
    short = [
        span
        for span in sentences
        if _TOPIC.fullmatch(_ORDER.sub("", span.text)) and not claims(span.text)
    ]
    alike = max(_alike(short), key=len, default=[])
    ordered = [span for span in short if _ORDER.match(span.text)]
    first = [span for span in sentences[:1] if span in short or _is_heading(span.text)]
    return [*first, *ordered, *(alike if len(alike) >= _SEVERAL else [])]


def _is_heading(sentence: str) -> bool:
    """Whether a sentence is a numbered heading rather than a numbered statement of a figure."""
    numberings = (style.match(sentence) for style in LEVELS)
    return any(found and not _DIGIT.search(sentence, found.end()) for found in numberings)


def announced_by(evidence: Evidence) -> list[Span]:
    """The sentences of its paragraph that name what a sentence announces; mostly none."""
    if not _announced(evidence.span.text):
        return []
    return members_of(evidence.span, source_sentences(evidence.passage.paragraph.text))


def members_of(announcing: Span, sentences: Sequence[Span]) -> list[Span]:
    """The sentences that name what a short one announces a number of: the next, if it lists as
    many; as many numbered ones; or as many short ones with two characters in common. Empty if
    there are none, or the sentence lists them itself."""
    number = _announced(announcing.text)
    behind = [span for span in sentences if span.start >= announcing.end]
    if not number or lists(announcing.text, number) or not behind:
        return []
    if lists(behind[0].text, number):
        return behind[:1]
    numbered = [span for span in behind if _NUMBERED.match(span.text)]
    if len(numbered) == number:
        return numbered
    short = [span for span in behind if len(span.text) <= _SHORT]
    return next((spans for spans in _alike(short) if len(spans) == number), [])


def _alike(sentences: Sequence[Span]) -> Iterator[list[Span]]:
    """The sentences that have two characters in common, for each such two."""
    paired = [(span, _pairs(span.text)) for span in sentences]
    for common in dict.fromkeys(pair for _, pairs in paired for pair in sorted(pairs)):
        yield [span for span, pairs in paired if common in pairs]


def _announced(sentence: str) -> int:
    """How many things a short sentence says there are; 0 if it says nothing of the kind."""
    found = numbers_announced(sentence) if len(sentence) <= _SHORT else []
    return found[0] if found else 0


def _headings_behind(
    announcing: Evidence, number: int, paragraphs: Sequence[Paragraph]
) -> list[Paragraph]:
    """As many paragraphs numbered from one, in one style, as the last sentence of a paragraph
    before them announces."""
    own = announcing.passage.paragraph
    if announcing.span.end != len(own.text.rstrip()):
        return []
    behind = [p for p in paragraphs if p.number > own.number]
    style = next((s for s in LEVELS if behind and s.match(behind[0].text)), None)
    if style is None:
        return []
    part = takewhile(lambda p: (p.kind, p.period) == (own.kind, own.period), behind)
    numbered = [p for p in part if style.match(p.text)]
    return numbered if len(numbered) == number else []


def _pairs(text: str) -> set[str]:
    """The pairs of neighbouring Chinese characters of a text."""
    return {pair for pair in character_pairs(text) if re.fullmatch("[\u4e00-\u9fff]{2}", pair)}
