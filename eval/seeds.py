"""The five reports, and the app over a folder of reports."""

from __future__ import annotations

from pathlib import Path

from rag.app import App, build_app

SEEDS = Path(__file__).parents[1] / "seeds"


def ingested(source: Path, data_dir: Path) -> App:
    """The app over a folder of reports, indexed in `data_dir`, without a language model."""
    app = build_app(data_dir=data_dir, engine="extractive")
    app.ingester.ingest([source])
    return app
