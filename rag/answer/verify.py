"""Draft to Answer: markers, quotes and figures of every sentence checked against the passages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answer.calculate import explain
from rag.answer.citations import Sentence, answer_sentences, with_markers
from rag.answer.claims import Claim, claims
from rag.answer.context import Context
from rag.answer.figures import Figure, compare, exact_values, in_english, same_unit
from rag.answer.fit import Fit, fit, is_attribute, is_in_a_name
from rag.answer.lines import Line, Match
from rag.answer.plain import plain
from rag.answer.stray import stray
from rag.answer.words import unsaid
from rag.corpus.sentences import Span, source_sentences
from rag.search.searcher import OpenCorpus
from rag.types import EXTRACTIVE, Citation, Draft, FigureCheck, FigureStatus, Passage, Query

_CJK = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile("[A-Za-z]+")
_DIGITS = re.compile(r"\d[\d.,]*")
_LABEL = re.compile("^[^:\uff1a]{2,80}[)\uff09][:\uff1a] ?")
_ENGLISH_BEHIND = re.compile(r" \([^()\u4e00-\u9fff]+\)$")
_FORMULA = re.compile(r"^[^=]*\d[^=]* [+\u2212\u00f7-] [^=]*\d[^=]* = ")
_LEAST_QUOTE = 4  # characters


@dataclass(frozen=True)
class Verified:
    """Checked text with its markers renumbered in order of use, and what was found wrong;
    `replaced` if a sentence gave way to one of the sources."""

    text: str
    citations: tuple[Citation, ...]
    figures: tuple[FigureCheck, ...]
    problems: tuple[str, ...]
    replaced: bool = False


def verify(query: Query, draft: Draft, corpus: OpenCorpus) -> Verified:
    """Check a draft sentence by sentence.

    Invented markers are taken out. A sentence whose figures stand in another passage than the one
    it cites is given that one; a figure whose scale slipped is corrected; a sentence with a figure
    that stands in no passage, or of another indicator, place, year or kind than its source, is
    replaced by the source sentence nearest to it. What was done is said in `problems`.
    """
    quotes_only = draft.engine == EXTRACTIVE
    verifier = Verifier(query, draft.passages, corpus, quotes_only=quotes_only)
    for sentence in answer_sentences(draft.text if quotes_only else plain(draft.text)):
        verifier.take(sentence)
    return verifier.result(draft.problems)


class Verifier:
    """Checks sentences against the passages of one question."""

    def __init__(
        self,
        query: Query,
        passages: Sequence[Passage],
        corpus: OpenCorpus,
        *,
        quotes_only: bool = False,
    ) -> None:
        """`quotes_only` says that the text is not a model's but put together from the passages."""
        self._query = query
        self._passages = passages
        self._corpus = corpus
        self._quotes_only = quotes_only
        self._terms = corpus.retriever.terms_of(query.subject, query.language)
        self._context = Context(query, passages, corpus.names)
        self._fits: dict[tuple[str, int], Fit] = {}
        self._neighbours: dict[int, list[Claim]] = {}
        self._lines: list[Line] = []
        self._replaced = False

    def take(self, sentence: Sentence) -> None:
        """Check a sentence, mend it if that is certain, or quote the source instead."""
        known = range(1, len(self._passages) + 1)
        valid = tuple(marker for marker in sentence.markers if marker in known)
        invented = [f"invented marker [{m}] removed" for m in sentence.markers if m not in known]
        line = self._best_supported(sentence.text, valid)
        if line.wrong and not line.markers and not line.matches:  # it cites nothing: leave it out
            line = Line("", problems=[line.wrong])
        if not line.holds:
            line = self._rescaled(line) or self._quoted_instead(line)
        line.problems = [*invented, *line.problems]
        self._lines.append(line)

    def _best_supported(self, text: str, cited: tuple[int, ...]) -> Line:
        """The sentence with the markers it cites, or with the only ones that bear it out."""
        line = self._checked(text, cited)
        claimed = bool(line.matches or line.unsupported)
        if (cited and line.holds) or (not claimed and not cited and not self._is_quote(text)):
            return line
        for marker in range(1, len(self._passages) + 1):
            other = self._checked(text, (marker,))
            if other.holds and (other.matches or self._holds_words(text, marker)):
                if cited and marker not in cited:
                    other.problems.append(f"marker [{cited[0]}] corrected to [{marker}]")
                return other
        return line

    def _checked(self, text: str, markers: tuple[int, ...]) -> Line:
        """A sentence of an answer against the passages at the given positions, its words too; one
        that cites none and states no figure, against all of them."""
        line = self.check(text, markers)
        if self._quotes_only or not line.holds or any(self._quoted(text, m) for m in markers):
            return line
        where = markers or range(1, len(self._passages) + 1)
        if piece := unsaid(text, [self._setting(marker) for marker in where], self._corpus):
            line.wrong = f"not said in the sources: {piece}"
        return line

    def check(self, text: str, markers: tuple[int, ...]) -> Line:
        """A sentence against the passages at the given positions, as it stands."""
        line = Line(text, markers)
        for claim in claims(text):
            if claim.figure.role != "quantity":
                continue
            match = self._find(claim, markers, text)
            if match:
                line.matches.append(match)
            elif not self._is_name(claim.figure, markers, text):
                line.unsupported.append(claim.figure)
        self._explain_calculated(line)
        if not any(self._quoted(text, marker) for marker in markers):
            line.unsupported += stray(text, [self._setting(marker) for marker in markers])
            line.wrong = self._context.contradiction(line) if markers else ""
        return line

    def _is_name(self, figure: Figure, markers: Sequence[int], text: str) -> bool:
        """Whether a number is part of what something is called, there as here."""
        return is_attribute(figure, text) and any(
            is_in_a_name(figure, self._text(marker)) for marker in markers
        )

    def fit(self, claim: Claim, text: str) -> Fit:
        """What measures how well source figures fit a claim of `text`."""
        key = text, claim.figure.start
        if key not in self._fits:
            found = fit(claim, text, self._corpus)
            if not found.says_of_what:  # "50.5%": of what was asked for
                found = replace(found, terms=self._terms)
            self._fits[key] = found
        return self._fits[key]

    def _explain_calculated(self, line: Line) -> None:
        """Figures that follow from others of the same sentence."""
        operands = [match.claim for match in line.matches]
        for figure in list(line.unsupported):
            found = explain(figure, operands, line.text)
            if found and line.matches:
                line.unsupported.remove(figure)
                first = line.matches[0]
                line.matches.append(replace(first, claim=figure, formula=found.formula))

    def _find(self, claim: Claim, markers: Sequence[int], text: str) -> Match | None:
        """The source figure that a claim states: equal, and not plainly of another indicator."""
        for marker in markers:
            there = claims(self._text(marker))
            equal = [source for source in there if compare(claim.figure, source.figure)]
            if not equal:
                continue
            if quoted := self._quoted(text, marker):
                at = quoted[0] + claim.figure.start - text.find(self._text(marker)[slice(*quoted)])
                within = [s for s in equal if quoted[0] <= s.figure.start < quoted[1]]
                itself = [s for s in within if s.figure.start == at]
                if within:
                    return Match.of(claim.figure, (itself or within)[0], marker)
            if self._quotes_only and _FORMULA.search(text):  # what it starts from was told above
                return Match.of(claim.figure, equal[0], marker)
            if is_attribute(claim.figure, text):
                return Match.of(claim.figure, equal[0], marker)
            fits = self.fit(claim, text)
            found = fits.best(equal)
            if found and self._is_of_it(found, claim, fits, marker):
                return Match.of(claim.figure, found[1], marker)
        return None

    def _is_of_it(self, found: tuple[float, Claim], claim: Claim, fits: Fit, marker: int) -> bool:
        """Whether a claim is of the source figure found, and not rather of another of its unit."""
        fitting, source = found
        others = [
            other
            for other in self._beside(marker)
            if same_unit(other.figure, source.figure) and not compare(claim.figure, other.figure)
        ]
        rival = fits.best(others)
        return fitting >= fits.least(source.figure) and (
            rival is None or rival[0] < fitting + fits.room
        )

    def _beside(self, marker: int) -> list[Claim]:
        """What is claimed in any passage of the same part of the same report."""
        parts = [(p.info.id, p.paragraph.kind, p.paragraph.period) for p in self._passages]
        if marker not in self._neighbours:
            self._neighbours[marker] = [
                source
                for part, passage in zip(parts, self._passages, strict=True)
                if part == parts[marker - 1]
                for source in claims(passage.paragraph.text)
            ]
        return self._neighbours[marker]

    def _quoted(self, text: str, marker: int) -> tuple[int, int] | None:
        """Where a sentence stands word for word in a passage, but for the label in front and the
        English for a figure behind it."""
        words = _ENGLISH_BEHIND.sub("", _LABEL.sub("", text))
        start = self._text(marker).find(words) if len(words) >= _LEAST_QUOTE else -1
        return (start, start + len(words)) if start >= 0 else None

    def citation(self, line: Line) -> Citation:
        """The sentence of its first passage that bears a line out."""
        marker = line.markers[0]
        quote = self._quote(line, marker)
        return Citation(1, self._passages[marker - 1], quote.text, quote.start, quote.end)

    def figures(self, line: Line) -> tuple[FigureCheck, ...]:
        """How each figure of a line was checked."""
        return tuple(self._worded(line, dict.fromkeys(line.markers, 1))[1])

    def _rescaled(self, line: Line) -> Line | None:
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
                    mended = self.check(text, line.markers)
                    if mended.holds:
                        mended.problems = [
                            *line.problems,
                            f"scale of {claim.text} corrected to {figure.text}",
                        ]
                        return mended
        return None

    def _quoted_instead(self, line: Line) -> Line:
        wrong = line.wrong or "figure not in the sources: " + "、".join(
            f.text for f in line.unsupported
        )
        problem = f"{wrong}; the source sentence is quoted instead"
        self._replaced = True
        markers = line.markers or tuple(range(1, len(self._passages) + 1))
        spans = [
            (self._terms.coverage(span.text), -marker, span, marker)
            for marker in markers
            for span in source_sentences(self._text(marker))
        ]
        if not spans:
            return Line("", problems=[*line.problems, problem])
        _, _, span, marker = max(spans, key=lambda item: item[:2])
        quoted = self.check(span.text, (marker,))
        quoted.problems = [*line.problems, problem]
        return quoted

    def _setting(self, marker: int) -> str:
        """A passage under its title and headings."""
        passage = self._passages[marker - 1]
        return " ".join((passage.info.title, *passage.paragraph.section, passage.paragraph.text))

    def _text(self, marker: int) -> str:
        return self._passages[marker - 1].paragraph.text

    def _is_quote(self, text: str) -> bool:
        return any(text.rstrip("。;\uff1b") in passage.paragraph.text for passage in self._passages)

    def _holds_words(self, text: str, marker: int) -> bool:
        words = self._corpus.retriever.tokenizer.word_set(text)
        there = self._corpus.retriever.tokenizer.word_set(self._text(marker))
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
        text = _joined(texts, self._query)
        return Verified(text, citations, tuple(figures), tuple(said), self._replaced)

    def _quote(self, line: Line, marker: int) -> Span:
        """The sentence of the passage that holds most of the figures and words of a line."""
        tokenizer = self._corpus.retriever.tokenizer
        matched = [match.source.start for match in line.matches if match.marker == marker]
        words = tokenizer.word_set(line.text)
        return max(
            source_sentences(self._text(marker)),
            key=lambda span: (
                line.text.rstrip("。;\uff1b") in span.text,
                sum(span.start <= start < span.end for start in matched),
                len(words & tokenizer.word_set(span.text)),
                self._terms.coverage(span.text),
                -span.start,
            ),
        )

    def _worded(self, line: Line, order: dict[int, int]) -> tuple[str, list[FigureCheck]]:
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


def _stands_beside(match: Match, line: Line) -> bool:
    """Whether a figure is the original in brackets behind its translation."""
    return any(
        line.text[other.claim.end : match.claim.start].strip() in ("(", "\uff08")
        for other in line.matches
        if other.claim.end < match.claim.start and other.source == match.source
    )


def _joined(texts: Sequence[str], query: Query) -> str:
    quoted = any(_CJK.search(text) and text.count("\n") == 0 for text in texts)
    return ("\n" if query.language == "zh" or quoted else " ").join(texts)
