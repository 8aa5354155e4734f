"""Starts and stops the bot, in Socket Mode or behind HTTP."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.error import BoltError
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from rag.assistant import Assistant
from rag.errors import ReportQAError, ServerError
from ui.feedback import FeedbackStore
from ui.slack.answering import Answering
from ui.slack.bot import Bot
from ui.slack.calls import CALL_SECONDS, Calls
from ui.slack.config import BotConfig
from ui.slack.deliveries import Deliveries
from ui.slack.http import web_app

log = logging.getLogger("report_qa.slack")

_SOCKET_THREADS = 16
_SWITCH_SECONDS = 0.0005
_CONNECTIONS = 512
_LARGEST_HEADER = 32_768


def serve_http(
    assistant: Assistant, data_dir: Path, config: BotConfig, host: str, port: int
) -> None:
    """Take Slack's requests until interrupted. Raises ReportQAError if that cannot be."""
    with _listening(host, port) as listener, _running(assistant, data_dir, config) as app:
        server = uvicorn.Server(
            uvicorn.Config(
                web_app(app, config.tokens.signing_secret),
                log_config=None,
                access_log=False,
                server_header=False,
                http="h11",
                lifespan="off",
                limit_concurrency=_CONNECTIONS,
                h11_max_incomplete_event_size=_LARGEST_HEADER,
            )
        )
        log.info("listening on http://%s:%d", host, listener.getsockname()[1])
        server.run(sockets=[listener])


def serve_socket(assistant: Assistant, data_dir: Path, config: BotConfig) -> None:
    """Stay connected to Slack until interrupted. Raises ReportQAError if that cannot be."""
    with _running(assistant, data_dir, config) as app:
        handler = SocketModeHandler(app, config.tokens.app, concurrency=_SOCKET_THREADS)
        try:
            handler.connect()
        except SlackApiError as error:
            raise ReportQAError(
                f"Slack refuses SLACK_APP_TOKEN ({error.response.get('error')}); it needs the "
                "scope connections:write, and Socket Mode must be on; run: report-qa doctor"
            ) from error
        except OSError as error:
            raise ServerError(f"Slack cannot be reached ({error}); check the network.") from error
        log.info("connected to Slack in Socket Mode")
        try:
            threading.Event().wait()
        finally:
            handler.close()


@contextmanager
def _running(assistant: Assistant, data_dir: Path, config: BotConfig) -> Iterator[App]:
    """The bolt app with everything behind it; what is not finished at the end is given back."""
    # A thread that computes must not keep one that acknowledges waiting for long.
    sys.setswitchinterval(_SWITCH_SECONDS)
    client = WebClient(
        token=config.tokens.bot,
        base_url=config.api_url,
        timeout=CALL_SECONDS,
        retry_handlers=[],
        logger=_sdk_log(),
    )
    app = _bolt(client)
    for question in ("瑞安的生产总值", "the GDP of Ruian"):  # so that nobody waits for models
        assistant.search(question)
    store = Deliveries(data_dir)
    calls = Calls(client)
    answering = Answering(assistant, store, calls, config)
    Bot(assistant, store, calls, answering, FeedbackStore(data_dir), config).register(app)
    answering.start()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield app
    except KeyboardInterrupt:
        log.info("stopping")
    finally:
        answering.stop()
        store.close()


def _bolt(client: WebClient) -> App:
    """Signatures are checked before bolt sees a request; its own check would log the body."""
    try:
        return App(
            client=client,
            logger=_sdk_log(),
            signing_secret="",
            request_verification_enabled=False,
            process_before_response=True,
            raise_error_for_unhandled_request=True,
        )
    except BoltError as error:
        raise ReportQAError(
            "Slack refuses SLACK_BOT_TOKEN; copy it again from OAuth & Permissions of the app, "
            "or run: report-qa doctor"
        ) from error
    except OSError as error:
        raise ServerError(f"Slack cannot be reached ({error}); check the network.") from error


def _sdk_log() -> logging.Logger:
    """For bolt and the SDK, which log what people write at the levels below."""
    logger = logging.getLogger("report_qa.slack.sdk")
    logger.setLevel(logging.ERROR)
    return logger


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise ServerError(
                f"Port {port} on {host} cannot be used ({error.strerror}); "
                "choose another with --port."
            ) from error
        listener.listen(_CONNECTIONS)
        yield listener


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
