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


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("进口", "出口"),
        ("民航机场", "民富民享"),  # characters alone mean too little
    ],
)
def test_opposites_and_single_characters_are_not_like(
    question: str, text: str, real_app: App
) -> None:
    corpus = real_app.assistant.corpus()
    soft = corpus.retriever.terms(corpus.understand(question))
    assert soft.coverage(text) == corpus.retriever.terms_of(question, "zh").coverage(text)


@pytest.mark.parametrize(
    ("question", "text", "named"),
    [
        ("瑞安2018年新建了几座机场?", "新建机场1座", True),
        ("瑞安2018年新建了几座机场?", "新建污水管网143公里,建成小区7个", False),
        ("How many airports did Ruian build in 2018?", "新建机场1座", True),
        ("How many airports did Ruian build in 2018?", "建成小区7个", False),
        ("瑞安开通了几条公交线路?", "新建公交智能化站点30个", False),
        ("How many bus routes did Ruian open?", "新建公交智能化站点30个", False),
        ("How many bus routes did Ruian open?", "开通公交线路12条", True),
        ("How many firms were listed?", "上市公司2家", True),
        ("How many tenants does the incubator have?", "入驻企业35家", True),  # no sure translation
        ("瑞安2018年的生产总值是多少?", "新建机场1座", True),  # counts nothing
    ],
)
def test_what_is_counted_must_be_named(
    question: str, text: str, named: bool, real_app: App
) -> None:
    corpus = real_app.assistant.corpus()
    share = corpus.retriever.terms(corpus.understand(question)).share_counted(text)
    assert (share > 0.1) is named
