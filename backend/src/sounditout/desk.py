"""Where a reading is handed in, by whichever way it came, and its events are asked for."""

from collections.abc import AsyncGenerator, Callable

from sounditout.accounts.identity import Identity
from sounditout.analysis.arrival import Arrival, Arrivals
from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.events import Event
from sounditout.analysis.models import Recording
from sounditout.connection.held_requests import HeldRequest, HeldRequests, HoldLimits
from sounditout.connection.intake import to_recording
from sounditout.dependencies import session_of
from sounditout.errors import Forbidden, Overloaded
from sounditout.limits import Limits
from sounditout.messages import AnalyzeAudio, AudioStart
from sounditout.services import Services
from sounditout.settings import Settings

Process = Callable[[Recording, Services, Cancellation, Arrival | None], AsyncGenerator[Event, None]]
"""Work on one reading."""


class Desk:
    """One for all connections to a server process."""

    def __init__(self, services: Services, process: Process) -> None:
        self.services = services
        self.limits = Limits.model_validate(services.settings, from_attributes=True)
        self.requests = HeldRequests(_hold_limits(services.settings))
        self._arrivals = Arrivals(services.settings.max_audio_bytes, services.settings.max_arriving_bytes)
        self._process = process

    def of(self, user: Identity) -> "UserDesk":
        """The desk as one user sees it."""
        return UserDesk(self, user)

    async def begin(self, user: Identity, request_id: str, message: AnalyzeAudio | AudioStart) -> HeldRequest:
        """Begin to work on a reading, if this user may have it listened to; or find it, if it has come before.

        Raises:
            SoundItOutError: it was not begun.
        """
        known = self.requests.find(user.user_id, request_id)
        if known is not None and not known.may_run_again:
            return known
        if self.services.drain.started:
            raise Overloaded
        recording = to_recording(message, user.user_id, request_id, self.limits)
        await session_of(self.services, user, recording.session_id)
        arrival = self._arrivals.open() if isinstance(message, AudioStart) else None
        return self.requests.begin(
            user.user_id, request_id, lambda stop: self._process(recording, self.services, stop, arrival), arrival
        )


class UserDesk:
    """See `connection.Requests`."""

    __slots__ = ("_desk", "_user")

    def __init__(self, desk: Desk, user: Identity) -> None:
        self._desk = desk
        self._user = user

    async def begin(self, request_id: str, message: AnalyzeAudio | AudioStart) -> HeldRequest:
        return await self._desk.begin(self._user, request_id, message)

    def find(self, request_id: str) -> HeldRequest | None:
        return self._desk.requests.find(self._user.user_id, request_id)

    async def renew(self, token: str) -> Identity:
        """Raises Unauthorized, or Forbidden for somebody else's token."""
        renewed = await self._desk.services.authenticator.authenticate(token)
        if renewed.user_id != self._user.user_id:
            raise Forbidden
        return renewed


def _hold_limits(settings: Settings) -> HoldLimits:
    return HoldLimits(
        running_per_user=settings.max_requests_in_flight,
        ended_per_user=settings.max_held_requests,
        seconds=settings.hold_seconds,
        bytes=settings.max_held_bytes,
    )
