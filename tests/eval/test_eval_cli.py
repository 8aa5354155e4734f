"""`report-qa eval`: what it prints, writes and exits with."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import MODEL, ScriptedEndpoint, says
from tests.wording import assert_sentence
from ui import cli

GOLDEN = """
- id: gdp-zh
  pair: gdp
  question: 2018年瑞安市的生产总值是多少?
  status: answered
  facts:
  - any: [{figure: 910亿元}]
  support:
  - {report: ruian-2019, quote: "预计全市实现生产总值910亿元"}
- id: yiwu-zh
  question: 义乌市2022年地区生产总值增长目标是多少?
  kind: not_covered
  status: not_found
"""
SCRIPT = """
turns:
- question: 2018年瑞安市的生产总值是多少?
  expect:
    status: answered
    facts:
    - any: [{figure: 910亿元}]
"""
IMPOSSIBLE = "extractive: {open: {facts: {at_least: 1.01}}}"


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


Eval = Callable[..., Ran]


@pytest.fixture
def evaluate(
    real_index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Eval:
    """Runs `report-qa eval` over the five reports."""

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["report-qa", "eval", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        code = caught.value.code
        return Ran(code if isinstance(code, int) else int(bool(code)), out, err)

    monkeypatch.setenv("REPORT_QA_DATA_DIR", str(real_index))
    return run


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    path = tmp_path / "questions.yaml"
    path.write_text(GOLDEN, encoding="utf-8")
    return path


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_run_prints_scores_and_writes_four_files(
    evaluate: Eval, golden: Path, tmp_path: Path
) -> None:
    ran = evaluate("--golden", golden, "--out", tmp_path / "out")
    assert ran.code == 0
    assert "2 questions (open), answered by extractive; golden set" in ran.out
    assert "facts" in ran.out
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "results.jsonl",
        "summary.json",
        "junit.xml",
        "report.html",
    }


def test_json_is_the_summary(evaluate: Eval, golden: Path, tmp_path: Path) -> None:
    ran = evaluate("--golden", golden, "--out", tmp_path / "out", "--json")
    printed = json.loads(ran.out)
    assert printed == json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert printed["measures"]["facts"]["all"]["mean"] == 1.0
    assert printed["gate"]["passed"] is True
    assert len(printed["golden"]) == 64


def test_kinds_splits_and_samples(evaluate: Eval, golden: Path, tmp_path: Path) -> None:
    ran = evaluate("--golden", golden, "--out", tmp_path / "a", "--kind", "not_covered", "--json")
    assert json.loads(ran.out)["questions"] == 1
    ran = evaluate("--golden", golden, "--out", tmp_path / "b", "--limit", 1, "--json")
    assert json.loads(ran.out)["questions"] == 1
    ran = evaluate("--golden", golden, "--out", tmp_path / "c", "--split", "held")
    assert ran.code == 1
    assert_sentence(ran.err, "No golden question fits")
    assert evaluate("--golden", golden, "--kind", "riddle").code == 2


def test_a_missed_threshold_is_exit_code_3_with_the_figure(
    evaluate: Eval, golden: Path, tmp_path: Path
) -> None:
    limits = written(tmp_path / "limits.yaml", IMPOSSIBLE)
    ran = evaluate("--golden", golden, "--thresholds", limits, "--out", tmp_path / "out")
    assert ran.code == 3
    assert "facts (open) is 1.000" in ran.err
    assert "at least 1.01" in ran.err


def test_a_baseline_of_the_same_system_passes(evaluate: Eval, golden: Path, tmp_path: Path) -> None:
    evaluate("--golden", golden, "--out", tmp_path / "before")
    ran = evaluate("--golden", golden, "--out", tmp_path / "now", "--baseline", tmp_path / "before")
    assert ran.code == 0
    page = (tmp_path / "now" / "report.html").read_text(encoding="utf-8")
    assert "Every answer is as it was." in page
    ran = evaluate("--golden", golden, "--baseline", tmp_path / "none.jsonl")
    assert ran.code == 1
    assert_sentence(ran.err, "none.jsonl")


def test_two_runs_differ_in_times_alone(evaluate: Eval, golden: Path, tmp_path: Path) -> None:
    def lines(name: str) -> list[dict[str, Any]]:
        evaluate("--golden", golden, "--out", tmp_path / name)
        text = (tmp_path / name / "results.jsonl").read_text(encoding="utf-8")
        found = [json.loads(line) for line in text.splitlines()]
        for line in found:
            del line["timings"]
        return found

    assert lines("one") == lines("two")


def test_a_script_is_checked_turn_by_turn(evaluate: Eval, tmp_path: Path) -> None:
    right = written(tmp_path / "right.yaml", SCRIPT)
    ran = evaluate("--script", right)
    assert ran.code == 0
    assert ran.out.startswith("right conversation 1, turn 1")
    wrong = written(tmp_path / "wrong.yaml", SCRIPT.replace("910", "911"))
    ran = evaluate("--script", wrong, "--json")
    assert ran.code == 3
    assert json.loads(ran.out)[0]["problems"] == ["it does not say 911亿元"]
    assert_sentence(ran.err, "1 of 1 turns are wrong", "it does not say 911亿元")


def test_init_writes_a_file_that_runs(evaluate: Eval, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    assert evaluate("init", "--out", path).code == 0
    ran = evaluate("--golden", path, "--out", tmp_path / "out", "--json")
    assert json.loads(ran.out)["questions"] == 5
    again = evaluate("init", "--out", path)
    assert again.code == 1
    assert_sentence(again.err, "exists")


def test_recorded_replies_are_replayed_to_the_byte(
    evaluate: Eval, golden: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = tmp_path / "replies.jsonl.gz"
    arguments = ("--golden", golden, "--split", "all", "--json")
    with ScriptedEndpoint(says("2018年", "生产总值910亿元 [1]。")) as endpoint:
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        monkeypatch.setenv("REPORT_QA_MODEL", MODEL)
        live = evaluate(
            *arguments, "--engine", "api", "--record", recording, "--out", tmp_path / "live"
        )
        asked = len(endpoint.requests)
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "REPORT_QA_MODEL"):
        monkeypatch.delenv(name)
    replayed = evaluate(*arguments, "--replay", recording, "--out", tmp_path / "replayed")
    assert (live.code, replayed.code, asked) == (0, 0, 1)
    one, other = json.loads(live.out), json.loads(replayed.out)
    assert one.pop("times") != other.pop("times")
    assert one == other
    assert one["engine"] == f"api:{MODEL}"
    assert one["tokens"]["pieces"] == 2.0
    refused = evaluate("--replay", recording, "--jobs", "2", "--out", tmp_path / "two")
    assert (refused.code, "leave out --jobs" in refused.err) == (1, True)


def test_a_request_that_was_not_recorded_fails_the_run(
    evaluate: Eval, golden: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = tmp_path / "replies.jsonl"
    with ScriptedEndpoint(says("910亿元 [1]。")) as endpoint:
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
        monkeypatch.setenv("REPORT_QA_MODEL", MODEL)
        evaluate(
            "--golden", golden, "--engine", "api", "--record", recording, "--out", tmp_path / "l"
        )
    other = written(tmp_path / "other.yaml", GOLDEN.replace("是多少?", "有多少?"))
    ran = evaluate("--golden", other, "--replay", recording, "--out", tmp_path / "r")
    assert ran.code == 3
    assert "1 of 2 questions failed, the first gdp-zh: This request is not recorded" in ran.err


@pytest.mark.parametrize(
    ("arguments", "says_so"),
    [
        (("--golden", "none.yaml"), "none.yaml"),
        (("--replay", "none.jsonl"), "--record"),
        (("--record", "r.jsonl", "--engine", "extractive"), "--engine api or local"),
        (("--replay", "r.jsonl", "--engine", "local"), "leave out --engine"),
        (("--script", "none.yaml"), "none.yaml"),
    ],
)
def test_what_goes_wrong_is_said_in_a_sentence(
    evaluate: Eval, arguments: tuple[str, ...], says_so: str
) -> None:
    ran = evaluate(*arguments)
    assert ran.code == 1
    assert_sentence(ran.err, says_so)


def test_help_has_examples(evaluate: Eval) -> None:
    assert "report-qa eval --split open" in " ".join(evaluate("--help").out.split())
    assert "report-qa eval init" in evaluate("init", "--help").out
