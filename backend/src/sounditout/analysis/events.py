"""What the server says about one request, in the order in which it does.

    processing_started → (progress | partial)* → analysis → gpt_response → audio_feedback_file → complete

A `warning` takes the place of an event whose stage failed without spoiling the rest. Exactly one of
`complete`, `error` and `cancelled` ends the stream. `Event` is the same object for every transport;
how it becomes bytes is the business of `sounditout.wire`.
"""

from typing import Annotated, Literal, Union

from pydantic import BaseModel, ConfigDict, Field

from sounditout.analysis.models import Fraction, Mode, ReadingReport, Seconds
from sounditout.errors import Stage


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StartedData(_Frozen):
    received_bytes: int = Field(description="of audio, so far: 0 when the recording is still being made")
    mode: Mode


class ProgressData(_Frozen):
    stage: Literal["decoding", "listening", "scoring", "coaching", "speaking"]
    fraction: Fraction


class PartialWord(_Frozen):
    """One word of the sentence that has been read so far."""

    index: int = Field(ge=0, description="position in the sentence, from 0")
    status: Literal["correct", "omitted", "unsure"] = Field(
        description="as far as can be said yet: nobody is told in the middle of a sentence that a word was wrong"
    )


class PartialData(_Frozen):
    words: tuple[PartialWord, ...] = Field(description="in the order of the sentence; replaces every earlier list")
    heard_seconds: Seconds = Field(description="so much of the recording has been listened to")


class Advice(_Frozen):
    """`gpt_response.data`: what the coach says, and the sentence to read next."""

    feedback: str = Field(description="text to show")
    feedback_speech: str = Field(description="text to say aloud")
    next_sentence: str
    focus_phoneme: str | None = Field(description="ARPAbet")
    source: Literal["coach", "llm"]


class SpeechData(_Frozen):
    """`audio_feedback_file.data`: the feedback, spoken."""

    data: str = Field(description="base64")
    filename: str
    mimetype: str


class CompleteData(_Frozen):
    timings: dict[str, float] = Field(description="milliseconds by stage, and `total`")


class ErrorData(_Frozen):
    code: str
    message: str = Field(description="for a person")
    retryable: bool
    retry_after: float | None = Field(ge=0, description="seconds after which to try again; null: whenever you like")
    stage: Stage


class WarningData(_Frozen):
    code: str
    message: str = Field(description="for a person")
    stage: Stage


class CancelledData(_Frozen):
    stage: Stage = Field(description="the stage the work had reached")


class _Envelope(_Frozen):
    request_id: str
    seq: int = Field(ge=0, description="0, 1, 2 … per request")


class ProcessingStarted(_Envelope):
    type: Literal["processing_started"] = "processing_started"
    data: StartedData


class Progress(_Envelope):
    type: Literal["progress"] = "progress"
    data: ProgressData


class Partial(_Envelope):
    type: Literal["partial"] = "partial"
    data: PartialData


class Analysis(_Envelope):
    type: Literal["analysis"] = "analysis"
    data: ReadingReport


class GptResponse(_Envelope):
    type: Literal["gpt_response"] = "gpt_response"
    data: Advice


class AudioFeedbackFile(_Envelope):
    type: Literal["audio_feedback_file"] = "audio_feedback_file"
    data: SpeechData


class Warning_(_Envelope):  # noqa: N801  (`Warning` is a builtin)
    type: Literal["warning"] = "warning"
    data: WarningData


class Complete(_Envelope):
    type: Literal["complete"] = "complete"
    data: CompleteData


class Error(_Envelope):
    type: Literal["error"] = "error"
    data: ErrorData


class CancelledEvent(_Envelope):
    type: Literal["cancelled"] = "cancelled"
    data: CancelledData


Event = Annotated[
    Union[  # noqa: UP007  (Annotated needs a runtime union with a discriminator)
        ProcessingStarted,
        Progress,
        Partial,
        Analysis,
        GptResponse,
        AudioFeedbackFile,
        Warning_,
        Complete,
        Error,
        CancelledEvent,
    ],
    Field(discriminator="type"),
]

TERMINAL = (Complete, Error, CancelledEvent)
