"""`make bench`: how long indexing and answering take on this machine.

Every figure is measured, none is asserted. Each starts from what its line says; indexing runs in
processes of its own, as a user's would.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from eval.seeds import SEEDS
from rag.app import App, build_app
from rag.assistant import Found, Said
from rag.corpus.catalogue import load_catalogue
from rag.corpus.parse import parse_file
from rag.errors import ModelError
from rag.index.chunk import chunk_paragraph, is_indexed, whole_paragraph

QUESTIONS = (
    "瑞安2018年的生产总值是多少?",
    "What growth in fixed-asset investment did Jinhua ETDZ target for 2022?",
    "温州经开区2014年社会消费品零售总额是多少?",
    "How many public toilets did Ruian upgrade in 2018?",
    "生态园2022年1-9月实现工业总产值多少?",
    "Which reports mention starting construction on land acquisition?",
    "温州经开区2021年规上工业增加值增长多少?",
    "How many kilometres of sewage pipes did Wenzhou ETDZ plan to build in 2015?",
)
ROUNDS = 5


def main() -> None:
    """Print a line a measurement."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "REPORT_QA_DATA_DIR": folder}
        _command(environment, "models", "prepare")
        _line(
            "index the five reports from nothing", _command(environment, "ingest", str(SEEDS)), "s"
        )
        _line("index them again", _command(environment, "ingest", str(SEEDS)), "s")
        ask = ("ask", QUESTIONS[0], "--engine", "extractive")
        _line("ask in a fresh process, extractive", _command(environment, *ask), "s")
        app = build_app(data_dir=Path(folder), engine="extractive")
        _overhead(app)
        _latency("retrieval in a running process", lambda q: app.assistant.search(q))
        _latency("answer in a running process, extractive", lambda q: app.assistant.answer(q))
        _local(Path(folder))


def _command(environment: dict[str, str], *arguments: str) -> float:
    """Seconds of one `report-qa` command."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", "from ui.cli import main; main()", *arguments],
        env=environment, check=True, capture_output=True,
    )  # fmt: skip
    return time.perf_counter() - started


def _overhead(app: App) -> None:
    """Ingest into a new folder against encoding the same texts with the same, loaded model."""
    catalogue = load_catalogue(SEEDS)
    reports = [parse_file(path, catalogue[path.name]) for path in sorted(SEEDS.glob("*.txt"))]
    texts = dict.fromkeys(
        chunk.embedded_text
        for report in reports
        for paragraph in filter(is_indexed, report.paragraphs)
        for chunk in (
            *chunk_paragraph(report.info, paragraph),
            whole_paragraph(report.info, paragraph),
        )
    )
    app.embedder.warm_up()
    app.embedder.embed_passages(["warm"])
    bare, whole = [], []
    for _ in range(2):
        started = time.perf_counter()
        app.embedder.embed_passages(list(texts))
        bare.append(time.perf_counter() - started)
        with tempfile.TemporaryDirectory() as folder:
            fresh = App(app.settings.model_copy(update={"data_dir": Path(folder)}))
            fresh.__dict__["embedder"] = app.embedder
            started = time.perf_counter()
            fresh.ingester.ingest([SEEDS])
            whole.append(time.perf_counter() - started)
    _line("encode the texts alone", min(bare), "s")
    _line("ingest with the model loaded", min(whole), "s")
    _line("overhead of ingest over encoding", 100 * (min(whole) / min(bare) - 1), "%")


def _latency(name: str, run: Callable[[str], object]) -> None:
    for question in QUESTIONS:
        run(question)
    spent = []
    for _ in range(ROUNDS):
        for question in QUESTIONS:
            started = time.perf_counter()
            run(question)
            spent.append(1000 * (time.perf_counter() - started))
    cuts = statistics.quantiles(spent, n=20)
    _line(f"{name}, p50 of {len(spent)}", statistics.median(spent), "ms")
    _line(f"{name}, p95", cuts[-1], "ms")


def _local(folder: Path) -> None:
    """Passages and first word with the local model, if its weights are there."""
    app = build_app(data_dir=folder, engine="local")
    if not app.has_local_model:
        print("local model: not fetched; run: report-qa models pull")
        return
    try:
        _first_words(app, QUESTIONS[2])  # loads the model and the fixed part of the prompt
        found, said, done = zip(*(_first_words(app, q) for q in QUESTIONS[:4]), strict=True)
    except ModelError as error:
        print(f"local model: {error}")
        return
    _line("local model, passages on screen, worst of 4", 1000 * max(found), "ms")
    _line("local model, first sentence, median of 4", statistics.median(said), "s")
    _line("local model, first sentence, worst of 4", max(said), "s")
    _line("local model, whole answer, median of 4", statistics.median(done), "s")


def _first_words(app: App, question: str) -> tuple[float, float, float]:
    """(seconds to passages, to the first verified sentence, to the answer)."""
    started = time.perf_counter()
    found = said = 0.0
    for event in app.assistant.ask(question):
        spent = time.perf_counter() - started
        if isinstance(event, Found):
            found = spent
        elif isinstance(event, Said):
            said = said or spent
    done = time.perf_counter() - started
    return found, said or done, done


def _line(name: str, value: float, unit: str) -> None:
    print(f"{value:10.2f} {unit:3} {name}", flush=True)


if __name__ == "__main__":
    main()
