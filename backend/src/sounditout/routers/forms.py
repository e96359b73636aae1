"""Recordings as multipart forms."""

from typing import Any, Final

from fastapi import UploadFile
from pydantic import BaseModel, Field

from sounditout.limits import Limits
from sounditout.messages import AnalyzeAudio
from sounditout.wire import message_from_form

_SENTENCE: Final = "as shown to the learner"
# An empty field counts as a missing one; with a default it is refused for what it is, an empty sentence.


class ReadingForm(BaseModel):
    """A recording and the sentence it should say."""

    audio_file: UploadFile
    attempted_sentence: str = Field("", description=_SENTENCE)
    session_id: int
    request_id: str | None = Field(None, description="a UUID; the server makes one when it is absent")


class ReadingWithPhonemesForm(BaseModel):
    """What a browser heard, and the recording to fall back on."""

    attempted_sentence: str = Field("", description=_SENTENCE)
    session_id: int
    client_phonemes: str = Field(description="JSON: a list of ARPAbet symbols for every word that was heard")
    client_words: str | None = Field(None, description="JSON: a list of the same words as text")
    audio_file: UploadFile | None = None
    request_id: str | None = Field(None, description="a UUID; the server makes one when it is absent")


async def message_of(form: ReadingForm | ReadingWithPhonemesForm, limits: Limits) -> AnalyzeAudio:
    """The message that the same recording would be on a WebSocket.

    Raises:
        InvalidMessage, AudioTooLarge: it would be refused there.
    """
    fields: dict[str, Any] = form.model_dump(exclude={"audio_file"}, exclude_none=True)
    if form.audio_file is not None:
        fields["audio_base64"] = await form.audio_file.read(limits.max_audio_bytes + 1)
        fields["filename"] = form.audio_file.filename or "recording"
        fields["content_type"] = form.audio_file.content_type or "application/octet-stream"
    return message_from_form(fields, limits)
