"""Text of documents and models made safe for Slack, and long text cut at sentence ends. Pure."""

from __future__ import annotations

import re

_JOINER = "\u2060"  # invisible, and enough to keep Slack from reading a command or a link
# Control characters, and those that turn the direction of what follows.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_COMMAND = re.compile(r"<(?=[!@#/a-zA-Z])")
_BROADCAST = re.compile(r"@(?=(?:here|channel|everyone|group)\b)", re.IGNORECASE)
_LINK_BEGINS = re.compile(r"(?::(?=//)|(?<=mailto):|(?<=\bwww)\.)(?=\S)", re.IGNORECASE)
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_NAMED = re.compile(r"<[#!][^>|]*\|([^>]*)>")
_UNNAMED = re.compile(r"<[#!][^>]*>")
_LINK = re.compile(r"<((?:https?|mailto|tel):[^>|]*)(?:\|([^>]*))?>")
_SENTENCE_END = re.compile(r"[。\uff1b\uff01\uff1f\n]|[.;!?](?=\s)")
_CLAUSE_END = re.compile(r"[\uff0c、\uff1a,:]|\s")


def defang(text: str) -> str:
    """The text as people see it, in which Slack finds no mention, no command and no link."""
    text = _UNPRINTABLE.sub("", text)
    text = _COMMAND.sub("<" + _JOINER, text)
    text = _BROADCAST.sub("@" + _JOINER, text)
    return _LINK_BEGINS.sub(lambda found: _JOINER + found[0] + _JOINER, text)


def escape(text: str) -> str:
    """Defanged text for a field that Slack reads as mrkdwn."""
    return defang(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(message: str, bot_user: str) -> str:
    """What a person meant by a message: without mentions, with links and channels by name."""
    message = _MENTION.sub(lambda found: " " if found[1] == bot_user else " @… ", message)
    message = _NAMED.sub(r"\1", message)
    message = _UNNAMED.sub(" ", message)
    message = _LINK.sub(lambda found: found[2] or found[1], message)
    message = message.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return " ".join(message.replace("@…", " ").split())


def is_to_someone_else(message: str, bot_user: str) -> bool:
    """Whether a message begins by addressing another person."""
    found = _MENTION.match(message.lstrip())
    return found is not None and found[1] != bot_user


def mentions(message: str, user: str) -> bool:
    """Whether a message mentions a user."""
    return any(found[1] == user for found in _MENTION.finditer(message))


def pieces(text: str, limit: int) -> list[str]:
    """The text in pieces of at most `limit` characters, whose concatenation it is.

    A piece ends after a sentence where it can, else after a clause, else anywhere.
    """
    found = []
    while len(text) > limit:
        end = _last_end(_SENTENCE_END, text, limit) or _last_end(_CLAUSE_END, text, limit) or limit
        found.append(text[:end])
        text = text[end:]
    return [*found, text] if text else found


def _last_end(pattern: re.Pattern[str], text: str, limit: int) -> int:
    ends = [found.end() for found in pattern.finditer(text, 0, limit)]
    return ends[-1] if ends else 0
