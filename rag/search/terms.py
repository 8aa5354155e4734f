"""The words of a question that say what is asked, and how much of them a text holds."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from rag.index.lexical import Group, Tokenizer
from rag.index.sentences import word_vectors

_MEANS_SOMETHING = re.compile(r"[\u4e00-\u9fffA-Za-z]{2}")  # a character alone is like too much
_MOST_FORMS = 8  # alternatives of a group that are compared
# The cosine from which on a word is like another, that from which on it is most so, and what it
# counts then of the word itself. Settled on open golden questions.
_LIKE, _MOST_LIKE, _SHARE = 0.5, 0.9, 0.8


_OPPOSITES = [
    frozenset(characters)
    for characters in (
        *("进出", "收支", "增减", "升降涨跌", "高低", "男女", "内外", "前后", "大中小", "上中下"),
        *("新旧老", "东南西北", "城乡农村镇", "国省市县区", "一二三四五六七八九十"),
    )
]  # fmt: skip


class Likeness:
    """How like in meaning words are to groups of alternatives: 排污管道 is like 污水管网, 机场 is
    not."""

    def __init__(self, groups: Sequence[Group]) -> None:
        forms = [
            (number, joined(run))
            for number, group in enumerate(groups)
            for run in group[:_MOST_FORMS]
            if run
        ]
        self._numbers = np.array([number for number, _ in forms], int)
        self._words = [form for _, form in forms]
        self._forms = word_vectors(self._words)
        self._count = len(groups)
        self._like: dict[str, tuple[tuple[int, float], ...]] = {}

    def shares(self, words: Collection[str]) -> list[float]:
        """Of each group what the word of these that is most like it counts, 0 to _SHARE."""
        found = [0.0] * self._count
        unknown = [
            word for word in words if word not in self._like and _MEANS_SOMETHING.search(word)
        ]
        if unknown and self._count:
            self._learn(unknown)
        for word in words:
            for number, share in self._like.get(word, ()):
                found[number] = max(found[number], share)
        return found

    def _learn(self, words: Sequence[str]) -> None:
        cosines = word_vectors(words) @ self._forms.T
        shares = _SHARE * np.clip((cosines - _LIKE) / (_MOST_LIKE - _LIKE), 0, 1)
        like: dict[str, dict[int, float]] = {word: {} for word in words}
        for row, column in zip(*np.nonzero(shares), strict=True):
            if _contrast(words[row], self._words[column]):
                continue
            number, groups = int(self._numbers[column]), like[words[row]]
            groups[number] = max(groups.get(number, 0.0), float(shares[row, column]))
        self._like |= {word: tuple(groups.items()) for word, groups in like.items()}


def joined(run: Sequence[str]) -> str:
    """The words of an alternative as they are written: Chinese without spaces. A run holds the
    parts of its longer words before these (生产, 总值, 生产总值); they are left out."""
    whole = [word for word in run if not any(word != other and word in other for other in run)]
    return (" " if run[0].isascii() else "").join(dict.fromkeys(whole))


def _head(run: Sequence[str]) -> str:
    """The shortest word that an alternative ends with: 线路 of 公交线路."""
    whole = joined(run)
    return min((word for word in run if whole.endswith(word)), key=len, default=whole)


def _contrast(one: str, other: str) -> bool:
    """Whether two words differ in one contrasting character: 进口 and 出口, 第二产业 and
    第三产业."""
    if len(one) != len(other):
        return False
    apart = {frozenset(pair) for pair in zip(one, other, strict=True) if len(set(pair)) == 2}
    return len(apart) == 1 and any(pair <= opposites for pair in apart for opposites in _OPPOSITES)


@dataclass(frozen=True)
class Terms:
    """Groups of alternatives for the words of a question, and how telling each group is.

    Holding some words of a compound counts `partial` of what it would: 一般公共预算支出 is not
    一般公共预算收入. With `likeness` words of like meaning count, too. `counted` are the groups of
    what the question counts, if it names that.
    """

    groups: tuple[Group, ...]
    weights: tuple[float, ...]
    tokenizer: Tokenizer
    partial: float = 1.0
    likeness: Likeness | None = field(default=None, compare=False)
    counted: frozenset[Group] = frozenset()
    _known: dict[str, list[float]] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )

    @cached_property
    def written(self) -> str:
        """All alternatives of all groups, as one text."""
        return " ".join("".join(run) for group in self.groups for run in group)

    def coverage(self, text: str) -> float:
        """The share of the question's words, by weight, that a text holds; 0 to 1."""
        total = sum(self.weights)
        if not total:
            return 0.0
        return (
            sum(w * share for w, share in zip(self.weights, self.shares(text), strict=True)) / total
        )

    def named(self, text: str) -> float:
        """The share of the question's words, by weight, that a text holds wholly; 0 to 1."""
        held = zip(self.weights, self.shares(text), strict=True)
        return sum(w for w, share in held if share == 1) / (sum(self.weights) or 1)

    def shares(self, text: str) -> list[float]:
        """How much of each group a text holds: of its best alternative, the share of words."""
        if text not in self._known:
            self._known[text] = self._measured(text)
        return self._known[text]

    def _measured(self, text: str) -> list[float]:
        words = self.tokenizer.word_set(text)
        shares = [
            share if share == 1 else self.partial * share
            for share in (
                max((len(words & set(run)) / len(set(run)) for run in group), default=0.0)
                for group in self.groups
            )
        ]
        if self.likeness is None:
            return shares
        return list(map(max, shares, self.likeness.shares(words)))

    def share_counted(self, text: str) -> float:
        """How much of what is counted a text holds, 0 to 1; 1 if nothing is. The last word of a
        compound or one like it must be there: a 公交站点 is no 公交线路."""
        if not self.counted:
            return 1.0
        shares = zip(self.groups, self.shares(text), strict=True)
        whole = max((share for group, share in shares if group in self.counted), default=1.0)
        words = self.tokenizer.word_set(text)
        if self._heads is None or self._named_heads & words:
            return whole
        return min(whole, max(self._heads.shares(words)))

    @cached_property
    def _named_heads(self) -> frozenset[str]:
        """The last words of what is counted, in all ways of saying it."""
        return frozenset(_head(run) for group in self.counted for run in group)

    @cached_property
    def _heads(self) -> Likeness | None:
        """The same, each as a group of its own."""
        if self.likeness is None:
            return None
        return Likeness([((head,),) for head in sorted(self._named_heads)])

    def asked_for(self, text: str) -> float:
        """The share of a text's own words that are words of the question, 0 to 1."""
        words = self.tokenizer.word_set(text)
        asked = {word for group in self.groups for run in group for word in run}
        return len(words & asked) / (len(words) or 1)
