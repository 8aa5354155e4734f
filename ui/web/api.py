"""The JSON API. Its answers are the same values that `report-qa ask --json` prints."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from pydantic import BaseModel, ConfigDict, Field

from rag.assistant import Assistant, Event, Found, Said
from rag.contract import AnswerOut, HitOut, HitsOut, TurnIn
from rag.errors import ReportQAError
from rag.search.understand import MAX_CHARACTERS
from rag.settings import Engine
from rag.types import Kind, Paragraph, ReportInfo
from ui.web.asking import Asking

MAX_TURNS = 50


class SearchIn(BaseModel):
    """A question to search for."""

    model_config = ConfigDict(extra="forbid")
    id: str = Field(default="", max_length=200, description="comes back with the result")
    question: str = Field(max_length=MAX_CHARACTERS, description="in Chinese or English")
    history: list[TurnIn] = Field(default=[], max_length=MAX_TURNS)
    k: int | None = Field(default=None, ge=1, le=50, description="passages to retrieve")


class AskIn(SearchIn):
    """A question to answer."""

    engine: Engine = "auto"


class PlaceOut(BaseModel):
    """A place by all its names."""

    zh: str
    en: str
    also: list[str]


class ReportOut(BaseModel):
    """What a report is. `reviews` and `plans` are years, or "" where it has no such part."""

    id: str
    title: str
    title_en: str
    place: PlaceOut
    issuer: str
    date: str
    reviews: str
    plans: str
    inferred: list[str]
    remarks: list[str]
    paragraphs: int
    characters: int

    @classmethod
    def of(cls, info: ReportInfo, paragraphs: Sequence[Paragraph]) -> ReportOut:
        """From the project's own values."""
        return cls(
            **{
                **vars(info),
                "place": PlaceOut(**vars(info.place)),
                "paragraphs": len(paragraphs),
                "characters": sum(len(paragraph.text) for paragraph in paragraphs),
            }
        )


class ParagraphOut(BaseModel):
    """A paragraph of a report; `section` is its heading path from the outermost level inwards."""

    report: str
    title: str
    number: int
    anchor: str
    text: str
    section: list[str]
    kind: Kind
    period: str
    is_heading: bool

    @classmethod
    def of(cls, paragraph: Paragraph, info: ReportInfo) -> ParagraphOut:
        """From the project's own values."""
        return cls(**vars(paragraph), anchor=paragraph.anchor, title=info.title)


def reports_of(assistant: Assistant) -> list[ReportOut]:
    """All reports of the corpus."""
    index = assistant.corpus().index
    return [ReportOut.of(info, index.paragraphs(info.id)) for info in index.infos()]


def paragraph_of(assistant: Assistant, report: str, number: int) -> ParagraphOut | None:
    """A paragraph; None if there is none of that number."""
    index = assistant.corpus().index
    info = next((info for info in index.infos() if info.id == report), None)
    found = index.paragraphs_at([(report, number)]).values()
    return next((ParagraphOut.of(p, info) for p in found), None) if info else None


def hits_of(assistant: Assistant, asked: SearchIn) -> HitsOut:
    """The passages for a question, best first. Raises QuestionError."""
    history = [turn.turn() for turn in asked.history]
    found = assistant.search(asked.question, asked.k, history)
    return HitsOut(id=asked.id, hits=[HitOut.of(passage) for passage in found.passages])


def event_line(event: str, data_json: str) -> bytes:
    """A server-sent event whose data are JSON."""
    return format_sse_event(data_str=data_json, event=event)


def build_api(asking: Asking) -> APIRouter:
    """The routes under /api."""
    api = APIRouter(prefix="/api", tags=["corpus"])
    assistant = asking.assistant

    @api.post(
        "/ask",
        response_model=AnswerOut,
        responses={200: {"content": {"text/event-stream": {}}}},
        summary="Answer a question from the reports",
    )
    async def ask(asked: AskIn, accept: Annotated[str, Header()] = "") -> Any:
        """With `Accept: text/event-stream` the answer comes as events: `found` (passages, as in
        /api/search), `said` (the verified text so far: {"answer"}), and at the end `answer` (what
        this route returns otherwise) or `error` ({"detail"})."""
        history = [turn.turn() for turn in asked.history]
        if "text/event-stream" in accept:
            events = asking.ask(asked.question, history, asked.engine, asked.k)
            return StreamingResponse(_stream(events, asked), media_type="text/event-stream")
        answer = await asking.answer(asked.question, history, asked.engine, asked.k)
        return AnswerOut.of(answer, asked.id)

    @api.post("/search", summary="Find paragraphs, best first, without a language model")
    async def search(asked: SearchIn) -> HitsOut:
        return await run_in_threadpool(hits_of, assistant, asked)

    @api.get("/reports", summary="List the reports")
    def reports() -> list[ReportOut]:
        return reports_of(assistant)

    @api.get("/reports/{report}/paragraphs/{number}", summary="Read a paragraph")
    def paragraph(report: str, number: int) -> ParagraphOut:
        found = paragraph_of(assistant, report, number)
        if found is None:
            raise HTTPException(404, f"There is no paragraph {number} of a report {report[:80]!r}.")
        return found

    return api


class SaidOut(BaseModel):
    """The verified text so far."""

    answer: str


class ErrorOut(BaseModel):
    """What went wrong, in one sentence."""

    detail: str


async def _stream(events: AsyncIterator[Event], asked: AskIn) -> AsyncIterator[bytes]:
    said = ""
    try:
        async for event in events:
            match event:
                case Found(_, passages):
                    hits = HitsOut(id=asked.id, hits=[HitOut.of(p) for p in passages])
                    yield event_line("found", hits.model_dump_json())
                case Said(text):
                    if text != said:
                        said = text
                        yield event_line("said", SaidOut(answer=text).model_dump_json())
                case answer:
                    yield event_line("answer", AnswerOut.of(answer, asked.id).model_dump_json())
    except ReportQAError as error:
        yield event_line("error", ErrorOut(detail=str(error)).model_dump_json())
