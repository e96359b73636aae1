"""mp3 in parts that can be put one after the other.

Every call has an encoder of its own, so that no frame needs bits of a frame before its part, and what comes out are
frames and nothing else: no tag, and no header that would tell the length of one part only. All have the same bit
rate, so that a player can tell the length of the whole from its size.

LAME comes by `lameenc`, whose build takes a quarter of the time that the one inside PyAV takes for the same sound.
"""

from functools import cache
from typing import Final

import lameenc
import numpy as np
from numpy.typing import NDArray

from sounditout.analysis.models import Float32

RATE: Final = 24_000
"""Hz, of what is encoded."""
FRAME_SAMPLES: Final = 576
"""24 ms."""
DELAY_SAMPLES: Final = 1_105
"""46 ms of silence at the start of each part, of which the encoder makes half and the decoder half."""

_KBIT_PER_SECOND: Final = 48
"""Transparent for one voice at 24 kHz; 6 kB per second."""
FRAME_BYTES: Final = _KBIT_PER_SECOND * 1000 // 8 * FRAME_SAMPLES // RATE
_EFFORT: Final = 7
"""LAME's quality 7: half the time of the default 5 for the same size; 8 and 9 are no faster."""


def encode(wave: Float32) -> bytes:
    """The frames of a waveform (samples,) in −1..1, one channel at `RATE`.

    Decoded, it begins `DELAY_SAMPLES` late, and silence fills the last frame.

    Raises:
        RuntimeError: the encoder failed.
    """
    encoder = _encoder()
    return bytes(encoder.encode(_pcm(wave).tobytes()) + encoder.flush())


@cache
def silence(frames: int) -> bytes:
    """So many frames of it."""
    whole = encode(np.zeros(frames * FRAME_SAMPLES, np.float32))
    return whole[: frames * FRAME_BYTES]


def _encoder() -> lameenc.Encoder:
    encoder = lameenc.Encoder()
    encoder.silence()  # it would tell the terminal about itself
    encoder.set_channels(1)
    encoder.set_in_sample_rate(RATE)
    encoder.set_bit_rate(_KBIT_PER_SECOND)
    encoder.set_quality(_EFFORT)
    return encoder


def _pcm(wave: Float32) -> NDArray[np.int16]:
    return (wave * 32767.0).astype(np.int16)
