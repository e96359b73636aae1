"""A voice of our own: hibari's bundled neural voice, as mp3, with no network.

    text → phrases → 24 kHz waveform of each → no silence around it → even level → mp3 → one file, with pauses

mp3 because every browser plays it: Safari has no ogg, and Chromium as some systems build it has no aac. Most phrases
of an advice come again and again: "Almost there.", "Say it slowly with me:", how a sound is made. So each phrase is
remembered as sound, and none depends on what was said before it: the same text is the same file, whatever was
remembered.
"""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final, Protocol, cast

import numpy as np

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.models import Float32
from sounditout.analysis.ports import Speech
from sounditout.engines import mp3
from sounditout.engines.phrase_cache import PhraseCache
from sounditout.engines.spoken_text import phrases, prepare
from sounditout.errors import Cancelled, SpeechFailed

VOICE: Final = "heart"
"""The one voice inside the package. Any other name would make the package download a file."""
CACHE_BYTES: Final = 4 * 1024 * 1024
"""Twelve minutes of speech: all that the coach always says in the same words, and as much again for single words."""

_TARGET_RMS: Final = 0.1
"""−20 dBFS, the usual level of speech; the voice itself comes out at about −25."""
_PEAK: Final = 0.89
"""−1 dBFS: an mp3 decoder may overshoot the waveform it was given a little."""
_MAX_GAIN: Final = 8.0
"""A phrase that is nearly silent stays quiet instead of becoming noise."""
_SEED: Final = 7
"""The voice has a breath of noise in it; a fixed one makes the same text the same file."""

_INAUDIBLE: Final = 0.002
"""Of the peak; −54 dB. The voice adds a third of a second below it before each phrase, and more than that after."""
_MARGIN: Final = mp3.RATE // 50
"""20 ms on both sides of what is audible, for what fades in and out."""
_PAUSE: Final = 16
"""Frames, 0.4 s, after a sentence. With the delay of the encoder, half a second."""
_SHORT_PAUSE: Final = 8
"""Frames, 0.2 s, after a colon, where the voice itself pauses for 0.25 to 0.3 s."""


class _Voice(Protocol):
    """What we use of `hibari.Hibari`."""

    def stream(self, text: str, speed: float, seed: int | None) -> Iterator[Float32]: ...


class HibariSpeaker:
    """Says a text aloud. Re-entrant: the voice keeps no state between calls.

    Args:
        speed: 1.0 is the voice's own pace; learners follow a slightly slower one more easily.
        workers: how many texts may be synthesised at once; each keeps about one core busy.
        cache_bytes: how much sound is remembered.
    """

    def __init__(self, *, speed: float = 0.9, workers: int = 2, cache_bytes: int = CACHE_BYTES) -> None:
        if not 0.5 <= speed <= 2.0:
            raise ValueError("speed must be between 0.5 and 2.0")
        self._speed = speed
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="speaker")
        self._cache = PhraseCache(cache_bytes)

    def load(self) -> None:
        """Load the voice (about a second, shared by all speakers of the process). For server start, in a thread.

        Raises:
            SpeechFailed: the voice could not be loaded.
        """
        _load_voice()

    def close(self) -> None:
        """Let the threads go. Texts that are being spoken are finished."""
        self._pool.shutdown(wait=True)

    async def speak(self, text: str) -> Speech:
        """Say a text of up to `MAX_CHARACTERS` characters; of a longer one, its first whole sentences.

        Cancelling the caller frees the thread after the phrase that is being spoken.

        Raises:
            SpeechFailed: there was nothing to say, or the voice failed.
        """
        spoken = phrases(prepare(text))
        remembered = self._remembered(spoken)
        if remembered is not None:
            return _speech(spoken, remembered)
        stop = Cancellation()
        try:
            sounds = await asyncio.get_running_loop().run_in_executor(self._pool, self._say, spoken, stop)
        finally:
            stop.request()
        return _speech(spoken, sounds)

    def _remembered(self, spoken: Sequence[str]) -> list[bytes] | None:
        """The sounds of all phrases, or None when one is new."""
        sounds = [sound for phrase in spoken if (sound := self._cache.get(phrase)) is not None]
        return sounds if len(sounds) == len(spoken) else None

    def _say(self, spoken: Sequence[str], stop: Cancellation) -> list[bytes]:
        try:
            return [self._sound(phrase, stop) for phrase in spoken]
        except (SpeechFailed, Cancelled):
            raise
        except Exception as error:
            raise SpeechFailed(stage="speaking") from error

    def _sound(self, phrase: str, stop: Cancellation) -> bytes:
        """The frames of one phrase; none for one without a sound."""
        stop.check("speaking")
        sound = self._cache.get(phrase)
        if sound is None:
            pieces = [*_until(stop, _load_voice().stream(phrase, self._speed, _SEED))]
            sound = mp3.encode(_level(_audible(np.concatenate(pieces)))) if pieces else b""
            self._cache.put(phrase, sound)
        return sound


def _speech(spoken: Sequence[str], sounds: Sequence[bytes]) -> Speech:
    """One file of all phrases, with a pause after each.

    Raises:
        SpeechFailed: none of them has a sound.
    """
    if not any(sounds):
        raise SpeechFailed(stage="speaking")
    said = ((phrase, sound) for phrase, sound in zip(spoken, sounds, strict=True) if sound)
    data = b"".join(sound + mp3.silence(_pause(phrase)) for phrase, sound in said)
    return Speech(data=data, filename="feedback.mp3", mimetype="audio/mpeg")


def _pause(phrase: str) -> int:
    """Frames of silence after a phrase."""
    return _SHORT_PAUSE if phrase.endswith(":") else _PAUSE


_loading = threading.Lock()


def _load_voice() -> _Voice:
    with _loading:  # two threads must not both load 60 MB
        return _voice()


@cache
def _voice() -> _Voice:
    try:
        from hibari import Hibari

        voice = Hibari(voice=VOICE)
        voice("Zyxt, hello.")  # loads the dictionary and the net for unknown words, which are lazy
    except Exception as error:
        raise SpeechFailed(stage="speaking") from error
    return cast("_Voice", voice)


def _audible(wave: Float32) -> Float32:
    """The waveform without the silence around it.

    Raises:
        SpeechFailed: there is nothing else.
    """
    size = np.abs(wave)
    peak = float(np.max(size, initial=0.0))
    if peak <= 0.0 or not np.isfinite(peak):
        raise SpeechFailed(stage="speaking")
    loud = np.flatnonzero(size > _INAUDIBLE * peak)
    return wave[max(0, loud[0] - _MARGIN) : loud[-1] + 1 + _MARGIN]


def _level(wave: Float32) -> Float32:
    """An audible waveform at the target loudness, never above the peak."""
    peak = float(np.max(np.abs(wave)))
    rms = float(np.sqrt(np.mean(np.square(wave))))
    return wave * np.float32(min(_TARGET_RMS / rms, _PEAK / peak, _MAX_GAIN))


def _until(stop: Cancellation, sentences: Iterator[Float32]) -> Iterator[Float32]:
    for wave in sentences:
        stop.check("speaking")
        yield wave
