"""What pages have measured, as figures and as evidence for the rollout. Pure, but for the figures it is given."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sounditout.errors import all_codes
from sounditout.rollout.evidence import latency_bin
from sounditout.rollout.experience import Experience
from sounditout.telemetry.metrics import WITHIN_SECONDS, Metrics, Transport
from sounditout.wire import CLOSE_CODES

MAX_MILLISECONDS: Final = 600_000
"""Ten minutes: more than any reading may take, so what is above was not measured."""
_MAX_SESSION_SECONDS: Final = 7 * 24 * 3600
_OTHER: Final = "other"

Milliseconds = Annotated[float, Field(ge=0, le=MAX_MILLISECONDS, allow_inf_nan=False)]
CloseCode = Annotated[int, Field(ge=1000, le=4999)]
Reason = Literal[
    "not_connected",
    "opening",
    "live",
    "chosen",
    "blocked",
    "lost",
    "unreachable",
    "offline",
    "restarting",
    "busy",
    "signed_out",
    "replaced",
    "fault",
    "disconnected",
]
"""Why a page is connected as it is; its own words."""

NOT_OUR_FAULT: Final = {
    "unsupported_audio": "the recording",
    "audio_too_short": "the learner",
    "audio_too_long": "the learner",
    "audio_too_large": "the learner",
    "no_speech": "the learner, or the microphone",
    "invalid_sentence": "the learner, who wrote it",
    "unauthorized": "the learner, who has signed out or stayed away",
    "forbidden": "the learner, who has signed in as somebody else",
    "unknown_session": "the learner, who has deleted it",
    "too_many_requests": "the learner, who reads in several tabs",
    "cancelled": "the learner",
    "replaced": "the learner, who has opened another tab",
    "disconnected": "the learner, who has left",
}
"""Error codes of failed readings that say nothing of the service, and whose they are.

Every other code is a failure of the service, also one that only a page knows (the network was lost, no event came), a
message that the server could not read (our own page wrote it), and an end without any code.
"""
_NOT_BROKEN: Final = frozenset({"chosen", "signed_out", "replaced", "restarting", "offline", "disconnected"})
"""Reasons for which leaving the WebSocket says nothing of it."""


def is_broken(reason: str) -> bool:
    """Whether a WebSocket that was left for this reason did not hold."""
    return reason not in _NOT_BROKEN


class _Measured(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Connected(_Measured):
    """A WebSocket became ready."""

    kind: Literal["connected"]
    transport: Literal["websocket"]
    milliseconds: Milliseconds = Field(description="from beginning to connect")


class Reading(_Measured):
    """A reading ended."""

    kind: Literal["reading"]
    transport: Transport
    later: bool = Field(description="not the first since the page was loaded")
    outcome: Literal["complete", "failed", "cancelled"]
    code: Annotated[str, Field(pattern="^[a-z_]{1,40}$")] | None = Field(None, description="of the error")
    first_event_ms: Milliseconds | None = Field(None, description="from handing it in")
    words_ms: Milliseconds | None = Field(None, description="from the end of the recording to `analysis`")

    @property
    def failed(self) -> bool:
        """Whether the service has failed."""
        return self.outcome == "failed" and self.code not in NOT_OUR_FAULT


class Session(_Measured):
    """A WebSocket was no longer wanted."""

    kind: Literal["session"]
    transport: Literal["websocket"]
    seconds: Annotated[float, Field(ge=0, le=_MAX_SESSION_SECONDS, allow_inf_nan=False)]
    broken: bool = Field(description="lost at least once")
    close_code: CloseCode | None = None


class Fallback(_Measured):
    """A page went over from the WebSocket to SSE."""

    kind: Literal["fallback"]
    reason: Reason


class Reconnected(_Measured):
    """A lost WebSocket was ready again."""

    kind: Literal["reconnected"]
    close_code: CloseCode | None = None
    milliseconds: Milliseconds = Field(description="since it was lost")


Measurement = Annotated[Connected | Reading | Session | Fallback | Reconnected, Field(discriminator="kind")]


def record(metrics: Metrics, measurement: Measurement, percentage: int) -> None:
    """Add one to the figures.

    Args:
        percentage: of the rollout, when it was measured.
    """
    stage = str(percentage)
    match measurement:
        case Connected():
            metrics.client_ready.labels("websocket", stage).observe(measurement.milliseconds / 1000)
        case Reading():
            _record_reading(metrics, measurement, stage)
        case Session():
            _record_session(metrics, measurement, stage)
        case Fallback():
            metrics.client_fallbacks.labels(stage, measurement.reason).inc()
        case Reconnected():
            metrics.client_reconnects.labels(stage, close_label(measurement.close_code)).inc()


def _record_reading(metrics: Metrics, reading: Reading, stage: str) -> None:
    where = reading.transport, stage
    metrics.client_readings.labels(*where, reading.outcome, _yes(reading.failed)).inc()
    if reading.first_event_ms is not None:
        metrics.client_first_event.labels(*where, _yes(reading.later)).observe(reading.first_event_ms / 1000)
    if reading.words_ms is not None:
        metrics.client_words.labels(*where).observe(reading.words_ms / 1000)


def _record_session(metrics: Metrics, session: Session, stage: str) -> None:
    metrics.client_sessions.labels("websocket", stage, _yes(session.broken)).inc()
    metrics.client_session_seconds.labels(stage).inc(session.seconds)
    metrics.client_session_closes.labels(stage, close_label(session.close_code)).inc()


def experience(measurements: Sequence[Measurement]) -> Experience:
    """What they say of the rollout.

    A cancelled reading says nothing of how readings end. A fallback is a session that did not stay whole: the page
    wanted a WebSocket and went on without one, so there is no `session` of it. A later reading that failed before its
    first event was slow.
    """
    readings = [one for one in measurements if isinstance(one, Reading)]
    ended = [one for one in readings if one.outcome != "cancelled"]
    later = [one for one in readings if one.later and (one.first_event_ms is not None or one.failed)]
    sessions = [one for one in measurements if isinstance(one, Session)]
    fallbacks = [one for one in measurements if isinstance(one, Fallback) and is_broken(one.reason)]
    return Experience(
        readings=len(ended),
        failed_readings=sum(one.failed for one in ended),
        later_requests=len(later),
        slow_later_requests=sum(_is_slow(one) for one in later),
        sessions=len(sessions) + len(fallbacks),
        broken_sessions=sum(one.broken for one in sessions) + len(fallbacks),
        latencies=Counter(latency_bin(one.words_ms) for one in readings if one.words_ms is not None),
    )


def _is_slow(reading: Reading) -> bool:
    return reading.first_event_ms is None or reading.first_event_ms >= WITHIN_SECONDS * 1000


def code_label(code: str | None) -> str:
    """An error code as a label: "" for none."""
    return "" if code is None else code if code in _CODES else _OTHER


def close_label(code: int | None) -> str:
    """A close code as a label: 1006 for an end without one."""
    return "1006" if code is None else str(code) if code in _CLOSES else _OTHER


def _yes(value: bool) -> str:  # noqa: FBT001
    return "true" if value else "false"


_CODES: Final = frozenset(all_codes())
_CLOSES: Final = frozenset({*CLOSE_CODES, 1005, 1006})
