"""The whole conversation of people with the bot, in both modes."""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from rag.app import App
from rag.contract import AnswerOut
from tests.ui.slack.driving import ROOT, BotProcess, buttons, is_answer, mention, shown, written
from tests.ui.slack.limits import problems_of_message
from tests.ui.slack.loopback import BOT_ID, BOT_USER, Json
from ui.feedback import FeedbackStore
from ui.slack.kept import KeptAnswer

QUESTION = "瑞安2018年的生产总值是多少?"
_channels = itertools.count(1)


@pytest.fixture
def channel() -> str:
    """A channel that nobody has written in."""
    return f"C{next(_channels):08d}"


def answers(bot: BotProcess, channel: str, thread: str = "", *, at_least: int = 1) -> list[Json]:
    """The bot's finished answers, once there are so many."""

    def finished() -> list[Json]:
        found = [m for m in bot.slack.of_bot(channel, thread) if is_answer(m)]
        return found if len(found) >= at_least else []

    return bot.slack.wait_for(finished)


def private_answer(bot: BotProcess, channel: str, *, at_least: int = 1) -> Json:
    """The last finished answer that only who asked sees."""

    def finished() -> list[Json]:
        found = [m for m in bot.slack.ephemeral if m["channel"] == channel and is_answer(m)]
        return found if len(found) >= at_least else []

    return bot.slack.wait_for(finished)[-1]


def told(bot: BotProcess, channel: str, text: str) -> Json:
    """What only one person was told, once it is there."""
    return bot.slack.wait_for(
        lambda: next(
            (m for m in bot.slack.ephemeral if m["channel"] == channel and text in m["text"]), None
        )
    )


def window(bot: BotProcess, id_: str, title: str) -> Json:
    """An open window, once its title says so."""

    def shows() -> Json | None:
        view = bot.slack.views[id_]
        return view if title in view["title"]["text"] else None

    return bot.slack.wait_for(shows)


def expected(app: App, question: str) -> AnswerOut:
    return AnswerOut.of(app.assistant.answer(question, engine="extractive"))


def ask(bot: BotProcess, channel: str, text: str = QUESTION, user: str = "U1") -> tuple[Json, Json]:
    """(the question's message, its finished answer)."""
    event = mention(bot.slack, channel, user, text)
    assert bot.event(event).status == 200
    return event, answers(bot, channel, event["ts"])[0]


def test_a_mention_is_answered_in_its_thread(bot: BotProcess, channel: str, real_app: App) -> None:
    event, answer = ask(bot, channel)
    text = shown(answer)
    wanted = expected(real_app, QUESTION)
    assert wanted.answer.replace("\n", "") in text.replace("\n", "")
    assert "910亿元" in text
    assert "理解为: 瑞安 · 2018" in text.replace("瑞安市", "瑞安")
    assert "已与原文核对" in text
    bold = [
        element["text"]
        for block in answer["blocks"]
        if block["type"] == "rich_text"
        for section in block["elements"]
        for element in section["elements"]
        if element.get("style") == {"bold": True}
    ]
    assert bold == [figure.text for figure in wanted.figures]
    reacted = ("reactions.add", "reactions.remove")
    bot.slack.wait_for(lambda: bot.slack.called("reactions.remove"))
    mine = [
        call.method
        for call in bot.slack.calls
        if call.method in reacted and call.arguments["timestamp"] == event["ts"]
    ]
    assert mine == list(reacted)


def test_each_source_is_a_line_with_a_window(bot: BotProcess, channel: str, real_app: App) -> None:
    question = "温州经开区2014年限上固定资产投资是多少?金华开发区2022年固定资产投资目标是多少?"
    _, answer = ask(bot, channel, question)
    wanted = expected(real_app, question)
    assert len(wanted.citations) > 1
    opening = buttons(answer, "show_source")
    assert len(opening) == len(wanted.citations)
    for citation in wanted.citations:
        assert f"[{citation.marker}] {citation.title}" in shown(answer)
    before = set(bot.slack.views)
    assert bot.press(opening[0], answer, channel, "U1").status == 200
    (id_,) = bot.slack.wait_for(lambda: set(bot.slack.views) - before)
    for at, citation in enumerate(wanted.citations):
        view = window(bot, id_, f"[{citation.marker}]")
        assert citation.text in shown(view)
        assert {"bold": True} in [
            element.get("style")
            for block in view["blocks"]
            if block["type"] == "rich_text"
            for section in block["elements"]
            for element in section["elements"]
            if element["text"] in citation.quote
        ]
        (link,) = buttons(view, "open_page")
        assert (
            link["url"] == f"http://127.0.0.1:7860/?report={citation.report}#p{citation.paragraph}"
        )
        ways = buttons(view, "turn_to_source")
        assert len(ways) == (at > 0) + (at < len(wanted.citations) - 1)
        if at < len(wanted.citations) - 1:
            assert bot.press(ways[-1], view, channel, "U1").status == 200


def test_a_follow_up_needs_no_mention_and_knows_the_conversation(
    bot: BotProcess, channel: str
) -> None:
    event, _ = ask(bot, channel)
    bot.event(written(bot.slack, channel, "U2", "2019年的目标呢?", event["ts"]))
    answer = answers(bot, channel, event["ts"], at_least=2)[-1]
    assert "瑞安" in shown(answer)
    assert "2019" in shown(answer)


def test_words_between_people_are_left_alone(bot: BotProcess, channel: str) -> None:
    event, _ = ask(bot, channel)
    bot.event(written(bot.slack, channel, "U2", "<@U3> 你看呢?", event["ts"]))
    bot.event(written(bot.slack, channel, "U2", "瑞安2018年的生产总值是多少?"))
    bot.event(written(bot.slack, channel, "U2", QUESTION, bot_id=BOT_ID))
    bot.event(written(bot.slack, channel, "U2", QUESTION, event["ts"], edited={"user": "U2"}))
    changed = written(bot.slack, channel, "U2", QUESTION, event["ts"], subtype="message_changed")
    bot.event(changed)
    bot.event(written(bot.slack, channel, BOT_USER, QUESTION, event["ts"]))
    marked, _ = ask(bot, channel, user="U9")  # comes after all of them
    assert len([m for m in bot.slack.of_bot(channel) if is_answer(m)]) == 2
    assert marked


def test_a_direct_message_is_answered_in_english(bot: BotProcess, channel: str) -> None:
    direct = "D" + channel[1:]
    event = written(bot.slack, direct, "U1", "What was Ruian's GDP in 2018?")
    assert bot.event(event).status == 200
    answer = answers(bot, direct, event["ts"])[0]
    assert "91 billion yuan" in shown(answer)
    assert "Checked against the source" in shown(answer)


def test_both_events_of_a_mention_and_its_redeliveries_are_one_question(
    bot: BotProcess, channel: str
) -> None:
    event = mention(bot.slack, channel, "U1", QUESTION)
    pair = {**event, "type": "message", "channel_type": "channel"}
    for delivery, id_ in [(event, "Ev1"), (pair, "Ev2"), (event, "Ev1"), (pair, "Ev2")]:
        assert bot.event(delivery, id_ + channel).status == 200
    ask(bot, channel)  # comes after all of them, and may be answered before them
    bot.slack.wait_for(lambda: bot.waiting() == 0)
    assert len(answers(bot, channel, at_least=2)) == 2


def test_a_mention_without_a_question_gets_help(bot: BotProcess, channel: str) -> None:
    bot.event(mention(bot.slack, channel, "U1", "  "))
    told(bot, channel, "/report QUESTION")


def test_what_is_not_in_the_reports_is_worded_as_on_the_page(
    bot: BotProcess, channel: str, real_app: App
) -> None:
    for question, label in [
        ("杭州2020年的生产总值是多少?", "未找到"),
        ("生态园2022年1-9月实现工业总产值多少?", "数值隐去"),
    ]:
        _, answer = ask(bot, channel, question)
        assert label in shown(answer)
        assert expected(real_app, question).answer in shown(answer)


def test_a_question_that_is_too_long_is_told_so(bot: BotProcess, channel: str) -> None:
    _, answer = ask(bot, channel, "长" * 3000)
    assert "2000" in shown(answer)


def test_a_private_answer_can_be_shared_once(bot: BotProcess, channel: str) -> None:
    assert bot.command(QUESTION, channel, "U1").status == 200
    answer = private_answer(bot, channel)
    assert "910亿元" in shown(answer)
    assert QUESTION in shown(answer)
    assert bot.slack.of_bot(channel) == []
    (share,) = buttons(answer, "share")
    bot.press(share, answer, channel, "U1")
    shared = answers(bot, channel)[0]
    assert "910亿元" in shown(shared)
    assert not buttons(shared, "share")
    told(bot, channel, "已分享。")
    bot.press(share, answer, channel, "U1")
    told(bot, channel, "已经分享过")
    bot.event(written(bot.slack, channel, "U2", "2019年的目标呢?", shared["ts"]))
    assert "瑞安" in shown(answers(bot, channel, shared["ts"])[0])
    assert len(bot.slack.of_bot(channel)) == 2


def test_again_and_the_other_language(bot: BotProcess, channel: str, real_app: App) -> None:
    event, answer = ask(bot, channel)
    (again,) = buttons(answer, "again")
    bot.press(again, answer, channel, "U2")
    assert "910亿元" in shown(answers(bot, channel, event["ts"], at_least=2)[1])
    (other,) = buttons(answer, "other_language")
    assert other["text"]["text"] == "Show in English"
    for _ in range(2):
        bot.press(other, answer, channel, "U2")
    english = answers(bot, channel, event["ts"], at_least=3)[2]
    assert "91 billion yuan" in shown(english)
    zh, en = expected(real_app, QUESTION), real_app.assistant.answer(QUESTION, language="en")
    assert [c.anchor for c in zh.citations] == [c.passage.anchor for c in en.citations]
    assert buttons(english, "other_language")[0]["text"]["text"] == "用中文回答"
    told(bot, channel, "已经在用另一种语言回答")
    assert len(answers(bot, channel)) == 3


def test_the_other_language_of_a_private_answer_stays_private(
    bot: BotProcess, channel: str
) -> None:
    bot.command(QUESTION, channel, "U1")
    answer = private_answer(bot, channel)
    bot.press(buttons(answer, "other_language")[0], answer, channel, "U1")
    assert "91 billion yuan" in shown(private_answer(bot, channel, at_least=2))
    assert bot.slack.of_bot(channel) == []


def test_verdicts_are_kept_with_those_of_the_page(bot: BotProcess, channel: str) -> None:
    store = FeedbackStore(bot.data_dir)
    before = len(store.read())
    _, answer = ask(bot, channel)
    bot.press(buttons(answer, "helpful")[0], answer, channel, "U1")
    told(bot, channel, "谢谢")
    bot.press(buttons(answer, "helpful")[0], answer, channel, "U1")
    told(bot, channel, "已经评价过")
    known = set(bot.slack.views)
    bot.press(buttons(answer, "not_helpful")[0], answer, channel, "U2")
    (id_,) = bot.slack.wait_for(lambda: set(bot.slack.views) - known)
    values = {"reason": {"reason": {"type": "plain_text_input", "value": "不是这一年"}}}
    assert bot.submit(bot.slack.views[id_], values, "U2").status == 200
    given = bot.slack.wait_for(lambda: store.read()[before + 1 :] and store.read()[before:])
    assert [(f.surface, f.helpful, f.reason) for f in given] == [
        ("slack", True, ""),
        ("slack", False, "不是这一年"),
    ]
    assert given[0].answer.question == QUESTION


def test_help_and_reports(bot: BotProcess, channel: str, real_app: App) -> None:
    ack = bot.command("help", channel, "U1")
    if bot.mode == "http":
        assert "/report reports" in ack.body
    bot.command("reports", channel, "U1")

    def listed() -> str:
        mine = [m for m in bot.slack.ephemeral if m["channel"] == channel]
        return "".join(map(shown, mine))

    infos = real_app.assistant.corpus().index.infos()
    bot.slack.wait_for(lambda: all(info.title_en in listed() for info in infos))


def test_the_home_tab_has_questions_and_the_coverage(
    bot: BotProcess, channel: str, real_app: App
) -> None:
    user = "UH" + channel[1:]
    event = {"type": "app_home_opened", "user": user, "channel": "D1", "tab": "home"}
    assert bot.event(event).status == 200
    home = bot.slack.wait_for(lambda: bot.slack.homes.get(user))
    for info in real_app.assistant.corpus().index.infos():
        assert info.title in shown(home)
        assert info.title_en in shown(home)
    starter = buttons(home, "ask_starter")[0]
    assert bot.press(starter, home, "", user).status == 200
    answer = answers(bot, "D" + user[1:])[0]
    assert starter["value"] in shown(answer)
    bot.event(written(bot.slack, "D" + user[1:], user, "2019年的目标呢?", answer["ts"]))
    assert answers(bot, "D" + user[1:], answer["ts"])


def test_buttons_and_links_that_need_nothing_are_acknowledged(
    bot: BotProcess, channel: str
) -> None:
    _, answer = ask(bot, channel)
    link = {"action_id": "open_page", "url": "http://127.0.0.1:7860"}
    assert bot.press(link, answer, channel, "U1").status == 200
    gone = {"action_id": "show_source", "value": "999999:1"}
    known = set(bot.slack.views)
    assert bot.press(gone, answer, channel, "U1").status == 200
    (id_,) = bot.slack.wait_for(lambda: set(bot.slack.views) - known)
    assert "no longer kept" in shown(bot.slack.views[id_])


def test_a_connection_that_slack_refreshes_goes_on(bot: BotProcess, channel: str) -> None:
    if bot.mode == "socket":
        before = len(bot.slack.called("apps.connections.open"))
        bot.slack.disconnect()
        bot.slack.wait_for(lambda: len(bot.slack.called("apps.connections.open")) > before)
        bot.slack.wait_for(lambda: bot.slack.is_connected)
    ask(bot, channel)


def test_hostile_words_stay_words(bot: BotProcess, channel: str) -> None:
    hostile = "&lt;!channel&gt; &lt;@U1&gt; &lt;https://evil.example|瑞安&gt; @here 的生产总值?"
    _, answer = ask(bot, channel, hostile)
    for message in bot.slack.of_bot(channel):
        assert problems_of_message({**message, "unfurl_links": False}) == []
    (again,) = buttons(answer, "again")
    bot.press(again, answer, channel, "U2")
    repeated = answers(bot, channel, at_least=2)[1]
    assert "<!channel>" in shown(repeated)
    assert "<!channel>" not in json.dumps(repeated)
    assert "https://" not in json.dumps(repeated["blocks"])


SAME = (
    QUESTION,
    "What was Ruian's GDP in 2018?",
    "温州经开区2014年社会消费品零售总额是多少?2015年目标增长多少?",
    "金华开发区2022年固定资产投资目标额比温州经开区本级2014年限上固定资产投资多多少亿元?",
    "What growth in fixed-asset investment did Jinhua ETDZ target for 2022?",
    "生态园2022年1-9月实现工业总产值多少?",
    "杭州2020年的生产总值是多少?",
)


def test_slack_and_the_command_line_give_the_same_figures_and_paragraphs(
    http_bot: BotProcess, channel: str, tmp_path: Path
) -> None:
    asked, printed = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lines = [json.dumps({"id": str(n), "question": q}) for n, q in enumerate(SAME)]
    asked.write_text("\n".join(lines), "utf-8")
    batch = ["ask", "--batch", str(asked), "--out", str(printed), "--engine", "extractive"]
    command = [sys.executable, "-c", "from ui.cli import main; main()", *batch]
    where = {"PYTHONPATH": str(ROOT), "REPORT_QA_DATA_DIR": str(http_bot.data_dir)}
    subprocess.run(command, env={**os.environ, **where}, check=True, stderr=subprocess.DEVNULL)
    for line in printed.read_text("utf-8").splitlines():
        wanted = AnswerOut.model_validate_json(line)
        event, answer = ask(http_bot, channel, wanted.question)
        assert is_answer(answer)
        with sqlite3.connect(http_bot.data_dir / "slack.sqlite3") as store:
            query = "SELECT answer FROM questions WHERE key = ?"
            ((kept,),) = store.execute(query, (f"{channel}:{event['ts']}",))
        given = KeptAnswer.model_validate_json(kept).answer
        assert (given.status, given.answer) == (wanted.status, wanted.answer)
        assert given.figures == wanted.figures
        assert given.citations == wanted.citations
        assert len(buttons(answer, "show_source")) == len(wanted.citations)
        for figure in wanted.figures:
            assert figure.text in shown(answer)
