"""The local model, from question to checked answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.app import App, build_app
from rag.models.fetch import QWEN, is_present

pytestmark = pytest.mark.local_model


@pytest.fixture(scope="module")
def app(real_index: Path) -> App:
    """The app over the five reports with the local model, whose weights must be there."""
    app = build_app(data_dir=real_index, engine="local")
    if not is_present(QWEN, app.settings.models_dir):
        pytest.fail("The local model is not there; run: report-qa models pull")
    return app


@pytest.mark.parametrize(
    ("question", "source", "figures"),
    [
        ("瑞安2018年的生产总值是多少亿元?", "生产总值910亿元", ("910亿元",)),
        (
            "How many high-tech enterprises did Ruian add in 2018?",
            "新增高新技术企业96家",
            ("96",),
        ),
    ],
    ids=["zh", "en"],
)
def test_it_answers_with_the_checked_figure_of_the_cited_paragraph(
    question: str, source: str, figures: tuple[str, ...], app: App
) -> None:
    answer = app.assistant.answer(question)
    assert answer.engine == f"local:{QWEN.label}"
    assert answer.timings.first_token_ms is not None
    assert not any("instead" in problem for problem in answer.problems), answer.problems
    assert answer.status == "answered"
    assert any(source in citation.passage.paragraph.text for citation in answer.citations)
    for figure in figures:
        assert figure in answer.text
    assert answer.figures
    for check in answer.figures:
        assert check.status in ("exact", "converted", "calculated")
