"""Brings an answer to where it was asked: each of its messages once, whatever happened before."""

from __future__ import annotations

import logging
from dataclasses import replace

from rag.search.understand import language_of
from ui.slack.blocks import Message, answer_messages, notice
from ui.slack.calls import Calls, SlackLaterError, SlackRefusedError
from ui.slack.deliveries import Deliveries, Question
from ui.slack.kept import KeptAnswer
from ui.slack.words import say

log = logging.getLogger("report_qa.slack")

_PRIVATE_MESSAGES = 3
"""Slack takes five messages for a command: this many, one that says so if there are more, and one
for the queue."""
_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
_TOO_MUCH = {
    *("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"),
    *("invalid_arguments", "no_text"),
}
_NOT_A_MEMBER = {"not_in_channel", "channel_not_found"}


def mark(question: Question, part: int) -> str:
    """What a message of an answer is recognised by."""
    return f"{question.key}/{part}"


class Sender:
    """Sends answers. Its methods raise SlackLaterError, SlackRefusedError and LeaseLostError."""

    def __init__(self, calls: Calls, store: Deliveries) -> None:
        self._calls = calls
        self._store = store

    def send(self, question: Question, answer: KeptAnswer, until: float) -> None:
        """Send all messages of an answer."""
        shared_from = question.parent if question.kind == "share" else None
        messages = answer_messages(
            answer,
            shared_from or question.id,
            private=question.private,
            repeat_question=question.kind != "message",
        )
        if question.private:
            self._send_privately(question, answer, messages, until)
            return
        try:
            for part, message in enumerate(messages):
                question = self._send_part(question, part, message, until)
        except SlackRefusedError as error:
            if not (question.response_url and error.code in _NOT_A_MEMBER and not question.posted):
                raise
            self._share_by_url(question, messages, until)
            return
        if question.kind == "share":
            self._say_shared(question, answer, until)

    def show(self, question: Question, message: Message, until: float) -> Question:
        """Show an answer that still grows in its first message."""
        return self._send_part(question, 0, message, until)

    def tell_why(self, question: Question, code: str, until: float) -> None:
        """Tell who asked, in a direct message, why there is no answer."""
        if code not in _NOT_A_MEMBER or question.kind != "message":
            return
        text = say("invite", language_of(question.text), channel=question.channel)
        try:
            arguments = {"text": text, "unfurl_links": False, "unfurl_media": False}
            self._calls.call("chat.postMessage", until, channel=question.user, **arguments)
        except (SlackLaterError, SlackRefusedError) as error:
            log.warning("question %d: not told why (%s)", question.id, error)

    def _send_part(self, question: Question, part: int, message: Message, until: float) -> Question:
        """Update the message if it is there, else post it."""
        try:
            return self._place_part(question, part, message, until)
        except SlackRefusedError as error:
            if error.code not in _TOO_MUCH:
                raise
            log.warning("question %d: sent without blocks (%s)", question.id, error.code)
            return self._place_part(question, part, Message(message.text, ()), until)

    def _place_part(
        self, question: Question, part: int, message: Message, until: float
    ) -> Question:
        maybe_there = question.attempt > 1 or question.noticed
        if part < len(question.posted):
            try:
                self._calls.update(question.channel, question.posted[part], message, until)
                return question
            except SlackRefusedError as error:
                if error.code not in _GONE:
                    raise
                maybe_there = False
        where = (question.channel, question.thread)
        if maybe_there and (ts := self._calls.find(*where, mark(question, part), until)):
            return self._place_part(self._note(question, part, ts), part, message, until)
        return self._note(
            question, part, self._calls.post(*where, message, mark(question, part), until)
        )

    def _note(self, question: Question, part: int, ts: str) -> Question:
        """Keep that a part is the message `ts`."""
        posted = (*question.posted[:part], ts, *question.posted[part + 1 :])
        thread = question.thread or ts
        self._store.note_posted(question, posted, thread)
        return replace(question, posted=posted, thread=thread)

    def _send_privately(
        self, question: Question, answer: KeptAnswer, messages: list[Message], until: float
    ) -> None:
        """To who asked only. Such messages cannot be looked up, so each is noted before it is
        sent, and one that may have been sent before says so."""
        if len(messages) > _PRIVATE_MESSAGES + 1:
            cut = notice(say("cut", answer.language))
            buttons = messages[-1].blocks[-1]
            cut = replace(cut, blocks=(*cut.blocks, buttons))
            messages = [*messages[:_PRIVATE_MESSAGES], cut]
        for part, message in enumerate(messages):
            begun = len(question.posted)
            if part < begun - 1:
                continue
            if part == begun - 1:
                again = notice(say("maybe_twice", answer.language)).blocks
                message = replace(message, blocks=(*again, *message.blocks))
            else:
                question = replace(question, posted=(*question.posted, "begun"))
                self._store.note_posted(question, question.posted, question.thread)
            try:
                self._calls.respond(question.response_url, message, until)
            except SlackLaterError as error:
                if not error.unsure:
                    self._store.note_posted(question, question.posted[:part], question.thread)
                raise

    def _share_by_url(self, question: Question, messages: list[Message], until: float) -> None:
        """Into a channel that the bot is no member of, by the leave of who pressed the button."""
        for message in messages[:_PRIVATE_MESSAGES]:
            self._calls.respond(question.response_url, message, until, response_type="in_channel")

    def _say_shared(self, question: Question, answer: KeptAnswer, until: float) -> None:
        try:
            self._calls.respond(
                question.response_url, notice(say("shared", answer.language)), until
            )
        except (SlackLaterError, SlackRefusedError) as error:
            log.info("question %d: not told that it was shared (%s)", question.id, error)
