"""Where a recording can be cut."""

from typing import Final

import numpy as np

from sounditout.analysis.models import SAMPLE_RATE, Float32

_WINDOW: Final = SAMPLE_RATE // 10
"""A pause between words lasts 0.1 s or more; the gap inside "stop" does not."""


def quietest(samples: Float32) -> int:
    """The middle of the quietest tenth of a second; there have to be as many samples."""
    energy = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    return int(np.argmin(energy[_WINDOW:] - energy[:-_WINDOW])) + _WINDOW // 2
