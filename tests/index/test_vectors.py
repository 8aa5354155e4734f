"""Vectors in Chroma are the vectors that were put there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.index.embed import Vectors
from rag.index.vectors import VectorStore

IDS = [f"north#p{n}:0-9" for n in range(40)]


@pytest.fixture(scope="module")
def matrix() -> Vectors:
    values = np.random.default_rng(7).normal(size=(40, 24)).astype(np.float32)
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32)


def test_what_is_put_comes_back_after_a_restart(tmp_path: Path, matrix: Vectors) -> None:
    store = VectorStore(tmp_path)
    store.put("chunk", IDS, matrix)
    store.close()
    store = VectorStore(tmp_path)
    assert (store.count("chunk"), store.count("paragraph")) == (40, 0)
    found = store.get("chunk", [IDS[3], IDS[30], "elsewhere#p1:0-9"])
    assert set(found) == {IDS[3], IDS[30]}
    np.testing.assert_allclose(found[IDS[30]], matrix[30], atol=1e-6)
    store.close()


def test_nearest_is_by_cosine_best_first(tmp_path: Path, matrix: Vectors) -> None:
    store = VectorStore(tmp_path)
    store.put("paragraph", IDS, matrix)
    cosines = matrix @ matrix[5]
    found = store.nearest("paragraph", matrix[5], 10)
    expected = [IDS[n] for n in np.argsort(-cosines)[:10]]
    assert list(found) == expected
    np.testing.assert_allclose(list(found.values()), sorted(cosines)[:-11:-1], atol=1e-5)
    assert len(store.nearest("paragraph", matrix[5], 100)) == 40
    assert store.nearest("chunk", matrix[5], 10) == {}
    store.close()


def test_putting_again_replaces_and_removing_removes(tmp_path: Path, matrix: Vectors) -> None:
    store = VectorStore(tmp_path)
    store.put("chunk", IDS[:3], matrix[:3])
    store.put("chunk", IDS[:1], matrix[9:10])
    store.remove("chunk", [IDS[1], "elsewhere#p1:0-9"])
    assert store.count("chunk") == 2
    np.testing.assert_allclose(store.get("chunk", IDS[:1])[IDS[0]], matrix[9], atol=1e-6)
    assert list(store.nearest("chunk", matrix[2], 1)) == [IDS[2]]
    store.close()


def test_none_of_the_nearest_is_missed(tmp_path: Path) -> None:
    values = np.random.default_rng(3).normal(size=(900, 384)).astype(np.float32)
    many = np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32)
    store = VectorStore(tmp_path)
    store.put("chunk", [f"north#p{n}:0-9" for n in range(900)], many)
    for question in many[:20]:
        expected = {f"north#p{n}:0-9" for n in np.argsort(-(many @ question))[:200]}
        assert set(store.nearest("chunk", question, 200)) == expected
    store.close()
