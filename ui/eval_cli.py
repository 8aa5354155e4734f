"""`report-qa eval`: golden questions, scripts of conversations, and a first file of one's own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from eval.errors import EvalError
from eval.golden import FOLDER, KINDS
from rag.app import App, build_app
from rag.settings import Engine

if TYPE_CHECKING:  # the rest is imported where it is needed, so that other commands start fast
    from eval.evaluate import Outcome
    from eval.run import Progress as Show
    from eval.summary import Interval, Nothing

NOT_GOOD_ENOUGH = 3
"""Exit code of a run that misses a threshold or is worse than its baseline."""

eval_cli = typer.Typer(
    help="Ask golden questions and score the answers; write your own, or check a conversation."
)
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

_DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", envvar="REPORT_QA_DATA_DIR", help="Where the index is kept."),
]


@eval_cli.callback(
    invoke_without_command=True,
    epilog="Example: report-qa eval --split open --baseline runs/before --out runs/now",
)
def run_questions(
    context: typer.Context,
    golden: Annotated[
        Path, typer.Option("--golden", help="A file of questions, or a folder of them.")
    ] = FOLDER,
    engine: Annotated[
        Engine | None, typer.Option("--engine", help="Who answers; extractive if left out.")
    ] = None,
    split: Annotated[
        Literal["open", "held", "all"] | None,
        typer.Option("--split", help="Which questions: open if left out; of a replay, all."),
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="Only questions of this kind; repeatable.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", help="The results.jsonl of a run to compare with.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the results; a run there is continued. runs/TIME."),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option("--record", help="Keep the language model's replies in this file."),
    ] = None,
    replay: Annotated[
        Path | None, typer.Option("--replay", help="Answer from such a file, without a model.")
    ] = None,
    script: Annotated[
        Path | None, typer.Option("--script", help="Hold this conversation and check each turn.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="A sample of so many questions.")
    ] = None,
    thresholds: Annotated[
        Path | None, typer.Option("--thresholds", help="Instead of the project's own thresholds.")
    ] = None,
    jobs: Annotated[
        int,
        typer.Option("--jobs", min=1, help="Questions asked at a time, without a language model."),
    ] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data_dir: _DataDir = None,
) -> None:
    """Ask golden questions and score the answers.

    Exit code 3 if a threshold is missed or the run is worse than its baseline.
    """
    from eval.evaluate import Request, evaluate

    if context.invoked_subcommand:
        return
    if unknown := sorted(set(kind or ()) - set(KINDS)):
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(KINDS)}")
    app = build_app(data_dir=data_dir)
    if script:
        _run_script(app, script, engine or "extractive", as_json=as_json)
        return
    folder = out or Path("runs") / datetime.now().strftime("%Y%m%d-%H%M%S")
    request = Request(
        out=folder,
        golden=golden,
        engine=engine or "",
        split=split or ("all" if replay else "open"),
        kinds=tuple(kind or ()),
        limit=limit,
        baseline=baseline,
        record=record,
        replay=replay,
        thresholds=thresholds,
        jobs=jobs,
    )
    with _bar() as show:
        outcome = evaluate(app, request, show)
    _print(outcome, folder, as_json=as_json)
    if outcome.gate.failures:
        raise typer.Exit(NOT_GOOD_ENOUGH)


@eval_cli.command("init", epilog="Example: report-qa eval init --out questions.yaml")
def init(
    out: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("questions.yaml"),
    data_dir: _DataDir = None,
) -> None:
    """Write a first file of golden questions over the reports in the index, with comments."""
    from eval.run import reports_in
    from eval.starter import starting_file

    if out.exists():
        raise EvalError(f"{out} exists; choose another --out.")
    reports = reports_in(build_app(data_dir=data_dir).assistant.corpus().index)
    try:
        out.write_text(starting_file(reports), encoding="utf-8")
    except OSError as error:
        raise EvalError(
            f"{out} cannot be written ({error.strerror}); choose another --out."
        ) from error
    _out.print(
        f"{escape(str(out))} is written; edit it, then: report-qa eval --golden {escape(str(out))}"
    )


def _run_script(app: App, path: Path, engine: str, *, as_json: bool) -> None:
    from eval.run import reports_in
    from eval.script import load_script, run_script

    conversations = load_script(path)
    reports = reports_in(app.assistant.corpus().index)
    results = []
    for result in run_script(conversations, app.assistant, reports, engine):
        results.append(result)
        if not as_json:
            mark = "[red]wrong[/]" if result.problems else "[green]right[/]"
            where = f"{escape(result.conversation)}, turn {result.turn}"
            _out.print(f"{mark} {where}: {escape(result.question)}")
            _out.print(escape(result.answer), style="dim")
            for problem in result.problems:
                _out.print(f"      {escape(problem)}", style="red")
    if as_json:
        sys.stdout.write(
            json.dumps([asdict(r) for r in results], ensure_ascii=False, indent=1) + "\n"
        )
    wrong = [result for result in results if result.problems]
    if wrong:
        first = f"{wrong[0].conversation}, turn {wrong[0].turn}: {wrong[0].problems[0]}"
        _err.print(
            f"{len(wrong)} of {len(results)} turns are wrong; the first is {escape(first)}.",
            style="red",
        )
        raise typer.Exit(NOT_GOOD_ENOUGH)


def _print(outcome: Outcome, folder: Path, *, as_json: bool) -> None:
    from eval.run import summary_json

    summary = outcome.summary
    if as_json:
        printed = summary_json(summary, outcome.gate, outcome.notes)
        sys.stdout.write(json.dumps(printed, ensure_ascii=False, indent=1) + "\n")
    else:
        _out.print(
            f"{summary.questions} questions ({', '.join(summary.splits)}), answered by "
            f"{escape(summary.engine)}; golden set {summary.golden[:12]}, "
            f"system {summary.system[:12]}. Mean, 95% interval, n:"
        )
        _out.print(_row("", "all", "Chinese", "English"), style="bold")
        for name, groups in summary.measures.items():
            cells = (_cell(groups.get(group)) for group in ("all", "zh", "en"))
            _out.print(_row(name, *cells), markup=False)
        _out.print(
            f"Everything is in {escape(str(folder))}; open {escape(str(folder / 'report.html'))}"
        )
    for note in outcome.notes:
        _err.print(escape(note), style="yellow")
    for failure in outcome.gate.failures:
        _err.print(f"Not good enough: {escape(failure)}", style="red")


def _row(name: str, *cells: str) -> str:
    return f"{name:20}" + "".join(f"{cell:>24}" for cell in cells)


def _cell(found: Interval | Nothing | None) -> str:
    from eval.summary import Interval

    if not isinstance(found, Interval):
        return "unscored" if found else "none asked"
    spread = "" if found.low is None else f" [{found.low:.2f}, {found.high:.2f}]"
    return f"{found.mean:.3f}{spread} {found.n:4}"


@contextmanager
def _bar() -> Iterator[Show]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_err, transient=True) as progress:
        task = progress.add_task("asking", total=None)

        def show(stage: str, done: int, total: int) -> None:
            progress.update(task, description=stage, completed=done, total=total)

        yield show
