"""A cross-encoder of the usual form, small enough to be made here, behind the same seam."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

from rag.app import App, build_app
from rag.errors import ModelError
from rag.index.embed import CrossEncoderReranker
from tests.wording import assert_sentence


def made(folder: Path, labels: int = 1) -> str:
    """A cross-encoder with random weights; its folder."""
    letters = [*string.printable.split()[0], *"全市工业投资增长新增高新技术企业家亿元"]
    vocabulary = folder / "vocab.txt"
    folder.mkdir()
    vocabulary.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]))
    BertTokenizerFast(vocab_file=str(vocabulary), model_max_length=128).save_pretrained(folder)
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(letters) + 5, hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=128, num_labels=labels,
        initializer_range=1.0,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def reranked(real_index: Path, tmp_path_factory: pytest.TempPathFactory) -> App:
    """The five reports with a reranker."""
    model = made(tmp_path_factory.mktemp("models") / "reranker")
    return build_app(data_dir=real_index, engine="extractive", reranker=model)


def test_a_second_look_is_a_leg_of_its_own(reranked: App, real_app: App) -> None:
    question = "瑞安2018年新增高新技术企业多少家?"
    first, second = real_app.assistant.search(question), reranked.assistant.search(question)
    assert all("reranker" not in p.legs for p in first.passages)
    assert all(sum(p.legs.values()) == pytest.approx(p.score) for p in second.passages)
    looked_at = [p.legs["reranker"] for p in second.passages]
    assert len(set(looked_at)) > 1
    before = {p.anchor: p.legs for p in first.passages}
    for passage in second.passages:
        if passage.anchor in before:
            legs = {k: v for k, v in passage.legs.items() if k != "reranker"}
            assert legs == pytest.approx(before[passage.anchor])


def test_the_place_named_still_comes_first(reranked: App) -> None:
    for question in ("瑞安2018年的生产总值是多少?", "Jinhua's investment target for 2022?"):
        found = reranked.assistant.search(question)
        assert found.passages[0].info.place.zh in found.query.places


def test_a_pair_s_score_does_not_depend_on_the_others(tmp_path: Path) -> None:
    reranker = CrossEncoderReranker(made(tmp_path / "model"))
    texts = ["全市工业增长", "新增企业", "投资亿元" * 20]
    together = reranker.scores("投资增长", texts)
    alone = [reranker.scores("投资增长", [text])[0] for text in texts]
    assert together == pytest.approx(alone, abs=1e-4)
    assert len(set(together)) == 3


def test_a_model_that_cannot_rank_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as missing:
        CrossEncoderReranker(str(tmp_path / "nothing")).scores("?", ["text"])
    with pytest.raises(ModelError) as classifier:
        CrossEncoderReranker(made(tmp_path / "classifier", labels=3)).scores("?", ["text"])
    for error in (missing.value, classifier.value):
        assert_sentence(str(error))
        assert "REPORT_QA_RERANKER" in str(error)
