"""`report-qa slack`: the bot and its manifest."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
import yaml

from rag.app import build_app
from rag.errors import ReportQAError
from rag.settings import Settings

slack_cli = typer.Typer(help="The Slack bot; in Socket Mode unless --http.")

_DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", envvar="REPORT_QA_DATA_DIR", help="Where the index is kept."),
]


@slack_cli.callback(
    invoke_without_command=True, epilog="Example: report-qa slack --http --port 3000"
)
def run(
    context: typer.Context,
    http: Annotated[
        bool, typer.Option("--http", help="Take Slack's requests on a port instead.")
    ] = False,
    host: Annotated[str, typer.Option(help="Address to listen on with --http.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port to listen on with --http.")
    ] = 3000,
    data_dir: _DataDir = None,
) -> None:
    """Answer questions in Slack until interrupted; in Socket Mode unless --http."""
    if context.invoked_subcommand:
        return
    app = build_app(data_dir=data_dir)
    _need(app.settings, "slack_signing_secret" if http else "slack_app_token")
    app.assistant.corpus()
    from ui.slack.serve import serve_http, serve_socket
    from ui.slack.setup import config_of

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("report_qa.slack").setLevel(logging.INFO)
    config = config_of(app.settings)
    if http:
        serve_http(app.assistant, app.settings.data_dir, config, host, port)
    else:
        serve_socket(app.assistant, app.settings.data_dir, config)


@slack_cli.command("manifest", epilog="Example: report-qa slack manifest > manifest.yaml")
def print_manifest(
    url: Annotated[
        str, typer.Option("--url", help="The bot's public https address, for HTTP mode.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print the app manifest to create the Slack app from."""
    from ui.slack.manifest import manifest

    if url and not url.startswith("https://"):
        raise typer.BadParameter("Slack takes https addresses only", param_hint="--url")
    made = manifest(url)
    if as_json:
        sys.stdout.write(json.dumps(made, indent=2) + "\n")
    else:
        sys.stdout.write(yaml.safe_dump(made, sort_keys=False, allow_unicode=True))


def _need(settings: Settings, other: str) -> None:
    """Raises ReportQAError unless the bot token and the other credential of the mode are set."""
    for name in ("slack_bot_token", other):
        if not getattr(settings, name).get_secret_value():
            raise ReportQAError(
                f"{name.upper()} is not set; make the app from the output of "
                "`report-qa slack manifest`, then set it in the environment or .env."
            )
