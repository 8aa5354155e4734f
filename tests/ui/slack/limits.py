"""What Slack takes: required arguments of its Web API and the limits of Block Kit.

From https://docs.slack.dev/reference/block-kit and https://docs.slack.dev/reference/methods.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

REQUIRED: dict[str, tuple[str, ...]] = {
    "api.test": (),
    "auth.test": (),
    "apps.connections.open": (),
    "chat.postMessage": ("channel", "text"),
    "chat.postEphemeral": ("channel", "user", "text"),
    "chat.update": ("channel", "ts", "text"),
    "chat.delete": ("channel", "ts"),
    "conversations.open": ("users",),
    "conversations.replies": ("channel", "ts"),
    "conversations.history": ("channel",),
    "reactions.add": ("channel", "timestamp", "name"),
    "reactions.remove": ("channel", "timestamp", "name"),
    "views.open": ("trigger_id", "view"),
    "views.update": ("view_id", "view"),
    "views.publish": ("user_id", "view"),
}
"""The methods that the loopback Slack plays, and what each must be given."""

MESSAGE_CHARACTERS = 12_000
MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
_LIVE = re.compile(r"<[!@#a-zA-Z]")
_OWN_LINK = re.compile(r"<#C[A-Z0-9]+>")
_PLACES = {
    "message": {"section", "context", "divider", "actions", "rich_text", "header"},
    "modal": {"section", "context", "divider", "actions", "rich_text", "header", "input"},
    "home": {"section", "context", "divider", "actions", "rich_text", "header"},
}


def problems_of_message(message: Mapping[str, Any]) -> list[str]:
    """Why Slack, or a careful reader of its rules, would not take a message."""
    found = list(_mrkdwn(message.get("text", ""), 4_000))
    for name in ("unfurl_links", "unfurl_media"):
        if message.get(name) is not False:
            found.append(f"{name} is not off")
    blocks = message.get("blocks") or []
    if total(blocks) > MESSAGE_CHARACTERS:
        found.append(f"{total(blocks)} characters in a message")
    return [*found, *_blocks(blocks, "message", MESSAGE_BLOCKS)]


def problems_of_view(view: Mapping[str, Any]) -> list[str]:
    """Why Slack would not take a modal or a home tab."""
    kind = view.get("type")
    if kind not in ("modal", "home"):
        return [f"a view of type {kind!r}"]
    found = list(_blocks(view.get("blocks") or [], kind, VIEW_BLOCKS))
    if kind == "modal":
        found += [] if "title" in view else ["a modal without a title"]
        for name in ("title", "submit", "close"):
            if name in view:
                found += _plain(view[name], 24)
        inputs = any(block["type"] == "input" for block in view["blocks"])
        found += ["inputs without submit"] if inputs and "submit" not in view else []
    found += _short(view.get("callback_id", ""), 255, "callback_id")
    found += _short(view.get("private_metadata", ""), 3_000, "private_metadata")
    return found


def total(value: object) -> int:
    """How many characters of text a payload holds."""
    if isinstance(value, Mapping):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(map(total, value.values()))
    return sum(map(total, value)) if isinstance(value, list | tuple) else 0


def _blocks(blocks: Sequence[Mapping[str, Any]], place: str, most: int) -> Iterator[str]:
    if len(blocks) > most:
        yield f"{len(blocks)} blocks"
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(set(ids)) < len(ids):
        yield "a block_id twice"
    for block in blocks:
        kind = block.get("type")
        yield from _short(block.get("block_id", ""), 255, "block_id")
        if kind not in _PLACES[place]:
            yield f"a block of type {kind!r} in a {place}"
        elif kind == "section":
            yield from _text(block["text"], 3_000)
            if "accessory" in block:
                yield from _element(block["accessory"])
        elif kind == "header":
            yield from _plain(block["text"], 150)
        elif kind == "context":
            yield from _count(block["elements"], 10, "elements of a context")
            for element in block["elements"]:
                yield from _text(element, 3_000)
        elif kind == "actions":
            yield from _count(block["elements"], 25, "elements of actions")
            names = [element.get("action_id") for element in block["elements"]]
            if len(set(names)) < len(names):
                yield "an action_id twice in a block"
            for element in block["elements"]:
                yield from _element(element)
        elif kind == "rich_text":
            yield from _rich(block)
        elif kind == "input":
            yield from _plain(block["label"], 2_000)
            yield from _element(block["element"])


def _element(element: Mapping[str, Any]) -> Iterator[str]:
    if not element.get("action_id"):
        yield "an element without action_id"
    yield from _short(element.get("action_id", ""), 255, "action_id")
    if element["type"] == "button":
        yield from _plain(element["text"], 75)
        yield from _short(element.get("value", ""), 2_000, "value")
        yield from _short(element.get("url", ""), 3_000, "url")
    elif element["type"] == "plain_text_input":
        yield from _plain(element["placeholder"], 150)
        if not 1 <= element.get("max_length", 1) <= 3_000:
            yield "max_length"
    else:
        yield f"an element of type {element['type']!r}"


def _rich(block: Mapping[str, Any]) -> Iterator[str]:
    if total(block) > 3_000:
        yield f"{total(block)} characters in a rich_text"
    for section in block["elements"]:
        if section["type"] != "rich_text_section":
            yield f"{section['type']} in a rich_text"
        if not section["elements"]:
            yield "an empty rich_text_section"
        for element in section["elements"]:
            if element["type"] != "text" or not element["text"]:
                yield f"an element {element} in a rich_text_section"
            if _LIVE.search(element["text"]):
                yield f"a live command in {element['text']!r}"
            if unknown := set(element.get("style", {})) - {"bold", "italic", "strike", "code"}:
                yield f"style {unknown}"


def _text(text: Mapping[str, Any], most: int) -> Iterator[str]:
    if text["type"] == "mrkdwn":
        yield from _mrkdwn(text["text"], most)
    else:
        yield from _plain(text, most)


def _plain(text: Mapping[str, Any], most: int) -> Iterator[str]:
    if text["type"] != "plain_text":
        yield f"{text['type']} instead of plain_text"
    if not 1 <= len(text["text"]) <= most:
        yield f"{len(text['text'])} characters of at most {most}: {text['text'][:40]!r}"
    if _LIVE.search(text["text"]):
        yield f"a live command in {text['text']!r}"


def _mrkdwn(text: str, most: int) -> Iterator[str]:
    if not 1 <= len(text) <= most:
        yield f"{len(text)} characters of at most {most}: {text[:40]!r}"
    if _LIVE.search(_OWN_LINK.sub("", text)):
        yield f"a live command in {text!r}"


def _short(value: str, most: int, name: str) -> list[str]:
    return [f"{name} has {len(value)} characters"] if len(value) > most else []


def _count(values: Sequence[object], most: int, name: str) -> Iterator[str]:
    if not 1 <= len(values) <= most:
        yield f"{len(values)} {name}"
