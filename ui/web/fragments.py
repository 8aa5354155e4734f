"""What the page's script asks for: pieces of HTML, and the reader's own conversations."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from rag.assistant import Assistant, Found, Said
from rag.contract import AnswerOut
from rag.errors import ReportQAError
from rag.search.understand import MAX_CHARACTERS
from rag.types import Kind, Language, Paragraph, ReportInfo
from ui.feedback import Feedback, FeedbackStore
from ui.web import markup
from ui.web.api import event_line
from ui.web.asking import Asking
from ui.web.conversations import (
    ConversationStore,
    Exchange,
    Understood,
    history_of,
    new_id,
    turns_before,
)
from ui.web.coverage import INDICATORS, coverage_html, indicator_html, values_of
from ui.web.export import MEDIA_TYPES, Form, export, plain_text
from ui.web.markup import Corner
from ui.web.model_state import ModelState
from ui.web.rephrase import rephrase
from ui.web.words import words

READER = "report_qa_reader"
_ID = re.compile(r"^[0-9a-f]{32}$")
_YEAR_SECONDS = 31_536_000
STARTERS: tuple[tuple[str, str, str], ...] = (
    ("kind_fact", "瑞安2018年的生产总值是多少?", "What was Ruian's GDP in 2018?"),
    (
        "kind_plan",
        "金华开发区2022年固定资产投资的增长目标是多少?",
        "What growth in fixed-asset investment did Jinhua ETDZ target for 2022?",
    ),
    (
        "kind_comparison",
        "温州经开区2014年社会消费品零售总额是多少?2015年目标增长多少?",
        "How much higher is Jinhua ETDZ's 2022 target for fixed-asset investment than Wenzhou "
        "ETDZ's 2014 result?",
    ),
    (
        "kind_masked",
        "生态园2022年1-9月实现工业总产值多少?",
        "What was the ecological park's gross industrial output in January to September 2022?",
    ),
    ("kind_none", "杭州2020年的生产总值是多少?", "What was the GDP of Hangzhou in 2020?"),
)


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AskIn(_In):
    """A question in a conversation."""

    language: Language
    conversation: str = Field(pattern=_ID.pattern)
    question: str = Field(max_length=4 * MAX_CHARACTERS)


class ChangeIn(_In):
    """How a question was meant."""

    exchange: str
    places: list[str] = Field(max_length=20)
    years: list[int] = Field(max_length=20)
    kind: Kind | None = None


class VerdictIn(_In):
    """What a reader thought of an answer."""

    exchange: str
    helpful: bool
    reason: str = Field(default="", max_length=2000)


def _reader(request: Request) -> str:
    found = request.cookies.get(READER, "")
    if not _ID.match(found):
        raise HTTPException(400, "The page has to be opened first (its cookie is missing).")
    return found


Reader = Annotated[str, Depends(_reader)]


def corner_of(assistant: Assistant, language: Language) -> Corner:
    """What is the same all over a page."""
    infos = assistant.corpus().index.infos()
    return Corner(language, {info.id: info for info in infos})


def build_fragments(
    asking: Asking, conversations: ConversationStore, feedback: FeedbackStore, state: ModelState
) -> APIRouter:
    """The routes under /page."""
    api = APIRouter(prefix="/page", include_in_schema=False)
    assistant = asking.assistant

    def listed(reader: str, current: str, corner: Corner) -> str:
        return markup.conversations_html(conversations.conversations(reader), current, corner)

    def talk(reader: str, conversation: str, corner: Corner) -> str:
        exchanges = conversations.exchanges(reader, conversation)
        return "".join(markup.exchange_html(exchange, corner) for exchange in exchanges)

    def own(reader: str, exchange: str) -> tuple[list[Exchange], Exchange]:
        exchanges = conversations.containing(reader, exchange)
        found = next((e for e in exchanges if e.id == exchange), None)
        if found is None:
            raise HTTPException(404, "There is no such answer; reload the page.")
        return exchanges, found

    @api.get("/start")
    def start(language: Language, request: Request, response: Response) -> dict[str, Any]:
        """What the page begins with; names the reader at the first visit."""
        reader = request.cookies.get(READER, "")
        if not _ID.match(reader):
            reader = new_id()
            response.set_cookie(
                READER, reader, max_age=_YEAR_SECONDS, httponly=True, samesite="strict",
                secure=request.url.scheme == "https",
            )  # fmt: skip
        corner = corner_of(assistant, language)
        past = conversations.conversations(reader)
        conversation = past[0].id if past else new_id()
        return {
            "conversation": conversation,
            "talk": talk(reader, conversation, corner),
            "history": listed(reader, conversation, corner),
            "starters": [
                {"kind": words(language)[kind], "question": zh if language == "zh" else en}
                for kind, zh, en in STARTERS
            ],
            "words": words(language),
            "state": state.line(language),
        }

    @api.get("/state")
    def state_line(language: Language) -> dict[str, str]:
        return {"state": state.line(language)}

    @api.post("/ask")
    async def ask(asked: AskIn, reader: Reader) -> StreamingResponse:
        """The exchange as it grows: events `live`, `said`, `done` or `failed`, each with HTML."""
        corner = corner_of(assistant, asked.language)
        events = _answered(asked, reader, corner)
        return StreamingResponse(events, media_type="text/event-stream")

    async def _answered(asked: AskIn, reader: str, corner: Corner) -> AsyncIterator[bytes]:
        choices = conversations.choices(reader)
        past = conversations.exchanges(reader, asked.conversation)
        names = assistant.corpus().names
        said = ""
        try:
            async for event in asking.ask(
                asked.question, history_of(past), choices.engine, choices.passages
            ):
                match event:
                    case Found(query, passages):
                        html = markup.live_html(
                            asked.question,
                            Understood.of(query, names),
                            markup.passages_html(passages, corner),
                            corner,
                        )
                        yield _html_event("live", html)
                    case Said(text):
                        if text != said:
                            said = text
                            yield _html_event("said", markup.said_html(text, corner))
                    case answer:
                        exchange = Exchange(
                            question=asked.question,
                            understood=Understood.of(answer.query, names),
                            answer=AnswerOut.of(answer),
                        )
                        conversations.add(reader, asked.conversation, exchange)
                        state.saw(answer)
                        html = markup.exchange_html(exchange, corner)
                        yield _html_event("done", html, state=state.line(corner.language))
        except ReportQAError as error:
            yield _html_event("failed", markup.failed_html(asked.question, str(error), corner))

    @api.post("/rephrase")
    def ask_otherwise(change: ChangeIn, reader: Reader) -> dict[str, str]:
        _, exchange = own(reader, change.exchange)
        names = assistant.corpus().names
        question = exchange.answer.standalone
        said = rephrase(question, names, change.places, change.years, change.kind)
        return {"question": said}

    @api.post("/feedback")
    def give_feedback(verdict: VerdictIn, reader: Reader) -> dict[str, bool]:
        exchanges, exchange = own(reader, verdict.exchange)
        feedback.add(
            Feedback(
                surface="web",
                helpful=verdict.helpful,
                reason=verdict.reason,
                answer=exchange.answer,
                history=turns_before(exchanges, exchange.id),
            )
        )
        return {"noted": True}

    @api.get("/text/{exchange}", response_class=PlainTextResponse)
    def text(exchange: str, request: Request, reader: Reader) -> str:
        return plain_text(own(reader, exchange)[1], str(request.base_url))

    @api.get("/export/{conversation}.{form}")
    def save(conversation: str, form: Form, request: Request, reader: Reader) -> Response:
        exchanges = conversations.exchanges(reader, conversation)
        if not exchanges:
            raise HTTPException(404, "There is nothing to export yet; ask something first.")
        name = f"report-qa-{exchanges[0].time[:10]}.{form}"
        return Response(
            export(exchanges, form, str(request.base_url)),
            media_type=MEDIA_TYPES[form],
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @api.get("/conversations")
    def list_conversations(language: Language, current: str, reader: Reader) -> HTMLResponse:
        return HTMLResponse(listed(reader, current, corner_of(assistant, language)))

    @api.get("/conversations/{conversation}")
    def open_conversation(conversation: str, language: Language, reader: Reader) -> HTMLResponse:
        return HTMLResponse(talk(reader, conversation, corner_of(assistant, language)))

    @api.delete("/conversations/{conversation}")
    def delete(conversation: str, reader: Reader) -> dict[str, bool]:
        conversations.remove(reader, conversation)
        return {"deleted": True}

    @api.get("/new")
    def new() -> dict[str, str]:
        return {"conversation": new_id()}

    @api.get("/reports/{report}")
    def read(report: str, language: Language) -> HTMLResponse:
        corner = corner_of(assistant, language)
        info = corner.infos.get(report)
        if info is None:
            raise HTTPException(404, words(language)["no_report"])
        paragraphs = assistant.corpus().index.paragraphs(report)
        return HTMLResponse(markup.report_html(info, paragraphs, corner))

    @api.get("/browse")
    def browse(language: Language) -> dict[str, Any]:
        corner = corner_of(assistant, language)
        reports = _reports(assistant)
        sizes = {info.id: (len(ps), sum(len(p.text) for p in ps)) for info, ps in reports}
        return {
            "reports": markup.reports_html(sizes, corner),
            "coverage": coverage_html(reports, corner),
            "indicators": [
                {"id": id_, "name": zh if language == "zh" else en}
                for id_, (zh, en) in INDICATORS.items()
            ],
        }

    @api.get("/indicators/{indicator}")
    def values(indicator: str, language: Language) -> HTMLResponse:
        if indicator not in INDICATORS:
            raise HTTPException(404, words(language)["no_values"])
        found = values_of(indicator, _reports(assistant))
        return HTMLResponse(indicator_html(found, corner_of(assistant, language)))

    return api


def _reports(assistant: Assistant) -> list[tuple[ReportInfo, list[Paragraph]]]:
    index = assistant.corpus().index
    return [(info, index.paragraphs(info.id)) for info in index.infos()]


class _Html(BaseModel):
    html: str
    state: str = ""


def _html_event(
    name: Literal["live", "said", "done", "failed"], html: str, state: str = ""
) -> bytes:
    return event_line(name, _Html(html=html, state=state).model_dump_json())
