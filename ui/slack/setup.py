"""Settings as the bot's configuration."""

from __future__ import annotations

from rag.settings import Settings
from ui.slack.config import AllowList, BotConfig, Tokens


def config_of(settings: Settings) -> BotConfig:
    """What the settings say to the bot."""
    return BotConfig(
        tokens=tokens_of(settings),
        allow=AllowList(
            _names(settings.slack_workspaces),
            _names(settings.slack_channels),
            _names(settings.slack_users),
        ),
        page=settings.page_url,
        api_url=settings.slack_api_url,
        deadline=settings.slack_deadline_seconds,
        at_once=settings.slack_answers_at_once,
        a_minute=settings.slack_questions_per_minute,
    )


def tokens_of(settings: Settings) -> Tokens:
    """The credentials."""
    return Tokens(
        bot=settings.slack_bot_token.get_secret_value(),
        app=settings.slack_app_token.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
    )


def _names(listed: str) -> frozenset[str]:
    return frozenset(filter(None, (name.strip() for name in listed.split(","))))
