"""Means with intervals and paired tests. Everything is deterministic: the seed is fixed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

SEED = 20230524
RESAMPLES = 2000
_LEVEL = 0.95
_EXACT_UP_TO = 14  # clusters whose signs are all tried, 2**14 ways
_PERMUTATIONS = 20_000


@dataclass(frozen=True)
class Estimate:
    """A mean over `n` scores in `clusters` clusters, with its 95% interval.

    `low` and `high` are None where the scores tell nothing of the spread: of one cluster alone, or
    all alike. `unscored` counts what had no score.
    """

    n: int
    clusters: int
    mean: float
    low: float | None
    high: float | None
    unscored: int = 0


def estimate(
    values: Sequence[float],
    clusters: Sequence[Hashable],
    *,
    bounded: bool = True,
    unscored: int = 0,
) -> Estimate:
    """Mean and percentile interval by cluster bootstrap (Field and Welsh 2007): whole clusters
    are drawn with replacement, since questions about one paragraph fail together.

    Where all scores are alike there is no spread to resample. `bounded` scores, which lie between
    0 and 1, then get the interval of Clopper and Pearson (1934) over the clusters, if they are at
    one of these bounds. Raises ValueError without values.
    """
    if not values:
        raise ValueError("a mean needs values")
    sums, counts = _by_cluster(values, clusters)
    mean, size = float(sums.sum() / counts.sum()), len(sums)
    low: float | None = None
    high: float | None = None
    if size > 1 and any(value != values[0] for value in values):
        low, high = _interval(sums, counts)
    elif size > 1 and bounded and values[0] in (0.0, 1.0):
        spared = ((1 - _LEVEL) / 2) ** (1 / size)
        low, high = (spared, 1.0) if values[0] else (0.0, 1 - spared)
    return Estimate(len(values), size, mean, low, high, unscored)


def _by_cluster(
    values: Sequence[float], clusters: Sequence[Hashable]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(sum, number) of the values of each cluster, in order of first appearance."""
    totals: dict[Hashable, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        totals.setdefault(cluster, []).append(value)
    return (
        np.array([sum(group) for group in totals.values()], dtype=np.float64),
        np.array([len(group) for group in totals.values()], dtype=np.float64),
    )


def _interval(sums: NDArray[np.float64], counts: NDArray[np.float64]) -> tuple[float, float]:
    size = len(sums)
    draws = np.random.default_rng(SEED).multinomial(size, [1 / size] * size, size=RESAMPLES)
    means = (draws @ sums) / (draws @ counts)
    tail = 100 * (1 - _LEVEL) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return float(low), float(high)


def mcnemar(gained: int, lost: int) -> float:
    """Two-sided exact p of McNemar's test (1947) for the discordant pairs of two binary scores."""
    discordant = gained + lost
    tail: int = sum(comb(discordant, i) for i in range(min(gained, lost) + 1))
    return min(1.0, 2.0 * tail / 2.0**discordant)


def permutation(differences: Sequence[float], clusters: Sequence[Hashable]) -> float:
    """Two-sided p of a paired permutation test (Fisher 1935): the signs of the differences are
    flipped cluster by cluster. All ways are tried where they are few, else many at random."""
    sums, _ = _by_cluster(differences, clusters) if differences else (np.zeros(0), None)
    sums = sums[np.abs(sums) > 1e-12]
    if not len(sums):
        return 1.0
    observed = abs(sums.sum()) - 1e-9
    if len(sums) <= _EXACT_UP_TO:
        ways = np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums)) & 1
        return float(np.mean(np.abs((2 * ways - 1) @ sums) >= observed))
    signs = np.random.default_rng(SEED).choice((-1.0, 1.0), size=(_PERMUTATIONS, len(sums)))
    return float((1 + np.sum(np.abs(signs @ sums) >= observed)) / (1 + _PERMUTATIONS))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed."""
    return float(np.percentile(values, 100 * share))
