"""What is configured, present and missing, and the next command to run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from rag.app import App
from rag.errors import IndexingError, ReportQAError
from rag.models import e5_small
from rag.models.fetch import QWEN


@dataclass(frozen=True)
class Check:
    """One thing looked at. `next_command` is empty when nothing needs doing."""

    name: str
    ok: bool
    found: str
    hint: str = ""
    next_command: str = ""


def examine(app: App) -> list[Check]:
    """All checks, in the order in which a newcomer needs them."""
    parts = [_data_dir, _embedding, _index, _endpoint, _local, _engine]
    return [*(part(app) for part in parts), *_slack(app)]


def _data_dir(app: App) -> Check:
    folder = app.settings.data_dir
    nearest = _nearest_existing(folder)
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return Check("data folder", True, f"{folder}")
    message, command = f"{folder} cannot be written", "report-qa doctor --data-dir DIR"
    return Check("data folder", False, message, "choose another", command)


def _nearest_existing(folder: Path) -> Path:
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())


def _embedding(app: App) -> Check:
    if app.embedder.name != e5_small.NAME:
        return Check("embedding model", True, f"{app.embedder.name} (loaded at first use)")
    try:
        e5_small.weights_path()
    except ReportQAError as error:
        return Check("embedding model", False, str(error))
    return Check("embedding model", True, e5_small.NAME)


def _index(app: App) -> Check:
    try:
        index = app.assistant.corpus().index
    except IndexingError as error:
        message, _, command = str(error).partition("; run: ")
        return Check("index", False, message, "run", command or "report-qa ingest seeds")
    except ReportQAError as error:
        return Check("index", False, str(error))
    counts = index.manifest.counts
    return Check("index", True, f"{counts['reports']} reports, {counts['paragraphs']} paragraphs")


def _endpoint(app: App) -> Check:
    settings = app.settings
    if not settings.has_endpoint:
        names = "OPENAI_BASE_URL, OPENAI_API_KEY, REPORT_QA_MODEL"
        return Check("endpoint", False, "none configured (optional)", "set", names)
    if not settings.model:
        return Check("endpoint", False, "REPORT_QA_MODEL is not set", "set", "REPORT_QA_MODEL")
    address = settings.openai_base_url or "api.openai.com"
    return Check("endpoint", True, f"{settings.model} at {address}")


def _local(app: App) -> Check:
    if app.has_local_model:
        return Check("local model", True, QWEN.label)
    return Check("local model", False, "not fetched (optional)", "run", "report-qa models pull")


def _engine(app: App) -> Check:
    return Check("engine", True, f"auto is {app.resolve_engine('auto')} now")


def _slack(app: App) -> list[Check]:
    from ui.slack.setup import tokens_of
    from ui.slack.tokens import MANIFEST_COMMAND, examine_tokens

    found = examine_tokens(tokens_of(app.settings), app.settings.slack_api_url)
    return [
        Check(
            finding.name,
            not finding.remedy,
            finding.found,
            "run" if finding.remedy == MANIFEST_COMMAND else "set" if finding.remedy else "",
            finding.remedy,
        )
        for finding in found
    ]
