"""Other rooms, microphones and voices: copies of a recording that say the same thing."""

import io
from typing import Final, Literal

import av
import numpy as np

from sounditout.analysis.models import SAMPLE_RATE, Float32

SPEED: Final = (0.9, 1.12)
NOISE_DB: Final = (8.0, 30.0)
"""Signal to noise."""
TILT_DB: Final = 6.0
"""Largest rise or fall of the spectrum from 0 to 8 kHz."""
LEVEL: Final = (0.03, 0.25)
"""Root mean square of what is said."""
OPUS_RATES: Final = (16_000, 24_000, 32_000)
"""Bits per second of a browser that saves bandwidth."""
CODED_FRACTION: Final = 0.5


def augment(samples: Float32, rng: np.random.Generator) -> Float32:
    """A different voice, tone, level, room noise and, half of the time, codec."""
    changed = tilt(change_speed(samples, rng.uniform(*SPEED)), rng.uniform(-TILT_DB, TILT_DB))
    changed = set_level(changed, rng.uniform(*LEVEL))
    changed = add_noise(changed, rng.uniform(*NOISE_DB), rng)
    if rng.random() < CODED_FRACTION:
        changed = through_opus(changed, int(rng.choice(OPUS_RATES)))
    return changed


def change_speed(samples: Float32, factor: float) -> Float32:
    """Play faster (> 1) or slower, pitch and all, by linear interpolation."""
    positions = np.arange(0, len(samples) - 1, factor)
    changed: Float32 = np.interp(positions, np.arange(len(samples)), samples).astype(np.float32)
    return changed


def tilt(samples: Float32, decibels: float) -> Float32:
    """Raise or lower the spectrum linearly, by `decibels` at the upper end."""
    spectrum = np.fft.rfft(samples)
    gain = 10 ** (np.linspace(0, decibels, len(spectrum)) / 20)
    return np.fft.irfft(spectrum * gain, len(samples)).astype(np.float32)


def set_level(samples: Float32, rms: float) -> Float32:
    """Scale to a root mean square, without clipping."""
    present = float(np.sqrt(np.mean(samples**2))) or 1.0
    loudest = float(np.abs(samples).max()) or 1.0
    scaled: Float32 = samples * np.float32(min(rms / present, 0.99 / loudest))
    return scaled


def add_noise(samples: Float32, decibels: float, rng: np.random.Generator) -> Float32:
    """Add noise between white and brown, `decibels` below the signal."""
    frequencies = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    colour = np.maximum(frequencies, 50.0) ** -rng.uniform(0, 1)
    noise = np.fft.irfft(np.fft.rfft(rng.normal(size=len(samples))) * colour, len(samples))
    wanted = float(np.sqrt(np.mean(samples**2))) * 10 ** (-decibels / 20)
    return (samples + noise * (wanted / float(np.sqrt(np.mean(noise**2))))).astype(np.float32)


def through_opus(samples: Float32, bits_per_second: int) -> Float32:
    """What is left after Opus in WebM, as browsers record it."""
    file = io.BytesIO()
    encode_opus(samples, bits_per_second, file)
    file.seek(0)
    resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
    with av.open(file, "r", format="webm") as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    frames.extend(resampler.resample(None))
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)


def encode_opus(samples: Float32, bits_per_second: int, file: io.BytesIO) -> None:
    """Write WebM/Opus."""
    layout: Literal["mono"] = "mono"
    with av.open(file, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=48_000, layout=layout)
        stream.bit_rate = bits_per_second
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="flt", layout=layout)
        frame.sample_rate = SAMPLE_RATE
        resampler = av.AudioResampler("flt", layout, 48_000, frame_size=960)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
