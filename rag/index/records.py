"""Reports, paragraphs and chunks in SQLite: what a vector or a BM25 score stands for.

Chunks are numbered from 0 within each of two granularities, `chunk` (a few sentences) and
`paragraph` (the whole of it); these numbers are the positions in the lexical index.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from rag.errors import DamagedIndexError
from rag.types import Paragraph, Place, ReportInfo

Granularity = Literal["chunk", "paragraph"]
GRANULARITIES: tuple[Granularity, ...] = ("chunk", "paragraph")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS reports (
    id TEXT PRIMARY KEY, info TEXT, fingerprint TEXT, origin TEXT, dropped TEXT);
CREATE TABLE IF NOT EXISTS paragraphs (
    report TEXT, number INTEGER, text TEXT, section TEXT, kind TEXT, period TEXT,
    is_heading INTEGER, PRIMARY KEY (report, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sentences (
    report TEXT, number INTEGER, vectors BLOB, PRIMARY KEY (report, number));
CREATE TABLE IF NOT EXISTS units (
    granularity TEXT, position INTEGER, id TEXT, report TEXT, number INTEGER,
    start INTEGER, end INTEGER, digest TEXT, words TEXT);
CREATE INDEX IF NOT EXISTS units_by_report ON units (report);
CREATE INDEX IF NOT EXISTS units_by_position ON units (granularity, position);
CREATE INDEX IF NOT EXISTS units_by_id ON units (granularity, id);
"""


@dataclass(frozen=True)
class StoredReport:
    """A report of the index: what it is, where it came from, and what its content hashes to."""

    info: ReportInfo
    fingerprint: str
    origin: str
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class Unit:
    """What is embedded and indexed: a run of characters of a paragraph.

    `digest` is the SHA-256 of the embedded text: equal digests have equal vectors.
    """

    id: str
    report: str
    number: int
    start: int
    end: int
    digest: str
    words: str

    @property
    def anchor(self) -> str:
        """The anchor of its paragraph."""
        return f"{self.report}#p{self.number}"


class Records:
    """The SQLite file of one generation of the index. Safe to read from several threads.

    Reading raises DamagedIndexError if the file is broken.
    """

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        self._path = path
        self._lock = threading.Lock()
        if writable:
            self._connection = sqlite3.connect(path, check_same_thread=False)
            self._connection.executescript(_SCHEMA)
        else:
            uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
            self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)

    def close(self) -> None:
        """Commit what was written and let go of the file."""
        with self._lock:
            self._connection.commit()
            self._connection.close()

    def reports(self) -> list[StoredReport]:
        """All reports, by id."""
        rows = self._query("SELECT info, fingerprint, origin, dropped FROM reports ORDER BY id")
        return [
            StoredReport(_info(json.loads(info)), fingerprint, origin, tuple(json.loads(dropped)))
            for info, fingerprint, origin, dropped in rows
        ]

    def paragraphs(self, report: str) -> list[Paragraph]:
        """All paragraphs of a report in order; empty if there is no such report."""
        return self._paragraphs("WHERE report = ? ORDER BY number", (report,))

    def paragraphs_at(self, places: Sequence[tuple[str, int]]) -> dict[str, Paragraph]:
        """Anchor → paragraph, for (report, number) pairs."""
        found = []
        for report, number in places:
            found += self._paragraphs("WHERE report = ? AND number = ?", (report, number))
        return {paragraph.anchor: paragraph for paragraph in found}

    def sentences_at(self, places: Sequence[tuple[str, int]]) -> dict[str, bytes]:
        """Anchor → the vectors of its sentences (see rag.index.sentences), for (report, number)
        pairs; only of indexed paragraphs."""
        found = {}
        for report, number in places:
            rows = self._query(
                "SELECT vectors FROM sentences WHERE report = ? AND number = ?", (report, number)
            )
            found.update({f"{report}#p{number}": row[0] for row in rows})
        return found

    def units(self, granularity: Granularity) -> list[Unit]:
        """All units of a granularity by position."""
        rows = self._query(
            "SELECT id, report, number, start, end, digest, words FROM units "
            "WHERE granularity = ? ORDER BY position",
            (granularity,),
        )
        return [Unit(*row) for row in rows]

    def unit_texts(self) -> Iterator[str]:
        """The text of each indexed paragraph, by position."""
        rows = self._query(
            "SELECT paragraphs.text FROM units JOIN paragraphs USING (report, number) "
            "WHERE granularity = 'paragraph' ORDER BY position"
        )
        return (row[0] for row in rows)

    def positions(self, granularity: Granularity, ids: Iterable[str]) -> dict[str, int]:
        """Unit id → its position in the lexical index."""
        wanted = list(ids)
        marks = ",".join("?" * len(wanted))
        return dict(
            self._query(
                f"SELECT id, position FROM units WHERE granularity = ? AND id IN ({marks})",
                (granularity, *wanted),
            )
        )

    def units_at(self, granularity: Granularity, positions: Iterable[int]) -> dict[int, Unit]:
        """Position → unit (without its words)."""
        wanted = [int(position) for position in positions]
        marks = ",".join("?" * len(wanted))
        rows = self._query(
            f"SELECT position, id, report, number, start, end, digest, '' FROM units "
            f"WHERE granularity = ? AND position IN ({marks})",
            (granularity, *wanted),
        )
        return {row[0]: Unit(*row[1:]) for row in rows}

    def counts(self) -> dict[str, int]:
        """Number of reports, paragraphs, and units of each granularity."""
        counts = {
            table: int(self._query(f"SELECT COUNT(*) FROM {table}")[0][0])
            for table in ("reports", "paragraphs")
        }
        for granularity in GRANULARITIES:
            sql = "SELECT COUNT(*) FROM units WHERE granularity = ?"
            counts[f"{granularity} units"] = int(self._query(sql, (granularity,))[0][0])
        return counts

    def remove(self, report: str) -> None:
        """Forget a report with all that belongs to it."""
        self._connection.execute("DELETE FROM reports WHERE id = ?", (report,))
        for table in ("paragraphs", "sentences", "units"):
            self._connection.execute(f"DELETE FROM {table} WHERE report = ?", (report,))

    def add(
        self,
        report: StoredReport,
        paragraphs: Iterable[Paragraph],
        sentences: dict[int, bytes],
        units: dict[Granularity, list[Unit]],
    ) -> None:
        """Add a report that is not there. `sentences` holds the vectors by paragraph number."""
        execute = self._connection.execute
        execute(
            "INSERT INTO reports VALUES (?, ?, ?, ?, ?)",
            (
                report.info.id,
                json.dumps(asdict(report.info), ensure_ascii=False),
                report.fingerprint,
                report.origin,
                json.dumps(report.dropped, ensure_ascii=False),
            ),
        )
        self._connection.executemany(
            "INSERT INTO paragraphs VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (p.report, p.number, p.text, json.dumps(p.section, ensure_ascii=False), p.kind,
                 p.period, p.is_heading)
                for p in paragraphs
            ],
        )  # fmt: skip
        self._connection.executemany(
            "INSERT INTO sentences VALUES (?, ?, ?)",
            [(report.info.id, number, vectors) for number, vectors in sentences.items()],
        )
        for granularity, rows in units.items():
            self._connection.executemany(
                "INSERT INTO units VALUES (?, -1, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (granularity, u.id, u.report, u.number, u.start, u.end, u.digest, u.words)
                    for u in rows
                ],
            )

    def set_words(self, granularity: Granularity, words: Iterable[tuple[str, str]]) -> None:
        """Replace the words of units, given as (words, unit id)."""
        self._connection.executemany(
            f"UPDATE units SET words = ? WHERE granularity = '{granularity}' AND id = ?", words
        )

    def number_units(self) -> None:
        """Give every unit its position: by report, paragraph and offset."""
        for granularity in GRANULARITIES:
            self._connection.execute(
                "UPDATE units SET position = ordered.position FROM (SELECT rowid AS unit, "
                "ROW_NUMBER() OVER (ORDER BY report, number, start) - 1 AS position FROM units "
                "WHERE granularity = ?) AS ordered WHERE units.rowid = ordered.unit",
                (granularity,),
            )

    def _paragraphs(self, where: str, values: tuple[Any, ...]) -> list[Paragraph]:
        rows = self._query(
            "SELECT report, number, text, section, kind, period, is_heading FROM paragraphs "
            + where,
            values,
        )
        return [
            Paragraph(report, number, text, tuple(json.loads(section)), kind, period, bool(heading))
            for report, number, text, section, kind, period, heading in rows
        ]

    def _query(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        try:
            with self._lock:
                return self._connection.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise DamagedIndexError(self._path) from error


def _info(raw: dict[str, Any]) -> ReportInfo:
    place = raw.pop("place")
    raw["inferred"], raw["remarks"] = tuple(raw["inferred"]), tuple(raw["remarks"])
    return ReportInfo(place=Place(place["zh"], place["en"], tuple(place["also"])), **raw)
