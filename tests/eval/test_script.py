"""Scripted conversations and the starting file, over a small corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.errors import GoldenError
from eval.golden import load_golden, resolve
from eval.run import reports_in
from eval.script import Conversation, TurnResult, load_script, run_script
from eval.starter import starting_file
from rag.app import App

SCRIPT = """
title: our questions
turns:
- question: 北山县2021年粮食产量是多少?
  expect:
    status: answered
    facts:
    - any: [{figure: 23万吨}]
    cites:
    - {report: north-2021, quote: 全年粮食产量达到23万吨}
- question: 那生产总值呢?
  expect:
    facts:
    - any: [{figure: 999亿元}]
    must_not: [亿元]
    cites:
    - {report: south-2021, quote: 旅游收入26亿元}
- question: 谢谢
"""


def load(tmp_path: Path, text: str) -> tuple[Conversation, ...]:
    path = tmp_path / "script.yaml"
    path.write_text(text, encoding="utf-8")
    return load_script(path)


def hold(app: App, script: tuple[Conversation, ...]) -> list[TurnResult]:
    reports = reports_in(app.assistant.corpus().index)
    return list(run_script(script, app.assistant, reports))


def test_each_turn_is_checked_and_knows_those_before(small_app: App, tmp_path: Path) -> None:
    first, second, third = hold(small_app, load(tmp_path, SCRIPT))
    assert (first.conversation, first.turn, first.problems) == ("our questions", 1, ())
    assert "125亿元" in second.answer
    assert second.problems == (
        "it does not say 999亿元",
        "it says 亿元",
        "it does not cite the paragraph of south-2021 with: 旅游收入26亿元",
    )
    assert third.problems == ()


def test_a_list_of_conversations(small_app: App, tmp_path: Path) -> None:
    text = "- turns: [{question: 粮食}]\n- turns: [{question: '  '}]\n"
    first, second = hold(small_app, load(tmp_path, text))
    assert (first.conversation, second.conversation) == ("conversation 1", "conversation 2")
    assert second.status == "failed"
    assert second.problems


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("turns: []", "conversation 1 is wrong: turns"),
        ("- turns: [{question: x}]\n- 1", "conversation 2 is wrong"),
        ("turns: [{question: x, expects: {}}]", "turns.0.expects"),
        ("a: [", "not valid YAML"),
    ],
)
def test_a_wrong_script_is_an_error(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(GoldenError, match=says):
        load(tmp_path, text)


def test_a_quote_that_stands_nowhere_is_an_error_before_anything_is_asked(
    small_app: App, tmp_path: Path
) -> None:
    with pytest.raises(GoldenError, match="does not hold"):
        hold(small_app, load(tmp_path, SCRIPT.replace("达到23万吨", "达到24万吨")))


def test_the_starting_file_runs_as_it_is(small_app: App, tmp_path: Path) -> None:
    reports = reports_in(small_app.assistant.corpus().index)
    path = tmp_path / "questions.yaml"
    path.write_text(starting_file(reports), encoding="utf-8")
    cases = resolve(load_golden(path), reports)
    assert [case.question.id for case in cases] == ["north-2021-1", "south-2021-1"]
    assert all(case.support for case in cases)
    uncommented = path.read_text(encoding="utf-8").replace("\n#-", "\n-").replace("\n#  ", "\n  ")
    path.write_text(uncommented[uncommented.index("- id: not-in-") :], encoding="utf-8")
    assert [found.status for found in load_golden(path)] == ["not_found", "not_found"]
