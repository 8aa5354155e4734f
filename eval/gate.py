"""Whether a run is good enough: thresholds, and paired tests against a baseline."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from eval.errors import EvalError
from eval.golden import KINDS, first_problem, read_yaml
from eval.results import Result
from eval.scorers import BY_NAME, MEASURES, Measure
from eval.statistics import mcnemar, permutation
from eval.summary import Interval, Nothing, mean_of

THRESHOLDS = Path(__file__).parent / "thresholds.yaml"


def _is_name(name: str) -> str:
    """Raises ValueError unless it is a measure and a group of questions: "facts list zh"."""
    measure, *group = name.split()
    kinds = [word for word in group if word in KINDS]
    languages = [word for word in group if word in ("zh", "en")]
    if measure not in BY_NAME or group != [*kinds[:1], *languages[:1]]:
        raise ValueError(f"{name!r} is not a measure, a kind and a language, as in 'facts list zh'")
    return name


class Limit(BaseModel):
    """How low or how high a mean may be."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give either at_least or at_most")
        return self

    def allows(self, mean: float) -> bool:
        """Whether a mean is within it."""
        if self.at_least is not None:
            return mean >= self.at_least
        return mean <= (self.at_most or 0.0)

    def __str__(self) -> str:
        return (
            f"at least {self.at_least:g}"
            if self.at_least is not None
            else f"at most {self.at_most:g}"
        )


Limits = dict[Annotated[str, AfterValidator(_is_name)], Limit]


class OfSplits(BaseModel):
    """The limits of an engine on each split, and on the questions of a recording."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    open: Limits = {}
    held: Limits = {}
    recorded: Limits = {}


class Thresholds(BaseModel):
    """What thresholds.yaml holds. `always` binds every run, whatever was asked of whom; the others
    bind runs over all questions of a split. `alpha` is for the tests against a baseline."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    alpha: float = Field(default=0.05, gt=0, lt=1)
    always: Limits = {}
    extractive: OfSplits = OfSplits()
    local: OfSplits = OfSplits()
    api: OfSplits = OfSplits()

    def of(self, engine: str, split: str) -> Limits:
        """The limits of an engine ("local:qwen…" is of the family local) on a split."""
        family = engine.partition(":")[0]
        limits: Limits = getattr(getattr(self, family, OfSplits()), split)
        return limits


def load_thresholds(path: Path = THRESHOLDS) -> Thresholds:
    """Raises EvalError if the file does not hold thresholds."""
    try:
        return Thresholds.model_validate(read_yaml(path) or {})
    except ValidationError as error:
        raise EvalError(f"{path} is wrong: {first_problem(error)}.") from error


@dataclass(frozen=True)
class Check:
    """One thing the gate looked at; `said` is for a reader."""

    name: str
    passed: bool
    said: str


@dataclass(frozen=True)
class Comparison:
    """A measure on a group of questions before and now. `better` and `worse` count questions."""

    measure: str
    group: str
    n: int
    before: float
    after: float
    better: int
    worse: int
    p: float
    test: str


@dataclass(frozen=True)
class Gate:
    """What was checked, and what was compared with the baseline."""

    checks: tuple[Check, ...]
    comparisons: tuple[Comparison, ...] = ()

    @property
    def failures(self) -> tuple[str, ...]:
        """What to tell the reader of a run that is not good enough."""
        return tuple(check.said for check in self.checks if not check.passed)


def check(
    results: Sequence[Result],
    thresholds: Thresholds,
    engine: str,
    *,
    complete: Collection[str],
    kinds: Collection[str] = (),
    baseline: Sequence[Result] | None = None,
) -> Gate:
    """Hold results against thresholds and a baseline.

    `complete` names the splits of which all questions were asked (but for the `kinds`, if only
    some were), or "recorded" where it was all those of a recording; other limits do not bind. A
    failed question always fails the gate.
    """
    checks = [_none_failed(results)]
    checks += [_within(results, name, limit, "") for name, limit in thresholds.always.items()]
    for split in complete:
        part = [result for result in results if split in (result.split, "recorded")]
        for name, limit in thresholds.of(engine, split).items():
            if not kinds or set(name.split()) & set(kinds):
                checks.append(_within(part, name, limit, f" ({split})"))
    comparisons = compare_runs(results, baseline) if baseline is not None else ()
    checks += [_not_worse(found, thresholds.alpha) for found in comparisons]
    return Gate(tuple(checks), comparisons)


def _none_failed(results: Sequence[Result]) -> Check:
    failed = [result for result in results if result.status == "failed"]
    if not failed:
        return Check("failed questions", True, "no question failed")
    first = f"{failed[0].id}: {'; '.join(failed[0].problems)}"
    return Check(
        "failed questions",
        False,
        f"{len(failed)} of {len(results)} questions failed, the first {first}",
    )


def _within(results: Sequence[Result], name: str, limit: Limit, where: str) -> Check:
    measure, _, group = name.partition(" ")
    found = mean_of([r for r in results if (group or "all") in r.slices], measure)
    match found:
        case Interval():
            passed = limit.allows(found.mean)
            verdict = "within" if passed else "outside"
            said = f"{name}{where} is {found}, {verdict} the threshold of {limit}"
        case Nothing():
            # Nothing scored is no pass: but a limit that always binds may have nothing to bind.
            passed = not where
            said = (
                f"{name}{where} has no score ({found.reason}), "
                f"so the threshold of {limit} cannot be checked"
            )
    return Check(f"{name}{where}", passed, said)


def compare_runs(results: Sequence[Result], baseline: Sequence[Result]) -> tuple[Comparison, ...]:
    """Every compared measure on all questions, each language and each kind, over the questions
    that are the same in both runs and scored in both.

    Binary measures: McNemar's exact test; others: paired permutation by source paragraph.
    """
    before = {result.id: result for result in baseline}
    pairs = [(before[r.id], r) for r in results if r.id in before and _same(before[r.id], r)]
    groups = sorted({name for _, r in pairs for name in r.slices[:3]})
    found = []
    for measure in (measure for measure in MEASURES if measure.compared):
        for group in groups:
            scored = [
                (old, new)
                for old, new in pairs
                if group in new.slices and measure.name in old.scores and measure.name in new.scores
            ]
            if scored:
                found.append(_compare(measure, group, scored))
    return tuple(found)


def _same(one: Result, other: Result) -> bool:
    """Whether the question is unchanged."""
    return (one.question, one.history, one.expected) == (
        other.question,
        other.history,
        other.expected,
    )


def _compare(measure: Measure, group: str, pairs: Sequence[tuple[Result, Result]]) -> Comparison:
    before = [old.scores[measure.name] for old, _ in pairs]
    after = [new.scores[measure.name] for _, new in pairs]
    sign = 1 if measure.better == "high" else -1
    gains = [sign * (now - then) for then, now in zip(before, after, strict=True)]
    better, worse = sum(gain > 1e-9 for gain in gains), sum(gain < -1e-9 for gain in gains)
    if measure.binary:
        p, test = mcnemar(better, worse), "McNemar"
    else:
        p, test = permutation(gains, [new.cluster for _, new in pairs]), "permutation"
    return Comparison(
        measure=measure.name,
        group=group,
        n=len(pairs),
        before=round(sum(before) / len(pairs), 6),
        after=round(sum(after) / len(pairs), 6),
        better=better,
        worse=worse,
        p=round(p, 6),
        test=test,
    )


def _not_worse(found: Comparison, alpha: float) -> Check:
    measure = BY_NAME[found.measure]
    declined = (
        found.after < found.before if measure.better == "high" else found.after > found.before
    )
    name = found.measure if found.group == "all" else f"{found.measure} {found.group}"
    said = (
        f"{name} went from {found.before:.3f} to {found.after:.3f} against the baseline on "
        f"{found.n} questions ({found.better} better, {found.worse} worse, {found.test} "
        f"p = {found.p:.4f})"
    )
    return Check(f"{name} (baseline)", not (declined and found.p < alpha), said)
