"""What every request passes: whose it is, where it comes from, how large it is; and the headers
that every response carries."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.corpus.read import MAX_BYTES

REQUEST_BYTES = 1_000_000
UPLOAD_BYTES = MAX_BYTES + REQUEST_BYTES
_OPEN = ("/healthz",)
_SAFE = ("GET", "HEAD", "OPTIONS")
Dress = Callable[[bytes], bytes]
"""The frame's HTML → that of our page."""
_SCRIPT = re.compile(rb"<script(?=[\s>])")
# Gradio sets styles from its scripts; its own script files and ours are all that may run.
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
)
_HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


@dataclass(frozen=True)
class Rules:
    """Who may ask.

    `secret` is `user:password` or a token, "" for everybody. `hosts` are the names by which the
    server may be addressed, empty for any: without a password a page of another site must not
    reach a server on this machine under a name of its own.
    """

    secret: str = ""
    hosts: frozenset[str] = frozenset()


def is_loopback(host: str) -> bool:
    """Whether an address reaches this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Gate:
    """ASGI middleware around everything that is served."""

    def __init__(
        self, app: ASGIApp, rules: Rules, pages: Mapping[str, Dress] | None = None
    ) -> None:
        """`pages` are paths of HTML whose inline scripts are the frame's own, and what is changed
        in it besides."""
        self._rules = rules
        self._pages = pages or {}
        self._small = RequestBodyLimitMiddleware(app, max_body_size=REQUEST_BYTES)
        self._large = RequestBodyLimitMiddleware(app, max_body_size=UPLOAD_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "lifespan":
            await self._small(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        nonce = secrets.token_urlsafe(16)
        answer = _Answer(send, nonce, self._pages.get(scope["path"]))
        headers = Headers(scope=scope)
        refusal = self._refuse(scope, headers)
        if refusal:
            await refusal(scope, receive, answer.send)
            return
        if answer.dress:  # its bytes are changed on the way
            scope["headers"] = [h for h in scope["headers"] if h[0] != b"accept-encoding"]
        app = self._large if scope["path"].endswith("/gradio_api/upload") else self._small
        await app(scope, receive, answer.send)

    def _refuse(self, scope: Scope, headers: Headers) -> JSONResponse | None:
        host = headers.get("host", "")
        name = urlsplit(f"//{host}").hostname or ""
        if self._rules.hosts and name not in self._rules.hosts:
            return _refusal(400, f"This server is not to be addressed as {name[:80]!r}.")
        origin = headers.get("origin")
        if origin and scope["method"] not in _SAFE and urlsplit(origin).netloc != host:
            return _refusal(403, "Requests from pages of other sites are not answered.")
        if scope["path"] in _OPEN or self._is_known(headers.get("authorization", "")):
            return None
        refusal = _refusal(401, "A password or token is needed (REPORT_QA_AUTH of the server).")
        refusal.headers["WWW-Authenticate"] = 'Basic realm="report-qa", charset="UTF-8"'
        return refusal

    def _is_known(self, authorization: str) -> bool:
        """Basic with user and password (of a token: as the password), or Bearer with either."""
        secret = self._rules.secret
        if not secret:
            return True
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() == "basic":
            try:
                given = base64.b64decode(given, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return False
            given = given if ":" in secret else given.partition(":")[2]
        elif scheme.lower() != "bearer":
            return False
        return secrets.compare_digest(given.encode(), secret.encode())


def _refusal(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"detail": sentence}, status)


class _Answer:
    """Adds headers to a response, and the nonce to the inline scripts of a page."""

    def __init__(self, send: Send, nonce: str, dress: Dress | None) -> None:
        self._send = send
        self._nonce = nonce
        self.dress = dress
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """What the application sends."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers["Content-Security-Policy"] = _POLICY.format(nonce=self._nonce)
            html = headers.get("content-type", "").startswith("text/html")
            if self.dress and html and message["status"] == 200:
                headers["Cache-Control"] = "no-store"
                self._start = message
                return
        elif self._start is not None:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            assert self.dress
            nonce = f'<script nonce="{self._nonce}"'.encode()
            body = _SCRIPT.sub(nonce, self.dress(self._body))
            message = {"type": "http.response.body", "body": body}
            MutableHeaders(scope=self._start)["content-length"] = str(len(message["body"]))
            await self._send(self._start)
        await self._send(message)
