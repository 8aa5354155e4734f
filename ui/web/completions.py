"""The corpus as a model: `/v1/chat/completions` for clients that speak OpenAI's protocol.

The reply is the verified answer with its sources below. A stream begins at once, but carries text
only when the answer has been verified as a whole: text that was sent cannot be taken back.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from rag.contract import AnswerOut
from rag.errors import ReportQAError
from rag.types import Turn
from ui.web.asking import Asking
from ui.web.conversations import new_id
from ui.web.export import source_line
from ui.web.markup import deep_link

MODEL = "report-qa"
_KEEP_ALIVE_SECONDS = 5.0
_PIECE = 24  # characters


class Part(BaseModel):
    """A piece of a message's content; only text is read."""

    model_config = ConfigDict(extra="allow")
    type: str
    text: str = ""


class Message(BaseModel):
    """A message of the conversation."""

    model_config = ConfigDict(extra="ignore")
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class CompletionIn(BaseModel):
    """A request; what is about sampling is passed over."""

    model_config = ConfigDict(extra="ignore")
    model: str = MODEL
    messages: list[Message] = Field(min_length=1, max_length=200)
    stream: bool = False


def build_completions(asking: Asking) -> APIRouter:
    """The routes under /v1."""
    api = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])

    @api.get("/models", summary="The one model there is")
    def models() -> dict[str, Any]:
        model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "report-qa"}
        return {"object": "list", "data": [model]}

    @api.post("/chat/completions", summary="Ask as if the corpus were a chat model")
    async def complete(asked: CompletionIn, request: Request) -> Any:
        said = [m for m in asked.messages if m.role in ("user", "assistant")]
        if not said or said[-1].role != "user":
            return _error(400, "The last message must be the user's question.")
        *earlier, last = said
        history = [Turn("user" if m.role == "user" else "assistant", m.text) for m in earlier]
        site = str(request.base_url)
        if asked.stream:
            stream = _stream(asking, last.text, history, site)
            return StreamingResponse(stream, media_type="text/event-stream")
        try:
            content = await _content(asking, last.text, history, site)
        except ReportQAError as error:
            return _error(400, str(error))
        message = {"role": "assistant", "content": content}
        return {
            **_head(new_id(), "chat.completion"),
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        }

    return api


async def _content(asking: Asking, question: str, history: Sequence[Turn], site: str) -> str:
    answer = AnswerOut.of(await asking.answer(question, history))
    lines = [answer.answer]
    for c in answer.citations:
        link = site.rstrip("/") + deep_link(c.report, c.paragraph, (c.start, c.end))
        lines.append(f"[{c.marker}] {source_line(c)}: {c.quote} {link}")
    return "\n\n".join(lines)


async def _stream(
    asking: Asking, question: str, history: Sequence[Turn], site: str
) -> AsyncIterator[str]:
    id_ = new_id()
    yield _chunk(id_, {"role": "assistant", "content": ""})
    answering = asyncio.create_task(_content(asking, question, history, site))
    try:
        while not answering.done():
            await asyncio.wait([answering], timeout=_KEEP_ALIVE_SECONDS)
            if not answering.done():
                yield ": still answering\n\n"
        content = answering.result()
    except ReportQAError as error:
        content = str(error)
    finally:
        answering.cancel()
        with suppress(asyncio.CancelledError, ReportQAError):
            await answering
    for start in range(0, len(content), _PIECE):
        yield _chunk(id_, {"content": content[start : start + _PIECE]})
    yield _chunk(id_, {}, "stop")
    yield "data: [DONE]\n\n"


def _chunk(id_: str, delta: dict[str, str], finish: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {**_head(id_, "chat.completion.chunk"), "choices": [choice]}
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def _head(id_: str, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{id_}", "object": kind, "created": int(time.time()), "model": MODEL}


def _error(status: int, sentence: str) -> JSONResponse:
    error = {"message": sentence, "type": "invalid_request_error", "param": None, "code": None}
    return JSONResponse({"error": error}, status)
