"""The chat page. The only module that imports gradio."""

from __future__ import annotations

import html
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr

from rag.app import App
from rag.assistant import Found, Said
from rag.errors import ModelError, ReportQAError, ServerError
from rag.models.fetch import QWEN
from rag.types import Answer, Turn
from ui.render import answer_html, passages_html, text_html, understood_line, word

STARTERS = (
    "瑞安2018年的生产总值是多少?",
    "What growth in fixed-asset investment did Jinhua ETDZ target for 2022?",
    "温州经开区2014年社会消费品零售总额是多少?2015年目标增长多少?",
    "生态园2022年1-9月实现工业总产值多少?",
    "What was the GDP of Hangzhou in 2020?",
)
_CSS = """
.gradio-container {max-width: 1080px !important; margin: auto}
.question {font-weight: 600; margin: 1.2em 0 .3em}
.understood {opacity: .7; font-size: .9em; margin: 0 0 .4em}
.answer {border-left: 3px solid #3b82f6; padding: .2em .9em; line-height: 1.7}
.answer.not_found {border-color: #9ca3af} .answer.withheld {border-color: #d97706}
.status {font-size: .8em; padding: .1em .6em; border-radius: 1em; background: #e5e7eb;
  color: #1f2937}
.status.withheld {background: #fef3c7}
a.marker {text-decoration: none; font-weight: 600}
.source, .passage {margin: .35em 0; font-size: .93em}
.source summary, .passage summary {cursor: pointer; opacity: .85}
.source:target {outline: 2px solid #f59e0b; border-radius: 4px}
.source p, .passage p {max-height: 14em; overflow: auto; margin: .3em 0 .3em 1em; line-height: 1.75}
mark {background: #fde68a; color: #111827}
.problems {font-size: .88em; opacity: .85} .engine, .state {font-size: .8em; opacity: .6}
"""


@dataclass(frozen=True)
class Exchange:
    """A question with its finished answer."""

    question: str
    answer: Answer


class ModelState:
    """What the page says about the language model; fetches the local one in the background."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._fetching = ""

    def fetch_in_background(self) -> None:
        """Start fetching unless an endpoint is configured or the weights are there."""
        if self._app.settings.has_endpoint or self._app.has_local_model:
            return
        self._fetching = "0%"
        threading.Thread(target=self._fetch, name="model-fetch", daemon=True).start()

    def _fetch(self) -> None:
        def progress(done: int, total: int) -> None:
            self._fetching = f"{100 * done // total}%"

        try:
            self._app.pull_local_model(progress)
            self._fetching = ""
        except ModelError as error:
            self._fetching = str(error)

    @property
    def is_fetching(self) -> bool:
        """Whether the local model is on its way."""
        return self._fetching.endswith("%")

    def line(self) -> str:
        """One line for the page."""
        if self.is_fetching:
            return (
                f"正在下载本地模型 {QWEN.label}\uff1a{self._fetching}\uff0c"
                "完成前直接引用原文作答 · "
                "fetching the local model; until it is there, answers are quoted from the reports"
            )
        if self._fetching:
            return self._fetching
        return f"Engine: {self._app.resolve_engine('auto')}"


def build_page(app: App, state: ModelState) -> gr.Blocks:
    """The page over an app whose index is there."""
    with gr.Blocks(title="report-qa") as page:
        gr.Markdown(
            "# report-qa\n问政府工作报告\uff0c每个数字都有出处 · "
            "Ask local-government work reports; every figure leads to its paragraph."
        )
        talk = gr.HTML(elem_id="talk")
        with gr.Row():
            box = gr.Textbox(
                placeholder="用中文或英文提问 · ask in Chinese or English", show_label=False,
                autofocus=True, scale=8, elem_id="question",
            )  # fmt: skip
            send = gr.Button("问 · Ask", variant="primary", scale=1, elem_id="ask")
        gr.Examples([[question] for question in STARTERS], inputs=box, label="例 · Examples")
        with gr.Accordion("相关段落 · Passages found", open=True):
            passages = gr.HTML(elem_id="passages")
        line = gr.HTML(_state_html(state), elem_id="state")
        if state.is_fetching:
            gr.Timer(3).tick(lambda: _state_html(state), outputs=line, show_progress="hidden")
        exchanges = gr.State([])

        def respond(
            question: str, past: Sequence[Exchange]
        ) -> Iterator[tuple[str, str, list[Exchange], str]]:
            yield from _respond(app, question, past)

        for trigger in (box.submit, send.click):
            trigger(
                respond,
                inputs=[box, exchanges],
                outputs=[talk, passages, exchanges, box],
                show_progress="hidden",
                concurrency_limit=4,
            )
    return page


def _respond(
    app: App, question: str, past: Sequence[Exchange]
) -> Iterator[tuple[str, str, list[Exchange], str]]:
    """(conversation, passages, exchanges, input box) as the answer grows."""
    before = "".join(_exchange_html(app, exchange, turn) for turn, exchange in enumerate(past))
    history = [
        turn
        for exchange in past
        for turn in (Turn("user", exchange.question), Turn("assistant", exchange.answer.text))
    ]
    asked = f'<div class="question">{html.escape(question)}</div>'
    shown = ""
    try:
        for event in app.assistant.ask(question, history):
            match event:
                case Found(query, passages):
                    language = query.language
                    shown = passages_html(passages, language)
                    asked += _understood_html(app, event)
                    yield before + asked + '<div class="answer">…</div>', shown, list(past), ""
                case Said(text):
                    body = text_html(text, set(), len(past))
                    yield f'{before}{asked}<div class="answer">{body}…</div>', shown, list(past), ""
                case Answer():
                    now = [*past, Exchange(question, event)]
                    yield before + asked + answer_html(event, len(past)), shown, now, ""
    except ReportQAError as error:
        message = f'<div class="answer failed"><p>{html.escape(str(error))}</p></div>'
        yield before + asked + message, shown, list(past), question


def _exchange_html(app: App, exchange: Exchange, turn: int) -> str:
    found = Found(exchange.answer.query, exchange.answer.retrieved)
    return (
        f'<div class="question">{html.escape(exchange.question)}</div>'
        f"{_understood_html(app, found)}{answer_html(exchange.answer, turn)}"
    )


def _understood_html(app: App, found: Found) -> str:
    names = app.assistant.corpus().names
    english = {place: names.english(place) for place in found.query.places}
    line = understood_line(found.query, english)
    if not line:
        return ""
    label = word("understood", found.query.language)
    return f'<div class="understood">{html.escape(f"{label}: {line}")}</div>'


def _state_html(state: ModelState) -> str:
    return f'<div class="state">{html.escape(state.line())}</div>'


def serve(app: App, host: str, port: int, *, fetch_model: bool = False) -> None:
    """Serve until interrupted. Raises ServerError if the port is in use, IndexingError if there
    is no index."""
    app.assistant.corpus()
    _reach_loopback_directly()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServerError(
                f"Port {port} on {host} cannot be used ({error.strerror}); "
                "choose another with --port."
            ) from error
    state = ModelState(app)
    if fetch_model:
        state.fetch_in_background()
    threading.Thread(target=_warm_up, args=(app,), daemon=True).start()
    page = build_page(app, state)
    page.queue(default_concurrency_limit=8, max_size=64).launch(
        server_name=host, server_port=port, css=_CSS, footer_links=[], quiet=False,
        show_error=True,
    )  # fmt: skip


def _reach_loopback_directly() -> None:
    """Gradio asks its own page at start; a proxy of the environment must not be in between."""
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost"]))


def _warm_up(app: App) -> None:
    """One search, so that the first reader does not wait for models to load."""
    app.assistant.search("生产总值")
