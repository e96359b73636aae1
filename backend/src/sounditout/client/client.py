"""The client: an account, a practice session, readings."""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

import httpx

from sounditout.analysis.events import Event
from sounditout.client.errors import ConnectionFailed, Refused, UnreadableAnswer
from sounditout.client.reading import Reading, Transport, parse_object
from sounditout.client.sse_transport import SseTransport, bearer, connection_errors, refusal
from sounditout.client.ws_transport import WebSocketTransport

TransportName = Literal["sse", "ws"]

_TIMEOUT: Final = httpx.Timeout(10.0, read=60.0, write=60.0)
"""Seconds. A server that listens says so every 15 s at least; four times that is silence."""


class Client:
    """One user's way to a server; use it as an asynchronous context manager.

    Args:
        base_url: of the server, `http://127.0.0.1:8000`. Proxies in the environment are not used.
        transport: how readings travel; everything else is plain HTTP.
        token: from an earlier `sign_in`, instead of a new one.

    Raises:
        ConnectionFailed: `base_url` is not the address of a server.
    """

    def __init__(self, base_url: str, transport: TransportName = "sse", token: str | None = None) -> None:
        base_url = _checked(base_url)
        self._http = httpx.AsyncClient(base_url=base_url, timeout=_TIMEOUT, trust_env=False)
        self._transport: Transport = WebSocketTransport(base_url) if transport == "ws" else SseTransport(self._http)
        self._session_id: int | None = None
        self.token = token

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._transport.close()
        await self._http.aclose()

    async def register(self, username: str, password: str) -> None:
        """Make an account and sign in. Raises ClientError; `Refused` with status 409 when the name is taken."""
        await self._post("/api/auth/register", json={"username": username, "password": password})
        await self.sign_in(username, password)

    async def sign_in(self, username: str, password: str) -> None:
        """Get a token. Raises ClientError; `Refused` with code `unauthorized` for a wrong name or password."""
        self._accept(await self._post("/api/auth/token", data={"username": username, "password": password}))

    async def guest(self) -> None:
        """Get a token for a new user without a name. Raises ClientError."""
        self._accept(await self._post("/api/auth/guest"))

    async def create_session(self, activity: str | None = None) -> int:
        """Begin a practice session, which later readings belong to. Raises ClientError."""
        answer = await self._post("/api/sessions", json={"activity": activity}, headers=self._bearer())
        if not isinstance(answer.get("id"), int):
            raise UnreadableAnswer
        self._session_id = int(answer["id"])
        return self._session_id

    async def analyze(
        self, audio: bytes, filename: str, sentence: str, *, session_id: int | None = None
    ) -> AsyncIterator[Event]:
        """Have a reading judged; the events as they come, the last of them `complete`, `error` or `cancelled`.

        Without a session id it belongs to the session of this client, which is made when there is none. What goes
        wrong with the reading is an `error` event, the same on both transports.

        Raises:
            ClientError: the events could not be brought to their end.
        """
        if session_id is None:
            session_id = self._session_id if self._session_id is not None else await self.create_session()
        reading = Reading(audio, filename, sentence, session_id)
        async for event in self._transport.analyze(reading, self._signed_in()):
            yield event

    async def cancel(self, request_id: str) -> bool:
        """Stop the work on a reading, whose events then end with `cancelled`; False when there was none."""
        answer = await self._post(f"/api/ai/analyze-audio/{request_id}/cancel", headers=self._bearer())
        return answer.get("cancelled") is True

    async def _post(
        self,
        path: str,
        json: dict[str, str | None] | None = None,
        data: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        with connection_errors():
            response = await self._http.post(path, json=json, data=data, headers=headers)
        if not response.is_success:
            raise refusal(response)
        return parse_object(response.text)

    def _accept(self, answer: dict[str, Any]) -> None:
        if not isinstance(answer.get("access_token"), str):
            raise UnreadableAnswer
        self.token = answer["access_token"]
        self._session_id = None  # it belonged to whoever was signed in before

    def _signed_in(self) -> str:
        if self.token is None:
            raise Refused("unauthorized", "Please sign in first.", status=401, retryable=False)
        return self.token

    def _bearer(self) -> dict[str, str]:
        return bearer(self._signed_in())


def _checked(base_url: str) -> str:
    """The address without a slash at its end, its scheme in small letters."""
    try:
        parts = urlsplit(base_url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts.geturl().rstrip("/")
    except ValueError:
        pass
    raise ConnectionFailed(
        "This is not the address of a server; one looks like http://127.0.0.1:8000.", retryable=False
    )
