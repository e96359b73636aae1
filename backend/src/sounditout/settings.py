"""Every setting, its unit and its reason. Read once from `SOUNDITOUT_*` variables, then passed on as a value."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from sounditout.rollout.decide import Switch

_ROOT = Path(__file__).resolve().parents[3]


def _split(value: object) -> object:
    """One variable holds several values, comma-separated."""
    return (
        tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        if isinstance(value, str)
        else value
    )


class Settings(BaseSettings):
    """Configuration of one server process."""

    model_config = SettingsConfigDict(env_prefix="SOUNDITOUT_", frozen=True, extra="ignore")

    # Where things are
    database_url: str = Field(
        default=f"sqlite+aiosqlite:///{_ROOT / 'data' / 'sounditout.db'}",
        validation_alias=AliasChoices("DATABASE_URL", "SOUNDITOUT_DATABASE_URL", "database_url"),
    )
    """SQLAlchemy URL; `postgresql://…` works as it is. Default: one SQLite file under `data/`."""
    models_dir: Path = _ROOT / "models"
    """Folder with the listening models that set-up prepares."""
    web_dir: Path = _ROOT / "frontend" / "dist"
    """Folder with the built web app; the API is served without it when it is missing."""
    secret_file: Path = _ROOT / "data" / "secret.key"
    """Where the signing key is kept when `secret_key` is not set; made at the first start, mode 0600."""

    # Who may do what
    secret_key: SecretStr | None = None
    """Key that signs tokens, at least 32 characters. All server processes must share it."""
    token_lifetime_seconds: int = Field(default=12 * 3600, ge=60)
    """One school day: nobody signs in twice in a day."""
    allowed_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = ()
    """Further origins (scheme://host[:port], comma-separated) whose pages may connect; same origin always may."""

    metrics_token: SecretStr | None = None
    """Bearer token of who may read `/metrics`; without one only programs of the same machine may, not by a proxy."""

    # The rollout of the WebSocket
    use_websocket: Switch = Field(
        default="auto", validation_alias=AliasChoices("USE_WEBSOCKET", "SOUNDITOUT_USE_WEBSOCKET", "use_websocket")
    )
    """The kill switch: `off` for nobody; `on` for everybody who has not chosen otherwise; `auto` for those who have
    chosen it, and those whose turn it is in the rollout: nobody before `sounditout rollout start`, as what a network
    does to WebSockets is known only when some have tried."""
    sse_enabled: bool = Field(
        default=True, validation_alias=AliasChoices("SSE_ENABLED", "SOUNDITOUT_SSE_ENABLED", "sse_enabled")
    )
    """Whether readings are taken over SSE as well. Without it everybody has the WebSocket, whatever they chose, and
    whoever has a network that lets none through cannot read; so it is for the end of a rollout."""
    guard_advances: bool = False
    """Whether the guard goes on to the next stage by itself when all is surely good. When more people are moved is
    for somebody to say who knows that no exams are written that day."""
    guard_stops: bool = True
    """Whether the guard holds the rollout, or rolls it back, by itself when it is surely worse: it also happens when
    nobody looks, and a mistake costs a day."""
    guard_seconds: float = Field(default=60.0, gt=0)
    """Between two looks of the guard, of every process. Pages send what they measured every 10 s, and a bad build
    takes hundreds of readings to be found; a look costs 0.1 s of the database for 2,000 users."""

    # Limits of one recording
    min_audio_seconds: float = 0.3
    """The shortest English word takes about 0.2 s; anything shorter is a slip of the finger."""
    max_audio_seconds: float = 60.0
    """A page of a picture book; listening to more would hold a worker for over two seconds."""
    max_audio_bytes: int = 4 * 1024 * 1024
    """60 s of 16-bit mono at 32 kHz; a minute of phone audio (opus, aac) is under 1 MiB."""
    max_frame_bytes: int = 6 * 1024 * 1024
    """4 MiB of audio is 5.6 MiB of base64, and the rest of the message needs a little."""
    max_sentence_characters: int = 300
    """About 50 words: more cannot be read within 60 s by a learner."""

    # Limits of one user
    max_requests_in_flight: int = Field(default=2, ge=1)
    """The reading that is being answered, and the next one already on its way."""
    max_connections_per_user: int = Field(default=5, ge=1)
    """A family's or a classroom's devices under one account; the oldest gives way."""
    max_outbound_events: int = Field(default=64, ge=8)
    """About six full requests: a reader that is so far behind is not reading."""
    max_unreadable_messages: int = Field(default=3, ge=1)
    """One may be an accident; the third closes the connection with 4400."""
    max_messages_per_minute: int = Field(default=120, ge=1)
    """A reading every second, and the pings; more is a fault or an attack."""
    max_chunks_per_minute: int = Field(default=1200, ge=1)
    """A chunk every 50 ms; browsers send one every 100 to 1000 ms."""
    upload_idle_seconds: float = Field(default=30.0, gt=0)
    """A client that lost its connection in the middle of a recording has so long to come back with the rest."""
    hold_seconds: float = Field(default=600.0, gt=0)
    """Events of a finished request can be asked for again: a phone that was in a tunnel gets its answer."""
    max_held_requests: int = Field(default=16, ge=1)
    """Finished requests kept per user, about 0.2 MB each: more than a learner reads in a minute."""
    max_held_bytes: int = Field(default=128 * 1024 * 1024, ge=1024 * 1024)
    """Finished requests kept in all, the oldest give way: about 600 readings."""
    max_arriving_bytes: int = Field(default=256 * 1024 * 1024, ge=1024 * 1024)
    """Recordings that are arriving in chunks, in all: 2,000 of the usual size, 64 of the largest."""
    message_seconds: float = Field(default=120.0, gt=0)
    """From the first byte of a WebSocket message to the last: the largest recording over 0.4 Mbit/s."""
    max_unfinished_bytes: int = Field(default=256 * 1024 * 1024, ge=1024)
    """Messages of which a part has come, in all: 45 of the largest, 5,000 of the usual size; the oldest give way."""
    request_head_seconds: float = Field(default=20.0, gt=0)
    """From connecting, or the first byte of a further request, to the end of its headers: 1 kB, which a slow phone
    sends in one."""
    max_guests_per_minute: int = Field(default=120, ge=1)
    """New guests from one address: four classes behind the router of one school begin together, and the fifth waits
    half a second per child. A guest is a row of about 100 bytes: a script that never stops adds 17 MB a day."""
    send_timeout_seconds: float = 20.0
    """A peer that accepts no byte for so long is gone or stuck."""
    peer_ping_seconds: float = Field(default=20.0, gt=0)
    """A peer that answers no ping is gone after twice as long, within the 60 s that the protocol promises."""
    sweep_seconds: float = Field(default=10.0, gt=0)
    """So long may a connection outlive a sign-out in another process; one question to the database each time."""
    heartbeat_seconds: int = 30
    """How often a client pings; proxies commonly drop connections that are idle for 60 s."""

    # Limits of the machine
    processes: int = Field(default=1, ge=1)
    """Server processes behind one socket, each with limits, models and threads of its own (about 0.5 GB): for
    machines with more cores than `workers` keep busy, as one event loop is enough for thousands of connections."""
    max_connections: int = Field(default=5000, ge=1)
    """WebSockets of one process; each costs about 60 kB. One more is closed with 1013."""
    workers: int = Field(default=2, ge=1)
    """Threads that listen at once; one per core, because each model call keeps one core busy."""
    model_threads: int = Field(default=1, ge=1)
    """Threads inside one model call. On two cores two were worse for one reader (204 ms to the report instead of 116)
    and for twenty at once (2.5 s instead of 1.5)."""
    max_waiting: int = Field(default=64, ge=1)
    """Recordings that may wait for a worker; at 0.1 s each and two workers the last waits about 3 s."""
    drain_seconds: float = Field(default=10.0, ge=0)
    """For readings under way when the server is asked to stop; orchestrators kill after 30 s."""
    analysis_timeout_seconds: float = 60.0
    """From the start of decoding to the report, waiting included."""
    coach_timeout_seconds: float = 10.0
    """Advice that comes later than this is not heard any more."""
    speech_timeout_seconds: float = 10.0
    """As for advice."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important events that are still logged."""

    @model_validator(mode="after")
    def _leaves_a_way_to_read(self) -> Self:
        if not self.sse_enabled and self.use_websocket == "off":
            raise ValueError("With SSE_ENABLED=false and USE_WEBSOCKET=off nobody could read. Change one of them")
        return self
