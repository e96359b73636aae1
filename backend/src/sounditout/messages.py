"""What clients say, and the few things a server says to a connection and not about one reading.

What the server says about a reading is in `sounditout.analysis.events`.
"""

from typing import Annotated, Any, Final, Literal, Union

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from sounditout.analysis.client_hearing import MAX_CLIENT_WORDS, MAX_TEXT_CHARACTERS, MAX_WORD_PHONEMES
from sounditout.analysis.events import ErrorData
from sounditout.audio_field import Audio
from sounditout.limits import Limits

RequestId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
"""A UUID or another name without spaces: it stands in SSE ids and in URLs as it is."""


def _encodable(text: str) -> str:
    text.encode()  # JSON can escape half a character, which nothing after us could write; the error is a ValueError
    return text


Text = Annotated[str, AfterValidator(_encodable)]

MAX_SAFE_INTEGER: Final = 2**53 - 1
"""The largest integer that survives a round trip through JavaScript."""
MAX_TOKEN_CHARACTERS: Final = 2048
"""Ours have about 240."""

_TEXTS: Final[dict[str, Any]] = {"type": "array", "items": {"type": "string"}}
ClientPhonemes = Annotated[
    Any,
    WithJsonSchema(
        {"type": "array", "maxItems": MAX_CLIENT_WORDS, "items": _TEXTS | {"maxItems": MAX_WORD_PHONEMES}}
    ),
]
ClientWords = Annotated[Any, WithJsonSchema(_TEXTS | {"maxItems": MAX_CLIENT_WORDS})]


class _FromClient(BaseModel):
    """Unknown fields are ignored, so that newer clients can speak to older servers."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class _Reading(_FromClient):
    """What there is to say about a reading besides its audio."""

    session_id: int = Field(ge=1, le=MAX_SAFE_INTEGER)
    attempted_sentence: Text = Field(description="the sentence as shown to the learner")
    filename: Text = Field(default="recording", max_length=255)
    content_type: Text = Field(default="application/octet-stream", max_length=255)
    client_phonemes: ClientPhonemes | None = Field(
        default=None, description="what the browser heard: ARPAbet symbols, one list per word"
    )
    client_words: ClientWords | None = Field(
        default=None, description=f"the same words as text, each of at most {MAX_TEXT_CHARACTERS} characters"
    )


class AnalyzeAudio(_Reading):
    """Listen to this reading."""

    type: Literal["analyze_audio"]
    request_id: RequestId | None = Field(default=None, description="a UUID; the server makes one when it is absent")
    audio: Audio = Field(
        default=b"",
        alias="audio_base64",
        description="the recording in padded base64; may be left out when client_phonemes are sent",
    )


class AudioStart(_Reading):
    """Listen to this reading, which has only begun; its audio comes in chunks."""

    type: Literal["audio_start"]
    request_id: RequestId


class AudioChunk(_FromClient):
    """The next piece of a recording. One that has come before is ignored."""

    type: Literal["audio_chunk"]
    request_id: RequestId
    chunk: int = Field(ge=0, le=MAX_SAFE_INTEGER, description="0, 1, 2 … per request")
    audio: Audio = Field(alias="audio_base64", description="the piece in padded base64; any cut will do")


class AudioEnd(_FromClient):
    """The recording is complete."""

    type: Literal["audio_end"]
    request_id: RequestId
    chunks: int | None = Field(
        default=None, ge=0, le=MAX_SAFE_INTEGER, description="how many there are; null: as many as have come"
    )


class Cancel(_FromClient):
    """Stop working on a reading; nothing happens when it is not being worked on."""

    type: Literal["cancel"]
    request_id: RequestId


class Resume(_FromClient):
    """Tell me again what you told of a request after one of its events, and go on."""

    type: Literal["resume"]
    request_id: RequestId
    after_seq: int = Field(default=-1, ge=-1, le=MAX_SAFE_INTEGER, description="the last one received; -1: none")


class RefreshToken(_FromClient):
    """Here is a newer token of the same user."""

    type: Literal["refresh_token"]
    token: str = Field(max_length=MAX_TOKEN_CHARACTERS)


class Ping(_FromClient):
    """Are you there?"""

    type: Literal["ping"]
    sent_at: float | Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None, description="anything the client wants back in `pong`: a time, as a number or as text"
    )


ClientMessage = Annotated[
    Union[  # noqa: UP007  (Annotated needs a runtime union with a discriminator)
        AnalyzeAudio, AudioStart, AudioChunk, AudioEnd, Cancel, Resume, RefreshToken, Ping
    ],
    Field(discriminator="type"),
]


class _FromServer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReadyData(_FromServer):
    connection_id: str
    heartbeat_seconds: int = Field(description="how often the client should ping")
    limits: Limits
    held: list[str] = Field(description="request ids of this user that can be resumed")


class Ready(_FromServer):
    """The first message on every connection."""

    type: Literal["ready"] = "ready"
    data: ReadyData


class PongData(_FromServer):
    sent_at: float | str | None


class Pong(_FromServer):
    """The answer to `ping`."""

    type: Literal["pong"] = "pong"
    data: PongData


class TokenExpiringData(_FromServer):
    expires_in_seconds: float


class TokenExpiring(_FromServer):
    """The token ends soon: send a newer one, or the connection closes with 4401."""

    type: Literal["token_expiring"] = "token_expiring"
    data: TokenExpiringData


class TokenRefreshedData(_FromServer):
    expires_in_seconds: float


class TokenRefreshed(_FromServer):
    """The newer token is in force."""

    type: Literal["token_refreshed"] = "token_refreshed"
    data: TokenRefreshedData


class DrainingData(_FromServer):
    reconnect_within_ms: int = Field(description="wait a random part of it, so that not all come at once")


class Draining(_FromServer):
    """The server stops: it finishes what is under way, takes nothing new, and closes with 1012."""

    type: Literal["draining"] = "draining"
    data: DrainingData


class MessageError(_FromServer):
    """A message could not be read, or asks for something that cannot be tied to one request."""

    type: Literal["error"] = "error"
    data: ErrorData


ServerMessage = Ready | Pong | TokenExpiring | TokenRefreshed | Draining | MessageError
