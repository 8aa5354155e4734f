"""HTTP mode refuses what Slack did not sign or would not send, and logs nothing of it."""

from __future__ import annotations

import gzip
import json
import socket
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.ui.slack.driving import PATH, BotProcess, Mode, envelope, is_answer, mention, signed
from tests.ui.slack.loopback import BOT_TOKEN, SECRET, Json

CANARY = "canary-6b1f0e"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
EVENT: Json = {
    "type": "app_mention",
    "user": "U1",
    "text": f"<@UBOT00001> {CANARY}",
    "ts": "1.1",
    "channel": "CHOSTILE",
}
GOOD = json.dumps(envelope(EVENT)).encode()


@dataclass(frozen=True)
class Hostile:
    """A request and the statuses that are right for it. `sign`: its headers are signed."""

    name: str
    statuses: tuple[int, ...]
    body: bytes = GOOD
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))
    sign: Callable[[bytes], dict[str, str]] | None = signed
    method: str = "POST"
    path: str = PATH


def _with(**changed: str) -> Callable[[bytes], dict[str, str]]:
    """Signed, but with some headers changed (their names with underscores), "-" for left out."""

    def sign(body: bytes) -> dict[str, str]:
        headers = signed(body)
        for name, value in changed.items():
            headers.pop(name.replace("_", "-"))
            if value != "-":
                headers[name.replace("_", "-")] = value
        return headers

    return sign


def _at(seconds: float) -> Callable[[bytes], dict[str, str]]:
    return lambda body: signed(body, at=time.time() + seconds)


def _event(**changed: object) -> bytes:
    return json.dumps(envelope({**EVENT, **changed})).encode()


def _envelope(**changed: object) -> bytes:
    return json.dumps({**envelope(EVENT), **changed}).encode()


def _form(**fields: str) -> bytes:
    return urllib.parse.urlencode(fields).encode()


def _interaction(**changed: object) -> bytes:
    body = {"type": "block_actions", "user": {"id": "U1"}, "actions": [], **changed}
    return _form(payload=json.dumps(body))


TIME, SIGNATURE = "X_Slack_Request_Timestamp", "X_Slack_Signature"
REQUESTS = [
    Hostile("no signature at all", (400, 401), sign=None),
    Hostile("no timestamp", (400, 401), sign=_with(**{TIME: "-"})),
    Hostile("no signature header", (400, 401), sign=_with(**{SIGNATURE: "-"})),
    Hostile("empty timestamp", (400, 401), sign=_with(**{TIME: ""})),
    Hostile("timestamp of letters", (400, 401), sign=_with(**{TIME: "yesterday"})),
    Hostile("timestamp with a fraction", (400, 401), sign=_with(**{TIME: "1.5"})),
    Hostile("negative timestamp", (400, 401), sign=_with(**{TIME: "-1"})),
    Hostile("timestamp of 400 digits", (400, 401), sign=_with(**{TIME: "9" * 400})),
    Hostile("timestamp in other digits", (400, 401), sign=_with(**{TIME: "\xb2\xb3"})),
    Hostile("timestamp not a number", (400, 401), sign=_with(**{TIME: "nan"})),
    Hostile("timestamp of another time", (401,), sign=_with(**{TIME: str(int(time.time()) - 5)})),
    Hostile("five minutes and a bit ago", (401,), sign=_at(-310)),
    Hostile("five minutes and a bit ahead", (401,), sign=_at(310)),
    Hostile("a year ago", (401,), sign=_at(-31_536_000)),
    Hostile("empty signature", (401,), sign=_with(**{SIGNATURE: ""})),
    Hostile("signature of another version", (401,), sign=_with(**{SIGNATURE: "v1=" + "0" * 64})),
    Hostile("signature too short", (401,), sign=_with(**{SIGNATURE: "v0=" + "0" * 63})),
    Hostile("signature too long", (401,), sign=_with(**{SIGNATURE: "v0=" + "0" * 65})),
    Hostile("signature no hex", (401,), sign=_with(**{SIGNATURE: "v0=" + "z" * 64})),
    Hostile("signature of bytes", (401,), sign=_with(**{SIGNATURE: "v0=\xe9\xff"})),
    Hostile("signature wrong", (401,), sign=_with(**{SIGNATURE: "v0=" + "0" * 64})),
    Hostile("another secret", (401,), sign=lambda body: signed(body, secret="another")),
    Hostile("empty secret", (401,), sign=lambda body: signed(body, secret="")),
    Hostile("body changed after signing", (401,), sign=lambda body: signed(body + b" ")),
    Hostile("empty body", (400,), b""),
    Hostile("no JSON", (400,), b"{" + CANARY.encode()),
    Hostile("JSON that breaks off", (400,), GOOD[:-10]),
    Hostile("a JSON array", (400,), b"[1, 2]"),
    Hostile("a JSON string", (400,), b'"hello"'),
    Hostile("JSON null", (400,), b"null"),
    Hostile("JSON 100,000 deep", (400,), b'{"a":' * 100_000),
    Hostile("no UTF-8", (400,), b'{"type": "\xff\xfe"}'),
    Hostile("an event that is text", (400,), _envelope(event="x")),
    Hostile("no event", (400,), _envelope(event=None)),
    Hostile("no event id", (400,), _envelope(event_id=None)),
    Hostile("authorizations that are a number", (400,), _envelope(authorizations=7)),
    Hostile("type that is a list", (400,), _envelope(type=["event_callback"])),
    Hostile("channel that is an object", (400,), _event(channel={"id": "C1"})),
    Hostile("text that is a number", (400,), _event(text=5)),
    Hostile("timestamp of the message that is a list", (400,), _event(ts=[])),
    Hostile("a challenge without a challenge", (400,), b'{"type": "url_verification"}'),
    Hostile("form without fields", (400,), b"hello", FORM),
    Hostile("form with nothing of ours", (400,), _form(a="b"), FORM),
    Hostile("payload that is no JSON", (400,), _form(payload="{"), FORM),
    Hostile("payload that is an array", (400,), _form(payload="[]"), FORM),
    Hostile("payload without a user", (400,), _interaction(user=None), FORM),
    Hostile("actions that are text", (400,), _interaction(actions="press"), FORM),
    Hostile("command without a user", (400,), _form(command="/report", text=CANARY), FORM),
    Hostile("a thousand fields", (400,), b"&".join(b"a%d=1" % n for n in range(1000)), FORM),
    Hostile("another content type", (415,), headers={"Content-Type": "text/xml"}),
    Hostile("no content type", (415,), headers={}),
    Hostile("gzip", (415,), gzip.compress(GOOD), {**JSON, "Content-Encoding": "gzip"}),
    Hostile(
        *("gzip bomb", (415,), gzip.compress(b"0" * 50_000_000)),
        {**JSON, "Content-Encoding": "gzip"},
    ),
    Hostile("brotli", (415,), headers={**JSON, "Content-Encoding": "br"}),
    Hostile("10 MB", (413,), b'{"a": "' + b"x" * 10_000_000 + b'"}'),
    Hostile("GET", (405,), b"", method="GET"),
    Hostile("PUT", (405,), method="PUT"),
    Hostile("another path", (404,), path="/"),
    Hostile("a path upwards", (404,), path="/slack/events/../../etc/passwd"),
]


@pytest.fixture(scope="module", autouse=True)
def _at_rest(_bots: dict[Mode, BotProcess]) -> None:
    """The bot is done with what other tests asked it, so that no call is theirs."""
    bot, before = _bots["http"], -1
    deadline = time.monotonic() + 60
    while bot.waiting() or len(bot.slack.calls) != before:
        assert time.monotonic() < deadline
        before = len(bot.slack.calls)
        time.sleep(1)


@pytest.mark.parametrize("hostile", REQUESTS, ids=lambda hostile: hostile.name)
def test_a_hostile_request_gets_a_4xx(http_bot: BotProcess, hostile: Hostile) -> None:
    calls = len(http_bot.slack.calls)
    headers = {**hostile.headers, **(hostile.sign(hostile.body) if hostile.sign else {})}
    try:
        ack = http_bot.request(hostile.method, hostile.path, hostile.body, headers)
    except (BrokenPipeError, ConnectionResetError):
        assert 413 in hostile.statuses  # it was refused before all of it was sent
    else:
        assert ack.status in hostile.statuses
        assert CANARY not in ack.body
    assert len(http_bot.slack.calls) == calls


RAW = {
    "half a request line": b"PO",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n",
    "a header without an end": b"POST /slack/events HTTP/1.1\r\nX: " + b"a" * 100_000,
    "two lengths": b"POST /slack/events HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
    b"Content-Length: 50\r\n\r\nhello",
    "length that is no number": b"POST /slack/events HTTP/1.1\r\nHost: a\r\n"
    b"Content-Length: many\r\n\r\nhello",
    "negative length": b"POST /slack/events HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello",
    "chunks that are none": b"POST /slack/events HTTP/1.1\r\nHost: a\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    "12 MB in chunks": b"POST /slack/events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
    b"\r\n" + (b"100000\r\n" + b"x" * 0x100000 + b"\r\n") * 12,
    "a body that never comes": b"POST /slack/events HTTP/1.1\r\nHost: a\r\n"
    b"Content-Length: 500\r\n\r\nhello",
}


@pytest.mark.parametrize("sent", RAW.values(), ids=RAW)
def test_what_is_hardly_http_gets_a_4xx_or_nothing(http_bot: BotProcess, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", http_bot.port), timeout=15) as connection:
        try:
            connection.sendall(sent)
            if sent == b"PO":
                connection.shutdown(socket.SHUT_WR)
            reply = connection.recv(200)
        except (BrokenPipeError, ConnectionResetError):
            reply = b""
    assert reply[:10] in (b"", b"HTTP/1.1 4") or reply.startswith(b"HTTP/1.1 4")


def test_after_all_that_the_bot_answers_and_its_log_holds_nothing(http_bot: BotProcess) -> None:
    event = mention(http_bot.slack, "CAFTER", "U1", "瑞安2018年的生产总值是多少?")
    assert http_bot.event(event).status == 200
    http_bot.slack.wait_for(lambda: any(map(is_answer, http_bot.slack.of_bot("CAFTER"))))
    log = http_bot.log.read_text()
    for secret in (CANARY, SECRET, BOT_TOKEN, "xapp-", "生产总值", "Traceback", "response/"):
        assert secret not in log


def test_the_address_is_verified(http_bot: BotProcess) -> None:
    body = b'{"type": "url_verification", "challenge": "abc", "token": "t"}'
    ack = http_bot.post(body, "application/json")
    assert (ack.status, "abc" in ack.body) == (200, True)


def test_requests_at_the_edge_of_the_window_are_taken(http_bot: BotProcess) -> None:
    body = b'{"type": "url_verification", "challenge": "abc", "token": "t"}'
    for seconds in (-290, 290):
        headers = {**JSON, **signed(body, at=time.time() + seconds)}
        assert http_bot.request("POST", PATH, body, headers).status == 200


def test_what_is_well_formed_but_not_ours_is_no_failure(http_bot: BotProcess) -> None:
    other = json.dumps(envelope({"type": "emoji_changed"})).encode()
    assert http_bot.post(other, "application/json").status == 200
    shortcut = json.dumps({"type": "shortcut", "callback_id": "x", "user": {"id": "U1"}})
    assert http_bot.post(_form(payload=shortcut), FORM["Content-Type"]).status == 404
    fields = {"user_id": "U1", "channel_id": "C1", "trigger_id": "1", "response_url": "http://x"}
    unknown = _form(command="/other", **fields)
    assert http_bot.post(unknown, FORM["Content-Type"]).status == 404
