"""How many things a question asks the names of, and how many a sentence announces or lists."""

from __future__ import annotations

import re

from rag.answer.figure_lexicon import read_number

_COLLECTIVES = {"pair": 2, "trio": 3, "quartet": 4}
_NUMERAL = "二?十[一二三四五六七八九]?|[两二三四五六七八九]|[12]?\\d"
_ALONE = "(?<![\\d第一二三四五六七八九十])"
_MANY = "(?<!十[七八九])(?<!二十)大"  # not 十九大 and 二十大, the congresses of the party
_ANNOUNCED = re.compile(rf"{_ALONE}({_NUMERAL})(?:{_MANY}|个|项|类|条|种|张|方面)(?![月年])")
_ASKS_MEMBERS = re.compile(
    r"哪[些几两二三四五六七八九十\d]|是什么|有什么|分别|列出|列举|\b(?:which|what|name|list|who)\b",
    re.IGNORECASE,
)
_WORD = "|".join(("two|three|four|five|six|seven|eight|nine|ten|eleven|twelve", *_COLLECTIVES))
_NO_TIME = r"(?![- ](?:\w+ )?(?:years?|months?|days?|decades?)\b)"
_ASKED = re.compile(
    rf"哪({_NUMERAL})(?![年月成])|{_ALONE}({_NUMERAL}){_MANY}"
    r"|\b(?:which|what|name|list)\b(?: (?!other|first|last|past)\S+){0,2}?"
    rf" ({_WORD}|[2-9]|1[0-2])\b(?=(?: (?!other)\S+){{0,5}} \S+s\b){_NO_TIME}"
    # "Ruian wants to win three titles. What are they?"
    rf"|\b({_WORD})\b(?=.*\b(?:(?:what|which) (?:are|were) (?:they|those)|name them|which"
    rf" (?:{_WORD})\?))",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile("[,\uff0c:\uff1a;\uff1b]|分别|等(?=[地\\d两二三四五六七八九十])")
_LAST_ITEM = re.compile("和|与|及")


def asks_members(question: str) -> bool:
    """Whether a question asks what there is, by name."""
    return bool(_ASKS_MEMBERS.search(question))


def number_asked(question: str) -> int:
    """Of how many things a question asks the names ("which three ..."); 0 if it does not say."""
    found = _ASKED.search(question) if asks_members(question) else None
    return _number(next(filter(None, found.groups()))) if found else 0


def numbers_announced(sentence: str) -> list[int]:
    """How many things a sentence says there are of something (五大平台, 等3个项目), from two on."""
    return [n for n in map(_number, _ANNOUNCED.findall(sentence)) if n > 1]


def lists(sentence: str, number: int) -> bool:
    """Whether a clause of a sentence lists as many things."""
    return any(
        1 < items <= number <= items + len(_LAST_ITEM.findall(clause))
        for clause in _CLAUSE_END.split(sentence)
        for items in (clause.count("、") + 1,)
    )


def _number(word: str) -> int:
    return _COLLECTIVES.get(word.lower()) or int(read_number(word) or 0)
