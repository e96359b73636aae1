"""Encoding as browsers and phones do, to check that decoding is its reverse."""

import io
from typing import Final

import av
import numpy as np
from av.audio.stream import AudioStream

from sounditout.analysis.models import SAMPLE_RATE, Waveform

CODECS: Final = (
    ("webm", "libopus"),
    ("ogg", "libopus"),
    ("mp4", "aac"),
    ("mp3", "libmp3lame"),
    ("flac", "flac"),
    ("wav", "pcm_s16le"),
)
"""FFmpeg's names of container and encoder: Chromium and Firefox, Firefox, Safari and phones, then files."""


def encode(waveform: Waveform, container: str, codec: str) -> bytes:
    """The waveform as a file, mono at 48 kHz. Raises `av.FFmpegError` or ValueError when there is no such encoder."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream: AudioStream = out.add_stream(codec, rate=48_000, layout="mono")  # type: ignore[assignment]
        resampler = av.AudioResampler(
            format=stream.format.name, layout="mono", rate=48_000, frame_size=stream.frame_size or None
        )
        for frame in [*resampler.resample(_frame(waveform)), *resampler.resample(None)]:
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def _frame(waveform: Waveform) -> av.AudioFrame:
    samples = np.ascontiguousarray(waveform.samples[None], np.float32)
    frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
    frame.sample_rate = SAMPLE_RATE
    return frame
