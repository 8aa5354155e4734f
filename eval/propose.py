"""Thresholds just below what a run measured: `python -m eval.propose runs/extractive`.

Prints the section of thresholds.yaml for the run's engine; look at it before you take it over.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from eval.golden import KINDS, SPLITS
from eval.results import Result, read_results
from eval.scorers import BY_NAME
from eval.summary import Interval, mean_of
from rag.errors import ReportQAError

_BY_LANGUAGE = (
    "correct",
    "status",
    "facts",
    "recall@5",
    "ndcg@10",
    "support_cited",
    "citation_recall",
    "citation_precision",
    "language",
    "forbidden",
)
_BY_KIND = ("correct", "status")
_ENOUGH = 10  # questions of a kind; a limit on fewer says little


def proposed(results: Sequence[Result]) -> Iterator[str]:
    """Lines of YAML: for each split, measures by language, and some by kind."""
    for split in SPLITS:
        part = [result for result in results if result.split == split]
        if part:
            yield f"  {split}:"
            for name in _names():
                yield from _limit(part, name)


def _names() -> Iterator[str]:
    for measure in _BY_LANGUAGE:
        yield from (f"{measure} {language}" for language in ("zh", "en"))
    for measure in _BY_KIND:
        yield from (f"{measure} {kind}" for kind in KINDS)


def _limit(results: Sequence[Result], name: str) -> Iterator[str]:
    """Room for a hundredth or for one question, whichever is more; none upwards."""
    measure, group = name.split(" ", 1)
    found = mean_of([result for result in results if group in result.slices], measure)
    if not isinstance(found, Interval) or found.n < _ENOUGH:
        return
    if BY_NAME[measure].better == "low":
        yield f"    {name}: {{at_most: {math.ceil(found.mean * 1000) / 1000:g}}}"
        return
    room = max(0.01, 1 / found.n)
    least = math.floor((found.mean - room) * 1000) / 1000
    yield f"    {name}: {{at_least: {max(0.0, least):g}}}"


def main(arguments: Sequence[str]) -> None:
    """Print what is proposed for the results of a run."""
    if len(arguments) != 1:
        sys.exit("Name the folder of a run, for example: python -m eval.propose runs/extractive")
    try:
        results = read_results(Path(arguments[0]))
    except ReportQAError as error:
        sys.exit(str(error))
    engines = {r.engine.partition(":")[0] for r in results} - {"extractive"}
    print(f"{min(engines, default='extractive')}:")
    print("\n".join(proposed(results)))


if __name__ == "__main__":
    main(sys.argv[1:])
