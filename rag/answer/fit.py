"""Whether a source figure is of what a claim says: how well the words around both agree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from rag.answer.claims import Claim, claims
from rag.answer.figures import Figure, exact_values, find_figures
from rag.search.searcher import OpenCorpus
from rag.search.terms import Terms
from rag.search.understand import fold
from rag.types import Language

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile("[A-Za-z]+")
_CLAUSE = re.compile(r"[,;:]|\.(?=\s|$)|\bwhile\b")
_AND = re.compile(r"\band\b")
_NUMERALS = ("", "一1", "二两双2", "三3", "四4", "五5", "六6", "七7", "八8", "九9")
_DEFINITE = re.compile(r"\b(?:the|previous|past|last|next|these|those|all)\s+$", re.IGNORECASE)
_WORTH = re.compile(r"\bworth (?:at least|more than|over|about)?\s*$", re.IGNORECASE)
_EMPTY = re.compile(
    r"-?\b(?:at least|at most|more than|less than|level|class|actually|targeted|planned)\b", re.I
)
# Verbs that only say how an indicator moved or was planned.
_MOVED = re.compile(
    "实际|达到|目标|增速|增幅|计划|预期|力争|完成|实现|增长|下降|提高|增加|减少|同比|共|以上|左右|约|超|突破|不少于|全年|今年|年|[了为的达将要]"
)
# Settled on the true and false sentences of eval/trust. Translations are looser than characters.
_TELLING_DIGITS = 3
_LEAST = {"zh": (0.2, 0.1), "en": (0.05, 0.0)}  # of few digits, of many
_ROOM = {"zh": 0.06, "en": 0.12}
_SHARES = {"zh": (0.4, 0.3, 0.3), "en": (0.3, 0.6, 0.1)}  # of context, subject, nothing else
_SAME_SIZE = 0.6


@dataclass(frozen=True)
class Fit:
    """How well a source figure's words fit those around a claim, 0 to 1.

    Three things count: how much of the claim's words the source's sentence holds up to its figure,
    how much its own words hold, and how little else its own words say. Words are compared as
    terms, whatever their synonyms or language, and those of a Chinese claim also as characters.
    """

    terms: Terms
    language: Language  # of the claim
    pairs: frozenset[str] = frozenset()
    sums: tuple[Figure, ...] = ()  # other quantities of the same sentence
    _known: dict[tuple[str, str, str], float] = field(default_factory=dict, compare=False)

    def __call__(self, source: Claim) -> float:
        key = (source.subject, source.context, source.clause.text)
        if key not in self._known:
            self._known[key] = self._measured(source)
        return self._known[key]

    def _measured(self, source: Claim) -> float:
        subject, context, clause = source.subject, source.context, source.clause.text
        in_context, in_subject, nothing_else = _SHARES[self.language]
        by_terms = (
            in_context * self.terms.coverage(f"{context} {subject} {clause}")
            + in_subject * self.terms.coverage(subject)
            + nothing_else * self._term_precision(subject)
        )
        size = _SAME_SIZE * self._is_of_size(source)
        if not self.pairs:
            return by_terms + size
        own, there = pairs_of(subject), pairs_of(context) | pairs_of(clause)
        by_pairs = (
            in_context * len(self.pairs & (own | there)) / len(self.pairs)
            + in_subject * len(self.pairs & own) / len(self.pairs)
            + nothing_else * len(self.pairs & own) / (len(own) or 1)
        )
        return (by_terms + by_pairs) / 2 + size

    def _is_of_size(self, source: Claim) -> bool:
        """Whether the things counted are of a size that is claimed too."""
        size = source.qualifier
        return size is not None and any(
            exact_values(size) == exact_values(figure)
            for figure in self.sums
            if figure.unit == size.unit
        )

    def _term_precision(self, subject: str) -> float:
        words = self.terms.tokenizer.word_set(_MOVED.sub(" ", subject))
        known = {word for group in self.terms.groups for run in group for word in run}
        return len(words & known) / (len(words) or 1)

    @property
    def says_of_what(self) -> bool:
        """Whether there are any words around the claim."""
        return bool(self.terms.groups or self.pairs)

    @property
    def room(self) -> float:
        """How much better another figure must fit to show that the claim is of that one."""
        return _ROOM[self.language]

    def least(self, figure: Figure) -> float:
        """From which on a source figure may be the one that is claimed: 12 stands for many things,
        29,637 for one."""
        digits = re.sub(r"\D", "", figure.text).strip("0")
        return _LEAST[self.language][len(digits) >= _TELLING_DIGITS]

    def qualifies(self, source: Claim) -> bool:
        """Whether the things counted are not of another size than is claimed."""
        size = source.qualifier
        claimed = size is not None and any(figure.unit == size.unit for figure in self.sums)
        return not claimed or self._is_of_size(source)

    def best(self, sources: Sequence[Claim]) -> tuple[float, Claim] | None:
        """The source that fits best, and how well."""
        fitting = [
            (self(source), -n, source) for n, source in enumerate(sources) if self.qualifies(source)
        ]
        if not fitting:
            return None
        score, _, source = max(fitting, key=lambda item: item[:2])
        return score, source


def fit(claim: Claim, text: str, corpus: OpenCorpus) -> Fit:
    """What measures how well source figures fit the words that a claim of `text` is made in."""
    language: Language = "en" if len(_WORD.findall(text)) > len(_CJK.findall(text)) else "zh"
    quantities = [figure for figure in find_figures(text) if figure.role == "quantity"]
    others = tuple(figure for figure in quantities if figure.start != claim.figure.start)
    words = claim.subject if language == "zh" else _around(text, claim.figure, others)
    named = _YEAR.sub(" ", corpus.names.find(fold(words)).text)
    terms = corpus.retriever.terms_of(named, language)
    if language == "en":
        return Fit(translated(terms, named), language, frozenset(), others)
    pairs = pairs_of(named)
    if not pairs and not re.search("[A-Za-z]", named):  # "同比增长7.8%"
        terms = replace(terms, groups=(), weights=())
    return Fit(terms, language, pairs, others)


def is_attribute(figure: Figure, text: str) -> bool:
    """Whether a figure only says what sort of thing is meant ("10亿元以上企业", "10,000-mu parks",
    "the three cities"), not how many there are."""
    if any(claim.qualifier and claim.qualifier.start == figure.start for claim in claims(text)):
        return True
    if "-" in figure.text and figure.unit and figure.high is None:
        return True
    before = text[: figure.start]
    return bool(_WORTH.search(before) or (figure.text[0].isalpha() and _DEFINITE.search(before)))


def is_in_a_name(figure: Figure, source: str) -> bool:
    """Whether a small number may be part of a name in the source, as in 三大平台."""
    return 0 < figure.value < 10 and any(
        character in source for character in _NUMERALS[int(figure.value)]
    )


def translated(terms: Terms, text: str) -> Terms:
    """The terms without ordinary English words that no Chinese ones were found for."""
    ordinary = {word.lower() for word in re.findall(r"\b[A-Z]?[a-z]+\b", text)}
    kept = [
        (group, weight)
        for group, weight in zip(terms.groups, terms.weights, strict=True)
        if not all(word in ordinary for run in group for word in run)
    ]
    return replace(
        terms, groups=tuple(group for group, _ in kept), weights=tuple(w for _, w in kept)
    )


@lru_cache(maxsize=8192)
def pairs_of(words: str) -> frozenset[str]:
    """The pairs of neighbouring characters of Chinese words, without those that only say how an
    indicator moved or was planned."""
    runs = re.findall(r"[\u4e00-\u9fff]+", _MOVED.sub(" ", words))
    return frozenset(run[n : n + 2] for run in runs for n in range(max(1, len(run) - 1)))


def _around(text: str, figure: Figure, others: Sequence[Figure]) -> str:
    """The English words that a figure is said of: those of its clause, up to the next figures."""
    stating = [other for other in others if not is_attribute(other, text)]
    start = max((other.end for other in stating if other.end <= figure.start), default=0)
    stop = min((other.start for other in stating if other.start >= figure.end), default=len(text))
    blank = list(text)
    for other in others:
        blank[other.start : other.end] = " " * (other.end - other.start)
    plain = "".join(blank)
    before, after = plain[start : figure.start], plain[figure.end : stop]
    before = _CLAUSE.split(_AND.split(before, maxsplit=1)[-1] if start else before)[-1]
    after = _CLAUSE.split(_AND.split(after)[0] if stop < len(text) else after, maxsplit=1)[0]
    words = f"{before} {after}" if len(before.split()) > 2 else f"{plain[: figure.start]} {after}"
    return _EMPTY.sub(" ", words)
