"""What both transports carry: a reading there, typed events back."""

import json
import mimetypes
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, get_args

from pydantic import TypeAdapter, ValidationError

from sounditout.analysis.events import Event
from sounditout.client.errors import UnreadableAnswer

_EVENT: Final[TypeAdapter[Event]] = TypeAdapter(Event)
_TYPES: Final = frozenset(
    kind.model_fields["type"].default for union in get_args(Event)[:1] for kind in get_args(union)
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A recording to be judged."""

    audio: bytes
    filename: str
    sentence: str
    session_id: int
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def content_type(self) -> str:
        return mimetypes.guess_type(self.filename)[0] or "application/octet-stream"


class Transport(Protocol):
    """A way to the server and back."""

    def analyze(self, reading: Reading, token: str) -> AsyncIterator[Event]:
        """The events of one reading; the last is `complete`, `error` or `cancelled`.

        Raises:
            ClientError: the stream broke before that.
        """
        ...

    async def close(self) -> None:
        """Let the connection go; what is under way ends with `ConnectionFailed`."""
        ...


def parse_object(text: str) -> dict[str, Any]:
    """A JSON object. Raises UnreadableAnswer."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UnreadableAnswer from error
    if not isinstance(value, dict):
        raise UnreadableAnswer
    return value


def parse_event(fields: dict[str, Any]) -> Event | None:
    """An event; None for one of a type that only newer servers know. Unknown fields are dropped.

    Raises:
        UnreadableAnswer: the fields do not fit its type.
    """
    if fields.get("type") not in _TYPES:
        return None
    try:
        # From JSON again: in this mode lists may become tuples and nothing else is converted.
        return _EVENT.validate_json(json.dumps(fields), strict=True, extra="ignore")
    except ValidationError as error:
        raise UnreadableAnswer from error
