"""What the benchmarks of retrieval and trust are made of."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from eval.retrieval import xquad, yearly
from eval.retrieval.growth import measure
from eval.trust.sentences import false_sentences, load_facts, true_sentences
from rag.corpus.catalogue import load_catalogue
from rag.corpus.parse import parse_file


def test_thirty_reports_say_each_fact_once_in_its_part(tmp_path: Path) -> None:
    facts = yearly.made_facts()
    yearly.write_corpus(facts, tmp_path)
    catalogue = load_catalogue(tmp_path)
    reports = {id_: parse_file(tmp_path / f"{id_}.txt", catalogue[f"{id_}.txt"])
               for id_ in {fact.report for fact in facts}}  # fmt: skip
    assert len(reports) == yearly.YEARS
    for fact in facts:
        (paragraph,) = (p for p in reports[fact.report].paragraphs if fact.sentence in p.text)
        assert (paragraph.period, paragraph.kind) == (str(fact.year), fact.kind)


def test_no_two_figures_of_an_indicator_are_alike() -> None:
    counts = Counter((fact.indicator.zh, fact.figure) for fact in yearly.made_facts())
    assert set(counts.values()) == {1}


def test_xquad_pairs_its_languages(tmp_path: Path) -> None:
    for language, question in (("zh", "多少?"), ("en", "How many?")):
        paragraphs = [{"context": "甲乙。\n丙", "qas": [{"question": question}]}]
        data = {"data": [{"paragraphs": paragraphs}]}
        (tmp_path / f"xquad.{language}.json").write_text(json.dumps(data), encoding="utf-8")
    texts, (asked,) = xquad.read_xquad(tmp_path)
    assert texts == ["甲乙。 丙"]
    assert (asked.questions, asked.paragraph) == ({"zh": "多少?", "en": "How many?"}, 0)


def test_growth_is_measured(tmp_path: Path) -> None:
    row = measure(tmp_path, 200, tmp_path)
    assert row["chunks"] >= 200
    assert all(value > 0 for value in row.values())


def test_facts_stand_in_their_reports(seeds: Path) -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in seeds.glob("*.txt")}
    for fact in load_facts():
        assert fact.quote in texts[fact.report]
        assert fact.figure_zh in fact.quote


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_false_sentence_is_no_true_one(language: str) -> None:
    facts = load_facts()
    true = {s.text for s in true_sentences(facts) if s.language == language}
    false = [s for s in false_sentences(facts) if s.language == language]
    assert len(true) >= 600
    assert len(false) >= 1_500
    assert all(s.text not in true for s in false)
