"""The JSON that scripts rely on: what comes in and what goes out."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from rag.types import Answer, Citation, FigureStatus, Kind, Language, Passage, Status, Turn


class TurnIn(BaseModel):
    """One earlier message of a conversation."""

    role: Literal["user", "assistant"]
    content: str

    def turn(self) -> Turn:
        """As the project's own value."""
        return Turn(self.role, self.content)


class QuestionIn(BaseModel):
    """A line of a batch file."""

    model_config = ConfigDict(extra="ignore")
    id: str
    question: str
    history: list[TurnIn] = []


class CitationOut(BaseModel):
    """The paragraph behind a marker; `start`/`end` delimit the quote in `text`."""

    marker: int
    report: str
    title: str
    paragraph: int
    anchor: str
    section: list[str]
    text: str
    quote: str
    start: int
    end: int
    kind: Kind
    period: str

    @classmethod
    def of(cls, citation: Citation) -> CitationOut:
        """From the project's own value."""
        paragraph = citation.passage.paragraph
        return cls(
            marker=citation.marker,
            report=paragraph.report,
            title=citation.passage.info.title,
            paragraph=paragraph.number,
            anchor=paragraph.anchor,
            section=list(paragraph.section),
            text=paragraph.text,
            quote=citation.quote,
            start=citation.start,
            end=citation.end,
            kind=paragraph.kind,
            period=paragraph.period,
        )


class FigureOut(BaseModel):
    """A figure of the answer, where it comes from, and how it was checked."""

    text: str
    source: str
    marker: int | None
    status: FigureStatus
    formula: str = ""


class RetrievedOut(BaseModel):
    """A passage as it was found."""

    anchor: str
    score: float
    text: str


class HitOut(RetrievedOut):
    """A passage of `search`."""

    report: str
    paragraph: int

    @classmethod
    def of(cls, passage: Passage) -> HitOut:
        """From the project's own value."""
        return cls(
            anchor=passage.anchor,
            report=passage.paragraph.report,
            paragraph=passage.paragraph.number,
            score=round(passage.score, 4),
            text=passage.paragraph.text,
        )


class HitsOut(BaseModel):
    """A line of a batch of searches."""

    id: str
    hits: list[HitOut]


class TimingsOut(BaseModel):
    """Milliseconds since the question came in."""

    retrieve_ms: float
    first_token_ms: float | None
    total_ms: float


class AnswerOut(BaseModel):
    """An answer as scripts see it."""

    id: str
    question: str
    standalone: str
    language: Language
    status: Status
    answer: str
    citations: list[CitationOut]
    figures: list[FigureOut]
    retrieved: list[RetrievedOut]
    problems: list[str]
    engine: str
    timings: TimingsOut

    @classmethod
    def of(cls, answer: Answer, id_: str = "") -> AnswerOut:
        """From the project's own value."""
        return cls(
            id=id_,
            question=answer.query.question,
            standalone=answer.query.standalone,
            language=answer.query.language,
            status=answer.status,
            answer=answer.text,
            citations=[CitationOut.of(citation) for citation in answer.citations],
            figures=[FigureOut(**vars(figure)) for figure in answer.figures],
            retrieved=[
                RetrievedOut(anchor=p.anchor, score=round(p.score, 4), text=p.paragraph.text)
                for p in answer.retrieved
            ],
            problems=list(answer.problems),
            engine=answer.engine,
            timings=TimingsOut(**vars(answer.timings)),
        )


def failed(question: QuestionIn, language: Language, problem: str) -> AnswerOut:
    """The line of a question that could not be answered at all."""
    return AnswerOut(
        id=question.id,
        question=question.question,
        standalone=question.question,
        language=language,
        status="failed",
        answer="",
        citations=[],
        figures=[],
        retrieved=[],
        problems=[problem],
        engine="",
        timings=TimingsOut(retrieve_ms=0, first_token_ms=None, total_ms=0),
    )
