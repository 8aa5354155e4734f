"""Vectors in Chroma: embedded, persistent. The only module that imports chromadb.

The measure is the inner product: the cosine for unit vectors, and the mean of the cosines for a
mean of unit vectors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import DamagedIndexError, IndexingError
from rag.index.embed import Vectors
from rag.index.records import GRANULARITIES, Granularity

_BATCH = 2000
_COLLECTION = "report-{}s"
# Several threads would build another graph each time, and it would find other neighbours.
_HNSW = {"space": "ip", "num_threads": 1, "ef_search": 400}


class VectorStore:
    """One collection a granularity; ids are unit ids.

    Reading raises DamagedIndexError if files are missing or broken, writing IndexingError if they
    cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        import chromadb
        from chromadb.config import Settings as ChromaSettings

        self._folder = folder
        settings = ChromaSettings(anonymized_telemetry=False)
        with self._reading():
            self._client = chromadb.PersistentClient(path=str(folder), settings=settings)
            self._collections: dict[Granularity, Any] = {
                granularity: self._client.get_or_create_collection(
                    _COLLECTION.format(granularity),
                    configuration={"hnsw": _HNSW},
                    embedding_function=None,
                )
                for granularity in GRANULARITIES
            }

    @contextmanager
    def _reading(self) -> Iterator[None]:
        from chromadb.errors import ChromaError

        try:
            yield
        except ChromaError as error:
            raise DamagedIndexError(self._folder) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        from chromadb.errors import ChromaError

        try:
            yield
        except ChromaError as error:
            raise IndexingError(
                f"Vectors cannot be written to {self._folder}; "
                "free space there or choose another folder with --data-dir."
            ) from error

    def close(self) -> None:
        """Let go of the files."""
        self._client.close()

    def count(self, granularity: Granularity) -> int:
        """Number of vectors."""
        with self._reading():
            return int(self._collections[granularity].count())

    def put(self, granularity: Granularity, ids: Sequence[str], vectors: Vectors) -> None:
        """Add or replace. `vectors` has shape (len(ids), dimension)."""
        for start in range(0, len(ids), _BATCH):
            part = slice(start, start + _BATCH)
            with self._writing():
                self._collections[granularity].upsert(ids=list(ids[part]), embeddings=vectors[part])

    def remove(self, granularity: Granularity, ids: Sequence[str]) -> None:
        """Remove vectors; ids that are not there are ignored."""
        for start in range(0, len(ids), _BATCH):
            with self._writing():
                self._collections[granularity].delete(ids=list(ids[start : start + _BATCH]))

    def get(self, granularity: Granularity, ids: Sequence[str]) -> dict[str, Vectors]:
        """Id → vector, for those that are there."""
        found: dict[str, Vectors] = {}
        for start in range(0, len(ids), _BATCH):
            with self._reading():
                rows = self._collections[granularity].get(
                    ids=list(ids[start : start + _BATCH]), include=["embeddings"]
                )
            found.update(zip(rows["ids"], np.asarray(rows["embeddings"], np.float32), strict=True))
        return found

    def nearest(self, granularity: Granularity, vector: Vectors, n: int) -> dict[str, float]:
        """Id → cosine of the `n` nearest, best first."""
        collection = self._collections[granularity]
        n = min(n, self.count(granularity))
        if n == 0:
            return {}
        with self._reading():
            rows = collection.query(
                query_embeddings=vector[None, :], n_results=n, include=["distances"]
            )
        ids, distances = rows["ids"][0], rows["distances"][0]
        if len(ids) < n:
            raise DamagedIndexError(self._folder)
        return {id_: 1.0 - float(distance) for id_, distance in zip(ids, distances, strict=True)}
