"""Chat models behind an OpenAI-compatible endpoint. The only module that imports openai."""

from __future__ import annotations

import ipaddress
import json
import queue
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from rag.answer.prompt import Message
from rag.errors import EndpointError

_CONNECT_SECONDS = 5.0
_RETRY_SECONDS = 0.5


class ChatModel(Protocol):
    """Streams the text of one reply."""

    @property
    def engine(self) -> str:
        """`api:<model>` or `local:<model>`."""

    @property
    def short_prompts(self) -> bool:
        """Whether long prompts cost too much."""

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pieces of text. Raises EndpointError if the reply does not come whole; closing the
        iterator stops the model."""


@dataclass(frozen=True)
class Endpoint:
    """Where and how to reach a model. `deadline` is for a whole reply, in seconds."""

    base_url: str
    api_key: str
    model: str
    deadline: float
    max_tokens: int = 800


class OpenAIChatModel:
    """Any OpenAI-compatible endpoint, with one deadline for the whole reply.

    The stream is read in a thread of its own: keep-alive comments of some servers defeat the
    client's read timeout, and a blocked read could not be given up otherwise.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        engine: str,
        short_prompts: bool = False,
        http_client: Any = None,
    ) -> None:
        """`http_client` is an `httpx2.Client`, for tests and proxies."""
        self._endpoint = endpoint
        self.engine = engine
        self.short_prompts = short_prompts
        self._http_client = http_client
        self._client: Any = None

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """See ChatModel."""
        pieces: queue.Queue[str | BaseException | None] = queue.Queue()
        line = _Line()
        reader = threading.Thread(
            target=self._read, args=(messages, pieces, line), name="chat-stream", daemon=True
        )
        give_up = time.monotonic() + self._endpoint.deadline
        reader.start()
        try:
            while True:
                try:
                    piece = pieces.get(timeout=max(0.0, give_up - time.monotonic()))
                except queue.Empty:
                    raise EndpointError(self._too_late()) from None
                if piece is None:
                    return
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:
            line.hang_up()

    def _read(
        self,
        messages: Sequence[Message],
        pieces: queue.Queue[str | BaseException | None],
        line: _Line,
    ) -> None:
        try:
            for piece in self._request(messages, line):
                pieces.put(piece)
            pieces.put(None)
        except Exception as error:  # the consumer's thread re-raises it; nothing is swallowed
            pieces.put(self._explain(error, begun=line.is_open))

    def _request(self, messages: Sequence[Message], line: _Line) -> Iterator[str]:
        finish = None
        seen = False
        with self._open(messages, line) as stream:
            line.opened(stream.response)
            for chunk in stream:
                if line.is_hung_up:
                    return
                if choices := getattr(chunk, "choices", None):
                    seen = True
                    finish = choices[0].finish_reason or finish
                    if choices[0].delta and choices[0].delta.content:
                        yield choices[0].delta.content
        if not seen:
            raise EndpointError(self._not_a_chat_endpoint())
        if finish == "length":
            raise EndpointError(
                f"The reply of the model at {self._endpoint.base_url} reached its length limit; "
                "ask for less at a time."
            )
        if finish != "stop":
            how = f"ended with {finish!r}" if finish else "broke off"
            raise EndpointError(
                f"The reply of the model at {self._endpoint.base_url} {how}; ask again."
            )

    def _open(self, messages: Sequence[Message], line: _Line) -> Any:
        """The stream, asked for once more where the server fails before it begins.

        The client's own retries would also wait out a Retry-After and repeat what took too long.
        """
        import openai

        def create() -> Any:
            return self._connect().chat.completions.create(
                model=self._endpoint.model,
                messages=list(messages),
                temperature=0,
                max_tokens=self._endpoint.max_tokens,
                stream=True,
            )

        try:
            return create()
        except openai.APITimeoutError:
            raise
        except (openai.APIConnectionError, openai.InternalServerError):
            time.sleep(_RETRY_SECONDS)
            if line.is_hung_up:
                raise
            return create()

    def _connect(self) -> Any:
        if self._client is None:
            import openai

            # A proxy of the environment cannot reach a server on this machine.
            direct = openai.DefaultHttpxClient(trust_env=False)
            self._client = openai.OpenAI(
                base_url=self._endpoint.base_url,
                api_key=self._endpoint.api_key.strip() or "none",
                timeout=openai.Timeout(self._endpoint.deadline, connect=_CONNECT_SECONDS),
                max_retries=0,
                # A connection serves one reply, so that hanging up never hits another.
                default_headers={"Connection": "close"},
                http_client=self._http_client
                or (direct if _is_loopback(self._endpoint.base_url) else None),
            )
        return self._client

    def _explain(self, error: Exception, *, begun: bool) -> BaseException:
        """One sentence a user can act on; anything unforeseen is passed on as it is."""
        import openai

        url = self._endpoint.base_url
        match error:
            case EndpointError():
                return error
            case openai.APITimeoutError():
                said = self._too_late()
            case openai.APIStatusError():
                said = self._refusal(error.status_code, error.response.headers, error.body)
            case openai.APIConnectionError() if begun:
                said = f"The reply of the model at {url} broke off; ask again."
            case openai.APIConnectionError():
                said = (
                    f"No model answers at {url}; check that it is running and that "
                    "OPENAI_BASE_URL is right."
                )
            case openai.APIError():
                said = (
                    f"The model at {url} failed in its reply ({_brief(error.message)}); ask again."
                )
            case UnicodeEncodeError():
                said = "OPENAI_API_KEY holds characters that no key has; set it to your key."
            case json.JSONDecodeError() | AttributeError() | TypeError():
                said = self._not_a_chat_endpoint()
            case _:
                return error
        explained = EndpointError(said)
        explained.__cause__ = error
        return explained

    def _too_late(self) -> str:
        return (
            f"The model at {self._endpoint.base_url} took longer than "
            f"{self._endpoint.deadline:g} s; try again, or raise REPORT_QA_DEADLINE_SECONDS "
            "(for the local model, REPORT_QA_LOCAL_DEADLINE_SECONDS)."
        )

    def _not_a_chat_endpoint(self) -> str:
        return (
            f"{self._endpoint.base_url} did not answer as a chat endpoint; check OPENAI_BASE_URL "
            "(it usually ends in /v1)."
        )

    def _refusal(self, status: int, headers: Any, body: object) -> str:
        url, model = self._endpoint.base_url, self._endpoint.model
        match status:
            case 401:
                return f"{url} refused the key (401); check OPENAI_API_KEY."
            case 403:
                return (
                    f"{url} does not allow this key to use {model!r} (403); "
                    "check OPENAI_API_KEY and REPORT_QA_MODEL."
                )
            case 404:
                return (
                    f"{url} does not know the model {model!r} or the address is wrong (404); "
                    "check OPENAI_BASE_URL and REPORT_QA_MODEL."
                )
            case 429:
                wait = headers.get("retry-after", "")
                when = f"in {wait} s" if wait.isdigit() else "later"
                return f"{url} is limiting requests (429); try again {when}."
            case _ if status < 500:
                said = _brief(body.get("message") if isinstance(body, dict) else body)
                return (
                    f"{url} rejected the request ({status}: {said}); "
                    "check OPENAI_BASE_URL and REPORT_QA_MODEL."
                )
            case _:
                return f"{url} answered with an error ({status}); try again later."


class _Line:
    """The connection of one reply: the reader's thread reads it, the consumer's hangs it up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._response: Any = None
        self.is_hung_up = False

    @property
    def is_open(self) -> bool:
        """Whether a reply has begun."""
        return self._response is not None

    def opened(self, response: Any) -> None:
        """The reply begins: what `hang_up` has to end."""
        with self._lock:
            self._response = response
        if self.is_hung_up:
            self.hang_up()

    def hang_up(self) -> None:
        """End the reply: a read that waits for it returns, and the server sees it."""
        with self._lock:
            self.is_hung_up = True
            network = self._response.extensions.get("network_stream") if self._response else None
            connection = network.get_extra_info("socket") if network else None
            if connection:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _brief(message: object) -> str:
    """A server's own words in one short line."""
    return " ".join(str(message or "no reason given").split())[:200].rstrip(".")
