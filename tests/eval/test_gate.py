"""Thresholds and baselines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from eval.errors import EvalError
from eval.gate import Gate, Limit, Thresholds, check, compare_runs, load_thresholds
from eval.results import Result
from tests.eval.build import result
from tests.wording import assert_sentence


def many(*values: float, measure: str = "facts", **given: str) -> list[Result]:
    return [result(f"q{i}", {measure: value}, **given) for i, value in enumerate(values)]


def gate(results: Sequence[Result], thresholds: dict[str, object], **options: object) -> Gate:
    found = Thresholds.model_validate(thresholds)
    return check(results, found, "extractive", complete=("open",), **options)  # type: ignore[arg-type]


def test_a_mean_below_its_threshold_fails_with_the_figure() -> None:
    limits = {"extractive": {"open": {"facts": {"at_least": 0.6}}}}
    assert gate(many(1, 1, 0), limits).failures == ()
    (failure,) = gate(many(1, 0, 0), limits).failures
    assert "facts (open) is 0.333" in failure
    assert "at least 0.6" in failure


def test_thresholds_may_be_of_a_kind_and_a_language() -> None:
    limits = {"extractive": {"open": {"facts list zh": {"at_least": 0.6}}}}
    results = [*many(1, 1), result("x", {"facts": 0.0}, kind="list")]
    (failure,) = gate(results, limits).failures
    assert failure.startswith("facts list zh (open) is 0.000")


def test_an_upper_threshold() -> None:
    limits = {"always": {"figures_unsupported": {"at_most": 0}}}
    assert gate(many(0, 0, measure="figures_unsupported"), limits).failures == ()
    assert gate(many(0, 1, measure="figures_unsupported"), limits).failures


def test_a_threshold_without_any_score_fails() -> None:
    limits = {"extractive": {"open": {"facts": {"at_least": 0.6}}}}
    (failure,) = gate([result("a")], limits).failures
    assert "cannot be checked" in failure


def test_what_always_binds_may_have_nothing_to_bind() -> None:
    assert gate([result("a")], {"always": {"forbidden": {"at_most": 0}}}).failures == ()


def test_splits_engines_and_kinds_that_were_not_run_do_not_bind() -> None:
    limit = {"facts": {"at_least": 0.9}}
    limits = {"extractive": {"held": limit}, "local": {"open": limit}, "api": {"open": limit}}
    assert gate(many(0), limits).failures == ()
    by_kind = {"extractive": {"open": {**limit, "facts list": {"at_least": 0.5}}}}
    assert gate(many(0, kind="list"), by_kind, kinds=("list",)).failures[0].startswith("facts list")
    assert len(gate(many(0, kind="list"), by_kind, kinds=("list",)).failures) == 1


def test_an_engine_is_of_its_family() -> None:
    found = Thresholds.model_validate({"local": {"recorded": {"facts": {"at_least": 0.5}}}})
    failures = check(many(0), found, "local:qwen", complete=("recorded",)).failures
    assert len(failures) == 1


def test_a_failed_question_always_fails() -> None:
    failed = result("a", status="failed", problems=["The index is gone."])
    (failure,) = gate([failed, result("b")], {}).failures
    assert failure == "1 of 2 questions failed, the first a: The index is gone."


# Baselines


def test_a_binary_measure_is_tested_with_mcnemar() -> None:
    before, now = many(*[1] * 8, measure="correct"), many(*[0] * 6, 1, 1, measure="correct")
    found = next(c for c in compare_runs(now, before) if c.group == "all")
    assert (found.test, found.n, found.better, found.worse) == ("McNemar", 8, 0, 6)
    assert found.p == pytest.approx(2 / 64)
    (failure, *_) = gate(now, {}, baseline=before).failures
    assert "correct went from 1.000 to 0.250" in failure
    assert "p = 0.0312" in failure


def test_a_share_is_tested_by_permutation() -> None:
    found = compare_runs(many(*[0.5] * 6), many(*[1] * 6))[0]
    assert (found.measure, found.test, found.worse) == ("facts", "permutation", 6)
    assert found.p == pytest.approx(2 / 64)


def test_chance_and_improvement_pass() -> None:
    assert gate(many(*[0] * 5), {}, baseline=many(*[1] * 5)).failures == ()
    assert gate(many(*[1] * 9), {}, baseline=many(*[0] * 9)).failures == ()


def test_lower_is_better_for_some() -> None:
    before, now = (many(*[v] * 7, measure="forbidden") for v in (0.0, 1.0))
    assert gate(now, {}, baseline=before).failures
    assert gate(before, {}, baseline=now).failures == ()


def test_a_kind_can_fail_alone() -> None:
    def run(*values: float) -> list[Result]:
        return [result(f"m{i}", {"correct": v}, kind="masked") for i, v in enumerate(values)]

    stays = [result(f"s{i}", {"correct": float(i % 2)}) for i in range(200)]
    failures = gate([*stays, *run(*[0] * 6)], {}, baseline=[*stays, *run(*[1] * 6)]).failures
    assert any(failure.startswith("correct masked") for failure in failures)


def test_only_the_same_questions_are_compared() -> None:
    before = [result("a", {"facts": 1.0}), result("b", {"facts": 1.0}, question="另一个?")]
    now = [result("a", {"facts": 1.0}), result("b", {"facts": 0.0}), result("c", {"facts": 0.0})]
    assert {c.n for c in compare_runs(now, before)} == {1}
    assert compare_runs(now, []) == ()


# The file


def test_the_project_s_own_thresholds_load() -> None:
    found = load_thresholds()
    assert found.always["figures_unsupported"] == Limit(at_most=0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("always: {facts: {at_least: 1, at_most: 1}}", "either at_least or at_most"),
        ("always: {fact: {at_least: 1}}", "'fact' is not a measure"),
        ("always: {facts zh list: {at_least: 1}}", "'facts zh list' is not a measure"),
        ("extractive: {shut: {}}", "extractive.shut"),
        ("alpha: 2", "alpha"),
        ("a: [", "not valid YAML"),
    ],
)
def test_a_wrong_file_is_an_error(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "thresholds.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EvalError) as caught:
        load_thresholds(path)
    assert_sentence(caught.value, str(path), says)
