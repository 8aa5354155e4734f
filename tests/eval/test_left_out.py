"""Questions whose answer is cut out of the reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.left_out import FOLDS, Asked, asked, folds, write_without
from eval.run import reports_in
from eval.seeds import ingested
from rag.app import App


@pytest.fixture(scope="module")
def questions(real_app: App) -> list[Asked]:
    return asked(reports_in(real_app.assistant.corpus().index))


def test_every_answered_question_is_in_one_fold_with_all_that_share_a_sentence(
    questions: list[Asked],
) -> None:
    parts = folds(questions)
    assert len(parts) == FOLDS
    answered = sorted(q.id for q in questions if q.support)
    assert sorted(q.id for part in parts for q in part) == answered
    sentences = [{s for q in part for s in q.support} for part in parts]
    assert sum(map(len, sentences)) == len(set().union(*sentences))
    sizes = [len(part) for part in parts]
    assert max(sizes) < 2 * min(sizes)


def test_held_questions_are_not_among_the_open_ones(real_app: App, questions: list[Asked]) -> None:
    held = asked(reports_in(real_app.assistant.corpus().index), "held")
    assert len(held) > 100
    assert not {q.id for q in held} & {q.id for q in questions}


def test_what_is_cut_out_is_no_longer_stated(
    seeds: Path, tmp_path: Path, real_app: App, questions: list[Asked]
) -> None:
    (question,) = (q for q in questions if q.id == "ruian-school-kitchens-zh")
    assert real_app.assistant.answer(question.question).status == "answered"
    write_without(seeds, tmp_path / "reports", question.support)
    cut = ingested(tmp_path / "reports", tmp_path / "index")
    answer = cut.assistant.answer(question.question)
    assert answer.status == "not_found"
    assert "60" not in answer.text
