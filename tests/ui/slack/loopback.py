"""A Slack on loopback: its Web API, its response URLs and the websocket of Socket Mode.

It keeps messages, reactions and windows as Slack does, refuses what Slack refuses, records every
call, and misbehaves as planned.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import struct
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self, TypeVar

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.ui.slack.limits import REQUIRED, problems_of_message, problems_of_view

BOT_USER, BOT_ID, TEAM, APP = "UBOT00001", "B00000001", "T00000001", "A00000001"
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-loopback", "xapp-loopback", "8f742231b10e8888abcd99yyyzzz85a5"
ALL_SCOPES = (
    "app_mentions:read,channels:history,groups:history,im:history,mpim:history,im:write,"
    "chat:write,commands,reactions:write"
)
Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """A call as it came in, and what it got."""

    method: str
    arguments: Json
    at: float
    error: str


@dataclass
class Fault:
    """What goes wrong with the next `times` calls of a method ("response" for response URLs), in
    one channel if it is named.

    `lost`: Slack does as asked, but the answer never arrives. `refused`: the connection is closed
    before anything is done.
    """

    method: str
    channel: str = ""
    error: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    how: Literal["reply", "lost", "refused", "slow"] = "reply"
    seconds: float = 0.0
    times: int = 1


class LoopbackSlack:
    """Use as a context manager. `messages[channel]` are what stands there now, oldest first."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.messages: dict[str, list[Json]] = {}
        self.ephemeral: list[Json] = []
        self.reactions: dict[tuple[str, str], set[str]] = {}
        self.views: dict[str, Json] = {}
        self.homes: dict[str, Json] = {}
        self.faults: list[Fault] = []
        self.closed_channels: set[str] = set()
        self.revoked = False
        self.scopes = ALL_SCOPES
        self.changed = threading.Condition()
        self.acks: dict[str, float] = {}
        self._responses: dict[str, Json] = {}
        self._numbers = itertools.count(1)
        self._start = int(time.time())
        self._connections: list[ServerConnection] = []
        self._web = _WebServer(self)
        self._socket: Server = serve(self._stay, "127.0.0.1", 0)
        self._threads = [
            threading.Thread(target=self._web.serve_forever, args=(0.02,), daemon=True),
            threading.Thread(target=self._socket.serve_forever, daemon=True),
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._web.shutdown()
        self._web.server_close()
        self._socket.shutdown()

    @property
    def api_url(self) -> str:
        """Where the Web API is."""
        return f"http://127.0.0.1:{self._web.server_port}/api/"

    # For the tests

    def ts(self) -> str:
        """A fresh timestamp, later than all before."""
        return f"{self._start}.{next(self._numbers):06d}"

    def says(self, channel: str, user: str, text: str, thread: str = "") -> Json:
        """A person writes; returns the message."""
        message = {"type": "message", "user": user, "text": text, "ts": self.ts(), "team": TEAM}
        if thread:
            message["thread_ts"] = thread
        with self.changed:
            self.messages.setdefault(channel, []).append(message)
        return message

    def response_url(self, channel: str, user: str) -> str:
        """A fresh response URL of a command or a button."""
        with self.changed:
            name = str(next(self._numbers))
            self._responses[name] = {"channel": channel, "user": user, "used": 0}
        return f"http://127.0.0.1:{self._web.server_port}/response/{name}"

    def wait_for(self, what: Callable[[], T | None], seconds: float = 30.0) -> T:
        """What `what` returns as soon as it is true."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while not (found := what()):
                left = deadline - time.monotonic()
                assert left > 0, f"not within {seconds} s; last calls: {self.calls[-8:]}"
                self.changed.wait(min(left, 0.2))
            return found

    def of_bot(self, channel: str, thread: str = "") -> list[Json]:
        """What the bot has said in a thread, or in a whole channel."""
        return [
            message
            for message in self.messages.get(channel, [])
            if message.get("bot_id") and (not thread or message.get("thread_ts") == thread)
        ]

    def called(self, method: str) -> list[Call]:
        """The calls of a method."""
        return [call for call in self.calls if call.method == method]

    # Socket Mode

    @property
    def is_connected(self) -> bool:
        """Whether a bot holds a websocket."""
        return bool(self._connections)

    def send(self, envelope: Json) -> None:
        """Send an envelope to one of the connected bots."""
        with self.changed:
            connections = list(self._connections)
        assert connections, "no bot is connected"
        connections[next(self._numbers) % len(connections)].send(json.dumps(envelope))

    def disconnect(self) -> None:
        """Ask the bots to connect anew, as Slack does every few hours."""
        with self.changed:
            connections = list(self._connections)
        for connection in connections:
            connection.send(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))

    def _stay(self, connection: ServerConnection) -> None:
        hello = {"type": "hello", "num_connections": 1, "connection_info": {"app_id": APP}}
        connection.send(json.dumps(hello))
        with self.changed:
            self._connections.append(connection)
            self.changed.notify_all()
        try:
            for text in connection:
                reply = json.loads(text)
                with self.changed:
                    self.acks[reply["envelope_id"]] = time.monotonic()
                    self.changed.notify_all()
        except ConnectionClosed:
            pass
        finally:
            with self.changed:
                self._connections.remove(connection)

    # The Web API

    def take(self, method: str, arguments: Json, token: str) -> tuple[Fault, Json]:
        """(the fault planned for this call, if any; what Slack replies)."""
        with self.changed:
            fault = self._planned(method, str(arguments.get("channel", "")))
            reply: Json = {"ok": False, "error": fault.error} if fault.error else {}
            if not reply and fault.how != "refused" and fault.status == 200 and not fault.body:
                reply = self._reply(method, arguments, token)
            error = reply.get("error", "") or ("" if reply else "fault")
            self.calls.append(Call(method, arguments, time.monotonic(), error))
            self.changed.notify_all()
            return fault, reply

    def take_response(self, name: str, body: Json) -> tuple[Fault, int, str]:
        """A message by a response URL: (planned fault, status, body)."""
        with self.changed:
            fault = self._planned("response", self._responses.get(name, {}).get("channel", ""))
            status, text = 200, "ok"
            if fault.how == "refused" or fault.status != 200:
                status, text = fault.status, fault.body
            elif name not in self._responses or self._responses[name]["used"] >= 5:
                status, text = 404, "used_url"
            else:
                self._responses[name]["used"] += 1
                self._keep_response(self._responses[name], body)
            self.calls.append(
                Call("response", body, time.monotonic(), "" if status == 200 else text)
            )
            self.changed.notify_all()
            return fault, status, text

    def _keep_response(self, where: Json, body: Json) -> None:
        self._note(problems_of_message(body), "response")
        kept = {**body, "channel": where["channel"], "user": where["user"], "ts": self.ts()}
        if body.get("response_type") == "in_channel":
            channel = self.messages.setdefault(where["channel"], [])
            channel.append({**kept, "bot_id": BOT_ID})
        else:
            self.ephemeral.append(kept)

    def _planned(self, method: str, channel: str) -> Fault:
        for fault in self.faults:
            here = fault.channel in ("", channel)
            if fault.method == method and here and fault.times > 0:
                fault.times -= 1
                return fault
        return Fault(method)

    def _note(self, problems: list[str], method: str) -> bool:
        self.violations += [f"{method}: {problem}" for problem in problems]
        return bool(problems)

    def _reply(self, method: str, arguments: Json, token: str) -> Json:
        if token not in (BOT_TOKEN, APP_TOKEN):
            return _no("invalid_auth")
        if self.revoked:
            return _no("token_revoked")
        if method not in REQUIRED:
            self._note([f"{method} is not a method"], method)
            return _no("unknown_method")
        missing = [name for name in REQUIRED[method] if not arguments.get(name)]
        if self._note([f"{name} is missing" for name in missing], method):
            return _no("invalid_arguments")
        play: Callable[[Json], Json] = getattr(self, "_play_" + method.replace(".", "_").lower())
        return play(arguments)

    def _play_auth_test(self, _: Json) -> Json:
        names = {"team": "Loopback", "user": "report-qa", "url": "http://127.0.0.1/"}
        return {"ok": True, "team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT_ID, **names}

    def _play_apps_connections_open(self, _: Json) -> Json:
        port = self._socket.socket.getsockname()[1]
        return {"ok": True, "url": f"ws://127.0.0.1:{port}/link/?ticket=1"}

    def _play_chat_postmessage(self, arguments: Json) -> Json:
        channel = arguments["channel"]
        if channel in self.closed_channels:
            return _no("not_in_channel")
        if self._note(problems_of_message(arguments), "chat.postMessage"):
            return _no("invalid_blocks")
        if channel.startswith("U"):
            channel = "D" + channel[1:]
        message = {**arguments, "bot_id": BOT_ID, "user": BOT_USER, "ts": self.ts()}
        self.messages.setdefault(channel, []).append(message)
        return {"ok": True, "channel": channel, "ts": message["ts"], "message": message}

    def _play_chat_postephemeral(self, arguments: Json) -> Json:
        if arguments["channel"] in self.closed_channels:
            return _no("not_in_channel")
        self.ephemeral.append({**arguments, "ts": self.ts()})
        return {"ok": True, "message_ts": self.ts()}

    def _play_chat_update(self, arguments: Json) -> Json:
        message = self._message(arguments["channel"], arguments["ts"])
        if message is None or not message.get("bot_id"):
            return _no("message_not_found")
        if self._note(problems_of_message(arguments), "chat.update"):
            return _no("invalid_blocks")
        message.update(text=arguments["text"], blocks=arguments.get("blocks"))
        return {"ok": True, "channel": arguments["channel"], "ts": arguments["ts"]}

    def _play_chat_delete(self, arguments: Json) -> Json:
        message = self._message(arguments["channel"], arguments["ts"])
        if message is None:
            return _no("message_not_found")
        self.messages[arguments["channel"]].remove(message)
        return {"ok": True}

    def _play_conversations_open(self, arguments: Json) -> Json:
        return {"ok": True, "channel": {"id": "D" + arguments["users"][1:]}}

    def _play_conversations_replies(self, arguments: Json) -> Json:
        thread = arguments["ts"]
        found = [
            message
            for message in self.messages.get(arguments["channel"], [])
            if thread in (message["ts"], message.get("thread_ts"))
        ]
        return self._page(found, arguments)

    def _play_conversations_history(self, arguments: Json) -> Json:
        found = [m for m in self.messages.get(arguments["channel"], []) if not m.get("thread_ts")]
        return self._page(found[::-1], arguments)

    @staticmethod
    def _page(found: list[Json], arguments: Json) -> Json:
        start, size = int(arguments.get("cursor") or 0), int(arguments.get("limit") or 100)
        more = start + size < len(found)
        shown = [dict(message) for message in found[start : start + size]]
        if str(arguments.get("include_all_metadata")).lower() not in ("true", "1"):
            for message in shown:
                message.pop("metadata", None)
        cursor = str(start + size) if more else ""
        following = {"next_cursor": cursor}
        return {"ok": True, "messages": shown, "has_more": more, "response_metadata": following}

    def _play_reactions_add(self, arguments: Json) -> Json:
        on = self.reactions.setdefault((arguments["channel"], arguments["timestamp"]), set())
        if arguments["name"] in on:
            return _no("already_reacted")
        on.add(arguments["name"])
        return {"ok": True}

    def _play_reactions_remove(self, arguments: Json) -> Json:
        on = self.reactions.setdefault((arguments["channel"], arguments["timestamp"]), set())
        if arguments["name"] not in on:
            return _no("no_reaction")
        on.discard(arguments["name"])
        return {"ok": True}

    def _play_views_open(self, arguments: Json) -> Json:
        if self._note(problems_of_view(arguments["view"]), "views.open"):
            return _no("invalid_arguments")
        view = {**arguments["view"], "id": f"V{next(self._numbers)}", "hash": "1"}
        self.views[view["id"]] = view
        return {"ok": True, "view": view}

    def _play_views_update(self, arguments: Json) -> Json:
        if self._note(problems_of_view(arguments["view"]), "views.update"):
            return _no("invalid_arguments")
        if arguments["view_id"] not in self.views:
            return _no("not_found")
        view = {**arguments["view"], "id": arguments["view_id"], "hash": "2"}
        self.views[view["id"]] = view
        return {"ok": True, "view": view}

    def _play_views_publish(self, arguments: Json) -> Json:
        if self._note(problems_of_view(arguments["view"]), "views.publish"):
            return _no("invalid_arguments")
        self.homes[arguments["user_id"]] = arguments["view"]
        return {"ok": True, "view": arguments["view"]}

    def _message(self, channel: str, ts: str) -> Json | None:
        return next((m for m in self.messages.get(channel, []) if m["ts"] == ts), None)


def _no(error: str) -> Json:
    return {"ok": False, "error": error}


class _WebServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, slack: LoopbackSlack) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.slack = slack


class _Handler(BaseHTTPRequestHandler):
    server: _WebServer

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        raw = self.rfile.read(length)
        if len(raw) < length:  # who sent it was killed; to Slack that is no request
            self.close_connection = True
            return
        slack = self.server.slack
        _, kind, name = self.path.split("/", 2)
        if kind == "response":
            fault, status, text = slack.take_response(name, json.loads(raw))
            self._send(fault, status, text, "text/plain")
            return
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        fault, reply = slack.take(name, self._arguments(raw), token)
        body = fault.body or json.dumps(reply)
        self._send(fault, fault.status, body, "application/json")

    def _arguments(self, raw: bytes) -> Json:
        if "json" in self.headers.get("Content-Type", ""):
            arguments: Json = json.loads(raw or b"{}")
            return arguments
        fields = urllib.parse.parse_qs(raw.decode())
        return {name: values[0] for name, values in fields.items()}

    def _send(self, fault: Fault, status: int, body: str, content_type: str) -> None:
        if fault.how in ("lost", "refused"):
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            return
        if fault.how == "slow":
            time.sleep(fault.seconds)
        data = body.encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("X-OAuth-Scopes", self.server.slack.scopes)
            for name, value in fault.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            pass

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *_: object) -> None:
        """Nothing."""
