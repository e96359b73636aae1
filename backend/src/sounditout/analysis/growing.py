"""A recording that is decoded while it is still being made, and comes out as if it had been decoded at once."""

from typing import Protocol

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.decode import DecodeLimits, accepted, samples_of
from sounditout.analysis.feeding import FedDecoding
from sounditout.analysis.models import Float32, Waveform
from sounditout.analysis.rereading import RereadDecoding


class _Decoding(Protocol):
    """A recording decoded as far as it has come."""

    def more(self, audio: bytes, stop: Cancellation) -> Float32:
        """All samples that are sure by now, shape (samples,). Raises Cancelled."""
        ...

    def finish(self, audio: bytes, stop: Cancellation) -> Float32 | None:
        """Those of the whole; None: it has to be decoded anew. Raises as `decode`, and one of `UNREADABLE`."""
        ...


class GrowingRecording:
    """A recording that is decoded while it is being made. Not thread-safe."""

    def __init__(self, limits: DecodeLimits) -> None:
        self._limits = limits
        self._decoding: _Decoding | None = None

    def grow(self, audio: bytes, stop: Cancellation | None = None) -> Waveform:
        """All samples that are sure by now; none from a container that can only be read when it is complete.

        What is wrong with the recording is said in the end, by `finish`.

        Args:
            audio: all bytes so far, those of the last time included.
            stop: looked at now and then.

        Raises:
            Cancelled: `stop` was requested.
        """
        stop = stop or Cancellation()
        stop.check("decoding")
        if self._decoding is None:
            self._decoding = FedDecoding.of(audio, self._limits) or RereadDecoding(self._limits)
        return Waveform(self._decoding.more(audio[: self._limits.max_bytes], stop))

    def finish(self, audio: bytes, stop: Cancellation | None = None) -> Waveform:
        """The whole recording, exactly as if it had been decoded at once.

        Raises:
            UnsupportedAudio: no sound can be made of it.
            AudioTooShort, AudioTooLong, AudioTooLarge: it is outside the limits.
            Cancelled: `stop` was requested.
        """
        return accepted(audio, self._limits, lambda: self._finished(audio, stop or Cancellation()))

    def _finished(self, audio: bytes, stop: Cancellation) -> Float32:
        decoding, self._decoding = self._decoding, None
        samples = None if decoding is None else decoding.finish(audio, stop)
        return samples_of(audio, self._limits, stop) if samples is None else samples
