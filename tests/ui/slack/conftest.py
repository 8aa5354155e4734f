"""A loopback Slack and bots that talk to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ui.slack.driving import BotProcess, Mode
from tests.ui.slack.loopback import LoopbackSlack


@pytest.fixture(scope="session")
def data_folder(real_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes a data folder of its own over the five reports."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("slack") / "data"
        shutil.copytree(real_index, folder)
        return folder

    return make


@pytest.fixture(scope="session")
def _slacks() -> Iterator[dict[Mode, LoopbackSlack]]:
    with LoopbackSlack() as one, LoopbackSlack() as other:
        yield {"http": one, "socket": other}


@pytest.fixture(scope="session")
def _bots(
    _slacks: dict[Mode, LoopbackSlack], data_folder: Callable[[], Path]
) -> Iterator[dict[Mode, BotProcess]]:
    """One bot a mode, for all tests that leave it running."""
    bots = {mode: BotProcess(slack, data_folder(), mode) for mode, slack in _slacks.items()}
    for bot in bots.values():
        bot.begin()
    for bot in bots.values():
        bot.wait_until_ready()
    yield bots
    for bot in bots.values():
        bot.stop()


@pytest.fixture(params=["http", "socket"])
def bot(request: pytest.FixtureRequest, _bots: dict[Mode, BotProcess]) -> Iterator[BotProcess]:
    """A running bot, in either mode; nothing that it sent broke a rule of Slack's."""
    chosen = _bots[request.param]
    yield chosen
    assert chosen.slack.violations == []


@pytest.fixture
def http_bot(_bots: dict[Mode, BotProcess]) -> Iterator[BotProcess]:
    """The bot in HTTP mode."""
    yield _bots["http"]
    _bots["http"].slack.faults.clear()
    assert _bots["http"].slack.violations == []


@pytest.fixture
def own_slack() -> Iterator[LoopbackSlack]:
    """A loopback Slack of the test's own."""
    with LoopbackSlack() as slack:
        yield slack
        assert slack.violations == []
