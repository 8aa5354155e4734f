"""How much of a question's words a text holds, in these words or in others like them."""

from __future__ import annotations

import pytest

from rag.app import App
from rag.types import Language


@pytest.mark.parametrize(
    ("question", "language", "like", "unlike"),
    [
        ("排污管道", "zh", "新建污水管网143公里", "甬台温高速大桥贯通"),
        ("机场", "zh", "机场扩建", "新建污水管网143公里"),
        ("公租房", "zh", "开工建设公共租赁房1759套", "新增幼儿园6所"),
        ("auditors", "en", "审计核减工程投资额3.4亿元", "新增幼儿园6所"),
    ],
)
def test_words_of_like_meaning_count_in_part(
    question: str, language: Language, like: str, unlike: str, real_app: App
) -> None:
    retriever = real_app.assistant.corpus().retriever
    terms = retriever.terms(real_app.assistant.corpus().understand(question))
    assert 0.2 < terms.coverage(like) <= 1
    assert terms.coverage(unlike) < 0.1
    strict = retriever.terms_of(question, language)
    assert strict.coverage(like) <= terms.coverage(like)
