"""Feedback that was given is there again, whoever gave it."""

from __future__ import annotations

from multiprocessing import get_context
from pathlib import Path

from rag.contract import QuestionIn, TurnIn, failed
from ui.feedback import Feedback, FeedbackStore


def verdict(question: str = "外贸出口增长多少?", reason: str = "") -> Feedback:
    answer = failed(QuestionIn(id="", question=question), "zh", "no answer")
    history = [TurnIn(role="user", content="瑞安")]
    return Feedback(surface="web", helpful=False, reason=reason, answer=answer, history=history)


def add(folder: Path, reason: str) -> None:
    for _ in range(20):
        FeedbackStore(folder).add(verdict(reason=reason))


def test_nothing_given_yet(tmp_path: Path) -> None:
    assert FeedbackStore(tmp_path).read() == []


def test_what_was_given_comes_back(tmp_path: Path) -> None:
    given = verdict(reason="数字不对\n第二行")
    FeedbackStore(tmp_path).add(given)
    assert FeedbackStore(tmp_path).read() == [given]


def test_a_line_cut_short_costs_only_itself(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path)
    store.add(verdict())
    with (tmp_path / "feedback.jsonl").open("a") as file:
        file.write('{"surface": "we\n')
    store.add(verdict())
    assert len(store.read()) == 2


def test_several_processes_may_add(tmp_path: Path) -> None:
    context = get_context("spawn")
    workers = [context.Process(target=add, args=(tmp_path, str(n))) for n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    reasons = [found.reason for found in FeedbackStore(tmp_path).read()]
    assert sorted(reasons) == ["0"] * 20 + ["1"] * 20
