"""The audio inside a message: base64 in JSON, bytes in a form, bounded in both."""

import base64
from typing import Annotated, Final

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from sounditout.errors import AudioTooLarge, InvalidBase64, InvalidMessage
from sounditout.limits import Limits

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
