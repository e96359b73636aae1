"""What clients say, and the few things a server says to a connection and not about one reading.

What the server says about a reading is in `sounditout.analysis.events`.
"""

import base64
from typing import Annotated, Any, Final, Literal, Union

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from sounditout.analysis.client_hearing import MAX_CLIENT_WORDS, MAX_TEXT_CHARACTERS, MAX_WORD_PHONEMES
from sounditout.analysis.events import ErrorData
from sounditout.errors import AudioTooLarge, InvalidBase64, InvalidMessage

RequestId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
"""A UUID or another name without spaces: it stands in SSE ids and in URLs as it is."""


def _encodable(text: str) -> str:
    text.encode()  # JSON can escape half a character, which nothing after us could write; the error is a ValueError
    return text


Text = Annotated[str, AfterValidator(_encodable)]

MAX_SAFE_INTEGER: Final = 2**53 - 1
"""The largest integer that survives a round trip through JavaScript."""

_PIECE: Final = 256 * 1024
"""Characters of base64 decoded at once (1 ms), so that other threads have their turn in between. Divisible by 4."""


def decode_base64(text: str, max_bytes: int) -> bytes:
    """A recording from padded base64.

    Raises:
        AudioTooLarge: it would be larger than `max_bytes`; found out without decoding it.
        InvalidBase64: it holds anything else.
    """
    if len(text) > (max_bytes + 2) // 3 * 4:
        raise AudioTooLarge
    if "=" in text[:-2]:  # the decoder sees pieces and would take a padded one in the middle
        raise InvalidBase64
    try:
        pieces = [base64.b64decode(text[at : at + _PIECE], validate=True) for at in range(0, len(text), _PIECE)]
    except ValueError as error:
        raise InvalidBase64 from error
    return b"".join(pieces)


def _audio(value: object, info: ValidationInfo) -> bytes:
    """Base64 from JSON, or bytes as they came in a form; bounded by the limits in the validation context."""
    limits = info.context
    assert isinstance(limits, Limits)  # noqa: S101  (ours, not the client's)
    if not isinstance(value, str | bytes):
        raise InvalidMessage("The message could not be read: audio_base64 must be text.")
    audio = value if isinstance(value, bytes) else decode_base64(value, limits.max_audio_bytes)
    if len(audio) > limits.max_audio_bytes:
        raise AudioTooLarge
    return audio


Audio = Annotated[
    bytes,
    PlainValidator(_audio),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
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


class AnalyzeAudio(_FromClient):
    """Listen to this reading."""

    type: Literal["analyze_audio"]
    request_id: RequestId | None = Field(default=None, description="a UUID; the server makes one when it is absent")
    session_id: int = Field(ge=1, le=MAX_SAFE_INTEGER)
    attempted_sentence: Text = Field(description="the sentence as shown to the learner")
    audio: Audio = Field(
        default=b"",
        alias="audio_base64",
        description="the recording in padded base64; may be left out when client_phonemes are sent",
    )
    filename: Text = Field(default="recording", max_length=255)
    content_type: Text = Field(default="application/octet-stream", max_length=255)
    client_phonemes: ClientPhonemes | None = Field(
        default=None, description="what the browser heard: ARPAbet symbols, one list per word"
    )
    client_words: ClientWords | None = Field(
        default=None, description=f"the same words as text, each of at most {MAX_TEXT_CHARACTERS} characters"
    )


class Cancel(_FromClient):
    """Stop working on a reading; nothing happens when it is not being worked on."""

    type: Literal["cancel"]
    request_id: RequestId


class Ping(_FromClient):
    """Are you there?"""

    type: Literal["ping"]
    sent_at: float | Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None, description="anything the client wants back in `pong`: a time, as a number or as text"
    )


ClientMessage = Annotated[
    Union[AnalyzeAudio, Cancel, Ping],  # noqa: UP007  (Annotated needs a runtime union with a discriminator)
    Field(discriminator="type"),
]


class _FromServer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_FromServer):
    """What this server accepts; the names are those of the settings, where the reasons stand."""

    min_audio_seconds: float
    max_audio_seconds: float
    max_audio_bytes: int
    max_frame_bytes: int
    max_sentence_characters: int
    max_requests_in_flight: int = Field(description="per user")
    max_connections_per_user: int
    max_outbound_events: int = Field(description="events that may wait for a client that does not read")
    max_unreadable_messages: int = Field(description="the last of so many closes the connection")


class ReadyData(_FromServer):
    connection_id: str
    heartbeat_seconds: int = Field(description="how often the client should ping")
    limits: Limits
    held: list[str] = Field(description="request ids of this user that are still being worked on")


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


class MessageError(_FromServer):
    """A message could not be read, or asks for something that cannot be tied to one request."""

    type: Literal["error"] = "error"
    data: ErrorData


ServerMessage = Ready | Pong | MessageError
