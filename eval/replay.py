"""Exchanges with a language model: counted, recorded, and replayed without it.

A recording is JSON lines, gzipped if its name ends in .gz. The first line says whose replies these
are; each further line is `{"key", "pieces"}`, or `{"key", "pieces", "error"}` for a reply that
broke off. The key is the SHA-256 of everything that was sent; what was sent is not kept, nor are
addresses and keys. `{"asked": [...]}` names the questions that the recording was made with.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, Self, runtime_checkable

from pydantic import BaseModel, ConfigDict, ValidationError

from eval.errors import ReplayError
from eval.golden import digest
from eval.results import Usage
from rag.answer.llm import ChatModel
from rag.answer.prompt import Message
from rag.app import App
from rag.errors import EndpointError, ModelError

_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")


class Header(BaseModel):
    """Whose replies a recording holds. `parameters` are those of the requests."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    recording: Literal[1] = 1
    engine: str
    short_prompts: bool
    parameters: dict[str, Any] = {}


class Exchange(BaseModel):
    """A reply as it was streamed; `error` is what the model said when it failed after that."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    key: str
    pieces: tuple[str, ...]
    error: str = ""


@runtime_checkable
class _Parametrised(Protocol):
    """A chat model that says with what parameters it asks."""

    @property
    def parameters(self) -> Mapping[str, Any]: ...


def header_of(model: ChatModel) -> Header:
    """Whose replies a recording of this model holds."""
    parameters = dict(model.parameters) if isinstance(model, _Parametrised) else {}
    return Header(engine=model.engine, short_prompts=model.short_prompts, parameters=parameters)


def exchange_key(header: Header, messages: Sequence[Message]) -> str:
    """SHA-256 of everything that decides a reply: engine and model, parameters, messages."""
    return digest([header.model_dump(), [dict(message) for message in messages]])


class Recording:
    """The exchanges of a file. Those added are on the disk at once, in a file beside it that a
    later recording goes on from; `close` puts everything in order in one file."""

    def __init__(self, path: Path, *, secrets: Iterable[str] = ()) -> None:
        """Reads what is there already. A reply that holds one of the `secrets` is not recorded.

        Raises ReplayError if the file is not a recording.
        """
        self._path = path
        self._secrets = tuple(secret for secret in secrets if secret)
        self._header: Header | None = None
        self._exchanges: dict[str, Exchange] = {}
        self.asked: tuple[str, ...] = ()
        for file in (path, self._unfinished):
            if file.is_file():
                self._read(file, broken_end=file != path)

    @classmethod
    def open(cls, path: Path) -> Self:
        """A recording that must be there. Raises ReplayError if it is not."""
        if not path.is_file():
            raise ReplayError(
                f"{path} does not exist; make it with: report-qa eval --record {path}"
            )
        recording = cls(path)
        if recording._header is None:
            raise ReplayError(f"{path} holds no exchange; record it again.")
        return recording

    @property
    def _unfinished(self) -> Path:
        return self._path.with_name(f"{self._path.name}.part")

    @property
    def header(self) -> Header:
        """Whose replies these are. Raises ReplayError if there are none yet."""
        if self._header is None:
            raise ReplayError(f"{self._path} holds no exchange yet.")
        return self._header

    def get(self, key: str) -> Exchange | None:
        """The reply to a request, if it was recorded."""
        return self._exchanges.get(key)

    def begin(self, header: Header) -> None:
        """Say whose replies follow. Raises ReplayError if those before are another's."""
        if self._header not in (None, header):
            raise ReplayError(
                f"{self._path} holds replies of {self.header.engine}; "
                f"record those of {header.engine} to another file."
            )
        if self._header is None:
            self._header = header
            self._append(header.model_dump_json())

    def add(self, exchange: Exchange) -> None:
        """Keep a reply. Raises ReplayError if it holds a secret, or the file cannot be written."""
        if any(secret in "".join((*exchange.pieces, exchange.error)) for secret in self._secrets):
            raise ReplayError("A reply repeats the API key; it was not recorded.")
        self._exchanges[exchange.key] = exchange
        self._append(_line(exchange))

    def close(self, asked: Iterable[str]) -> None:
        """Write everything in order: the same exchanges give the same bytes."""
        self.asked = tuple(sorted({*self.asked, *asked}))
        if self._header is None:
            return
        lines = [
            self._header.model_dump_json(),
            *(_line(self._exchanges[key]) for key in sorted(self._exchanges)),
            json.dumps({"asked": self.asked}),
        ]
        raw = ("\n".join(lines) + "\n").encode()
        scratch = self._path.with_name(f".{self._path.name}.new")
        packed = gzip.compress(raw, 9, mtime=0) if self._path.suffix == ".gz" else raw
        scratch.write_bytes(packed)
        os.replace(scratch, self._path)
        self._unfinished.unlink(missing_ok=True)

    def _append(self, line: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._unfinished.open("a", encoding="utf-8") as stream:
                stream.write(line + "\n")
        except OSError as error:
            raise ReplayError(f"{self._path} cannot be written ({error.strerror}).") from error

    def _read(self, file: Path, *, broken_end: bool) -> None:
        try:
            raw = file.read_bytes()
            lines = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode().split("\n")
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise ReplayError(f"{file} cannot be read as a recording.") from error
        for number, line in enumerate(filter(None, lines), start=1):
            try:
                self._take(json.loads(line))
            except (ValueError, ValidationError, TypeError) as error:
                if broken_end and number == sum(map(bool, lines)):
                    return
                raise ReplayError(f"{file} line {number} is not part of a recording.") from error

    def _take(self, entry: dict[str, Any]) -> None:
        if "asked" in entry:
            self.asked = tuple(entry["asked"])
        elif "recording" in entry:
            self._header = Header.model_validate(entry)
        else:
            exchange = Exchange.model_validate(entry)
            self._exchanges[exchange.key] = exchange


def _line(exchange: Exchange) -> str:
    entry = exchange.model_dump(exclude_defaults=True)
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"))


class RecordingChatModel:
    """Passes a model's replies on and keeps them; what was kept before is not asked again."""

    def __init__(self, model: ChatModel, recording: Recording) -> None:
        self._model = model
        self._recording = recording
        self._header = header_of(model)
        recording.begin(self._header)

    @property
    def engine(self) -> str:
        """See ChatModel."""
        return self._model.engine

    @property
    def short_prompts(self) -> bool:
        """See ChatModel."""
        return self._model.short_prompts

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """See ChatModel. A reply that broke off is kept with what the model said; one that never
        began (no connection, no access) or was given up is not."""
        key = exchange_key(self._header, messages)
        if known := self._recording.get(key):
            yield from _play(known)
            return
        pieces: list[str] = []
        try:
            for piece in self._model.stream(messages):
                pieces.append(piece)
                yield piece
        except EndpointError as error:
            if pieces:
                said = _CREDENTIALS.sub("", str(error))
                self._recording.add(Exchange(key=key, pieces=tuple(pieces), error=said))
            raise
        self._recording.add(Exchange(key=key, pieces=tuple(pieces)))


class ReplayChatModel:
    """Gives the recorded replies, and nothing else: there is no model behind it."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._header = recording.header

    @property
    def engine(self) -> str:
        """See ChatModel."""
        return self._header.engine

    @property
    def short_prompts(self) -> bool:
        """See ChatModel."""
        return self._header.short_prompts

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """See ChatModel. Raises ReplayError for a request that was not recorded: unlike an
        endpoint that fails, that is no reason to answer in another way."""
        exchange = self._recording.get(exchange_key(self._header, messages))
        if exchange is None:
            raise ReplayError(
                "This request is not recorded; prompts, passages or the model have changed. "
                "Record it again: report-qa eval --record FILE"
            )
        yield from _play(exchange)


def _play(exchange: Exchange) -> Iterator[str]:
    yield from exchange.pieces
    if exchange.error:
        raise EndpointError(exchange.error)


class Meter:
    """Counts what passes through a model between one `take` and the next."""

    def __init__(self) -> None:
        self._usage = Usage()

    def take(self) -> Usage:
        """What was counted; counting begins anew."""
        usage, self._usage = self._usage, Usage()
        return usage

    def measure(self, model: ChatModel) -> ChatModel:
        """The model, counted."""
        return _MeteredChatModel(model, self)

    def count(self, *, characters: int = 0, pieces: int = 0, failed: str = "") -> None:
        """Add to what was counted; a call has `characters`."""
        self._usage = Usage(
            calls=self._usage.calls + bool(characters),
            prompt_characters=self._usage.prompt_characters + characters,
            pieces=self._usage.pieces + pieces,
            failed=failed or self._usage.failed,
        )


class _MeteredChatModel:
    def __init__(self, model: ChatModel, meter: Meter) -> None:
        self._model = model
        self._meter = meter

    @property
    def engine(self) -> str:
        return self._model.engine

    @property
    def short_prompts(self) -> bool:
        return self._model.short_prompts

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        self._meter.count(characters=sum(len(message["content"]) for message in messages))
        try:
            for piece in self._model.stream(messages):
                self._meter.count(pieces=1)
                yield piece
        except (EndpointError, ModelError) as error:
            self._meter.count(failed=str(error))
            raise


class TappedApp(App):
    """The parts of an app with its language model counted and, with a recording, recorded or
    replayed."""

    def __init__(
        self,
        app: App,
        meter: Meter,
        *,
        record: Recording | None = None,
        replay: Recording | None = None,
    ) -> None:
        super().__init__(app.settings)
        self._meter = meter
        self._record = record
        self._replay = replay

    def model_for(self, engine: str) -> ChatModel | None:
        """See App; a replayed model needs neither weights nor an endpoint."""
        if self._replay is not None:
            return self._meter.measure(ReplayChatModel(self._replay))
        model = super().model_for(engine)
        if model is None:
            return None
        return self._meter.measure(
            model if self._record is None else RecordingChatModel(model, self._record)
        )
