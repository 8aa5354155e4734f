"""Reading golden questions and tying them to reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.errors import GoldenError
from eval.golden import (
    FOLDER,
    KINDS,
    Question,
    content_hash,
    load_golden,
    resolve,
    sample,
)
from rag.corpus.catalogue import load_catalogue
from rag.corpus.parse import parse_file
from rag.types import Report
from tests.eval.build import case, figures, question, report
from tests.wording import assert_sentence

GOOD = """
- id: gdp-zh
  question: 北山县2021年的生产总值是多少?
  status: answered
  facts:
  - any: [{figure: 125亿元}]
  support:
  - {report: north, quote: 实现生产总值125亿元}
"""


def write(folder: Path, text: str, name: str = "golden.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_what_may_be_left_out_is_filled_in(tmp_path: Path) -> None:
    (loaded,) = load_golden(write(tmp_path, GOOD))
    assert (loaded.pair, loaded.language, loaded.kind, loaded.split) == (
        "gdp-zh",
        "zh",
        "fact",
        "open",
    )


def test_a_folder_is_read_file_by_file(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("gdp-zh", "b"), "b.yaml")
    write(tmp_path, GOOD.replace("gdp-zh", "a"), "a.yaml")
    assert [loaded.id for loaded in load_golden(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- id: [", "not valid YAML in line"),
        ("id: q", "not a list of questions"),
        ("", "holds no question"),
        ("- id: q\n  status: answered", "the question 'q' is wrong: question"),
        ("- question: who?\n  status: not_found", "question 1 is wrong: id"),
        (GOOD.replace("status: answered", "status: perhaps"), "'gdp-zh' is wrong: status"),
        (GOOD.replace("figure: 125亿元", "figure: much"), "'much' is not one figure"),
        (GOOD.replace("figure: 125亿元", "figure: X亿元"), "'X亿元' is not one figure"),
        (GOOD.replace("{figure: 125亿元}", "{figure: 1亿元, text: 1}"), "either figure or text"),
        (GOOD.replace("{figure: 125亿元}", ""), "facts.0.any"),
        (GOOD.replace("status: answered", "status: not_found"), "has no facts"),
        (GOOD.replace("  facts:\n  - any: [{figure: 125亿元}]\n", ""), "needs facts"),
        (GOOD + "  colour: red\n", "colour: Extra inputs"),
        (GOOD + GOOD, "'gdp-zh' is used twice"),
    ],
)
def test_a_wrong_file_is_named_in_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(GoldenError) as caught:
        load_golden(path)
    assert_sentence(caught.value, str(path), says)


def test_a_missing_file_and_an_empty_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(GoldenError) as caught:
            load_golden(path)
        assert_sentence(caught.value, str(path))


def test_numbers_and_dates_of_yaml_are_text(tmp_path: Path) -> None:
    text = GOOD.replace("{figure: 125亿元}", "{text: 2022-09-14}, {text: 30}")
    (loaded,) = load_golden(write(tmp_path, text))
    assert [way.text for way in loaded.facts[0].any] == ["2022-09-14", "30"]


def supported(*quotes: str, report_id: str = "north") -> Question:
    support = [{"report": report_id, "quote": quote} for quote in quotes]
    return question(status="answered", facts=figures("125亿元"), support=support)


def test_quotes_become_anchors() -> None:
    asked = supported("实现生产总值125亿元", "新建幼儿园6所", "增长8.1%")
    (found,) = resolve([asked], {"north": report()})
    assert found.support == (frozenset({"north#p1"}), frozenset({"north#p3"}))
    assert found.cluster == "north#p1"


def test_a_quote_may_differ_in_width_script_and_space() -> None:
    (found,) = resolve([supported("實現生產總值 125億元\uff0c增長")], {"north": report()})
    assert found.anchors == {"north#p1"}


def test_a_quote_in_several_paragraphs_is_in_any_of_them() -> None:
    (found,) = resolve([supported("新建")], {"north": report()})
    assert found.support == (frozenset({"north#p2", "north#p3"}),)


def test_what_a_site_added_supports_nothing() -> None:
    with pytest.raises(GoldenError):
        resolve([supported("扫一扫")], {"north": report("微信扫一扫")})


def test_words_that_stand_nowhere_are_an_error() -> None:
    with pytest.raises(GoldenError) as caught:
        resolve([supported("生产总值126亿元")], {"north": report()})
    assert_sentence(caught.value, "'q'", "'north'", "生产总值126亿元")


def test_an_unknown_report_is_an_error() -> None:
    with pytest.raises(GoldenError) as caught:
        resolve([supported("x", report_id="south")], {"north": report()})
    assert_sentence(caught.value, "'q'", "'south'", "there are: north")


def test_the_hash_is_of_the_content_alone() -> None:
    one, other = question("a"), question("b")
    assert content_hash([one, other]) == content_hash([other, one])
    assert content_hash([one]) != content_hash([question("a", question="另一个问题")])
    assert len(content_hash([one])) == 64


def test_a_sample_is_spread_and_always_the_same() -> None:
    cases = [
        case(id=f"{kind}-{language}-{i}", kind=kind, language=language)
        for kind in KINDS
        for language in ("zh", "en")
        for i in range(5)
    ]
    chosen = sample(cases, 2 * len(KINDS))
    assert {(c.question.kind, c.question.language) for c in chosen} == {
        (kind, language) for kind in KINDS for language in ("zh", "en")
    }
    assert chosen == sample(list(cases), 2 * len(KINDS))
    assert sample(cases, 1000) == tuple(cases)


@pytest.fixture(scope="module")
def real_reports(seeds: Path) -> dict[str, Report]:
    infos = load_catalogue(seeds)
    return {info.id: parse_file(seeds / name, info) for name, info in infos.items()}


def test_the_project_s_own_questions(real_reports: dict[str, Report]) -> None:
    questions = load_golden(FOLDER)
    cases = resolve(questions, real_reports)
    assert len(questions) >= 300
    assert sum(q.language == "zh" for q in questions) >= 150
    assert sum(q.language == "en" for q in questions) >= 100
    assert {q.kind for q in questions} == set(KINDS)
    held = sum(q.split == "held" for q in questions)
    assert 0.3 <= held / len(questions) <= 0.37
    unanchored = [c.question.id for c in cases if c.question.support and not c.support]
    assert len(unanchored) <= 10


def test_a_pair_is_of_one_split(real_reports: dict[str, Report]) -> None:
    splits: dict[str, set[str]] = {}
    for asked in load_golden(FOLDER):
        splits.setdefault(asked.pair, set()).add(asked.split)
    assert [pair for pair, found in splits.items() if len(found) > 1] == []
