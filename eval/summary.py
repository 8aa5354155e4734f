"""Results of many questions to figures: means with intervals by language and kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any

from pydantic import BaseModel

from eval.results import Result
from eval.scorers import MEASURES
from eval.statistics import SEED, Estimate, estimate, percentile

_TIMES: dict[str, Callable[[Result], float | None]] = {
    "retrieve_ms": lambda result: result.timings.retrieve_ms,
    "first_token_ms": lambda result: result.timings.first_token_ms,
    "total_ms": lambda result: result.timings.total_ms,
}
_PARITY = ("correct", "status", "facts", "recall@5")


class Interval(BaseModel):
    """A mean as it is written to files; see `eval.statistics.Estimate`."""

    n: int
    clusters: int
    mean: float
    low: float | None
    high: float | None
    unscored: int = 0

    @classmethod
    def of(cls, value: Estimate) -> Interval:
        """Rounded to six places."""
        return cls(
            n=value.n,
            clusters=value.clusters,
            mean=round(value.mean, 6),
            low=None if value.low is None else round(value.low, 6),
            high=None if value.high is None else round(value.high, 6),
            unscored=value.unscored,
        )

    def __str__(self) -> str:
        spread = "" if self.low is None else f" [{self.low:.3f}, {self.high:.3f}]"
        return f"{self.mean:.3f}{spread} n={self.n}"


class Nothing(BaseModel):
    """No question of the group has a score; the commonest reason."""

    unscored: int
    reason: str


class Parity(BaseModel):
    """Chinese and English of the same questions: `gap` is the mean of Chinese minus English over
    pairs, `same` the share of pairs in which both scored alike."""

    gap: Interval
    same: Interval


class Tokens(BaseModel):
    """What a language model was sent and gave, a question on which it was asked."""

    questions: int
    prompt_characters: float
    pieces: float


class Percentiles(BaseModel):
    """Milliseconds."""

    n: int
    p50: float
    p90: float
    p99: float
    longest: float


class Summary(BaseModel):
    """A run in figures. `measures` goes by measure and by group ("all", "zh", "fact", "fact zh");
    only `times` differ between two runs."""

    golden: str
    system: str
    engine: str
    splits: list[str]
    questions: int
    failed: int
    statuses: dict[str, int]
    seed: int
    measures: dict[str, dict[str, Interval | Nothing]]
    parity: dict[str, Parity | Nothing]
    tokens: Tokens | Nothing
    times: dict[str, Percentiles | Nothing]


def summarise(results: Sequence[Result], *, golden: str, system: str, engine: str) -> Summary:
    """The figures of a run. `golden` and `system` are the hashes of what was asked and of what
    was asked it."""
    return Summary(
        golden=golden,
        system=system,
        engine=engine,
        splits=sorted({result.split for result in results}),
        questions=len(results),
        failed=sum(result.status == "failed" for result in results),
        statuses=dict(sorted(Counter(result.status for result in results).items())),
        seed=SEED,
        measures={m.name: by_slice(results, m.name) for m in MEASURES},
        parity={name: parity(results, name) for name in _PARITY},
        tokens=_tokens(results),
        times={name: _percentiles(results, time) for name, time in _TIMES.items()},
    )


def by_slice(results: Sequence[Result], measure: str) -> dict[str, Interval | Nothing]:
    """Group → mean of a measure; the groups in the order in which they first appear."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        for name in result.slices:
            groups.setdefault(name, []).append(result)
    return {name: mean_of(group, measure) for name, group in sorted(groups.items(), key=_order)}


def _order(item: tuple[str, Any]) -> tuple[bool, bool, str]:
    name = item[0]
    return name != "all", name not in ("zh", "en"), name


def mean_of(results: Sequence[Result], measure: str) -> Interval | Nothing:
    """The mean of a measure over the results that have one."""
    scored = [result for result in results if measure in result.scores]
    reasons = Counter(r.unscored.get(measure, "") for r in results if measure not in r.scores)
    if not scored:
        return Nothing(
            unscored=len(results), reason=reasons.most_common(1)[0][0] if reasons else ""
        )
    return Interval.of(
        estimate(
            [result.scores[measure] for result in scored],
            [result.cluster for result in scored],
            bounded=measure != "figures_unsupported",
            unscored=len(results) - len(scored),
        )
    )


def parity(results: Sequence[Result], measure: str) -> Parity | Nothing:
    """How far Chinese and English of the same pair score apart; several questions of a language
    in a pair (traditional characters) count with their mean."""
    pairs: dict[str, dict[str, list[Result]]] = {}
    for result in results:
        if measure in result.scores:
            pairs.setdefault(result.pair, {}).setdefault(result.language, []).append(result)
    both = [pair for pair in pairs.values() if len(pair) == 2]
    if not both:
        return Nothing(unscored=len(pairs), reason="no pair was scored in both languages")
    gaps = [_mean(pair["zh"], measure) - _mean(pair["en"], measure) for pair in both]
    clusters = [pair["zh"][0].cluster for pair in both]
    return Parity(
        gap=Interval.of(estimate(gaps, clusters, bounded=False)),
        same=Interval.of(estimate([float(abs(gap) < 1e-9) for gap in gaps], clusters)),
    )


def _mean(results: Sequence[Result], measure: str) -> float:
    return fmean(result.scores[measure] for result in results)


def _tokens(results: Sequence[Result]) -> Tokens | Nothing:
    asked = [result.usage for result in results if result.usage.calls]
    if not asked:
        return Nothing(unscored=len(results), reason="no language model was asked")
    return Tokens(
        questions=len(asked),
        prompt_characters=round(fmean(usage.prompt_characters for usage in asked), 1),
        pieces=round(fmean(usage.pieces for usage in asked), 1),
    )


def _percentiles(
    results: Sequence[Result], time: Callable[[Result], float | None]
) -> Percentiles | Nothing:
    values = [t for r in results if r.status != "failed" and (t := time(r)) is not None]
    if not values:
        return Nothing(unscored=len(results), reason="it did not happen")
    p50, p90, p99 = (round(percentile(values, share), 1) for share in (0.5, 0.9, 0.99))
    return Percentiles(n=len(values), p50=p50, p90=p90, p99=p99, longest=round(max(values), 1))
