"""Every way an analysis can fail, each with the stable code a client can rely on.

    SoundItOutError
    ├── Unauthorized              unauthorized         who are you?
    ├── Forbidden                 forbidden            not yours
    ├── InvalidMessage            invalid_message      cannot be read
    │   ├── UnknownRequest        (the same code)  nothing is known of it
    │   ├── UnknownType           unknown_type
    │   └── InvalidBase64         invalid_base64
    ├── AudioError                (never raised itself)
    │   ├── UnsupportedAudio      unsupported_audio
    │   ├── AudioTooShort         audio_too_short
    │   ├── AudioTooLong          audio_too_long
    │   ├── AudioTooLarge         audio_too_large
    │   └── NoSpeech              no_speech
    ├── InvalidSentence           invalid_sentence
    ├── UnknownSession            unknown_session
    ├── SseRetired                sse_retired
    ├── TooManyRequests           too_many_requests
    ├── Overloaded                overloaded
    ├── Cancelled                 cancelled
    ├── AnalysisTimeout           timeout
    ├── AnalysisFailed            analysis_failed      our fault, in listening
    ├── CoachFailed               coach_failed         never fatal: a warning
    ├── SpeechFailed              speech_failed        never fatal: a warning
    └── InternalError             internal             our fault, anywhere else

`message` is always a sentence for the person reading aloud; details for engineers go to the log
through exception chaining (`raise … from`).
"""

from typing import ClassVar, Literal

Stage = Literal["receiving", "decoding", "listening", "scoring", "saving", "coaching", "speaking"]


class SoundItOutError(Exception):
    """Base of the tree.

    Attributes:
        code: stable string for programs.
        message: a sentence for a person: what happened and what to do.
        retryable: whether the same request may succeed when it is sent again.
        stage: the part of the work in which it happened.
        retry_after: seconds after which to try again; None: whenever one likes.
    """

    code: ClassVar[str]
    default_message: ClassVar[str]
    retryable: ClassVar[bool] = False
    retry_after: float | None = None

    def __init__(self, message: str | None = None, *, stage: Stage = "receiving") -> None:
        self.message = message or self.default_message
        self.stage: Stage = stage
        super().__init__(self.message)


class Unauthorized(SoundItOutError):
    code = "unauthorized"
    default_message = "Please sign in again."


class Forbidden(SoundItOutError):
    code = "forbidden"
    default_message = "That belongs to somebody else."


class InvalidMessage(SoundItOutError):
    code = "invalid_message"
    default_message = "The message could not be read."


class UnknownRequest(InvalidMessage):
    """A request id that was never heard of, or not for long."""

    default_message = "This reading is not known here any more. Please send it again."
    retryable = True


class UnknownType(InvalidMessage):
    code = "unknown_type"
    default_message = "The message has a type this server does not know."


class InvalidBase64(InvalidMessage):
    code = "invalid_base64"
    default_message = "The audio in the message is not valid base64."


class AudioError(SoundItOutError):
    """The recording itself cannot be used."""


class UnsupportedAudio(AudioError):
    code = "unsupported_audio"
    default_message = "This recording could not be opened. Please record it again."


class AudioTooShort(AudioError):
    code = "audio_too_short"
    default_message = "The recording is too short. Hold the button until the sentence is read."


class AudioTooLong(AudioError):
    code = "audio_too_long"
    default_message = "The recording is too long. Please read one sentence at a time."


class AudioTooLarge(AudioError):
    code = "audio_too_large"
    default_message = "The recording is too large. Please read one sentence at a time."


class NoSpeech(AudioError):
    code = "no_speech"
    default_message = "No reading could be heard. Come a little closer to the microphone and read again."


class InvalidSentence(SoundItOutError):
    code = "invalid_sentence"
    default_message = "The sentence has no words that can be read aloud."


class UnknownSession(SoundItOutError):
    code = "unknown_session"
    default_message = "This practice session does not exist. Please start a new one."


class SseRetired(SoundItOutError):
    code = "sse_retired"
    default_message = "Readings go over a WebSocket only here. Please load the page again, or use a newer client."


class TooManyRequests(SoundItOutError):
    code = "too_many_requests"
    default_message = "Another reading is still being listened to. Please wait for it."
    retryable = True
    retry_after = 2.0


class Overloaded(SoundItOutError):
    code = "overloaded"
    default_message = "Many people are reading just now. Please try again in a few seconds."
    retryable = True

    def __init__(self, message: str | None = None, *, stage: Stage = "receiving", retry_after: float = 3.0) -> None:
        super().__init__(message, stage=stage)
        self.retry_after = retry_after


class Cancelled(SoundItOutError):
    code = "cancelled"
    default_message = "The reading was cancelled."
    retryable = True


class AnalysisTimeout(SoundItOutError):
    code = "timeout"
    default_message = "Listening took too long. Please try again."
    retryable = True


class AnalysisFailed(SoundItOutError):
    code = "analysis_failed"
    default_message = "Something went wrong while listening. Please read it once more."
    retryable = True


class CoachFailed(SoundItOutError):
    code = "coach_failed"
    default_message = "There is no advice this time. Your score is safe."


class SpeechFailed(SoundItOutError):
    code = "speech_failed"
    default_message = "The advice could not be spoken. You can read it on the screen."


class InternalError(SoundItOutError):
    code = "internal"
    default_message = "Something went wrong on our side. Please try again."
    retryable = True


def all_codes() -> dict[str, type[SoundItOutError]]:
    """Every concrete error class by its code."""
    found: dict[str, type[SoundItOutError]] = {}
    pending = [SoundItOutError]
    while pending:
        cls = pending.pop()
        pending.extend(cls.__subclasses__())
        if "code" in cls.__dict__:
            found[cls.code] = cls
    return found
