"""Threads for what is done after Slack has its acknowledgement."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ui.slack.calls import SlackLaterError, SlackRefusedError

log = logging.getLogger("report_qa.slack")


class Background:
    """Does things soon, a few at a time; what goes wrong is logged."""

    def __init__(self, name: str, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)

    def soon(self, work: Callable[..., None], *arguments: Any, **named: Any) -> None:
        """Call `work` in one of the threads."""
        self._threads.submit(_logged, work, *arguments, **named)

    def stop(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def place_of(error: BaseException) -> str:
    """`ValueError in rag/answer/llm.py:12`; what an error says may be a person's words."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} in {where}"


def _logged(work: Callable[..., None], *arguments: Any, **named: Any) -> None:
    name = work.__name__.strip("_")
    try:
        work(*arguments, **named)
    except (SlackLaterError, SlackRefusedError) as error:
        log.warning("%s: %s", name, error)
    except Exception as error:
        log.error("%s: %s", name, place_of(error))
