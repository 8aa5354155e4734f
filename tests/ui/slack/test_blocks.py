"""Payloads: as snapshots for readers, and within Slack's limits whatever is put in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.app import App
from rag.contract import AnswerOut, CitationOut, FigureOut, QuestionIn, TurnIn, failed
from rag.types import FigureStatus, Language, Place, ReportInfo
from tests.ui.slack.driving import buttons, shown
from tests.ui.slack.limits import problems_of_message, problems_of_view, total
from ui.slack import blocks
from ui.slack.blocks import Message
from ui.slack.kept import KeptAnswer
from ui.slack.words import _WORDS, say

_LANGUAGES: tuple[Language, Language] = ("zh", "en")
SNAPSHOTS = Path(__file__).parent / "snapshots"
ANSWERS = {
    name: KeptAnswer.model_validate(answer)
    for name, answer in json.loads((SNAPSHOTS.parent / "answers.json").read_text("utf-8")).items()
}
INFOS = [
    ReportInfo(
        "a-2021", "甲市政府工作报告", "City A 2022", Place("甲市", "City A"), "", "", "2021", ""
    ),
    ReportInfo("b-2021", "乙县工作总结", "", Place("乙县"), "", "", "2021", "2022"),
]


def payload(message: Message) -> dict[str, Any]:
    return {
        "text": message.text,
        "blocks": list(message.blocks),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def same_as_snapshot(name: str, value: object) -> None:
    """A snapshot that is missing is written, to be looked at and committed."""
    path = SNAPSHOTS / f"{name}.json"
    text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    if not path.exists():
        path.write_text(text, "utf-8")
        pytest.fail(f"{path.name} is new; look at it and run again")
    assert json.loads(path.read_text("utf-8")) == json.loads(text)


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_look_as_they_did(name: str) -> None:
    messages = blocks.answer_messages(ANSWERS[name], 7, private=False, repeat_question=False)
    assert [problem for m in messages for problem in problems_of_message(payload(m))] == []
    same_as_snapshot(name, [payload(message) for message in messages])


VIEWS = {
    "source": blocks.source_view(ANSWERS["calculated"], 7, 2, "https://reports.example/"),
    "reason": blocks.reason_view(7, "zh"),
    "gone": blocks.gone_view(),
    "home": blocks.home_view(INFOS, blocks.starters(INFOS)),
    "home-without-reports": blocks.home_view([], []),
}


@pytest.mark.parametrize("name", VIEWS)
def test_windows_and_the_home_tab_look_as_they_did(name: str) -> None:
    assert problems_of_view(VIEWS[name]) == []
    same_as_snapshot(name, VIEWS[name])


def test_a_table_is_told_in_lines(real_app: App) -> None:
    answer = AnswerOut.of(
        real_app.assistant.answer("瑞安社会消费品零售总额2018年增长多少?2019年的目标增幅又是多少?")
    )
    kept = KeptAnswer(answer=answer, titles={}, understood="", history=[])
    (message,) = blocks.answer_messages(kept, 7, private=False, repeat_question=False)
    text = "".join(shown(payload(message)))
    assert "瑞安市\uff082018年实绩\uff09\uff1a社会消费品零售总额增长11%" in text
    assert "|" not in text
    assert "|" not in message.text


def test_a_list_of_reports(real_app: App) -> None:
    infos = real_app.assistant.corpus().index.infos()
    for language in _LANGUAGES:
        (message,) = blocks.reports_messages(infos, language)
        assert problems_of_message(payload(message)) == []
    many = blocks.reports_messages(list(infos) * 40, "zh")
    assert len(many) > 1
    assert all(problems_of_message(payload(message)) == [] for message in many)
    assert problems_of_message(payload(blocks.reports_messages([], "zh")[0])) == []
    assert problems_of_view(blocks.home_view(list(infos) * 40, ["q"] * 6)) == []


# Whatever is put in

_TEXT = st.text(
    st.one_of(
        st.sampled_from("瑞安市生产总值910亿元。\uff1b\uff0c, <>&!@#*_`~[]1\n"), st.characters()
    ),
    max_size=60,
)
_HOSTILE = st.sampled_from(
    ["<!channel>", "<@U1>", "<#C1|x>", "<https://a.example|b>", "https://a.example", "@here"]
)
_LONG = st.builds(
    lambda parts, n: "".join(parts) * n, st.lists(_TEXT | _HOSTILE), st.integers(1, 90)
)
_STATUS = st.sampled_from(["answered", "not_found", "withheld", "failed"])
_FIGURE_STATUS: st.SearchStrategy[FigureStatus] = st.sampled_from(
    ["exact", "converted", "calculated", "unsupported"]
)


def _citation(marker: int, text: str, title: str) -> CitationOut:
    end = min(len(text), 30)
    return CitationOut(
        marker=marker,
        report=f"report-{marker}",
        title=title,
        paragraph=marker,
        anchor=f"report-{marker}#p{marker}",
        section=[title, text[:200]],
        text=text,
        quote=text[:end],
        start=0,
        end=end,
        kind="actual",
        period="2021",
    )


@st.composite
def _answers(draw: st.DrawFn) -> KeptAnswer:
    language: Language = draw(st.sampled_from(["zh", "en"]))
    line = failed(
        QuestionIn(id="", question=draw(_LONG) or "?"), language, draw(_TEXT) or "problem"
    )
    texts = draw(st.lists(_LONG.filter(bool), max_size=3)) * draw(st.integers(1, 20))
    title = draw(_TEXT)
    figures = [
        FigureOut(text=draw(_TEXT), source=draw(_TEXT), marker=1, status=draw(_FIGURE_STATUS))
        for _ in range(draw(st.integers(0, 20)))
    ]
    answer = line.model_copy(
        update={
            "status": draw(_STATUS),
            "answer": draw(_LONG),
            "citations": [_citation(n, text, title) for n, text in enumerate(texts, start=1)],
            "figures": figures,
        }
    )
    return KeptAnswer(answer=answer, understood=draw(_LONG))


@settings(max_examples=120, deadline=None)
@given(answer=_answers(), private=st.booleans(), repeat=st.booleans())
def test_no_answer_is_more_than_slack_takes(
    answer: KeptAnswer, private: bool, repeat: bool
) -> None:
    messages = blocks.answer_messages(answer, 7, private=private, repeat_question=repeat)
    for message in messages:
        assert problems_of_message(payload(message)) == []
        assert blocks.characters(list(message.blocks)) == total(list(message.blocks))
    assert buttons(payload(messages[-1]), "again")
    markers = [b["value"] for m in messages for b in buttons(payload(m), "show_source")]
    assert markers == [f"7:{citation.marker}" for citation in answer.answer.citations]
    for citation in answer.answer.citations[:3]:
        view = blocks.source_view(answer, 7, citation.marker, "https://a.example")
        assert problems_of_view(view) == []


@given(text=_LONG.filter(lambda text: bool(text.strip())))
@settings(deadline=None)
def test_a_growing_answer_is_never_more_than_slack_takes(text: str) -> None:
    assert problems_of_message(payload(blocks.live(text))) == []


def test_a_long_answer_is_split_at_sentence_ends_and_nothing_is_cut() -> None:
    sentence = "全市实现生产总值910亿元\uff0c增长7.8%\uff1b财政总收入稳步增长。"
    text = "".join(f"{n}{sentence}" for n in range(700))
    line = failed(QuestionIn(id="", question="q"), "zh", "")
    answer = KeptAnswer(answer=line.model_copy(update={"status": "answered", "answer": text}))
    messages = blocks.answer_messages(answer, 7, private=False, repeat_question=False)
    assert len(messages) > 1
    rich = [
        shown({"blocks": [block]})
        for message in messages
        for block in message.blocks
        if block["type"] == "rich_text"
    ]
    assert "".join(rich).replace("\n", "") == text
    assert all(block.rstrip("\n").endswith(("。", "\uff1b")) for block in rich)
    assert "第 1/" in shown(payload(messages[0]))


def test_figures_are_bold_only_where_they_were_checked() -> None:
    line = failed(QuestionIn(id="", question="q"), "zh", "")
    figures = [
        FigureOut(text="910亿元", source="910亿元", marker=1, status="exact"),
        FigureOut(text="99%", source="", marker=None, status="unsupported"),
    ]
    update = {"status": "answered", "answer": "为910亿元\uff0c增长99% [1]。", "figures": figures}
    answer = KeptAnswer(answer=line.model_copy(update=update))
    (message,) = blocks.answer_messages(answer, 7, private=False, repeat_question=False)
    (section,) = next(b for b in message.blocks if b["type"] == "rich_text")["elements"]
    styles = {e["text"]: e["style"] for e in section["elements"] if "style" in e}
    assert styles == {"910亿元": {"bold": True}, "99%": {"strike": True}, "[1]": {"code": True}}
    assert "⚠ 原文中没有: 99%" in shown(payload(message))


def test_links_lead_to_the_paragraph_of_the_page() -> None:
    citation = _citation(3, "text", "title")
    assert blocks.page_link("https://a.example/", citation) == (
        "https://a.example/?report=report-3#p3"
    )
    assert blocks.page_link("", citation) == ""


@pytest.mark.parametrize("name", _WORDS)
def test_words_are_there_in_both_languages(name: str) -> None:
    values: Mapping[str, object] = {
        **{"n": 1, "of": 2, "marker": "[1]", "channel": "C1", "seconds": 5, "id": 7},
    }
    assert say(name, "zh", **values)
    assert say(name, "en", **values)


def test_a_conversation_is_kept_with_its_answer() -> None:
    answer = ANSWERS["answered-zh"].model_copy()
    answer.history = [TurnIn(role="user", content="before")]
    assert [turn.role for turn in answer.conversation] == ["user", "user", "assistant"]
    again = KeptAnswer.model_validate_json(answer.model_dump_json())
    assert again == answer
