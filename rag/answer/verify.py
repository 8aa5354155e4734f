"""Draft to Answer: markers, quotes and figures of every sentence checked against the passages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rag.answer.calculate import explain
from rag.answer.citations import Sentence, Span, answer_sentences, source_sentences, with_markers
from rag.answer.claims import Claim, claims
from rag.answer.figures import Figure, compare, exact_values, find_figures, in_english
from rag.search.searcher import OpenCorpus
from rag.search.terms import Terms
from rag.search.understand import fold, kind_of, language_of
from rag.types import Citation, Draft, FigureCheck, FigureStatus, Passage, Query

_CJK = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile("[A-Za-z]+")
_DIGITS = re.compile(r"\d[\d.,]*")
# How much better another figure's subject must fit a claim to show that it is of that one.
_OTHER_FITS = 0.34


@dataclass(frozen=True)
class Verified:
    """Checked text with its markers renumbered in order of use, and what was found wrong."""

    text: str
    citations: tuple[Citation, ...]
    figures: tuple[FigureCheck, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class _Match:
    """A figure of a sentence, the source figure it was found to be, and where."""

    claim: Figure
    source: Figure
    marker: int
    formula: str = ""


@dataclass
class _Line:
    """One sentence on its way: its text, the passages it rests on, its figures."""

    text: str
    markers: tuple[int, ...] = ()
    matches: list[_Match] = field(default_factory=list)
    unsupported: list[Figure] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    wrong: str = ""

    @property
    def holds(self) -> bool:
        """Whether nothing in it contradicts or goes beyond its sources."""
        return not self.unsupported and not self.wrong


def verify(query: Query, draft: Draft, corpus: OpenCorpus) -> Verified:
    """Check a draft sentence by sentence.

    Invented markers are taken out. A sentence whose figures stand in another passage than the one
    it cites is given that one; a figure whose scale slipped is corrected; a sentence with a figure
    that stands in no passage, or of another indicator, place, year or kind than its source, is
    replaced by the source sentence nearest to it. What was done is said in `problems`.
    """
    verifier = _Verifier(query, draft.passages, corpus)
    for sentence in answer_sentences(draft.text):
        verifier.take(sentence)
    return verifier.result(draft.problems)


class _Verifier:
    def __init__(self, query: Query, passages: Sequence[Passage], corpus: OpenCorpus) -> None:
        self._query = query
        self._passages = passages
        self._corpus = corpus
        self._lines: list[_Line] = []

    def take(self, sentence: Sentence) -> None:
        """Check a sentence, mend it if that is certain, or quote the source instead."""
        known = range(1, len(self._passages) + 1)
        valid = tuple(marker for marker in sentence.markers if marker in known)
        invented = [f"invented marker [{m}] removed" for m in sentence.markers if m not in known]
        line = self._best_supported(sentence.text, valid)
        if not line.holds:
            line = self._rescaled(line) or self._quoted_instead(line)
        line.problems = [*invented, *line.problems]
        self._lines.append(line)

    def _best_supported(self, text: str, cited: tuple[int, ...]) -> _Line:
        """The sentence with the markers it cites, or with the only ones that bear it out."""
        line = self._check(text, cited)
        claimed = bool(line.matches or line.unsupported)
        if (cited and line.holds) or (not claimed and not cited and not self._is_quote(text)):
            return line
        for marker in range(1, len(self._passages) + 1):
            other = self._check(text, (marker,))
            if other.holds and (other.matches or self._holds_words(text, marker)):
                if cited and marker not in cited:
                    other.problems.append(f"marker [{cited[0]}] corrected to [{marker}]")
                return other
        return line

    def _check(self, text: str, markers: tuple[int, ...]) -> _Line:
        line = _Line(text, markers)
        sentence_claims = claims(text)
        for claim in sentence_claims:
            figure = claim.figure
            if figure.role != "quantity":
                continue
            match = self._find(claim, markers, text)
            if match:
                line.matches.append(match)
            else:
                line.unsupported.append(figure)
        self._explain_calculated(line)
        if markers and not any(text in self._text(marker) for marker in markers):
            line.wrong = self._contradiction(text, line)
        return line

    def _explain_calculated(self, line: _Line) -> None:
        """Figures that follow from others of the same sentence."""
        operands = [match.claim for match in line.matches]
        for figure in list(line.unsupported):
            found = explain(figure, operands)
            if found and line.matches:
                line.unsupported.remove(figure)
                first = line.matches[0]
                line.matches.append(_Match(figure, first.source, first.marker, found.formula))

    def _find(self, claim: Claim, markers: Sequence[int], text: str) -> _Match | None:
        """The source figure that a claim states: equal, and not plainly of another indicator."""
        for marker in markers:
            there = claims(self._text(marker))
            equal = [source for source in there if compare(claim.figure, source.figure)]
            if not equal:
                continue
            if (quoted_at := self._text(marker).find(text)) >= 0:
                at = quoted_at + claim.figure.start
                there_itself = next((s for s in equal if s.figure.start == at), equal[0])
                return _Match(claim.figure, there_itself.figure, marker)
            fits = self._fit(claim, text)
            best = max(equal, key=fits)
            rivals = (
                s
                for s in there
                if s.figure.unit == best.figure.unit and not compare(claim.figure, s.figure)
            )
            if max(map(fits, rivals), default=0.0) < fits(best) + _OTHER_FITS:
                return _Match(claim.figure, best.figure, marker)
        return None

    def _fit(self, claim: Claim, text: str) -> _Fit:
        language = language_of(text)
        words = claim.subject if language == "zh" else _around(text, claim.figure)
        return _Fit(self._corpus.retriever.terms_of(fold(words), language))

    def _contradiction(self, text: str, line: _Line) -> str:
        """What a sentence says of place, year or kind that its sources do not bear out."""
        passages = [self._passages[marker - 1] for marker in line.markers]
        named = self._corpus.names.find(fold(text)).known
        if named and not {passage.info.place.zh for passage in passages} & set(named):
            return "another place than its source"
        years = (
            {f.text[:4] for f in find_figures(text) if f.unit == "year"} if line.matches else set()
        )
        for year in sorted(years):
            if year.isdigit() and not any(
                year in (p.paragraph.period, p.info.date[:4]) or year in p.paragraph.text
                for p in passages
            ):
                return "another year than its source"
        kind = kind_of(fold(text)) if line.matches else None
        if kind and all(p.paragraph.kind != kind for p in passages):
            sources = {kind_of(self._sentence_of(match)) for match in line.matches}
            if kind not in sources:
                return "a plan told as a result" if kind == "actual" else "a result told as a plan"
        return ""

    def _rescaled(self, line: _Line) -> _Line | None:
        """The sentence with a slipped scale put right, if the source has the same digits for the
        same thing."""
        if line.wrong or len(line.unsupported) != 1:
            return None
        claim = line.unsupported[0]
        digits = _DIGITS.search(claim.text)
        for marker in line.markers:
            for source in claims(self._text(marker)):
                figure = source.figure
                found = _DIGITS.search(figure.text)
                if (
                    digits and found and figure.unit == claim.unit
                    and digits[0].rstrip(".,") == found[0].rstrip(".,")
                    and exact_values(figure) != exact_values(claim)
                ):  # fmt: skip
                    text = line.text[: claim.start] + figure.text + line.text[claim.end :]
                    mended = self._check(text, line.markers)
                    if mended.holds:
                        mended.problems = [
                            *line.problems,
                            f"scale of {claim.text} corrected to {figure.text}",
                        ]
                        return mended
        return None

    def _quoted_instead(self, line: _Line) -> _Line:
        wrong = line.wrong or "figure not in the sources: " + "、".join(
            f.text for f in line.unsupported
        )
        problem = f"{wrong}; the source sentence is quoted instead"
        terms = self._corpus.retriever.terms(self._query)
        markers = line.markers or tuple(range(1, len(self._passages) + 1))
        spans = [
            (terms.coverage(span.text), -marker, span, marker)
            for marker in markers
            for span in source_sentences(self._text(marker))
        ]
        if not spans:
            return _Line("", problems=[*line.problems, problem])
        _, _, span, marker = max(spans, key=lambda item: item[:2])
        quoted = self._check(span.text, (marker,))
        quoted.problems = [*line.problems, problem]
        return quoted

    def _text(self, marker: int) -> str:
        return self._passages[marker - 1].paragraph.text

    def _sentence_of(self, match: _Match) -> str:
        spans = source_sentences(self._text(match.marker))
        return next((s.text for s in spans if s.start <= match.source.start < s.end), "")

    def _is_quote(self, text: str) -> bool:
        return any(text.rstrip("。;\uff1b") in passage.paragraph.text for passage in self._passages)

    def _holds_words(self, text: str, marker: int) -> bool:
        words = set(self._corpus.retriever.tokenizer.words(text))
        there = set(self._corpus.retriever.tokenizer.words(self._text(marker)))
        return len(words) >= 4 and len(words & there) >= 0.8 * len(words)

    def result(self, problems: Sequence[str]) -> Verified:
        """The whole answer, its markers renumbered in order of use."""
        order: dict[int, int] = {}
        texts: list[str] = []
        quotes: dict[int, Span] = {}
        figures: list[FigureCheck] = []
        said = list(problems)
        for line in self._lines:
            said += line.problems
            for marker in line.markers if line.text else ():
                order.setdefault(marker, len(order) + 1)
                if marker not in quotes or line.matches:
                    quotes.setdefault(marker, self._quote(line, marker))
            text, checks = self._worded(line, order)
            text = with_markers(text, tuple(order[m] for m in line.markers))
            if line.text and text not in texts:
                figures += checks
                texts.append(text)
        citations = tuple(
            Citation(number, self._passages[m - 1], quotes[m].text, quotes[m].start, quotes[m].end)
            for m, number in order.items()
        )
        return Verified(_joined(texts, self._query), citations, tuple(figures), tuple(said))

    def _quote(self, line: _Line, marker: int) -> Span:
        """The sentence of the passage that holds most of the figures and words of a line."""
        tokenizer = self._corpus.retriever.tokenizer
        matched = [match.source.start for match in line.matches if match.marker == marker]
        words = set(tokenizer.words(line.text))
        terms = self._corpus.retriever.terms(self._query)
        return max(
            source_sentences(self._text(marker)),
            key=lambda span: (
                line.text.rstrip("。;\uff1b") in span.text,
                sum(span.start <= start < span.end for start in matched),
                len(words & set(tokenizer.words(span.text))),
                terms.coverage(span.text),
                -span.start,
            ),
        )

    def _worded(self, line: _Line, order: dict[int, int]) -> tuple[str, list[FigureCheck]]:
        """The sentence with its figures worded for the reader, and how each was checked."""
        checks = []
        text = line.text
        is_english = len(_WORD.findall(text)) > len(_CJK.findall(text))  # "reached 910亿元"
        translate = self._query.language == "en" and is_english
        for match in sorted(line.matches, key=lambda m: -m.claim.start):
            claim, source = match.claim, match.source
            status: FigureStatus = compare(claim, source) or "exact"
            shown = claim.text
            if match.formula:
                status = "calculated"
            elif translate and _CJK.search(source.text) and not _stands_beside(match, line):
                english = (
                    in_english(replace(claim, bound="exact"))
                    if _CJK.search(claim.text)
                    else claim.text
                )
                beside = f" ({source.text})"
                shown = english if text[claim.end :].startswith(beside) else english + beside
                text = text[: claim.start] + shown + text[claim.end :]
                status = "converted"
            original = match.formula or source.text
            checks.append(FigureCheck(shown, original, order[match.marker], status, match.formula))
        checks += [FigureCheck(figure.text, "", None, "unsupported") for figure in line.unsupported]
        return text, checks[::-1]


@dataclass(frozen=True)
class _Fit:
    """How well a source figure's subject fits the words around a claim, 0 to 1."""

    terms: Terms

    def __call__(self, source: Claim) -> float:
        return self.terms.coverage(f"{source.subject} {source.clause.text}") / 4 + (
            0.75 * self.terms.coverage(source.subject)
        )


def _stands_beside(match: _Match, line: _Line) -> bool:
    """Whether a figure is the original in brackets behind its translation."""
    return any(
        line.text[other.claim.end : match.claim.start].strip() in ("(", "\uff08")
        for other in line.matches
        if other.claim.end < match.claim.start and other.source == match.source
    )


def _around(text: str, figure: Figure) -> str:
    """The English words that a figure is said of: those of its clause."""
    before = re.split(r"[,;:]|\band\b|\bwhile\b", text[: figure.start])[-1]
    after = re.split(r"[,;:.]|\band\b|\bwhile\b", text[figure.end :], maxsplit=1)[0]
    return f"{before} {after}" if len(before.split()) > 2 else f"{text[: figure.start]} {after}"


def _joined(texts: Sequence[str], query: Query) -> str:
    quoted = any(_CJK.search(text) and text.count("\n") == 0 for text in texts)
    return ("\n" if query.language == "zh" or quoted else " ").join(texts)
