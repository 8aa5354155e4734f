"""Draft to Answer: markers, quotes and figures of every sentence checked against the passages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rag.answer.calculate import explain
from rag.answer.citations import Sentence, answer_sentences, with_markers
from rag.answer.claims import Claim, claims
from rag.answer.figures import Figure, compare, exact_values, find_figures, in_english
from rag.corpus.sentences import Span, source_sentences
from rag.search.searcher import OpenCorpus
from rag.search.terms import Terms
from rag.search.understand import fold, kind_of, language_of
from rag.types import Citation, Draft, FigureCheck, FigureStatus, Passage, Query

_CJK = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile("[A-Za-z]+")
_DIGITS = re.compile(r"\d[\d.,]*")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SPAN = re.compile(r"((?:19|20)\d\d)年?\s*(?:-|~|至|到|—)\s*((?:19|20)\d\d)")
_LAST_YEAR = re.compile("去年|上年")
_LABEL = re.compile("^[^:\uff1a]{2,80}[)\uff09][:\uff1a] ?")
_ENGLISH_BEHIND = re.compile(r" \([^()\u4e00-\u9fff]+\)$")
_FORMULA = re.compile(r"^[^=]*\d[^=]* [+\u2212\u00f7-] [^=]*\d[^=]* = ")
_LEAST_QUOTE = 4  # characters
_CLAUSE = re.compile("[,\uff0c;\uff1b。:\uff1a\u3001\n]")
_RISE = re.compile(
    r"增长|增加(?!值)|增速|增幅|提高|提升|上升|上涨|\b(?:grew|grow\w*|rose|ris\w+|increas\w+|up|gain\w*)\b",
    re.I,
)
_FALL = re.compile(
    r"下降|减少|降低|回落|下滑|压减|缩短|\b(?:fell|fall\w*|declin\w+|decreas\w+|dropp?\w*|down|reduc\w+|cut|shrank)\b",
    re.I,
)
_PAST = re.compile(
    r"[了过]|达到|\b(?:grew|rose|fell|reached|came|was|were|built|added|completed|attracted|had|increased)\b"
)
_TO_COME = re.compile(
    r"年底前|将|要|拟|今年|\b(?:by the end of|this year|to be|in its plan)\b", re.IGNORECASE
)
# Settled on the true and false sentences of eval/trust. Translations are looser than characters.
_TELLING_DIGITS = 3
_LEAST_FIT = {"zh": (0.3, 0.15), "en": (0.1, 0.0)}  # of few digits, of many
_ROOM = {"zh": 0.15, "en": 0.2}
_MOVED = re.compile(
    "实际|达到|目标|计划|预期|力争|完成|实现|增长|下降|提高|增加|减少|同比|共|以上|左右|约|超|突破|不少于|全年|今年|年|[了为的达将要]"
)


@dataclass(frozen=True)
class Verified:
    """Checked text with its markers renumbered in order of use, and what was found wrong."""

    text: str
    citations: tuple[Citation, ...]
    figures: tuple[FigureCheck, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """A figure of a sentence, the source figure it was found to be, and where."""

    claim: Figure
    source: Figure
    marker: int
    clause: str = ""  # the source figure's own
    formula: str = ""


@dataclass
class Line:
    """One sentence on its way: its text, the passages it rests on (by position, 1-based), and its
    figures: those found there and those not. `wrong` says what else its sources do not bear out.
    """

    text: str
    markers: tuple[int, ...] = ()
    matches: list[Match] = field(default_factory=list)
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
    verifier = Verifier(query, draft.passages, corpus)
    for sentence in answer_sentences(draft.text):
        verifier.take(sentence)
    return verifier.result(draft.problems)


class Verifier:
    """Checks sentences against the passages of one question."""

    def __init__(self, query: Query, passages: Sequence[Passage], corpus: OpenCorpus) -> None:
        self._query = query
        self._passages = passages
        self._corpus = corpus
        self._lines: list[Line] = []

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

    def _best_supported(self, text: str, cited: tuple[int, ...]) -> Line:
        """The sentence with the markers it cites, or with the only ones that bear it out."""
        line = self.check(text, cited)
        claimed = bool(line.matches or line.unsupported)
        if (cited and line.holds) or (not claimed and not cited and not self._is_quote(text)):
            return line
        for marker in range(1, len(self._passages) + 1):
            other = self.check(text, (marker,))
            if other.holds and (other.matches or self._holds_words(text, marker)):
                if cited and marker not in cited:
                    other.problems.append(f"marker [{cited[0]}] corrected to [{marker}]")
                return other
        return line

    def check(self, text: str, markers: tuple[int, ...]) -> Line:
        """A sentence against the passages at the given positions, as it stands."""
        line = Line(text, markers)
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
        if markers and not any(self._quoted(text, marker) for marker in markers):
            line.wrong = self._contradiction(text, line)
        return line

    def _explain_calculated(self, line: Line) -> None:
        """Figures that follow from others of the same sentence."""
        operands = [match.claim for match in line.matches]
        for figure in list(line.unsupported):
            found = explain(figure, operands)
            if found and line.matches:
                line.unsupported.remove(figure)
                first = line.matches[0]
                line.matches.append(
                    Match(figure, first.source, first.marker, first.clause, found.formula)
                )

    def _find(self, claim: Claim, markers: Sequence[int], text: str) -> Match | None:
        """The source figure that a claim states: equal, and not plainly of another indicator."""
        for marker in markers:
            there = claims(self._text(marker))
            equal = [source for source in there if compare(claim.figure, source.figure)]
            if not equal:
                continue
            quoted = self._quoted(text, marker)
            within = [s for s in equal if quoted and quoted[0] <= s.figure.start < quoted[1]]
            if quoted and within:
                at = quoted[0] + claim.figure.start - text.find(self._text(marker)[slice(*quoted)])
                there_itself = next((s for s in within if s.figure.start == at), within[0])
                return Match(claim.figure, there_itself.figure, marker, there_itself.clause.text)
            if _FORMULA.search(text):  # it has no words, and what it starts from was told above
                return Match(claim.figure, equal[0].figure, marker, equal[0].clause.text)
            fits = fit(claim, text, self._corpus)
            if not fits.says_of_what:  # "50.5%": of what was asked for
                fits = Fit(self._corpus.retriever.terms(self._query))
            best = max(equal, key=fits)
            fitting = fits(best)
            if (
                fitting >= fits.least(best.figure)
                and self._rival(claim, best, fits, marker) < fitting + fits.room
            ):
                return Match(claim.figure, best.figure, marker, best.clause.text)
        return None

    def _quoted(self, text: str, marker: int) -> tuple[int, int] | None:
        """Where a sentence stands word for word in a passage, but for the label in front and the
        English for a figure behind it."""
        words = _ENGLISH_BEHIND.sub("", _LABEL.sub("", text))
        start = self._text(marker).find(words) if len(words) >= _LEAST_QUOTE else -1
        return (start, start + len(words)) if start >= 0 else None

    def _rival(self, claim: Claim, best: Claim, fits: Fit, marker: int) -> float:
        """How well the best other figure of the same unit fits a claim, in any passage of the same
        part of the same report."""
        mine = self._passages[marker - 1]
        others = (
            source
            for passage in self._passages
            if (passage.info.id, passage.paragraph.kind, passage.paragraph.period)
            == (mine.info.id, mine.paragraph.kind, mine.paragraph.period)
            for source in claims(passage.paragraph.text)
        )
        return max(
            (
                fits(source)
                for source in others
                if source.figure.unit == best.figure.unit
                and not compare(claim.figure, source.figure)
            ),
            default=0.0,
        )

    def citation(self, line: Line) -> Citation:
        """The sentence of its first passage that bears a line out."""
        marker = line.markers[0]
        quote = self._quote(line, marker)
        return Citation(1, self._passages[marker - 1], quote.text, quote.start, quote.end)

    def figures(self, line: Line) -> tuple[FigureCheck, ...]:
        """How each figure of a line was checked."""
        return tuple(self._worded(line, dict.fromkeys(line.markers, 1))[1])

    def _contradiction(self, text: str, line: Line) -> str:
        """What a sentence says of place, year or kind that its sources do not bear out."""
        passages = [self._passages[marker - 1] for marker in line.markers]
        found = self._corpus.names.find(fold(text))
        places = {passage.info.place.zh for passage in passages}
        if found.known and "" not in places and not places & set(found.known):
            return "another place than its source"
        if not found.known and any(
            not any(name in passage.paragraph.text for passage in passages)
            for name in found.unknown
        ):
            return "another place than its source"
        if not line.matches:
            return ""
        years = {f.text[:4] for f in find_figures(text) if f.unit == "year" and not f.written}
        borne_out = {year for match in line.matches for year in self._years(match)}
        if "" in borne_out:  # nothing is known of the period of its source
            years = set()
        if any(year.isdigit() and year not in borne_out for year in years):
            return "another year than its source"
        if any(self._turned(match, text) for match in line.matches):
            return "a rise told as a fall, or a fall as a rise"
        return self._another_kind(text, line)

    def _years(self, match: Match) -> set[str]:
        """The years that the sentence of a source figure speaks of."""
        passage = self._passages[match.marker - 1]
        sentence = self._sentence_of(match)
        years = {passage.paragraph.period, *_YEAR.findall(sentence)}
        years |= {passage.info.reviews} if _LAST_YEAR.search(sentence) else set()
        if span := _SPAN.search(sentence):
            first, last = sorted(map(int, span.groups()))
            years |= {str(year) for year in range(first, min(last, first + 10) + 1)}
        return years

    def _turned(self, match: Match, text: str) -> bool:
        """Whether a change is told the other way round."""
        said = _direction(_before(text, match.claim.start) + _after(text, match.claim.end))
        there = self._text(match.marker)
        source = _direction(_before(there, match.source.start))
        return None not in (said, source) and said != source

    def _another_kind(self, text: str, line: Line) -> str:
        kinds = {self._passages[marker - 1].paragraph.kind for marker in line.markers}
        sources = {kind_of(match.clause.replace("预计", "")) for match in line.matches}
        said = kind_of(fold(text))
        if any(match.formula for match in line.matches):  # a calculation says only its figures
            return ""
        if kinds == {"plan"} and "actual" not in sources:
            asked = self._query.kind == "plan" and not _PAST.search(text)
            left_open = said is None and (asked or _TO_COME.search(text))
            if said != "plan" and not left_open:
                return "a plan told as a result"
        if kinds == {"actual"} and said == "plan" and "plan" not in sources:
            return "a result told as a plan"
        return ""

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
        terms = self._corpus.retriever.terms(self._query)
        markers = line.markers or tuple(range(1, len(self._passages) + 1))
        spans = [
            (terms.coverage(span.text), -marker, span, marker)
            for marker in markers
            for span in source_sentences(self._text(marker))
        ]
        if not spans:
            return Line("", problems=[*line.problems, problem])
        _, _, span, marker = max(spans, key=lambda item: item[:2])
        quoted = self.check(span.text, (marker,))
        quoted.problems = [*line.problems, problem]
        return quoted

    def _text(self, marker: int) -> str:
        return self._passages[marker - 1].paragraph.text

    def _sentence_of(self, match: Match) -> str:
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

    def _quote(self, line: Line, marker: int) -> Span:
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


@dataclass(frozen=True)
class Fit:
    """How well a source figure's words fit those around a claim, 0 to 1: by the terms they share,
    whatever their synonyms or language, or by the characters of a Chinese claim."""

    terms: Terms
    pairs: frozenset[str] = frozenset()

    def __call__(self, source: Claim) -> float:
        by_terms = self.terms.coverage(f"{source.subject} {source.clause.text}") / 4 + (
            0.75 * self.terms.coverage(source.subject)
        )
        if not self.pairs:
            return by_terms
        subject, clause = pairs_of(source.subject), pairs_of(source.clause.text)
        alike = 2 * len(self.pairs & subject) / (len(self.pairs) + len(subject) or 1)
        held = len(self.pairs & (subject | clause)) / len(self.pairs)
        return max(by_terms, 0.75 * alike + held / 4)

    @property
    def says_of_what(self) -> bool:
        """Whether there are any words around the claim."""
        return bool(self.terms.groups or self.pairs)

    def least(self, figure: Figure) -> float:
        """From which on a source figure may be the one that is claimed: 12 stands for many things,
        29,637 for one."""
        digits = re.sub(r"\D", "", figure.text).strip("0")
        return _LEAST_FIT["zh" if self.pairs else "en"][len(digits) >= _TELLING_DIGITS]

    @property
    def room(self) -> float:
        """How much better another figure must fit to show that the claim is of that one."""
        return _ROOM["zh" if self.pairs else "en"]


def pairs_of(words: str) -> frozenset[str]:
    """The pairs of neighbouring characters of Chinese words, without those that only say how an
    indicator moved or was planned."""
    runs = re.findall(r"[\u4e00-\u9fff]+", _MOVED.sub(" ", words))
    return frozenset(run[n : n + 2] for run in runs for n in range(max(1, len(run) - 1)))


def fit(claim: Claim, text: str, corpus: OpenCorpus) -> Fit:
    """What measures how well source figures fit the words that a claim of `text` is made in."""
    language = language_of(text)
    words = claim.subject if language == "zh" else _around(text, claim.figure)
    named = _YEAR.sub(" ", corpus.names.find(fold(words)).text)
    pairs = pairs_of(named) if language == "zh" else frozenset()
    return Fit(corpus.retriever.terms_of(named, language), pairs)


def _before(text: str, position: int) -> str:
    """The clause up to a position; of a list of figures ("增长1%、2%") the verb stands further
    off."""
    clause = _CLAUSE.split(text[:position])[-1]
    return clause if _direction(clause) else text[max(0, position - 24) : position]


def _after(text: str, position: int) -> str:
    return "" if _CJK.search(text) else _CLAUSE.split(text[position:])[0]


def _direction(words: str) -> str | None:
    """Whether words tell of a rise or a fall; the last verb says it."""
    found = [(m.start(), "rise") for m in _RISE.finditer(words)]
    found += [(m.start(), "fall") for m in _FALL.finditer(words)]
    return max(found)[1] if found else None


def _stands_beside(match: Match, line: Line) -> bool:
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
