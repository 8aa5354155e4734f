"""`make bench-retrieval`: how well and how fast paragraphs are found, and what each leg adds.

Every figure is measured in this run, with the settings that users get, and set beside the same
retrieval with one part left out or with one part alone.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from eval.golden import FOLDER, Case, load_golden, resolve
from eval.retrieval import xquad, yearly
from eval.retrieval.growth import SIZES, grow
from eval.run import reports_in
from eval.seeds import SEEDS, ingested
from rag.answer.figures import compare, find_figures
from rag.app import App, build_app
from rag.assistant import Assistant
from rag.search.retrieve import WEIGHTS, Weights
from rag.types import Language, Passage, Query

XQUAD = Path(os.environ.get("XQUAD", "../shared/bench/xquad"))
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_DEPTH = 10
_OUT = Console(highlight=False, soft_wrap=True, width=120)

Variant = Callable[[Weights], Weights]
VARIANTS: dict[str, Variant] = {
    "all legs (as installed)": lambda w: w,
    "without dense, chunks": lambda w: replace(w, dense_chunk=0),
    "without dense, paragraphs": lambda w: replace(w, dense_paragraph=0),
    "without words, chunks": lambda w: replace(w, lexical_chunk=0),
    "without words, paragraphs": lambda w: replace(w, lexical_paragraph=0),
    "without sentences": lambda w: replace(w, sentence=0),
    "without place, year, kind": lambda w: replace(w, place=0, year=0, kind=0),
    "dense alone": lambda w: replace(w, lexical_chunk=0, lexical_paragraph=0, sentence=0),
    "words alone": lambda w: replace(w, dense_chunk=0, dense_paragraph=0, sentence=0),
    "sentences alone": lambda w: replace(
        w, dense_chunk=0, dense_paragraph=0, lexical_chunk=0, lexical_paragraph=0
    ),
}


@dataclass(frozen=True)
class Asked:
    """A query, and the anchors of the paragraphs that answer it."""

    query: Query
    wanted: frozenset[str]


def main() -> None:
    """Print everything, or only the parts named as arguments."""
    chosen = sys.argv[1:] or ["golden", "yearly", "xquad", "growth"]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if "golden" in chosen:
            app = ingested(SEEDS, folder / "seeds-index")
            _golden(app)
            _latency(app)
        if "yearly" in chosen:
            _yearly(folder)
        if "xquad" in chosen:
            _xquad(folder)
        if "growth" in chosen:
            grow(folder / "growth", SIZES, build_app().settings.models_dir, _OUT)


def _golden(app: App) -> None:
    reports = reports_in(app.assistant.corpus().index)
    cases = [case for case in resolve(load_golden(FOLDER), reports) if case.support]
    for split in ("open", "held"):
        asked = {
            language: [
                Asked(_query(app.assistant, case), frozenset().union(*case.support))
                for case in cases
                if (case.question.split, case.question.language) == (split, language)
            ]
            for language in LANGUAGES
        }
        _compare(app, f"Golden questions, {split} split, over the five reports", asked)
    _places(app, cases)


def _query(assistant: Assistant, case: Case) -> Query:
    history = [turn.turn() for turn in case.question.history]
    return assistant.corpus().understand(case.question.question, history)


def _compare(app: App, title: str, asked: dict[Language, list[Asked]]) -> None:
    """A table: each variant's hits at 1, 5 and 10 in both languages."""
    retriever = app.assistant.corpus().retriever
    ranks: dict[tuple[str, Language], list[int]] = {}
    for language, questions in asked.items():
        for one in questions:
            found = retriever.gather(one.query)
            for name, variant in VARIANTS.items():
                passages = retriever.rank(found, one.query, _DEPTH, variant(WEIGHTS[language]))
                ranks.setdefault((name, language), []).append(_rank(passages, one.wanted))
    table = Table(title=title, title_justify="left")
    for heading in ("", *(f"{la} {what}" for la in asked for what in ("R@1", "R@5", "R@10", "n"))):
        table.add_column(heading, justify="right" if heading else "left")
    for name in VARIANTS:
        cells = [cell for language in asked for cell in _cells(ranks[name, language])]
        table.add_row(name, *cells)
    _OUT.print(table)


def _rank(passages: Sequence[Passage], wanted: Iterable[str]) -> int:
    """Position of the first wanted passage, from 0; _DEPTH if there is none."""
    wanted = set(wanted)
    return next((i for i, p in enumerate(passages) if p.anchor in wanted), _DEPTH)


def _cells(ranks: Sequence[int]) -> list[str]:
    shares = [sum(rank < k for rank in ranks) / len(ranks) for k in (1, 5, 10)]
    return [*(f"{share:.3f}" for share in shares), str(len(ranks))]


def _places(app: App, cases: Sequence[Case]) -> None:
    """How often a question that names one place gets another place's passage first."""
    named = wrong = 0
    for case in cases:
        query = _query(app.assistant, case)
        if len(query.places) == 1 and not query.listing:
            named += 1
            first = app.assistant.corpus().retriever.retrieve(query, 1)[0]
            wrong += first.info.place.zh != query.places[0]
    _OUT.print(f"{wrong} of {named} questions that name a place get another place's passage first")


def _latency(app: App) -> None:
    spent = []
    questions = [question.question for question in load_golden(FOLDER)]
    for question in [*questions[:8], *questions]:
        started = time.perf_counter()
        app.assistant.search(question)
        spent.append(1000 * (time.perf_counter() - started))
    cuts = statistics.quantiles(spent[8:], n=20)
    _OUT.print(
        f"Warm search on the five reports: p50 {statistics.median(spent[8:]):.0f} ms, "
        f"p95 {cuts[-1]:.0f} ms over {len(questions)} questions"
    )


def _yearly(folder: Path) -> None:
    facts = yearly.made_facts()
    yearly.write_corpus(facts, folder / "yearly")
    app = ingested(folder / "yearly", folder / "yearly-index")
    table = Table(title="Thirty yearly reports of one place", title_justify="left")
    for heading in ("", "right paragraph first", "right year first", "right kind first",
                    "right figure answered", "n"):  # fmt: skip
        table.add_column(heading, justify="right" if heading else "left")
    for language in LANGUAGES:
        for kind in ("actual", "plan"):
            mine = [f for at, f in enumerate(facts) if f.kind == kind and at % 3 == 0]
            table.add_row(f"{language} {kind}", *_yearly_row(app, mine, language))
    _OUT.print(table)


def _yearly_row(app: App, facts: Sequence[yearly.Fact], language: Language) -> list[str]:
    right = [0, 0, 0, 0]
    for fact in facts:
        answer = app.assistant.answer(fact.question(language))
        first = answer.retrieved[0].paragraph
        right[0] += first.report == fact.report and fact.sentence in first.text
        right[1] += first.period == str(fact.year)
        right[2] += first.kind == fact.kind
        right[3] += _says_only(answer.text, fact.figure)
    return [*(f"{count / len(facts):.3f}" for count in right), str(len(facts))]


def _says_only(text: str, figure: str) -> bool:
    """Whether an answer holds the figure."""
    (wanted,) = find_figures(figure)
    return any(compare(wanted, found) for found in find_figures(text))


def _xquad(folder: Path) -> None:
    if not (XQUAD / "xquad.zh.json").exists():
        _OUT.print("XQuAD is not there; put xquad.zh.json and xquad.en.json into a folder and "
                   "name it in XQUAD.")  # fmt: skip
        return
    texts, questions = xquad.read_xquad(XQUAD)
    xquad.write_corpus(texts, folder / "xquad")
    app = ingested(folder / "xquad", folder / "xquad-index")
    corpus = app.assistant.corpus()
    at = {p.text: p.anchor for p in corpus.index.paragraphs(xquad.REPORT)}
    asked = {
        language: [
            Asked(corpus.understand(q.questions[language]), frozenset({at[texts[q.paragraph]]}))
            for q in questions
        ]
        for language in LANGUAGES
    }
    _compare(app, f"XQuAD, {len(texts)} Chinese paragraphs", asked)


if __name__ == "__main__":
    main()
