"""Report files into a new generation of the index, re-embedding only what changed."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import yaml
from filelock import FileLock, Timeout

from rag.corpus.catalogue import CATALOGUE_NAME, Entry, load_catalogue, slug
from rag.corpus.parse import PARSER_VERSION, parse_file
from rag.corpus.read import SUFFIXES, read_bytes
from rag.errors import CorpusError, DamagedIndexError, IndexingError
from rag.index.chunk import chunk_paragraph, is_indexed, whole_paragraph
from rag.index.embed import Embedder, Vectors
from rag.index.lexical import LexicalIndex, Tokenizer, character_pairs
from rag.index.records import GRANULARITIES, Granularity, Records, StoredReport, Unit
from rag.index.sentences import packed
from rag.index.store import (
    GENERATIONS,
    LEXICAL,
    MANIFEST,
    ORIGINALS,
    PAIRS,
    Manifest,
    Signature,
    current_generation,
    make_current,
)
from rag.index.vectors import VectorStore
from rag.types import Chunk, Report, ReportInfo

ORIGIN = "origin"  # beside a kept original: where it came from
Progress = Callable[[str, int, int], None]
"""Told (stage, done, total)."""


@dataclass(frozen=True)
class Source:
    """A file to ingest with its catalogue entry, if it has one.

    `origin` is where a kept original came from.
    """

    path: Path
    info: ReportInfo | None
    origin: str = ""

    @property
    def place(self) -> str:
        """Where the report came from."""
        return self.origin or str(self.path)

    @property
    def fingerprint(self) -> str:
        """Changes when the file, its entry or its place changes. Raises CorpusError if the file
        cannot be read."""
        said = f"{self.place}\n{self.info}".encode()
        return hashlib.sha256(read_bytes(self.path) + said).hexdigest()


@dataclass(frozen=True)
class IngestResult:
    """What an ingest did: report ids, and numbers over the whole index."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    embedded: int = 0
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What is to be in the next generation."""

    parsed: dict[str, tuple[Report, Source, str]]
    keep: dict[str, StoredReport]
    remove: tuple[str, ...]


def find_sources(paths: Iterable[Path]) -> list[Source]:
    """The report files of files and folders (searched to any depth), with their entries.

    Raises CorpusError if a path does not exist or a folder holds no report.
    """
    sources: dict[Path, Source] = {}
    for path in paths:
        if path.is_file():
            files = [path] if path.name != CATALOGUE_NAME else []
        elif path.is_dir():
            files = sorted(
                file
                for file in path.rglob("*")
                if file.suffix.lower() in SUFFIXES and file.is_file()
                and not any(part.startswith(".") for part in file.relative_to(path).parts)
                and file.stem.upper() not in ("README", "LICENSE")
            )  # fmt: skip
            if not files:
                raise CorpusError(
                    f"{path} holds no report; put files ending in {' or '.join(SUFFIXES)} there."
                )
        else:
            raise CorpusError(f"{path} does not exist; name a report file or a folder of reports.")
        catalogues = {folder: load_catalogue(folder) for folder in {file.parent for file in files}}
        for file in files:
            sources[file.resolve()] = Source(file.resolve(), catalogues[file.parent].get(file.name))
    if not sources:
        raise CorpusError(
            "There is no report among these files; name a report or a folder of them."
        )
    return list(sources.values())


class Ingester:
    """Brings the index in `data_dir` up to date with report files."""

    def __init__(
        self,
        data_dir: Path,
        embedder: Embedder,
        terms: Sequence[str],
        cache_dir: Path | None = None,
    ) -> None:
        """`terms` are the domain's words for the tokenizer; `cache_dir` keeps its compiled
        dictionary."""
        self._data_dir = data_dir
        self._embedder = embedder
        self._terms = terms
        self._cache_dir = cache_dir

    def ingest(
        self, paths: Sequence[Path], progress: Progress = lambda *_: None, *, rebuild: bool = False
    ) -> IngestResult:
        """Add and update the reports of `paths`; reports that came from a folder among them and
        are gone from it are removed. With `rebuild` everything is made anew, from the given paths
        or, without any, from the kept originals.

        Raises CorpusError or IndexingError; then the index is as it was before.
        """
        with self._locked():
            if rebuild:
                return self._rebuild(paths, progress)
            sources = find_sources(paths)
            folders = [path.resolve() for path in paths if path.is_dir()]
            return self._bring_up_to_date(sources, folders, progress)

    def remove(self, ids: Sequence[str], progress: Progress = lambda *_: None) -> IngestResult:
        """Remove reports by id. Raises CorpusError if one is not there."""
        with self._locked():
            stored = self._stored()
            if unknown := [id_ for id_ in ids if id_ not in stored]:
                raise CorpusError(f"There is no report {unknown[0]!r}; see: report-qa reports")
            keep = {id_: report for id_, report in stored.items() if id_ not in ids}
            return self._build(Plan({}, keep, tuple(ids)), (), progress)

    def _rebuild(self, paths: Sequence[Path], progress: Progress) -> IngestResult:
        sources = find_sources(paths) if paths else []
        named = {source.info.id if source.info else slug(source.path.stem) for source in sources}
        originals = self._data_dir / ORIGINALS
        folders = sorted(originals.iterdir()) if originals.is_dir() else []
        for folder in folders:
            if folder.name not in named:
                note = folder / ORIGIN
                origin = note.read_text(encoding="utf-8") if note.is_file() else ""
                sources += [replace(source, origin=origin) for source in find_sources([folder])]
        if not sources:
            raise CorpusError("There is nothing to rebuild from; run: report-qa ingest seeds")
        return self._bring_up_to_date(sources, [], progress, fresh=True)

    def _bring_up_to_date(
        self,
        sources: Sequence[Source],
        folders: Sequence[Path],
        progress: Progress,
        *,
        fresh: bool = False,
    ) -> IngestResult:
        stored = {} if fresh else self._stored()
        known = {report.fingerprint: report.info.id for report in stored.values()}
        keep = dict(stored)
        parsed: dict[str, tuple[Report, Source, str]] = {}
        failed: list[str] = []
        present: set[str] = set()
        unread: set[str] = set()
        for done, source in enumerate(sources):
            progress("reading", done, len(sources))
            try:
                fingerprint = source.fingerprint
                report = None
                if fingerprint not in known:
                    report = parse_file(source.path, source.info)
            except CorpusError as error:
                failed.append(str(error))
                unread.add(source.place)
                continue
            id_ = report.info.id if report else known[fingerprint]
            if id_ in present:
                failed.append(
                    f"{source.path} has the id {id_!r} of another report; "
                    f"rename the file or give it an entry in {CATALOGUE_NAME}."
                )
                continue
            present.add(id_)
            if report:
                parsed[id_] = (report, source, fingerprint)
                keep.pop(id_, None)
        progress("reading", len(sources), len(sources))
        if failed and not present:
            raise CorpusError("\n".join(failed))
        gone = tuple(
            id_
            for id_, stored_report in keep.items()
            if id_ not in present
            and stored_report.origin not in unread
            and any(Path(stored_report.origin).is_relative_to(folder) for folder in folders)
        )
        for id_ in gone:
            keep.pop(id_)
        return self._build(Plan(parsed, keep, gone), failed, progress, fresh=fresh)

    def _build(
        self, plan: Plan, failed: Sequence[str], progress: Progress, *, fresh: bool = False
    ) -> IngestResult:
        before = None if fresh else current_generation(self._data_dir)
        stored = {} if fresh else self._stored()
        result = IngestResult(
            added=tuple(id_ for id_ in plan.parsed if id_ not in stored),
            changed=tuple(id_ for id_ in plan.parsed if id_ in stored),
            kept=tuple(plan.keep),
            removed=plan.remove,
            failed=tuple(failed),
            inferred=tuple(
                id_ for id_, (r, _, _) in plan.parsed.items() if "id" in r.info.inferred
            ),
        )
        if before and not plan.parsed and not plan.remove:
            return replace(result, counts=Manifest.read(before).counts)
        try:
            embedded, counts = self._make_generation(before, plan, progress)
        except (OSError, sqlite3.OperationalError) as error:
            reason = getattr(error, "strerror", None) or error
            raise IndexingError(
                f"The data folder {self._data_dir} cannot be written ({reason}); "
                "free space there or choose another with --data-dir."
            ) from error
        return replace(result, embedded=embedded, counts=counts)

    def _make_generation(
        self, before: Path | None, plan: Plan, progress: Progress
    ) -> tuple[int, dict[str, int]]:
        """(texts embedded, counts) of the generation that is current from now on."""
        folder = self._new_folder(before)
        try:
            made = _Builder(folder, self._embedder, self._terms, self._cache_dir, progress).build(
                plan, Signature(self._embedder.name, PARSER_VERSION)
            )
            self._keep_originals(plan)
            make_current(self._data_dir, folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return made

    def _stored(self) -> dict[str, StoredReport]:
        """What is indexed now. Raises IndexingError if it was made by other parts."""
        folder = current_generation(self._data_dir)
        if folder is None:
            return {}
        difference = Manifest.read(folder).signature.difference(
            Signature(self._embedder.name, PARSER_VERSION)
        )
        if difference:
            raise IndexingError(
                f"The index in {self._data_dir} was made by other parts ({difference}); "
                "run: report-qa ingest --rebuild"
            )
        records = Records(folder / "records.sqlite3")
        try:
            return {report.info.id: report for report in records.reports()}
        finally:
            records.close()

    def _new_folder(self, before: Path | None) -> Path:
        """A folder for the next generation, holding a copy of the one before."""
        generations = self._data_dir / GENERATIONS
        generations.mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="", dir=generations))
        if before:
            shutil.copytree(before, folder, dirs_exist_ok=True)
            (folder / MANIFEST).unlink()
        return folder

    def _keep_originals(self, plan: Plan) -> None:
        """Copies from which everything can be rebuilt; each report has a folder of its own."""
        for id_ in plan.remove:
            shutil.rmtree(self._data_dir / ORIGINALS / id_, ignore_errors=True)
        for id_, (report, source, _) in plan.parsed.items():
            folder = self._data_dir / ORIGINALS / id_
            folder.mkdir(parents=True, exist_ok=True)
            if source.path.parent != folder:
                with suppress(FileNotFoundError):
                    shutil.rmtree(folder)
                folder.mkdir()
                shutil.copyfile(source.path, folder / source.path.name)
                (folder / ORIGIN).write_text(source.place, encoding="utf-8")
            if source.info:
                entry = Entry.of(report.info, source.path.name).model_dump()
                text = yaml.safe_dump([entry], allow_unicode=True, sort_keys=False)
                (folder / CATALOGUE_NAME).write_text(text, encoding="utf-8")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = FileLock(self._data_dir / ".lock", timeout=0)
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as error:
            raise IndexingError(
                f"Another ingest is running on {self._data_dir}; wait until it has ended."
            ) from error
        except OSError as error:
            raise IndexingError(
                f"The data folder {self._data_dir} cannot be written ({error.strerror}); "
                "choose another with --data-dir."
            ) from error
        try:
            yield
        finally:
            lock.release()


class _Builder:
    """Fills the folder of a new generation."""

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        terms: Sequence[str],
        cache_dir: Path | None,
        progress: Progress,
    ) -> None:
        self._folder = folder
        self._embedder = embedder
        self._terms = terms
        self._cache_dir = cache_dir
        self._progress = progress
        # Importing and loading the model takes seconds in which reports can be cut and tokenised.
        pool = ThreadPoolExecutor(1, thread_name_prefix="embedder")
        self._warming = pool.submit(embedder.warm_up)
        pool.shutdown(wait=False)

    def build(self, plan: Plan, signature: Signature) -> tuple[int, dict[str, int]]:
        """(texts embedded, counts of the finished generation)."""
        records = Records(self._folder / "records.sqlite3", writable=True)
        vectors = VectorStore(self._folder / "vectors")
        infos = [report.info for report, _, _ in plan.parsed.values()]
        infos += [stored.info for stored in plan.keep.values()]
        tokenizer, vocabulary = make_tokenizer(self._terms, infos, self._cache_dir)
        embedded = self._update_units(plan, records, vectors, tokenizer)
        self._retokenise(records, plan, tokenizer, vocabulary)
        records.number_units()
        (self._folder / "vocabulary").write_text(vocabulary, encoding="utf-8")
        for granularity in GRANULARITIES:
            words = [unit.words.split() for unit in records.units(granularity)]
            self._save_lexical(granularity, words)
        self._save_lexical(PAIRS, [character_pairs(text) for text in records.unit_texts()])
        counts = records.counts()
        records.close()
        if any(vectors.count(g) != counts[f"{g} units"] for g in GRANULARITIES):
            raise DamagedIndexError(self._folder)
        vectors.close()
        sizes = {
            str(path.relative_to(self._folder)): path.stat().st_size
            for path in sorted(self._folder.rglob("*"))
            if path.is_file() and not path.name.endswith(("-wal", "-shm"))
        }
        Manifest(signature, counts, vocabulary, sizes).write(self._folder)
        return embedded, counts

    def _save_lexical(self, name: str, documents: Sequence[Sequence[str]]) -> None:
        folder = self._folder / LEXICAL / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        LexicalIndex.build(documents).save(folder)

    def _update_units(
        self, plan: Plan, records: Records, vectors: VectorStore, tokenizer: Tokenizer
    ) -> int:
        """Replace the units of changed and removed reports; returns how many were embedded."""
        stale = {*plan.parsed, *plan.remove}
        known: dict[str, Vectors] = {}
        old: dict[Granularity, set[str]] = {}
        for granularity in GRANULARITIES:
            units = [unit for unit in records.units(granularity) if unit.report in stale]
            old[granularity] = {unit.id for unit in units}
            found = vectors.get(granularity, [unit.id for unit in units])
            known.update({unit.digest: found[unit.id] for unit in units if unit.id in found})
        for id_ in stale:
            records.remove(id_)
        texts: dict[str, str] = {}
        means: dict[str, tuple[str, ...]] = {}
        fresh: dict[Granularity, list[Unit]] = {granularity: [] for granularity in GRANULARITIES}
        for report, source, fingerprint in plan.parsed.values():
            made = _units(report, tokenizer, texts, means)
            stored = StoredReport(report.info, fingerprint, source.place, report.dropped)
            sentences = {p.number: packed(p.text) for p in report.paragraphs if is_indexed(p)}
            records.add(stored, report.paragraphs, sentences, made)
            for granularity, rows in made.items():
                fresh[granularity] += rows
        missing = [digest for digest in texts if digest not in known]
        known.update(self._embed(missing, texts))
        for digest, parts in means.items():
            # Not made a unit vector again: its product with a query is the mean of its chunks'
            # cosines, and long paragraphs do not crowd out short ones.
            known[digest] = np.mean([known[part] for part in parts], axis=0)
        for granularity, rows in fresh.items():
            vectors.remove(granularity, sorted(old[granularity] - {unit.id for unit in rows}))
            if rows:
                matrix = np.stack([known[unit.digest] for unit in rows])
                vectors.put(granularity, [unit.id for unit in rows], matrix)
        return len(missing)

    def _embed(self, digests: Sequence[str], texts: dict[str, str]) -> dict[str, Vectors]:
        if not digests:
            return {}
        done = 0

        def progress(more: int) -> None:
            nonlocal done
            done += more
            self._progress("embedding", done, len(digests))

        self._progress("embedding", 0, len(digests))
        self._warming.result()
        vectors = self._embedder.embed_passages([texts[digest] for digest in digests], progress)
        return dict(zip(digests, vectors, strict=True))

    def _retokenise(
        self, records: Records, plan: Plan, tokenizer: Tokenizer, vocabulary: str
    ) -> None:
        """Words of kept reports, made anew if the tokenizer's dictionary changed since."""
        path = self._folder / "vocabulary"
        if not plan.keep or (path.is_file() and path.read_text(encoding="utf-8") == vocabulary):
            return
        paragraphs = {
            paragraph.anchor: (stored.info, paragraph)
            for id_, stored in plan.keep.items()
            for paragraph in records.paragraphs(id_)
        }
        for granularity in GRANULARITIES:
            units = [unit for unit in records.units(granularity) if unit.report in plan.keep]
            words = []
            for unit in units:
                info, paragraph = paragraphs[unit.anchor]
                whole = whole_paragraph(info, paragraph)
                text = paragraph.text[unit.start : unit.end]
                words.append((" ".join(tokenizer.words(f"{whole.context}\n{text}")), unit.id))
            records.set_words(granularity, words)


def make_tokenizer(
    terms: Sequence[str], infos: Iterable[ReportInfo], cache_dir: Path | None
) -> tuple[Tokenizer, str]:
    """A tokenizer that knows the domain's terms and the catalogue's names, and the SHA-256 of
    that vocabulary."""
    names = (name for info in infos for name in info.place.names if not name.isascii())
    words = sorted({*terms, *names})
    return Tokenizer(words, cache_dir), hashlib.sha256("\n".join(words).encode()).hexdigest()


def _units(
    report: Report,
    tokenizer: Tokenizer,
    texts: dict[str, str],
    means: dict[str, tuple[str, ...]],
) -> dict[Granularity, list[Unit]]:
    """The units of a report. What their vectors are made of is added to `texts` (digest → text to
    embed) or `means` (digest → digests whose vectors are averaged)."""
    units: dict[Granularity, list[Unit]] = {"chunk": [], "paragraph": []}

    def unit(chunk: Chunk) -> Unit:
        words = " ".join(tokenizer.words(chunk.embedded_text))
        p = chunk.paragraph
        digest = hashlib.sha256(chunk.embedded_text.encode()).hexdigest()
        return Unit(chunk.id, p.report, p.number, chunk.start, chunk.end, digest, words)

    for paragraph in filter(is_indexed, report.paragraphs):
        chunks = chunk_paragraph(report.info, paragraph)
        parts = [unit(chunk) for chunk in chunks]
        texts.update({u.digest: c.embedded_text for u, c in zip(parts, chunks, strict=True)})
        all_of_it = unit(whole_paragraph(report.info, paragraph))
        if len(parts) > 1:
            means[all_of_it.digest] = tuple(part.digest for part in parts)
        units["chunk"] += parts
        units["paragraph"].append(all_of_it)
    return units
