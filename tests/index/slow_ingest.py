"""Ingests in a process of its own, in step with a test.

    python -m tests.index.slow_ingest DATA_DIR FOLDER

It says when it begins to embed, and goes on when it gets a line (or the end) of input.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rag.errors import ReportQAError
from rag.index.embed import Progress, Vectors
from rag.index.ingest import Ingester
from tests.fakes import HashingEmbedder


class WaitingEmbedder(HashingEmbedder):
    """Waits for a line of input before it embeds."""

    def embed_passages(self, texts: Sequence[str], progress: Progress = lambda _: None) -> Vectors:
        """See HashingEmbedder."""
        print("embedding", flush=True)
        sys.stdin.readline()
        return super().embed_passages(texts, progress)


def main(data_dir: str, folder: str) -> int:
    """0 when done; 1 with the message when refused."""
    try:
        Ingester(Path(data_dir), WaitingEmbedder(), ()).ingest([Path(folder)])
    except ReportQAError as error:
        print(error, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
