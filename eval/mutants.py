"""Shows that the gate fails when the system is broken: `python -m eval.mutants`.

A sample of the golden questions is asked as the system is; then each mutant answers the same
questions, with that first run as its baseline. A mutant is caught if the gate fails. First comes a
control, in which nothing is broken: a gate that fails on it shows nothing by failing on the others.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from rich.console import Console

from eval.gate import Thresholds, check, load_thresholds
from eval.golden import FOLDER, Case, load_golden, resolve, sample
from eval.mutations import Changed, Mutant, mutants
from eval.results import Result
from eval.run import Asked, ask, reports_in
from rag.app import App, build_app
from rag.assistant import Found
from rag.errors import ReportQAError
from rag.types import Answer, Turn

SAMPLE = 240
LEAST_CAUGHT = 0.95
CONTROL = Mutant("nothing (the control)", inside=nullcontext)
_ENGINE = "extractive"


@dataclass(frozen=True)
class Verdict:
    """What the gate said of a mutant; nothing said means that it got through."""

    mutant: str
    failures: tuple[str, ...]


class Remembering:
    """An assistant that is asked each question once."""

    def __init__(self, assistant: Asked) -> None:
        self._assistant = assistant
        self._answers: dict[tuple[str, tuple[Turn, ...]], Answer] = {}

    def answer(self, question: str, history: Sequence[Turn], engine: str) -> Answer:
        """See Asked."""
        key = (question, tuple(history))
        if key not in self._answers:
            self._answers[key] = self._assistant.answer(question, history, engine)
        return self._answers[key]

    def search(self, question: str, k: int, history: Sequence[Turn]) -> Found:
        """See Asked."""
        return self._assistant.search(question, k, history)


def try_mutant(
    mutant: Mutant,
    app: App,
    remembered: Asked,
    cases: Sequence[Case],
    before: Sequence[Result],
    thresholds: Thresholds,
) -> Verdict:
    """Let a mutant answer the cases, and hold it against the system as it was `before`.

    Raises AttributeError if the seam that the mutant breaks is gone.
    """
    with mutant.applied(app) as broken:
        asked: Asked = broken.assistant if mutant.inside else remembered
        if mutant.change:
            asked = Changed(asked, broken, mutant.change)
        results = [ask(case, asked, _ENGINE) for case in cases]
    gate = check(results, thresholds, _ENGINE, complete=(), baseline=before)
    return Verdict(mutant.name, gate.failures)


def main() -> int:
    """0 if the control passes and enough mutants are caught, else 1."""
    out = Console(highlight=False, soft_wrap=True)
    app = build_app(engine=_ENGINE)
    remembered = Remembering(app.assistant)
    reports = reports_in(app.assistant.corpus().index)
    golden = [q for q in load_golden(FOLDER) if q.split == "open"]
    cases = sample(resolve(golden, reports), SAMPLE)
    before = [ask(case, remembered, _ENGINE) for case in cases]
    thresholds = load_thresholds()
    control = try_mutant(CONTROL, app, remembered, cases, before, thresholds)
    if control.failures:
        out.print(f"The gate fails with nothing broken: {control.failures[0]}", markup=False)
        return 1
    out.print(f"{CONTROL.name:36} passes, as it must", markup=False)
    verdicts = []
    for mutant in mutants():
        verdict = try_mutant(mutant, app, remembered, cases, before, thresholds)
        verdicts.append(verdict)
        said = f"caught: {verdict.failures[0]}" if verdict.failures else "NOT caught"
        out.print(f"{mutant.name:36} {said}", markup=False)
    caught = sum(bool(verdict.failures) for verdict in verdicts)
    out.print(f"{caught} of {len(verdicts)} mutants caught, on {len(cases)} questions.")
    return 0 if caught >= LEAST_CAUGHT * len(verdicts) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ReportQAError as error:
        sys.exit(str(error))
