"""The frame of the page: tabs, inputs, settings and uploads. The only module that imports gradio.

The conversation, the reading pane and the pictures of the corpus are HTML of our own, escaped in
`ui.web.markup` and put into the frame by `static/page.js`: Gradio's HTML component compiles its
content to code, which the page's security policy forbids.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
from fastapi import FastAPI

from rag.app import App
from rag.corpus.catalogue import Entry
from rag.corpus.read import MAX_BYTES, SUFFIXES
from rag.errors import ReportQAError
from rag.types import Language, Report
from ui.web.conversations import Choices, ConversationStore
from ui.web.fragments import READER
from ui.web.uploads import Uploads, corrected
from ui.web.words import words

_FONTS = (
    "system-ui", "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif",
)  # fmt: skip
_FIELDS = (
    "title", "title_en", "place", "place_en", "also", "issuer", "date", "reviews", "plans",
)  # fmt: skip
_FIRST_PARAGRAPHS = 6
_CLEAR_EVERY, _KEEP_UPLOADED = 3600, 86_400  # seconds, of files given but not indexed


def mount_page(
    server: FastAPI, app: App, conversations: ConversationStore, language: Language
) -> None:
    """Serve the page in a language under `/zh` or `/en`."""
    page = _build(app, conversations, language)
    page.queue(default_concurrency_limit=4, max_size=64)
    gr.mount_gradio_app(
        server, page, path=f"/{language}", footer_links=[], max_file_size=MAX_BYTES,
        theme=gr.themes.Base(
            primary_hue="blue", neutral_hue="slate", radius_size="md",
            font=_FONTS, font_mono=("ui-monospace", "monospace"),
        ),
        ssr_mode=False, show_error=True, enable_monitoring=False, mcp_server=False, pwa=False,
    )  # fmt: skip


def _build(app: App, conversations: ConversationStore, language: Language) -> gr.Blocks:
    said = words(language)
    with (
        gr.Blocks(
            title=said["title"],
            fill_width=True,
            analytics_enabled=False,
            delete_cache=(_CLEAR_EVERY, _KEEP_UPLOADED),
        ) as page,
        gr.Row(elem_id="frame"),
    ):
        with gr.Column(scale=3, min_width=300, elem_id="main"):
            gr.Markdown(f"# {said['title']}\n{said['tagline']}", elem_id="head")
            with gr.Tabs(elem_id="tabs"):
                with gr.Tab(said["tab_ask"], elem_id="tab-ask"):
                    _asking(said)
                with gr.Tab(said["tab_browse"], elem_id="tab-browse"):
                    gr.Markdown("…", elem_id="browse")
                with gr.Tab(said["tab_add"], elem_id="tab-add"):
                    _adding(app, said)
                with gr.Tab(said["tab_settings"], elem_id="tab-settings"):
                    _settings(page, app, conversations, said)
        with gr.Column(scale=2, min_width=300, elem_id="side"):
            gr.Markdown("", elem_id="pane")
    return page


def _asking(said: dict[str, str]) -> None:
    gr.Markdown("…", elem_id="talk")
    with gr.Row(elem_id="asking", equal_height=True):
        gr.Textbox(
            label=said["question"], placeholder=said["placeholder"], lines=1, max_lines=6,
            elem_id="question", scale=8, min_width=160, max_length=2000, container=False,
        )  # fmt: skip
        gr.Button(said["ask"], variant="primary", elem_id="ask", scale=1, min_width=80)
        gr.Button(said["stop"], variant="stop", elem_id="stop", scale=1, min_width=80)
    gr.Markdown("", elem_id="below")


# Settings


def _settings(
    page: gr.Blocks, app: App, conversations: ConversationStore, said: dict[str, str]
) -> None:
    engines = ["auto", "extractive", "local"] + (["api"] if app.settings.has_endpoint else [])
    engine = gr.Radio(
        [(said[f"engine_{name}"], name) for name in engines], value="auto", label=said["engine"],
        elem_id="engine",
    )  # fmt: skip
    passages = gr.Slider(
        1, 50, value=app.settings.passages, step=1, label=said["passages"], elem_id="passages"
    )
    gr.Markdown("", elem_id="settings")

    def load(request: gr.Request) -> tuple[str, int]:
        chosen = conversations.choices(request.cookies.get(READER, ""))
        known = chosen.engine if chosen.engine in engines else "auto"
        return known, chosen.passages or app.settings.passages

    def choose(engine: str, passages: int, request: gr.Request) -> None:
        if reader := request.cookies.get(READER, ""):
            choices = Choices.model_validate({"engine": engine, "passages": passages})
            conversations.choose(reader, choices)

    page.load(load, outputs=[engine, passages], api_visibility="private", show_progress="hidden")
    for trigger in (engine.input, passages.release):
        trigger(choose, inputs=[engine, passages], api_visibility="private", show_progress="hidden")


# Uploads


def _adding(app: App, said: dict[str, str]) -> None:
    if not app.settings.uploads:
        gr.Markdown(said["uploads_off"])
        return
    uploads = Uploads(app)
    gr.Markdown(said["upload_hint"])
    upload = gr.File(
        label=said["upload"], file_types=list(SUFFIXES), file_count="single", elem_id="upload"
    )
    message = gr.Textbox(
        label=said["preview"], visible=False, interactive=False, lines=2, elem_id="message"
    )
    entry = gr.State(None)
    with gr.Column(visible=False, elem_id="entry") as form:
        fields = _fields(said)
        index = gr.Button(said["index"], variant="primary", elem_id="index")
    with gr.Row():
        uploaded = gr.Dropdown(
            _choices(uploads), value=None, label=said["uploaded"], elem_id="uploaded", scale=4
        )
        edit = gr.Button(said["edit"], elem_id="edit", scale=1, min_width=120)
        remove = gr.Button(said["remove"], variant="stop", elem_id="remove", scale=1, min_width=100)
    shown = [message, form, entry, *fields]

    def look(file: str | None) -> list[Any]:
        if file is None:
            return [gr.update(visible=False), gr.update(visible=False), None, *_blank()]
        try:
            found, report = uploads.look_at(Path(file))
        except ReportQAError as error:
            return [_says(str(error)), gr.update(visible=False), None, *_blank()]
        return [_says(_summary(report, said)), gr.update(visible=True), found, *_values(found)]

    def keep(
        file: str | None,
        found: Entry | None,
        *values: str,
        progress: Any = gr.Progress(),  # noqa: B008
    ) -> list[Any]:
        if found is None:
            return [_says(said["choose_report"]), gr.update(), None, gr.update(), gr.update()]

        def show(stage: str, done: int, total: int) -> None:
            progress((done, total), desc=said["indexing"])

        given = dict(zip(_FIELDS, values, strict=True))
        also = [name.strip() for name in given.pop("also").replace("\uff0c", ",").split(",")]
        try:
            wanted = corrected(found, given, also)
            if file:
                uploads.add(Path(file), wanted, show)
            else:
                uploads.change(wanted, show)
        except ReportQAError as error:
            return [_says(str(error)), gr.update(), found, gr.update(), gr.update()]
        choices = gr.update(choices=_choices(uploads), value=None)
        hidden = gr.update(visible=False)
        return [_says(f"{said['indexed']} {wanted.title.zh}"), hidden, None, choices, None]

    def correct(id_: str | None) -> list[Any]:
        found = next((entry for entry in uploads.entries() if entry.id == id_), None)
        if found is None:
            return [_says(said["choose_report"]), gr.update(visible=False), None, *_blank(), None]
        line = f"{found.id} · {found.file}"
        return [_says(line), gr.update(visible=True), found, *_values(found), None]

    def drop(id_: str | None) -> list[Any]:
        try:
            if id_:
                uploads.remove(id_)
        except ReportQAError as error:
            return [_says(str(error)), gr.update()]
        line = said["removed"] if id_ else said["choose_report"]
        return [_says(line), gr.update(choices=_choices(uploads), value=None)]

    quietly = {"api_visibility": "private"}
    upload.upload(look, inputs=upload, outputs=shown, **quietly)
    upload.clear(lambda: look(None), outputs=shown, **quietly)
    index.click(
        keep, inputs=[upload, entry, *fields],
        outputs=[message, form, entry, uploaded, upload], show_progress_on=message, **quietly,
    )  # fmt: skip
    edit.click(correct, inputs=uploaded, outputs=[*shown, upload], **quietly)
    remove.click(drop, inputs=uploaded, outputs=[message, uploaded], **quietly)


def _fields(said: dict[str, str]) -> list[gr.Textbox]:
    made = {}
    for names in (("title", "title_en"), ("place", "place_en", "also"), _FIELDS[5:]):
        with gr.Row():
            for name in names:
                label = said[f"entry_{name}"]
                made[name] = gr.Textbox(label=label, elem_id=f"entry-{name}", min_width=120)
    return [made[name] for name in _FIELDS]


def _choices(uploads: Uploads) -> list[tuple[str, str]]:
    return [(entry.title.zh, entry.id) for entry in uploads.entries()]


def _values(entry: Entry) -> list[str]:
    place = entry.place
    return [
        entry.title.zh, entry.title.en, place.zh, place.en, ", ".join(place.also), entry.issuer,
        entry.date, entry.reviews or "", entry.plans or "",
    ]  # fmt: skip


def _blank() -> list[str]:
    return [""] * len(_FIELDS)


def _says(line: str) -> Any:
    return gr.update(value=line, visible=True, lines=min(12, 1 + line.count("\n")))


def _summary(report: Report, said: dict[str, str]) -> str:
    """What was understood of a file, in plain text."""
    characters = sum(len(paragraph.text) for paragraph in report.paragraphs)
    lines = [
        f"{len(report.paragraphs)} {said['paragraphs']}, {characters:,} {said['characters']}",
        f"{said['inferred']}: "
        + ", ".join(said.get(f"inferred_{name}", name) for name in report.info.inferred),
    ]
    if report.dropped:
        lines.append(f"{said['dropped']} ({len(report.dropped)}): {' / '.join(report.dropped[:8])}")
    lines.append(f"{said['first_lines']}:")
    for paragraph in report.paragraphs[:_FIRST_PARAGRAPHS]:
        kind = f"{paragraph.period} {said[paragraph.kind]}"
        lines.append(f"  {paragraph.number}. [{kind}] {paragraph.text[:90]}")
    return "\n".join(lines)
