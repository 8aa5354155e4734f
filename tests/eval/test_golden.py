"""The golden questions one by one: `pytest -m golden -k ruian-gdp-2018-zh`.

They say what is wrong with one question while something is changed; whether the whole is good
enough is for the gate to say.
"""

from __future__ import annotations

import pytest

from eval.golden import FOLDER, Case, Question, load_golden, resolve
from eval.junit import what_is_wrong
from eval.run import ask, reports_in
from rag.app import App


@pytest.fixture(scope="session")
def cases(real_app: App) -> dict[str, Case]:
    """Id → case over the five reports."""
    reports = reports_in(real_app.assistant.corpus().index)
    return {case.question.id: case for case in resolve(load_golden(FOLDER), reports)}


@pytest.mark.golden
@pytest.mark.parametrize(
    "question", [pytest.param(question, id=question.id) for question in load_golden(FOLDER)]
)
def test_golden(question: Question, cases: dict[str, Case], real_app: App) -> None:
    """The extractive engine answers it right."""
    result = ask(cases[question.id], real_app.assistant, "extractive")
    assert result.is_correct, f"{what_is_wrong(result)}\n{result.answer}"
