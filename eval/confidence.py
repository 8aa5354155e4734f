"""Fit rag/answer/confidence.json: `python -m eval.confidence`.

Candidates are the sentences of the place, year, kind and unit asked for. In the reports as they
are, those that support the answer are right and all others wrong; in the reports without the
answer (see eval/left_out.py) all are wrong. Held golden questions are not used.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from eval.left_out import Asked, asked, folds, without_answers
from eval.run import reports_in
from eval.seeds import SEEDS, ingested
from rag.answer import confidence as fitted
from rag.answer.comparison import parts_of
from rag.answer.evidence import Evidence, rank_sentences
from rag.answer.premise import asks_outcome, with_unit, without_assertion
from rag.answer.silence import not_covered
from rag.app import App
from rag.types import Query

_ROUNDS, _RATE, _LEAVES, _L2 = 120, 0.08, 4, 1.0
# Of a question made from a fact, since these are all of one form; of one that nothing answers,
# since they are few.
_MADE_WEIGHT, _SILENT_WEIGHT = 0.3, 6.0
_MOST = 15  # candidates a question, best score first
_OUT = Console(highlight=False, soft_wrap=True, width=120)


@dataclass(frozen=True)
class Example:
    """A question's candidates in one state of the reports: their features, and which are right."""

    question: Asked
    fold: int
    left_out: bool
    values: tuple[tuple[float, ...], ...]
    right: tuple[bool, ...]


def main() -> None:
    """Collect, fit, write, and print what cross-validation by fold says."""
    with tempfile.TemporaryDirectory() as scratch:
        examples = list(collect(Path(scratch)))
    model = {}
    for language in ("zh", "en"):
        mine = [e for e in examples if e.question.language == language]
        _OUT.print(_table(language, mine))
        model[language] = _exported(_fit(mine))
    path = Path(fitted.__file__).with_name("confidence.json")
    path.write_text(json.dumps(model, separators=(",", ":")) + "\n", encoding="utf-8")
    _OUT.print(f"Written to {path.name}")


def collect(folder: Path) -> Iterator[Example]:
    """Every question over the reports as they are, and over those without its answer."""
    whole = ingested(SEEDS, folder / "whole")
    questions = asked(reports_in(whole.assistant.corpus().index))
    parts = folds(questions)
    fold_of = {q.id: number for number, part in enumerate(parts) for q in part}
    for at, question in enumerate(questions):
        fold = fold_of.get(question.id, at % len(parts))
        yield from _example(whole, question, fold, left_out=False)
    for part, app in without_answers(parts, folder):
        for question in part:
            yield from _example(app, question, fold_of[question.id], left_out=True)


def _example(app: App, question: Asked, fold: int, *, left_out: bool) -> Iterator[Example]:
    found = _evidence(app, question)
    if found is None:
        return
    query, ranked = found
    candidates = [e for e in ranked if e.conforms and (e.claim or not query.units)][:_MOST]
    right = tuple(
        not left_out and (e.passage.info.id, e.span.text) in question.support for e in candidates
    )
    values = tuple(e.features for e in candidates)
    yield Example(question, fold, left_out, values, right)


def _evidence(app: App, question: Asked) -> tuple[Query, list[Evidence]] | None:
    """The query and all sentences of its passages; None if it is not about one covered thing."""
    corpus = app.assistant.corpus()
    found = app.assistant.search(question.question, None, question.history)
    query, passages = found.query, found.passages
    parts = parts_of(query, corpus.names)
    if query.listing or len(parts) != 1 or asks_outcome(query):
        return None
    if not_covered(query, corpus.index.infos()):
        return None
    asked_for = with_unit(parts[0])
    terms = corpus.retriever.terms(without_assertion(query))
    return asked_for, rank_sentences(asked_for, passages, terms)


def _fit(examples: Sequence[Example]) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    x = np.array([v for e in examples for v in e.values])
    y = np.array([r for e in examples for r in e.right])
    weights = [_weight(e.question) for e in examples for _ in e.right]
    model = HistGradientBoostingClassifier(
        max_iter=_ROUNDS,
        learning_rate=_RATE,
        max_leaf_nodes=_LEAVES,
        l2_regularization=_L2,
        random_state=0,
        monotonic_cst=list(fitted.FEATURES.values()),
    )
    return model.fit(x, y, sample_weight=weights)


def _weight(question: Asked) -> float:
    if question.made:
        return _MADE_WEIGHT
    return 1.0 if question.support else _SILENT_WEIGHT


def _exported(model: Any) -> dict[str, Any]:
    trees = [
        [
            [
                int(node["feature_idx"]),
                round(float(node["num_threshold"]), 6),
                *((0, 0) if node["is_leaf"] else (int(node["left"]), int(node["right"]))),
                round(float(node["value"]), 5),
            ]
            for node in predictor.nodes
        ]
        for (predictor,) in model._predictors
    ]
    return {"base": round(float(model._baseline_prediction[0, 0]), 4), "trees": trees}


def _table(language: str, examples: Sequence[Example]) -> Table:
    """For several thresholds, by cross-validation over the folds: how often the surest sentence
    passes, and is right, where the answer stands there, where it is cut out, where it never was."""
    surest: dict[tuple[str, bool], tuple[float, bool]] = {}
    for fold in {e.fold for e in examples}:
        model = _fit([e for e in examples if e.fold != fold])
        for e in examples:
            if e.fold == fold and e.values:
                chances = model.predict_proba(np.array(e.values))[:, 1]
                best = int(chances.argmax())
                surest[e.question.id, e.left_out] = (float(chances[best]), e.right[best])
    table = Table(title=f"Surest sentence, {language}", title_justify="left")
    headings = ("threshold", "golden: passes", "right", "answer cut out", "silent", "made: passes",
                "right", "answer cut out")  # fmt: skip
    for heading in headings:
        table.add_column(heading, justify="right")
    for threshold in (0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15):
        cells = [f"{threshold:.2f}"]
        for made in (False, True):
            mine = [e for e in examples if e.question.made == made]
            stated, gone, silent = (
                [surest.get((e.question.id, e.left_out), (0.0, False)) for e in group]
                for group in (
                    [e for e in mine if e.question.support and not e.left_out],
                    [e for e in mine if e.left_out],
                    [e for e in mine if not e.question.support],
                )
            )
            cells += [_share(p >= threshold for p, _ in stated)]
            cells += [_share(p >= threshold and right for p, right in stated)]
            cells += [_share(p >= threshold for p, _ in group) for group in (gone, silent) if group]
        table.add_row(*cells)
    return table


def _share(hits: Iterator[bool]) -> str:
    values = list(hits)
    return f"{sum(values) / len(values):.3f} ({len(values)})" if values else ""


if __name__ == "__main__":
    main()
