"""Scores of one answer, without a model: pure functions of a case and what was answered.

A score is a number or `Unscored` with the reason; a question that failed scores nothing at all,
it is counted as failed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from eval.arithmetic import follows
from eval.golden import Alternative, Case
from eval.statements import (
    Statement,
    cjk_count,
    holds,
    normal,
    quotations,
    statements,
    states,
    without_markers,
    word_units,
)
from rag.answer.figures import Figure, compare, find_figures
from rag.types import Answer, Citation, FigureCheck, Language

_ENOUGH_WORDS = 0.5  # of a statement's words must stand in what it cites
_RUN = 6  # characters in a row that a text has in common with a paragraph are a quotation


@dataclass(frozen=True)
class Unscored:
    """There is nothing to score, and why."""

    reason: str


Score = float | Unscored


@dataclass(frozen=True)
class Measure:
    """A score by name. `better` is the direction; `scale` says how to print it; `compared` whether
    a run is tested against its baseline in it."""

    name: str
    label: str
    better: Literal["high", "low"] = "high"
    scale: Literal["share", "count"] = "share"
    binary: bool = False
    compared: bool = False


MEASURES: tuple[Measure, ...] = (
    Measure("recall@1", "supporting paragraphs first"),
    Measure("recall@5", "supporting paragraphs among five", compared=True),
    Measure("recall@10", "supporting paragraphs among ten"),
    Measure("mrr", "mean reciprocal rank"),
    Measure("ndcg@10", "nDCG@10", compared=True),
    Measure("correct", "all of it right", binary=True, compared=True),
    Measure("status", "status right", binary=True, compared=True),
    Measure("facts", "facts stated", compared=True),
    Measure("citation_recall", "statements supported", compared=True),
    Measure("citation_precision", "citations needed", compared=True),
    Measure("support_cited", "supporting paragraphs cited", compared=True),
    Measure("figures_unsupported", "unsupported figures", "low", "count", compared=True),
    Measure("forbidden", "says what it must not", "low", binary=True, compared=True),
    Measure("language", "in the question's language", binary=True, compared=True),
    Measure("model_failed", "the language model failed", "low", binary=True),
)
BY_NAME = {measure.name: measure for measure in MEASURES}


def score(
    case: Case, answer: Answer, retrieved: Sequence[str], model_failed: bool | None = None
) -> dict[str, Score]:
    """All measures of an answer, by name.

    `retrieved` are the anchors found, best first; at least ten where there are as many.
    `model_failed` is None where no language model was asked.
    """
    if answer.status == "failed":
        reason = Unscored("the question failed: " + "; ".join(answer.problems))
        return {measure.name: reason for measure in MEASURES}
    scores: dict[str, Score] = {
        **retrieval(case.support, retrieved),
        "status": float(answer.status == case.question.status),
        "facts": facts(case, answer),
        **citations(case, answer),
        "support_cited": support_cited(case, answer),
        "figures_unsupported": figures_unsupported(answer),
        "forbidden": forbidden(case.question.must_not, answer.text),
        "language": language(case.question.language, answer),
        "model_failed": (
            Unscored("no language model was asked") if model_failed is None else float(model_failed)
        ),
    }
    scores["correct"] = correct(scores)
    return {measure.name: scores[measure.name] for measure in MEASURES}


def correct(scores: Mapping[str, Score]) -> float:
    """1 if the status is right, every fact is stated, nothing forbidden is said and no figure is
    without support; what is unscored does not count."""
    perfect = {"status": 1.0, "facts": 1.0, "forbidden": 0.0, "figures_unsupported": 0.0}
    scored = {name: value for name in perfect if not isinstance(value := scores[name], Unscored)}
    return float(all(value == perfect[name] for name, value in scored.items()))


# Retrieval


def retrieval(support: Sequence[frozenset[str]], retrieved: Sequence[str]) -> dict[str, Score]:
    """Recall at 1, 5 and 10, reciprocal rank, and nDCG at 10 with binary gains.

    Each element of `support` is one thing to be found, in any of its paragraphs; only the first
    of them counts. nDCG: Järvelin and Kekäläinen 2002, gain 1, discount log2(rank + 1).
    """
    names = ("recall@1", "recall@5", "recall@10", "mrr", "ndcg@10")
    if not support:
        return dict.fromkeys(names, Unscored("no paragraph supports an answer"))
    ranks = [_first_rank(anchors, retrieved) for anchors in support]
    found = [rank for rank in ranks if rank is not None]
    gain = sum(1 / math.log2(rank + 1) for rank in set(found) if rank <= 10)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(support), 10) + 1))
    return {
        **{f"recall@{k}": sum(rank <= k for rank in found) / len(support) for k in (1, 5, 10)},
        "mrr": 1 / min(found) if found else 0.0,
        "ndcg@10": gain / ideal,
    }


def _first_rank(anchors: frozenset[str], retrieved: Sequence[str]) -> int | None:
    return next((rank for rank, a in enumerate(retrieved, start=1) if a in anchors), None)


# Facts, status, forbidden content


def facts(case: Case, answer: Answer) -> Score:
    """The share of the expected facts that the answer states; a refusal states none."""
    expected = case.question.facts
    if not expected:
        return Unscored("no facts are expected")
    if answer.status != "answered":
        return 0.0
    stated = sum(any(is_stated(way, answer.text) for way in fact.any) for fact in expected)
    return stated / len(expected)


def is_stated(way: Alternative, text: str) -> bool:
    """Whether a text states a fact in this way."""
    if way.text:
        return states(without_markers(text), way.text)
    (golden,) = figures_in(way.figure)
    return any(same_quantity(figure, golden) for figure in figures_in(text))


def same_quantity(one: Figure, other: Figure) -> bool:
    """Whether two figures are the same quantity, however written; "about" and "over" are left
    out of account, and counts agree across measure words."""
    return bool(compare(replace(one, bound="exact"), replace(other, bound="exact")))


def forbidden(must_not: Sequence[str], text: str) -> Score:
    """1 if the text holds any of these words."""
    if not must_not:
        return Unscored("nothing is forbidden in particular")
    return float(any(holds(text, words) for words in must_not))


# Citations


@dataclass(frozen=True)
class _Source:
    """A cited paragraph: what it says, and the words it may be known by."""

    anchor: str
    text: str
    figures: tuple[Figure, ...]
    words: frozenset[str]


def citations(case: Case, answer: Answer) -> dict[str, Score]:
    """Citation recall and precision after ALCE (Gao et al. 2023, arXiv:2305.14627, section 4).

    Recall is the share of statements that their citations together support. A citation is precise
    if its statement is supported and it is needed: it supports the statement alone, or the others
    do not without it. A marker without a citation behind it is never precise. Support is decided
    without a language model, see `_supports`.
    """
    names = ("citation_recall", "citation_precision")
    if answer.status == "not_found":
        return dict.fromkeys(names, Unscored("a refusal claims nothing"))
    sources = {citation.marker: _source(citation) for citation in answer.citations}
    golden, calculated = case.anchors, _calculated(answer.figures)
    said = statements(answer.text)
    supported = []
    precise: list[bool] = []
    for statement in said:
        cited = [sources[m] for m in statement.markers if m in sources]
        whole = _supports(statement, cited, golden, calculated)
        supported.append(whole)
        for marker in statement.markers:
            precise.append(
                whole
                and marker in sources
                and _is_needed(statement, sources[marker], cited, golden, calculated)
            )
    return {
        "citation_recall": sum(supported) / len(said) if said else Unscored("nothing is claimed"),
        "citation_precision": (
            sum(precise) / len(precise) if precise else Unscored("the answer cites nothing")
        ),
    }


def _source(citation: Citation) -> _Source:
    paragraph, info = citation.passage.paragraph, citation.passage.info
    known_by = (paragraph.text, info.title, *paragraph.section, *info.place.names)
    return _Source(
        citation.passage.anchor,
        paragraph.text,
        figures_in(paragraph.text),
        word_units(" ".join(known_by)),
    )


def _supports(
    statement: Statement,
    cited: Sequence[_Source],
    golden: frozenset[str],
    calculated: Mapping[str, tuple[Figure, ...]],
) -> bool:
    """Whether cited paragraphs support a statement.

    They must hold all its figures (or the operands, if the figure was calculated), and one of
    these: a paragraph is golden support; they hold what the statement puts in quotation marks; or
    they hold enough of its words. Words of an English statement cannot be looked for in Chinese
    paragraphs; there a figure must be held.
    """
    if not cited:
        return False
    claims = _claims(statement.text)
    held = [figure for source in cited for figure in source.figures]
    if not all(_is_held(claim, held, calculated) for claim in claims):
        return False
    if any(source.anchor in golden for source in cited):
        return True
    if quoted := quotations(statement.text):
        return all(any(normal(q) in normal(source.text) for source in cited) for q in quoted)
    words = word_units(_without(statement.text, claims))
    if cjk_count(statement.text) < 4:
        return bool(claims)
    there = frozenset[str]().union(*(source.words for source in cited))
    return bool(words) and len(words & there) >= _ENOUGH_WORDS * len(words)


def _is_needed(
    statement: Statement,
    source: _Source,
    cited: Sequence[_Source],
    golden: frozenset[str],
    calculated: Mapping[str, tuple[Figure, ...]],
) -> bool:
    others = [other for other in cited if other is not source]
    return _supports(statement, [source], golden, calculated) or not _supports(
        statement, others, golden, calculated
    )


def support_cited(case: Case, answer: Answer) -> Score:
    """The share of the supporting paragraphs that the answer cites, whatever for."""
    if not case.support:
        return Unscored("no paragraph supports an answer")
    cited = {citation.passage.anchor for citation in answer.citations}
    return sum(bool(anchors & cited) for anchors in case.support) / len(case.support)


# Figures


def figures_unsupported(answer: Answer) -> Score:
    """How many figures of the answer stand in no paragraph it cites, counted anew and not as the
    answer itself declares; those it declares unsupported count in any case."""
    if answer.status != "answered":
        return Unscored("a refusal states no figures")
    held = [f for c in answer.citations for f in figures_in(c.passage.paragraph.text)]
    calculated = _calculated(answer.figures)
    declared = {check.text for check in answer.figures if check.status == "unsupported"}
    claims = _claims(without_markers(answer.text))
    return float(
        sum(c.text in declared or not _is_held(c, held, calculated) for c in claims)
        + sum(all(text != c.text for c in claims) for text in declared)
    )


def _is_held(
    claim: Figure, held: Sequence[Figure], calculated: Mapping[str, tuple[Figure, ...]]
) -> bool:
    if any(compare(claim, figure) for figure in held):
        return True
    operands = calculated.get(claim.text, ())
    return bool(operands) and all(
        any(same_quantity(operand, figure) for figure in held) for operand in operands
    )


def _calculated(checks: Sequence[FigureCheck]) -> dict[str, tuple[Figure, ...]]:
    """Text of a figure that the answer declares calculated → the figures it was made from; only
    if it does follow from them."""
    found = {}
    for check in checks:
        if check.status == "calculated":
            results = figures_in(check.text)
            given = figures_in(check.formula or check.source)
            operands = tuple(
                figure
                for figure in given
                if figure.role == "quantity" and not any(same_quantity(figure, r) for r in results)
            )
            if any(follows(result, operands) for result in results):
                found[check.text] = operands
    return found


def _claims(text: str) -> list[Figure]:
    return [f for f in figures_in(text) if f.role == "quantity" and not f.masked]


def _without(text: str, figures: Sequence[Figure]) -> str:
    for figure in reversed(figures):
        text = f"{text[: figure.start]} {text[figure.end :]}"
    return text


@lru_cache(maxsize=4096)
def figures_in(text: str) -> tuple[Figure, ...]:
    """The figures of a text."""
    return tuple(find_figures(text))


# Language


def language(expected: Language, answer: Answer) -> float:
    """1 if the answer's own words are in the expected language.

    Its own words are what is neither in quotation marks, nor a sentence of a cited paragraph, nor
    the original of a figure in brackets. An answer of quotations alone is Chinese, one of a figure
    alone ("100%") is in any language.
    """
    if not re.search(r"[^\W\d_]", without_markers(answer.text)):
        return 1.0
    own = own_words(answer)
    chinese, latin = cjk_count(own), len(re.findall(r"[A-Za-z]{2,}", own))
    if expected == "zh":
        return float(chinese >= latin)
    return float(latin > 0 and chinese <= latin)


def own_words(answer: Answer) -> str:
    """The answer without what it quotes, in the form for comparing."""
    text = normal(without_markers(answer.text))
    for citation in answer.citations:
        text = _without_runs_of(normal(citation.passage.paragraph.text), text)
    text = re.sub('"[^"]*"', " ", text)
    return re.sub(r"\([^()]*\)", lambda found: " " if cjk_count(found[0]) else found[0], text)


def _without_runs_of(paragraph: str, text: str) -> str:
    """A text without its runs of characters that stand in a paragraph, if they are long enough to
    be quoted from there."""
    kept: list[str] = []
    at = 0
    while at < len(text):
        run = text[at : at + _RUN]
        if cjk_count(run) >= _RUN // 2 and run in paragraph:
            end = at + len(run)
            while end < len(text) and text[at : end + 1] in paragraph:
                end += 1
            kept.append(" ")
            at = end
        else:
            kept.append(text[at])
            at += 1
    return "".join(kept)
