"""`make bench-trust`: how many false sentences are caught, and how many true ones are flagged.

A sentence is flagged unless it is found to be supported. The classes of being wrong are reported
apart, and so are the languages.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random
from statistics import median

from rich.console import Console
from rich.table import Table

from eval.trust.sentences import Sentence, false_sentences, load_facts, true_sentences
from rag.answer.check import check_sentence
from rag.answer.verify import verify
from rag.app import build_app
from rag.search.searcher import OpenCorpus
from rag.types import Draft, Language

TRUE, FALSE = 1_200, 1_600
_SENTENCES, _PASSAGES, _TIMES = 10, 8, 5
_COLUMNS: tuple[tuple[Language, ...], ...] = (("zh",), ("en",), ("zh", "en"))
_OUT = Console(highlight=False, soft_wrap=True, width=110)


def main() -> None:
    """Print both tables over the current index; numbers as arguments take smaller samples."""
    sizes = [int(argument) for argument in sys.argv[1:3]] or [TRUE, FALSE]
    corpus = build_app(engine="extractive").assistant.corpus()
    facts = load_facts()
    true = _sample(true_sentences(facts), sizes[0])
    false = _sample(false_sentences(facts), sizes[-1])
    started = time.perf_counter()
    flagged = _flagged([*true, *false], corpus)
    spent = (time.perf_counter() - started) / (len(true) + len(false))
    table = Table(title="Sentences about the five reports", title_justify="left")
    for heading in ("", "zh", "n", "en", "n", "both", "n"):
        table.add_column(heading, justify="right" if heading else "left")
    wrongs = dict.fromkeys(sentence.wrong for sentence in false)
    table.add_row("true, flagged", *_row(true, flagged))
    table.add_row("false, caught", *_row(false, flagged))
    for wrong in wrongs:
        mine = [sentence for sentence in false if sentence.wrong == wrong]
        table.add_row(f"  {wrong}", *_row(mine, flagged))
    _OUT.print(table)
    _OUT.print(f"{1000 * spent:.0f} ms a sentence, looked up in the corpus")
    for language in ("zh", "en"):
        milliseconds = _verifying(true, language, corpus)
        _OUT.print(
            f"{milliseconds:.0f} ms to verify an answer of {_SENTENCES} sentences over "
            f"{_PASSAGES} passages, {language}"
        )
    for sentence in true:
        if sentence in flagged:
            _OUT.print("flagged:", sentence.text, markup=False)
    for sentence in false:
        if sentence not in flagged:
            _OUT.print(f"missed ({sentence.wrong}):", sentence.text, markup=False)


def _sample(sentences: Iterable[Sentence], size: int) -> list[Sentence]:
    """At most `size`, the same ones every time, all classes alike."""
    groups: dict[str, list[Sentence]] = {}
    for sentence in sentences:
        groups.setdefault(sentence.wrong, []).append(sentence)
    random = Random(5)
    for group in groups.values():
        random.shuffle(group)
    share = size // len(groups)
    left = {wrong: group[share:] for wrong, group in groups.items()}
    chosen = [sentence for group in groups.values() for sentence in group[:share]]
    rest = [sentence for group in left.values() for sentence in group]
    random.shuffle(rest)
    return chosen + rest[: size - len(chosen)]


def _flagged(sentences: Sequence[Sentence], corpus: OpenCorpus) -> set[Sentence]:
    return {s for s in sentences if check_sentence(s.text, corpus).verdict != "supported"}


def _verifying(sentences: Sequence[Sentence], language: Language, corpus: OpenCorpus) -> float:
    """Median milliseconds that verifying a model's answer takes, once it has been verified before:
    sentences of one report, all citing the first passage found for one of them."""
    spent = []
    for report in {sentence.fact.report: None for sentence in sentences}:
        mine = [s for s in sentences if s.language == language and s.fact.report == report]
        if len(mine) < _SENTENCES:
            continue
        query = corpus.understand(mine[0].text)
        passages = tuple(corpus.retriever.retrieve(query, _PASSAGES))
        said = " ".join(f"{sentence.text} [1]" for sentence in mine[:_SENTENCES])
        draft = Draft(said, passages, "bench")
        verify(query, draft, corpus)
        for _ in range(_TIMES):
            started = time.perf_counter()
            verify(query, draft, corpus)
            spent.append(1000 * (time.perf_counter() - started))
    return median(spent) if spent else 0.0


def _row(sentences: Sequence[Sentence], flagged: set[Sentence]) -> list[str]:
    counts: Counter[tuple[Language, bool]] = Counter((s.language, s in flagged) for s in sentences)
    cells = []
    for languages in _COLUMNS:
        n = sum(counts[language, found] for language in languages for found in (True, False))
        hits = sum(counts[language, True] for language in languages)
        cells += [f"{hits / n:.3f}" if n else "-", str(n)]
    return cells


if __name__ == "__main__":
    main()
