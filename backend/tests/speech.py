"""Speech and sounds for tests: spoken by the bundled voice, encoded by PyAV, the same bytes every time."""

import hashlib
import io
import tempfile
import wave
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from hibari import Hibari

from sounditout.analysis.models import SAMPLE_RATE, Float32, Waveform

ENCODINGS: tuple[tuple[str, str], ...] = (
    ("webm", "libopus"),
    ("ogg", "libopus"),
    ("mp4", "aac"),
    ("adts", "aac"),
    ("mp3", "libmp3lame"),
    ("flac", "flac"),
    ("wav", "pcm_s16le"),
    ("wav", "pcm_f32le"),
)
"""(container, codec) pairs that browsers and phones record."""

_SAID = Path(__file__).resolve().parents[1] / ".pytest_cache" / "speech"


@cache
def _voice() -> Hibari:
    return Hibari()


@cache
def speak(text: str, speed: float = 1.0) -> Waveform:
    """`text` read by the bundled voice: 16 kHz mono; `speed` 0.5 (slow) to 2."""
    return _said_before(f"text {speed} {text}", lambda: _voice()(text, speed=speed, seed=0))


@cache
def speak_phonemes(phonemes: str, speed: float = 1.0) -> Waveform:
    """Phonemes in the voice's own alphabet (misaki), `ðə kˈæt sˈæt.` for example; a way to misread on purpose."""
    return _said_before(f"phonemes {speed} {phonemes}", lambda: _voice().from_phonemes(phonemes, speed=speed, seed=0))


def _said_before(what: str, say: Callable[[], Float32]) -> Waveform:
    """From a file, if this version of the voice said it in another process or an earlier run."""
    name = hashlib.sha256(f"{version('hibari-tts')} {what}".encode()).hexdigest()
    file = _SAID / f"{name}.npy"
    if not file.exists():
        _SAID.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=_SAID, delete=False) as unfinished:
            np.save(unfinished, resample(say(), _voice().sample_rate, SAMPLE_RATE))
        Path(unfinished.name).replace(file)  # at once, so that no other process reads half of it
    spoken: Float32 = np.load(file)
    spoken.setflags(write=False)  # cached: a test must not spoil it for the next one
    return Waveform(spoken)


def resample(samples: Float32, rate: int, wanted: int) -> Float32:
    """Mono samples at `rate` as mono samples at `wanted` (Hz)."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=wanted)
    frames = [*resampler.resample(_frame(samples[None], rate)), *resampler.resample(None)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)


def silence(seconds: float) -> Waveform:
    """Nothing at all, for `seconds`."""
    return Waveform(np.zeros(round(seconds * SAMPLE_RATE), np.float32))


def noise(seconds: float, level: float = 0.1, seed: int = 0) -> Waveform:
    """White noise of RMS `level`."""
    samples = np.random.default_rng(seed).standard_normal(round(seconds * SAMPLE_RATE))
    return Waveform((level * samples).clip(-1, 1).astype(np.float32))


def tone(seconds: float, hertz: float = 440.0, level: float = 0.5) -> Waveform:
    """A sine wave of amplitude `level`."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return Waveform((level * np.sin(2 * np.pi * hertz * time)).astype(np.float32))


def joined(*parts: Waveform) -> Waveform:
    """The parts one after the other."""
    return Waveform(np.concatenate([part.samples for part in parts]))


def as_wav(samples: Float32, rate: int = SAMPLE_RATE) -> bytes:
    """A 16-bit PCM WAV file. `samples`: shape (samples,) or (channels, samples)."""
    pcm = (np.atleast_2d(samples).T.clip(-1, 1) * 32767).round().astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(pcm.shape[1])
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(pcm.tobytes())
    return file.getvalue()


def encode(
    samples: Float32,
    container: str = "webm",
    codec: str = "libopus",
    *,
    rate: int = SAMPLE_RATE,
    encoded_rate: int = 48_000,
) -> bytes:
    """A file as a browser or a phone makes it.

    Args:
        samples: shape (samples,) or (channels, samples), one or two channels.
        container: FFmpeg's name of the container, for example `webm`, `ogg`, `mp4`, `mp3`, `wav`.
        codec: FFmpeg's name of the encoder, for example `libopus`, `aac`, `pcm_s16le`.
        rate: of `samples`, Hz.
        encoded_rate: of the file, Hz.
    """
    planes = np.atleast_2d(samples)
    layout = "stereo" if len(planes) == 2 else "mono"
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = cast("Any", out.add_stream(codec, rate=encoded_rate, layout=layout))
        resampler = av.AudioResampler(
            format=stream.format.name, layout=layout, rate=encoded_rate, frame_size=stream.frame_size or None
        )
        pieces = np.array_split(planes, 1 + planes.shape[1] // (10 * rate), axis=1)
        for piece in [*(_frame(piece, rate) for piece in pieces), None]:
            for frame in resampler.resample(piece):
                out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def _frame(planes: Float32, rate: int) -> av.AudioFrame:
    layout = "stereo" if len(planes) == 2 else "mono"
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes, np.float32), format="fltp", layout=layout)
    frame.sample_rate = rate
    return frame
