"""Runs: asked once, kept, continued, written up."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from eval.errors import EvalError
from eval.gate import Thresholds, check
from eval.golden import Case
from eval.results import RESULTS, Result, read_results
from eval.run import Plan, Progress, ask, reports_in, run, system_hash, write_run
from eval.summary import summarise
from rag.app import App
from rag.assistant import Found
from rag.errors import QuestionError
from rag.types import Answer, Query, Turn
from tests.eval.build import answer, case, citation, figures, passage, result


class Scripted:
    """Answers by question; what is an error is raised. `asked` counts."""

    def __init__(self, **answers: Answer | Exception) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.searched: list[str] = []

    def answer(self, question: str, history: Sequence[Turn], engine: str) -> Answer:
        self.asked.append(question)
        said = self.answers[question]
        if isinstance(said, Exception):
            raise said
        return said

    def search(self, question: str, k: int, history: Sequence[Turn]) -> Found:
        self.searched.append(question)
        return Found(Query(question, question, "", "zh"), (passage(1), passage(2), passage(3)))


RIGHT = answer("实现生产总值125亿元 [1]。", citation(1, 1), retrieved=[passage(1)])
WRONG = answer("新建幼儿园6所 [1]。", citation(1, 3), retrieved=[passage(3)])


def gdp(id_: str) -> Case:
    return case(
        "north#p1", id=id_, question=id_, status="answered", facts=figures("125亿元"), language="zh"
    )


def plan(*cases: Case, golden: str = "g", system: str = "s") -> Plan:
    return Plan(cases, "extractive", "extractive", golden, system)


def without_times(results: Sequence[Result]) -> list[dict[str, object]]:
    return [found.model_dump(exclude={"timings"}) for found in results]


def test_each_question_becomes_a_line_in_order(tmp_path: Path) -> None:
    assistant = Scripted(a=RIGHT, b=WRONG)
    results = run(plan(gdp("a"), gdp("b")), assistant, tmp_path)
    assert [found.id for found in results] == ["a", "b"]
    assert [found.is_correct for found in results] == [True, False]
    assert read_results(tmp_path) == list(results)
    assert read_results(tmp_path / RESULTS) == list(results)


def test_deeper_passages_are_looked_at_only_where_support_is_missing(tmp_path: Path) -> None:
    assistant = Scripted(a=RIGHT, b=WRONG)
    right, wrong = run(plan(gdp("a"), gdp("b")), assistant, tmp_path)
    assert assistant.searched == ["b"]
    assert wrong.retrieved == ["north#p3", "north#p1", "north#p2"]
    assert (right.scores["recall@1"], wrong.scores["mrr"]) == (1.0, 0.5)


def test_two_at_a_time_give_the_same_results(tmp_path: Path) -> None:
    cases = [gdp(id_) for id_ in "abcdef"]
    answers = {c.question.id: RIGHT if c.question.id in "ace" else WRONG for c in cases}
    meeting = threading.Barrier(2, timeout=10)

    class Together(Scripted):
        def answer(self, question: str, history: Sequence[Turn], engine: str) -> Answer:
            meeting.wait()
            return super().answer(question, history, engine)

    one = run(plan(*cases), Scripted(**answers), tmp_path / "one")
    two = run(plan(*cases), Together(**answers), tmp_path / "two", jobs=2)
    assert without_times(one) == without_times(two)
    assert read_results(tmp_path / "two") == list(two)


def test_an_interruption_of_two_at_a_time_keeps_what_is_finished(tmp_path: Path) -> None:
    cases = [gdp(id_) for id_ in "abcdef"]
    assistant = Scripted(**{c.question.id: RIGHT for c in cases})
    with pytest.raises(KeyboardInterrupt):
        run(plan(*cases), assistant, tmp_path, jobs=2, progress=_interrupted_at(2))
    going_on = Scripted(**assistant.answers)
    run(plan(*cases), going_on, tmp_path, jobs=2)
    assert sorted(going_on.asked) == ["c", "d", "e", "f"]


def test_a_rerun_goes_on_where_it_stopped(tmp_path: Path) -> None:
    both = plan(gdp("a"), gdp("b"))
    stop = _interrupted_at(1)
    with pytest.raises(KeyboardInterrupt):
        run(both, Scripted(a=RIGHT, b=RIGHT), tmp_path, progress=stop)
    with (tmp_path / RESULTS).open("a", encoding="utf-8") as stream:
        stream.write('{"key": "half a li')
    going_on = Scripted(b=WRONG)
    results = run(both, going_on, tmp_path)
    assert going_on.asked == ["b"]
    whole = run(both, Scripted(a=RIGHT, b=WRONG), tmp_path / "whole")
    assert without_times(results) == without_times(whole)
    assert read_results(tmp_path) == list(results)


def _interrupted_at(position: int) -> Progress:
    def progress(stage: str, done: int, total: int) -> None:
        if done == position:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("changed", [{"golden": "other"}, {"system": "other"}])
def test_results_of_other_questions_or_another_system_are_not_taken(
    tmp_path: Path, changed: dict[str, str]
) -> None:
    run(plan(gdp("a")), Scripted(a=RIGHT), tmp_path)
    again = Scripted(a=WRONG)
    (found,) = run(plan(gdp("a"), **changed), again, tmp_path)
    assert again.asked == ["a"]
    assert read_results(tmp_path) == [found]


def test_a_run_may_begin_afresh(tmp_path: Path) -> None:
    run(plan(gdp("a")), Scripted(a=RIGHT), tmp_path)
    (found,) = run(plan(gdp("a")), Scripted(a=WRONG), tmp_path, afresh=True)
    assert not found.is_correct


@pytest.mark.parametrize("error", [QuestionError("It is empty."), ZeroDivisionError("a bug")])
def test_a_question_that_fails_is_a_result(tmp_path: Path, error: Exception) -> None:
    failed, fine = run(plan(gdp("a"), gdp("b")), Scripted(a=error, b=RIGHT), tmp_path)
    assert (failed.status, failed.scores) == ("failed", {})
    assert str(error) in failed.problems[0]
    assert set(failed.unscored) == set(fine.scores) | set(fine.unscored)
    assert fine.is_correct


def test_two_runs_give_the_same_files_but_for_times(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        folder = tmp_path / name
        results = run(plan(gdp("a"), gdp("b")), Scripted(a=RIGHT, b=WRONG), folder)
        summary = summarise(results, golden="g", system="s", engine="extractive")
        gate = check(results, Thresholds(), "extractive", complete=())
        write_run(folder, results, summary, gate)
        files.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert set(files[0]) == {RESULTS, "summary.json", "junit.xml", "report.html"}
    assert files[0] == files[1]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EvalError, match="cannot be written"):
        run(plan(gdp("a")), Scripted(a=RIGHT), tmp_path / "file" / "out")


def test_a_baseline_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="cannot be read"):
        read_results(tmp_path / "none.jsonl")
    (tmp_path / RESULTS).write_text("{}\n", encoding="utf-8")
    with pytest.raises(EvalError, match="line 1 is not the result"):
        read_results(tmp_path)


def test_junit_says_what_failed_and_escapes_it(tmp_path: Path) -> None:
    broken = replace(RIGHT, status="failed", problems=("</failure> \x00 & gone",))
    results = run(
        plan(gdp("a"), gdp("b"), gdp("c")), Scripted(a=RIGHT, b=WRONG, c=broken), tmp_path
    )
    gate = check(results, Thresholds(), "extractive", complete=())
    summary = summarise(results, golden="g", system="s", engine="extractive")
    write_run(tmp_path, results, summary, gate)
    questions, checks = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert (questions.get("tests"), questions.get("failures"), questions.get("errors")) == (
        "3",
        "1",
        "1",
    )
    assert [case[0].tag if len(case) else "" for case in questions] == ["", "failure", "error"]
    assert "facts 0.00, expected 125亿元" in (questions[1][0].get("message") or "")
    assert "</failure> \ufffd & gone" in (questions[2][0].get("message") or "")
    assert checks.get("failures") == "1"
    written = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert written["gate"]["passed"] is False
    assert written["golden"] == "g"


def test_a_real_assistant_over_a_small_corpus(small_app: App) -> None:
    index = small_app.assistant.corpus().index
    assert set(reports_in(index)) == {"north-2021", "south-2021"}
    asked = case(
        "north-2021#p2",
        id="a",
        question="北山县2021年的粮食产量是多少?",
        status="answered",
        facts=figures("23万吨"),
    )
    found = ask(asked, small_app.assistant, "extractive")
    assert found.status != "failed"
    assert found.engine == "extractive"
    assert found.usage.calls == 0
    assert "model_failed" in found.unscored


def test_the_system_hash_knows_settings_and_reports(small_app: App) -> None:
    index = small_app.assistant.corpus().index
    assert system_hash(index, passages=8) == system_hash(index, passages=8)
    assert system_hash(index, passages=8) != system_hash(index, passages=9)


def test_slices() -> None:
    found = result("a", kind="list", language="en")
    assert found.slices == ("all", "en", "list", "list en")
