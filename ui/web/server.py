"""The server: the page, the APIs and what guards them, in one FastAPI application."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp

from rag.app import App
from rag.errors import IndexingError, ReportQAError, ServerError
from rag.types import Language
from ui.feedback import FeedbackStore
from ui.web.api import build_api
from ui.web.asking import Asking, BusyError
from ui.web.completions import build_completions
from ui.web.conversations import ConversationStore
from ui.web.fragments import build_fragments
from ui.web.mcp import build_mcp
from ui.web.model_state import ModelState
from ui.web.page import mount_page
from ui.web.security import Gate, Rules, is_loopback

_LANGUAGES: tuple[Language, ...] = ("zh", "en")
_LANGUAGE = "report_qa_language"
_OURS = (
    b'<link rel="icon" href="data:,">'
    b'<link rel="stylesheet" href="/static/page.css"><script src="/static/page.js" defer></script>'
)
_ELSEWHERE = re.compile(
    rb'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>|<link rel="manifest"[^>]*>'
)
_STATIC = Path(__file__).parent / "static"


def build_server(app: App, state: ModelState, rules: Rules) -> ASGIApp:
    """The application over an app whose index is there."""
    asking = Asking(app.assistant)
    conversations = ConversationStore(app.settings.data_dir)
    feedback = FeedbackStore(app.settings.data_dir)
    mcp = build_mcp(asking)
    # The gate checks hosts and origins for everything that is served.
    unguarded = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    mcp_app = mcp.streamable_http_app(
        streamable_http_path="/", stateless_http=True, json_response=True,
        transport_security=unguarded,
    )  # fmt: skip

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with mcp.session_manager.run():
            yield
        asking.close()
        conversations.close()

    server = FastAPI(
        title="report-qa",
        summary="Ask Chinese local-government work reports; cited and checked answers.",
        version=version("report-qa"),
        lifespan=lifespan,
        docs_url=None,  # these pages would load scripts from elsewhere
        redoc_url=None,
    )
    server.add_exception_handler(ReportQAError, _explain)
    server.add_exception_handler(RequestValidationError, _explain_invalid)
    server.include_router(build_api(asking))
    server.include_router(build_completions(asking))
    server.include_router(build_fragments(asking, conversations, feedback, state))

    @server.get("/healthz", tags=["corpus"], summary="Whether questions can be answered")
    def health() -> dict[str, Any]:
        counts = app.assistant.corpus().index.manifest.counts
        return {"status": "ok", "reports": counts["reports"], "paragraphs": counts["paragraphs"]}

    @server.get("/", include_in_schema=False)
    def choose_language(request: Request) -> RedirectResponse:
        language = request.cookies.get(_LANGUAGE) or _preferred(request)
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/{language if language in _LANGUAGES else 'zh'}/{query}")

    server.mount("/static", StaticFiles(directory=_STATIC), name="static")
    server.mount("/mcp", mcp_app)
    for language in _LANGUAGES:
        mount_page(server, app, conversations, language)
    return Gate(server, rules, {f"/{code}/": partial(_dress, code) for code in _LANGUAGES})


def _dress(language: Language, html: bytes) -> bytes:
    """Gradio's page with its language said, our style and script, and no address elsewhere."""
    html = _ELSEWHERE.sub(b"", html)
    html = html.replace(b'lang="en"', b'lang="zh-CN"' if language == "zh" else b'lang="en"', 1)
    return html.replace(b"</head>", _OURS + b"</head>", 1)


def _preferred(request: Request) -> str:
    accepted = request.headers.get("accept-language", "").lower()
    places = {language: accepted.find(language) for language in _LANGUAGES}
    found = {language: place for language, place in places.items() if place >= 0}
    return min(found, key=lambda language: found[language], default="zh")


def _explain(_: Request, error: Exception) -> Response:
    status = 503 if isinstance(error, BusyError | IndexingError) else 400
    headers = {"Retry-After": "5"} if status == 503 else None
    return JSONResponse({"detail": str(error)}, status, headers)


def _explain_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return JSONResponse({"detail": f"{where}: {first['msg']}."}, 422)


def rules_for(host: str, secret: str, *, allow_anyone: bool) -> Rules:
    """Raises ServerError for an address that others reach, without a password."""
    if secret:
        return Rules(secret)
    if is_loopback(host):
        return Rules(hosts=frozenset({"127.0.0.1", "localhost", "::1", host}))
    if allow_anyone:
        return Rules()
    raise ServerError(
        f"{host} can be reached from other machines: set REPORT_QA_AUTH to a password "
        "(user:password, or a token), or say --allow-anyone."
    )


def serve(
    app: App, host: str, port: int, *, fetch_model: bool = False, allow_anyone: bool = False
) -> None:
    """Serve until interrupted. Raises ServerError if the address cannot be used or is open to
    others without a password, IndexingError if there is no index."""
    rules = rules_for(host, app.settings.auth.get_secret_value(), allow_anyone=allow_anyone)
    app.assistant.corpus()
    listening = _listen(host, port)
    state = ModelState(app)
    if fetch_model:
        state.fetch_in_background()
    threading.Thread(target=_warm_up, args=(app,), daemon=True).start()
    name = f"[{host}]" if ":" in host else host
    config = uvicorn.Config(
        build_server(app, state, rules), log_level="warning", access_log=False,
        server_header=False, timeout_graceful_shutdown=3,
    )  # fmt: skip
    print(f"report-qa is at http://{name}:{port}/ (stop with Ctrl+C)", flush=True)
    uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ServerError(
            f"Port {port} on {host} cannot be used ({error.strerror}); choose another with --port."
        ) from error
    return listening


def _warm_up(app: App) -> None:
    """A search in each language, so that the first readers do not wait for what is loaded."""
    app.assistant.search("生产总值")
    app.assistant.search("gross domestic product")
