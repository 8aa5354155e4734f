"""`report-qa`: every command, thin over `rag.app`."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Column, Table

from rag.answer.tables import Line, blocks, unescaped
from rag.app import App, build_app
from rag.assistant import Found, Said
from rag.contract import AnswerOut, HitOut, HitsOut, QuestionIn, failed
from rag.errors import QuestionError, ReportQAError
from rag.index.ingest import IngestResult
from rag.models.fetch import QWEN
from rag.search.understand import language_of
from rag.settings import Engine
from rag.types import Answer, Turn
from ui.eval_cli import eval_cli
from ui.render import source_line, understood_line, word
from ui.slack.cli import slack_cli
from ui.verify_cli import verify_file, worst

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Ask Chinese local-government work reports; get cited, checked answers.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
models = typer.Typer(no_args_is_help=True, help="The local language model and the embedding model.")
cli.add_typer(models, name="models")
cli.add_typer(eval_cli, name="eval")
cli.add_typer(slack_cli, name="slack")
feedback = typer.Typer(no_args_is_help=True, help="What readers thought of the answers.")
cli.add_typer(feedback, name="feedback")
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", envvar="REPORT_QA_DATA_DIR", help="Where the index is kept."),
]
EngineOption = Annotated[
    Engine | None,
    typer.Option(
        "--engine",
        help="auto: an endpoint if configured, else the local model if there, else extractive.",
    ),
]
KOption = Annotated[int | None, typer.Option("--k", min=1, max=50, help="Passages to retrieve.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
BatchOption = Annotated[
    Path | None,
    typer.Option(
        "--batch",
        help='A file of questions, one JSON object a line: {"id", "question", "history"}.',
    ),
]
OutOption = Annotated[Path | None, typer.Option("--out", help="The file for the results.")]
ReportsArgument = Annotated[
    list[Path] | None, typer.Argument(help="Report files and folders of them.")
]


def _readable(question: str | None) -> str | None:
    """Bytes of the command line that are not text arrive as lone surrogates."""
    if question and any("\ud800" <= character <= "\udfff" for character in question):
        raise QuestionError("The question is not text in UTF-8; check the terminal's encoding.")
    return question


QuestionArgument = Annotated[
    str | None, typer.Argument(help="In Chinese or English.", callback=_readable)
]


def main() -> None:
    """The console script: one sentence on stderr and exit code 1 for what a user can act on."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal without Chinese gets escapes
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        cli()
    except ReportQAError as error:
        err.print(escape(str(error)), style="red")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


@cli.command(epilog="Example: report-qa ingest seeds")
def ingest(
    paths: ReportsArgument = None,
    data_dir: DataDir = None,
    rebuild: Annotated[
        bool,
        typer.Option(
            "--rebuild",
            help="Make the whole index anew, from PATHS or from what was ingested before.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add reports to the index, update changed ones, remove those gone from a folder."""
    if not paths and not rebuild:
        raise typer.BadParameter("name at least one file or folder")
    app = build_app(data_dir=data_dir)
    with _bar(MofNCompleteColumn()) as show:
        result = app.ingester.ingest(paths or [], show, rebuild=rebuild)
    _print_ingest(result, as_json)
    if result.failed:
        raise typer.Exit(1)


def _print_ingest(result: IngestResult, as_json: bool) -> None:
    for message in result.failed:
        err.print(escape(message), style="red")
    if as_json:
        _print_json(vars(result))
        return
    counts = result.counts
    out.print(
        f"added {len(result.added)}, changed {len(result.changed)}, kept {len(result.kept)}, "
        f"removed {len(result.removed)}; the index holds {counts['reports']} reports, "
        f"{counts['paragraphs']} paragraphs, {counts['chunk units']} chunks "
        f"({result.embedded} texts embedded)."
    )
    for id_ in result.inferred:
        out.print(f"{id_}: no catalogue entry; title, place and years were inferred from its text.")


@cli.command(epilog='Example: report-qa ask "瑞安2018年的生产总值是多少?"')
def ask(
    question: QuestionArgument = None,
    data_dir: DataDir = None,
    engine: EngineOption = None,
    k: KOption = None,
    as_json: JsonOption = False,
    batch: BatchOption = None,
    out_file: OutOption = None,
) -> None:
    """Answer one question, or a file of them."""
    app = build_app(data_dir=data_dir)
    if batch:
        _batch(app, batch, out_file, lambda q: _ask_line(app, q, engine, k))
    elif question is None:
        raise typer.BadParameter("give a question, or --batch FILE")
    elif as_json:
        answer = app.assistant.answer(question, engine=engine or "auto", k=k)
        out.print_json(AnswerOut.of(answer).model_dump_json())
    else:
        _print_answer(app, question, [], engine, k)


def _ask_line(app: App, question: QuestionIn, engine: str | None, k: int | None) -> AnswerOut:
    history = [turn.turn() for turn in question.history]
    try:
        answer = app.assistant.answer(question.question, history, engine or "auto", k)
    except QuestionError as error:
        return failed(question, language_of(question.question), str(error))
    return AnswerOut.of(answer, question.id)


@cli.command(epilog='Example: report-qa search "Ruian GDP 2018" --k 3')
def search(
    question: QuestionArgument = None,
    data_dir: DataDir = None,
    k: KOption = None,
    as_json: JsonOption = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what each leg of retrieval gave.")
    ] = False,
    batch: BatchOption = None,
    out_file: OutOption = None,
) -> None:
    """Find the paragraphs that speak to a question, best first, without a language model."""
    app = build_app(data_dir=data_dir)
    if batch:
        _batch(app, batch, out_file, lambda q: _search_line(app, q, k))
        return
    if question is None:
        raise typer.BadParameter("give a question, or --batch FILE")
    found = app.assistant.search(question, k)
    if as_json:
        hits = HitsOut(id="", hits=[HitOut.of(passage) for passage in found.passages])
        out.print_json(hits.model_dump_json())
        return
    _print_understood(app, found)
    for number, passage in enumerate(found.passages, start=1):
        out.print(f"[bold]{number}. {escape(passage.anchor)}[/] {passage.score:.2f}")
        if explain:
            legs = "  ".join(f"{name} {value:+.2f}" for name, value in passage.legs.items())
            out.print(f"   [dim]{escape(legs)}[/]")
        out.print(f"   {escape(passage.best_chunk)}")


def _search_line(app: App, question: QuestionIn, k: int | None) -> HitsOut:
    history = [turn.turn() for turn in question.history]
    try:
        passages = app.assistant.search(question.question, k, history).passages
    except QuestionError as error:
        err.print(escape(f"{question.id}: {error}"), style="yellow")
        passages = ()
    return HitsOut(id=question.id, hits=[HitOut.of(passage) for passage in passages])


@cli.command(epilog="Example: report-qa chat --engine extractive")
def chat(data_dir: DataDir = None, engine: EngineOption = None, k: KOption = None) -> None:
    """A conversation in the terminal; follow-up questions know what came before."""
    app = build_app(data_dir=data_dir)
    app.assistant.corpus()
    out.print("Ask in Chinese or English; an empty line ends the conversation.", style="dim")
    history: list[Turn] = []
    while question := _read_line():
        try:
            answer = _print_answer(app, question, history, engine, k)
        except QuestionError as error:
            err.print(escape(str(error)), style="red")
            continue
        history += [Turn("user", question), Turn("assistant", answer.text)]


def _read_line() -> str:
    try:
        return out.input("[bold]? [/]").strip()
    except EOFError:
        return ""


@cli.command(epilog="Example: report-qa reports --json")
def reports(data_dir: DataDir = None, as_json: JsonOption = False) -> None:
    """List the reports in the index."""
    infos = build_app(data_dir=data_dir).assistant.corpus().index.infos()
    if as_json:
        _print_json([{**vars(info), "place": vars(info.place)} for info in infos])
        return
    table = Table(Column("id", no_wrap=True), "title", "place", "reviews", "plans", "remarks")
    for info in infos:
        remarks = "\n".join(info.remarks)
        cells = (info.id, info.title, info.place.zh, info.reviews, info.plans, remarks)
        table.add_row(*map(escape, cells))
    out.print(table)


@cli.command(epilog="Example: report-qa remove ruian-2019")
def remove(
    ids: Annotated[list[str], typer.Argument(help="Report ids, see: report-qa reports")],
    data_dir: DataDir = None,
    as_json: JsonOption = False,
) -> None:
    """Remove reports from the index."""
    _print_ingest(build_app(data_dir=data_dir).ingester.remove(ids), as_json)


@cli.command(epilog="Example: report-qa web --port 7860")
def web(
    data_dir: DataDir = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 7860,
    fetch_model: Annotated[
        bool,
        typer.Option(
            "--fetch-model",
            help="Fetch the local model in the background when no endpoint is configured.",
        ),
    ] = False,
    allow_anyone: Annotated[
        bool,
        typer.Option(
            "--allow-anyone", help="Listen on other than loopback without REPORT_QA_AUTH."
        ),
    ] = False,
) -> None:
    """Serve the page, the JSON API and the MCP endpoint."""
    from ui.web.server import serve

    app = build_app(data_dir=data_dir)
    serve(app, host, port, fetch_model=fetch_model, allow_anyone=allow_anyone)


@cli.command(epilog="Example: report-qa doctor")
def doctor(data_dir: DataDir = None, as_json: JsonOption = False) -> None:
    """Say what is configured, present and missing, and what to run next."""
    from ui.doctor import examine

    checks = examine(build_app(data_dir=data_dir))
    if as_json:
        _print_json([vars(check) for check in checks])
        return
    for check in checks:
        mark = "[green]ok[/]     " if check.ok else "[yellow]missing[/]"
        out.print(f"{mark} {check.name}: {escape(check.found)}")
        if check.next_command:
            out.print(f"        {check.hint}: [bold]{escape(check.next_command)}[/]")


@feedback.command("export", epilog="Example: report-qa feedback export --out drafts.yaml")
def feedback_export(data_dir: DataDir = None, out_file: OutOption = None) -> None:
    """Turn readers' verdicts into draft golden questions, to correct and to ask with eval."""
    from ui.feedback import FeedbackStore
    from ui.feedback_export import as_yaml, drafts

    found = drafts(FeedbackStore(build_app(data_dir=data_dir).settings.data_dir).read())
    if not found:
        raise ReportQAError("There is no feedback yet; readers give it below the answers.")
    if out_file is None:
        sys.stdout.write(as_yaml(found))
        return
    try:
        out_file.write_text(as_yaml(found), encoding="utf-8")
    except OSError as error:
        raise ReportQAError(
            f"{out_file} cannot be written ({error.strerror}); choose another --out."
        ) from error
    out.print(f"{len(found)} draft questions are in {escape(str(out_file))}.")


@cli.command(epilog="Example: report-qa verify draft.txt")
def verify(
    file: Annotated[Path, typer.Argument(help="The text to check; .txt, .md, .docx and others.")],
    against: Annotated[
        Path | None,
        typer.Option("--against", help='Check against these paragraphs: {"id", "text"} a line.'),
    ] = None,
    as_json: JsonOption = False,
    data_dir: DataDir = None,
) -> None:
    """Check every sentence with figures of a text against the reports.

    The exit code is 1 if anything is contradicted.
    """
    app = build_app(data_dir=data_dir)
    found = verify_file(app, file, against, as_json=as_json, out=out)
    raise typer.Exit(worst(found))


@models.command("pull", epilog="Example: report-qa models pull")
def models_pull() -> None:
    """Fetch the local language model (1.1 GB); goes on where it stopped before."""
    app = build_app()
    with _bar(DownloadColumn()) as show:
        path = app.pull_local_model(lambda done, total: show(QWEN.label, done, total))
    out.print(f"{QWEN.label} ({QWEN.licence}) is at {path}")


@models.command("prepare", epilog="Example: report-qa models prepare")
def models_prepare() -> None:
    """Make the default embedding model's folder from its package (done by itself when needed)."""
    from rag.models import e5_small

    out.print(f"{e5_small.NAME} (MIT) is at {e5_small.prepare(build_app().settings.models_dir)}")


@models.command("list", epilog="Example: report-qa models list")
def models_list(as_json: JsonOption = False) -> None:
    """Show the models in use and whether they are there."""
    app = build_app()
    local, endpoint = app.has_local_model, app.settings.has_endpoint
    if as_json:
        models = {"embedding": app.embedder.name, "local": QWEN.label, "local_is_there": local}
        _print_json({**models, "endpoint": app.settings.model if endpoint else None})
        return
    out.print(f"embedding: {escape(app.embedder.name)}")
    there = "there" if local else "not there; run: report-qa models pull"
    out.print(f"local: {QWEN.label} ({QWEN.licence}), {there}")
    if endpoint:
        out.print(f"endpoint: {escape(app.settings.model or 'REPORT_QA_MODEL is not set')}")


def _print_answer(
    app: App, question: str, history: list[Turn], engine: str | None, k: int | None
) -> Answer:
    """Print an answer as it comes; returns it."""
    printed = ""
    for event in app.assistant.ask(question, history, engine or "auto", k):
        match event:
            case Found():
                _print_understood(app, event)
            case Said(text):
                if text.startswith(printed):
                    out.print(escape(text[len(printed) :]), end="")
                    printed = text
            case Answer():
                answer = event
    if printed and answer.text.startswith(printed):
        out.print(escape(answer.text[len(printed) :]))
    elif out.is_terminal and not printed:
        _print_blocks(answer.text)
    else:
        out.print(("\n\n" if printed else "") + escape(answer.text))
    if answer.citations:
        out.print(f"\n[bold]{word('sources', answer.query.language)}[/]")
    for citation in answer.citations:
        out.print(f"[dim]{escape(source_line(citation, answer.query.language))}[/]")
        out.print(f"    {escape(citation.quote)}")
    for problem in answer.problems:
        err.print(escape(problem), style="yellow")
    return answer


def _print_blocks(text: str) -> None:
    """An answer with its tables drawn; piped elsewhere they stay Markdown."""
    for block in blocks(text):
        if isinstance(block, Line):
            out.print(escape(block.text))
            continue
        table = Table(*(Column(escape(cell.text)) for cell in block.head))
        for row in block.rows:
            table.add_row(*(escape(unescaped(cell.text)) for cell in row))
        out.print(table, soft_wrap=False)


def _print_understood(app: App, found: Found) -> None:
    query = found.query
    names = app.assistant.corpus().names
    english = {place: names.english(place) for place in query.places}
    if line := understood_line(query, english):
        err.print(f"({word('understood', query.language)}: {escape(line)})", style="dim")


def _batch(app: App, source: Path, target: Path | None, run: Any) -> None:
    """Run each line of `source`; results go to `target`, which is complete or not there."""
    if target is None:
        raise typer.BadParameter("--batch needs --out FILE")
    if target.is_dir():
        raise ReportQAError(f"{target} is a folder; name a file with --out.")
    questions = list(_read_questions(source))
    app.assistant.corpus()
    scratch = target.with_name(f".{target.name}.part")
    try:
        with scratch.open("w", encoding="utf-8") as stream, _bar(MofNCompleteColumn()) as show:
            for done, question in enumerate(questions, start=1):
                stream.write(run(question).model_dump_json() + "\n")
                show("asking", done, len(questions))
        scratch.replace(target)
    except OSError as error:
        raise ReportQAError(
            f"{target} cannot be written ({error.strerror}); choose another --out."
        ) from error
    finally:
        scratch.unlink(missing_ok=True)


def _read_questions(source: Path) -> Iterable[QuestionIn]:
    try:
        lines = source.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ReportQAError(
            f"{source} cannot be read as UTF-8 text; check the path given to --batch."
        ) from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield QuestionIn.model_validate_json(line)
            except ValidationError as error:
                problem = error.errors()[0]["msg"]
                raise ReportQAError(
                    f'{source} line {number} is not {{"id": …, "question": …}} ({problem}); '
                    "correct it."
                ) from error


@contextmanager
def _bar(column: Any) -> Iterator[Any]:
    """A progress bar on stderr; yields a function of (stage, done, total)."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), column, console=err, transient=True
    ) as progress:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=total)
            progress.update(tasks[stage], completed=done, total=total)

        yield show


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")
