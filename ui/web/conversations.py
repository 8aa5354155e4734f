"""Conversations that outlive a reload, each reader's apart from all others'."""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, Field

from rag.contract import AnswerOut, TurnIn
from rag.search.places import PlaceNames
from rag.settings import Engine
from rag.types import Kind, Language, Query, Turn

_FILE = "conversations.sqlite3"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, reader TEXT NOT NULL, title TEXT NOT NULL, begun TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_reader ON conversations (reader);
CREATE TABLE IF NOT EXISTS exchanges (
    id TEXT PRIMARY KEY, conversation TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_conversation ON exchanges (conversation);
CREATE TABLE IF NOT EXISTS choices (reader TEXT PRIMARY KEY, body TEXT NOT NULL);
"""


def new_id() -> str:
    """A name that nobody guesses: 128 random bits, in hexadecimal."""
    return secrets.token_hex(16)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class Choices(BaseModel):
    """What a reader chose in the settings; None leaves it to the server's own."""

    engine: Engine = "auto"
    passages: int | None = Field(default=None, ge=1, le=50)


class Understood(BaseModel):
    """How a question was understood, for showing it and for changing it.

    `places` are identities, `english` their names in English; `subject` is what is asked for,
    without places and years.
    """

    language: Language
    places: list[str]
    english: list[str]
    unknown_places: list[str]
    years: list[int]
    kind: Kind | None
    subject: str

    @classmethod
    def of(cls, query: Query, names: PlaceNames) -> Understood:
        """From the project's own value."""
        return cls(
            language=query.language,
            places=list(query.places),
            english=[names.english(place) for place in query.places],
            unknown_places=list(query.unknown_places),
            years=list(query.years),
            kind=query.kind,
            subject=query.subject,
        )


class Exchange(BaseModel):
    """A question with its finished answer. `time` is UTC in ISO 8601."""

    id: str = Field(default_factory=new_id)
    question: str
    understood: Understood
    answer: AnswerOut
    time: str = Field(default_factory=_now)


class Conversation(BaseModel):
    """A conversation in a list of them; its title is its first question."""

    id: str
    title: str
    begun: str


def history_of(exchanges: Sequence[Exchange]) -> list[Turn]:
    """What a follow-up question is understood from."""
    return [
        turn
        for exchange in exchanges
        for turn in (Turn("user", exchange.question), Turn("assistant", exchange.answer.answer))
    ]


def turns_before(exchanges: Sequence[Exchange], id_: str) -> list[TurnIn]:
    """The conversation up to one of its exchanges, without it."""
    position = next((i for i, exchange in enumerate(exchanges) if exchange.id == id_), 0)
    return [TurnIn(role=t.role, content=t.content) for t in history_of(exchanges[:position])]


class ConversationStore:
    """Conversations in the corpus's folder. `reader` is the random name of a browser; nobody sees
    what another reader asked. Safe to use from several threads."""

    def __init__(self, data_dir: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(data_dir / _FILE, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def add(self, reader: str, conversation: str, exchange: Exchange) -> None:
        """Keep an exchange; a conversation begins with its first one. What would go into another
        reader's conversation is not kept."""
        with self._lock, self._connection as db:
            db.execute(
                "INSERT OR IGNORE INTO conversations VALUES (?, ?, ?, ?)",
                (conversation, reader, exchange.question[:200], exchange.time),
            )
            if self._owner(conversation) == reader:
                db.execute(
                    "INSERT INTO exchanges VALUES (?, ?, ?)",
                    (exchange.id, conversation, exchange.model_dump_json()),
                )

    def exchanges(self, reader: str, conversation: str) -> list[Exchange]:
        """A conversation from its beginning; empty if this reader has none of that name."""
        with self._lock:
            if self._owner(conversation) != reader:
                return []
            rows = self._connection.execute(
                "SELECT body FROM exchanges WHERE conversation = ? ORDER BY rowid", (conversation,)
            ).fetchall()
        return [Exchange.model_validate_json(body) for (body,) in rows]

    def containing(self, reader: str, exchange: str) -> list[Exchange]:
        """The conversation that an exchange stands in; empty if it is not this reader's."""
        with self._lock:
            found = self._connection.execute(
                "SELECT conversation FROM exchanges WHERE id = ?", (exchange,)
            ).fetchone()
        return self.exchanges(reader, found[0]) if found else []

    def conversations(self, reader: str) -> list[Conversation]:
        """A reader's conversations, the newest first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT id, title, begun FROM conversations WHERE reader = ? ORDER BY rowid DESC",
                (reader,),
            ).fetchall()
        return [Conversation(id=id_, title=title, begun=begun) for id_, title, begun in rows]

    def remove(self, reader: str, conversation: str) -> None:
        """Forget a conversation of this reader."""
        with self._lock, self._connection as db:
            if self._owner(conversation) == reader:
                db.execute("DELETE FROM exchanges WHERE conversation = ?", (conversation,))
                db.execute("DELETE FROM conversations WHERE id = ?", (conversation,))

    def choices(self, reader: str) -> Choices:
        """What this reader chose in the settings."""
        with self._lock:
            row = self._connection.execute(
                "SELECT body FROM choices WHERE reader = ?", (reader,)
            ).fetchone()
        return Choices.model_validate_json(row[0]) if row else Choices()

    def choose(self, reader: str, choices: Choices) -> None:
        """Keep a reader's settings."""
        with self._lock, self._connection as db:
            db.execute(
                "INSERT OR REPLACE INTO choices VALUES (?, ?)", (reader, choices.model_dump_json())
            )

    def _owner(self, conversation: str) -> str | None:
        row = self._connection.execute(
            "SELECT reader FROM conversations WHERE id = ?", (conversation,)
        ).fetchone()
        return None if row is None else str(row[0])
