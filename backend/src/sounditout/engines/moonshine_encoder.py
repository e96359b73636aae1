"""The Moonshine-tiny encoder: waveform → one vector every 24 ms."""

from pathlib import Path
from typing import Final

import numpy as np

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.models import SAMPLE_RATE, Float32, Waveform
from sounditout.analysis.quiet import quietest
from sounditout.engines.onnx_runtime import open_session, run

FRAME_SECONDS: Final = 0.024
FRAME_SAMPLES: Final = 384
MIDDLE_AND_LAST: Final = 576
LAST: Final = 288

LONGEST_SECONDS: Final = 15.0
"""Longer recordings are cut: attention costs grow with the square (5 s: 38 ms, 30 s: 505 ms)."""
CUT_SEARCH_SECONDS: Final = 5.0
"""The cut is made at the quietest moment of the last so many seconds."""
SHORTEST_SAMPLES: Final = SAMPLE_RATE // 2
"""The encoder gives nothing for less than a few frames; shorter recordings are padded with silence."""

LEVEL_WINDOW: Final = SAMPLE_RATE // 40
SPEECH_PERCENTILE: Final = 90
SPEECH_LEVEL: Final = 0.12
"""Root mean square that the loud parts are brought to: the encoder is not indifferent to loudness."""
PEAK: Final = 0.98
FAINTEST: Final = 1e-6
"""Nothing is made more than so faint; a long pause may be digital silence."""


class MoonshineEncoder:
    """Thread-safe: one session, no state between calls."""

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._session = open_session(path, threads=threads)

    def encode(self, waveform: Waveform, stop: Cancellation | None = None) -> Float32:
        """(frames, 576), the middle layer beside the last; in pieces when it is long. Frame i is at i · 24 ms.

        Raises:
            Cancelled: `stop` was requested.
        """
        samples = level(waveform.samples)
        *full, rest = cut(samples)
        frames = [fill(self._encode_piece(piece, stop), len(piece) // FRAME_SAMPLES) for piece in full]
        return np.concatenate([*frames, self._encode_piece(rest, stop)])

    def _encode_piece(self, samples: Float32, stop: Cancellation | None) -> Float32:
        wanted = max(1, round(len(samples) / FRAME_SAMPLES))
        padded = np.pad(samples, (0, max(0, SHORTEST_SAMPLES - len(samples))))
        return run(self._session, "embeddings", {"input_values": padded[None]}, stop)[:wanted]


def last_layer(embeddings: Float32) -> Float32:
    """(frames, 288): what the decoder reads of (frames, 576)."""
    return np.ascontiguousarray(embeddings[:, -LAST:])


def fill(frames: Float32, wanted: int) -> Float32:
    """Repeat the last frame: the encoder gives one or two fewer than the time it heard, and clocks must agree."""
    return np.pad(frames, ((0, wanted - len(frames)), (0, 0)), mode="edge")


def speech_level(samples: Float32) -> float:
    """Root mean square of the louder moments, which pauses between words hardly change."""
    powers = _window_powers(samples)
    return float(np.sqrt(np.percentile(powers, SPEECH_PERCENTILE))) if len(powers) else 0.0


def _window_powers(samples: Float32) -> Float32:
    """Mean square of every `LEVEL_WINDOW`, or of all when there is less."""
    windows = len(samples) // LEVEL_WINDOW
    if windows == 0:
        return np.mean(samples**2, keepdims=True) if len(samples) else samples
    powers: Float32 = np.mean(samples[: windows * LEVEL_WINDOW].reshape(windows, LEVEL_WINDOW) ** 2, axis=1)
    return powers


def loudest_level(samples: Float32) -> float:
    """Root mean square of the third loudest moment: one word in a minute of silence is enough, two clicks are not."""
    powers = _window_powers(samples)
    return float(np.sqrt(np.sort(powers)[-3:][0])) if len(powers) else 0.0


def level(samples: Float32) -> Float32:
    """Bring speech to the level the head was trained at, without clipping; silence stays silence."""
    present, loudest = speech_level(samples), float(np.abs(samples).max(initial=0.0))
    if loudest == 0.0:
        return samples
    gain = min(SPEECH_LEVEL / max(present, FAINTEST), PEAK / loudest)
    return (samples * np.float32(gain)).astype(np.float32)


def cut(samples: Float32) -> list[Float32]:
    """Pieces of at most `LONGEST_SECONDS`, cut where it is quiet and on a frame."""
    longest, search = int(LONGEST_SECONDS * SAMPLE_RATE), int(CUT_SEARCH_SECONDS * SAMPLE_RATE)
    pieces = []
    while len(samples) > longest:
        place = longest - search + quietest(samples[longest - search : longest])
        place -= place % FRAME_SAMPLES
        pieces.append(samples[:place])
        samples = samples[place:]
    return [*pieces, samples]
