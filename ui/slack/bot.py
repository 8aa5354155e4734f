"""What people do in Slack, turned into questions, windows and verdicts.

A handler takes a question up in the store and returns; Slack gets its acknowledgement right after.
Whatever needs a call to Slack happens in threads of its own.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App, BoltContext, BoltResponse
from slack_bolt.error import BoltUnhandledRequestError

from rag.assistant import Assistant
from rag.errors import ReportQAError
from rag.search.understand import language_of
from rag.types import Language, ReportInfo
from ui.feedback import Feedback, FeedbackStore
from ui.slack import blocks
from ui.slack.answering import Answering
from ui.slack.background import Background, place_of
from ui.slack.blocks import Message, notice
from ui.slack.calls import Calls, SlackLaterError, SlackRefusedError
from ui.slack.config import BotConfig
from ui.slack.deliveries import Acceptance, Asked, Deliveries, Question
from ui.slack.text import is_to_someone_else, mentions, plain
from ui.slack.words import say, say_both

log = logging.getLogger("report_qa.slack")

COMMAND = "/report"
_WRITTEN_BY_PEOPLE = ("", "file_share", "thread_broadcast")
_PROMPT_THREADS = 8
_STARTERS = 5
_PROMPT_SECONDS = 8.0
_OTHER: dict[Language, Language] = {"zh": "en", "en": "zh"}
_ANYTHING = re.compile(".*")

Payload = dict[str, Any]


class Bot:
    """The handlers."""

    def __init__(
        self,
        assistant: Assistant,
        store: Deliveries,
        calls: Calls,
        answering: Answering,
        feedback: FeedbackStore,
        config: BotConfig,
    ) -> None:
        self._assistant = assistant
        self._store = store
        self._calls = calls
        self._answering = answering
        self._feedback = feedback
        self._config = config
        self._tried: tuple[tuple[str, ...], list[str]] = ((), [])
        self._soon = Background("slack-prompt", _PROMPT_THREADS).soon

    def register(self, app: App) -> None:
        """Attach the handlers. The app must process before it responds, so that a question is in
        the store when Slack is told that it arrived."""
        app.event("app_mention")(self.on_message)
        app.event("message")(self.on_message)
        app.event("app_home_opened")(self.on_home)
        app.event(_ANYTHING)(_ignore)
        app.command(COMMAND)(self.on_command)
        app.action(blocks.SHOW_SOURCE)(self.on_show_source)
        app.action(re.compile(f"^{blocks.TURN_TO}:"))(self.on_turn_to_source)
        app.action(blocks.HELPFUL)(self.on_helpful)
        app.action(blocks.NOT_HELPFUL)(self.on_not_helpful)
        app.view(blocks.REASON)(self.on_reason)
        app.action(blocks.AGAIN)(self.on_again)
        app.action(blocks.OTHER_LANGUAGE)(self.on_other_language)
        app.action(blocks.SHARE)(self.on_share)
        app.action(re.compile(f"^{blocks.ASK_STARTER}:"))(self.on_starter)
        app.action(_ANYTHING)(_acknowledge)
        app.error(_on_error)

    # Messages

    def on_message(self, event: Payload, body: Payload, context: BoltContext) -> None:
        """A mention, a direct message or what is said in a thread; the same message may come as
        both `message` and `app_mention`."""
        channel, ts = event["channel"], event.get("ts", "")
        if event.get("subtype") == "message_deleted":
            self._store.cancel(f"{channel}:{event.get('deleted_ts')}")
            return
        if not _is_of_a_person(event):
            return
        bot, said = context.bot_user_id or "", event.get("text") or ""
        thread, user = event.get("thread_ts") or "", event["user"]
        direct = event.get("channel_type") == "im"
        addressed = direct or mentions(said, bot)
        if not addressed and (not thread or is_to_someone_else(said, bot)):
            return
        text = plain(said, bot)
        asked = Asked(f"{channel}:{ts}", "message", channel, user, text, thread or ts, ts)
        workspace = event.get("user_team") or event.get("team") or body.get("team_id") or ""
        if not self._config.allow.permits(workspace, channel, user):
            if addressed and self._store.is_first(f"refused:{asked.key}"):
                self._tell(asked, say("not_allowed", language_of(text)))
        elif text:
            self._take_up(asked, body["event_id"], early=not addressed)
        elif addressed and self._store.is_first(f"help:{asked.key}"):
            self._tell(asked, _both("help"))

    def _take_up(self, asked: Asked, event: str, *, early: bool = False) -> Acceptance:
        """Put a question in the queue, or say why not."""
        limits = {"a_minute": self._config.a_minute, "waiting": self._config.waiting}
        verdict, question = self._store.accept(asked, event, early=early, **limits)
        if verdict == "new" and question:
            self._answering.accepted(question)
        elif verdict in ("too_many", "full") and not asked.key.startswith("command:"):
            self._tell(asked, self._why_not(verdict, asked.text))
        return verdict

    def _why_not(self, verdict: Acceptance, text: str) -> str:
        return say(verdict, language_of(text), n=self._config.a_minute)

    def _tell(self, asked: Asked, text: str) -> None:
        """Tell who asked, and nobody else."""
        if asked.response_url:
            self._soon(self._respond, asked.response_url, notice(text))
            return
        arguments = {"channel": asked.channel, "user": asked.user, "text": text}
        if asked.thread and asked.thread != asked.ts:
            arguments["thread_ts"] = asked.thread
        self._soon(self._call, "chat.postEphemeral", arguments)

    # Commands

    def on_command(self, ack: Ack, command: Payload, context: BoltContext) -> None:
        """/report QUESTION, /report help, /report reports."""
        text = (command.get("text") or "").strip()
        channel, user, url = command["channel_id"], command["user_id"], command["response_url"]
        if not self._config.allow.permits(context.team_id or "", channel, user):
            ack(text=say("not_allowed", language_of(text)))
        elif text.lower() in ("", "help", "帮助"):
            ack(text=_both("help"))
        elif text.lower() in ("reports", "报告"):
            ack()
            self._soon(self._list_reports, url, language_of(text))
        else:
            key = f"command:{command['trigger_id']}"
            said = plain(text, context.bot_user_id or "")
            asked = Asked(key, "command", channel, user, said, private=True, response_url=url)
            verdict = self._take_up(asked, key)
            refused = verdict in ("too_many", "full")
            language = language_of(text)
            ack(text=self._why_not(verdict, text) if refused else say("working", language))

    def _list_reports(self, url: str, language: Language) -> None:
        for message in blocks.reports_messages(self._infos(), language)[:5]:
            self._respond(url, message)

    # Sources

    def on_show_source(self, ack: Ack, action: Payload, body: Payload) -> None:
        """Open the paragraph behind a marker."""
        ack()
        self._soon(self._show_source, action, body, "views.open")

    def on_turn_to_source(self, ack: Ack, action: Payload, body: Payload) -> None:
        """Turn to the next or previous source in an open window."""
        ack()
        self._soon(self._show_source, action, body, "views.update")

    def _show_source(self, action: Payload, body: Payload, method: str) -> None:
        id_, marker = _numbers(action)
        question = self._store.find(id_)
        answer = question.answer if question else None
        view = (
            blocks.source_view(answer, id_, marker, self._config.page)
            if answer and answer.answer.citations
            else blocks.gone_view()
        )
        if method == "views.update":
            opened = body.get("view") or {}
            where = {"view_id": opened.get("id"), "hash": opened.get("hash")}
        else:
            where = {"trigger_id": body.get("trigger_id")}
        self._open(method, {**where, "view": view}, body)

    def _open(self, method: str, arguments: Payload, body: Payload) -> None:
        """Open a window; if Slack no longer lets us, say so."""
        try:
            self._calls.call(method, time.monotonic() + _PROMPT_SECONDS, **arguments)
        except (SlackLaterError, SlackRefusedError) as error:
            log.warning("%s: %s", method, error)
            if url := body.get("response_url"):
                self._respond(url, notice(say_both("press_again")))

    # Verdicts

    def on_helpful(self, ack: Ack, action: Payload, body: Payload) -> None:
        """Keep that an answer was helpful."""
        ack()
        self._soon(self._judge, _numbers(action)[0], body, "", body.get("response_url") or "")

    def on_not_helpful(self, ack: Ack, action: Payload, body: Payload) -> None:
        """Ask why it was not."""
        ack()
        self._soon(self._ask_reason, _numbers(action)[0], body)

    def _ask_reason(self, id_: int, body: Payload) -> None:
        question = self._store.find(id_)
        language = question.answer.language if question and question.answer else "en"
        view = blocks.reason_view(id_, language) if question else blocks.gone_view()
        self._open("views.open", {"trigger_id": body.get("trigger_id"), "view": view}, body)

    def on_reason(self, ack: Ack, view: Payload, body: Payload) -> None:
        """Keep that an answer was not helpful, and why."""
        ack()
        given = view["state"]["values"].get(blocks.REASON, {}).get(blocks.REASON, {})
        id_ = _numbers({"value": view.get("private_metadata", "")})[0]
        self._soon(self._judge, id_, body, given.get("value") or "", "", helpful=False)

    def _judge(
        self, id_: int, body: Payload, reason: str, url: str, *, helpful: bool = True
    ) -> None:
        question = self._store.find(id_)
        if question is None or question.answer is None:
            self._respond(url, notice(say_both("gone")))
            return
        answer = question.answer
        first = self._store.is_first(f"verdict:{id_}:{body['user']['id']}")
        if first:
            self._feedback.add(
                Feedback(
                    surface="slack",
                    helpful=helpful,
                    reason=reason[:2000],
                    answer=answer.answer,
                    history=answer.history,
                )
            )
        said = say("thanks" if first else "noted_before", answer.language)
        self._respond(url, notice(said))

    # Answers from answers

    def on_again(self, ack: Ack, action: Payload, body: Payload) -> None:
        """Answer the same question once more."""
        self._answer_from(action, body, "again")
        ack()

    def on_other_language(self, ack: Ack, action: Payload, body: Payload) -> None:
        """Answer the same question in the other language."""
        self._answer_from(action, body, "language")
        ack()

    def on_share(self, ack: Ack, action: Payload, body: Payload) -> None:
        """Show a private answer to the channel it was asked in."""
        self._answer_from(action, body, "share")
        ack()

    def _answer_from(self, action: Payload, body: Payload, kind: str) -> None:
        """Take up what a button under an answer asks for, where the button is."""
        id_ = _numbers(action)[0]
        parent = self._store.find(id_)
        asked = _from_button(body, parent, kind)
        if asked is None or parent is None:
            url = body.get("response_url") or ""
            self._soon(self._respond, url, notice(say_both("gone")))
        elif not self._permits(body):
            self._tell(asked, say("not_allowed", language_of(parent.text)))
        elif self._take_up(asked, asked.key) == "duplicate":
            name = {"share": "shared_before", "language": "being_shown"}.get(kind)
            if name:
                self._tell(asked, say(name, language_of(parent.text)))

    # Home

    def on_home(self, event: Payload, body: Payload) -> None:
        """Show the home tab."""
        if event.get("tab", "home") == "home":
            workspace = body.get("team_id") or ""
            self._soon(self._publish_home, event["user"], workspace)

    def _publish_home(self, user: str, workspace: str) -> None:
        infos = self._infos()
        if self._config.allow.permits(workspace, "", user):
            view = blocks.home_view(infos, self._starters(infos))
        else:
            view = {"type": "home", "blocks": list(notice(say_both("not_allowed")).blocks)}
        self._call("views.publish", {"user_id": user, "view": view})

    def _starters(self, infos: Sequence[ReportInfo]) -> Sequence[str]:
        """Those questions to start with that the reports answer."""
        ids = tuple(info.id for info in infos)
        if self._tried[0] != ids:
            candidates = blocks.starters(infos)
            answers = [self._assistant.answer(q, engine="extractive") for q in candidates]
            answered = [a.query.question for a in answers if a.status == "answered"]
            self._tried = (ids, answered[:_STARTERS])
        return self._tried[1]

    def on_starter(self, ack: Ack, action: Payload, body: Payload) -> None:
        """Ask a question of the home tab; its answer is a direct message."""
        ack()
        if self._permits(body):
            self._soon(self._ask_starter, action["value"], body)

    def _ask_starter(self, text: str, body: Payload) -> None:
        user = body["user"]["id"]
        opened = self._calls.call(
            "conversations.open", time.monotonic() + _PROMPT_SECONDS, users=user
        )
        key = f"home:{body['trigger_id']}"
        self._take_up(Asked(key, "home", opened["channel"]["id"], user, text), key)

    # Shared

    def _permits(self, body: Payload) -> bool:
        user = body.get("user") or {}
        workspace = user.get("team_id") or (body.get("team") or {}).get("id") or ""
        channel = (body.get("channel") or {}).get("id") or ""
        return self._config.allow.permits(workspace, channel, user.get("id") or "")

    def _infos(self) -> list[ReportInfo]:
        try:
            return list(self._assistant.corpus().index.infos())
        except ReportQAError as error:
            log.error("%s", error)
            return []

    def _respond(self, url: str, message: Message) -> None:
        if url:
            self._calls.respond(url, message, time.monotonic() + _PROMPT_SECONDS)

    def _call(self, method: str, arguments: Payload) -> None:
        self._calls.call(method, time.monotonic() + _PROMPT_SECONDS, **arguments)


def _is_of_a_person(event: Payload) -> bool:
    """Not of this or another bot, not edited, not a notice of Slack's own."""
    return (
        (event.get("subtype") or "") in _WRITTEN_BY_PEOPLE
        and bool(event.get("user") and event.get("ts"))
        and not (event.get("bot_id") or event.get("edited") or event.get("hidden"))
    )


def _from_button(body: Payload, parent: Question | None, kind: str) -> Asked | None:
    """The question behind a button under an answer; None if the answer is no longer kept."""
    if parent is None or parent.answer is None:
        return None
    message, container = body.get("message") or {}, body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
    url, trigger = body.get("response_url") or "", body.get("trigger_id") or ""
    asked = Asked(
        f"{kind}:{trigger}", "again", channel, body["user"]["id"], parent.text, parent=parent.id
    )
    if kind == "share":
        key = f"share:{parent.id}:{channel}"
        return replace(asked, key=key, kind="share", response_url=url, answer=parent.answer)
    thread = message.get("thread_ts") or container.get("thread_ts") or message.get("ts") or ""
    if container.get("is_ephemeral"):
        asked = replace(asked, private=True, response_url=url)
    else:
        asked = replace(asked, thread=thread)
    if kind == "again":
        return replace(asked, language=parent.language)
    other = _OTHER[parent.answer.language]
    key = asked.key if asked.private else f"language:{parent.id}:{other}:{thread}"
    return replace(asked, key=key, kind="language", language=other)


def _numbers(action: Payload) -> tuple[int, int]:
    """`12:3` → (12, 3); a missing number is 0, which names nothing."""
    id_, _, marker = str(action.get("value") or "").partition(":")
    return int(id_) if id_.isdecimal() else 0, int(marker) if marker.isdecimal() else 0


def _both(name: str) -> str:
    return "\n\n".join(say(name, language) for language in ("zh", "en"))


def _ignore() -> None:
    """An event that nothing is to be done about."""


def _acknowledge(ack: Ack) -> None:
    ack()


def _on_error(error: Exception, body: Payload) -> BoltResponse:
    """Log what kind of request failed, not what it says; Slack delivers an event again."""
    kind = str(body.get("type", "command"))[:40]
    if isinstance(error, BoltUnhandledRequestError):
        log.info("a request of type %r is not for this bot", kind)
        return BoltResponse(status=404, body="")
    log.error("a request of type %r failed: %s", kind, place_of(error))
    return BoltResponse(status=500, body="")
