"""Whether a source says what a sentence says without figures."""

from __future__ import annotations

import pytest

from rag.answer.words import says_nothing, unsaid
from rag.app import App

SOURCE = (
    "预计全市实现生产总值910亿元,增长7.8%;全市经济持续健康发展,社会保持和谐稳定。"
    "新增11项国家和省级改革试点,获批创建省级高新区。"
)


@pytest.mark.parametrize(
    "text",
    [
        "瑞安经济持续健康发展。",
        "获批创建省级高新区。",
        "生产总值910亿元\uff0c增长7.8%。",
        "The economy developed healthily and society stayed stable.",
        "Ruian was approved to create a provincial high-tech zone.",
        "GDP grew.",
        "报告没有说明财政收入。",
        "The passages do not state the debt.",
        "根据报告\uff1a",
        "Yes.",
    ],
)
def test_what_the_source_says(text: str, real_app: App) -> None:
    assert unsaid(text, [SOURCE], real_app.assistant.corpus()) == ""


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("市长深受欢迎\uff0c人人满意。", "市长深受欢迎\uff0c人人满意。"),
        ("生产总值910亿元\uff0c市民幸福感全国最强。", "市民幸福感全国最强。"),
        ("The mayor is very popular and everyone is happy.", "The mayor is very popular"),
        ("GDP was 91 billion yuan, while crime rose in schools and hospitals.", "while crime"),
        ("生产总值出现下滑。", "生产总值出现下滑。"),
        ("GDP declined.", "GDP declined."),
    ],
)
def test_what_it_does_not(text: str, piece: str, real_app: App) -> None:
    found = unsaid(text, [SOURCE], real_app.assistant.corpus())
    assert found
    assert found.startswith(piece)


def test_what_says_nothing() -> None:
    assert all(
        map(says_nothing, ["以下是数据\uff1a", "As follows:", "未提及", "Yes.", "是的\u3002"])
    )
    assert not any(map(says_nothing, ["生产总值增长", "Yes, it grew.", "GDP grew."]))
