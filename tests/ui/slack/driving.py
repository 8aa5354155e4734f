"""The bot as its own process, and what Slack sends it: really signed posts or envelopes."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.ui.slack.loopback import (
    APP,
    APP_TOKEN,
    BOT_TOKEN,
    BOT_USER,
    SECRET,
    TEAM,
    Json,
    LoopbackSlack,
)

Mode = Literal["http", "socket"]
PATH = "/slack/events"
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Ack:
    """What Slack got back: an HTTP status (200 for an acknowledged envelope) and how soon."""

    status: int
    body: str
    ms: float


def signed(body: bytes, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers that Slack signs a body with."""
    timestamp = str(int(time.time() if at is None else at))
    base = b"v0:" + timestamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": "v0=" + digest}


class BotProcess:
    """`report-qa slack` in a process of its own, on a data folder; a context manager."""

    def __init__(
        self, slack: LoopbackSlack, data_dir: Path, mode: Mode, **settings: object
    ) -> None:
        self.slack = slack
        self.mode = mode
        self.data_dir = data_dir
        self.log = data_dir.parent / f"bot-{uuid.uuid4().hex[:6]}.log"
        self.port = _free_port()
        self._environment = {
            **{name: v for name, v in os.environ.items() if "proxy" not in name.lower()},
            "PYTHONPATH": str(ROOT),
            "OMP_WAIT_POLICY": "passive",
            "REPORT_QA_DATA_DIR": str(data_dir),
            "REPORT_QA_ENGINE": "extractive",
            "REPORT_QA_PAGE_URL": "http://127.0.0.1:7860",
            "REPORT_QA_SLACK_QUESTIONS_PER_MINUTE": "1000",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": slack.api_url,
            **{name: str(value) for name, value in settings.items()},
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._said_before = 0

    def __enter__(self) -> BotProcess:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def begin(self) -> None:
        """Start without waiting."""
        command = [sys.executable, "-c", "from ui.cli import main; main()", "slack"]
        if self.mode == "http":
            command += ["--http", "--port", str(self.port)]
        self._said_before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, env=self._environment, stderr=log, cwd=self.data_dir.parent
            )

    def start(self) -> None:
        """Start, and wait until Slack can reach it."""
        self.begin()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until Slack can reach it."""
        deadline = time.monotonic() + 120
        while not self._is_ready():
            assert self._process
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        said = self.log.read_bytes()[self._said_before :].decode()
        return ("listening on" if self.mode == "http" else "connected to Slack") in said

    def kill(self) -> None:
        """kill -9."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(20)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        assert self._process
        if self._process.poll() is None:
            self._process.terminate()
        return self._process.wait(30)

    def state_of(self, key: str) -> str:
        """How far the bot is with a question, "" if it never took it up."""
        return str(self._stored("SELECT state FROM questions WHERE key = ?", key) or "")

    def waiting(self) -> int:
        """How many questions are not answered yet."""
        return int(
            self._stored("SELECT COUNT(*) FROM questions WHERE state IN ('received', 'answering')")
        )

    def _stored(self, sql: str, *values: str) -> Any:
        with contextlib.closing(sqlite3.connect(self.data_dir / "slack.sqlite3")) as store:
            row = store.execute(sql, values).fetchone()
        return row[0] if row else None

    def settled(self, event: Json) -> bool:
        """Whether the bot is done with a message."""
        return self.state_of(f"{event['channel']}:{event['ts']}") in ("answered", "failed")

    # What Slack sends

    def event(self, event: Json, event_id: str = "", **more: Any) -> Ack:
        """An event of the Events API."""
        body = envelope(event, event_id)
        if self.mode == "socket":
            return self._by_socket("events_api", body, **more)
        return self.post(json.dumps(body).encode(), "application/json", **more)

    def command(self, text: str, channel: str, user: str, **more: Any) -> Ack:
        """/report with a text."""
        fields = {
            "command": "/report",
            "text": text,
            "user_id": user,
            "channel_id": channel,
            "team_id": TEAM,
            "api_app_id": APP,
            "trigger_id": uuid.uuid4().hex,
            "response_url": self.slack.response_url(channel, user),
            **more,
        }
        if self.mode == "socket":
            return self._by_socket("slash_commands", fields)
        return self._by_form(fields)

    def press(self, button: Json, message: Json, channel: str, user: str) -> Ack:
        """A button of a message or, if `message` is a view, of a window."""
        body: Json = {
            "type": "block_actions",
            "user": {"id": user, "team_id": TEAM},
            "team": {"id": TEAM},
            "api_app_id": APP,
            "trigger_id": uuid.uuid4().hex,
            "actions": [{**button, "block_id": "x", "type": "button"}],
        }
        if message.get("type") in ("modal", "home"):
            body["view"] = message
            body["container"] = {"type": "view", "view_id": message.get("id", "VHOME")}
        else:
            body["channel"] = {"id": channel}
            body["message"] = message
            body["container"] = {
                "type": "message",
                "channel_id": channel,
                "message_ts": message["ts"],
                "is_ephemeral": "bot_id" not in message,
            }
            body["response_url"] = self.slack.response_url(channel, user)
        return self.interact(body)

    def submit(self, view: Json, values: Json, user: str) -> Ack:
        """A window that was filled in."""
        return self.interact(
            {
                "type": "view_submission",
                "user": {"id": user, "team_id": TEAM},
                "team": {"id": TEAM},
                "api_app_id": APP,
                "trigger_id": uuid.uuid4().hex,
                "view": {**view, "state": {"values": values}},
            }
        )

    def interact(self, body: Json) -> Ack:
        """Any interaction."""
        if self.mode == "socket":
            return self._by_socket("interactive", body)
        return self._by_form({"payload": json.dumps(body)})

    def _by_form(self, fields: Mapping[str, str]) -> Ack:
        body = urllib.parse.urlencode(fields).encode()
        return self.post(body, "application/x-www-form-urlencoded")

    def post(self, body: bytes, content_type: str, **more: str) -> Ack:
        """A signed post."""
        headers = {"Content-Type": content_type, **signed(body), **more}
        return self.request("POST", PATH, body, headers)

    def request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Ack:
        """Any request."""
        begun = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers))
            reply = connection.getresponse()
            text = reply.read().decode(errors="replace")
            return Ack(reply.status, text, (time.monotonic() - begun) * 1000)
        finally:
            connection.close()

    def _by_socket(self, kind: str, payload: Json, **more: Any) -> Ack:
        id_ = uuid.uuid4().hex
        begun = time.monotonic()
        self.slack.send(
            {
                "type": kind,
                "envelope_id": id_,
                "payload": payload,
                "accepts_response_payload": kind != "events_api",
                **more,
            }
        )
        at = self.slack.wait_for(lambda: self.slack.acks.get(id_), 10)
        assert at
        return Ack(200, "", (at - begun) * 1000)


def envelope(event: Json, event_id: str = "") -> Json:
    """What the Events API wraps an event in."""
    return {
        "type": "event_callback",
        "token": "unused",
        "team_id": TEAM,
        "api_app_id": APP,
        "event": event,
        "event_id": event_id or f"Ev{uuid.uuid4().hex[:10]}",
        "event_time": int(time.time()),
        "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
    }


def mention(slack: LoopbackSlack, channel: str, user: str, text: str, thread: str = "") -> Json:
    """Someone mentions the bot; the event."""
    message = slack.says(channel, user, f"<@{BOT_USER}> {text}", thread)
    return {**message, "type": "app_mention", "channel": channel}


def written(
    slack: LoopbackSlack, channel: str, user: str, text: str, thread: str = "", **more: Any
) -> Json:
    """Someone writes without a mention; the event."""
    message = slack.says(channel, user, text, thread)
    kind = "im" if channel.startswith("D") else "channel"
    return {**message, "channel": channel, "channel_type": kind, **more}


def is_answer(message: Json) -> bool:
    """Whether a message is the end of an answer: it has the buttons."""
    return bool(buttons(message, "again"))


def buttons(message: Json, action: str) -> list[Json]:
    """The buttons of a message or view with an action id (its part before a colon)."""
    found: list[Json] = []
    for block in message.get("blocks") or []:
        elements = [*block.get("elements", []), block.get("accessory", {})]
        found += [e for e in elements if str(e.get("action_id", "")).split(":")[0] == action]
    return found


def words(value: object) -> str:
    """All text of a payload, without the characters that only keep Slack from reading it."""
    if isinstance(value, dict):
        own = value["text"] if isinstance(value.get("text"), str) else ""
        if value.get("type") == "button":
            return ""
        return own + "".join(words(part) for name, part in value.items() if name != "metadata")
    return "".join(map(words, value)) if isinstance(value, list | tuple) else ""


def shown(message: Json) -> str:
    """What people see of a message."""
    return words(message.get("blocks") or []).replace("\u2060", "")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
