"""Words of a text, and BM25 over them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from rag.errors import DamagedIndexError
from rag.index.lexical import LexicalIndex, Tokenizer, character_pairs
from tests.wording import assert_sentence

DOCUMENTS = [
    ["生产", "总值", "生产总值", "增长"],
    ["财政", "收入", "增长", "增长"],
    ["固定", "资产", "投资"],
]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(["五水共治", "金海湖"])


@pytest.fixture(scope="module")
def index() -> LexicalIndex:
    return LexicalIndex.build(DOCUMENTS)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("华峰入选单项冠军培育企业", ["华峰"]),
        ("与力天集团首次承办全国总决赛", ["与力天"]),
        ("DNX给水管安装扎实推进", ["DNX"]),
        ("国家科技进步奖取得零的突破", []),
        ("委托第三方审计公司对国有公司进行审计", []),
    ],
)
def test_what_may_be_the_name_of_a_firm(tokenizer: Tokenizer, text: str, names: list[str]) -> None:
    assert tokenizer.named(text) == names


def bm25(word: str, document: list[str]) -> float:
    """Lucene's BM25 with k1 1.2 and b 0.75, as Robertson and Zaragoza (2009) write it."""
    n = sum(word in other for other in DOCUMENTS)
    idf = math.log(1 + (len(DOCUMENTS) - n + 0.5) / (n + 0.5))
    mean = sum(map(len, DOCUMENTS)) / len(DOCUMENTS)
    tf = document.count(word)
    return idf * tf / (tf + 1.2 * (1 - 0.75 + 0.75 * len(document) / mean))


def test_long_words_come_with_the_words_in_them(tokenizer: Tokenizer) -> None:
    words = tokenizer.words("地区生产总值增长8.5%")
    assert {"生产总值", "生产", "总值", "增长", "8.5"} <= set(words)


def test_given_words_are_known(tokenizer: Tokenizer) -> None:
    assert {"五水共治", "金海湖"} <= set(tokenizer.words("突出五水共治,建设金海湖公园"))


def test_case_and_punctuation_do_not_matter_and_particles_are_left_out(
    tokenizer: Tokenizer,
) -> None:
    assert tokenizer.words("R&D经费的投入") == tokenizer.words(
        "r&d\u300c经费\u300d\uff0c投入\u3002"
    )
    assert not {"的", "是", "多少"} & set(tokenizer.words("投入的经费是多少"))
    assert tokenizer.words("\uff0c\u3002 !?") == []


def test_pairs_are_of_characters_that_stand_together() -> None:
    assert character_pairs("GDP增长8.5%\uff0c第3期工程") == [
        "gdp", "增长", "8.5", "第", "3", "期工", "工程",
    ]  # fmt: skip
    assert character_pairs("\uff0c。 !?") == []


def test_scores_are_bm25(index: LexicalIndex) -> None:
    for word in ("增长", "投资", "总值"):
        expected = [bm25(word, document) for document in DOCUMENTS]
        np.testing.assert_allclose(index.scores([((word,),)]), expected, rtol=1e-5)


def test_words_of_a_run_add_up_and_of_alternatives_the_best_counts(index: LexicalIndex) -> None:
    growth, revenue, investment = (index.scores([((w,),)]) for w in ("增长", "收入", "投资"))
    np.testing.assert_allclose(index.scores([(("增长", "收入"),)]), growth + revenue)
    np.testing.assert_allclose(index.scores([(("增长",), ("收入",))]), np.maximum(growth, revenue))
    np.testing.assert_allclose(index.scores([(("增长",),), (("投资",),)]), growth + investment)


def test_a_group_asked_twice_counts_once(index: LexicalIndex) -> None:
    np.testing.assert_array_equal(
        index.scores([(("增长",),), (("增长",),)]), index.scores([(("增长",),)])
    )


def test_unknown_words_score_nothing(index: LexicalIndex) -> None:
    assert not index.scores([(("月球",),), ((),)]).any()
    assert not index.scores([]).any()


def test_rare_words_tell_more(index: LexicalIndex) -> None:
    assert index.inverse_frequency("月球") > index.inverse_frequency("投资")
    assert index.inverse_frequency("投资") > index.inverse_frequency("增长") > 0
    assert index.inverse_frequency("投资") == pytest.approx(math.log(1 + 2.5 / 1.5))


def test_what_is_saved_scores_the_same_when_loaded(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    loaded = LexicalIndex.load(tmp_path)
    assert loaded.size == len(DOCUMENTS)
    assert set(loaded.vocabulary()) >= {word for document in DOCUMENTS for word in document}
    groups = [(("增长", "收入"),), (("投资",), ("总值",))]
    np.testing.assert_allclose(loaded.scores(groups), index.scores(groups))


def test_an_index_of_nothing_can_be_saved_and_asked(tmp_path: Path) -> None:
    LexicalIndex.build([]).save(tmp_path)
    assert LexicalIndex.load(tmp_path).scores([(("增长",),)]).shape == (0,)


@pytest.mark.parametrize("name", ["data.csc.index.npy", "vocab.index.json", "size"])
@pytest.mark.parametrize("content", [None, b"", b"\x93garbage"])
def test_a_damaged_index_is_one_sentence(
    index: LexicalIndex, tmp_path: Path, name: str, content: bytes | None
) -> None:
    index.save(tmp_path)
    (tmp_path / name).unlink() if content is None else (tmp_path / name).write_bytes(content)
    with pytest.raises(DamagedIndexError) as caught:
        LexicalIndex.load(tmp_path)
    assert_sentence(caught.value, "report-qa ingest --rebuild")


def test_the_dictionary_is_kept_where_it_is_told_and_done_without_where_it_cannot(
    tmp_path: Path,
) -> None:
    assert "增长" in Tokenizer([], tmp_path / "cache").words("增长")
    assert list((tmp_path / "cache").iterdir())
    (tmp_path / "file").touch()
    assert "增长" in Tokenizer([], tmp_path / "file" / "cache").words("增长")
