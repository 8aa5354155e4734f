"""The index on disk: immutable generations, one of which is current.

    data_dir/CURRENT               the name of the current generation
    data_dir/generations/<n>/      manifest.json, records.sqlite3, vectors/, lexical/
    data_dir/originals/            a copy of every ingested file with its catalogue entry

A new generation is built beside the old one and becomes current by renaming one small file, so
that a process killed at any moment leaves a usable index, and a reader in another process never
sees half of a change (Chroma itself would not show it the change at all).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from rag.errors import DamagedIndexError, IndexingError
from rag.index.chunk import CHUNKER_VERSION
from rag.index.embed import Vectors
from rag.index.lexical import Group, LexicalIndex, Scores
from rag.index.records import GRANULARITIES, Granularity, Records, StoredReport, Unit
from rag.index.sentences import similarities
from rag.index.vectors import VectorStore
from rag.types import Paragraph, ReportInfo

CURRENT, GENERATIONS, ORIGINALS, MANIFEST = "CURRENT", "generations", "originals", "manifest.json"
LEXICAL, PAIRS = "lexical", "pairs"  # lexical/<granularity> holds words
_REBUILD = "run: report-qa ingest --rebuild"
_CHROMA_DATABASE = "chroma.sqlite3"


@dataclass(frozen=True)
class Signature:
    """What made an index. One made by other parts is never searched."""

    embedding_model: str
    parser: int
    chunker: int = CHUNKER_VERSION

    def difference(self, other: Signature) -> str:
        """In words, or "" if there is none."""
        pairs = zip(asdict(self).items(), asdict(other).values(), strict=True)
        return ", ".join(
            f"{name.replace('_', ' ')} {mine}, not {theirs}"
            for (name, mine), theirs in pairs
            if mine != theirs
        )


@dataclass(frozen=True)
class Manifest:
    """The contents of a generation, to tell at opening whether something is missing.

    `files` holds their sizes in bytes; Chroma's own database may change its size by itself.
    """

    signature: Signature
    counts: dict[str, int]
    vocabulary: str
    files: dict[str, int]

    def write(self, folder: Path) -> None:
        """As JSON, flushed to disk."""
        with (folder / MANIFEST).open("w", encoding="utf-8") as stream:
            json.dump(asdict(self), stream, ensure_ascii=False, indent=1)
            stream.flush()
            os.fsync(stream.fileno())

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Raises DamagedIndexError if it or a file it lists is missing or broken."""
        try:
            raw = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            manifest = cls(Signature(**raw.pop("signature")), **raw)
            changed = [
                name
                for name, size in manifest.files.items()
                if (folder / name).stat().st_size != size and not name.endswith(_CHROMA_DATABASE)
            ]
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise DamagedIndexError(folder) from error
        if changed:
            raise DamagedIndexError(folder)
        return manifest


def current_generation(data_dir: Path) -> Path | None:
    """The folder of the current generation, or None if nothing was ingested yet."""
    try:
        name = (data_dir / CURRENT).read_text(encoding="utf-8").strip()
    except OSError:
        return None
    except UnicodeDecodeError:
        name = ""
    return data_dir / GENERATIONS / (name or "missing")


def make_current(data_dir: Path, generation: Path) -> None:
    """Switch readers to `generation`, and remove all but it and the one before."""
    before = current_generation(data_dir)
    scratch = data_dir / f".{CURRENT}.{os.getpid()}"
    with scratch.open("w", encoding="utf-8") as stream:
        stream.write(generation.name)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(scratch, data_dir / CURRENT)
    for other in (data_dir / GENERATIONS).iterdir():
        if other not in (generation, before):
            shutil.rmtree(other, ignore_errors=True)


class Index:
    """A generation opened for searching. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Raises DamagedIndexError if files of the generation are missing or broken."""
        self.folder = folder
        self.manifest = Manifest.read(folder)
        self._records = Records(folder / "records.sqlite3")
        self.reports: dict[str, StoredReport] = {r.info.id: r for r in self._records.reports()}

    @cached_property
    def _vectors(self) -> VectorStore:
        vectors = VectorStore(self.folder / "vectors")
        if any(vectors.count(g) != self.size(g) for g in GRANULARITIES):
            raise DamagedIndexError(self.folder)
        return vectors

    @cached_property
    def _lexical(self) -> dict[str, LexicalIndex]:
        names = (*GRANULARITIES, PAIRS)
        return {name: LexicalIndex.load(self.folder / LEXICAL / name) for name in names}

    def infos(self) -> list[ReportInfo]:
        """What the reports are, by id."""
        return [report.info for report in self.reports.values()]

    def size(self, granularity: Granularity) -> int:
        """Number of units."""
        return self.manifest.counts[f"{granularity} units"]

    def paragraphs(self, report: str) -> list[Paragraph]:
        """The paragraphs of a report in order."""
        return self._records.paragraphs(report)

    def paragraphs_at(self, places: Sequence[tuple[str, int]]) -> dict[str, Paragraph]:
        """Anchor → paragraph, for (report, number) pairs."""
        return self._records.paragraphs_at(places)

    def similarities(
        self, paragraphs: Sequence[Paragraph], question: Vectors
    ) -> dict[str, dict[tuple[int, int], float]]:
        """Anchor → the cosine of each of its sentences and clauses, by offsets, to a question's
        vector (see rag.index.sentences)."""
        texts = {p.anchor: p.text for p in paragraphs}
        stored = self._records.sentences_at([(p.report, p.number) for p in paragraphs])
        return {anchor: similarities(texts[anchor], stored[anchor], question) for anchor in stored}

    def units_at(self, granularity: Granularity, positions: Iterable[int]) -> dict[int, Unit]:
        """Position → unit."""
        return self._records.units_at(granularity, positions)

    def nearest(self, granularity: Granularity, vector: Vectors, n: int) -> dict[int, float]:
        """Position → cosine of the `n` nearest units."""
        found = self._vectors.nearest(granularity, vector, n)
        positions = self._records.positions(granularity, found)
        return {positions[id_]: cosine for id_, cosine in found.items()}

    def cosines(
        self, granularity: Granularity, vector: Vectors, positions: Sequence[int]
    ) -> dict[int, float]:
        """Position → cosine, for given units."""
        units = self.units_at(granularity, positions)
        vectors = self._vectors.get(granularity, [unit.id for unit in units.values()])
        return {
            position: float(vectors[unit.id] @ vector)
            for position, unit in units.items()
            if unit.id in vectors
        }

    def words(self, granularity: Granularity, groups: Iterable[Group]) -> Scores:
        """BM25 by position: the sum over groups of the best alternative of each."""
        return self._lexical[granularity].scores(groups)

    def pairs(self, groups: Iterable[Group]) -> Scores:
        """The same over the pairs of characters of paragraphs, by their positions."""
        return self._lexical[PAIRS].scores(groups)

    def vocabulary(self) -> Iterable[str]:
        """Every word of the reports."""
        return self._lexical["paragraph"].vocabulary()

    def inverse_frequency(self, word: str) -> float:
        """How telling a word is: its BM25 idf over whole paragraphs."""
        return self._lexical["paragraph"].inverse_frequency(word)


def open_index(data_dir: Path, signature: Signature) -> Index:
    """The current index. Raises IndexingError if there is none or other parts made it."""
    folder = current_generation(data_dir)
    if folder is None:
        raise IndexingError(f"There is no index in {data_dir} yet; run: report-qa ingest seeds")
    index = Index(folder)
    if difference := index.manifest.signature.difference(signature):
        raise IndexingError(
            f"The index in {data_dir} was made by other parts ({difference}); {_REBUILD}"
        )
    return index
