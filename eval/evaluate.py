"""From what was asked for to a finished run: questions, parts, results, verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.errors import EvalError
from eval.gate import THRESHOLDS, Gate, check, load_thresholds
from eval.golden import FOLDER, SPLITS, Case, content_hash, load_golden, resolve, sample
from eval.replay import Meter, Recording, TappedApp
from eval.results import Result, read_results
from eval.run import Plan, Progress, reports_in, run, system_hash, write_run
from eval.summary import Summary, summarise
from rag.app import App

EXTRACTIVE = "extractive"


@dataclass(frozen=True)
class Request:
    """What to evaluate. `split` may be "all"; no `kinds` are all kinds; `limit` takes a sample
    spread over kinds and languages; `engine` "" is the extractive one, or the recorded one; `jobs`
    questions are asked at a time."""

    out: Path
    golden: Path = FOLDER
    engine: str = ""
    split: str = "open"
    kinds: tuple[str, ...] = ()
    limit: int | None = None
    baseline: Path | None = None
    record: Path | None = None
    replay: Path | None = None
    thresholds: Path | None = None
    jobs: int = 1


@dataclass(frozen=True)
class Outcome:
    """A finished run. `notes` say what the verdict leaves out."""

    results: tuple[Result, ...]
    summary: Summary
    gate: Gate
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Parts:
    """The app with its model tapped, and what answers."""

    app: TappedApp
    meter: Meter
    recording: Recording | None
    engine: str
    label: str


def evaluate(app: App, request: Request, progress: Progress = lambda *_: None) -> Outcome:
    """Run the questions and write the results to `request.out`.

    Raises ReportQAError where the questions, the index, a recording or an engine are wrong.
    """
    thresholds = load_thresholds(request.thresholds or THRESHOLDS)
    questions = load_golden(request.golden)
    baseline = None if request.baseline is None else read_results(request.baseline)
    parts = _parts(app, request)
    assistant = parts.app.assistant
    index = assistant.corpus().index
    if request.jobs > 1 and parts.label != EXTRACTIVE:
        raise EvalError("A language model is asked one question at a time; leave out --jobs.")
    cases = _chosen(resolve(questions, reports_in(index)), request, parts.recording)
    plan = Plan(
        cases=cases,
        engine=parts.engine,
        label=parts.label,
        golden=content_hash(questions),
        system=system_hash(index, passages=app.settings.passages),
    )
    results = run(
        plan,
        assistant,
        request.out,
        meter=parts.meter,
        afresh=request.replay is not None,  # the recording may be another; it costs little
        jobs=request.jobs,
        progress=progress,
    )
    if request.record and parts.recording:
        parts.recording.close(case.question.id for case in cases)
    summary = summarise(results, golden=plan.golden, system=plan.system, engine=parts.label)
    complete, notes = _complete(request)
    gate = check(
        results, thresholds, parts.label, complete=complete, kinds=request.kinds, baseline=baseline
    )
    if baseline is not None:
        notes = (*notes, *_uncompared(results, baseline))
    write_run(request.out, results, summary, gate, baseline, notes)
    return Outcome(results, summary, gate, notes)


def _parts(app: App, request: Request) -> _Parts:
    meter = Meter()
    if request.replay:
        if request.engine or request.record:
            raise EvalError(
                "--replay answers with what was recorded; leave out --engine and --record."
            )
        replayed = Recording.open(request.replay)
        label = replayed.header.engine
        tapped = TappedApp(app, meter, replay=replayed)
        return _Parts(tapped, meter, replayed, label.partition(":")[0], label)
    engine = app.resolve_engine(request.engine or ("auto" if request.record else EXTRACTIVE))
    if request.record and engine == EXTRACTIVE:
        raise EvalError("--record keeps what a language model replies; give --engine api or local.")
    secrets = [app.settings.openai_api_key.get_secret_value()]
    recording = Recording(request.record, secrets=secrets) if request.record else None
    tapped = TappedApp(app, meter, record=recording)
    model = tapped.model_for(engine)
    return _Parts(tapped, meter, recording, engine, EXTRACTIVE if model is None else model.engine)


def _chosen(
    cases: Sequence[Case], request: Request, recording: Recording | None
) -> tuple[Case, ...]:
    """The cases that were asked for. Raises EvalError if there are none."""
    if _of_recording(request) and recording:
        chosen = [case for case in cases if case.question.id in recording.asked]
    else:
        chosen = [
            case
            for case in cases
            if request.split in (case.question.split, "all")
            and (not request.kinds or case.question.kind in request.kinds)
        ]
    if not chosen:
        raise EvalError("No golden question fits --split and --kind; leave one of them out.")
    return tuple(chosen) if request.limit is None else sample(chosen, request.limit)


def _of_recording(request: Request) -> bool:
    """Whether a replay is to ask what was recorded, and nothing else in particular."""
    return bool(request.replay) and request.split == "all" and not request.kinds


def _complete(request: Request) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The splits whose thresholds bind, and what to tell about those that do not."""
    if request.golden != FOLDER and request.thresholds is None:
        return (), (
            "These are your own questions; give --thresholds FILE to gate on their scores.",
        )
    if request.limit is not None:
        return (), ("A sample was asked; the thresholds for whole splits do not bind it.",)
    if _of_recording(request):
        return ("recorded",), ()
    return (SPLITS if request.split == "all" else (request.split,)), ()


def _uncompared(results: Sequence[Result], baseline: Sequence[Result]) -> tuple[str, ...]:
    before = {result.id: (result.question, result.expected) for result in baseline}
    fresh = sum(before.get(r.id) != (r.question, r.expected) for r in results)
    if not fresh:
        return ()
    return (
        f"{fresh} of {len(results)} questions are new or changed since the baseline; "
        "they are not compared.",
    )
