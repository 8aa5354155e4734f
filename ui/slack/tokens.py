"""Whether Slack takes the tokens, and whether they may do what the bot does."""

from __future__ import annotations

from dataclasses import dataclass

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from ui.slack.calls import CALL_SECONDS
from ui.slack.config import Tokens
from ui.slack.manifest import SCOPES

MANIFEST_COMMAND = "report-qa slack manifest"


@dataclass(frozen=True)
class Finding:
    """What is the matter with one credential; `remedy` is empty if nothing is."""

    name: str
    found: str
    remedy: str = ""


def examine_tokens(tokens: Tokens, api_url: str) -> list[Finding]:
    """Ask Slack about the tokens that are set; says nothing of their values."""
    if not (tokens.bot or tokens.app or tokens.signing_secret):
        return [Finding("slack", "not set up (optional)", MANIFEST_COMMAND)]
    client = WebClient(base_url=api_url, timeout=CALL_SECONDS, retry_handlers=[])
    return [_bot(client, tokens.bot), _reachable(client, tokens)]


def _bot(client: WebClient, token: str) -> Finding:
    name = "slack bot token"
    if not token:
        return Finding(name, "SLACK_BOT_TOKEN is not set", "SLACK_BOT_TOKEN")
    if not token.startswith("xoxb-"):
        return Finding(name, "SLACK_BOT_TOKEN does not begin with xoxb-", "SLACK_BOT_TOKEN")
    try:
        reply = client.auth_test(token=token)
    except SlackApiError as error:
        return Finding(name, f"Slack refuses it ({_code(error)})", "SLACK_BOT_TOKEN")
    except Exception as error:  # urllib raises what it likes
        return _unreachable(name, error)
    granted = {scope.strip() for scope in _scopes(reply.headers).split(",")}
    missing = [f"{scope} ({SCOPES[scope]})" for scope in SCOPES if scope not in granted]
    if missing:
        found = f"scopes are missing: {', '.join(missing)}; add them and reinstall the app"
        return Finding(name, found, MANIFEST_COMMAND)
    return Finding(name, f"{reply.get('user')} in {reply.get('team')}, all scopes granted")


def _reachable(client: WebClient, tokens: Tokens) -> Finding:
    """The app token of Socket Mode, or the signing secret of HTTP mode."""
    if tokens.app:
        name = "slack app token"
        if not tokens.app.startswith("xapp-"):
            return Finding(name, "SLACK_APP_TOKEN does not begin with xapp-", "SLACK_APP_TOKEN")
        try:
            client.apps_connections_open(app_token=tokens.app)
        except SlackApiError as error:
            found = f"Slack refuses it ({_code(error)}); it needs the scope connections:write"
            return Finding(name, found, "SLACK_APP_TOKEN")
        except Exception as error:
            return Finding(
                name, f"Slack cannot be reached ({type(error).__name__})", "SLACK_API_URL"
            )
        return Finding(name, "Socket Mode can connect")
    if tokens.signing_secret:
        return Finding("slack signing secret", "set, for HTTP mode")
    found = "neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP mode) is set"
    return Finding("slack app token", found, "SLACK_APP_TOKEN")


def _unreachable(name: str, error: Exception) -> Finding:
    return Finding(name, f"Slack cannot be reached ({type(error).__name__})", "SLACK_API_URL")


def _code(error: SlackApiError) -> str:
    return str(error.response.get("error", "unknown"))[:60]


def _scopes(headers: dict[str, str]) -> str:
    return next((str(v) for name, v in headers.items() if name.lower() == "x-oauth-scopes"), "")
