"""From the bytes of any recording a browser or a phone makes to 16 kHz mono samples."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import av

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.containers import open_recording, sound_track
from sounditout.analysis.models import Float32, Waveform
from sounditout.analysis.tracks import Packets, TrackDecoder
from sounditout.errors import AudioTooLarge, AudioTooShort, UnsupportedAudio

UNREADABLE: Final = (av.FFmpegError, ValueError, OverflowError, MemoryError, EOFError)
"""PyAV mostly raises FFmpegError (some of them also OSError), and ValueError where it checks for itself."""


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What is accepted: recordings of `min_seconds` to `max_seconds` in at most `max_bytes` bytes."""

    min_seconds: float
    max_seconds: float
    max_bytes: int


def decode(audio: bytes, limits: DecodeLimits, stop: Cancellation | None = None) -> Waveform:
    """Decode a recording in any common container, codec, rate and number of channels (the first sound track counts).

    What is left of a recording that was cut off in the middle, or damaged in a few places, is decoded.

    Raises:
        UnsupportedAudio: no sound can be made of it.
        AudioTooShort, AudioTooLong, AudioTooLarge: it is outside `limits`.
        Cancelled: `stop` was requested.
    """
    return accepted(audio, limits, lambda: samples_of(audio, limits, stop or Cancellation()))


def accepted(audio: bytes, limits: DecodeLimits, unpack: Callable[[], Float32]) -> Waveform:
    """What `unpack` makes of `audio`, unless it is outside `limits` or cannot be made: see `decode`."""
    if len(audio) > limits.max_bytes:
        raise AudioTooLarge(stage="decoding")
    try:
        waveform = Waveform(unpack())
    except UNREADABLE as error:
        raise UnsupportedAudio(stage="decoding") from error
    if waveform.seconds < limits.min_seconds:
        raise AudioTooShort(stage="decoding")
    return waveform


def samples_of(audio: bytes, limits: DecodeLimits, stop: Cancellation) -> Float32:
    """All samples, shape (samples,), however few. Raises one of `UNREADABLE` as well as what `decode` raises."""
    with open_recording(io.BytesIO(audio)) as container:
        track = sound_track(container)
        return TrackDecoder(track, limits.max_seconds).finish(Packets(container, track, stop))
