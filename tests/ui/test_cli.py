"""The command line: what scripts rely on, and one sentence for everything that goes wrong."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from rag.app import App
from tests.fakes import MODEL, ScriptedEndpoint, refuses, says
from tests.wording import assert_sentence
from ui import cli

QUESTION = "瑞安2018年的生产总值是多少?"
ANSWER_KEYS = {
    *("id", "question", "language", "status", "answer", "citations", "figures"),
    *("retrieved", "problems", "engine", "timings"),
}
CITATION_KEYS = {
    *("marker", "report", "title", "paragraph", "anchor", "section", "text", "quote"),
    *("start", "end", "kind", "period"),
}
FIGURE_KEYS = {"text", "source", "marker", "status"}
RETRIEVED_KEYS = {"anchor", "score", "text"}
TIMING_KEYS = {"retrieve_ms", "first_token_ms", "total_ms"}
HIT_KEYS = {"anchor", "report", "paragraph", "score", "text"}
REPORTS = {
    *("jinhua-etdz-2022", "qianwan-ecopark-2022", "ruian-2019"),
    *("wenzhou-etdz-2015", "wenzhou-etdz-2022"),
}


@dataclass(frozen=True)
class Run:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.out)


class CommandLine:
    """Runs `report-qa` on one data folder: in this process, through its entry point."""

    def __init__(
        self, data_dir: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
    ) -> None:
        self._patch = patch
        self._capture = capture
        patch.setenv("REPORT_QA_DATA_DIR", str(data_dir))
        patch.setenv("REPORT_QA_ENGINE", "extractive")

    def __call__(self, *arguments: object, stdin: str = "") -> Run:
        self._patch.setattr(sys, "argv", ["report-qa", *map(str, arguments)])
        self._patch.setattr(sys, "stdin", io.StringIO(stdin))
        self._capture.readouterr()
        with pytest.raises(SystemExit) as caught:
            cli.main()
        out, err = self._capture.readouterr()
        assert "Traceback" not in err
        code = caught.value.code
        return Run(code if isinstance(code, int) else int(bool(code)), out, err)


@pytest.fixture
def run(
    real_app: App,
    real_index: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """The command line over the five reports."""
    assert real_app
    return CommandLine(real_index, monkeypatch, capsys)


@pytest.fixture
def bare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """The command line over nothing."""
    return CommandLine(tmp_path / "data", monkeypatch, capsys)


def script(*arguments: object, **environment: str) -> Run:
    """The installed console script, in a process of its own."""
    command = shutil.which("report-qa", path=str(Path(sys.executable).parent))
    assert command, "report-qa is not installed beside this Python"
    done = subprocess.run(
        [command, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **environment},
    )
    assert "Traceback" not in done.stderr
    return Run(done.returncode, done.stdout, done.stderr)


def assert_refused(result: Run, *says: str) -> None:
    """Exit code 1, nothing on the output, one sentence on the error output."""
    assert result.code == 1
    assert result.out == ""
    assert_sentence(result.err, *says)


def assert_answer_is_of_the_contract(line: dict[str, Any]) -> None:
    assert line.keys() >= ANSWER_KEYS
    assert line["language"] in ("zh", "en")
    assert line["status"] in ("answered", "not_found", "withheld", "failed")
    assert line["timings"].keys() >= TIMING_KEYS
    for citation in line["citations"]:
        assert citation.keys() >= CITATION_KEYS
        assert citation["text"][citation["start"] : citation["end"]] == citation["quote"]
        assert citation["anchor"] == f"{citation['report']}#p{citation['paragraph']}"
        assert citation["kind"] in ("actual", "plan")
        assert f"[{citation['marker']}]" in line["answer"]
    for figure in line["figures"]:
        assert figure.keys() >= FIGURE_KEYS
        assert figure["status"] in ("exact", "converted", "calculated", "unsupported")
    scores = [passage["score"] for passage in line["retrieved"]]
    assert scores == sorted(scores, reverse=True)
    assert all(passage.keys() >= RETRIEVED_KEYS for passage in line["retrieved"])


# The contract


def test_ask_prints_the_contract_s_json(real_index: Path) -> None:
    result = script("ask", QUESTION, "--json", "--engine", "extractive", "--data-dir", real_index)
    assert (result.code, result.err) == (0, "")
    line = result.json
    assert_answer_is_of_the_contract(line)
    assert (line["question"], line["language"], line["status"]) == (QUESTION, "zh", "answered")
    assert line["engine"] == "extractive"
    assert "910亿元" in line["answer"]
    (citation, *_) = line["citations"]
    assert citation["anchor"] == "ruian-2019#p4"
    assert (citation["kind"], citation["period"]) == ("actual", "2018")
    assert citation["section"] == ["一、2018年主要工作回顾"]


def test_ask_for_people_shows_the_answer_and_its_source(run: CommandLine) -> None:
    result = run("ask", QUESTION)
    assert result.code == 0
    assert "910亿元" in result.out
    assert "ruian-2019#p4" in result.out


def test_k_limits_what_is_retrieved(run: CommandLine) -> None:
    assert len(run("ask", QUESTION, "--json", "--k", 3).json["retrieved"]) == 3
    assert len(run("search", QUESTION, "--json", "--k", 2).json["hits"]) == 2


def test_search_prints_the_contract_s_json(run: CommandLine, real_app: App) -> None:
    result = run("search", "Ruian GDP 2018", "--json")
    assert result.code == 0
    line = result.json
    assert line.keys() >= {"id", "hits"}
    index = real_app.assistant.corpus().index
    for hit in line["hits"]:
        assert hit.keys() >= HIT_KEYS
        assert hit["anchor"] == f"{hit['report']}#p{hit['paragraph']}"
        found = index.paragraphs_at([(hit["report"], hit["paragraph"])])
        assert hit["text"] == found[hit["anchor"]].text
    scores = [hit["score"] for hit in line["hits"]]
    assert scores == sorted(scores, reverse=True)


def test_search_for_people_shows_what_each_leg_gave(run: CommandLine) -> None:
    result = run("search", QUESTION, "--explain")
    assert result.code == 0
    assert "ruian-2019#p" in result.out
    assert "dense_paragraph" in result.out


# Batches


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    """Four questions: one leans on its history, one holds a line separator, one is empty."""
    history = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "910亿元 [1]。"},
    ]
    lines = [
        {"id": "a", "question": QUESTION},
        {"id": "b", "question": "2019年的目标呢?", "history": history},
        {"id": "c", "question": "瑞安2018年\u2028财政总收入是多少?", "more": 1},
        {"id": "d", "question": "  "},
    ]
    path = tmp_path / "in.jsonl"
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text(text + "\n\n", encoding="utf-8-sig")
    return path


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def test_ask_answers_a_file_of_questions(run: CommandLine, batch: Path, tmp_path: Path) -> None:
    result = run("ask", "--batch", batch, "--out", tmp_path / "out.jsonl")
    assert (result.code, result.out) == (0, "")
    lines = read_lines(tmp_path / "out.jsonl")
    assert [line["id"] for line in lines] == ["a", "b", "c", "d"]
    for line in lines:
        assert_answer_is_of_the_contract(line)
    assert "910亿元" in lines[0]["answer"]
    assert lines[1]["citations"][0]["report"] == "ruian-2019"
    assert "117.7亿元" in lines[2]["answer"]
    assert lines[3]["status"] == "failed"
    assert_sentence(lines[3]["problems"][0].partition(", for example")[0] + ".", "empty")


def test_search_searches_a_file_of_questions(run: CommandLine, batch: Path, tmp_path: Path) -> None:
    result = run("search", "--batch", batch, "--out", tmp_path / "out.jsonl", "--k", 4)
    assert (result.code, result.out) == (0, "")
    lines = read_lines(tmp_path / "out.jsonl")
    assert [line["id"] for line in lines] == ["a", "b", "c", "d"]
    assert [len(line["hits"]) for line in lines] == [4, 4, 4, 0]
    assert "d: The question is empty" in result.err


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param('{"id": "b"', "line 2", id="broken"),
        pytest.param('{"id": "b"}', "line 2", id="no question"),
        pytest.param('["b", "x"]', "line 2", id="a list"),
        pytest.param('{"id": "b", "question": 7}', "line 2", id="a number"),
        pytest.param('{"id": "b", "question": "\\ud800"}', "line 2", id="half a character"),
        pytest.param(
            '{"id": "b", "question": "x", "history": [{"role": "system", "content": "x"}]}',
            "line 2",
            id="another role",
        ),
    ],
)
@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_bad_line_is_named_and_nothing_is_overwritten(
    run: CommandLine, tmp_path: Path, command: str, line: str, says: str
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": "a", "question": "x"}\n' + line, "utf-8")
    target.write_text("from before", "utf-8")
    assert_refused(run(command, "--batch", source, "--out", target), str(source), says)
    assert target.read_text("utf-8") == "from before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_files_of_a_batch_that_cannot_be_used(
    run: CommandLine, batch: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    assert_refused(run("search", "--batch", tmp_path / "no.jsonl", "--out", out), "no.jsonl")
    assert_refused(run("search", "--batch", tmp_path, "--out", out), "--batch")
    for folder in (tmp_path, "."):
        assert_refused(run("search", "--batch", batch, "--out", folder), "--out")
    assert_refused(run("search", "--batch", batch, "--out", tmp_path / "no" / "o"), "--out")
    batch.write_bytes("问题".encode("gb18030"))
    assert_refused(run("search", "--batch", batch, "--out", out), "UTF-8")
    assert not out.exists()


# Reports


def test_a_folder_is_ingested_listed_and_removed(bare: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "beishan-2021.txt").write_text(
        "北山县2021年工作总结\n一、2021年工作总结\n全县新建幼儿园6所,改造老旧小区14个。\n", "utf-8"
    )
    (folder / "broken.txt").write_bytes(bytes(range(256)) * 40)
    first = bare("ingest", folder)
    assert first.code == 1
    assert "added 1," in first.out
    assert "beishan-2021" in first.out
    assert_sentence(first.err, "broken.txt")
    (folder / "broken.txt").unlink()
    again = bare("ingest", folder, "--json")
    assert again.code == 0
    assert (again.json["kept"], again.json["embedded"]) == (["beishan-2021"], 0)
    (info,) = bare("reports", "--json").json
    assert (info["id"], info["place"]["zh"], info["reviews"]) == ("beishan-2021", "北山县", "2021")
    assert (
        bare("search", "幼儿园", "--json", "--k", 1).json["hits"][0]["anchor"] == "beishan-2021#p2"
    )
    removed = bare("remove", "beishan-2021", "--json")
    assert (removed.code, removed.json["removed"]) == (0, ["beishan-2021"])
    assert bare("reports", "--json").json == []
    assert_refused(bare("remove", "beishan-2021"), "report-qa reports")


def test_reports_lists_the_five(run: CommandLine) -> None:
    assert {info["id"] for info in run("reports", "--json").json} == REPORTS
    table = run("reports")
    assert table.code == 0
    for id_ in REPORTS:
        assert id_ in table.out


def test_what_cannot_be_ingested(bare: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    assert_refused(bare("ingest", folder), "no report")
    assert_refused(bare("ingest", tmp_path / "nowhere"), "does not exist")
    (folder / "empty.txt").touch()
    assert_refused(bare("ingest", folder), "empty.txt")
    (folder / "catalogue.yaml").write_text("- id: [", "utf-8")
    assert_refused(bare("ingest", folder), "catalogue.yaml")
    below = folder / "empty.txt" / "data"
    assert_refused(bare("ingest", folder, "--data-dir", below), "--data-dir")
    assert_refused(bare("ingest", "--rebuild"), "report-qa ingest seeds")


# Errors and usage


def test_questions_that_cannot_be_asked(run: CommandLine) -> None:
    for command in ("ask", "search"):
        for question in ("", "   ", "\n\t\u3000"):
            assert "empty" in (refused := run(command, question)).err
            assert (refused.code, refused.out) == (1, "")
        assert_refused(run(command, "长" * 50_000), "50000", "2000")
        assert_refused(run(command, "\udcff\udcfe"), "UTF-8")


def test_the_script_refuses_in_the_same_way(tmp_path: Path) -> None:
    nothing = script("ask", QUESTION, "--data-dir", tmp_path / "data")
    assert_refused(nothing, "report-qa ingest seeds")
    assert script("ask", "--engine", "magic", "x").code == 2


@pytest.mark.parametrize(
    "arguments",
    [("ask", QUESTION), ("search", QUESTION), ("reports",), ("chat",), ("web",)],
    ids=lambda arguments: arguments[0],
)
def test_a_missing_index_is_one_sentence_with_the_command(
    bare: CommandLine, arguments: tuple[str, ...]
) -> None:
    assert_refused(bare(*arguments), "report-qa ingest seeds")


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask",),
        ("search",),
        ("ingest",),
        ("remove",),
        ("ask", "x", "--engine", "magic"),
        ("ask", "x", "--k", "0"),
        ("ask", "x", "--k", "many"),
        ("ask", "--batch", "in.jsonl"),
        ("ask", "one", "two"),
        ("search", "x", "--no-such-option"),
        ("web", "--port", "70000"),
        ("no-such-command",),
        ("models", "no-such-command"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(bare: CommandLine, arguments: tuple[str, ...]) -> None:
    result = bare(*arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err


def test_a_wrong_setting_is_one_sentence(
    bare: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_QA_PASSAGES", "0")
    assert_refused(bare("doctor"), "PASSAGES")


def test_another_model_than_the_index_s_is_one_sentence(
    run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_QA_EMBEDDING_MODEL", "BAAI/bge-small-zh-v1.5")
    assert_refused(run("ask", QUESTION), "multilingual-e5-small", "report-qa ingest --rebuild")


def test_a_port_in_use_is_one_sentence(real_index: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert_refused(script("web", "--port", port, "--data-dir", real_index), str(port), "--port")


def test_a_terminal_without_chinese_gets_escapes(real_index: Path) -> None:
    result = script("search", "瑞安", "--data-dir", real_index, PYTHONIOENCODING="ascii")
    assert result.code == 0
    assert "\\u745e" in result.out


# Help


def commands(group: Any, *path: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


COMMANDS = sorted(commands(typer.main.get_command(cli.cli)))


def test_the_commands_of_the_contract_are_there() -> None:
    assert {path[0] for path in COMMANDS} >= {
        *("ingest", "ask", "chat", "search", "web", "slack", "reports", "models", "doctor"),
    }


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(bare: CommandLine, path: tuple[str, ...]) -> None:
    result = bare(*path, "--help")
    assert (result.code, result.err) == (0, "")
    assert f"Example: report-qa {' '.join(path)}" in result.out


# What is there


def test_doctor_over_the_five_reports(run: CommandLine) -> None:
    checks = {check["name"]: check for check in run("doctor", "--json").json}
    assert list(checks) == [
        *("data folder", "embedding model", "index", "endpoint", "local model", "engine"),
        "slack",
    ]
    for name in ("data folder", "embedding model", "index", "engine"):
        assert checks[name]["ok"], checks[name]
    assert "5 reports" in checks["index"]["found"]
    assert "extractive" in checks["engine"]["found"]
    assert not checks["endpoint"]["ok"]
    assert "OPENAI_BASE_URL" in checks["endpoint"]["next_command"]
    text = run("doctor").out
    for name, check in checks.items():
        assert f"{name}: {check['found']}" in text


def test_doctor_over_nothing_says_what_to_run(bare: CommandLine) -> None:
    result = bare("doctor")
    assert result.code == 0
    assert "report-qa ingest seeds" in result.out


def test_doctor_sees_a_data_folder_that_cannot_be_made(bare: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    checks = bare("doctor", "--json", "--data-dir", tmp_path / "file" / "data").json
    assert not checks[0]["ok"]
    assert "--data-dir" in checks[0]["next_command"]


def test_doctor_sees_an_endpoint(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    checks = {check["name"]: check for check in bare("doctor", "--json").json}
    assert checks["endpoint"]["next_command"] == "REPORT_QA_MODEL"
    monkeypatch.setenv("REPORT_QA_MODEL", "some-model")
    checks = {check["name"]: check for check in bare("doctor", "--json").json}
    assert checks["endpoint"]["ok"]
    assert "some-model" in checks["endpoint"]["found"]


def test_models_lists_what_is_in_use_and_where_it_is_kept(
    bare: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_QA_MODELS_DIR", str(tmp_path / "models"))
    listed = bare("models", "list", "--json").json
    assert (listed["embedding"], listed["local_is_there"]) == ("multilingual-e5-small", False)
    text = bare("models", "list")
    assert text.code == 0
    assert "report-qa models pull" in text.out
    (tmp_path / "models").touch()
    assert_refused(bare("models", "prepare"), "REPORT_QA_MODELS_DIR")


def test_a_model_that_cannot_be_pulled_is_one_sentence(
    bare: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_QA_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("REPORT_QA_MODEL_SOURCE", "hub")
    monkeypatch.setenv("REPORT_QA_HUB_URL", "http://127.0.0.1:9")
    result = bare("models", "pull")
    assert result.code == 1
    assert_sentence(result.err, "http://127.0.0.1:9", "report-qa models pull")


# With a language model


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedEndpoint]:
    """An endpoint that is configured."""
    with ScriptedEndpoint(says("瑞安市2018年生产总值为910亿元 [1]。")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("REPORT_QA_MODEL", MODEL)
        yield server


def test_an_endpoint_writes_the_answer(run: CommandLine, endpoint: ScriptedEndpoint) -> None:
    line = run("ask", QUESTION, "--json", "--engine", "api").json
    assert_answer_is_of_the_contract(line)
    assert (line["engine"], line["status"], line["problems"]) == (f"api:{MODEL}", "answered", [])
    assert "910亿元" in line["answer"]
    (asked,) = endpoint.requests
    assert "910亿元" in asked.body["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("script_", "words"),
    [
        pytest.param(says("瑞安市2018年", finish=None), "broke off", id="breaks off"),
        pytest.param(refuses(401), "OPENAI_API_KEY", id="401"),
    ],
)
def test_an_endpoint_that_fails_is_replaced_and_that_is_said(
    run: CommandLine, endpoint: ScriptedEndpoint, script_: Any, words: str
) -> None:
    endpoint.scripts = [script_]
    line = run("ask", QUESTION, "--json", "--engine", "api").json
    assert (line["engine"], line["status"]) == ("extractive", "answered")
    assert words in line["problems"][0]
    assert "910亿元" in line["answer"]
    shown = run("ask", QUESTION, "--engine", "api")
    assert shown.code == 0
    assert words in shown.err


def test_an_engine_that_is_not_configured_is_replaced_too(run: CommandLine) -> None:
    line = run("ask", QUESTION, "--json", "--engine", "api").json
    assert line["engine"] == "extractive"
    assert "OPENAI_BASE_URL" in line["problems"][0]


def test_a_conversation_remembers(run: CommandLine) -> None:
    result = run("chat", stdin=f"{QUESTION}\n{'长' * 3000}\n2019年的目标呢?\n\n")
    assert result.code == 0
    assert "910亿元" in result.out
    assert "2000" in result.err
    assert "ruian-2019#p19" in result.out
