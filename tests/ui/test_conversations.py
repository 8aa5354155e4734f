"""Conversations are there again, and only for who had them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.contract import QuestionIn, failed
from ui.web.conversations import (
    Choices,
    ConversationStore,
    Exchange,
    Understood,
    history_of,
    turns_before,
)


def exchange(question: str) -> Exchange:
    understood = Understood(
        language="zh", places=[], english=[], unknown_places=[], years=[], kind=None, subject=""
    )
    answer = failed(QuestionIn(id="", question=question), "zh", "no")
    return Exchange(question=question, understood=understood, answer=answer)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConversationStore]:
    store = ConversationStore(tmp_path)
    yield store
    store.close()


def test_what_was_asked_is_there_after_a_restart(store: ConversationStore, tmp_path: Path) -> None:
    first, second = exchange("一"), exchange("二")
    store.add("ann", "c1", first)
    store.add("ann", "c1", second)
    store.close()
    again = ConversationStore(tmp_path)
    assert again.exchanges("ann", "c1") == [first, second]
    assert [(c.id, c.title) for c in again.conversations("ann")] == [("c1", "一")]
    assert again.containing("ann", second.id) == [first, second]
    again.close()


def test_another_reader_sees_and_changes_nothing(store: ConversationStore) -> None:
    mine = exchange("一")
    store.add("ann", "c1", mine)
    store.add("bob", "c1", exchange("二"))
    store.remove("bob", "c1")
    assert store.exchanges("ann", "c1") == [mine]
    assert store.exchanges("bob", "c1") == []
    assert store.containing("bob", mine.id) == []
    assert store.conversations("bob") == []


def test_conversations_are_removed_and_the_newest_comes_first(store: ConversationStore) -> None:
    for name in ("c1", "c2", "c3"):
        store.add("ann", name, exchange(name))
    store.remove("ann", "c2")
    assert [c.id for c in store.conversations("ann")] == ["c3", "c1"]
    assert store.exchanges("ann", "c2") == []


def test_settings_are_kept_for_each_reader(store: ConversationStore) -> None:
    store.choose("ann", Choices(engine="extractive", passages=3))
    assert store.choices("ann").passages == 3
    assert store.choices("bob") == Choices()


def test_the_history_of_a_follow_up() -> None:
    talk = [exchange("一"), exchange("二")]
    assert [turn.content for turn in history_of(talk)] == ["一", "", "二", ""]
    assert [turn.content for turn in turns_before(talk, talk[1].id)] == ["一", ""]
