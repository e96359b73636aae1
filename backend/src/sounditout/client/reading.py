"""What there is to say about a reading besides its audio, and what comes back as types."""

import json
import mimetypes
import uuid
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from pydantic import TypeAdapter, ValidationError

from sounditout.analysis.events import Event
from sounditout.client.errors import Refused, UnreadableAnswer

_EVENT: Final[TypeAdapter[Event]] = TypeAdapter(Event)
_TYPES: Final = frozenset(
    kind.model_fields["type"].default for union in get_args(Event)[:1] for kind in get_args(union)
)

Message = dict[str, Any]
"""Something to send or something that came: one JSON object."""


def new_request_id() -> str:
    """A name for a request that nobody else has."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence that is read aloud.

    Raises:
        Refused: the sentence has characters that cannot be sent.
    """

    filename: str
    sentence: str
    session_id: int
    request_id: str = field(default_factory=new_request_id)

    def __post_init__(self) -> None:
        try:
            self.sentence.encode()
        except UnicodeEncodeError as error:
            message = "The sentence has characters that cannot be sent."
            raise Refused("invalid_sentence", message, status=422) from error

    @property
    def content_type(self) -> str:
        return mimetypes.guess_type(self.filename)[0] or "application/octet-stream"

    def as_fields(self) -> Message:
        """The fields that `analyze_audio` and `audio_start` share."""
        return {
            "request_id": self.request_id,
            "session_id": self.session_id,
            "attempted_sentence": self.sentence,
            "filename": sendable(self.filename),
            "content_type": self.content_type,
        }


def sendable(name: str) -> str:
    """A name with `?` for what cannot be sent: file systems allow what UTF-8 does not."""
    return name.encode(errors="replace").decode()


def parse_object(text: str) -> Message:
    """A JSON object. Raises UnreadableAnswer."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UnreadableAnswer from error
    if not isinstance(value, dict):
        raise UnreadableAnswer
    return value


def parse_event(fields: Message) -> Event | None:
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
