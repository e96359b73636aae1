"""Around every request: an id and a line in the log, protective headers."""

import re
import secrets
import time
from typing import Final
from urllib.parse import quote

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sounditout.errors import InternalError
from sounditout.http.problems import problem

log = structlog.get_logger(__name__)

_SAFE_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET_PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines; logged at debug level only."""

_LOGGED_PATH_CHARACTERS: Final = 200

_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",  # the listening model in the browser is WebAssembly
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "media-src 'self' data: blob:",  # a recording before it is sent; spoken feedback
        "worker-src 'self' blob:",
        "connect-src 'self'",  # the WebSocket, too: ws and wss of the same host belong to 'self'
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_SECURITY_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # The next three isolate the page, which lets WebAssembly use several threads.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SecurityHeaders:
    """Tells browsers to load nothing from elsewhere and to keep answers of the API out of caches."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _protect(MutableHeaders(scope=message), scope["path"])
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _protect(headers: MutableHeaders, path: str) -> None:
    for name, value in _SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    if path.startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")


class RequestLog:
    """Gives each request an id, writes one line when it is answered, and turns a crash into a plain 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        http_request_id = _request_id(Headers(scope=scope))
        with structlog.contextvars.bound_contextvars(http_request_id=http_request_id):
            await _Answer(self._app, scope, http_request_id)(receive, send)


async def log_connection(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """What `RequestLog` does, for a WebSocket that stays open: one coroutine, and nothing else that waits with it."""
    structlog.contextvars.bind_contextvars(http_request_id=_request_id(Headers(scope=scope)))
    started = time.perf_counter()
    try:
        await app(scope, receive, send)
    finally:
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        log.info("request", method="WEBSOCKET", path=_shown(scope["path"]), milliseconds=milliseconds)


class _Answer:
    """One request on its way to its answer."""

    def __init__(self, app: ASGIApp, scope: Scope, http_request_id: str) -> None:
        self._app = app
        self._scope = scope
        self._id = http_request_id
        self._started = time.perf_counter()
        self._status: int | None = None

    async def __call__(self, receive: Receive, send: Send) -> None:
        async def send_and_look(message: Message) -> None:
            self._look(message)
            await send(message)

        try:
            await self._app(self._scope, receive, send_and_look)
        except Exception:
            if self._scope["type"] != "http" or self._status is not None:
                raise  # too late for an answer: uvicorn closes the connection and logs the traceback
            log.exception("request failed", path=_shown(self._scope["path"]))
            await problem(InternalError())(self._scope, receive, send_and_look)
        finally:
            self._log()

    def _look(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            MutableHeaders(scope=message)["X-Request-ID"] = self._id
        elif message["type"] == "websocket.accept":
            self._status = 101

    def _log(self) -> None:
        # The path only: the query may hold a token.
        write = log.debug if self._scope["path"] in _QUIET_PATHS else log.info
        write(
            "request",
            method=self._scope.get("method", "WEBSOCKET"),
            path=_shown(self._scope["path"]),
            status=self._status,
            milliseconds=round((time.perf_counter() - self._started) * 1000, 1),
        )


def _shown(path: str) -> str:
    """A path for the log: no line ends or colours of its own, and of bounded length."""
    return quote(path)[:_LOGGED_PATH_CHARACTERS]


def _request_id(headers: Headers) -> str:
    """The caller's, so that logs of a proxy and ours can be joined, when it is harmless; else a new one."""
    given = headers.get("x-request-id", "")
    return given if _SAFE_ID.fullmatch(given) else secrets.token_hex(8)
