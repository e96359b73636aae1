"""Listening to readings: over SSE, and over one persistent WebSocket, with the same events.

    handshake or form → AnalyzeAudio → Recording → process_audio_analysis → events → wire

The rules of a conversation are in `sounditout.connection`, the work in `sounditout.analysis`; here
they meet the network.
"""

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends, FastAPI, Form, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.requests import HTTPConnection

from sounditout.accounts.auth import Identity
from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.decode import DecodeLimits
from sounditout.analysis.events import Analysis, Event
from sounditout.analysis.judge import JudgeLimits
from sounditout.analysis.models import Recording
from sounditout.analysis.stream import StreamLimits, analyze_audio_file_event_stream
from sounditout.connection import handshake
from sounditout.connection.connection import Connection
from sounditout.connection.conversation import Conversation
from sounditout.connection.intake import to_recording
from sounditout.connection.outbox import Close, Outbox
from sounditout.connection.requests_in_flight import Deliver, RequestsInFlight
from sounditout.connection.server_sent import server_sent
from sounditout.dependencies import CurrentUser, session_of
from sounditout.errors import InternalError, Overloaded, Unauthorized
from sounditout.messages import AnalyzeAudio, Limits
from sounditout.persistence.repositories import Readings
from sounditout.routers.forms import ReadingForm, ReadingWithPhonemesForm, message_of
from sounditout.services import Services
from sounditout.settings import Settings
from sounditout.telemetry.readings import observed
from sounditout.wire import CLOSE_CODES, CLOSE_REPLACED, CLOSE_UNAUTHORIZED, refusal

log = structlog.stdlib.get_logger(__name__)

_MULTIPART: Final = "multipart/form-data"
_DRAIN_SECONDS: Final = 5.0
"""For readings that are being listened to when the server stops; each takes about 0.1 s."""


class ConnectionManager:
    """Who is connected. A tab that connects again replaces itself; beyond `max_per_user` the oldest gives way."""

    def __init__(self, max_per_user: int) -> None:
        self._max_per_user = max_per_user
        self._by_user: dict[int, dict[str, Connection]] = {}  # the oldest first

    def __len__(self) -> int:
        return sum(map(len, self._by_user.values()))

    def of_user(self, user_id: int) -> tuple[Connection, ...]:
        return tuple(self._by_user.get(user_id, {}).values())

    def add(self, connection: Connection) -> None:
        for other in self.of_user(connection.user_id):
            if other.client_id is not None and other.client_id == connection.client_id:
                self._replace(other)
        while len(mine := self.of_user(connection.user_id)) >= self._max_per_user:
            self._replace(mine[0])
        self._by_user.setdefault(connection.user_id, {})[connection.connection_id] = connection

    def remove(self, connection: Connection) -> None:
        """Forget a connection; nothing happens when it is not known."""
        mine = self._by_user.get(connection.user_id, {})
        mine.pop(connection.connection_id, None)
        if not mine:
            self._by_user.pop(connection.user_id, None)

    def _replace(self, connection: Connection) -> None:
        connection.outbox.close(Close(CLOSE_REPLACED))
        self.remove(connection)


@dataclass(frozen=True, slots=True)
class Desk:
    """What all connections to this server share."""

    services: Services
    limits: Limits
    connections: ConnectionManager
    requests: RequestsInFlight


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    limits = Limits.model_validate(services.settings, from_attributes=True)
    requests = RequestsInFlight(limits.max_requests_in_flight)
    app.state.desk = Desk(services, limits, ConnectionManager(limits.max_connections_per_user), requests)
    services.drain.register(lambda: requests.drain(_DRAIN_SECONDS))
    yield
    await requests.drain(_DRAIN_SECONDS)


async def get_desk(connection: HTTPConnection) -> Desk:
    """The desk of the server that answers this connection. Asynchronous, or FastAPI would call it in a thread."""
    desk: Desk = connection.app.state.desk
    return desk


DeskDependency = Annotated[Desk, Depends(get_desk)]
router = APIRouter(prefix="/api/ai", tags=["analysis"], lifespan=_lifespan)


def process_audio_analysis(
    recording: Recording, services: Services, cancellation: Cancellation
) -> AsyncGenerator[Event, None]:
    """The events of one reading, which is saved before its report is passed on. Both transports iterate this."""
    limits = _stream_limits(services.settings)
    events = analyze_audio_file_event_stream(
        recording, services.engines, services.workers, limits, cancellation=cancellation
    )
    return observed(_saved(events, recording, services), recording)


async def _saved(
    events: AsyncGenerator[Event, None], recording: Recording, services: Services
) -> AsyncGenerator[Event, None]:
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Analysis) and not await _save(event, recording, services):
                yield refusal(recording.request_id, InternalError(stage="saving"), event.seq)
                return
            yield event


async def _save(event: Analysis, recording: Recording, services: Services) -> bool:
    """Keep the report, in one short transaction; whether that went well."""
    try:
        async with services.database.transaction() as db:
            await Readings(db).save_once(
                user_id=recording.user_id,
                session_id=recording.session_id,
                request_id=recording.request_id,
                report=event.data,
            )
    except Exception:
        log.exception("saving failed", request_id=recording.request_id)
        return False
    return True


def _stream_limits(settings: Settings) -> StreamLimits:
    decode = DecodeLimits(settings.min_audio_seconds, settings.max_audio_seconds, settings.max_audio_bytes)
    return StreamLimits(
        judge=JudgeLimits(decode, settings.max_sentence_characters),
        analysis_seconds=settings.analysis_timeout_seconds,
        coach_seconds=settings.coach_timeout_seconds,
        speech_seconds=settings.speech_timeout_seconds,
    )


async def _submit(desk: Desk, user: Identity, request_id: str, message: AnalyzeAudio, deliver: Deliver) -> None:
    """Begin to work on a reading, if this user may have it listened to.

    Raises:
        SoundItOutError: it was not begun.
    """
    if desk.services.drain.started:
        raise Overloaded
    recording = to_recording(message, user.user_id, request_id, desk.limits)
    await session_of(desk.services, user, recording.session_id)
    desk.requests.start(
        user.user_id, request_id, lambda stop: process_audio_analysis(recording, desk.services, stop), deliver
    )


def _new_request_id() -> str:
    return str(uuid.uuid4())


# Server-sent events


class EventStream(StreamingResponse):
    """Events as they happen."""

    media_type = "text/event-stream"


@router.post("/analyze-audio", response_class=EventStream)
async def analyze_audio(
    user: CurrentUser, desk: DeskDependency, form: Annotated[ReadingForm, Form(media_type=_MULTIPART)]
) -> EventStream:
    """Listen to a reading; the answer is a stream of events."""
    return await _answer(desk, user, form)


@router.post("/analyze-audio-with-phonemes", response_class=EventStream)
async def analyze_audio_with_phonemes(
    user: CurrentUser, desk: DeskDependency, form: Annotated[ReadingWithPhonemesForm, Form(media_type=_MULTIPART)]
) -> EventStream:
    """Judge what a browser heard; the audio, if there is any, is listened to when that cannot be used."""
    return await _answer(desk, user, form)


async def _answer(desk: Desk, user: Identity, form: ReadingForm | ReadingWithPhonemesForm) -> EventStream:
    message = await message_of(form, desk.limits)
    events: asyncio.Queue[Event] = asyncio.Queue()
    request_id = message.request_id or _new_request_id()
    await _submit(desk, user, request_id, message, events.put_nowait)
    return EventStream(
        server_sent(request_id, events), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


class CancelAnswer(BaseModel):
    request_id: str
    cancelled: bool
    """False: it is not being worked on."""


@router.post("/analyze-audio/{request_id}/cancel")
async def cancel_analysis(request_id: str, user: CurrentUser, desk: DeskDependency) -> CancelAnswer:
    """Stop working on a reading; its stream ends with `cancelled`."""
    return CancelAnswer(request_id=request_id, cancelled=desk.requests.cancel(user.user_id, request_id))


# WebSocket


@router.websocket("/ws/audio-analysis")
async def audio_analysis(websocket: WebSocket, desk: DeskDependency) -> None:
    """The persistent connection."""
    settings = desk.services.settings
    if not handshake.origin_allowed(websocket.headers, settings.allowed_origins):
        await websocket.close()  # before `accept`: HTTP 403
        return
    offered = websocket.scope["subprotocols"]
    token = handshake.offered_token(websocket.headers, offered, websocket.query_params)
    await websocket.accept(subprotocol=handshake.selected_subprotocol(offered))
    try:
        user = await desk.services.authenticator.authenticate(token)
    except Unauthorized:  # after `accept`: a browser sees the code of a close, not the status of a handshake
        await websocket.close(CLOSE_UNAUTHORIZED, CLOSE_CODES[CLOSE_UNAUTHORIZED])
        return
    connection = _connection(websocket, user, desk)
    desk.connections.add(connection)
    try:
        with suppress(WebSocketDisconnect):  # it left while something was being sent
            await connection.run()
    finally:
        desk.connections.remove(connection)


def _connection(websocket: WebSocket, user: Identity, desk: Desk) -> Connection:
    async def begin(request_id: str, message: AnalyzeAudio, deliver: Deliver) -> None:
        await _submit(desk, user, request_id, message, deliver)

    settings = desk.services.settings
    connection_id = uuid.uuid4().hex
    return Connection(
        connection_id=connection_id,
        user_id=user.user_id,
        client_id=handshake.client_id(websocket.query_params),
        socket=websocket,
        conversation=Conversation(
            connection_id,
            desk.limits,
            settings.heartbeat_seconds,
            user.expires_at,
            _new_request_id,
            desk.requests.of_user(user.user_id),
        ),
        limits=desk.limits,
        outbox=Outbox(desk.limits.max_outbound_events),
        begin=begin,
        abandon=lambda request_id: desk.requests.cancel(user.user_id, request_id),
        send_seconds=settings.send_timeout_seconds,
    )
