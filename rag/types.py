"""The nouns of the project, one per stage of the data flow. All are immutable values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["actual", "plan"]
Language = Literal["zh", "en"]
Status = Literal["answered", "not_found", "withheld", "failed"]
EXTRACTIVE = "extractive"  # the engine that only quotes
FigureStatus = Literal["exact", "converted", "calculated", "unsupported"]
Role = Literal["user", "assistant"]
Detail = Literal["date", "speaker", "issuer"]  # of a report itself: when, by whom, from whom
Overview = Literal["results", "plans", "problems"]  # of a report as a whole


@dataclass(frozen=True)
class Place:
    """A place a report speaks for, by all its names. `zh` is the identity."""

    zh: str
    en: str = ""
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name in either language, longest first, so that matching is greedy."""
        unique = dict.fromkeys(name for name in (self.zh, self.en, *self.also) if name)
        return tuple(sorted(unique, key=len, reverse=True))


@dataclass(frozen=True)
class ReportInfo:
    """What a report is. Periods are years ("2021"), or "" where it has no such part.

    `inferred` names the fields that the text does not state.
    """

    id: str
    title: str
    title_en: str
    place: Place
    issuer: str
    date: str
    reviews: str
    plans: str
    inferred: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paragraph:
    """One line of a report. `section` is its heading path from the outermost level inwards.

    `kind` and `period` are those of the part of the report it stands in; a heading paragraph is
    kept for reading, not for retrieval. So is number 0, the front matter, with its lines.
    """

    report: str
    number: int
    text: str
    section: tuple[str, ...]
    kind: Kind
    period: str
    is_heading: bool = False

    @property
    def anchor(self) -> str:
        """`<report>#p<n>`, the stable name of the paragraph."""
        return f"{self.report}#p{self.number}"


@dataclass(frozen=True)
class Report:
    """A parsed report. `dropped` are the lines of site noise that were left out."""

    info: ReportInfo
    sha256: str
    paragraphs: tuple[Paragraph, ...]
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chunk:
    """A run of sentences: `paragraph.text[start:end] == text`.

    `context` (title and headings) goes in front of the text when it is embedded; it is never
    cited.
    """

    paragraph: Paragraph
    start: int
    end: int
    text: str
    context: str

    @property
    def id(self) -> str:
        """`<report>#p<n>:<start>-<end>`."""
        return f"{self.paragraph.anchor}:{self.start}-{self.end}"

    @property
    def embedded_text(self) -> str:
        """What the embedding model sees."""
        return f"{self.context}\n{self.text}"


@dataclass(frozen=True)
class Turn:
    """One message of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True)
class Query:
    """A question as understood.

    `standalone` is what is searched for: the question made whole from the conversation, in
    simplified characters; `subject` is that without places and years. `places` are identities
    (`Place.zh`) of the corpus; `unknown_places` were named but no report covers them. `years` are
    those asked about. `units` are those that the figure asked for must have, see
    `rag.search.measure`; empty if the question does not say.
    `asks_name` says that it asks for names, reasons or a yes or no rather than for a quantity.
    `parts` are the questions of a message that asks several things; empty for any other. `details`
    are those that it asks of a report itself rather than of what that says, `overview` the parts
    that it asks for as a whole.
    """

    question: str
    standalone: str
    subject: str
    language: Language
    places: tuple[str, ...] = ()
    unknown_places: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    kind: Kind | None = None
    units: tuple[str, ...] = ()
    asks_name: bool = False
    listing: bool = False
    parts: tuple[Query, ...] = ()
    details: tuple[Detail, ...] = ()
    overview: tuple[Overview, ...] = ()


@dataclass(frozen=True)
class Passage:
    """A paragraph found for a question, best first in a list of them.

    `start`/`end` delimit its best chunk; `legs` holds what each leg of retrieval gave it, `chunks`
    the (start, end, score) of those of its chunks that were found, `cosines` those of its
    sentences and their clauses to the question, by offsets.
    """

    info: ReportInfo
    paragraph: Paragraph
    start: int
    end: int
    score: float
    legs: dict[str, float] = field(default_factory=dict, compare=False)
    chunks: tuple[tuple[int, int, float], ...] = ()
    cosines: dict[tuple[int, int], float] = field(default_factory=dict, compare=False)

    @property
    def anchor(self) -> str:
        """The anchor of its paragraph."""
        return self.paragraph.anchor

    def chunk_score(self, start: int, end: int) -> float | None:
        """The best score of the chunks found that overlap `start` to `end`; None if none does."""
        scores = [score for s, e, score in self.chunks if s < end and start < e]
        return max(scores, default=None)

    def cosine(self, start: int, end: int) -> float | None:
        """The best cosine of a sentence and its clauses; None if none is known."""
        found = [cosine for (s, e), cosine in self.cosines.items() if start <= s and e <= end]
        return max(found, default=None)

    @property
    def best_chunk(self) -> str:
        """The text of its best chunk."""
        return self.paragraph.text[self.start : self.end]


@dataclass(frozen=True)
class Draft:
    """Unverified text with markers `[n]`, 1-based positions in `passages`.

    `complete` is false when the text broke off; `problems` are said in plain words.
    """

    text: str
    passages: tuple[Passage, ...]
    engine: str
    complete: bool = True
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Citation:
    """The paragraph behind a marker and the sentence quoted from it.

    `passage.paragraph.text[start:end] == quote`.
    """

    marker: int
    passage: Passage
    quote: str
    start: int
    end: int


@dataclass(frozen=True)
class FigureCheck:
    """A figure printed in an answer, where it stands in the source, and how it was checked."""

    text: str
    source: str
    marker: int | None
    status: FigureStatus
    formula: str = ""


@dataclass(frozen=True)
class Timings:
    """Milliseconds since the question came in; None where that did not happen."""

    retrieve_ms: float = 0.0
    first_token_ms: float | None = None
    total_ms: float = 0.0


@dataclass(frozen=True)
class Answer:
    """The only thing a surface ever receives: verified text, its sources and its figures."""

    query: Query
    status: Status
    text: str
    citations: tuple[Citation, ...]
    figures: tuple[FigureCheck, ...]
    retrieved: tuple[Passage, ...]
    problems: tuple[str, ...]
    engine: str
    timings: Timings = Timings()
