"""Cutting words out of a recording and putting others in."""

from typing import Final

import numpy as np

from sounditout.analysis.models import SAMPLE_RATE, Float32

FADE: Final = SAMPLE_RATE // 100
"""10 ms: long enough not to click, short enough not to blur a stop."""
QUIETEST: Final = 1e-4


def replace(samples: Float32, start: int, end: int, donor: Float32) -> Float32:
    """The recording with samples [start, end) replaced by `donor`, at the level of what was there."""
    matched = donor * (loudness(samples[start:end]) / loudness(donor))
    return cross_fade(cross_fade(samples[:start], matched), samples[end:])


def remove(samples: Float32, start: int, end: int) -> Float32:
    """The recording without samples [start, end)."""
    return cross_fade(samples[:start], samples[end:])


def insert(samples: Float32, place: int, donor: Float32) -> Float32:
    """The recording with `donor` said at `place`, at the level of the recording."""
    matched = donor * (loudness(samples) / loudness(donor))
    return cross_fade(cross_fade(samples[:place], matched), samples[place:])


def cross_fade(left: Float32, right: Float32) -> Float32:
    """One after the other, overlapping by 10 ms."""
    overlap = min(FADE, len(left), len(right))
    if overlap == 0:
        return np.concatenate([left, right])
    rise = np.linspace(0, 1, overlap, dtype=np.float32)
    joint = left[-overlap:] * (1 - rise) + right[:overlap] * rise
    return np.concatenate([left[:-overlap], joint, right[overlap:]])


def loudness(samples: Float32) -> np.float32:
    """Root mean square, never 0."""
    return np.float32(max(QUIETEST, float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0))
