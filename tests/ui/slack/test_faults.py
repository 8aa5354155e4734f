"""Whatever Slack's Web API does, an answer arrives once, or is told to have failed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.ui.slack.driving import BotProcess, buttons, is_answer, mention, shown
from tests.ui.slack.loopback import Fault, Json, LoopbackSlack

QUESTION = "瑞安2018年的生产总值是多少?"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Planned:
    """Faults of the calls that an answer needs."""

    name: str
    faults: Sequence[Fault]


def _fault(method: str, **what: object) -> Fault:
    return Fault(method, **what)  # type: ignore[arg-type]


POST = "chat.postMessage"
SLOWED = {"status": 429, "headers": {"Retry-After": "1"}, "error": "ratelimited"}
PLANS = [
    Planned("429 with Retry-After", [_fault(POST, **SLOWED)]),
    Planned("429 three times", [_fault(POST, **SLOWED, times=3)]),
    Planned("429 without Retry-After", [_fault(POST, status=429, error="ratelimited")]),
    Planned(
        "429 with a Retry-After that is no number",
        [_fault(POST, status=429, headers={"Retry-After": "soon"}, error="ratelimited")],
    ),
    Planned("ratelimited with status 200", [_fault(POST, error="ratelimited")]),
    Planned(
        "429 with a longer wait than in place",
        [_fault(POST, status=429, headers={"Retry-After": "6"}, error="ratelimited")],
    ),
    Planned("500", [_fault(POST, status=500, body="oops")]),
    Planned("502 with a page", [_fault(POST, status=502, body="<html>bad gateway</html>")]),
    Planned("503 twice", [_fault(POST, status=503, body="", times=2)]),
    Planned("internal_error", [_fault(POST, error="internal_error")]),
    Planned("fatal_error", [_fault(POST, error="fatal_error")]),
    Planned("service_unavailable", [_fault(POST, error="service_unavailable")]),
    Planned("request_timeout", [_fault(POST, error="request_timeout")]),
    Planned("a page with status 200", [_fault(POST, body="<html>hello</html>")]),
    Planned("JSON that breaks off", [_fault(POST, body='{"ok": tr')]),
    Planned("an empty body", [_fault(POST, body=" ")]),
    Planned("connection closed", [_fault(POST, how="refused")]),
    Planned("connection closed three times", [_fault(POST, how="refused", times=3)]),
    Planned("done, but the reply is lost", [_fault(POST, how="lost")]),
    Planned(
        "reply lost, and looking it up fails at first",
        [_fault(POST, how="lost"), _fault("conversations.replies", error="internal_error")],
    ),
    Planned(
        "reply lost, and looking it up is slowed",
        [_fault(POST, how="lost"), _fault("conversations.replies", **SLOWED)],
    ),
    Planned("done, but later than we wait", [_fault(POST, how="slow", seconds=11)]),
    Planned("blocks refused", [_fault(POST, error="invalid_blocks")]),
    Planned("message too long", [_fault(POST, error="msg_too_long")]),
    Planned("no scope for reactions", [_fault("reactions.add", error="missing_scope")]),
    Planned("reactions slowed", [_fault("reactions.add", **SLOWED)]),
    Planned("reactions broken", [_fault("reactions.add", how="refused", times=9)]),
    Planned("reaction gone", [_fault("reactions.remove", error="no_reaction")]),
]


REVOKED = Planned("revoked", [_fault(POST, error="token_revoked")])


@pytest.fixture(scope="module")
def faulty(data_folder: Callable[[], Path]) -> Iterator[BotProcess]:
    """A bot that answers many at once, so that waiting for one does not hold up the others."""
    settings = {"REPORT_QA_SLACK_ANSWERS_AT_ONCE": 8}
    with LoopbackSlack() as slack, BotProcess(slack, data_folder(), "http", **settings) as bot:
        yield bot
        assert slack.violations == []


@pytest.fixture(scope="module")
def asked(faulty: BotProcess) -> dict[str, Json]:
    """A question a plan, each in a channel of its own, all asked at once."""
    return {plan.name: _ask(faulty, plan.faults) for plan in (*PLANS, REVOKED)}


def _ask(bot: BotProcess, faults: Sequence[Fault]) -> Json:
    channel = _channel()
    bot.slack.faults += [replace(fault, channel=channel) for fault in faults]
    event = mention(bot.slack, channel, "U1", QUESTION)
    assert bot.event(event).status == 200
    return event


def _channel() -> str:
    return f"CF{next(_numbers):06d}"


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_a_fault_costs_time_but_no_answer(
    faulty: BotProcess, asked: dict[str, Json], plan: Planned
) -> None:
    event = asked[plan.name]
    faulty.slack.wait_for(lambda: faulty.settled(event), 60)
    (answer,) = faulty.slack.of_bot(event["channel"])
    assert answer["thread_ts"] == event["ts"]
    assert "910亿元" in answer["text"]
    assert is_answer(answer) or "too long" in plan.name or "refused" in plan.name
    assert faulty.state_of(f"{event['channel']}:{event['ts']}") == "answered"
    left = [f for f in faulty.slack.faults if f.channel == event["channel"] and f.times > 0]
    assert not left or "reaction" in plan.name


def test_who_asks_where_the_bot_is_no_member_is_told(faulty: BotProcess) -> None:
    slack, channel = faulty.slack, _channel()
    slack.closed_channels.add(channel)
    faulty.event(mention(slack, channel, "UOUT", QUESTION))
    (told,) = slack.wait_for(lambda: slack.of_bot("DOUT"))
    assert "/invite" in told["text"]
    assert "910" not in told["text"]
    assert slack.of_bot(channel) == []


def test_a_revoked_token_loses_nothing(faulty: BotProcess, asked: dict[str, Json]) -> None:
    event = asked[REVOKED.name]
    faulty.slack.wait_for(lambda: faulty.settled(event), 60)
    assert len(faulty.slack.of_bot(event["channel"])) == 1
    assert "SLACK_BOT_TOKEN (token_revoked)" in faulty.log.read_text()


def _private(bot: BotProcess, channel: str) -> list[Json]:
    return [m for m in bot.slack.ephemeral if m["channel"] == channel and is_answer(m)]


@pytest.mark.parametrize(
    "fault",
    [
        _fault("response", status=429, headers={"Retry-After": "1"}),
        _fault("response", status=500, body="oops"),
        _fault("response", how="lost"),
        _fault("response", status=503, times=2),
    ],
    ids=["429", "500", "lost", "503 twice"],
)
def test_a_private_answer_arrives_too(faulty: BotProcess, fault: Fault) -> None:
    slack, channel = faulty.slack, _channel()
    slack.faults.append(replace(fault, channel=channel))
    assert faulty.command(QUESTION, channel, "U1").status == 200
    slack.wait_for(lambda: len(_private(faulty, channel)) == (2 if fault.how == "lost" else 1), 40)
    if fault.how == "lost":
        assert "可能已经看过" in shown(_private(faulty, channel)[1])


def test_a_response_url_that_has_expired_is_not_tried_for_ever(faulty: BotProcess) -> None:
    slack, channel = faulty.slack, _channel()
    slack.faults.append(Fault("response", channel, status=404, body="expired_url", times=50))
    faulty.command(QUESTION, channel, "U1")
    slack.wait_for(lambda: "Slack refuses the answer (expired_url)" in faulty.log.read_text())
    assert slack.faults[-1].times == 49


def test_a_window_that_cannot_be_opened_is_told(faulty: BotProcess) -> None:
    slack = faulty.slack
    event = _ask(faulty, [])
    slack.wait_for(lambda: faulty.settled(event))
    (answer,) = slack.of_bot(event["channel"])
    slack.faults.append(_fault("views.open", error="expired_trigger_id"))
    faulty.press(buttons(answer, "show_source")[0], answer, event["channel"], "U1")
    slack.wait_for(lambda: [m for m in slack.ephemeral if "press the button again" in m["text"]])


def test_sharing_where_the_bot_is_no_member_goes_by_the_button(faulty: BotProcess) -> None:
    slack, channel = faulty.slack, _channel()
    faulty.command(QUESTION, channel, "U1")
    answer = slack.wait_for(lambda: _private(faulty, channel))[0]
    slack.closed_channels.add(channel)
    faulty.press(buttons(answer, "share")[0], answer, channel, "U1")
    (shared,) = slack.wait_for(lambda: slack.of_bot(channel))
    assert "910亿元" in shown(shared)
