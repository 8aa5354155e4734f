"""Answers what was asked, a few at a time, in threads of its own.

The store is the queue: who has a free thread claims the next question, be it one that another
process left behind. Nothing here runs in the threads that acknowledge Slack's requests.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from rag.assistant import Assistant, Said
from rag.errors import ReportQAError
from rag.search.understand import language_of
from rag.types import Answer, Language
from ui.slack.background import Background, place_of
from ui.slack.blocks import live, notice
from ui.slack.calls import Calls, SlackLaterError, SlackRefusedError
from ui.slack.config import BotConfig
from ui.slack.deliveries import (
    LEASE_SECONDS,
    NOTICE_SECONDS,
    Deliveries,
    LeaseLostError,
    Question,
)
from ui.slack.kept import KeptAnswer
from ui.slack.sending import Sender, mark
from ui.slack.words import say

log = logging.getLogger("report_qa.slack")

_POLL_SECONDS = 0.25
_TICK_SECONDS = 1.0
_TIDY_SECONDS = 60.0
_SEND_SECONDS = 30.0
"""For sending alone, however late the answer itself was."""
_UPDATE_SECONDS = 1.5
"""Between updates of a message that grows: Slack takes about fifty a minute."""
_MISSED_SECONDS = 3600.0
_GIVE_UP_SECONDS = 2 * 3600.0
_CRASHES = 3
_NOTICES = 4
_RETRIEVE_AT_ONCE = 2
"""Retrieval computes: more of it at once is no faster, and what acknowledges would wait for it."""


@dataclass
class _Job:
    """A question that is being answered; `finding` until its answer is there, `abandoned` if that
    took too long."""

    question: Question
    started: float = field(default_factory=time.monotonic)
    finding: bool = True
    abandoned: bool = False


class Answering:
    """The executor. `accepted` says at once that a question is worked on; `stop` gives back what
    is not finished."""

    def __init__(
        self, assistant: Assistant, store: Deliveries, calls: Calls, config: BotConfig
    ) -> None:
        self._assistant = assistant
        self._store = store
        self._calls = calls
        self._config = config
        self._sender = Sender(calls, store)
        self._notices = Background("slack-notice", _NOTICES)
        self._retrieving = threading.Semaphore(_RETRIEVE_AT_ONCE)
        self._wake = threading.Condition()
        self._stopping = threading.Event()
        self._jobs: dict[int, _Job] = {}
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin with what is waiting."""
        for work in (*[self._work] * self._config.at_once, self._watch):
            self._run(work)

    def _run(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name=f"slack{work.__name__}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Finish what is being answered, if it takes no longer than that, and take up no more."""
        self._stopping.set()
        with self._wake:
            self._wake.notify_all()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        for job in list(self._jobs.values()):
            _if_held(partial(self._store.put_back, job.question, 0))
        self._notices.stop()

    def accepted(self, question: Question) -> None:
        """Say that a question is worked on, or how many are ahead of it, and have it answered."""
        self._notices.soon(self._announce, question)

    def _announce(self, question: Question) -> None:
        until = time.monotonic() + NOTICE_SECONDS / 2
        posted: tuple[str, ...] = ()
        try:
            if question.kind == "message":
                self._react("reactions.add", question, until)
            if question.answer is None:
                posted = self._say_how_many_are_ahead(question, until)
        except (SlackLaterError, SlackRefusedError) as error:
            log.warning("question %d: no notice (%s)", question.id, error)
        if not self._store.announced(question.id, posted) and posted:
            self._withdraw(question, posted[0])
        with self._wake:
            self._wake.notify()

    def _say_how_many_are_ahead(self, question: Question, until: float) -> tuple[str, ...]:
        ahead = self._store.ahead_of(question.id)
        if ahead < self._config.at_once:
            return ()
        message = notice(say("queued", _language(question), n=ahead))
        if question.private:
            self._calls.respond(question.response_url, message, until)
            return ()
        if not self._store.begin_notice(question.id):
            return ()
        where = (question.channel, question.thread)
        return (self._calls.post(*where, message, mark(question, 0), until),)

    def _react(self, method: str, question: Question, until: float) -> None:
        try:
            self._calls.call(
                method, until, channel=question.channel, timestamp=question.ts, name="eyes"
            )
        except SlackRefusedError as error:
            if error.code not in ("already_reacted", "no_reaction"):
                log.warning("question %d: no reaction (%s)", question.id, error)

    def _withdraw(self, question: Question, ts: str) -> None:
        """Delete a notice that came too late to become the answer."""
        now = self._store.find(question.id)
        if now is None or ts in now.posted:
            return
        try:
            self._calls.call(
                "chat.delete", time.monotonic() + _SEND_SECONDS, channel=question.channel, ts=ts
            )
        except (SlackLaterError, SlackRefusedError) as error:
            log.warning("question %d: a notice stays (%s)", question.id, error)

    def _work(self) -> None:
        """One thread: claim, answer, again."""
        while not self._stopping.is_set():
            question = self._claim()
            if question is None:
                with self._wake:
                    self._wake.wait(_POLL_SECONDS)
                continue
            job = _Job(question)
            self._jobs[question.id] = job
            try:
                self._handle(job)
            except LeaseLostError:
                log.info("question %d: taken over", question.id)
            except Exception as error:
                # A person's words may be in the message of the error, so only its place is logged.
                log.error("question %d: %s", question.id, place_of(error))
                self._give_up(question)
            finally:
                self._jobs.pop(question.id, None)
            if job.abandoned:
                return

    def _claim(self) -> Question | None:
        try:
            return self._store.claim()
        except sqlite3.Error as error:
            log.error("the store of deliveries cannot be read (%s); trying again", error)
            self._stopping.wait(_TICK_SECONDS)
            return None

    def _give_up(self, question: Question) -> None:
        """Try once more, then apologise; be done with an answer that cannot be sent."""
        if question.attempt == 1:
            _if_held(partial(self._store.put_back, question, _TICK_SECONDS))
        elif question.answer is None:
            self._apologise(question, "broken", id=question.id)
        else:
            _if_held(partial(self._store.finish, question, "failed"))

    def _handle(self, job: _Job) -> None:
        question = job.question
        answer = question.answer or self._stale(question) or self._find_out(job)
        if question.answer is None:
            self._store.keep(question, answer)
        question = job.question
        job.finding = False
        until = max(job.started + self._config.deadline, time.monotonic() + _SEND_SECONDS)
        try:
            self._sender.send(question, answer, until)
        except SlackLaterError as error:
            if time.time() - question.received < _GIVE_UP_SECONDS:
                log.warning("question %d: %s", question.id, error)
                self._store.put_back(question, error.seconds)
            else:
                self._store.finish(question, "failed")
            return
        except SlackRefusedError as error:
            log.warning("question %d: Slack refuses the answer (%s)", question.id, error)
            self._store.finish(question, "failed")
            self._sender.tell_why(question, error.code, until)
            return
        self._store.finish(question, "answered")
        seconds = time.time() - question.received
        log.info("question %d: %s after %.2f s", question.id, answer.answer.status, seconds)
        if question.kind == "message":
            self._notices.soon(self._unreact, question)

    def _unreact(self, question: Question) -> None:
        try:
            self._react("reactions.remove", question, time.monotonic() + _SEND_SECONDS)
        except SlackLaterError as error:
            log.warning("question %d: the reaction stays (%s)", question.id, error)

    def _stale(self, question: Question) -> KeptAnswer | None:
        """The apology for a question that it is no use to answer any more."""
        if question.crashes >= _CRASHES:
            return self._apology(question, "crashed")
        if time.time() - question.received > _MISSED_SECONDS:
            return self._apology(question, "missed")
        return None

    def _find_out(self, job: _Job) -> KeptAnswer:
        question = job.question
        history = self._store.history(question)
        grow = self._growing(job)
        answer: Answer | None = None
        try:
            events = self._assistant.ask(
                question.text, [turn.turn() for turn in history], language=question.language or None
            )
            with self._retrieving:
                next(events)
            for event in events:
                if job.abandoned:
                    raise LeaseLostError
                match event:
                    case Said(text):
                        grow(text)
                    case Answer():
                        answer = event
        except ReportQAError as error:
            return KeptAnswer.apology(question.text, _language(question), str(error), history)
        assert answer is not None
        names = self._assistant.corpus().names
        english = {place: names.english(place) for place in answer.query.places}
        return KeptAnswer.of(answer, english, history, str(question.id))

    def _growing(self, job: _Job) -> Callable[[str], None]:
        """A function that shows what a language model has written so far, now and then."""
        last = 0.0

        def show(text: str) -> None:
            nonlocal last
            if job.question.private or time.monotonic() - last < _UPDATE_SECONDS:
                return
            last = time.monotonic()
            try:
                job.question = self._sender.show(job.question, live(text), last + _UPDATE_SECONDS)
            except (SlackLaterError, SlackRefusedError) as error:
                job.question = replace(job.question, noticed=True)  # it may be there nevertheless
                log.info("question %d: not shown while it grew (%s)", job.question.id, error)

        return show

    def _watch(self) -> None:
        """Hold the leases, apologise for what takes too long, tidy up."""
        renewed = tidied = time.monotonic()
        while not self._stopping.wait(_TICK_SECONDS):
            now = time.monotonic()
            for job in list(self._jobs.values()):
                if job.finding and now - job.started > self._config.deadline:
                    self._abandon(job)
                elif now - renewed > LEASE_SECONDS / 4:
                    _if_held(partial(self._store.renew, job.question))
            if now - renewed > LEASE_SECONDS / 4:
                renewed = now
            if now - tidied > _TIDY_SECONDS:
                _if_held(self._store.tidy)
                tidied = now

    def _abandon(self, job: _Job) -> None:
        """Apologise for an answer that is late, and let another thread take the place of the one
        that is still at it."""
        log.warning("question %d: over the deadline", job.question.id)
        job.finding, job.abandoned = False, True
        self._apologise(job.question, "late", seconds=round(self._config.deadline))
        self._run(self._work)

    def _apologise(self, question: Question, word: str, **values: object) -> None:
        answer = self._apology(question, word, **values)
        _if_held(partial(self._store.replace_answer, question, answer))

    def _apology(self, question: Question, word: str, **values: object) -> KeptAnswer:
        language = _language(question)
        sentence = say(word, language, **values)
        return KeptAnswer.apology(question.text, language, sentence, self._store.history(question))


def _language(question: Question) -> Language:
    return question.language or language_of(question.text)


def _if_held(write: Callable[[], None]) -> None:
    """Do it unless the question is someone else's by now; the store may fail for a while."""
    try:
        write()
    except LeaseLostError:
        log.info("a question was taken over meanwhile")
    except sqlite3.Error as error:
        log.error("the store of deliveries cannot be written (%s)", error)
