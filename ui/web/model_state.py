"""What can be said about the language model: on its way, ready, down, or none."""

from __future__ import annotations

import threading

from rag.app import App
from rag.errors import ModelError
from rag.models.fetch import QWEN
from rag.types import Answer, Language
from ui.web.words import words


class ModelState:
    """Fetches the local model in the background, and remembers how the endpoint last did."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._fetching = ""
        self._is_down = False

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

    def saw(self, answer: Answer) -> None:
        """Learn from an answer whether the endpoint is there."""
        if self._app.resolve_engine("auto") == "api" and answer.status == "answered":
            self._is_down = not answer.engine.startswith("api:") and bool(answer.problems)

    def line(self, language: Language) -> str:
        """One line for the page."""
        said = words(language)
        if self._fetching:
            if not self._fetching.endswith("%"):
                return self._fetching
            return said["state_fetching"].format(label=QWEN.label, done=self._fetching)
        engine = self._app.resolve_engine("auto")
        model = self._app.settings.model if engine == "api" else QWEN.label
        if engine == "api" and self._is_down:
            return said["state_down"].format(model=model)
        if engine == "extractive":
            return said["state_extractive"]
        return said["state_ready"].format(engine=f"{said[f'engine_{engine}']} ({model})")
