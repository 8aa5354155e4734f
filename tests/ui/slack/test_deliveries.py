"""The store: each question once, in order, whoever dies on the way."""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from rag.contract import QuestionIn, failed
from rag.errors import ReportQAError
from tests.wording import assert_sentence
from ui.slack import deliveries
from ui.slack.deliveries import Acceptance, Asked, Deliveries, LeaseLostError, Question
from ui.slack.kept import KeptAnswer

ANY: dict[str, Any] = {"a_minute": 1000, "waiting": 1000}


def asked(ts: str = "1.0", thread: str = "", user: str = "U1", channel: str = "C1") -> Asked:
    return Asked(f"{channel}:{ts}", "message", channel, user, f"q{ts}", thread or ts, ts)


def answered(text: str = "said") -> KeptAnswer:
    line = failed(QuestionIn(id="", question="q"), "zh", "")
    return KeptAnswer(answer=line.model_copy(update={"status": "answered", "answer": text}))


@pytest.fixture
def store(tmp_path: Path) -> Deliveries:
    return Deliveries(tmp_path)


def take(store: Deliveries, one: Asked, event: str = "", **limits: int) -> Acceptance:
    verdict, question = store.accept(one, event or f"Ev:{one.key}", **{**ANY, **limits})
    if verdict == "new" and question:
        store.announced(question.id)
    return verdict


def claimed(store: Deliveries) -> Question:
    question = store.claim()
    assert question
    return question


def test_a_delivery_counts_once(store: Deliveries) -> None:
    assert take(store, asked(), "Ev1") == "new"
    assert take(store, asked(), "Ev1") == "duplicate"
    assert take(store, asked(), "Ev2") == "duplicate"  # message and app_mention
    assert take(store, asked("2.0"), "Ev1") == "duplicate"
    assert take(store, asked("2.0"), "Ev3") == "new"
    assert claimed(store).text == "q1.0"
    assert claimed(store).text == "q2.0"
    assert store.claim() is None


def test_it_is_still_known_after_a_restart(tmp_path: Path) -> None:
    first = Deliveries(tmp_path)
    take(first, asked(), "Ev1")
    first.close()
    again = Deliveries(tmp_path)
    assert take(again, asked(), "Ev1") == "duplicate"
    assert claimed(again).text == "q1.0"


def test_the_file_is_for_its_owner_only(tmp_path: Path, store: Deliveries) -> None:
    assert store
    assert stat.S_IMODE((tmp_path / "slack.sqlite3").stat().st_mode) == 0o600


def test_a_thread_is_answered_in_its_order_whatever_the_order_of_arrival(
    store: Deliveries,
) -> None:
    for ts in ("10.0", "9.0", "11.0"):
        take(store, asked(ts, "1.0"))
    take(store, asked("1.0"))
    for expected in ("q1.0", "q9.0", "q10.0", "q11.0"):
        question = claimed(store)
        assert question.text == expected
        assert store.claim() is None
        store.keep(question, answered(question.text))
        store.finish(question, "answered")
    said = [turn.content for turn in store.history(replace(question, ts="12.0"))]
    assert said == [x for n in ("1.0", "9.0", "10.0", "11.0") for x in ("q", f"q{n}")]


def test_other_threads_do_not_wait(store: Deliveries) -> None:
    take(store, asked("1.0"))
    take(store, asked("2.0", "1.0"))
    take(store, asked("3.0"))
    assert [claimed(store).text, claimed(store).text] == ["q1.0", "q3.0"]
    assert store.claim() is None


def test_a_follow_up_that_comes_before_its_mention_waits_for_it(store: Deliveries) -> None:
    early = asked("2.0", "1.0")
    verdict, _ = store.accept(early, "Ev2", early=True, **ANY)
    assert verdict == "early"
    assert store.claim() is None
    take(store, asked("1.0"))
    first = claimed(store)
    store.keep(first, answered())
    store.finish(first, "answered")
    assert claimed(store).text == "q2.0"


def test_what_nobody_asked_is_forgotten(store: Deliveries, monkeypatch: pytest.MonkeyPatch) -> None:
    _, question = store.accept(asked("2.0", "1.0"), "Ev2", early=True, **ANY)
    assert question
    store.tidy()
    assert store.find(question.id)
    monkeypatch.setattr(deliveries, "_EARLY_SECONDS", -1.0)
    store.tidy()
    assert store.find(question.id) is None


def test_a_deleted_question_is_not_answered(store: Deliveries) -> None:
    take(store, asked())
    store.cancel("C1:1.0")
    assert store.claim() is None


def test_a_dead_holder_loses_its_lease_and_its_say(
    store: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "LEASE_SECONDS", 0.2)
    take(store, asked())
    dead = claimed(store)
    assert store.claim() is None
    store.renew(dead)
    time.sleep(0.3)
    heir = claimed(store)
    assert (heir.id, heir.attempt, heir.crashes) == (dead.id, 2, 1)
    writes: list[Callable[[], None]] = [
        lambda: store.renew(dead),
        lambda: store.keep(dead, answered()),
        lambda: store.note_posted(dead, ("1",), "1"),
        lambda: store.finish(dead, "answered"),
        lambda: store.put_back(dead, 0),
        lambda: store.replace_answer(dead, answered()),
    ]
    for write in writes:
        with pytest.raises(LeaseLostError):
            write()
    store.keep(heir, answered())
    store.finish(heir, "answered")
    assert store.claim() is None


def test_what_was_kept_and_sent_is_there_for_the_heir(store: Deliveries) -> None:
    take(store, asked())
    first = claimed(store)
    store.keep(first, answered("done"))
    store.note_posted(first, ("5.0",), "1.0")
    store.put_back(first, 0)
    heir = claimed(store)
    assert heir.answer
    assert (heir.answer.answer.answer, heir.posted, heir.crashes) == ("done", ("5.0",), 0)


def test_put_back_for_later_waits(store: Deliveries) -> None:
    take(store, asked())
    store.put_back(claimed(store), 0.3)
    assert store.claim() is None
    time.sleep(0.35)
    assert store.claim()


def test_limits(store: Deliveries) -> None:
    for n in range(3):
        assert take(store, asked(f"{n}.0"), a_minute=3) == "new"
    assert take(store, asked("4.0"), a_minute=3) == "too_many"
    assert take(store, asked("4.0"), "Ev9", a_minute=3) == "duplicate"
    assert take(store, asked("5.0", user="U2"), a_minute=3) == "new"
    assert take(store, asked("6.0", user="U3"), waiting=4) == "full"
    assert store.ahead_of(1000) == 4


def test_an_announcement_after_answering_began_has_no_effect(store: Deliveries) -> None:
    _, question = store.accept(asked(), "Ev1", **ANY)
    assert question
    assert store.begin_notice(question.id)
    assert store.announced(question.id, ("7.0",))
    held = claimed(store)
    assert (held.posted, held.noticed) == (("7.0",), True)
    assert not store.begin_notice(question.id)
    assert not store.announced(question.id, ("8.0",))


def test_a_file_that_is_no_store_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "slack.sqlite3").write_bytes(b"something else entirely" * 100)
    with pytest.raises(ReportQAError) as caught:
        Deliveries(tmp_path)
    assert_sentence(caught.value, "slack.sqlite3", "--data-dir")


def deliver(folder: Path, ready: object) -> None:
    store = Deliveries(folder)
    ready.wait(10)  # type: ignore[attr-defined]
    for n in range(60):
        take(store, asked(f"{n}.0", user=f"U{n}"), f"Ev{n}")
    store.close()


def work(folder: Path, ready: object, done: object, stop: object) -> None:
    store = Deliveries(folder)
    ready.wait(10)  # type: ignore[attr-defined]
    while not stop.is_set():  # type: ignore[attr-defined]
        question = store.claim()
        if question is None:
            time.sleep(0.01)
            continue
        store.keep(question, answered())
        store.finish(question, "answered")
        done.put(question.key)  # type: ignore[attr-defined]


def test_processes_share_it(tmp_path: Path) -> None:
    context = get_context("spawn")
    ready, stop, done = context.Event(), context.Event(), context.Queue()
    Deliveries(tmp_path).close()
    givers = [context.Process(target=deliver, args=(tmp_path, ready)) for _ in range(2)]
    takers = [context.Process(target=work, args=(tmp_path, ready, done, stop)) for _ in range(2)]
    for process in givers + takers:
        process.start()
    ready.set()
    keys = [done.get(timeout=30) for _ in range(60)]
    for process in givers:
        process.join(30)
    stop.set()
    for process in takers:
        process.join(30)
    assert done.empty()
    assert sorted(keys) == sorted(f"C1:{n}.0" for n in range(60))


def test_threads_share_it(store: Deliveries) -> None:
    verdicts: list[str] = []

    def send() -> None:
        verdicts.extend(take(store, asked(f"{n}.0"), f"Ev{n}") for n in range(40))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (verdicts.count("new"), verdicts.count("duplicate")) == (40, 120)
