"""The local language model, served in this process on a loopback port. The only module that
imports xllamacpp."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from rag.errors import ModelError

_CONTEXT_TOKENS = 4096


class LocalServer:
    """llama.cpp's OpenAI-compatible server; started at first use and kept until the end."""

    def __init__(self, weights: Path, threads: int = 0) -> None:
        """`threads` 0 takes all cores."""
        self._weights = weights
        self._threads = threads or os.cpu_count() or 1
        self._server: Any = None
        self._lock = threading.Lock()

    def base_url(self) -> str:
        """The address of its API. Raises ModelError if the weights cannot be loaded."""
        with self._lock:
            if self._server is None:
                self._server = self._start()
            return f"{self._server.listening_address}/v1"

    def _start(self) -> Any:
        from xllamacpp import CommonParams, Server

        params = CommonParams()
        params.model.path = str(self._weights)
        params.n_ctx = _CONTEXT_TOKENS
        params.n_parallel = 1
        params.port = 0
        params.hostnames = ["127.0.0.1"]
        params.cpuparams.n_threads = self._threads
        params.cpuparams_batch.n_threads = self._threads
        params.verbosity = -1
        try:
            return Server(params)
        except RuntimeError as error:
            raise ModelError(
                f"The local model {self._weights.name} cannot be loaded ({error}); "
                "delete it and run: report-qa models pull"
            ) from error
