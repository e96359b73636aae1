"""What may be sent in the body of a request: only by whom we know, only so much, and only for so long."""

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sounditout.errors import Unauthorized
from sounditout.http.problems import UPLOADS, body_too_large, problem
from sounditout.services import Services

BODY_SECONDS: Final = 120.0
"""From the first byte of the body to the last: the largest recording over 0.4 Mbit/s."""


class UploadGuard:
    """Turns away recordings of nobody before they are received: forms are read before an endpoint sees the token."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"].startswith(UPLOADS):
            services: Services = scope["app"].state.services
            try:
                services.authenticator.check_signature(_bearer_token(Headers(scope=scope)))
            except Unauthorized as error:
                await problem(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class BodyLimit:
    """Refuses a request body that is too large, before it is read when its length is announced, or too slow.

    Args:
        limit_for: bytes allowed at a path.
        seconds: until the body is complete.
    """

    def __init__(self, app: ASGIApp, limit_for: Callable[[str], int], seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._limit_for = limit_for
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_for(scope["path"])
        if _announced(Headers(scope=scope)) > limit:
            await body_too_large(scope["path"])(scope, receive, send)
            return
        await self._app(scope, _Bounded(receive, limit, self._seconds), send)


class _Bounded:
    """The receiving side of one request."""

    def __init__(self, receive: Receive, limit: int, seconds: float) -> None:
        self._receive = receive
        self._left = limit
        self._until = asyncio.get_running_loop().time() + seconds
        self._complete = False

    async def __call__(self) -> Message:
        if self._complete:  # what comes now is that the client leaves
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError as error:
            raise HTTPException(408) from error
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(413)
        self._complete = not message.get("more_body", False)
        return message


def _bearer_token(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _announced(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0
