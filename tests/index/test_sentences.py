from __future__ import annotations

import threading

import numpy as np
import pytest

from rag.corpus.sentences import source_sentences
from rag.index.sentences import DIMENSION, _words, encode, packed, similarities, word_vectors

PARAGRAPH = "全年实现生产总值910亿元。新增就业岗位3.2万个;建成公园12座"
LONG = "改造管网12公里,此外,新增公交车30辆,开工建设幼儿园3所、小学2所,等。"


def test_a_sentence_and_its_translation_are_near() -> None:
    chinese = encode(["全市森林覆盖率达到55%", "新建幼儿园三所", "外贸出口增长一成"])
    english = encode(
        ["The city's forest coverage reached 55%", "Three new kindergartens", "Exports rose by 10%"]
    )
    cosines = english @ chinese.T
    assert list(cosines.argmax(axis=1)) == [0, 1, 2]


def test_vectors_have_length_one() -> None:
    vectors = encode(["生产总值", "How many parks were built?", ""])
    assert vectors.shape == (3, DIMENSION)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    assert encode([]).shape == (0, DIMENSION)


def test_stored_vectors_give_the_cosine_of_each_sentence() -> None:
    (question,) = encode(["How many parks were built?"])
    found = similarities(PARAGRAPH, packed(PARAGRAPH), question)
    spans = source_sentences(PARAGRAPH)
    exact = encode([span.text for span in spans]) @ question
    assert list(found) == [(span.start, span.end) for span in spans]
    assert list(found.values()) == pytest.approx(exact.tolist(), abs=2e-3)
    assert max(found, key=lambda place: found[place])[0] == PARAGRAPH.index("建成公园")


def test_clauses_have_vectors_of_their_own() -> None:
    (question,) = encode(["How many kindergartens are being built?"])
    found = similarities(LONG, packed(LONG), question)
    assert [LONG[start:end] for start, end in found] == [
        LONG,
        "改造管网12公里,",
        "此外,新增公交车30辆,",
        "开工建设幼儿园3所、小学2所,等。",
    ]
    assert max(found, key=lambda place: found[place])[0] == LONG.index("开工")


def test_vectors_of_another_text_are_refused() -> None:
    (question,) = encode(["parks"])
    with pytest.raises(ValueError, match="zip"):
        similarities("建成公园12座。", packed(PARAGRAPH), question)


def test_threads_get_the_same_vectors() -> None:
    texts = [f"建成公园{n}座" for n in range(12)]
    alone = {text: encode([text])[0] for text in texts}
    wrong: list[str] = []

    def check() -> None:
        for text in texts:
            if not np.allclose(encode([text])[0], alone[text], atol=1e-6):
                wrong.append(text)

    threads = [threading.Thread(target=check) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_vector_of_a_word_does_not_depend_on_the_others() -> None:
    words = ["机场", "airport", "市场主体", "无人车间", "facility"]
    _words.clear()
    together = word_vectors(words)
    _words.clear()
    alone = [word_vectors([word])[0] for word in words]
    assert np.array_equal(together, alone)
