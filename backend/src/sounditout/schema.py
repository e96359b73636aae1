"""The wire contract as JSON Schema, made from the types themselves: for documentation and for generated clients.

uv run python -m sounditout.schema > docs/protocol.schema.json
"""

import json
import sys
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from sounditout import messages
from sounditout.analysis import events
from sounditout.errors import all_codes
from sounditout.wire import CLOSE_CODES, close_code, ends_request, http_status

EVENTS: Final[tuple[type[BaseModel], ...]] = (
    events.ProcessingStarted,
    events.Progress,
    events.Partial,
    events.Analysis,
    events.GptResponse,
    events.AudioFeedbackFile,
    events.Warning_,
    events.Complete,
    events.Error,
    events.CancelledEvent,
)
"""What a server says about one reading, on both transports."""
SERVER_MESSAGES: Final[tuple[type[BaseModel], ...]] = (
    messages.Ready,
    messages.Pong,
    messages.TokenExpiring,
    messages.TokenRefreshed,
    messages.Draining,
    messages.MessageError,
)
"""What it says about a connection, on the WebSocket only."""
CLIENT_MESSAGES: Final[tuple[type[BaseModel], ...]] = (
    messages.AnalyzeAudio,
    messages.AudioStart,
    messages.AudioChunk,
    messages.AudioEnd,
    messages.Cancel,
    messages.Resume,
    messages.RefreshToken,
    messages.Ping,
)
"""What a client says, on the WebSocket only."""

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REF: Final = "#/$defs/"


class _Generator(GenerateJsonSchema):
    """Names types and not fields: a generator of code would make a type of every title."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Never."""
        del schema
        return False

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: ANN401, FBT001  (pydantic's signature)
        """A server always sends every field, also those with a default."""
        return self.mode == "serialization" or super().field_is_required(field, total)


def protocol_schema() -> dict[str, Any]:
    """One schema with a definition for every message and the codes in extension fields."""
    definitions = _definitions(CLIENT_MESSAGES, "validation") | _definitions(
        EVENTS + SERVER_MESSAGES, "serialization"
    )
    definitions["ErrorCode"] = {"type": "string", "enum": sorted(all_codes())}
    for holder in ("ErrorData", "WarningData"):
        definitions[holder]["properties"]["code"] = {"$ref": f"{_REF}ErrorCode"}
    definitions["Event"] = _one_of(EVENTS, "What the server says about one reading, on both transports.")
    definitions["ServerMessage"] = _one_of(SERVER_MESSAGES, "What the server says about a WebSocket connection.")
    definitions["ClientMessage"] = _one_of(CLIENT_MESSAGES, "What a client says on a WebSocket.")
    return {
        "$schema": _DIALECT,
        "title": "SoundItOutProtocol",
        "description": "Every message of the Sound It Out protocol. Made by `python -m sounditout.schema`.",
        "anyOf": [{"$ref": f"{_REF}{name}"} for name in ("Event", "ServerMessage", "ClientMessage")],
        "x-error-codes": {code: _error_code(code) for code in sorted(all_codes())},
        "x-close-codes": {str(code): meaning for code, meaning in CLOSE_CODES.items()},
        "$defs": dict(sorted(definitions.items())),
    }


def _definitions(models: tuple[type[BaseModel], ...], mode: JsonSchemaMode) -> dict[str, Any]:
    _, schema = models_json_schema([(model, mode) for model in models], schema_generator=_Generator)
    found: dict[str, Any] = schema["$defs"]
    return found


def _one_of(models: tuple[type[BaseModel], ...], description: str) -> dict[str, Any]:
    return {"description": description, "oneOf": [{"$ref": f"{_REF}{model.__name__}"} for model in models]}


def _error_code(code: str) -> dict[str, Any]:
    return {
        "http_status": http_status(code),
        "close_code": close_code(code),
        "ends_request": ends_request(code),
        "retryable": all_codes()[code].retryable,
    }


def as_text() -> str:
    """The schema as it is kept in `docs/protocol.schema.json`."""
    return json.dumps(protocol_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_text())
