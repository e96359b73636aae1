"""The events of one reading over HTTP: a POST, and a GET that goes on with a stream that broke.

POST ──stream──→ events … ─→ the terminal one
  ↑ 404             │ broken
  └────────────── GET with Last-Event-ID, after a wait
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import Final

import httpx

from sounditout.analysis.events import TERMINAL, Event
from sounditout.client.answers import connection_errors, refusal, refused_event
from sounditout.client.backoff import Backoff
from sounditout.client.credentials import Credentials
from sounditout.client.errors import ClientError, ConnectionFailed, UnreadableAnswer
from sounditout.client.reading import parse_event, parse_object, sendable
from sounditout.client.request import Request
from sounditout.client.sse import SseDecoder
from sounditout.client.state import State
from sounditout.client.timing import Timing

_PATH: Final = "/api/ai/analyze-audio"
SSE_RETIRED: Final = "sse_retired"
_RAISED: Final = frozenset({"unauthorized", SSE_RETIRED})
"""Refusals that say nothing of the reading: somebody else has to do something about them."""


class _Unknown(ClientError):
    """The server does not know the request any more."""

    def __init__(self) -> None:
        super().__init__("invalid_message", "This reading is not known any more.", retryable=True)


class SseStream:
    """The events of one request, over as many answers as it takes."""

    def __init__(
        self,
        request: Request,
        http: httpx.AsyncClient,
        credentials: Credentials,
        timing: Timing,
        show: Callable[[State], object],
    ) -> None:
        self._request = request
        self._http = http
        self._credentials = credentials
        self._timing = timing
        self._show = show
        self._backoff = Backoff(timing.chance)
        self._resume = request.sent and request.audio.is_whole
        self._renewed = False

    async def events(self) -> AsyncGenerator[Event, None]:
        """All that have not come before. Raises ClientError."""
        self._show(State.CONNECTING)
        while True:
            token = self._credentials.current()
            try:
                async with aclosing(self._attempt()) as events:
                    async for event in events:
                        self._heard()
                        if self._request.received(event):
                            yield event
                        if self._request.ended:
                            return
                self._request.trouble = ConnectionFailed("The server broke off before the reading was finished.")
            except ClientError as error:
                await self._mend(error, token)
            self._show(State.RECONNECTING)
            await self._timing.sleep(self._backoff.next())

    def _heard(self) -> None:
        self._backoff.reset()
        self._renewed = False
        self._resume = True

    async def _mend(self, error: ClientError, token: str) -> None:
        """Make ready for another attempt. Raises `error` when there is no use in one."""
        if isinstance(error, _Unknown):
            self._resume = False
        elif isinstance(error, ConnectionFailed) and error.retryable:
            self._request.trouble = error
        elif error.code == "unauthorized" and self._credentials.can_renew and not self._renewed:
            await self._renew(token)
        else:
            raise error

    async def _renew(self, token: str) -> None:
        try:
            await self._credentials.renew(token)
        except ConnectionFailed as error:
            self._request.trouble = error
        else:
            self._renewed = True

    async def _attempt(self) -> AsyncGenerator[Event, None]:
        """The events of one answer, which may break off.

        Raises:
            _Unknown: there is nothing to resume.
            ClientError
        """
        opening = self._resumed() if self._resume else await self._posted()
        with connection_errors():
            async with opening as response:
                if not response.is_success:
                    await response.aread()
                    yield _refused(response, self._request, resume=self._resume)
                    return
                self._show(State.READY)
                async with aclosing(_events(response)) as events:
                    async for event in events:
                        yield event

    async def _posted(self) -> AbstractAsyncContextManager[httpx.Response]:
        audio = await self._request.audio.whole()
        self._request.begin()
        return self._answer_to(audio)

    @asynccontextmanager
    async def _answer_to(self, audio: bytes) -> AsyncIterator[httpx.Response]:
        """The answer to a form with the whole recording.

        The form is sent in one piece, as browsers do: part by part it would be ten packets, which fill the first
        window of a new connection and cost it another round trip.
        """
        reading = self._request.reading
        request = self._http.build_request(
            "POST",
            _PATH,
            headers=self._credentials.header(),
            data={
                "attempted_sentence": reading.sentence,
                "session_id": str(reading.session_id),
                "request_id": reading.request_id,
            },
            files={"audio_file": (sendable(reading.filename), audio, reading.content_type)},
        )
        await request.aread()
        response = await self._http.send(request, stream=True)
        try:
            yield response
        finally:
            await response.aclose()

    def _resumed(self) -> AbstractAsyncContextManager[httpx.Response]:
        headers = self._credentials.header() | {"Last-Event-ID": self._request.last_event_id}
        return self._http.stream("GET", f"{_PATH}/{self._request.request_id}/events", headers=headers)


async def _events(response: httpx.Response) -> AsyncGenerator[Event, None]:
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        raise UnreadableAnswer
    decoder = SseDecoder()
    async for chunk in response.aiter_bytes():
        for message in decoder.feed(chunk):
            event = parse_event(parse_object(message.data))
            if event is not None:
                yield event
            if isinstance(event, TERMINAL):
                return


def _refused(response: httpx.Response, request: Request, *, resume: bool) -> Event:
    refused = refusal(response)
    if resume and response.status_code == httpx.codes.NOT_FOUND:
        raise _Unknown
    if refused.code in _RAISED:
        raise refused
    return refused_event(request.request_id, refused)
