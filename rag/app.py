"""The composition root: settings to parts. Nothing else reads settings."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rag.answer.llm import ChatModel, Endpoint, OpenAIChatModel
from rag.assistant import Assistant
from rag.corpus.parse import PARSER_VERSION
from rag.errors import ModelError, ReportQAError
from rag.index.embed import CrossEncoderReranker, Embedder, load_embedder
from rag.index.ingest import Ingester
from rag.index.store import Signature
from rag.models.fetch import QWEN, Progress, is_present, pull
from rag.models.local_server import LocalServer
from rag.search.glossary import terms
from rag.search.searcher import Searcher
from rag.settings import Settings

_LOCAL_MAX_TOKENS = 200
_NAMED_BY_OTHERS = ("OPENAI_", "SLACK_BOT_", "SLACK_APP_", "SLACK_SIGNING_", "SLACK_API_")
_DEFAULT_BASE_URL = "https://api.openai.com/v1"


class App:
    """The parts, built from settings at first use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model."""
        return load_embedder(self.settings.embedding_model, self.settings.models_dir)

    @cached_property
    def ingester(self) -> Ingester:
        """Brings reports into the index."""
        settings = self.settings
        return Ingester(settings.data_dir, self.embedder, terms(), settings.models_dir)

    @cached_property
    def assistant(self) -> Assistant:
        """Answers questions."""
        searcher = Searcher(
            self.settings.data_dir,
            Signature(self.embedder.name, PARSER_VERSION),
            self.embedder,
            terms(),
            self.settings.models_dir,
            CrossEncoderReranker(self.settings.reranker) if self.settings.reranker else None,
        )
        return Assistant(searcher, self.model_for, self.settings.passages)

    @cached_property
    def _local_server(self) -> LocalServer:
        return LocalServer(QWEN.path(self.settings.models_dir), self.settings.threads)

    @property
    def has_local_model(self) -> bool:
        """Whether the local model's weights are there."""
        return is_present(QWEN, self.settings.models_dir)

    def pull_local_model(self, progress: Progress = lambda *_: None) -> Path:
        """Fetch the local model. Raises ModelError; what was fetched is kept."""
        settings = self.settings
        return pull(QWEN, settings.models_dir, settings.hub_url, settings.model_source, progress)

    def resolve_engine(self, engine: str) -> str:
        """What `auto` stands for now: an endpoint if configured, else the local model if its
        weights are there, else none."""
        if engine == "auto":
            engine = self.settings.engine
        if engine != "auto":
            return engine
        if self.settings.has_endpoint:
            return "api"
        return "local" if self.has_local_model else "extractive"

    def model_for(self, engine: str) -> ChatModel | None:
        """The chat model of an engine; None for the extractive one.

        Raises ModelError if it is not configured or its weights are missing.
        """
        match self.resolve_engine(engine):
            case "api":
                return self._api_model
            case "local":
                return self._local_model
            case _:
                return None

    @cached_property
    def _api_model(self) -> ChatModel:
        settings = self.settings
        if not settings.has_endpoint or not settings.model:
            raise ModelError(
                "No endpoint is configured; set OPENAI_BASE_URL (or OPENAI_API_KEY) and "
                "REPORT_QA_MODEL."
            )
        return OpenAIChatModel(
            Endpoint(
                base_url=settings.openai_base_url or _DEFAULT_BASE_URL,
                api_key=settings.openai_api_key.get_secret_value(),
                model=settings.model,
                deadline=settings.deadline_seconds,
            ),
            engine=f"api:{settings.model}",
        )

    @cached_property
    def _local_model(self) -> ChatModel:
        if not self.has_local_model:
            raise ModelError("The local model is not there yet; run: report-qa models pull")
        return OpenAIChatModel(
            Endpoint(
                base_url=self._local_server.base_url(),
                api_key="",
                model=QWEN.label,
                deadline=self.settings.local_deadline_seconds,
                max_tokens=_LOCAL_MAX_TOKENS,
            ),
            engine=f"local:{QWEN.label}",
            short_prompts=True,
        )


def build_app(**overrides: Any) -> App:
    """An App from the environment, `.env` and overrides (None means: not overridden).

    Raises ReportQAError if a setting has a wrong value.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return App(Settings(**given))
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "(unknown)"
        if name.lower() in Settings.model_fields and not name.startswith(_NAMED_BY_OTHERS):
            name = f"REPORT_QA_{name}"
        raise ReportQAError(
            f"The setting {name} is wrong: {first['msg']}; correct it in the environment or .env."
        ) from error


def build_assistant(**overrides: Any) -> Assistant:
    """An assistant over the corpus in `data_dir`, ready to be asked."""
    return build_app(**overrides).assistant
