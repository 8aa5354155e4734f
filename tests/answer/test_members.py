"""What a sentence announces a number of is answered with what names it."""

from __future__ import annotations

import pytest

from rag.answer.members import members_of
from rag.app import App
from rag.corpus.sentences import source_sentences
from tests.answers import assert_sound

ALIKE = (
    "主攻三大平台。坚持高标准建设。东区突出“产城联动”。完善学校和医院,推进3个项目。"
    "西区突出“新老联动”。建设广场。北区突出“内外联动”。"
)
LIST = "紧盯“四大结构”抓建设。交通、生态和环保、高新产业、民间投资分别增长15%、12%、15%和10%。"
NUMBERED = "抓好两项工作。一是扩大投资。全年开工12个项目。二是改善民生。"


@pytest.mark.parametrize(
    ("text", "members"),
    [
        (ALIKE, ["东区突出“产城联动”。", "西区突出“新老联动”。", "北区突出“内外联动”。"]),
        (LIST, ["交通、生态和环保、高新产业、民间投资分别增长15%、12%、15%和10%。"]),
        (NUMBERED, ["一是扩大投资。", "二是改善民生。"]),
        ("推进甲区、乙区、丙区三大平台。甲区突出产业。乙区突出商贸。丙区突出文旅。", []),
        ("主攻四大平台。东区突出产业。西区突出商贸。南区突出文旅。", []),
        ("新增三家企业。东区突出产业。西区突出商贸。南区突出文旅。", []),
        ("主攻三大平台。", []),
    ],
)
def test_the_sentences_that_name_what_is_announced(text: str, members: list[str]) -> None:
    announcing, *rest = source_sentences(text)
    assert [span.text for span in members_of(announcing, [announcing, *rest])] == members


@pytest.mark.parametrize(
    ("question", "first", "last", "count"),
    [
        ("瑞安2019年主攻的五大产城融合平台是哪些?", "经济开发区突出", "江南新区突出", 6),
        ("金华开发区2022年要重点做好哪七个方面的工作?", "(一)坚持首位战略", "(七)打通", 8),
        (
            "Which six key areas of work did the Wenzhou zone set for 2015?",
            "(一)突出重大项目建设",
            "(六)突出保障和改善民生",
            7,
        ),
    ],
)
def test_members_are_quoted_with_their_sources(
    question: str, first: str, last: str, count: int, real_app: App
) -> None:
    answer = real_app.assistant.answer(question, engine="extractive")
    lines = answer.text.splitlines()[1:]
    assert len(lines) == count
    assert first in lines[1]
    assert last in lines[-1]
    assert_sound(answer)


def test_the_figures_of_what_is_announced(real_app: App) -> None:
    question = "2018年瑞安抓项目建设紧盯的“四大结构”分别增长多少?"
    answer = real_app.assistant.answer(question, engine="extractive")
    assert "分别增长15%、12%、15%和10%" in answer.text


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        (
            "瑞安2019年如何破解融资难融资贵?",
            ["大力破解融资难融资贵", "实施小微企业信贷", "深化信用瑞安"],
        ),
        (
            "What is Jinhua doing to promote employment in 2022?",
            ["促进多元就业", "“112”体系", "新型贸易体系"],
        ),
        # No topic: what it says is all.
        ("温州经开区2021年哪个奖取得零的突破?", ["国家科技进步奖取得零的突破"]),
    ],
)
def test_a_topic_is_quoted_with_what_is_said_of_it(
    question: str, lines: list[str], real_app: App
) -> None:
    answer = real_app.assistant.answer(question, engine="extractive")
    quoted = answer.text.splitlines()[1:]
    assert len(quoted) == len(lines)
    assert all(words in line for words, line in zip(lines, quoted, strict=True))
