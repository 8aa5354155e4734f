"""The app manifest: what Slack must grant and send. https://docs.slack.dev/reference/app-manifest"""

from __future__ import annotations

from typing import Any

from ui.slack.bot import COMMAND
from ui.slack.http import PATH

SCOPES = {
    "app_mentions:read": "see mentions of the bot",
    "channels:history": "see follow-ups in threads of public channels",
    "groups:history": "see follow-ups in threads of private channels",
    "im:history": "see direct messages to the bot",
    "mpim:history": "see follow-ups in group messages",
    "im:write": "open the direct message for a question of the home tab",
    "chat:write": "answer",
    "commands": "take /report",
    "reactions:write": "show that a question is being worked on",
}
"""The bot token's scopes and what each is for."""

_EVENTS = (
    *("app_mention", "app_home_opened"),
    *("message.channels", "message.groups", "message.im", "message.mpim"),
)


def manifest(address: str = "") -> dict[str, Any]:
    """For Socket Mode; with a public https `address`, for HTTP mode."""
    url = address.rstrip("/") + PATH if address else ""
    command: dict[str, Any] = {
        "command": COMMAND,
        "description": "Ask government work reports; only you see the answer",
        "usage_hint": "QUESTION | reports | help",
        "should_escape": True,
    }
    events: dict[str, Any] = {"bot_events": list(_EVENTS)}
    interactivity: dict[str, Any] = {"is_enabled": True}
    if url:
        command["url"] = events["request_url"] = interactivity["request_url"] = url
    return {
        "display_information": {
            "name": "report-qa",
            "description": "Answers from government work reports, every figure checked",
            "background_color": "#1d4ed8",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "report-qa", "always_online": True},
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }
