"""A question asked again for other places or years, or for plans instead of results."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.search.places import PlaceNames
from rag.search.understand import fold, kind_of, language_of
from rag.types import Kind

_YEAR = re.compile(r"(?<![\d.])(?:19|20)\d\d(?!\d|\.\d)")
_YEAR_PHRASE = re.compile(rf"(?:\b(?:in|for|of)\s+)?{_YEAR.pattern}年?的?")
_KIND_WORDS = re.compile(
    r"\((?:目标|实际|target|actual)\)|目标值?|计划|预期|力争|预计|打算|实际|实绩|完成情况"
    r"|\b(?:targets?|targeted|planned|plans?|goals?|expected|achieved|actual|actually|results?)\b",
    re.IGNORECASE,
)
_SAYS: dict[str, dict[Kind, str]] = {
    "zh": {"plan": "目标", "actual": "实际"},
    "en": {"plan": "target", "actual": "actual"},
}
_END = re.compile(r"[?\uff1f。.!]*\s*$")


def rephrase(
    question: str,
    names: PlaceNames,
    places: Sequence[str],
    years: Sequence[int],
    kind: Kind | None,
) -> str:
    """The question with its places and years replaced by these and its kind by that.

    `places` are identities. What the question did not name is added in front (Chinese) or in
    brackets at the end (English); the result is the reader's to see and to edit.
    """
    text = fold(question)
    language = language_of(text)
    said = [name if language == "zh" else names.english(name) for name in places]
    text, more_places = _replace(text, _spans_of_places(text, names), said)
    found = [match.span() for match in _YEAR.finditer(text)]
    if len(found) > len(years):  # what goes with a year goes with it
        found[len(years) :] = [match.span() for match in _YEAR_PHRASE.finditer(text)][len(years) :]
    text, more_years = _replace(text, found, [str(year) for year in years])
    if kind != kind_of(text):
        text = _KIND_WORDS.sub("", text)
        if kind:
            text = _END.sub(f" ({_SAYS[language][kind]})?", text, count=1)
    if language == "zh":
        when = "、".join(f"{year}年" for year in more_years)
        text = f"{'和'.join(more_places)}{when}{text}"
    elif more_places or more_years:
        text = _END.sub(f" ({', '.join([*more_places, *more_years])})?", text, count=1)
    return " ".join(text.split())


def _spans_of_places(text: str, names: PlaceNames) -> list[tuple[int, int]]:
    """Where names of places stand: `find` blanks them and leaves all else where it was."""
    blanked = names.find(text).text
    marks = "".join("x" if a != b else " " for a, b in zip(text, blanked, strict=True))
    gaps = [match.span() for match in re.finditer(r"x(?:[x ]*x)?", marks)]
    return [span for start, end in gaps for span in _apart(text, blanked, start, end)]


def _apart(text: str, blanked: str, start: int, end: int) -> list[tuple[int, int]]:
    """A run of blanked characters, cut where something else stands in between."""
    spans: list[tuple[int, int]] = []
    at = start
    for match in re.finditer(r"\S", blanked[start:end]):
        if at < start + match.start() and text[at : start + match.start()].strip():
            spans.append((at, start + match.start()))
        at = start + match.end()
    if text[at:end].strip():
        spans.append((at, end))
    return spans


def _replace(
    text: str, spans: Sequence[tuple[int, int]], words: Sequence[str]
) -> tuple[str, list[str]]:
    """(text with one word for each span, the words that found no span)."""
    out, at = [], 0
    for number, (start, end) in enumerate(spans):
        out += [text[at:start], words[number] if number < len(words) else ""]
        at = end
    out.append(text[at:])
    return "".join(out), list(words[len(spans) :])
