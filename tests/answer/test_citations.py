"""Sentences of answers and reports, and the markers in whatever form a model writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.citations import Sentence, answer_sentences, with_markers
from rag.corpus.sentences import source_sentences

GDP = "生产总值910亿元。"


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("甲增长。乙下降。", ["甲增长。", "乙下降。"]),
        ("增长8.9%。下降7.5个百分点。", ["增长8.9%。", "下降7.5个百分点。"]),
        ("真的吗\uff1f是的\uff01好", ["真的吗\uff1f", "是的\uff01", "好"]),
        ("他说“增长。”然后走了。", ["他说“增长。”", "然后走了。"]),
        ("甲\uff1b乙\uff0c丙。", ["甲\uff1b乙\uff0c丙。"]),
        ("第一行\n第二行", ["第一行", "第二行"]),
        ("It grew 8.9%. It fell 1.2%.", ["It grew 8.9%.", "It fell 1.2%."]),
        ("No. 3 vs. No. 5 in the U.S. zone.", ["No. 3 vs. No. 5 in the U.S. zone."]),
        ('He said "it grew." Then he left.', ['He said "it grew."', "Then he left."]),
        ("Some firms, e.g. Ruili, i.e. two, grew.", ["Some firms, e.g. Ruili, i.e. two, grew."]),
        ("It cost approx. 3.5 yuan (net.) Good!", ["It cost approx. 3.5 yuan (net.)", "Good!"]),
        ("no end", ["no end"]),
        ("- one\n- two", ["- one", "- two"]),
        ("", []),
        ("\n \n。", []),
    ],
)  # fmt: skip
def test_sentences_of_an_answer(text: str, sentences: list[str]) -> None:
    assert [sentence.text for sentence in answer_sentences(text)] == sentences


@pytest.mark.parametrize(
    ("text", "markers"),
    [
        ("生产总值910亿元[1]。", (1,)),
        ("生产总值910亿元 [1]。", (1,)),
        ("生产总值910亿元。[1]", (1,)),
        ("生产总值910亿元。 [1]\n", (1,)),
        ("生产总值910亿元[1][2]。", (1, 2)),
        ("生产总值910亿元 [1] [2]。", (1, 2)),
        ("生产总值910亿元[1,2]。", (1, 2)),
        ("生产总值910亿元[1\uff0c 2]。", (1, 2)),
        ("生产总值910亿元[1、2]。", (1, 2)),
        ("生产总值910亿元[2-4]。", (2, 3, 4)),
        ("生产总值910亿元\uff3b1\uff3d。", (1,)),
        ("生产总值910亿元【1】。", (1,)),
        ("生产总值910亿元【1】【12】。", (1, 12)),
        ("生产总值910亿元[^1]。", (1,)),
        ("生产总值910亿元[ 1 ]。", (1,)),
        ("生产总值910亿元[2][1][2]。", (2, 1)),
        ("[3]生产总值910亿元。", (3,)),
        ("生产总值[4]910亿元。", (4,)),
        ("```\n生产总值910亿元[1]。\n```", (1,)),
        ("```text\n生产总值910亿元。[1]\n```", (1,)),
        ("`生产总值910亿元。` [1]", (1,)),
        ("生产总值910亿元。\n\n[1]", (1,)),
        ("生产总值910亿元。", ()),
    ],
)
def test_markers_in_every_form(text: str, markers: tuple[int, ...]) -> None:
    assert answer_sentences(text) == [Sentence(GDP, markers)]


def test_each_sentence_has_its_own_markers() -> None:
    text = "甲。[1]乙[2]。丙。[3][4] 丁"
    assert [(s.text, s.markers) for s in answer_sentences(text)] == [
        ("甲。", (1,)),
        ("乙。", (2,)),
        ("丙。", (3, 4)),
        ("丁", ()),
    ]
    text = 'GDP was 91.0 billion. [1] It grew 7.8% [2]. "So it did." [3]'
    assert [(s.text, s.markers) for s in answer_sentences(text)] == [
        ("GDP was 91.0 billion.", (1,)),
        ("It grew 7.8%.", (2,)),
        ('"So it did."', (3,)),
    ]


@pytest.mark.parametrize("text", ["见[附件]。", "array[12345]", "(1) 生产总值", "[1.5]"])
def test_other_brackets_are_no_markers(text: str) -> None:
    assert [sentence.markers for sentence in answer_sentences(text)] == [()]


def test_a_marker_alone_is_no_sentence() -> None:
    assert answer_sentences("[1]") == []
    assert answer_sentences("[1] [2]\n[3]") == []


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("甲8.9%;乙\uff1b丙。丁!", ["甲8.9%;", "乙\uff1b", "丙。", "丁!"]),
        ("实现“甲。”乙。", ["实现“甲。”", "乙。"]),
        ("  甲。 乙\n丙 ", ["甲。", "乙", "丙"]),
        ("No. 3 grew 8.9%. So did it", ["No. 3 grew 8.9%. So did it"]),
        ("", []),
    ],
)
def test_sentences_of_a_source(text: str, sentences: list[str]) -> None:
    spans = source_sentences(text)
    assert [span.text for span in spans] == sentences
    assert all(text[span.start : span.end] == span.text for span in spans)


@given(st.text(alphabet="甲乙1.。;!“” \n\uff1bab", max_size=60))
def test_sentences_of_a_source_cover_it(text: str) -> None:
    spans = source_sentences(text)
    assert all(text[span.start : span.end] == span.text for span in spans)
    assert "".join("".join(span.text.split()) for span in spans) == "".join(text.split())
    assert [span.start for span in spans] == sorted(span.start for span in spans)


@given(st.text(alphabet='甲乙1.。![]【】,^` \n"ab', max_size=60))
def test_any_answer_can_be_split(text: str) -> None:
    for sentence in answer_sentences(text):
        assert sentence.text == sentence.text.strip() != ""
        assert len(set(sentence.markers)) == len(sentence.markers)


@pytest.mark.parametrize(
    ("text", "markers", "marked"),
    [
        ("生产总值910亿元。", (1,), "生产总值910亿元 [1]。"),
        ("It grew.", (1, 2), "It grew [1][2]."),
        ("no end", (3,), "no end [3]"),
        ("生产总值910亿元。", (), "生产总值910亿元。"),
    ],
)
def test_markers_stand_before_the_full_stop(
    text: str, markers: tuple[int, ...], marked: str
) -> None:
    assert with_markers(text, markers) == marked
    if markers:
        assert answer_sentences(marked) == [Sentence(text, markers)]
