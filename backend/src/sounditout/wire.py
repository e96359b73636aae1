"""Where typed events become bytes and bytes become typed messages; nowhere else is either done.

    event ──encode──→ JSON ─┬─→ WebSocket text frame
                            └─→ SSE `data:` line

It also says what every error code means to HTTP and to a WebSocket.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Never, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from sounditout.analysis.events import Error, ErrorData, Event
from sounditout.errors import InvalidMessage, SoundItOutError, UnknownType
from sounditout.limits import Limits
from sounditout.messages import (
    AnalyzeAudio,
    AudioChunk,
    AudioEnd,
    AudioStart,
    Cancel,
    ClientMessage,
    MessageError,
    Ping,
    RefreshToken,
    RequestId,
    Resume,
    ServerMessage,
)

M = TypeVar("M", bound=BaseModel)

CLOSE_CODES: Final[dict[int, str]] = {
    1000: "normal closure",
    1001: "the client went away",
    1007: "a text frame was not UTF-8",
    1009: "a frame was over the limit",
    1011: "the server failed, or the client answered no ping",
    1012: "the server restarts",
    1013: "the server has too many connections, or too many unfinished messages",
    4400: "too many messages could not be read",
    4401: "the token is missing, wrong, expired or revoked",
    4408: "the client does not read what it is sent, or does not finish a message",
    4409: "replaced by a newer connection",
    4429: "too many messages",
}
"""Codes with which this server closes, and why. A code means the same for every client and for ever."""

CLOSE_FRAME_TOO_LARGE: Final = 1009
CLOSE_FAULT: Final = 1011
CLOSE_RESTART: Final = 1012
CLOSE_FULL: Final = 1013
CLOSE_PROTOCOL: Final = 4400
CLOSE_UNAUTHORIZED: Final = 4401
CLOSE_TOO_SLOW: Final = 4408
CLOSE_REPLACED: Final = 4409
CLOSE_TOO_MANY_MESSAGES: Final = 4429

_HTTP_STATUS: Final[dict[str, HTTPStatus]] = {
    "unauthorized": HTTPStatus.UNAUTHORIZED,
    "forbidden": HTTPStatus.FORBIDDEN,
    "invalid_message": HTTPStatus.BAD_REQUEST,
    "unknown_type": HTTPStatus.BAD_REQUEST,
    "invalid_base64": HTTPStatus.BAD_REQUEST,
    "unsupported_audio": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "audio_too_short": HTTPStatus.UNPROCESSABLE_ENTITY,
    "audio_too_long": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "audio_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "no_speech": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid_sentence": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unknown_session": HTTPStatus.NOT_FOUND,
    "sse_retired": HTTPStatus.GONE,
    "too_many_requests": HTTPStatus.TOO_MANY_REQUESTS,
    "overloaded": HTTPStatus.SERVICE_UNAVAILABLE,
    "cancelled": HTTPStatus.CONFLICT,
    "timeout": HTTPStatus.GATEWAY_TIMEOUT,
    "analysis_failed": HTTPStatus.INTERNAL_SERVER_ERROR,
    "coach_failed": HTTPStatus.BAD_GATEWAY,
    "speech_failed": HTTPStatus.BAD_GATEWAY,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
}

_CLOSE_CODE: Final[dict[str, int | None]] = dict.fromkeys(_HTTP_STATUS) | {"unauthorized": CLOSE_UNAUTHORIZED}
"""What an error does to the connection it happens on: closes it with a code, or (None) leaves it open."""


_NEVER_FATAL: Final = frozenset({"coach_failed", "speech_failed"})


def ends_request(code: str) -> bool:
    """Whether it comes as the terminal `error`; the others come as a `warning` and the stream goes on."""
    return code not in _NEVER_FATAL


def http_status(code: str) -> int:
    """The status of an error that is known before a stream has begun."""
    return _HTTP_STATUS[code].value


def close_code(code: str) -> int | None:
    """With what the connection is closed when this happens on it; None: it stays open."""
    return _CLOSE_CODE[code]


def encode(event: Event) -> str:
    """The one JSON form of an event, compact, the same bytes on every transport."""
    return (
        f'{{"type":"{event.type}","request_id":{json.dumps(event.request_id)},"seq":{event.seq},'
        f'"data":{event.data.model_dump_json()}}}'
    )


def encode_message(message: ServerMessage) -> str:
    """The JSON form of a message that belongs to no request."""
    return f'{{"type":"{message.type}","data":{message.data.model_dump_json()}}}'


def sse_comment(text: str) -> bytes:
    """A line that clients skip; keeps proxies from closing a quiet stream."""
    return f": {text}\n\n".encode()


def error_data(error: SoundItOutError) -> ErrorData:
    """What clients are told of an error."""
    return ErrorData(
        code=error.code,
        message=error.message,
        retryable=error.retryable,
        retry_after=error.retry_after,
        stage=error.stage,
    )


def refusal(request_id: str, error: SoundItOutError, seq: int = 0) -> Error:
    """The terminal event of a request that failed outside its stream: as a rule its only one."""
    return Error(request_id=request_id, seq=seq, data=error_data(error))


def message_error(error: SoundItOutError) -> MessageError:
    """The answer to a message that cannot be tied to a request, or must not end one."""
    return MessageError(data=error_data(error))


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that was refused, and the request it was about when that much of it could be read."""

    error: SoundItOutError
    request_id: str | None = None


_MODELS: Final[dict[str, type[ClientMessage]]] = {
    "analyze_audio": AnalyzeAudio,
    "audio_start": AudioStart,
    "audio_chunk": AudioChunk,
    "audio_end": AudioEnd,
    "cancel": Cancel,
    "resume": Resume,
    "refresh_token": RefreshToken,
    "ping": Ping,
}
_MAX_PARTS: Final = 20_000
"""Commas in a message: 200 words of 40 phonemes have 8,000. Millions would hold the interpreter for a second."""
_REQUEST_ID: Final[TypeAdapter[str]] = TypeAdapter(RequestId)


def parse_client_message(text: str, limits: Limits) -> ClientMessage:
    """Read one text frame.

    Takes time in proportion to its length (5.6 MiB: about 40 ms): run it in a thread when it is long.

    Raises:
        InvalidMessage: not a JSON object of the right shape.
        UnknownType: a type that is not known.
        InvalidBase64, AudioTooLarge: of its audio.
    """
    return _as_message(_json_object(text, limits), limits)


def read_client_message(text: str, limits: Limits) -> ClientMessage | Unreadable:
    """As `parse_client_message`, but a refusal is a value which still knows the request it is about."""
    try:
        fields = _json_object(text, limits)
    except SoundItOutError as error:
        return Unreadable(error)
    try:
        return _as_message(fields, limits)
    except SoundItOutError as error:
        return Unreadable(error, _request_id(fields))


def message_from_form(fields: dict[str, Any], limits: Limits) -> AnalyzeAudio:
    """The same message from a multipart form, whose values are text, except for the audio, which is bytes.

    Raises:
        InvalidMessage, AudioTooLarge: as `parse_client_message`.
    """
    heard = {name: _loads_or_text(fields[name]) for name in ("client_phonemes", "client_words") if fields.get(name)}
    return _validated(AnalyzeAudio, {"type": "analyze_audio", **fields, **heard}, limits, strict=False)


def _loads_or_text(text: str) -> object:
    """JSON, or the text itself when it is none: what it means is decided where what a browser heard is checked."""
    try:
        return _loads(text)
    except InvalidMessage:
        return text


def _json_object(text: str, limits: Limits) -> dict[str, Any]:
    if len(text) > limits.max_frame_bytes:
        raise InvalidMessage("The message is too long.")
    value = _loads(text)
    if not isinstance(value, dict):
        raise InvalidMessage("A message is a JSON object.")
    return value


def _loads(text: str) -> object:
    if text.count(",") > _MAX_PARTS:
        raise InvalidMessage("The message has too many parts.")
    try:
        value: object = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidMessage("The message is not JSON.") from error
    return value


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _as_message(fields: dict[str, Any], limits: Limits) -> ClientMessage:
    kind = fields.get("type")
    if not isinstance(kind, str):
        raise InvalidMessage("The message has no type.")
    model = _MODELS.get(kind)
    if model is None:
        raise UnknownType
    return _validated(model, fields, limits, strict=True)


def _validated(model: type[M], fields: dict[str, Any], limits: Limits, *, strict: bool) -> M:
    try:
        return model.model_validate(fields, strict=strict, context=limits)
    except ValidationError as error:
        raise InvalidMessage(_explain(error)) from error


def _explain(error: ValidationError) -> str:
    """Which field is wrong and why, without repeating what it holds: it may be a voice."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"The message could not be read: {where}: {first['msg']}."


def _request_id(fields: dict[str, Any]) -> str | None:
    try:
        return _REQUEST_ID.validate_python(fields.get("request_id"), strict=True)
    except ValidationError:
        return None
