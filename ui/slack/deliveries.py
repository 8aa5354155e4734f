"""What was asked in Slack and how far its answer is: one SQLite file that several processes share.

A question goes from `received` over `answering` to `answered` (or `failed`, `refused`,
`cancelled`). Who answers holds a lease; of a process that died it runs out, and another goes on
from what is written here. Every write of a holder names its attempt, so that one that lost its
lease can no longer write. `early` are messages of a thread that nobody asked in so far: Slack does
not keep the order, the mention that opens the thread may be on its way. They are forgotten soon.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from rag.contract import TurnIn
from rag.errors import ReportQAError
from rag.types import Language
from ui.slack.kept import KeptAnswer

Kind = Literal["message", "command", "home", "again", "language", "share"]
Acceptance = Literal["new", "early", "duplicate", "too_many", "full"]

LEASE_SECONDS = 10.0
NOTICE_SECONDS = 8.0
"""How long a question may wait until it has been said that it is being worked on."""
_EARLY_SECONDS = 120.0
_KEPT_SECONDS = 30 * 86_400.0
_BUSY_SECONDS = 10.0
_FILE = "slack.sqlite3"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS questions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  channel TEXT NOT NULL,
  thread TEXT NOT NULL,
  ts TEXT NOT NULL,
  user TEXT NOT NULL,
  text TEXT NOT NULL,
  language TEXT NOT NULL,
  private INTEGER NOT NULL,
  response_url TEXT NOT NULL,
  parent INTEGER,
  state TEXT NOT NULL,
  received REAL NOT NULL,
  not_before REAL NOT NULL DEFAULT 0,
  attempt INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  lease REAL NOT NULL DEFAULT 0,
  noticed INTEGER NOT NULL DEFAULT 0,
  posted TEXT NOT NULL DEFAULT '[]',
  answer TEXT
);
CREATE INDEX IF NOT EXISTS questions_open ON questions (state, id);
CREATE INDEX IF NOT EXISTS questions_thread ON questions (channel, thread);
CREATE INDEX IF NOT EXISTS questions_user ON questions (user, received);
"""
_CLAIM = """
UPDATE questions SET crashes = crashes + (state = 'answering'), state = 'answering',
  attempt = attempt + 1, lease = :now + :lease
WHERE id = (
  SELECT id FROM questions AS q
  WHERE (state = 'received' AND not_before <= :now OR state = 'answering' AND lease < :now)
    AND NOT EXISTS (
      SELECT 1 FROM questions AS before
      WHERE before.channel = q.channel AND before.thread = q.thread AND q.thread != ''
        AND before.state IN ('received', 'answering')
        AND CAST(before.ts AS REAL) < CAST(q.ts AS REAL))
  ORDER BY id LIMIT 1)
RETURNING *
"""


class LeaseLostError(Exception):
    """Another process or thread has taken the question over; what was done for it is void."""


@dataclass(frozen=True)
class Asked:
    """A question as it comes in.

    `key` is its identity, the same for all deliveries of it. `thread` is the timestamp of the
    thread to answer in, "" for a new message in the channel. `language` is that of the answer, ""
    for that of the question. `parent` is the answer that it comes from. A private answer goes to
    `response_url`. `answer` is there from the start if nothing needs to be found out.
    """

    key: str
    kind: Kind
    channel: str
    user: str
    text: str
    thread: str = ""
    ts: str = "0"
    language: Language | Literal[""] = ""
    private: bool = False
    response_url: str = ""
    parent: int | None = None
    answer: KeptAnswer | None = None


@dataclass(frozen=True)
class Question(Asked):
    """A question that was taken up. `noticed`: a notice may stand in the place of its answer.
    `posted` are the timestamps of the messages of its answer."""

    id: int = 0
    received: float = 0.0
    attempt: int = 0
    crashes: int = 0
    noticed: bool = False
    posted: tuple[str, ...] = ()


class Deliveries:
    """The store. Safe to use from several threads and processes."""

    def __init__(self, data_dir: Path) -> None:
        """Raises ReportQAError if the file cannot be made or is no database."""
        self._lock = threading.RLock()
        path = data_dir / _FILE
        try:
            path.touch(mode=0o600)
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            self._connection.execute("PRAGMA journal_mode = WAL")
            # Survives the death of a process; waiting for the disk each time could take a second.
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise ReportQAError(
                f"{path} cannot be used ({error}); choose another --data-dir, or move it away."
            ) from error

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._connection.close()

    def accept(
        self, asked: Asked, event: str, *, a_minute: int, waiting: int, early: bool = False
    ) -> tuple[Acceptance, Question | None]:
        """Take a question up once, however often it is delivered.

        `event` is the id of this delivery. `a_minute` is how many questions a user may ask within
        a minute, `waiting` how many may wait. `early`: only if its thread becomes known.
        """
        now = time.time()
        with self._transaction() as run:
            if not self._is_first(run, event, now):
                return "duplicate", None
            if run("SELECT 1 FROM questions WHERE key = ?", asked.key).fetchone():
                return "duplicate", None
            verdict: Acceptance = "new"
            if early and not self._knows(run, asked.channel, asked.thread):
                verdict = "early"
            elif self._asked_since(run, asked.user, now - 60) >= a_minute:
                verdict = "too_many"
            elif self._open_count(run) >= waiting:
                verdict = "full"
            state = {"new": "received", "early": "early"}.get(verdict, "refused")
            row = self._insert(run, asked, state, now)
            if verdict == "new" and asked.thread:
                run(
                    "UPDATE questions SET state = 'received', not_before = 0 "
                    "WHERE channel = ? AND thread = ? AND state = 'early'",
                    *(asked.channel, asked.thread),
                )
            return verdict, row

    def is_first(self, event: str) -> bool:
        """Whether this is the first time that an event is seen; from now on it is not."""
        with self._transaction() as run:
            return self._is_first(run, event, time.time())

    def cancel(self, key: str) -> None:
        """Forget a question that nobody has begun to answer: its message was deleted."""
        with self._transaction() as run:
            run(
                "UPDATE questions SET state = 'cancelled', text = '' "
                "WHERE key = ? AND state IN ('early', 'received')",
                key,
            )

    def claim(self) -> Question | None:
        """The oldest question that waits, with a lease on it; those of one thread in order."""
        with self._transaction():
            values = {"now": time.time(), "lease": LEASE_SECONDS}
            row = self._connection.execute(_CLAIM, values).fetchone()
            return _question(row) if row else None

    def renew(self, held: Question) -> None:
        """Hold the lease a while longer. Raises LeaseLostError."""
        self._write(held, "lease = ?", time.time() + LEASE_SECONDS)

    def keep(self, held: Question, answer: KeptAnswer) -> None:
        """Keep the answer; from here on it only needs sending. Raises LeaseLostError."""
        self._write(held, "answer = ?", answer.model_dump_json())

    def note_posted(self, held: Question, posted: tuple[str, ...], thread: str) -> None:
        """Keep which messages were sent, and in which thread. Raises LeaseLostError."""
        self._write(held, "posted = ?, thread = ?", json.dumps(posted), thread)

    def finish(self, held: Question, state: Literal["answered", "failed"]) -> None:
        """Done with. Raises LeaseLostError."""
        self._write(held, "state = ?, response_url = ''", state)

    def put_back(self, held: Question, seconds: float) -> None:
        """Have it taken up again after a while. Raises LeaseLostError."""
        self._write(held, "state = 'received', not_before = ?", time.time() + seconds)

    def replace_answer(self, held: Question, answer: KeptAnswer) -> None:
        """Take a question away from its holder and have `answer` sent. Raises LeaseLostError."""
        self._write(
            held,
            "answer = ?, state = 'received', not_before = 0, attempt = attempt + 1",
            answer.model_dump_json(),
        )

    def begin_notice(self, id_: int) -> bool:
        """Whether a notice may be posted where the answer will be: nobody has begun to answer."""
        with self._transaction() as run:
            found = run(
                "UPDATE questions SET noticed = 1 WHERE id = ? AND state = 'received' "
                "AND attempt = 0",
                id_,
            )
            return bool(found.rowcount)

    def announced(self, id_: int, posted: tuple[str, ...] = ()) -> bool:
        """It has been said that the question is worked on, in the message `posted` if any.

        False if answering has begun meanwhile; `posted` is then not known to who answers.
        """
        with self._transaction() as run:
            found = run(
                "UPDATE questions SET not_before = 0, posted = ? "
                "WHERE id = ? AND state = 'received' AND attempt = 0",
                *(json.dumps(posted), id_),
            )
            return bool(found.rowcount)

    def ahead_of(self, id_: int) -> int:
        """How many questions that came before are not answered yet."""
        with self._transaction() as run:
            found = run(
                "SELECT COUNT(*) FROM questions WHERE id < ? "
                "AND state IN ('received', 'answering')",
                id_,
            )
            return int(found.fetchone()[0])

    def find(self, id_: int) -> Question | None:
        """A question by its id, None if it is no longer kept."""
        with self._transaction() as run:
            row = run("SELECT * FROM questions WHERE id = ?", id_).fetchone()
            return _question(row) if row else None

    def history(self, asked: Question) -> list[TurnIn]:
        """What was said before in the conversation of a question, oldest first."""
        if asked.parent is not None:
            parent = self.find(asked.parent)
            return parent.answer.history if parent and parent.answer else []
        if not asked.thread:
            return []
        with self._transaction() as run:
            rows = run(
                "SELECT answer FROM questions WHERE channel = ? AND thread = ? "
                "AND state = 'answered' AND kind IN ('message', 'home', 'share') "
                "AND CAST(ts AS REAL) < CAST(? AS REAL) ORDER BY CAST(ts AS REAL)",
                *(asked.channel, asked.thread, asked.ts),
            ).fetchall()
        turns: list[TurnIn] = []
        for row in rows:
            kept = KeptAnswer.model_validate_json(row["answer"])
            if kept.answer.status != "failed":
                turns += kept.conversation[len(kept.history) :]
        return turns

    def tidy(self) -> None:
        """Forget early messages that stayed alone, and what is a month old."""
        now = time.time()
        with self._transaction() as run:
            run(
                "DELETE FROM questions WHERE state = 'early' AND received < ?", now - _EARLY_SECONDS
            )
            run("DELETE FROM questions WHERE received < ?", now - _KEPT_SECONDS)
            run("DELETE FROM seen WHERE at < ?", now - _KEPT_SECONDS)

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        """Yields a function of (SQL, values…); all of it happens or nothing."""

        def run(sql: str, *values: object) -> sqlite3.Cursor:
            return self._connection.execute(sql, values)

        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield run
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _write(self, held: Question, change: str, *values: object) -> None:
        with self._transaction() as run:
            found = run(
                f"UPDATE questions SET {change} "
                "WHERE id = ? AND attempt = ? AND state = 'answering'",
                *(*values, held.id, held.attempt),
            )
            if found.rowcount != 1:
                raise LeaseLostError

    @staticmethod
    def _is_first(run: Any, event: str, now: float) -> bool:
        return bool(run("INSERT OR IGNORE INTO seen VALUES (?, ?)", event, now).rowcount)

    @staticmethod
    def _knows(run: Any, channel: str, thread: str) -> bool:
        found = run(
            "SELECT 1 FROM questions WHERE channel = ? AND thread = ? "
            "AND state IN ('received', 'answering', 'answered', 'failed') LIMIT 1",
            *(channel, thread),
        )
        return found.fetchone() is not None

    @staticmethod
    def _asked_since(run: Any, user: str, since: float) -> int:
        found = run(
            "SELECT COUNT(*) FROM questions WHERE user = ? AND received > ? "
            "AND state NOT IN ('early', 'refused') AND kind != 'share'",
            *(user, since),
        )
        return int(found.fetchone()[0])

    @staticmethod
    def _open_count(run: Any) -> int:
        found = run("SELECT COUNT(*) FROM questions WHERE state IN ('received', 'answering')")
        return int(found.fetchone()[0])

    @staticmethod
    def _insert(run: Any, asked: Asked, state: str, now: float) -> Question:
        answer = asked.answer.model_dump_json() if asked.answer else None
        if state == "refused":  # kept only to know it again
            asked = replace(asked, text="", response_url="")
        row = run(
            "INSERT INTO questions (key, kind, channel, thread, ts, user, text, language, private, "
            "response_url, parent, state, received, not_before, answer) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            *(asked.key, asked.kind, asked.channel, asked.thread, asked.ts, asked.user),
            *(asked.text, asked.language, asked.private, asked.response_url, asked.parent),
            *(state, now, now + NOTICE_SECONDS, answer),
        ).fetchone()
        return _question(row)


def _question(row: sqlite3.Row) -> Question:
    return Question(
        key=row["key"],
        kind=row["kind"],
        channel=row["channel"],
        user=row["user"],
        text=row["text"],
        thread=row["thread"],
        ts=row["ts"],
        language=row["language"],
        private=bool(row["private"]),
        response_url=row["response_url"],
        parent=row["parent"],
        answer=KeptAnswer.model_validate_json(row["answer"]) if row["answer"] else None,
        id=row["id"],
        received=row["received"],
        attempt=row["attempt"],
        crashes=row["crashes"],
        noticed=bool(row["noticed"]),
        posted=tuple(json.loads(row["posted"])),
    )
