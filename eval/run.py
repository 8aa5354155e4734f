"""A run: every question to the assistant, scored, kept at once, and written up at the end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import prompts
import rag
from eval.errors import EvalError
from eval.gate import Gate
from eval.golden import Case, Question, digest
from eval.junit import junit
from eval.replay import Meter
from eval.report import report
from eval.results import RESULTS, Result, append_result, read_results, write_results
from eval.scorers import score
from eval.summary import Summary
from rag.assistant import Found
from rag.errors import ReportQAError
from rag.index.store import Index
from rag.search.understand import fold
from rag.types import Answer, Query, Report, Turn

Progress = Callable[[str, int, int], None]
"""Told (stage, done, total)."""
_DEPTH = 10  # passages that the retrieval measures look at


class Asked(Protocol):
    """What can be evaluated; see `rag.assistant.Assistant`."""

    def answer(self, question: str, history: Sequence[Turn], engine: str) -> Answer:
        """The whole answer."""

    def search(self, question: str, k: int, history: Sequence[Turn]) -> Found:
        """Passages, best first."""


@dataclass(frozen=True)
class Plan:
    """What a run asks of whom. `engine` is the setting, `label` what answers by it."""

    cases: tuple[Case, ...]
    engine: str
    label: str
    golden: str
    system: str

    def key(self, question: Question) -> str:
        """Names a result: the same key, the same result."""
        return digest([self.golden, self.system, self.label, question.id])[:16]


def reports_in(index: Index) -> dict[str, Report]:
    """The parsed reports of an index, by id."""
    return {
        id_: Report(stored.info, stored.fingerprint, tuple(index.paragraphs(id_)), stored.dropped)
        for id_, stored in index.reports.items()
    }


def system_hash(index: Index, **settings: Any) -> str:
    """SHA-256 of what is asked: the code, the prompts, the reports, the embedding model, and
    `settings` that change answers. A run is only ever continued on the same."""
    files = [
        path
        for package in (rag, prompts)
        for path in sorted(Path(str(package.__file__)).parent.rglob("*"))
        if path.suffix in (".py", ".yaml", ".md")
    ]
    code = [[path.name, hashlib.sha256(path.read_bytes()).hexdigest()] for path in files]
    reports = {id_: stored.fingerprint for id_, stored in index.reports.items()}
    return digest([code, reports, asdict(index.manifest.signature), settings])


def run(
    plan: Plan,
    assistant: Asked,
    folder: Path,
    *,
    meter: Meter | None = None,
    afresh: bool = False,
    jobs: int = 1,
    progress: Progress = lambda *_: None,
) -> tuple[Result, ...]:
    """Ask every question that has no result in `folder` yet, or all of them `afresh`, `jobs` at a
    time; the results are in the plan's order. What `meter` counts is told apart by question only
    with one at a time.

    A question that fails is a result, too. Raises EvalError if the folder cannot be written.
    """
    meter = meter or Meter()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / RESULTS
        kept = [] if afresh else read_results(file, finished=False)
        known = {result.key: result for result in kept}
        wanted = {plan.key(case.question): case for case in plan.cases}
        finished = [known[key] for key in wanted if key in known]
        write_results(file, finished)
        missing = [(key, case) for key, case in wanted.items() if key not in known]

        def answered(keyed: tuple[str, Case]) -> Result:
            key, case = keyed
            return ask(case, assistant, plan.engine, key=key, meter=meter)

        asked = _each(answered, missing, jobs)
        with closing(asked):
            for done, result in enumerate(asked, start=len(finished) + 1):
                known[result.key] = result
                append_result(file, result)
                progress("asking", done, len(wanted))
        results = tuple(known[key] for key in wanted)
        write_results(file, results)
    except OSError as error:
        raise EvalError(
            f"{folder} cannot be written ({error.strerror}); choose another --out."
        ) from error
    return results


def _each(
    ask: Callable[[tuple[str, Case]], Result], cases: Iterable[tuple[str, Case]], jobs: int
) -> Generator[Result, None, None]:
    """The result of each case, in order; what has not begun when nobody listens any more is
    dropped."""
    if jobs == 1:
        yield from map(ask, cases)
        return
    pool = ThreadPoolExecutor(jobs)
    try:
        yield from pool.map(ask, cases)
    finally:
        pool.shutdown(cancel_futures=True)


def ask(
    case: Case, assistant: Asked, engine: str, *, key: str = "", meter: Meter | None = None
) -> Result:
    """Ask one question and score the answer."""
    meter = meter or Meter()
    meter.take()
    history = [turn.turn() for turn in case.question.history]
    try:
        answer = assistant.answer(case.question.question, history, engine)
        retrieved = _retrieved(case, answer, assistant, history)
    except ReportQAError as error:
        answer, retrieved = _failed(case, str(error)), []
    except Exception as error:  # a bug that one question hits is the result of that question
        answer, retrieved = _failed(case, f"{type(error).__name__}: {error}"), []
    usage = meter.take()
    scores = score(case, answer, retrieved, bool(usage.failed) if usage.calls else None)
    return Result.of(case, answer, retrieved, scores, key=key, usage=usage)


def _retrieved(case: Case, answer: Answer, assistant: Asked, history: Sequence[Turn]) -> list[str]:
    """Anchors found, best first; deeper than the answer needed them only where that can matter."""
    anchors = [passage.anchor for passage in answer.retrieved]
    if len(anchors) < _DEPTH and not all(support & set(anchors) for support in case.support):
        deeper = assistant.search(case.question.question, _DEPTH, history).passages
        anchors += [passage.anchor for passage in deeper if passage.anchor not in anchors]
    return anchors[:_DEPTH]


def _failed(case: Case, problem: str) -> Answer:
    question = case.question
    query = Query(question.question, fold(question.question), "", question.language)
    return Answer(query, "failed", "", (), (), (), (problem,), "")


def write_run(
    folder: Path,
    results: Sequence[Result],
    summary: Summary,
    gate: Gate,
    baseline: Sequence[Result] | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Write summary.json, junit.xml and report.html beside the results. Raises EvalError."""
    files: Mapping[str, str] = {
        "summary.json": json.dumps(
            summary_json(summary, gate, notes), ensure_ascii=False, indent=1
        ),
        "junit.xml": junit(results, gate),
        "report.html": report(results, summary, gate, baseline, notes),
    }
    try:
        for name, text in files.items():
            (folder / name).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise EvalError(
            f"{folder} cannot be written ({error.strerror}); choose another --out."
        ) from error


def summary_json(summary: Summary, gate: Gate, notes: Sequence[str] = ()) -> dict[str, Any]:
    """The summary with the gate's verdict, as it is written and printed."""
    return {
        **summary.model_dump(),
        "gate": {
            "passed": not gate.failures,
            "failures": list(gate.failures),
            "checked": len(gate.checks),
            "notes": list(notes),
        },
        "baseline": [asdict(comparison) for comparison in gate.comparisons],
    }
