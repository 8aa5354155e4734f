"""Stand-ins that compute and can really be talked to: an embedder, a chat endpoint, a file server.

Both servers listen on loopback, keep the requests they get, and misbehave on demand.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import numpy as np

from rag.index.embed import Progress, Vectors

MODEL = "scripted"


class HashingEmbedder:
    """Texts that share runs of one to three characters get near vectors; nothing is loaded.

    `embedded` counts the passages embedded so far.
    """

    def __init__(self, name: str = "hashing", dimension: int = 256) -> None:
        self.name = name
        self.embedded = 0
        self._dimension = dimension

    def embed_query(self, text: str) -> Vectors:
        """Shape (dimension,)."""
        return self._vector(text)

    def embed_passages(self, texts: Sequence[str], progress: Progress = lambda _: None) -> Vectors:
        """Shape (len(texts), dimension)."""
        vectors = np.zeros((len(texts), self._dimension), np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._vector(text)
            progress(1)
        self.embedded += len(texts)
        return vectors

    def warm_up(self) -> None:
        """Nothing to load."""

    def _vector(self, text: str) -> Vectors:
        counts = np.zeros(self._dimension, np.float32)
        counts[0] = 1  # so that a text of nothing has a direction too
        for length in (1, 2, 3):
            for start in range(len(text) - length + 1):
                run = text[start : start + length].encode("utf-8", "surrogatepass")
                counts[zlib.crc32(run) % self._dimension] += 1
        return counts / np.linalg.norm(counts)


class _Server(ThreadingHTTPServer):
    """On a free loopback port, a thread a request, gone at the end of a `with` block."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """`http://127.0.0.1:<port>`."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are part of the play."""


# The chat endpoint


@dataclass(frozen=True)
class Asked:
    """A request as the endpoint got it; names of headers are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


class Reply:
    """What a script writes to: the open connection of one request."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self._handler = handler

    def head(self, status: int, content_type: str, **headers: str) -> None:
        """Status line and headers; what follows is sent in HTTP chunks."""
        self._handler.send_response(status)
        self._handler.send_header("Content-Type", content_type)
        self._handler.send_header("Transfer-Encoding", "chunked")
        self._handler.send_header("Connection", "close")
        for name, value in headers.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.end_headers()

    def send(self, text: str) -> None:
        """One HTTP chunk, at once."""
        data = text.encode()
        self._handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self._handler.wfile.flush()

    def event(self, delta: str | None, finish: str | None = None) -> None:
        """One server-sent event with a piece of the answer."""
        choice = {
            "index": 0,
            "delta": {} if delta is None else {"content": delta},
            "finish_reason": finish,
        }
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": MODEL,
            "choices": [choice],
        }
        self.send(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n")

    def end(self) -> None:
        """The last HTTP chunk."""
        self._handler.wfile.write(b"0\r\n\r\n")

    def reset(self) -> None:
        """Announce a chunk, send half of it, and reset the connection."""
        self._handler.wfile.write(b"40\r\ndata: {")
        self._handler.wfile.flush()
        time.sleep(0.05)  # let what was sent arrive: a reset discards what is under way
        connection = self._handler.connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    def is_gone(self) -> bool:
        """Whether the client has hung up."""
        connection = self._handler.connection
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""


Script = Callable[[Reply], None]
"""Plays one reply."""


def says(
    *pieces: str, finish: str | None = "stop", pause: float = 0.0, after: float = 0.0
) -> Script:
    """A stream of `pieces`, the first `after` seconds, `pause` seconds between; complete unless
    `finish` is None."""

    def play(reply: Reply) -> None:
        time.sleep(after)
        reply.head(200, "text/event-stream")
        for piece in pieces:
            reply.event(piece)
            time.sleep(pause)
        if finish is not None:
            reply.event(None, finish)
            reply.send("data: [DONE]\n\n")
        reply.end()

    return play


def reset_after(*pieces: str) -> Script:
    """A stream whose connection is reset in the middle of a chunk."""

    def play(reply: Reply) -> None:
        reply.head(200, "text/event-stream")
        for piece in pieces:
            reply.event(piece)
        reply.reset()

    return play


def error_after(*pieces: str, message: str) -> Script:
    """A stream that ends with an error event, as servers do that fail in the middle."""

    def play(reply: Reply) -> None:
        reply.head(200, "text/event-stream")
        for piece in pieces:
            reply.event(piece)
        reply.send(f"data: {json.dumps({'error': {'message': message}})}\n\n")
        reply.end()

    return play


def refuses(status: int, **headers: str) -> Script:
    """An error in the form OpenAI gives it."""

    def play(reply: Reply) -> None:
        reply.head(status, "application/json", **headers)
        reply.send(json.dumps({"error": {"message": "no", "type": "error", "code": None}}))
        reply.end()

    return play


def serves(content_type: str, body: str) -> Script:
    """Status 200 with something that is no stream."""

    def play(reply: Reply) -> None:
        reply.head(200, content_type)
        if body:
            reply.send(body)
        reply.end()

    return play


def keeps_alive(*pieces: str) -> Script:
    """`pieces`, then comments every 20 ms until the client hangs up."""

    def play(reply: Reply) -> None:
        reply.head(200, "text/event-stream")
        for piece in pieces:
            reply.event(piece)
        while not reply.is_gone():
            reply.send(": keep-alive\n\n")
            time.sleep(0.02)

    return play


def falls_silent(*pieces: str) -> Script:
    """`pieces`, then nothing until the client hangs up."""

    def play(reply: Reply) -> None:
        reply.head(200, "text/event-stream")
        for piece in pieces:
            reply.event(piece)
        while not reply.is_gone():
            time.sleep(0.02)

    return play


class ScriptedEndpoint(_Server):
    """An OpenAI-compatible endpoint that plays `scripts` in turn and repeats the last.

    `requests` holds what it was asked; `idle` is set while it answers nobody.
    """

    def __init__(self, *scripts: Script) -> None:
        self.scripts = list(scripts)
        self.requests: list[Asked] = []
        self.idle = threading.Event()
        self.idle.set()
        super().__init__(_ChatHandler)

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL would be."""
        return f"{self.address}/v1"

    def next_script(self) -> Script:
        """The script of the next reply."""
        return self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]


class _ChatHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedEndpoint

    def do_POST(self) -> None:
        self.server.idle.clear()
        try:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.server.requests.append(Asked(self.path, headers, body))
            self.server.next_script()(Reply(self))
        finally:
            self.close_connection = True
            self.server.idle.set()

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""


# The file server


@dataclass
class Manners:
    """How a FileServer behaves; change them between requests."""

    ranges: bool = True
    stops_after: int | None = None
    status: int = 200
    chunked: bool = False


@dataclass(frozen=True)
class Fetched:
    """A request for a file: its path and where it wanted to begin."""

    path: str
    start: int


class FileServer(_Server):
    """Serves `files` (path without leading slash → bytes)."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.manners = Manners()
        self.requests: list[Fetched] = []
        super().__init__(_FileHandler)


class _FileHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FileServer

    def do_GET(self) -> None:
        manners = self.server.manners
        asked = self.headers.get("Range", "bytes=0-")
        start = int(asked.removeprefix("bytes=").rstrip("-"))
        self.server.requests.append(Fetched(self.path.lstrip("/"), start))
        data = self.server.files.get(self.path.lstrip("/"))
        status = 404 if data is None else manners.status
        body = (data or b"")[start if manners.ranges else 0 :]
        self.send_response(206 if status == 200 and manners.ranges else status)
        if manners.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        sent = body if manners.stops_after is None else body[: manners.stops_after]
        self.wfile.write(b"%x\r\n%s" % (len(body), sent) if manners.chunked else sent)
        if manners.chunked and sent == body:
            self.wfile.write(b"\r\n0\r\n\r\n")
        self.wfile.flush()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""
