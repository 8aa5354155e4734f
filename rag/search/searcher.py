"""Understanding and retrieval over the current generation of an index."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.index.embed import Embedder, Reranker
from rag.index.ingest import make_tokenizer
from rag.index.store import Index, Signature, current_generation, open_index
from rag.search.places import PlaceNames
from rag.search.retrieve import Retriever
from rag.search.understand import of_year_reviewed, understand
from rag.types import Query, Turn


@dataclass(frozen=True)
class OpenCorpus:
    """One generation of the index and what understands questions about it."""

    index: Index
    names: PlaceNames
    retriever: Retriever

    def understand(self, question: str, history: Sequence[Turn] = ()) -> Query:
        """See `rag.search.understand`."""
        query = understand(question, self.names, history)
        return of_year_reviewed(query, self.index.infos())


class Searcher:
    """Opens the index at first use, and again whenever an ingest has made a new generation."""

    def __init__(
        self,
        data_dir: Path,
        signature: Signature,
        embedder: Embedder,
        terms: Sequence[str],
        cache_dir: Path,
        reranker: Reranker | None = None,
    ) -> None:
        """`cache_dir` keeps the tokenizer's compiled dictionary."""
        self._data_dir = data_dir
        self._signature = signature
        self._embedder = embedder
        self._terms = terms
        self._cache_dir = cache_dir
        self._reranker = reranker
        self._lock = threading.Lock()
        self._open: tuple[Path, OpenCorpus] | None = None

    def corpus(self) -> OpenCorpus:
        """Raises IndexingError if there is no index or other parts made it."""
        with self._lock:
            folder = current_generation(self._data_dir)
            if self._open is None or folder != self._open[0]:
                index = open_index(self._data_dir, self._signature)
                infos = index.infos()
                tokenizer, _ = make_tokenizer(self._terms, infos, self._cache_dir)
                names = PlaceNames(info.place for info in infos)
                retriever = Retriever(index, self._embedder, tokenizer, self._reranker)
                self._open = (index.folder, OpenCorpus(index, names, retriever))
            return self._open[1]
