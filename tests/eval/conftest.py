"""Golden questions run only when asked for; the gate over all of them is `make eval`."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.app import App
from rag.settings import Settings
from tests.conftest import Corpus


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "golden: asks one golden question over the five reports")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave golden questions out unless `-m golden` or their file was given."""
    named = any("test_golden.py" in argument for argument in config.args)
    if named or "golden" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("golden")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("golden")]


@pytest.fixture
def small_app(small_index: Corpus, tmp_path: Path) -> App:
    """The app over two short reports, with the hashing embedder."""
    app = App(
        Settings(data_dir=small_index.data_dir, models_dir=tmp_path / "models", engine="extractive")
    )
    vars(app)["embedder"] = small_index.embedder
    return app
