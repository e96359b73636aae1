"""Decoded frames of any format → 16 kHz mono samples, and not too many of them."""

from typing import Final

import av
import numpy as np
from av.audio.frame import AudioFrame

from sounditout.analysis.models import SAMPLE_RATE, Float32
from sounditout.errors import AudioTooLarge, AudioTooLong, UnsupportedAudio

_RATES: Final = range(4_000, 192_001)
"""Hz: below is no speech, above no microphone."""
_MAX_CHANNELS: Final = 8
_MAX_VALUES_PER_SECOND: Final = 2 * 192_000
"""Samples of all channels: the finest stereo. More only unpacks from a file that was made to be large."""
_SLACK_SECONDS: Final = 0.25
"""A recorder that stops at the limit is a few packets late."""
_BATCH_SECONDS: Final = 2
"""Frames are resampled in batches: one by one costs as much again, all at once needs as much memory as they do."""


class Gauge:
    """Measures frames as they come and raises when they are too many or of a kind no microphone makes."""

    def __init__(self, max_seconds: float) -> None:
        self._max_seconds = max_seconds + _SLACK_SECONDS
        self._max_values = self._max_seconds * _MAX_VALUES_PER_SECOND
        self._seconds = 0.0
        self._values = 0

    def add(self, frame: AudioFrame) -> None:
        """Count a frame.

        Raises:
            UnsupportedAudio, AudioTooLong, AudioTooLarge: it is one too many.
        """
        rate, channels, samples = frame.sample_rate, frame.layout.nb_channels, frame.samples
        if rate not in _RATES or not 1 <= channels <= _MAX_CHANNELS:
            raise UnsupportedAudio(stage="decoding")
        self._seconds += samples / rate
        self._values += samples * channels
        if self._seconds > self._max_seconds:
            raise AudioTooLong(stage="decoding")
        if self._values > self._max_values:
            raise AudioTooLarge(stage="decoding")


class Mixer:
    """Turns frames of any format, which may change on the way, into mono samples at `SAMPLE_RATE`.

    Channels are averaged here and not by FFmpeg, whose mix of two equal float channels is 1.414 times as loud as one.
    What comes out does not depend on when it is asked for.
    """

    def __init__(self) -> None:
        self._parts: list[Float32] = []
        self._format: tuple[str, str, int] | None = None
        self._queue = av.AudioFifo()
        self._queued = 0
        self._resampler = av.AudioResampler()

    def add(self, frame: AudioFrame) -> None:
        """Take the next frame."""
        rate = frame.sample_rate
        frame_format = (frame.format.name, frame.layout.name, rate)
        if frame_format != self._format:
            self._flush()
            self._format = frame_format
            self._queue = av.AudioFifo()
            # 16 bit inside as well: a third of the time, and no better than the microphone either way.
            self._resampler = av.AudioResampler(
                format="s16", layout=frame.layout, rate=SAMPLE_RATE, options={"internal_sample_fmt": "s16p"}
            )
        frame.pts = None  # gaps in the time stamps are pauses of the recorder, not of the reader
        self._queue.write(frame)
        self._queued += frame.samples
        if self._queued >= _BATCH_SECONDS * rate:
            self._resample()

    def so_far(self) -> Float32:
        """All samples that are sure by now, float32 in [-1, 1], shape (samples,); more frames may follow."""
        if self._format is not None:
            self._resample()
        return self._joined()

    def finish(self) -> Float32:
        """All samples, float32 in [-1, 1], shape (samples,)."""
        self._flush()
        return self._joined()

    def _joined(self) -> Float32:
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        return self._parts[0] if self._parts else np.zeros(0, np.float32)

    def _resample(self) -> None:
        batch = self._queue.read()
        self._queued = 0
        if batch is not None:
            self._keep(self._resampler.resample(_finite(batch)))

    def _flush(self) -> None:
        if self._format is not None:
            self._resample()
            self._keep(self._resampler.resample(None))

    def _keep(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            if frame.samples:
                self._parts.append(_mono(frame))


# Below, only packed frames become arrays: PyAV reads past the end of a planar frame's list of eight channels.


def _mono(frame: AudioFrame) -> Float32:
    """A frame of packed 16-bit values as the average of its channels, float32, shape (samples,)."""
    pcm = frame.to_ndarray().reshape(-1, frame.layout.nb_channels)
    total = pcm.astype(np.float32) if pcm.shape[1] == 1 else pcm.sum(axis=1, dtype=np.float32, keepdims=True)
    total *= np.float32(1 / (32768 * pcm.shape[1]))
    mono: Float32 = total[:, 0]
    return mono


def _finite(frame: AudioFrame) -> AudioFrame:
    """The frame with silence in place of values that are no numbers, which would spoil their neighbours."""
    if frame.format.name not in ("flt", "dbl"):  # uncompressed floats; no decoder makes such values
        return frame
    values = frame.to_ndarray()
    bad = ~np.isfinite(values)
    if not bad.any():
        return frame
    clean = AudioFrame.from_ndarray(np.where(bad, 0, values), format=frame.format.name, layout=frame.layout.name)
    clean.sample_rate = frame.sample_rate
    return clean
