"""Deliveries that come fourfold and out of order while bots are killed and started again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.error import URLError

import pytest

from tests.fakes import MODEL, ScriptedEndpoint, falls_silent, says
from tests.ui.slack.driving import BotProcess, is_answer, mention, shown, written
from tests.ui.slack.loopback import Json, LoopbackSlack

MOST_WAITING = 120
TOPICS = ("生产总值", "财政总收入", "固定资产投资", "社会消费品零售总额", "城镇居民人均可支配收入")
PLACES = ("瑞安2018年", "温州经开区2014年", "金华开发区2022年", "生态园2022年")


def _questions(slack: LoopbackSlack, count: int) -> list[list[Json]]:
    """The events of `count` questions, each a list of events that mean the same. A quarter are
    follow-ups in the thread of another; a quarter come as `message` and `app_mention`."""
    questions: list[list[Json]] = []
    for n in range(count):
        channel = f"CS{n // 4:06d}"
        text = f"{PLACES[n % len(PLACES)]}的{TOPICS[n % len(TOPICS)]}是多少?"
        if n % 4 == 3:
            opening = questions[-1][0]["ts"]
            questions.append([written(slack, channel, f"U{n}", text, opening)])
            continue
        event = mention(slack, channel, f"U{n}", text)
        both = [event, {**event, "type": "message", "channel_type": "channel"}]
        questions.append(both if n % 4 == 2 else both[:1])
    return questions


class Soak:
    """Delivers to two bots that share a store, again and again until one takes it, as Slack does,
    and restarts them on the way."""

    def __init__(self, slack: LoopbackSlack, bots: list[BotProcess], count: int) -> None:
        self.slack = slack
        self.bots = bots
        self.questions = _questions(slack, count)
        self.sent = 0

    def run(self) -> None:
        """Each delivery four times, shuffled within a window, two kills in the middle."""
        chance = random.Random(7)
        deliveries = [
            (index + chance.uniform(0, 12) + 5 * copy, event, f"Ev{event['type']}{event['ts']}")
            for index, same in enumerate(self.questions)
            for event in same
            for copy in range(4)
        ]
        deliveries.sort(key=lambda delivery: delivery[0])
        third = len(deliveries) // 3
        with ThreadPoolExecutor(6) as senders:
            for start in (0, third, 2 * third):
                stop = start + third if start < 2 * third else len(deliveries)
                given = [senders.submit(self._deliver, *d[1:]) for d in deliveries[start:stop]]
                if start:  # in the middle of it
                    victim = self.bots[1 if start == third else 0]
                    victim.kill()
                    victim.begin()
                for future in given:
                    future.result()

    def _deliver(self, event: Json, event_id: str) -> None:
        while self.bots[0].waiting() > MOST_WAITING:  # or the bots would rightly refuse
            time.sleep(0.1)
        for number in range(400):
            bot = self.bots[(self.sent + number) % len(self.bots)]
            try:
                ack = bot.event(event, event_id)
            except (OSError, URLError):
                time.sleep(0.1)  # it is being restarted
                continue
            if ack.status == 200:
                self.sent += 1
                return
        raise AssertionError("nobody took a delivery")

    def check(self, seconds: float) -> None:
        """Every question is answered once, in its thread, and in the order of the thread."""
        for same in self.questions:
            event = same[0]
            self.slack.wait_for(partial(self.bots[0].settled, event), seconds)
        expected = sorted(
            (same[0]["channel"], same[0].get("thread_ts") or same[0]["ts"])
            for same in self.questions
        )
        answers = [
            (channel, message["thread_ts"])
            for channel in self.slack.messages
            for message in self.slack.of_bot(channel)
        ]
        assert sorted(answers) == expected
        assert all(is_answer(m) for c in self.slack.messages for m in self.slack.of_bot(c))


def _soak(slack: LoopbackSlack, data_dir: Path, count: int, seconds: float) -> None:
    settings = {"REPORT_QA_SLACK_ANSWERS_AT_ONCE": 2}
    bots = [BotProcess(slack, data_dir, "http", **settings) for _ in range(2)]
    for bot in bots:
        bot.begin()
    try:
        for bot in bots:
            bot.wait_until_ready()
        soak = Soak(slack, bots, count)
        begun = time.monotonic()
        soak.run()
        soak.check(seconds)
        print(
            f"{soak.sent} deliveries of {count} questions, two kills: {count} answers, none lost, "
            f"none twice, in {time.monotonic() - begun:.0f} s"
        )
    finally:
        for bot in bots:
            bot.stop()


def test_nothing_is_lost_and_nothing_is_said_twice(
    own_slack: LoopbackSlack, data_folder: Callable[[], Path]
) -> None:
    _soak(own_slack, data_folder(), 100, 90)


@pytest.mark.slack_soak
def test_a_thousand_deliveries(own_slack: LoopbackSlack, data_folder: Callable[[], Path]) -> None:
    _soak(own_slack, data_folder(), 1000, 240)


# With a language model that can be made to wait


@pytest.fixture
def silent() -> Iterator[ScriptedEndpoint]:
    """An endpoint that begins a sentence and says no more."""
    with ScriptedEndpoint(falls_silent("瑞安市2018年生产总值为910亿元 [1]。")) as endpoint:
        yield endpoint


def _settings(endpoint: ScriptedEndpoint, **more: object) -> dict[str, object]:
    return {
        "OPENAI_BASE_URL": endpoint.base_url,
        "REPORT_QA_MODEL": MODEL,
        "REPORT_QA_ENGINE": "api",
        **more,
    }


def test_a_dead_process_and_a_silent_model(
    own_slack: LoopbackSlack, data_folder: Callable[[], Path], silent: ScriptedEndpoint
) -> None:
    """What a process that was killed left is finished by the next; over the deadline is told."""
    question = "瑞安2018年的生产总值是多少?"
    dead = BotProcess(own_slack, data_folder(), "http", **_settings(silent))
    dead.start()
    left = mention(own_slack, "CDEAD", "U1", question)
    dead.event(left)
    own_slack.wait_for(lambda: silent.requests)
    dead.kill()
    silent.scripts = [says("瑞安市2018年生产总值为910亿元 [1]。"), falls_silent("瑞安市")]
    settings = _settings(
        silent, REPORT_QA_SLACK_DEADLINE_SECONDS=8, REPORT_QA_SLACK_ANSWERS_AT_ONCE=1
    )
    with BotProcess(own_slack, dead.data_dir, "http", **settings) as heir:
        own_slack.wait_for(lambda: heir.settled(left), 40)
        (answer,) = own_slack.of_bot("CDEAD")
        assert "910亿元" in shown(answer)
        late = mention(own_slack, "CLATE", "U1", question)
        heir.event(late)
        own_slack.wait_for(lambda: heir.settled(late), 30)
        (apology,) = own_slack.of_bot("CLATE")
        assert "8 秒内没有得到回答" in shown(apology)
        assert is_answer(apology)
        half = "瑞安市2018年生产总值为910亿元 [1]。增长7.8% [1]。财政"
        silent.scripts = [falls_silent(half)]
        grown = mention(own_slack, "CGROWN", "U1", question)
        heir.event(grown)
        own_slack.wait_for(lambda: heir.settled(grown), 20)
        (answer,) = own_slack.of_bot("CGROWN")
        assert is_answer(answer)
        posted = [
            c for c in own_slack.called("chat.postMessage") if "CGROWN" in c.arguments.values()
        ]
        assert "910亿元" in shown(posted[0].arguments)
        assert "…" in shown(posted[0].arguments)
        assert heir.stop() == 0
