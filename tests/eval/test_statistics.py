"""Means, intervals and paired tests, against values worked out by hand."""

from __future__ import annotations

import pytest

from eval.statistics import estimate, mcnemar, percentile, permutation


def test_a_mean_is_over_scores_and_not_over_clusters() -> None:
    found = estimate([1.0, 1.0, 1.0, 0.0], ["a", "a", "a", "b"])
    assert (found.n, found.clusters, found.mean) == (4, 2, 0.75)
    # Two clusters, drawn twice: both a, both b, or one of each.
    assert (found.low, found.high) == (0.0, 1.0)


def test_an_interval_is_the_same_every_time() -> None:
    values = [float(i % 3 == 0) for i in range(60)]
    clusters = [i // 4 for i in range(60)]
    assert estimate(values, clusters) == estimate(values, clusters)


def test_clusters_widen_an_interval() -> None:
    values = [1.0] * 30 + [0.0] * 30
    alone = estimate(values, range(60))
    together = estimate(values, [i // 10 for i in range(60)])
    assert alone.low is not None
    assert together.low is not None
    assert together.low < alone.low < 0.5


def test_one_cluster_tells_nothing_of_the_spread() -> None:
    found = estimate([1.0, 0.0], ["a", "a"])
    assert (found.mean, found.low, found.high) == (0.5, None, None)


def test_all_at_a_bound_gets_the_interval_of_clopper_and_pearson() -> None:
    found = estimate([1.0] * 10, range(10))
    assert found.low == pytest.approx(0.025**0.1)
    assert found.low == pytest.approx(0.6915, abs=1e-4)  # the table's value for 10 of 10
    assert found.high == 1.0
    assert estimate([0.0] * 10, range(10)).high == pytest.approx(1 - 0.6915, abs=1e-4)
    unbounded = estimate([0.0] * 10, range(10), bounded=False)
    assert (unbounded.low, unbounded.high) == (None, None)


def test_no_values_have_no_mean() -> None:
    with pytest.raises(ValueError, match="needs values"):
        estimate([], [])


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [(0, 0, 1.0), (1, 1, 1.0), (0, 5, 2 / 32), (0, 6, 2 / 64), (1, 9, 2 * 11 / 1024), (3, 3, 1.0)],
)
def test_mcnemar(gained: int, lost: int, p: float) -> None:
    assert mcnemar(gained, lost) == pytest.approx(p)
    assert mcnemar(lost, gained) == pytest.approx(p)


def test_permutation_tries_all_signs_of_few_clusters() -> None:
    # Of the 8 ways to sign 1, 2, 3 only +6 and -6 are as far from 0.
    assert permutation([1.0, 2.0, 3.0], "abc") == pytest.approx(2 / 8)
    # 1 - 2 + 3 = 2: |sums| are 6, 4, 2, 0, 0, 2, 4, 6; six of eight are at least 2.
    assert permutation([1.0, -2.0, 3.0], "abc") == pytest.approx(6 / 8)


def test_permutation_flips_whole_clusters() -> None:
    assert permutation([1.0, 1.0, 1.0, 1.0], "aabb") == pytest.approx(2 / 4)
    assert permutation([0.0, 0.0], "ab") == 1.0
    assert permutation([], []) == 1.0


def test_permutation_draws_where_clusters_are_many() -> None:
    p = permutation([0.1] * 40, range(40))
    assert 0 < p < 0.001
    assert p == permutation([0.1] * 40, range(40))
    assert permutation([1.0, -1.0] * 20, range(40)) == 1.0


def test_percentile() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0, 5.0], 0.5) == 3.0
