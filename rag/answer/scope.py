"""What a question asks of a sentence besides its words, place, year and kind: the part of the year,
the phase of a project, the rest of a list, names and not how many there are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.answer.figures import find_figures
from rag.corpus.sentences import Span
from rag.search.measure import PEOPLE, asked_units
from rag.search.terms import Terms

_PARTS_OF_YEAR = {
    "first half": r"上半年|(?<!\d)1\s*[-至到~]\s*6月"
    r"|\b(?:first half|first six months|mid-?year|January to June)\b",
    "second half": r"下半年|\b(?:second half|(?:last|latter|final) six months|July to December)\b",
    "first quarter": r"第?[一1]季度|(?<!\d)1\s*[-至到~]\s*3月|首季"
    r"|\bfirst quarter\b|\bfirst three months\b|\bQ1\b",
    "second quarter": r"第?[二2]季度|\bsecond quarter\b|\bQ2\b",
    "third quarter": r"第?(?<!前)[三3]季度|\bthird quarter\b|\bQ3\b",
    "fourth quarter": r"第?[四4]季度|\bfourth quarter\b|\bQ4\b",
}
_PARTS = {name: re.compile(words, re.IGNORECASE) for name, words in _PARTS_OF_YEAR.items()}
_PHASE = re.compile(
    r"(?<![哪几十分\d])((?:[一二三四五六七八九]、)*[一二三四五六七八九1-9首])期(?![间末限货望])"
    r"|\b(first|second|third|fourth) (?:phase|stage)\b"
    r"|\bphase (one|two|three|four|[1-4]|I{1,3}|IV)\b",
    re.IGNORECASE,
)
_PHASES = {
    word: number
    for number, words in enumerate(
        ("一 1 首 first one i", "二 2 second two ii", "三 3 third three iii",
         "四 4 fourth four iv", "五 5", "六 6", "七 7", "八 8", "九 9"), start=1,
    )
    for word in words.split()
}  # fmt: skip
_OTHERS = re.compile(
    r"(?:另外?|其[他它余])的?(?=[一二两三四五六七八九十几]|\d+(?!\d|年))|除了.{1,30}(?:还有|之外|以外)"
    r"|\b(?:besides|apart from|aside from|other than)\b"
    r"|\b(?:other|remaining) (?:one|two|three|four|five|six|seven|eight|nine|ten|\d+)\b",
    re.IGNORECASE,
)
_AND_SO_ON = re.compile(r"等(?!一[批系])[一两二三四五六七八九十\d]")
_WHO = re.compile(
    r"谁|哪(?:一|几|两|\d+)?(?:位|个人|名)|什么人|\bwho(?:m|se)?\b(?! (?:is|are) behind)"
    r"|\bwhich (?:expert|person|people|official|scientist)s?\b",
    re.IGNORECASE,
)
_WHICH_FIRM = re.compile(
    r"(?:哪|叫什么|什么)(?:[一几两三四五六七八九十\d]+)?(?:家|个)?(?:公司|企业|厂|单位)|哪(?:一|几|两|\d+)?家"
    r"|\b(?:which|name the|names? of the) (?:\w+ ){0,3}"
    r"(?:compan(?:y|ies)|firms?|enterprises?|group|contractor|builder|supplier)\b"
    r"|\bwhat (?:company|firm|enterprise)\b",
    re.IGNORECASE,
)
_OFFICES = "(?:书记|主任|局长|会长|董事长|校长|院长)"
_OFFICE = re.compile(
    rf"{_OFFICES}(?:是谁|是哪位|叫什么|姓什么)|谁(?:是|任|担任|当).{{0,12}}{_OFFICES}"
    r"|\bwho (?:is|was) (?:the |[\w ]{1,40}['’]s )(?:[\w-]+ ){0,3}"
    r"(?:secretary|director|head|chief|chair(?:man|woman|person)?|boss|president)\b",
    re.IGNORECASE,
)
_OFFICER = re.compile(
    rf"{_OFFICES}(?!是|的|和|及|等|要|会)[\u4e00-\u9fff]{{2,3}}(?=[出参主在于]|[^\u4e00-\u9fff]|$)"
    r"|(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,3}(?:同志|任)"
)
# Not 哪家医院, 哪家单位: these go by common words.
_FIRM = re.compile(
    r"哪(?:[一几两三]?[家个])?(?:[^,?]{0,4}的)?(?:公司|企业|厂商?|集团|世界)|叫什么公司|公司(?:叫什么|是什么(?:名字)?[?。]*$)"
    r"|(?:谁|哪[家个])来?(?:承建|承包|中标|施工|设计|运营|建设|建造|投资|出资|开发|负责建)"
    r"|(?:承建|承包|中标|施工|设计|运营|投资|开发)(?:商|方|单位)?(?:的)?(?:是|叫)(?:谁|哪家)"
    r"|\bwho (?:built|builds|constructed|designed|operates?|operated|owns?|owned|financed"
    r"|developed|won the (?:contract|bid|tender)|supplie[sd]"
    r"|(?:is|was|will be) (?:building|developing|operating|behind))\b"
    r"|\b(?:which|what|name the|names? of the) (?:\w+ ){0,3}"
    r"(?:compan(?:y|ies)|firms?|enterprises?|group|contractor)\b",
    re.IGNORECASE,
)
_NAMES = re.compile(
    r"什么牌子|什么名字|\b(?:the |their )names of\b|\bname (?:the|them|all)\b", re.IGNORECASE
)
_ANYTHING = ("count",)
_NAMED = (
    (_WHO, tuple(f"count:{m}" for m in PEOPLE)),
    (_WHICH_FIRM, ("count:家",)),
    (_NAMES, _ANYTHING),
)
_NAMES_BEFORE = re.compile('[\u4e00-\u9fff"\u201d》)][、等和及]')
_NAMES_BEHIND = re.compile("[^:(\uff1a\uff08]{0,6}[:(\uff1a\uff08]")
_CLAUSE_END = re.compile("[,;\uff0c\uff1b\u3002]")


@dataclass(frozen=True)
class Scope:
    """What a question restricts its answer to: parts of the year, phases, the rest of a list, and
    names, where `names` holds the units in which those named would be counted; with `firm` or
    `officer` it asks for that of a firm or of who holds an office."""

    parts: frozenset[str]
    phases: frozenset[int]
    others: bool
    names: tuple[tuple[str, ...], ...]
    firm: bool
    officer: bool

    def holds(self, text: str, span: Span, terms: Terms) -> bool:
        """Whether a sentence of a paragraph's `text` keeps to it."""
        if self.parts and not self.parts & _parts_of_year(text[: span.end]):
            return False
        if self.phases and (there := _phases(span.text)) and not self.phases & there:
            return False
        if self.others and _AND_SO_ON.search(span.text):
            return False
        if self.firm and not _names_another(span.text, terms):
            return False
        if self.officer and not _OFFICER.search(span.text):
            return False
        return not any(_only_counts(span.text, units, terms) for units in self.names)


def clauses_of(sentence: str) -> list[str]:
    """The clauses of a sentence, without what ends them."""
    return _CLAUSE_END.split(sentence)


def scope_of(question: str) -> Scope:
    """The scope of a question."""
    names = tuple(units for pattern, units in _NAMED if pattern.search(question))
    return Scope(
        _parts_of_year(question),
        _phases(question),
        bool(_OTHERS.search(question)),
        () if asked_units(question) else names,  # "how many people who ..."
        bool(_FIRM.search(question)) and not asked_units(question),
        bool(_OFFICE.search(question)),
    )


@lru_cache(maxsize=4096)
def _parts_of_year(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in _PARTS.items() if pattern.search(text))


def _phases(text: str) -> frozenset[int]:
    return frozenset(
        _PHASES[word.lower()]
        for found in _PHASE.finditer(text)
        for words in found.groups()
        if words
        for word in words.split("、")
    )


def _names_another(sentence: str, terms: Terms) -> bool:
    """Whether a sentence holds what may be the name of a firm that the question does not hold."""
    return any(name not in terms.written for name in terms.tokenizer.named(sentence))


def _only_counts(sentence: str, units: tuple[str, ...], terms: Terms) -> bool:
    """Whether the clause that the question's words stand in, or for other things than people and
    firms the sentence, says how many there are, without names before or behind the number (not
    "华峰等3家企业", "甲、乙2家企业", "2家:甲、乙")."""
    clause = sentence if units == _ANYTHING else max(clauses_of(sentence), key=terms.coverage)
    position, counted, named = 0, False, False
    for figure in find_figures(clause):
        if figure.unit.startswith(units):
            counted = True
            named |= bool(_NAMES_BEFORE.search(clause[position : figure.start]))
            named |= bool(_NAMES_BEHIND.match(clause, figure.end))
        position = figure.end
    return counted and not named
