"""Words and BM25. The only module that imports jieba and bm25s.

bm25s rather than SQLite FTS5: its scores are plain arrays over all chunks, which can be
standardised and combined with other legs, and which let several translations of one English word
count once (the best of them).
"""

from __future__ import annotations

import logging
import math
import re
import sys
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import DamagedIndexError

Scores = NDArray[np.float32]
Group = tuple[tuple[str, ...], ...]
"""Alternatives for one word of a question, each a run of words; the best of them counts."""
_LONG = 4  # characters
_REMEMBERED = 20_000  # texts
_FIRM = frozenset(("集团", "公司", "有限公司", "集团公司"))
_WORDS_OF_FIRM = 3  # words before these
_RARE = 50  # occurrences in what jieba's dictionary was counted from
_LATIN_NAME = re.compile("[A-Z]{2,}")
_CHINESE = re.compile("[\u4e00-\u9fff]+")
_WORD = re.compile(r"[\u4e00-\u9fff]+|[a-z0-9][a-z0-9&.+-]*")
# Particles, and words of asking: in a question they say nothing about what is asked.
_PARTICLES = (
    "的 了 是 在 有 和 与 及 或 等 为 对 从 到 把 被 将 也 都 而 之 其 这 那 该 呢 吗 吧 啊"
)
_ASKING = """
请 问 请问 多少 几 什么 哪些 哪个 哪里 如何 怎么 怎样 是否 有没有 告诉 一下 多大 多高 多长 哪 谁 何
它 他们 我们 你 我 说 分别
"""
STOP_WORDS = frozenset((_PARTICLES + _ASKING).split())


class Tokenizer:
    """jieba's search mode with the given words added to its dictionary."""

    def __init__(self, words: Iterable[str] = (), cache_dir: Path | None = None) -> None:
        self._added = frozenset(words)
        self._long = frozenset(word for word in self._added if len(word) >= _LONG)
        self._cache_dir = cache_dir
        self._jieba: Any = None
        self._dictionary: str | None = None
        self._lock = threading.Lock()
        self.word_set = lru_cache(maxsize=_REMEMBERED)(self._word_set)
        self.part_of_speech = lru_cache(maxsize=_REMEMBERED)(self._part_of_speech)

    def _word_set(self, text: str) -> frozenset[str]:
        """The words of a text, each once; of sentences that come back they are remembered."""
        return frozenset(self.words(text))

    def words(self, text: str) -> list[str]:
        """Lower-case words of a text, long words followed by nothing but themselves and preceded
        by the shorter words in them, without particles and punctuation."""
        jieba = self._load()
        found = []
        for run in _WORD.findall(text.lower()):
            if run[0] < "\u4e00":
                found.append(run)
            else:
                for word in jieba.cut_for_search(run):
                    if word not in STOP_WORDS:
                        found += [*self._terms_within(word), word]
        return found

    def _terms_within(self, word: str) -> list[str]:
        """The long terms inside a longer word: search mode gives its parts of two and three
        characters only (固定资产投资 of 限上固定资产投资)."""
        return [
            word[start:end]
            for start in range(len(word) - _LONG + 1)
            for end in range(start + _LONG, len(word) + 1)
            if end - start < len(word) and word[start:end] in self._long
        ]

    def maximal_words(self, text: str) -> list[str]:
        """The longest words of a text, each once covered, without particles and punctuation."""
        jieba = self._load()
        found: list[str] = []
        for run in _WORD.findall(text.lower()):
            found += [run] if run[0] < "\u4e00" else jieba.cut(run)
        return [word for word in found if word not in STOP_WORDS]

    def named(self, text: str) -> list[str]:
        """What may be the name of a firm in a Chinese text: a word of no dictionary, in capitals or
        marked as a name, and what stands before 集团 or 公司 with a rare word or a name in it."""
        jieba = self._load()
        found = _LATIN_NAME.findall(text)
        before: list[str] = []
        for word in (w for run in _CHINESE.findall(text) for w in jieba.cut(run)):
            tag = self.part_of_speech(word)
            marked = tag == "nrt" or (tag in ("nz", "nt") and len(word) < _LONG)
            if len(word) > 1 and (word not in jieba.FREQ or marked):
                found.append(word)
            elif word in _FIRM and any(map(self._is_rare, before[-_WORDS_OF_FIRM:])):
                found.append("".join(before[-_WORDS_OF_FIRM:]))
            before.append(word)
        return found

    def _is_rare(self, word: str) -> bool:
        if word in self._added:
            return False
        rare = self._load().FREQ.get(word, 0) < _RARE
        return rare or self.part_of_speech(word)[:2] in ("ns", "nr", "nz")

    def _part_of_speech(self, word: str) -> str:
        """The tag of a word in jieba's dictionary ("n", "v", ...); "" for one it does not know."""
        jieba = self._load()
        with self._lock:
            if self._dictionary is None:
                self._dictionary = "\n" + jieba.get_dict_file().read().decode()
        at = self._dictionary.find(f"\n{word} ")
        end = self._dictionary.find("\n", at + 1)
        return self._dictionary[at + 1 : end].split(" ")[2] if at >= 0 else ""

    def _load(self) -> Any:
        with self._lock:
            if self._jieba is None:
                import jieba

                tokenizer = jieba.Tokenizer()
                frequencies, tokenizer.total = _frequencies(self._cache_dir)
                tokenizer.FREQ = dict(frequencies)
                tokenizer.initialized = True
                for word in sorted(self._added):
                    tokenizer.add_word(word)
                self._jieba = tokenizer
            return self._jieba


@cache
def _frequencies(cache_dir: Path | None) -> tuple[dict[str, int], int]:
    """jieba's words with their frequencies, and the sum of these. Loading takes half a second."""
    import jieba

    jieba.setLogLevel(logging.CRITICAL)  # it does without a cache it cannot write
    tokenizer = jieba.Tokenizer()
    if cache_dir:
        with suppress(OSError):
            cache_dir.mkdir(parents=True, exist_ok=True)
        tokenizer.tmp_dir = str(cache_dir)
    tokenizer.initialize()
    return tokenizer.FREQ, tokenizer.total


def character_pairs(text: str) -> list[str]:
    """Every two Chinese characters that stand together, and every word in Latin letters or digits,
    in lower case. They find names that jieba cuts now one way and now another (卡罗莱纳)."""
    found = []
    for run in _WORD.findall(text.lower()):
        if run[0] < "\u4e00" or len(run) == 1:
            found.append(sys.intern(run))
        else:
            found += [sys.intern(run[i : i + 2]) for i in range(len(run) - 1)]
    return found


class LexicalIndex:
    """BM25 (Lucene's variant, k1 1.2, b 0.75) over the words of units numbered from 0."""

    def __init__(self, bm25: Any, size: int) -> None:
        self._bm25 = bm25
        self.size = size

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]]) -> LexicalIndex:
        """From the words of each unit."""
        import bm25s

        bm25 = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
        # An index of nothing cannot be built; a single empty unit scores 0 for every word.
        bm25.index([list(words) for words in documents] or [[""]], show_progress=False)
        return cls(bm25, len(documents))

    def save(self, folder: Path) -> None:
        """Write to `folder`; `load` reads it back."""
        self._bm25.save(str(folder), show_progress=False)
        (folder / "size").write_text(str(self.size))

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Memory-mapped, so that a fresh process does not read what it does not need.

        Raises DamagedIndexError if a file is missing or broken.
        """
        import bm25s

        try:
            bm25 = bm25s.BM25.load(str(folder), mmap=True, show_progress=False)
            return cls(bm25, int((folder / "size").read_text()))
        except (OSError, EOFError, ValueError, KeyError) as error:
            raise DamagedIndexError(folder) from error

    def scores(self, groups: Iterable[Group]) -> Scores:
        """BM25 of every unit: the sum over groups of the best alternative. Shape (size,).

        So many translations of one English word do not count many times.
        """
        total = np.zeros(self.size, np.float32)
        for group in dict.fromkeys(groups):
            sums = [self._sum(words) for words in group if any(map(self._knows, words))]
            if sums:
                total += np.max(sums, axis=0)
        return total

    def _sum(self, words: Iterable[str]) -> Scores:
        columns = [self._column(word) for word in words if self._knows(word)]
        return np.asarray(np.sum(columns, axis=0), dtype=np.float32)

    def vocabulary(self) -> Iterable[str]:
        """Every word of the index."""
        return (str(word) for word in self._bm25.vocab_dict)

    def inverse_frequency(self, word: str) -> float:
        """BM25's idf: ln(1 + (N - n + 0.5) / (n + 0.5)), n the units that hold the word."""
        n = int(np.count_nonzero(self._column(word))) if self._knows(word) else 0
        return math.log(1 + (self.size - n + 0.5) / (n + 0.5))

    def _knows(self, word: str) -> bool:
        return word in self._bm25.vocab_dict

    def _column(self, word: str) -> Scores:
        scores = self._bm25.get_scores([word])
        return np.asarray(scores[: self.size], dtype=np.float32)
