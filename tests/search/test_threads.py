"""Several people search at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import snowballstemmer

from rag.search.bilingual import stem


@pytest.fixture
def _eager_switching() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_eager_switching")
def test_words_are_stemmed_alike_in_every_thread() -> None:
    endings = ("ing", "ed", "s", "ment", "ational", "iveness", "fully")
    words = [
        f"{a}{b}{ending}" for a in "bfglmnprst" for b in ("ar", "on", "ev") for ending in endings
    ]
    single = snowballstemmer.stemmer("english")
    expected = [single.stemWord(word) for word in words]
    stem.cache_clear()
    with ThreadPoolExecutor(8) as threads:
        rounds = list(threads.map(lambda _: [stem.__wrapped__(word) for word in words], range(24)))
    assert all(found == expected for found in rounds)
