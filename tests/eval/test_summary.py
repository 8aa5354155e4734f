"""Results to figures."""

from __future__ import annotations

import pytest

from eval.results import Result
from eval.summary import Interval, Nothing, Parity, by_slice, mean_of, parity, summarise
from tests.eval.build import result


def pair(name: str, zh: float, en: float) -> list[Result]:
    return [
        result(f"{name}-{language}", {"facts": value}, language=language, pair=name, cluster=name)
        for language, value in (("zh", zh), ("en", en))
    ]


def test_means_go_by_language_and_kind() -> None:
    results = [
        result("a", {"facts": 1.0}, kind="fact"),
        result("b", {"facts": 0.0}, kind="list"),
        result("c", {"facts": 1.0}, kind="fact", language="en"),
        result("d", kind="plan"),
    ]
    found = by_slice(results, "facts")
    assert list(found)[:3] == ["all", "en", "zh"]
    means = {name: mean.mean for name, mean in found.items() if isinstance(mean, Interval)}
    assert means["all"] == pytest.approx(2 / 3, abs=1e-6)
    assert (means["zh"], means["fact"], means["list zh"], means["fact en"]) == (0.5, 1.0, 0.0, 1.0)
    assert found["plan"] == Nothing(unscored=1, reason="")


def test_what_has_no_score_says_why() -> None:
    failed = result("a", status="failed", problems=["no index"])
    failed.unscored["facts"] = "the question failed: no index"
    found = mean_of([failed], "facts")
    assert found == Nothing(unscored=1, reason="the question failed: no index")
    counted = mean_of([failed, result("b", {"facts": 1.0})], "facts")
    assert isinstance(counted, Interval)
    assert (counted.n, counted.unscored) == (1, 1)


def test_parity_is_over_pairs_scored_in_both_languages() -> None:
    alone = result("x", {"facts": 0.0}, pair="x")
    found = parity([*pair("a", 1.0, 1.0), *pair("b", 1.0, 0.0), alone], "facts")
    assert isinstance(found, Parity)
    assert (found.gap.n, found.gap.mean, found.same.mean) == (2, 0.5, 0.5)


def test_several_questions_of_a_language_count_with_their_mean() -> None:
    hant = result("a-hant", {"facts": 0.0}, pair="a", cluster="a")
    found = parity([*pair("a", 1.0, 1.0), hant], "facts")
    assert isinstance(found, Parity)
    assert (found.gap.mean, found.same.mean) == (-0.5, 0.0)


def test_no_pairs_have_no_parity() -> None:
    found = parity([result("a", {"facts": 1.0})], "facts")
    assert isinstance(found, Nothing)


def test_a_summary_holds_no_time_outside_times() -> None:
    one = summarise([result("a", {"facts": 1.0})], golden="g", system="s", engine="extractive")
    other = summarise([result("a", {"facts": 1.0})], golden="g", system="s", engine="extractive")
    assert one.model_dump_json() == other.model_dump_json()
    assert one.failed == 0
    assert isinstance(one.tokens, Nothing)
    assert one.statuses == {"answered": 1}
