"""A voice of our own: hibari's bundled neural voice, as mp3, with no network.

    text → sentences → 24 kHz waveform per sentence → even level → mp3

mp3 because every browser plays it: Safari has no ogg, and Chromium as some systems build it has no aac.
"""

import asyncio
import io
import re
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final, Protocol, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.models import Float32
from sounditout.analysis.ports import Speech
from sounditout.errors import Cancelled, SpeechFailed

VOICE: Final = "heart"
"""The one voice inside the package. Any other name would make the package download a file."""
VOICE_RATE: Final = 24_000
MAX_CHARACTERS: Final = 400
"""About 25 s of speech; the coach says less than half of it."""
CACHED_PHRASES: Final = 64
"""About 3 MB of mp3."""

_BIT_RATE: Final = 48_000
"""Transparent for one voice at 24 kHz; 6 kB per second."""
_ENCODER_EFFORT: Final = "7"
"""lame's quality 7: half the time of the default 5 for the same size."""
_TARGET_RMS: Final = 0.1
"""−20 dBFS, the usual level of speech; the voice itself comes out at about −27."""
_PEAK: Final = 0.89
"""−1 dBFS: an mp3 decoder may overshoot the waveform it was given a little."""
_MAX_GAIN: Final = 8.0
"""A sentence that is nearly silent stays quiet instead of becoming noise."""
_SEED: Final = 7
"""The voice has a breath of noise in it; a fixed one makes the same text the same file."""

_SPEAKABLE: Final = re.compile(r"[^\w\s.,;:!?'’\"%&+=°$£€/-]")
_SENTENCE_END: Final = re.compile(r"[.!?…][\"'”’)]*(?=\s|$)")


class _Voice(Protocol):
    """What we use of `hibari.Hibari`."""

    def stream(self, text: str, speed: float, seed: int | None) -> Iterator[Float32]: ...


class HibariSpeaker:
    """Says a text aloud. Re-entrant: the voice keeps no state between calls.

    Args:
        speed: 1.0 is the voice's own pace; learners follow a slightly slower one more easily.
        workers: how many texts may be synthesised at once; each keeps about one core busy.
    """

    def __init__(self, *, speed: float = 0.9, workers: int = 2) -> None:
        if not 0.5 <= speed <= 2.0:
            raise ValueError("speed must be between 0.5 and 2.0")
        self._speed = speed
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="speaker")
        self._cache = _PhraseCache(CACHED_PHRASES)

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

        Cancelling the caller frees the thread after the sentence that is being spoken.

        Raises:
            SpeechFailed: there was nothing to say, or the voice failed.
        """
        spoken = prepare(text)
        if not spoken:
            raise SpeechFailed(stage="speaking")
        cached = self._cache.get(spoken)
        if cached is not None:
            return cached
        stop = Cancellation()
        try:
            speech = await asyncio.get_running_loop().run_in_executor(self._pool, self._say, spoken, stop)
        finally:
            stop.request()
        self._cache.put(spoken, speech)
        return speech

    def _say(self, text: str, stop: Cancellation) -> Speech:
        try:
            data = _encode(_until(stop, _load_voice().stream(text, self._speed, _SEED)))
        except (SpeechFailed, Cancelled):
            raise
        except Exception as error:
            raise SpeechFailed(stage="speaking") from error
        return Speech(data=data, filename="feedback.mp3", mimetype="audio/mpeg")


def prepare(text: str) -> str:
    """The text as the voice may have it: one line, no markup, at most `MAX_CHARACTERS`, cut between sentences.

    The voice reads `[word](/phonemes/)` as an instruction, and a learner's own sentence is no instruction.
    """
    plain = _SPEAKABLE.sub(" ", unicodedata.normalize("NFKC", text).replace("_", " "))
    line = " ".join(plain.split())
    if len(line) > MAX_CHARACTERS:
        line = _cut(line)
    return line if any(character.isalnum() for character in line) else ""


def _cut(line: str) -> str:
    head = line[:MAX_CHARACTERS]
    ends = [match.end() for match in _SENTENCE_END.finditer(head)]
    return head[: ends[-1]] if ends else head.rsplit(" ", 1)[0]


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


def _level(wave: Float32) -> Float32:
    """The waveform at the target loudness, never above the peak."""
    peak = float(np.max(np.abs(wave), initial=0.0))
    rms = float(np.sqrt(np.mean(np.square(wave)))) if len(wave) else 0.0
    if peak <= 0.0 or not np.isfinite(peak):
        raise SpeechFailed(stage="speaking")
    return wave * np.float32(min(_TARGET_RMS / rms, _PEAK / peak, _MAX_GAIN))


def _until(stop: Cancellation, sentences: Iterator[Float32]) -> Iterator[Float32]:
    for wave in sentences:
        stop.check("speaking")
        yield wave


def _encode(sentences: Iterator[Float32]) -> bytes:
    """One mp3 file of all sentences.

    Encoding costs two thirds of what synthesis does (45 and 60 ms for 20 words) and makes the file a seventh
    of a wav, which is worth it on any network slower than 50 Mbit/s.
    """
    file = io.BytesIO()
    mp3 = _Mp3(file)
    for wave in sentences:
        mp3.write(_level(wave))
    mp3.close()
    return file.getvalue()


class _Mp3:
    """A growing mp3 file, mono at the voice's rate."""

    def __init__(self, file: io.BytesIO) -> None:
        self._container = av.open(file, "w", format="mp3")
        options = {"compression_level": _ENCODER_EFFORT}
        self._stream: AudioStream = self._container.add_stream(
            "libmp3lame", rate=VOICE_RATE, layout="mono", options=options
        )
        self._stream.bit_rate = _BIT_RATE
        self._stream.codec_context.format = av.AudioFormat("s16p")

    def write(self, wave: Float32) -> None:
        frame = av.AudioFrame.from_ndarray(_pcm(wave), format="s16p", layout="mono")
        frame.sample_rate = VOICE_RATE
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()


def _pcm(wave: Float32) -> NDArray[np.int16]:
    return (wave * 32767.0).astype(np.int16).reshape(1, -1)


class _PhraseCache:
    """The most recently spoken texts. Used by the event loop only."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._phrases: OrderedDict[str, Speech] = OrderedDict()

    def get(self, text: str) -> Speech | None:
        if text in self._phrases:
            self._phrases.move_to_end(text)
        return self._phrases.get(text)

    def put(self, text: str, speech: Speech) -> None:
        self._phrases[text] = speech
        if len(self._phrases) > self._size:
            self._phrases.popitem(last=False)
