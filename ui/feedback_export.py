"""Readers' verdicts as draft golden questions, for people to correct and then to ask."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import yaml

from eval.golden import Question
from rag.answer.figures import find_figures
from rag.contract import AnswerOut
from ui.feedback import Feedback


def drafts(verdicts: Iterable[Feedback]) -> list[Question]:
    """A question for each verdict, the last one on the same question in the same conversation
    counting. What the answer said is taken over as expected; the note says what the reader
    thought of it. An answer that stated nothing to check becomes one that is not found."""
    latest = {_id(verdict): verdict for verdict in verdicts}
    return [_draft(id_, verdict) for id_, verdict in latest.items()]


def as_yaml(questions: Iterable[Question]) -> str:
    """The form that `report-qa eval --golden FILE` reads."""
    entries = [_entry(question) for question in questions]
    head = (
        "# Drafts from readers' feedback: correct status, facts and support before you use them.\n"
    )
    return head + yaml.safe_dump(entries, allow_unicode=True, sort_keys=False, width=100)


def _id(verdict: Feedback) -> str:
    said = "\n".join([*(turn.content for turn in verdict.history), verdict.answer.question])
    return f"feedback-{hashlib.sha256(said.encode()).hexdigest()[:10]}"


def _draft(id_: str, verdict: Feedback) -> Question:
    answer = verdict.answer
    thought = "helpful" if verdict.helpful else "not helpful"
    reason = f": {verdict.reason}" if verdict.reason else ""
    facts = _facts(answer)
    status = answer.status if answer.status in ("not_found", "withheld") else "answered"
    if status == "answered" and not facts:
        status = "not_found"
    quotes = [{"report": c.report, "quote": c.quote} for c in answer.citations if c.quote.strip()]
    given: dict[str, Any] = {
        "id": id_,
        "question": answer.question,
        "status": status,
        "history": verdict.history,
        "note": f"{verdict.time} {verdict.surface}, {thought}{reason}",
    }
    if status == "answered":
        given["facts"] = facts
    if status == "not_found" and quotes:
        given["nearest"] = quotes[0]
    if status != "not_found":
        given["support"] = quotes
    return Question.model_validate(given)


def _facts(answer: AnswerOut) -> list[dict[str, Any]]:
    """The figures that the answer stated, as they stand in the source; without any, its quotes."""
    texts = dict.fromkeys(
        figure.text if figure.status == "calculated" else figure.source
        for figure in answer.figures
        if figure.status != "unsupported"
    )
    ways = [{"figure": text} for text in texts if _is_figure(text)]
    if not ways:
        ways = [{"text": c.quote} for c in answer.citations if c.quote.strip()]
    return [{"any": [way]} for way in ways]


def _is_figure(text: str) -> bool:
    figures = find_figures(text)
    return len(figures) == 1 and figures[0].text == text.strip() and not figures[0].masked


def _entry(question: Question) -> dict[str, Any]:
    entry = question.model_dump(mode="json", exclude_defaults=True)
    if entry.get("pair") == entry["id"]:
        del entry["pair"]
    return entry
