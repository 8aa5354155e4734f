"""Verdicts become golden questions that `report-qa eval` reads."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from eval.golden import load_golden, resolve
from rag.app import App
from rag.contract import AnswerOut, TurnIn
from rag.corpus.parse import parse_file
from rag.errors import ReportQAError
from rag.index.ingest import find_sources
from ui.cli import cli
from ui.feedback import Feedback, FeedbackStore
from ui.feedback_export import drafts


def verdict(app: App, question: str, *, helpful: bool = True, reason: str = "") -> Feedback:
    answer = AnswerOut.of(app.assistant.answer(question))
    return Feedback(surface="web", helpful=helpful, reason=reason, answer=answer)


def test_verdicts_become_questions_that_can_be_asked(
    real_app: App, seeds: Path, tmp_path: Path
) -> None:
    store = FeedbackStore(tmp_path)
    for question in (
        "What was Ruian's GDP in 2018?",
        "生态园2022年1-9月实现工业总产值多少?",
        "杭州2020年的生产总值是多少?",
    ):
        store.add(verdict(real_app, question, helpful=False, reason="数字: 不对 # [x]"))
    out = tmp_path / "drafts.yaml"
    done = CliRunner().invoke(
        cli, ["feedback", "export", "--data-dir", str(tmp_path), "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    questions = load_golden(out)
    assert [question.status for question in questions] == ["answered", "withheld", "not_found"]
    assert [fact.any[0].figure for fact in questions[0].facts] == ["910亿元", "7.8%"]
    assert "not helpful: 数字: 不对 # [x]" in questions[0].note
    parsed = [parse_file(source.path, source.info) for source in find_sources([seeds])]
    cases = resolve(questions, {report.info.id: report for report in parsed})
    assert cases[0].anchors == {"ruian-2019#p4"}


def test_the_last_verdict_on_a_question_counts(real_app: App) -> None:
    first = verdict(real_app, "瑞安2018年的生产总值是多少?", helpful=False)
    last = first.model_copy(update={"helpful": True})
    later = first.model_copy(update={"history": [TurnIn(role="user", content="瑞安")]})
    found = drafts([first, last, later])
    assert len(found) == 2
    assert "not helpful" not in found[0].note


def test_no_feedback_yet(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["feedback", "export", "--data-dir", str(tmp_path)])
    assert isinstance(done.exception, ReportQAError)
    assert "no feedback yet" in str(done.exception)
