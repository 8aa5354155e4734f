"""Questions asked side by side: each in a thread of its own, stopped when nobody listens."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from rag.assistant import Assistant, Event
from rag.errors import ReportQAError
from rag.types import Answer, Turn

_AT_ONCE = 32
_WAITING = 32


class BusyError(ReportQAError):
    """More questions are under way than this server takes on."""

    def __init__(self) -> None:
        super().__init__("Too many questions are being answered just now; ask again in a moment.")


class Asking:
    """Asks an assistant from asynchronous code.

    Long answers wait in their threads for the model, so that the searches of others go on. At
    most `at_once` questions run and `waiting` more wait for their turn.
    """

    def __init__(
        self, assistant: Assistant, at_once: int = _AT_ONCE, waiting: int = _WAITING
    ) -> None:
        self.assistant = assistant
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="ask")
        self._most = at_once + waiting
        self._under_way = 0

    async def ask(
        self, question: str, history: Sequence[Turn], engine: str = "auto", k: int | None = None
    ) -> AsyncIterator[Event]:
        """The assistant's events as they come; closing the iterator stops the model.

        Raises what `Assistant.ask` raises, and BusyError.
        """
        if self._under_way >= self._most:
            raise BusyError
        loop = asyncio.get_running_loop()
        events: asyncio.Queue[Event | BaseException | None] = asyncio.Queue()
        stopped = threading.Event()

        def put(event: Event | BaseException | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(events.put_nowait, event)

        def run() -> None:
            asked = self.assistant.ask(question, history, engine, k)
            try:
                for event in asked:
                    if stopped.is_set():
                        break
                    put(event)
                put(None)
            except BaseException as error:  # re-raised where the events are read
                put(error)
            finally:
                asked.close()
                if not loop.is_closed():
                    loop.call_soon_threadsafe(self._done)

        self._under_way += 1
        self._pool.submit(run)
        try:
            while (event := await events.get()) is not None:
                if isinstance(event, BaseException):
                    raise event
                yield event
        finally:
            stopped.set()

    async def answer(
        self, question: str, history: Sequence[Turn], engine: str = "auto", k: int | None = None
    ) -> Answer:
        """The whole answer at once. Raises what `ask` raises."""
        found: Answer | None = None
        async for event in self.ask(question, history, engine, k):
            if isinstance(event, Answer):
                found = event
        assert found is not None
        return found

    def close(self) -> None:
        """Take on nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _done(self) -> None:
        self._under_way -= 1
