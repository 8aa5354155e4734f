"""Calls of Slack's Web API that wait when told to, repeat what may be repeated, and sort errors."""

from __future__ import annotations

import functools
import logging
import re
import time
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from ui.slack.blocks import Message

log = logging.getLogger("report_qa.slack")

CALL_SECONDS = 10
LONGEST_WAIT = 5.0
"""Seconds to wait in place; a longer wait goes back to the queue."""
_TRIES = 4
_FIRST_PAUSE = 0.3
_LATER_SECONDS = 5.0
_REVOKED_SECONDS = 15.0
_MARK = "report_qa_answer"
_PAGES = 10
_PASSING = {
    *("fatal_error", "internal_error", "service_unavailable", "request_timeout", "accesslimited"),
    *("team_added_to_org", "external_channel_migrating", "rollup_error", "server_error"),
}
_REVOKED = {
    *("token_revoked", "token_expired", "account_inactive", "invalid_auth", "not_authed"),
}
_ERROR_CODE = re.compile(r"[a-z0-9_]+")

Data = Mapping[str, Any]
_BROKEN = (OSError, HTTPException, SlackClientError, ValueError)
"""What a connection or a reply that breaks off raises in the SDK."""


class SlackLaterError(Exception):
    """Not now, but again in `seconds`. `unsure`: it may have been done nevertheless."""

    def __init__(self, seconds: float, *, unsure: bool = False) -> None:
        super().__init__(f"Slack cannot be reached or is busy, again in {seconds:.0f} s")
        self.seconds = seconds
        self.unsure = unsure


class SlackRefusedError(Exception):
    """Slack will never take this call; `code` is its error, "not_in_channel" for example."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _PassingError(Exception):
    """May work when repeated after `seconds`. `unsure`: Slack may have done what was asked."""

    def __init__(self, seconds: float | None = None, *, unsure: bool = False) -> None:
        super().__init__()
        self.seconds = seconds
        self.unsure = unsure


class Calls:
    """Slack's Web API over one bot token. All methods raise SlackLaterError and
    SlackRefusedError; `until` is the time (of `time.monotonic`) after which nothing is repeated."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def call(self, method: str, until: float, **arguments: Any) -> Data:
        """A call that does no harm when it is done twice."""
        return self._repeat(lambda: self._once(method, arguments), until)

    def post(self, channel: str, thread: str, message: Message, mark: str, until: float) -> str:
        """Post a message once and return its timestamp.

        `mark` names the message: it is looked up whenever a call ended without saying what became
        of it.
        """
        arguments = {
            **_payload(message),
            "channel": channel,
            "metadata": {"event_type": _MARK, "event_payload": {"mark": mark}},
        }
        if thread:
            arguments["thread_ts"] = thread
        unsure = False

        def once() -> Data:
            nonlocal unsure
            if unsure and (ts := self._find(channel, thread, mark)):
                return {"ts": ts}
            unsure = True
            return self._once("chat.postMessage", arguments)

        return str(self._repeat(once, until)["ts"])

    def find(self, channel: str, thread: str, mark: str, until: float) -> str:
        """The timestamp of the message with this mark, "" if it was never posted."""
        return str(self._repeat(lambda: {"ts": self._find(channel, thread, mark)}, until)["ts"])

    def update(self, channel: str, ts: str, message: Message, until: float) -> None:
        """Replace a message."""
        self.call("chat.update", until, channel=channel, ts=ts, **_payload(message))

    def respond(self, response_url: str, message: Message, until: float, **more: Any) -> None:
        """Answer a command or a button where only its user sees it (unless `more` says else).

        Such a message cannot be looked up: it is not repeated if it may have arrived.
        """
        once = functools.partial(_respond_once, response_url, message, more)
        self._repeat(once, until, when_unsure=False)

    def _find(self, channel: str, thread: str, mark: str) -> str:
        """The timestamp of our message with this mark, "" if there is none."""
        method = "conversations.replies" if thread else "conversations.history"
        where = {"channel": channel, "limit": 200, "include_all_metadata": True}
        if thread:
            where["ts"] = thread
        cursor = ""
        for _ in range(_PAGES):
            found = self._once(method, {**where, "cursor": cursor} if cursor else where)
            for message in found.get("messages", []):
                payload = (message.get("metadata") or {}).get("event_payload") or {}
                if payload.get("mark") == mark:
                    return str(message["ts"])
            cursor = (found.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        return ""

    def _once(self, method: str, arguments: Data) -> Data:
        try:
            if method.startswith("conversations."):
                response = self._client.api_call(method, params=dict(arguments))
            else:
                response = self._client.api_call(method, json=dict(arguments))
        except SlackApiError as error:
            raise _sorted(error) from error
        except _BROKEN as error:
            raise _PassingError from error
        data: Data = response.data
        return data

    @staticmethod
    def _repeat(once: Callable[[], Data], until: float, *, when_unsure: bool = True) -> Data:
        for number in range(_TRIES):
            try:
                return once()
            except _PassingError as error:
                last = number == _TRIES - 1 or (error.unsure and not when_unsure)
                pause = error.seconds if error.seconds is not None else _FIRST_PAUSE * 3**number
                if last or pause > LONGEST_WAIT or time.monotonic() + pause > until:
                    raise SlackLaterError(
                        max(pause, _LATER_SECONDS), unsure=error.unsure
                    ) from error
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")


def _payload(message: Message) -> dict[str, Any]:
    return {
        "text": message.text,
        "blocks": list(message.blocks),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _respond_once(response_url: str, message: Message, more: Data) -> Data:
    client = WebhookClient(response_url, timeout=CALL_SECONDS, logger=log, retry_handlers=[])
    try:
        body = {**_payload(message), "response_type": "ephemeral", "replace_original": False}
        response = client.send_dict({**body, **more})
    except _BROKEN as error:
        raise _PassingError(unsure=not _never_arrived(error)) from error
    if response.status_code == 429:
        raise _PassingError(_seconds(response.headers))
    if response.status_code >= 500:
        raise _PassingError
    if response.status_code != 200:
        raise SlackRefusedError(_code(response.body))
    return {}


def _sorted(error: SlackApiError) -> Exception:
    """What an error of the Web API means for us."""
    response = error.response
    code = str(response.get("error", ""))
    if response.status_code == 429 or code in ("ratelimited", "rate_limited"):
        return _PassingError(_seconds(response.headers))
    if response.status_code >= 500 or code in _PASSING or not _ERROR_CODE.fullmatch(code):
        return _PassingError()
    if code in _REVOKED:
        log.error("Slack refuses SLACK_BOT_TOKEN (%s); set a new one and restart.", code)
        return SlackLaterError(_REVOKED_SECONDS)
    return SlackRefusedError(code)


def _never_arrived(error: Exception) -> bool:
    return isinstance(error, URLError) and isinstance(error.reason, ConnectionRefusedError)


def _code(body: str) -> str:
    found = _ERROR_CODE.search(body or "")
    return found[0] if found else "unknown"


def _seconds(headers: Data) -> float:
    """Retry-After, one second if it is missing or no number."""
    value = next((v for name, v in headers.items() if name.lower() == "retry-after"), "1")
    try:
        return max(0.0, float(value[0] if isinstance(value, list) else value))
    except ValueError:
        return 1.0
