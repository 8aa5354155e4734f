"""Allow-lists, limits and the queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.ui.slack.driving import BotProcess, is_answer, mention, shown, written
from tests.ui.slack.loopback import TEAM, Json, LoopbackSlack
from ui.slack.config import AllowList

QUESTION = "瑞安2018年的生产总值是多少?"


@pytest.fixture(scope="module")
def strict(data_folder: Callable[[], Path]) -> Iterator[BotProcess]:
    """A bot for one channel and two people, three questions a minute each, one at a time."""
    settings = {
        "REPORT_QA_SLACK_WORKSPACES": TEAM,
        "REPORT_QA_SLACK_CHANNELS": "CYES, CALSO",
        "REPORT_QA_SLACK_USERS": "UYES,UALSO,UTHIRD",
        "REPORT_QA_SLACK_QUESTIONS_PER_MINUTE": 3,
        "REPORT_QA_SLACK_ANSWERS_AT_ONCE": 1,
    }
    with LoopbackSlack() as slack, BotProcess(slack, data_folder(), "http", **settings) as bot:
        yield bot
        assert slack.violations == []


def told(bot: BotProcess, user: str, text: str) -> Json:
    """What one person was told, once it is there."""

    def found() -> Json | None:
        mine = [m for m in bot.slack.ephemeral if m["user"] == user and text in m["text"]]
        return mine[0] if mine else None

    return bot.slack.wait_for(found)


@pytest.mark.parametrize(("channel", "user"), [("CNO", "UYES"), ("CYES", "UNO"), ("DNO", "UNO")])
def test_who_may_not_ask_is_told_and_not_answered(
    strict: BotProcess, channel: str, user: str
) -> None:
    slack = strict.slack
    slack.ephemeral.clear()
    if channel.startswith("D"):
        event = written(slack, channel, user, QUESTION)
    else:
        event = mention(slack, channel, user, QUESTION)
    strict.event(event)
    told(strict, user, "不能使用")
    assert "不能使用" in strict.command(QUESTION, channel, user).body
    assert strict.state_of(f"{channel}:{event['ts']}") == ""


def test_another_workspace_may_not_ask(strict: BotProcess) -> None:
    event = {**mention(strict.slack, "CALSO", "UALSO", QUESTION), "team": "T99", "user_team": "T99"}
    strict.slack.ephemeral.clear()
    strict.event(event)
    told(strict, "UALSO", "不能使用")


def test_who_asks_too_much_is_told_and_the_queue_is_seen(strict: BotProcess) -> None:
    slack = strict.slack
    events = [mention(slack, "CYES", user, QUESTION) for user in ("UALSO", "UYES") for _ in "abc"]
    for event in events:
        assert strict.event(event).status == 200
    strict.event(mention(slack, "CYES", "UYES", QUESTION))
    told(strict, "UYES", "您一分钟内已提了 3 个问题")
    assert "您一分钟内已提了 3 个问题" in strict.command(QUESTION, "CYES", "UYES").body
    for event in events:
        slack.wait_for(partial(strict.settled, event))
    assert len(slack.of_bot("CYES")) == len(events)
    assert all(map(is_answer, slack.of_bot("CYES")))
    queued = [c for c in slack.called("chat.postMessage") if "前面还有" in c.arguments["text"]]
    assert queued
    for call in queued:  # the notice became the answer
        ts = call.arguments["thread_ts"]
        assert len(slack.of_bot("CYES", ts)) == 1
    event = written(slack, "DTHIRD", "UTHIRD", QUESTION)
    strict.event(event)
    slack.wait_for(lambda: strict.settled(event))
    assert "910亿元" in shown(slack.of_bot("DTHIRD")[0])


def test_an_empty_list_allows_everyone() -> None:
    assert AllowList().permits("T", "C", "U")
    channels = AllowList(channels=frozenset({"C1"}))
    assert channels.permits("T", "C1", "U")
    assert not channels.permits("T", "C2", "U")
    assert channels.permits("T", "D2", "U")
    assert channels.permits("T", "", "U")
