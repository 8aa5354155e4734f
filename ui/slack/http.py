"""HTTP mode: requests are checked to the last byte before anything of them is read.

Bolt answers 500 to a malformed timestamp or body and logs the body of a wrongly signed request;
nothing of that kind reaches it from here.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from pydantic import BaseModel
from slack_bolt import App, BoltRequest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

log = logging.getLogger("report_qa.slack")

PATH = "/slack/events"
MOST_BYTES = 1_000_000
WINDOW_SECONDS = 300
_BODY_SECONDS = 5.0
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"


class Rejected(Exception):  # noqa: N818 - it is an answer, not a failure
    """The request gets this status (4xx) and this reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def web_app(app: App, signing_secret: str) -> Starlette:
    """The ASGI application that takes Slack's requests on `PATH`."""

    async def receive(request: Request) -> Response:
        try:
            body = await _body_of(request)
            check_signature(body, request.headers, signing_secret, time.time())
            text, content_type = check_form(body, request.headers.get("content-type", ""))
        except Rejected as rejected:
            log.info("a request was rejected with %d: %s", rejected.status, rejected.reason)
            return Response(rejected.reason, rejected.status, media_type="text/plain")
        return await run_in_threadpool(_dispatch, app, text, content_type)

    return Starlette(routes=[Route(PATH, receive, methods=["POST"])])


async def _body_of(request: Request) -> bytes:
    """The body, if it is neither packed nor too large nor too slow."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Rejected(415, "The body must not be compressed.")
    length = request.headers.get("content-length", "0")
    if not length.isdecimal():
        raise Rejected(400, "Content-Length is no number.")
    if int(length) > MOST_BYTES:
        raise Rejected(413, "The body is too large.")
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            body = bytearray()
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise Rejected(413, "The body is too large.")
            return bytes(body)
    except TimeoutError as error:
        raise Rejected(408, "The body did not come in time.") from error
    except ClientDisconnect as error:
        raise Rejected(400, "The body broke off.") from error


def check_signature(body: bytes, headers: Mapping[str, str], secret: str, now: float) -> None:
    """Raises Rejected unless Slack signed the body within the last five minutes.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    timestamp = headers.get("x-slack-request-timestamp", "")
    signature = headers.get("x-slack-signature", "")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise Rejected(400, "The timestamp is missing or no number.")
    if not _SIGNATURE.fullmatch(signature):
        raise Rejected(401, "The signature is missing or malformed.")
    if abs(now - int(timestamp)) > WINDOW_SECONDS:
        raise Rejected(401, "The timestamp is not within five minutes.")
    signed = b"v0:" + timestamp.encode() + b":" + body
    expected = "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature):
        raise Rejected(401, "The signature is wrong.")


class _Event(BaseModel):
    type: str
    subtype: str | None = None
    user: str | dict[str, Any] | None = None
    channel: str | dict[str, Any] | None = None
    text: str | None = None
    ts: str | None = None
    thread_ts: str | None = None


class _Message(_Event):
    """An event of which the bot reads the channel, the text and who wrote it."""

    user: str | None = None
    channel: str


class _Envelope(BaseModel):
    """What the Events API sends."""

    type: str
    challenge: str | None = None
    team_id: str | None = None
    event_id: str | None = None
    authorizations: list[dict[str, Any]] | None = None
    event: dict[str, Any] | None = None


class _User(BaseModel):
    id: str


class _Interaction(BaseModel):
    """What a button, a window or a shortcut sends."""

    type: str
    user: _User
    team: dict[str, Any] | None = None
    channel: dict[str, Any] | None = None
    message: dict[str, Any] | None = None
    container: dict[str, Any] | None = None
    trigger_id: str | None = None
    response_url: str | None = None
    actions: list[dict[str, Any]] | None = None
    view: dict[str, Any] | None = None


class _Command(BaseModel):
    command: str
    text: str = ""
    user_id: str
    channel_id: str
    trigger_id: str
    response_url: str


def check_form(body: bytes, content_type: str) -> tuple[str, str]:
    """(body as text, its media type) of a well-formed request; raises Rejected."""
    media_type = content_type.partition(";")[0].strip().lower()
    try:
        text = body.decode("utf-8")
        if media_type == _JSON:
            _check_event(json.loads(text))
        elif media_type == _FORM:
            _check_fields(text)
        else:
            raise Rejected(415, "The content type is neither JSON nor a form.")
    except (ValueError, RecursionError) as error:  # of UTF-8, JSON and pydantic
        raise Rejected(400, "The body is malformed.") from error
    return text, media_type


def _check_event(value: object) -> None:
    envelope = _Envelope.model_validate(value)
    if envelope.type == "url_verification":
        if envelope.challenge is None:
            raise Rejected(400, "The challenge is missing.")
    elif envelope.type == "event_callback":
        if envelope.event is None or not envelope.event_id:
            raise Rejected(400, "The event or its id is missing.")
        event = _Event.model_validate(envelope.event)
        if event.type in ("message", "app_mention"):
            _Message.model_validate(envelope.event)


def _check_fields(text: str) -> None:
    fields = parse_qs(text, keep_blank_values=True, strict_parsing=True, max_num_fields=100)
    single = {name: values[0] for name, values in fields.items()}
    if "payload" in single:
        _Interaction.model_validate(json.loads(single["payload"]))
    elif "command" in single:
        _Command.model_validate(single)
    elif single.get("ssl_check") != "1":
        raise Rejected(400, "The form is neither a payload nor a command.")


def _dispatch(app: App, text: str, content_type: str) -> Response:
    """Hand a checked request to bolt."""
    request = BoltRequest(body=text, headers={"content-type": content_type})
    reply = app.dispatch(request)
    headers = {name: values[0] for name, values in reply.headers.items() if values}
    return Response(reply.body or "", reply.status, headers)
