"""Listening to readings: over SSE, and over one persistent WebSocket, with the same events.

    handshake or form → AnalyzeAudio → Recording → process_audio_analysis → events → wire

The rules of a conversation are in `sounditout.connection`, the work in `sounditout.analysis`, and `sounditout.desk`
is where both meet; here they meet the network.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Final

from fastapi import APIRouter, Depends, FastAPI, Form, Header
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from sounditout.accounts.identity import Identity
from sounditout.analysis.arrival import Arrival
from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.events import Event
from sounditout.analysis.models import Recording
from sounditout.analysis.stream import analyze_audio_file_event_stream
from sounditout.connection.connection import Connection
from sounditout.connection.held_requests import HeldRequest
from sounditout.connection.server_sent import after_seq
from sounditout.dependencies import CurrentUser
from sounditout.desk import Desk, new_request_id, stream_limits
from sounditout.errors import TooManyRequests, UnknownRequest
from sounditout.messages import RequestId
from sounditout.records import saved
from sounditout.routers.door import let_in
from sounditout.routers.forms import ReadingForm, ReadingWithPhonemesForm, message_of
from sounditout.services import Services
from sounditout.sweeping import sweep
from sounditout.telemetry.measurements import close_label
from sounditout.telemetry.metrics import Metrics, Transport
from sounditout.telemetry.readings import metered, observed, remembered

SOCKET_PATH: Final = "/api/ai/ws/audio-analysis"
"""The app hands connections to this path to `audio_analysis` directly."""
_MULTIPART: Final = "multipart/form-data"
_RECONNECTS_PER_SECOND: Final = 25
"""What a server that has just started takes in its stride, next to its first readings."""


class ConnectionManager:
    """Who is connected. A tab that connects again replaces itself; beyond `max_per_user` the oldest gives way."""

    def __init__(self, max_per_user: int, max_in_all: int, processes: int = 1) -> None:
        self._max_per_user = max_per_user
        self._max_in_all = max_in_all
        self._processes = processes
        self._by_user: dict[int, list[Connection]] = {}  # the oldest first

    def __len__(self) -> int:
        return sum(map(len, self._by_user.values()))

    def has_room_for(self, user_id: int, client_id: str | None) -> bool:
        """Whether one more may come; one that takes the place of another always may."""
        mine = self.of_user(user_id)
        replaces = client_id is not None and any(connection.client_id == client_id for connection in mine)
        return replaces or len(mine) >= self._max_per_user or len(self) < self._max_in_all

    @property
    def all(self) -> tuple[Connection, ...]:
        return tuple(connection for mine in self._by_user.values() for connection in mine)

    def of_user(self, user_id: int) -> tuple[Connection, ...]:
        return tuple(self._by_user.get(user_id, ()))

    def add(self, connection: Connection) -> None:
        for other in self.of_user(connection.user_id):
            if other.client_id is not None and other.client_id == connection.client_id:
                self._replace(other)
        while len(mine := self.of_user(connection.user_id)) >= self._max_per_user:
            self._replace(mine[0])
        self._by_user.setdefault(connection.user_id, []).append(connection)

    def remove(self, connection: Connection) -> None:
        """Forget a connection; nothing happens when it is not known."""
        mine = self._by_user.get(connection.user_id, [])
        if connection in mine:
            mine.remove(connection)
        if not mine:
            self._by_user.pop(connection.user_id, None)

    def revoke(self, user_id: int) -> None:
        """The tokens of a user have ended."""
        for connection in self.of_user(user_id):
            connection.revoke()

    def drain(self) -> None:
        """Tell everybody that the server stops, and to come back spread out over as long as that many need."""
        everywhere = len(self) * self._processes  # the others stop as well, with about as many
        within = max(1.0, everywhere / _RECONNECTS_PER_SECOND)
        for connection in self.all:
            connection.drain(round(within * 1000))

    def stop(self) -> None:
        """Close all connections."""
        for connection in self.all:
            connection.stop()

    def _replace(self, connection: Connection) -> None:
        connection.replace()
        self.remove(connection)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    settings = services.settings
    desk = Desk(services, process_audio_analysis)
    connections = ConnectionManager(settings.max_connections_per_user, settings.max_connections, settings.processes)
    app.state.desk, app.state.connections = desk, connections
    services.revocations.on_revoked(connections.revoke)
    services.revocations.on_revoked(desk.streams.revoke)
    services.revocations.on_revoked(desk.requests.forget)

    async def drain() -> None:
        connections.drain()
        await desk.requests.drain(settings.drain_seconds)
        connections.stop()

    services.drain.register(drain)
    sweeping = sweep(
        settings.sweep_seconds,
        desk.requests,
        services.authenticator,
        lambda: (*connections.all, *desk.streams.all),
    )
    sweeper = asyncio.create_task(sweeping)
    try:
        yield
    finally:
        sweeper.cancel()
        await desk.requests.drain(settings.drain_seconds)


async def get_desk(connection: HTTPConnection) -> Desk:
    """The desk of the server that answers this connection. Asynchronous, or FastAPI would call it in a thread."""
    desk: Desk = connection.app.state.desk
    return desk


DeskDependency = Annotated[Desk, Depends(get_desk)]
router = APIRouter(prefix="/api/ai", tags=["analysis"], lifespan=_lifespan)


def process_audio_analysis(
    recording: Recording,
    services: Services,
    cancellation: Cancellation,
    transport: Transport,
    arrival: Arrival | None = None,
) -> AsyncGenerator[Event, None]:
    """The events of one reading, which is saved before its report is passed on. Both transports iterate this.

    Args:
        transport: by which it came first.
        arrival: its audio, when it is still being recorded.
    """
    trace = services.tracing.begin(recording, transport)
    events = analyze_audio_file_event_stream(
        recording,
        services.engines,
        services.workers,
        stream_limits(services.settings),
        arrival=arrival,
        cancellation=cancellation,
    )
    kept = remembered(saved(trace.of_work(events), recording, services.database), recording, services.database)
    return metered(
        observed(trace.of_reading(kept), recording, arrival),
        services.metrics,
        transport,
        services.flag.percentage,
    )


# Server-sent events


class EventStream(StreamingResponse):
    """Events as they happen."""

    media_type = "text/event-stream"


LastEventId = Annotated[str | None, Header(description="leaves out the events up to this one")]


@router.post("/analyze-audio", response_class=EventStream)
async def analyze_audio(
    user: CurrentUser,
    desk: DeskDependency,
    form: Annotated[ReadingForm, Form(media_type=_MULTIPART)],
    last_event_id: LastEventId = None,
) -> EventStream:
    """Listen to a reading; the answer is a stream of events."""
    return await _answer(desk, user, form, last_event_id)


@router.post("/analyze-audio-with-phonemes", response_class=EventStream)
async def analyze_audio_with_phonemes(
    user: CurrentUser,
    desk: DeskDependency,
    form: Annotated[ReadingWithPhonemesForm, Form(media_type=_MULTIPART)],
    last_event_id: LastEventId = None,
) -> EventStream:
    """Judge what a browser heard; the audio, if there is any, is listened to when that cannot be used."""
    return await _answer(desk, user, form, last_event_id)


async def _answer(
    desk: Desk, user: Identity, form: ReadingForm | ReadingWithPhonemesForm, last_event_id: str | None
) -> EventStream:
    message = await message_of(form, desk.limits)
    held = await desk.begin(user, message.request_id or new_request_id(), message, "sse")
    return _stream(desk, user, held, last_event_id)


@router.get("/analyze-audio/{request_id}/events", response_class=EventStream)
async def resume_analysis(
    request_id: str, user: CurrentUser, desk: DeskDependency, last_event_id: LastEventId = None
) -> EventStream:
    """The events of a reading that was handed in before, by whichever way."""
    held = desk.requests.find(user.user_id, request_id)
    if held is None:
        raise UnknownRequest
    return _stream(desk, user, held, last_event_id)


def _stream(desk: Desk, user: Identity, held: HeldRequest, last_event_id: str | None) -> EventStream:
    if held.is_crowded:
        raise TooManyRequests
    events = desk.streams.server_sent(user, held, after_seq(last_event_id, held.request_id))
    return EventStream(events, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


class CancelAnswer(BaseModel):
    request_id: str
    cancelled: bool
    """False: it is not being worked on."""


@router.post("/analyze-audio/{request_id}/cancel")
async def cancel_analysis(request_id: RequestId, user: CurrentUser, desk: DeskDependency) -> CancelAnswer:
    """Stop working on a reading; its stream ends with `cancelled`."""
    return CancelAnswer(request_id=request_id, cancelled=desk.requests.cancel(user.user_id, request_id))


# WebSocket


async def audio_analysis(scope: Scope, receive: Receive, send: Send) -> None:
    """The persistent connection: an ASGI app, because whatever is around it waits as long as it is open."""
    connections: ConnectionManager = scope["app"].state.connections
    connection = await let_in(scope, receive, send, connections.has_room_for)
    if connection is None:
        return
    connections.add(connection)
    metrics = _metrics(scope)
    metrics.connections.inc()
    metrics.connections_opened.inc()
    try:
        with suppress(OSError):  # it left while something was being sent
            await connection.run()
    finally:
        connections.remove(connection)
        metrics.connections.dec()
        metrics.connections_closed.labels(close_label(connection.close_code)).inc()


def _metrics(scope: Scope) -> Metrics:
    services: Services = scope["app"].state.services
    return services.metrics
