"""The mutants break what they say, nothing stays broken, and the gate notices."""

from __future__ import annotations

import pytest

import rag.answer.verify
import rag.assistant
import rag.index.chunk
from eval.gate import Thresholds
from eval.golden import Case
from eval.mutants import CONTROL, Remembering, try_mutant
from eval.mutations import Mutant, mutants
from eval.results import Result
from eval.run import ask
from rag.app import App
from rag.index.store import Index
from rag.search.retrieve import Retriever
from rag.search.searcher import OpenCorpus
from tests.eval.build import case, figures

ASKED = (
    ("north-2021#p2", "北山县2021年的生产总值是多少?", "125亿元"),
    ("north-2021#p2", "北山县2021年财政总收入是多少?", "17.7亿元"),
    ("north-2021#p3", "北山县2021年粮食产量是多少?", "23万吨"),
    ("north-2021#p5", "北山县2022年新建幼儿园多少所?", "6所"),
    ("south-2021#p2", "南湖区2021年固定资产投资完成多少?", "88亿元"),
    ("south-2021#p3", "南湖区2021年旅游收入是多少?", "26亿元"),
    ("south-2021#p3", "南湖区2021年接待游客多少人次?", "320万人次"),
)
CASES = tuple(
    case(anchor, id=f"q{i}", question=question, status="answered", facts=figures(figure))
    for i, (anchor, question, figure) in enumerate(ASKED)
)
SEAMS = (
    (OpenCorpus, "understand"),
    (Retriever, "retrieve"),
    (Index, "words"),
    (rag.assistant, "extract"),
    (rag.answer.verify, "compare"),
    (rag.index.chunk, "context_of"),
)
THRESHOLDS = Thresholds.model_validate({"always": {"figures_unsupported": {"at_most": 0}}})


def before(app: App, cases: tuple[Case, ...] = CASES) -> tuple[Remembering, list[Result]]:
    remembered = Remembering(app.assistant)
    return remembered, [ask(case, remembered, "extractive") for case in cases]


def test_there_are_enough_of_them() -> None:
    names = [mutant.name for mutant in mutants()]
    assert len(names) == len(set(names)) >= 20
    assert all((mutant.change is None) != (mutant.inside is None) for mutant in mutants())


def test_the_system_as_it_is_passes(small_app: App) -> None:
    remembered, results = before(small_app)
    assert sum(found.is_correct for found in results) >= 6
    for unbroken in (CONTROL, Mutant("what is remembered")):
        verdict = try_mutant(unbroken, small_app, remembered, CASES, results, THRESHOLDS)
        assert verdict.failures == ()


def test_every_mutant_runs_and_leaves_nothing_broken(small_app: App) -> None:
    seams = [getattr(owner, name) for owner, name in SEAMS]
    embed = small_app.embedder.embed_query
    remembered, results = before(small_app, CASES[:2])
    for mutant in mutants():
        try_mutant(mutant, small_app, remembered, CASES[:2], results, THRESHOLDS)
        assert [getattr(owner, name) for owner, name in SEAMS] == seams, mutant.name
        assert small_app.embedder.embed_query == embed, mutant.name
    again = [ask(case, small_app.assistant, "extractive") for case in CASES[:2]]
    assert [found.answer for found in again] == [found.answer for found in results]


NOTICED = {
    "always refuses",
    "swaps digits",
    "accepts any figure",
    "cites the neighbour paragraph",
}


def test_the_gate_notices(small_app: App) -> None:
    remembered, results = before(small_app)
    for mutant in (mutant for mutant in mutants() if mutant.name in NOTICED):
        verdict = try_mutant(mutant, small_app, remembered, CASES, results, THRESHOLDS)
        assert verdict.failures, mutant.name


def test_a_seam_that_is_gone_does_not_count_as_caught(
    small_app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mutant,) = (mutant for mutant in mutants() if mutant.name == "drops the lexical leg")
    remembered, results = before(small_app, CASES[:1])
    monkeypatch.delattr(Index, "words")
    with pytest.raises(AttributeError):
        try_mutant(mutant, small_app, remembered, CASES[:1], results, THRESHOLDS)
