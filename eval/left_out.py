"""Questions whose answer is taken out of the reports: whether silence is noticed.

Of a question that the reports answer, the sentences that support it are cut out of the reports,
and any others that give the same figure. All else stays: the neighbouring figures, the paragraph,
the other years. An assistant that still answers answers with something else. Questions are the
golden ones and, made from `eval/trust/facts.yaml`, one in each language a fact.
`python -m eval.left_out` asks the held golden questions, on which nothing was settled.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

import yaml

from eval.golden import FOLDER, Split, load_golden
from eval.run import reports_in
from eval.seeds import SEEDS, ingested
from eval.trust.sentences import Fact, load_facts
from rag.answer.figures import Figure, compare, find_figures
from rag.app import App
from rag.corpus.read import read_text
from rag.corpus.sentences import source_sentences
from rag.types import Language, Place, Report, Turn

FOLDS = 6
_KINDS = ("fact", "plan", "follow_up", "list", "masked", "false_premise")
_TELLING = 10  # a count below it says nothing by itself: there are many threes

Sentence = tuple[str, str]
"""A report's id and a sentence of it."""


@dataclass(frozen=True)
class Asked:
    """A question and the sentences that answer it; without any, nothing does."""

    id: str
    question: str
    language: Language
    history: tuple[Turn, ...]
    support: frozenset[Sentence]
    made: bool


def main() -> None:
    """Print how often the held questions are answered with and without their answer."""
    answers: dict[tuple[Language, bool], list[bool]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        whole = ingested(SEEDS, Path(scratch) / "whole")
        questions = asked(reports_in(whole.assistant.corpus().index), "held")
        for part, cut in without_answers(folds(questions), Path(scratch)):
            for question in part:
                for app in (whole, cut):
                    answer = app.assistant.answer(question.question, question.history)
                    key = (question.language, app is cut)
                    answers.setdefault(key, []).append(answer.status != "not_found")
    for language in ("zh", "en"):
        there, gone = answers[language, False], answers[language, True]
        print(
            f"{language}, {len(there)} held questions: answered {sum(there) / len(there):.3f}, "
            f"without their answer {sum(gone) / len(gone):.3f}"
        )


def asked(reports: dict[str, Report], split: Split = "open") -> list[Asked]:
    """The golden questions of a split, each with what supports it in the reports; with the open
    ones those made from facts."""
    sentences = [
        (report.info.id, paragraph.text, span.text, span.start, span.end)
        for report in reports.values()
        for paragraph in report.paragraphs
        for span in source_sentences(paragraph.text)
    ]

    def support(quotes: Iterable[Sentence], figures: Sequence[Figure]) -> frozenset[Sentence]:
        wanted = list(quotes)
        ids = {report for report, _ in wanted}
        found = set()
        for report, paragraph, text, start, end in sentences:
            for id_, quote in wanted:
                at = paragraph.find(quote.strip()) if id_ == report else -1
                if at >= 0 and at < end and start < at + len(quote.strip()):
                    found.add((report, text))
            if report in ids and _gives(text, figures):
                found.add((report, text))
        return frozenset(found)

    questions = [
        Asked(
            q.id,
            q.question,
            q.language,
            tuple(turn.turn() for turn in q.history),
            support(
                [(s.report, s.quote) for s in q.support],
                [f for fact in q.facts for way in fact.any for f in find_figures(way.figure)],
            ),
            made=False,
        )
        for q in load_golden(FOLDER)
        if q.split == split and q.kind in (*_KINDS, "silent", "not_covered")
    ]
    if split == "held":
        return questions
    places = {report.info.place.zh: report.info.place for report in reports.values()}
    for number, fact in enumerate(load_facts()):
        held = support([(fact.report, fact.quote)], find_figures(fact.figure_zh))
        for language, question in _made(fact, places[fact.place]).items():
            questions.append(Asked(f"fact-{number}-{language}", question, language, (), held, True))
    return questions


def _gives(sentence: str, figures: Sequence[Figure]) -> bool:
    """Whether a sentence gives one of the figures that are not too small to tell."""
    there = find_figures(sentence)
    return any(
        compare(wanted, f)
        for wanted in figures
        for f in there
        if wanted.role == "quantity" and not wanted.masked and _tells(wanted)
    )


def _tells(figure: Figure) -> bool:
    return bool(figure.unit) and (figure.unit in ("%", "CNY") or (figure.value or 0) >= _TELLING)


def _made(fact: Fact, place: Place) -> dict[Language, str]:
    """The question that a fact answers."""
    plan, name = fact.kind == "plan", place.en or place.zh
    if fact.form in ("rise", "fall"):
        return {
            "zh": f"{fact.place}{fact.year}年{fact.indicator_zh}{'计划' if plan else ''}增长多少?",
            "en": f"By how much {'was' if plan else 'did'} {name}'s {fact.indicator_en} "
            f"{'to grow' if plan else 'grow'} in {fact.year}?",
        }
    return {
        "zh": f"{fact.place}{fact.year}年{fact.indicator_zh}的{'目标' if plan else ''}是多少?",
        "en": f"What was {name}'s {'target for ' if plan else ''}{fact.indicator_en} "
        f"in {fact.year}?",
    }


def folds(questions: Sequence[Asked], count: int = FOLDS) -> list[list[Asked]]:
    """The answered questions in `count` parts of about the same size; two that share a sentence
    are in the same part, so that a part's sentences can be cut out together."""
    group: dict[Sentence, list[Asked]] = {}
    groups: list[list[Asked]] = []
    for question in questions:
        if not question.support:
            continue
        joined = [question]
        for other in {id(g): g for s in question.support if (g := group.get(s))}.values():
            joined += other
            groups.remove(other)
        groups.append(joined)
        group.update((sentence, joined) for q in joined for sentence in q.support)
    parts: list[list[Asked]] = [[] for _ in range(count)]
    for joined in sorted(groups, key=lambda g: (-len(g), g[0].id)):
        min(parts, key=len).extend(joined)
    return parts


def without_answers(
    parts: Iterable[list[Asked]], folder: Path
) -> Iterator[tuple[list[Asked], App]]:
    """Each part of the questions with the app over the reports without their answers."""
    for number, part in enumerate(parts):
        source = folder / f"reports-{number}"
        write_without(SEEDS, source, {s for q in part for s in q.support})
        yield part, ingested(source, folder / f"index-{number}")


def write_without(seeds: Path, folder: Path, sentences: Iterable[Sentence]) -> None:
    """A copy of the reports without these sentences."""
    folder.mkdir(parents=True, exist_ok=True)
    files = dict(_files(seeds))
    texts = {id_: read_text(seeds / name) for id_, name in files.items()}
    for id_, sentence in sorted(sentences, key=lambda s: -len(s[1])):
        texts[id_] = texts[id_].replace(sentence, "")
    for id_, name in files.items():
        (folder / name).write_text(texts[id_], encoding="utf-8")
    copyfile(seeds / "catalogue.yaml", folder / "catalogue.yaml")


def _files(seeds: Path) -> Iterator[tuple[str, str]]:
    for entry in yaml.safe_load((seeds / "catalogue.yaml").read_text(encoding="utf-8")):
        yield entry["id"], entry["file"]


if __name__ == "__main__":
    main()
