"""Fit rag/search/overview.json: `python -m eval.overview`.

Examples are the phrasings in overview_phrasings.tsv, each with what it asks for of a report as a
whole ("none": something particular), and the open golden questions, which ask for something
particular but for those of general.yaml, which are left out. Held golden questions are not used.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from eval.golden import FOLDER, load_golden
from eval.seeds import SEEDS
from rag.corpus.catalogue import load_catalogue
from rag.index.sentences import encode
from rag.search import overview as fitted
from rag.search.places import PlaceNames
from rag.search.understand import understand

_PHRASINGS = Path(__file__).with_name("overview_phrasings.tsv")
_C = 10.0  # inverse strength of regularization
_FOLDS = 8
_OUT = Console(highlight=False, soft_wrap=True, width=120)


def main() -> None:
    """Collect, fit, write, and print what cross-validation says."""
    names = PlaceNames(info.place for info in load_catalogue(SEEDS).values())
    examples = _examples(names)
    subjects = [subject for subject, _ in examples]
    vectors = encode(subjects)
    labels = np.array([fitted.CLASSES.index(label) for _, label in examples])
    _OUT.print(_table(subjects, vectors, labels))
    model = _regression().fit(vectors, labels)
    written = {
        "weights": np.round(model.coef_, 3).tolist(),
        "bias": np.round(model.intercept_, 3).tolist(),
    }
    path = Path(fitted.__file__).with_name("overview.json")
    path.write_text(json.dumps(written, separators=(",", ":")) + "\n", encoding="utf-8")
    _OUT.print(f"Written to {path.name}")


def _examples(names: PlaceNames) -> Sequence[tuple[str, str]]:
    """(subject, class) of every example that asks for no figure."""
    lines = (line.split("\t") for line in _PHRASINGS.read_text(encoding="utf-8").splitlines())
    given = [(question, label) for label, question in lines]
    given += [
        (q.question, "none")
        for q in load_golden(FOLDER)
        if q.split == "open" and not q.history and not q.id.startswith("gn-")
    ]
    queries = ((understand(question, names), label) for question, label in given)
    return [(query.subject, label) for query, label in queries if not query.units]


def _regression() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=_C, max_iter=3000)


def _table(
    subjects: Sequence[str], vectors: NDArray[np.float32], labels: NDArray[np.int64]
) -> Table:
    """Over folds: of each class how many are found by words, by the regression or both, and as
    what else."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    chances = cross_val_predict(_regression(), vectors, labels, cv=folds, method="predict_proba")
    table = Table("asks for", "n", "by words", "likely", "either", "as another")
    for number, label in enumerate(fitted.CLASSES):
        mine = np.flatnonzero(labels == number).tolist()
        words = [bool(fitted.overview_asked(subjects[i])) for i in mine]
        found = [fitted.likely_class(chances[i]) for i in mine]
        likely = [one != "none" for one in found]
        other = sum(one not in ("none", label) for one in found)
        either = sum(map(max, words, likely))
        table.add_row(label, *map(str, (len(mine), sum(words), sum(likely), either, other)))
    return table


if __name__ == "__main__":
    main()
