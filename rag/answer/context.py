"""Whether a sentence tells place, year, direction and kind of its figures as its sources do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answer.figures import find_figures
from rag.answer.lines import Line, Match
from rag.corpus.periods import told
from rag.corpus.sentences import source_sentences
from rag.search.places import NamedPlaces, PlaceNames
from rag.search.understand import fold, kind_of
from rag.types import Kind, Passage, Query

_CJK = re.compile(r"[\u4e00-\u9fff]")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CLAUSE = re.compile("[,\uff0c;\uff1b。:\uff1a\u3001\n]")
_RISE = re.compile(
    r"增长|增加(?!值)|增速|增幅|提高|提升|上升|上涨|\b(?:grew|grow\w*|rose|ris\w+|increas\w+|up|gain\w*)\b",
    re.I,
)
_FALL = re.compile(
    r"下降|减少|降低|回落|下滑|压减|削减|缩短"
    r"|\b(?:fell|fall\w*|declin\w+|decreas\w+|dropp?\w*|down|reduc\w+|cut|shrank|shr[iu]nk\w*)\b",
    re.I,
)
_PAST = re.compile(
    r"[了过]|达到|\b(?:grew|rose|fell|reached|came|was|were|built|added|completed|attracted|had|increased)\b"
)
_TO_COME = re.compile(
    r"年底前|将|要|拟|今年|\b(?:by the end of|this year|to be|in its plan)\b", re.IGNORECASE
)
# What holds a word of planning or of results without being either.
_NEITHER = re.compile(
    r"预计|完成[^,\uff0c;\uff1b。]{0,20}任务|任务完成|目标任务|年度任务|争取"
    r"|\bactually (?:used|utili[sz]ed|paid)\b"
    r"|\bcompletion rate of the (?:\w+ )?(?:target|task|plan)\b",
    re.IGNORECASE,
)


_NOT = re.compile(
    r"未能|没能|没有(?:达到|完成|实现)|未(?:达到?|完成|实现)|并非|不是|并未"
    r"|\b(?:did|do|does|was|were|is|are|has|have|had|could|can|will)(?: \w+ly)? not\b"
    r"(?! (?:only|just|less|more|fewer|lower|higher|below|exceed|state|mention|specif))"
    r"|\b(?:never|failed to)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
_BY = re.compile(
    r"(?:增加|增长|提高|上升|下降|减少|降低)了?约?$"
    r"|\b(?:rose|grew|increas\w+|fell|dropp\w+|declin\w+|decreas\w+) by(?: about| over| nearly)? $",
    re.IGNORECASE,
)
_EXPECTED = re.compile(r"\b(?:expected|estimated|forecast|projected)(?: to)?\b", re.IGNORECASE)
# "the 2019 work report" is named, the data are not of that year.
_REPORT = re.compile(
    r"(?:19|20)\d\d年?[^,;\uff0c\uff1b。\d]{0,12}(?:报告|总结|计划》)"
    r"|\b(?:19|20)\d\d(?: \w+){0,3} (?:report|plan document)\b",
    re.IGNORECASE,
)
_SCOPES = tuple(
    (re.compile(said, re.IGNORECASE), re.compile(stated))
    for said, stated in (
        (
            r"新高|领先|最[高大多快强好低少慢]"
            r"|\b(?:highest|largest|biggest|fastest|strongest|best|lowest|record|leading)\b",
            "最|第一|首|率先|领先|新高|冠|前列|榜",
        ),
        (r"人均|\bper (?:capita|head|person)\b", "人均"),
        (r"亩均|\bper mu\b", "亩均"),
        (r"城镇|\burban (?:residents?|households?)\b", "城"),
        (r"农村(?:居民|常住)|\brural (?:residents?|households?)\b", "农|乡"),
    )
)


class Context:
    """What is known of the passages of one question besides their figures."""

    def __init__(self, query: Query, passages: Sequence[Passage], names: PlaceNames) -> None:
        self._query = query
        self._passages = passages
        self._names = names
        self._named: dict[str, NamedPlaces] = {}

    def contradiction(self, line: Line) -> str:
        """What a line says of place, year, direction or kind that its sources do not bear out."""
        passages = [self._passages[marker - 1] for marker in line.markers]
        if self._another_place(line.text, passages):
            return "another place than its source"
        if not line.matches:
            return ""
        text = _REPORT.sub(" ", line.text)
        years = {f.text[:4] for f in find_figures(text) if f.unit == "year" and not f.written}
        borne_out = {year for match in line.matches for year in self._years(match)}
        if "" in borne_out:  # nothing is known of the period of its source
            years = set()
        if any(year.isdigit() and year not in borne_out for year in years):
            return "another year than its source"
        if any(self._turned(match, line.text) for match in line.matches):
            return "a rise told as a fall, or a fall as a rise"
        if any(self._told_as_change(match, line.text) for match in line.matches):
            return "a level told as a change"
        if self._denied(line):
            return "the contrary of its source"
        if self._another_scope(line):
            return "more than its source says"
        return self._another_kind(line)

    def _denied(self, line: Line) -> bool:
        """Whether what the sources state is denied."""
        there = " ".join(self._sentence_of(match) for match in line.matches)
        return bool(_NOT.search(line.text)) and not _NOT.search(there)

    def _another_scope(self, line: Line) -> bool:
        """Whether a figure is told of each head, of a part, or as a record, where its source does
        not."""
        there = " ".join(self._sentence_of(match) for match in line.matches)
        return any(said.search(line.text) and not stated.search(there) for said, stated in _SCOPES)

    def _another_place(self, text: str, passages: Sequence[Passage]) -> bool:
        """Whether a place is named that is neither one its sources speak for nor named in them."""
        places = {passage.info.place.zh for passage in passages}
        found = self._named.get(text) or self._names.find(fold(text))
        self._named[text] = found
        if found.known and ("" in places or places.issuperset(found.known)):
            return False
        there = " ".join(passage.paragraph.text for passage in passages)
        if found.known and not places & set(found.known):
            return True
        # A place is called by the two characters its name begins with: 温商, 温州市级.
        others = [name[:2] for name in found.known if name not in places]
        others += () if found.known else found.unknown
        return any(name not in there for name in others)

    def _years(self, match: Match) -> set[str]:
        """The years that the sentence of a source figure speaks of."""
        passage = self._passages[match.marker - 1]
        sentence = self._sentence_of(match)
        years = {*_YEAR.findall(sentence), *map(str, told(sentence, passage.info).covered())}
        return {passage.paragraph.period, *years}

    def _turned(self, match: Match, text: str) -> bool:
        """Whether a change is told the other way round."""
        said = _direction(_before(text, match.claim.start) + _after(text, match.claim.end))
        there = self._text(match)
        source = _direction(_before(there, match.source.start))
        return None not in (said, source) and said != source

    def _told_as_change(self, match: Match, text: str) -> bool:
        """Whether something is said to have grown or fallen by what its source gives as its
        level."""
        if match.formula or match.claim.unit in ("%", "pp", "x"):
            return False
        told = _BY.search(text[: match.claim.start])
        clause = _CLAUSE.split(self._text(match)[: match.source.start])[-1]
        return bool(told) and not _direction(clause) and "增" not in clause

    def _another_kind(self, line: Line) -> str:
        if any(match.formula for match in line.matches):  # a calculation says only its figures
            return ""
        kinds = {self._passages[marker - 1].paragraph.kind for marker in line.markers}
        sources = {_kind_told(match.clause) for match in line.matches}
        estimated = any("预计" in self._sentence_of(match) for match in line.matches)
        said = _kind_told(fold(_EXPECTED.sub(" ", line.text) if estimated else line.text))
        if kinds == {"plan"} and "actual" not in sources:
            asked = self._query.kind == "plan" and not _PAST.search(line.text)
            left_open = said is None and (asked or _TO_COME.search(line.text))
            if said != "plan" and not left_open:
                return "a plan told as a result"
        if kinds == {"actual"} and said == "plan" and "plan" not in sources:
            return "a result told as a plan"
        return ""

    def _text(self, match: Match) -> str:
        return self._passages[match.marker - 1].paragraph.text

    def _sentence_of(self, match: Match) -> str:
        spans = source_sentences(self._text(match))
        return next((s.text for s in spans if s.start <= match.source.start < s.end), "")


def _kind_told(words: str) -> Kind | None:
    return kind_of(_NEITHER.sub(" ", words))


def _before(text: str, position: int) -> str:
    """The clause up to a position; of a list of figures ("增长1%、2%") the verb stands further
    off."""
    clause = _CLAUSE.split(text[:position])[-1]
    return clause if _direction(clause) else text[max(0, position - 24) : position]


def _after(text: str, position: int) -> str:
    return "" if _CJK.search(text) else _CLAUSE.split(text[position:])[0]


def _direction(words: str) -> str | None:
    """Whether words tell of a rise or a fall; the last verb says it."""
    found = _changes(words)
    return max(found)[1] if found else None


def directions(words: str) -> set[str]:
    """All that words tell of: "rise", "fall"."""
    return {direction for _, direction in _changes(words)}


def _changes(words: str) -> list[tuple[int, str]]:
    found = [(m.start(), "rise") for m in _RISE.finditer(words)]
    return found + [(m.start(), "fall") for m in _FALL.finditer(words)]
