"""From the bytes of any recording a browser or a phone makes to 16 kHz mono samples.

    bytes → container → packets → frames → 16 kHz, 16 bit, same channels → average of the channels

A recording may be decoded while it is still being made. Taking it apart into packets is done anew every time, for
that is cheap and some containers must be read from the start; packets that were decoded before are not decoded again.

Decoding stops as soon as a limit is passed, so that a small file which unpacks into hours costs no more than the
longest recording.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.containers import open_recording, sound_track
from sounditout.analysis.mixing import Gauge, Mixer
from sounditout.analysis.models import Float32, Waveform
from sounditout.errors import AudioError, AudioTooLarge, AudioTooShort, UnsupportedAudio

_UNREADABLE: Final = (av.FFmpegError, ValueError, OverflowError, MemoryError, EOFError)
"""PyAV mostly raises FFmpegError (some of them also OSError), and ValueError where it checks for itself."""
_MAX_PACKETS_PER_SECOND: Final = 500
"""The shortest packets in use, opus of 2.5 ms, are 400 a second; each costs as much time as a long one."""
_MAX_BAD_PACKETS: Final = 0.5
"""Share of unreadable packets from which on the rest is no reading any more."""
_MAX_BAD_MORE: Final = 50
"""So many more unreadable packets than others, and the rest is not tried."""
_HELD_BACK: Final = 3
"""Packets at the end of what has come so far: one or two that may be cut off, and the one that ends the stream."""

_Packet: TypeAlias = "Packet[AudioStream]"


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
    return GrowingRecording(limits).finish(audio, stop)


class GrowingRecording:
    """A recording that is decoded while it is being made. Not thread-safe."""

    def __init__(self, limits: DecodeLimits) -> None:
        self._limits = limits
        self._decoding: _Decoding | None = None
        self._samples = np.zeros(0, np.float32)
        self._given_up = False

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
        if not self._given_up and len(audio) <= self._limits.max_bytes:
            self._take_more(audio, stop)
        return Waveform(self._samples)

    def finish(self, audio: bytes, stop: Cancellation | None = None) -> Waveform:
        """The whole recording, exactly as if it had been decoded at once.

        Raises:
            UnsupportedAudio: no sound can be made of it.
            AudioTooShort, AudioTooLong, AudioTooLarge: it is outside the limits.
            Cancelled: `stop` was requested.
        """
        if len(audio) > self._limits.max_bytes:
            raise AudioTooLarge(stage="decoding")
        stop = stop or Cancellation()
        begun, self._decoding = (None if self._given_up else self._decoding), None
        try:
            waveform = Waveform(_finish(begun, audio, self._limits, stop))
        except _UNREADABLE as error:
            raise UnsupportedAudio(stage="decoding") from error
        if waveform.seconds < self._limits.min_seconds:
            raise AudioTooShort(stage="decoding")
        return waveform

    def _take_more(self, audio: bytes, stop: Cancellation) -> None:
        try:
            with open_recording(audio) as container:
                self._decode_more(container, sound_track(container), stop)
        except (AudioError, *_UNREADABLE):
            return  # too little of it is there

    def _decode_more(self, container: InputContainer, track: AudioStream, stop: Cancellation) -> None:
        if self._decoding is None or not self._decoding.is_of(container, track):
            self._decoding = _Decoding(container, track, self._limits)
        try:
            self._decoding.add_whole_ones(_Packets(container, track, stop))
            self._samples = self._decoding.so_far()
        except (AudioError, *_UNREADABLE):
            self._given_up = True  # nor would it go better with more


def _finish(begun: "_Decoding | None", audio: bytes, limits: DecodeLimits, stop: Cancellation) -> Float32:
    """Decode the rest, or everything where the beginning is not what it seemed to be before the rest had come."""
    if begun is not None:
        with open_recording(audio) as container:
            track = sound_track(container)
            packets = _Packets(container, track, stop)
            if begun.is_of(container, track) and begun.has_begun_with(packets):
                return begun.finish(packets)
    with open_recording(audio) as container:
        track = sound_track(container)
        return _Decoding(container, track, limits).finish(_Packets(container, track, stop))


class _Packets:
    """The packets of a track, one after the other; an empty one ends the stream."""

    def __init__(self, container: InputContainer, track: AudioStream, stop: Cancellation) -> None:
        self.broken_off = False
        """Whether the file ends in the middle."""
        self._packets = container.demux(track)
        self._stop = stop

    def __iter__(self) -> Iterator[_Packet]:
        return self

    def __next__(self) -> _Packet:
        self._stop.check("decoding")
        try:
            return next(self._packets)
        except av.FFmpegError as error:
            self.broken_off = True
            raise StopIteration from error


class _Decoding:
    """A track decoded from its first packet to as far as it has come."""

    def __init__(self, container: InputContainer, track: AudioStream, limits: DecodeLimits) -> None:
        self._identity = _identity(container, track)
        self._codec = track.codec_context
        self._gauge = Gauge(limits.max_seconds)
        self._mixer = Mixer()
        self._most = limits.max_seconds * _MAX_PACKETS_PER_SECOND
        self._good = self._bad = 0
        self._decoded: list[int] = []
        """Fingerprints of the packets that were added while more were to come, in order."""

    def is_of(self, container: InputContainer, track: AudioStream) -> bool:
        """Whether this is a decoding of such a track."""
        return self._identity == _identity(container, track)

    def has_begun_with(self, packets: _Packets) -> bool:
        """Take as many packets as were decoded; whether they are the same."""
        taken = islice(packets, len(self._decoded))
        return [_fingerprint(packet) for packet in taken] == self._decoded

    def add_whole_ones(self, packets: _Packets) -> None:
        """Decode what is new and will not change any more, of all packets so far."""
        waiting: deque[_Packet] = deque()
        for packet in islice(packets, len(self._decoded), None):
            waiting.append(packet)
            if len(waiting) > _HELD_BACK:
                sure = waiting.popleft()
                self._decoded.append(_fingerprint(sure))
                self._add(sure)

    def so_far(self) -> Float32:
        """The samples of what was added, but for the last few that depend on what follows."""
        return self._mixer.so_far()

    def finish(self, rest: _Packets) -> Float32:
        """The samples of the whole.

        Raises:
            UnsupportedAudio: too few packets can be read, or they are too many.
        """
        for packet in rest:
            self._add(packet)
        good, bad = self._good, self._bad + rest.broken_off
        if bad > 1 and bad > _MAX_BAD_PACKETS * (good + bad):
            raise UnsupportedAudio(stage="decoding")
        return self._mixer.finish()

    def _add(self, packet: _Packet) -> None:
        try:
            frames = self._codec.decode(packet)
        except av.FFmpegError:
            self._bad += 1
        else:
            self._good += 1
            for frame in frames:
                self._gauge.add(frame)
                self._mixer.add(frame)
        if self._good + self._bad > self._most or self._bad > self._good + _MAX_BAD_MORE:
            raise UnsupportedAudio(stage="decoding")


def _identity(container: InputContainer, track: AudioStream) -> tuple[object, ...]:
    """What a decoder is set up with, before it has decoded anything."""
    codec = track.codec_context
    return (container.format.name, track.index, codec.name, codec.extradata, codec.sample_rate, codec.layout.name)


def _fingerprint(packet: _Packet) -> int:
    """Equal for packets that a decoder does the same with."""
    beside = [(one.data_type, bytes(one)) for one in packet.iter_sidedata()]
    return hash((bytes(packet), packet.is_discard, tuple(beside)))
