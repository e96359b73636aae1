"""mp3 in parts that can be put one after the other.

Every call has an encoder of its own, so that no frame needs bits of a frame before its part, and what comes out are
frames and nothing else: no tag, and no header that would tell the length of one part only. All have the same bit
rate, so that a player can tell the length of the whole from its size.
"""

from functools import cache
from typing import Final

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray

from sounditout.analysis.models import Float32

RATE: Final = 24_000
"""Hz, of what is encoded."""
FRAME_SAMPLES: Final = 576
"""24 ms."""
DELAY_SAMPLES: Final = 1_105
"""46 ms of silence at the start of each part, of which the encoder makes half and the decoder half."""

_BIT_RATE: Final = 48_000
"""Transparent for one voice at 24 kHz; 6 kB per second."""
FRAME_BYTES: Final = _BIT_RATE // 8 * FRAME_SAMPLES // RATE
_EFFORT: Final = "7"
"""lame's quality 7: half the time of the default 5 for the same size; 8 and 9 are no faster."""


def encode(wave: Float32) -> bytes:
    """The frames of a waveform (samples,) in −1..1, one channel at `RATE`.

    Decoded, it begins `DELAY_SAMPLES` late, and silence fills the last frame.

    Raises:
        av.FFmpegError: the encoder failed.
    """
    encoder = _encoder()
    frame = av.AudioFrame.from_ndarray(_pcm(wave), format="s16p", layout="mono")
    frame.sample_rate = RATE
    return b"".join(map(bytes, [*encoder.encode(frame), *encoder.encode(None)]))


@cache
def silence(frames: int) -> bytes:
    """So many frames of it."""
    whole = encode(np.zeros(frames * FRAME_SAMPLES, np.float32))
    return whole[: frames * FRAME_BYTES]


def _encoder() -> AudioCodecContext:
    encoder = AudioCodecContext.create("libmp3lame", "w")
    encoder.sample_rate = RATE
    encoder.layout = "mono"
    encoder.format = av.AudioFormat("s16p")
    encoder.bit_rate = _BIT_RATE
    encoder.options = {"compression_level": _EFFORT}
    return encoder


def _pcm(wave: Float32) -> NDArray[np.int16]:
    return (wave * 32767.0).astype(np.int16).reshape(1, -1)
