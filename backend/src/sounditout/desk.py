"""Where a reading is handed in, by whichever way it came, and its events are asked for."""

import time
import uuid
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from functools import partial
from typing import Final, get_args

from sounditout.accounts.identity import Identity
from sounditout.analysis.arrival import Arrival, Arrivals
from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.decode import DecodeLimits
from sounditout.analysis.events import Event
from sounditout.analysis.judge import JudgeLimits
from sounditout.analysis.models import Recording, Strictness
from sounditout.analysis.receiving import ReceiveLimits
from sounditout.analysis.stream import StreamLimits
from sounditout.connection.connection import Connection, Socket
from sounditout.connection.conversation import Conversation
from sounditout.connection.held_requests import HeldRequest, HeldRequests, HoldLimits
from sounditout.connection.intake import to_recording
from sounditout.connection.server_sent import Streams
from sounditout.errors import Forbidden, Overloaded, UnknownSession
from sounditout.limits import Limits
from sounditout.messages import AnalyzeAudio, AudioStart
from sounditout.persistence.repositories import admission
from sounditout.services import Services
from sounditout.settings import Settings
from sounditout.telemetry.metrics import Transport

Process = Callable[[Recording, Services, Cancellation, Transport, Arrival | None], AsyncGenerator[Event, None]]
"""Work on one reading."""


_STRICTNESS: Final[dict[object, Strictness]] = {name: name for name in get_args(Strictness)}


class Desk:
    """One for all connections to a server process."""

    def __init__(self, services: Services, process: Process) -> None:
        self.services = services
        self.limits = Limits.model_validate(services.settings, from_attributes=True)
        self.requests = HeldRequests(_hold_limits(services.settings))
        self.streams = Streams()
        self._arrivals = Arrivals(services.settings.max_audio_bytes, services.settings.max_arriving_bytes)
        self._process = process

    def connect(self, socket: Socket, client_id: str | None, user: Identity) -> Connection:
        """A connection that waits to be run."""
        settings = self.services.settings
        conversation = Conversation(
            uuid.uuid4().hex,
            self.limits,
            settings.heartbeat_seconds,
            time.time(),
            user.expires_at,
            new_request_id,
            self.requests.of_user(user.user_id),
        )
        return Connection(
            user=user,
            client_id=client_id,
            socket=socket,
            conversation=conversation,
            requests=UserDesk(self, user),
            limits=self.limits,
            send_seconds=settings.send_timeout_seconds,
        )

    async def begin(
        self, user: Identity, request_id: str, message: AnalyzeAudio | AudioStart, transport: Transport
    ) -> HeldRequest:
        """Begin to work on a reading, if this user may have it listened to; or find it, if it has come before.

        Raises:
            SoundItOutError: it was not begun.
        """
        known = self.requests.find(user.user_id, request_id)
        if known is None or known.may_run_again:
            known = await self._begin(user, request_id, message, transport)
        if known.arrival is not None and isinstance(message, AnalyzeAudio) and message.audio:
            known.arrival.put_whole(message.audio)  # the client has changed its way in the middle
        return known

    async def _admit(self, user: Identity, session_id: int) -> Strictness:
        """How strictly to listen to this user, whose session it has to be.

        Raises:
            UnknownSession, Forbidden
        """
        found = await self.services.database.read_at_once(partial(admission, session_id=session_id))
        if found is None:
            raise UnknownSession
        owner_id, chosen = found
        if owner_id != user.user_id:
            raise Forbidden
        return _STRICTNESS.get(chosen.get("strictness"), "normal")

    async def _begin(
        self, user: Identity, request_id: str, message: AnalyzeAudio | AudioStart, transport: Transport
    ) -> HeldRequest:
        recording = to_recording(message, user.user_id, request_id, self.limits)
        recording = replace(recording, strictness=await self._admit(user, recording.session_id))
        if self.services.drain.started:
            raise Overloaded
        arrival = self._arrivals.open() if isinstance(message, AudioStart) else None
        return self.requests.begin(
            user.user_id,
            request_id,
            lambda stop: self._process(recording, self.services, stop, transport, arrival),
            arrival,
        )


class UserDesk:
    """The desk as one user sees it; see `connection.Requests`."""

    __slots__ = ("_desk", "_user")

    def __init__(self, desk: Desk, user: Identity) -> None:
        self._desk = desk
        self._user = user

    async def begin(self, request_id: str, message: AnalyzeAudio | AudioStart) -> HeldRequest:
        return await self._desk.begin(self._user, request_id, message, "websocket")

    def find(self, request_id: str) -> HeldRequest | None:
        return self._desk.requests.find(self._user.user_id, request_id)

    async def renew(self, token: str) -> Identity:
        """Raises Unauthorized, or Forbidden for somebody else's token."""
        renewed = await self._desk.services.authenticator.authenticate(token)
        if renewed.user_id != self._user.user_id:
            raise Forbidden
        return renewed


def new_request_id() -> str:
    """For a request that came without one."""
    return str(uuid.uuid4())


def _hold_limits(settings: Settings) -> HoldLimits:
    return HoldLimits(
        running_per_user=settings.max_requests_in_flight,
        ended_per_user=settings.max_held_requests,
        seconds=settings.hold_seconds,
        bytes=settings.max_held_bytes,
    )


def stream_limits(settings: Settings) -> StreamLimits:
    """What is accepted of a reading, and how long its parts may take."""
    idle = settings.upload_idle_seconds
    decode = DecodeLimits(settings.min_audio_seconds, settings.max_audio_seconds, settings.max_audio_bytes)
    return StreamLimits(
        judge=JudgeLimits(decode, settings.max_sentence_characters),
        receive=ReceiveLimits(idle_seconds=idle, total_seconds=settings.max_audio_seconds + idle),
        analysis_seconds=settings.analysis_timeout_seconds,
        coach_seconds=settings.coach_timeout_seconds,
        speech_seconds=settings.speech_timeout_seconds,
    )
