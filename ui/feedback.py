"""What readers thought of an answer: one file a corpus, whichever surface they used."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock
from pydantic import BaseModel, Field, ValidationError

from rag.contract import AnswerOut, TurnIn

_FILE = "feedback.jsonl"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class Feedback(BaseModel):
    """One reader's verdict on one answer. `time` is UTC in ISO 8601."""

    surface: Literal["web", "slack", "api"]
    helpful: bool
    reason: str = Field(default="", max_length=2000)
    answer: AnswerOut
    history: list[TurnIn] = []
    time: str = Field(default_factory=_now)


class FeedbackStore:
    """Feedback in the corpus's folder, in the order it came. Several processes may add to it."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / _FILE
        self._lock = FileLock(data_dir / f"{_FILE}.lock")

    def add(self, feedback: Feedback) -> None:
        """Keep one verdict."""
        with self._lock, self._file.open("a", encoding="utf-8") as out:
            out.write(feedback.model_dump_json() + "\n")

    def read(self) -> list[Feedback]:
        """All verdicts, oldest first; a line that a crash cut short is passed over."""
        if not self._file.exists():
            return []
        with self._lock:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        found = []
        for line in lines:
            try:
                found.append(Feedback.model_validate_json(line))
            except ValidationError:
                continue
        return found
