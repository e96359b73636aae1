"""From a message to a recording, the same for both transports: what can be refused before any work is done."""

from sounditout.analysis.client_hearing import read_client_hearing
from sounditout.analysis.models import ClientHearing, Recording
from sounditout.errors import InvalidSentence, SoundItOutError
from sounditout.limits import Limits
from sounditout.messages import AnalyzeAudio, AudioStart


def to_recording(message: AnalyzeAudio | AudioStart, user_id: int, request_id: str, limits: Limits) -> Recording:
    """The recording a message asks to listen to.

    Raises:
        InvalidSentence: empty, too long, or without a letter or a digit.
        InvalidMessage, NoSpeech: what the browser heard cannot be used, and there is no audio to listen to instead.
    """
    return Recording(
        request_id=request_id,
        user_id=user_id,
        session_id=message.session_id,
        sentence=_readable(message.attempted_sentence, limits.max_sentence_characters),
        audio=_audio(message),
        filename=message.filename,
        content_type=message.content_type,
        client=_client_hearing(message),
    )


def _audio(message: AnalyzeAudio | AudioStart) -> bytes:
    return message.audio if isinstance(message, AnalyzeAudio) else b""  # it is still being made


def _readable(sentence: str, max_characters: int) -> str:
    sentence = " ".join(sentence.split())
    if len(sentence) > max_characters:
        raise InvalidSentence(
            f"The sentence is longer than {max_characters} characters. Please choose a shorter one."
        )
    if not any(character.isalnum() for character in sentence) or "\0" in sentence:
        raise InvalidSentence
    return sentence


def _client_hearing(message: AnalyzeAudio | AudioStart) -> ClientHearing | None:
    """What the browser heard; None when our own ears have to listen, because it sent nothing or nothing usable."""
    if message.client_phonemes is None:
        return None
    try:
        return read_client_hearing(message.client_phonemes, message.client_words)
    except SoundItOutError:
        if isinstance(message, AudioStart) or message.audio:
            return None
        raise
