"""`report-qa slack` and what doctor says of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from rag.app import App, build_app
from tests.ui.slack.loopback import ALL_SCOPES, APP_TOKEN, BOT_TOKEN, SECRET, LoopbackSlack
from tests.wording import assert_sentence
from ui.doctor import Check, examine
from ui.slack.manifest import SCOPES, manifest
from ui.slack.setup import config_of


def script(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`report-qa slack …` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from ui.cli import main; main()", "slack", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), **environment},
    )


def test_the_manifest_of_socket_mode() -> None:
    done = script("manifest")
    assert (done.returncode, done.stderr) == (0, "")
    made = yaml.safe_load(done.stdout)
    assert made == manifest()
    assert made["settings"]["socket_mode_enabled"] is True
    assert made["oauth_config"]["scopes"]["bot"] == list(SCOPES) == ALL_SCOPES.split(",")
    assert "url" not in made["features"]["slash_commands"][0]
    assert 1 <= len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140


def test_the_manifest_of_http_mode() -> None:
    done = script("manifest", "--url", "https://bot.example/", "--json")
    made = json.loads(done.stdout)
    url = "https://bot.example/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"]["request_url"] == url
    assert made["settings"]["interactivity"]["request_url"] == url
    assert made["features"]["slash_commands"][0]["url"] == url
    assert script("manifest", "--url", "http://bot.example").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        ([], {}, "SLACK_BOT_TOKEN"),
        ([], {"SLACK_BOT_TOKEN": BOT_TOKEN}, "SLACK_APP_TOKEN"),
        (["--http"], {"SLACK_BOT_TOKEN": BOT_TOKEN}, "SLACK_SIGNING_SECRET"),
        (
            ["--http"],
            {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_SIGNING_SECRET": SECRET},
            "report-qa ingest seeds",
        ),
    ],
)
def test_what_is_missing_is_one_sentence(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], says: str
) -> None:
    done = script(*arguments, REPORT_QA_DATA_DIR=str(tmp_path), **environment)
    assert done.returncode == 1
    assert_sentence(done.stderr, says)


@pytest.fixture
def slack() -> Iterator[LoopbackSlack]:
    with LoopbackSlack() as server:
        yield server


def started(slack: LoopbackSlack, data_dir: Path, *arguments: str) -> str:
    """What `report-qa slack` says when it cannot start."""
    done = script(
        *arguments,
        REPORT_QA_DATA_DIR=str(data_dir),
        SLACK_BOT_TOKEN=BOT_TOKEN,
        SLACK_APP_TOKEN=APP_TOKEN,
        SLACK_SIGNING_SECRET=SECRET,
        SLACK_API_URL=slack.api_url,
        NO_PROXY="127.0.0.1",
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert BOT_TOKEN not in done.stderr
    return [line for line in done.stderr.splitlines() if " INFO " not in line][-1]


def test_a_bot_that_cannot_start_says_why(slack: LoopbackSlack, real_index: Path) -> None:
    slack.revoked = True
    assert_sentence(started(slack, real_index), "SLACK_BOT_TOKEN", "report-qa doctor")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_sentence(started(slack, real_index, "--http", "--port", port), port, "--port")


def checks(slack: LoopbackSlack, **tokens: str) -> dict[str, Check]:
    app: App = build_app(slack_api_url=slack.api_url, **tokens)
    return {check.name: check for check in examine(app) if check.name.startswith("slack")}


def test_doctor_says_what_the_tokens_lack(slack: LoopbackSlack) -> None:
    assert checks(slack)["slack"].next_command == "report-qa slack manifest"
    good = checks(slack, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN)
    assert all(check.ok for check in good.values())
    assert "report-qa in Loopback" in good["slack bot token"].found
    http = checks(slack, slack_bot_token=BOT_TOKEN, slack_signing_secret=SECRET)
    assert http["slack signing secret"].ok
    alone = checks(slack, slack_bot_token=BOT_TOKEN)
    assert "SLACK_SIGNING_SECRET" in alone["slack app token"].found
    swapped = checks(slack, slack_bot_token=APP_TOKEN, slack_app_token=BOT_TOKEN)
    assert "xoxb-" in swapped["slack bot token"].found
    assert "xapp-" in swapped["slack app token"].found
    assert "SLACK_BOT_TOKEN" in checks(slack, slack_app_token=APP_TOKEN)["slack bot token"].found
    slack.scopes = ALL_SCOPES.replace("reactions:write", "").replace("chat:write,", "")
    lacking = checks(slack, slack_bot_token=BOT_TOKEN)["slack bot token"]
    assert not lacking.ok
    assert "chat:write (answer)" in lacking.found
    assert "reactions:write" in lacking.found
    assert "app_mentions" not in lacking.found
    slack.revoked = True
    refused = checks(slack, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN)
    assert "token_revoked" in refused["slack bot token"].found
    assert not refused["slack app token"].ok


def test_settings_become_the_configuration_without_showing_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", SECRET)
    monkeypatch.setenv("REPORT_QA_SLACK_CHANNELS", "C1, C2,")
    monkeypatch.setenv("REPORT_QA_PAGE_URL", "https://page.example")
    app = build_app()
    config = config_of(app.settings)
    assert config.tokens.bot == BOT_TOKEN
    assert config.allow.channels == {"C1", "C2"}
    assert config.page == "https://page.example"
    for shown in (repr(config), repr(app.settings)):
        assert BOT_TOKEN not in shown
        assert SECRET not in shown
