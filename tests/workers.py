"""How several workers share the tests: `pytest -n 2`. One alone runs them in their usual order.

A file is the work of one worker, and so are files that share a server or bots. What takes longest
comes first, so that no worker is left alone with it at the end.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

_FIRST = (
    ("tests/ui/test_page.py", "tests/ui/test_api.py"),
    ("tests/ui/test_uploads.py",),
    ("tests/test_local_model.py",),
    ("tests/ui/slack/test_conversation.py", "tests/ui/slack/test_http.py"),
    ("tests/ui/slack/",),
    ("tests/index/test_ingest.py",),
    ("tests/ui/test_cli.py",),
)


class Sharing(LoadScopeScheduling):
    """Gives each worker the next work in the order of collection."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::")[0]
        return next((files[0] for files in _FIRST if path in files), path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Sharing:
    """Instead of xdist's own ways."""
    config.option.loadscopereorder = False
    return Sharing(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes longest comes first, for workers."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    return next((n for n, files in enumerate(_FIRST) if nodeid.startswith(files)), len(_FIRST))
