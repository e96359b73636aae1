"""Decoding while a recording is being made, for containers that are read with jumps: MP4, Ogg and others.

Taking it apart into packets is done anew every time, for that is cheap; packets that were decoded before are not
decoded again.
"""

import io
from collections import deque
from itertools import islice
from typing import Final

import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.containers import open_recording, sound_track
from sounditout.analysis.decode import UNREADABLE, DecodeLimits
from sounditout.analysis.models import Float32
from sounditout.analysis.tracks import Packets, SoundPacket, TrackDecoder
from sounditout.errors import AudioError

_HELD_BACK: Final = 3
"""Packets at the end of what has come so far: one or two that may be cut off, and the one that ends the stream."""


class RereadDecoding:
    """A recording decoded as far as it has come, in the thread that asks. Not thread-safe."""

    def __init__(self, limits: DecodeLimits) -> None:
        self._limits = limits
        self._begun: _Begun | None = None
        self._samples = np.zeros(0, np.float32)
        self._given_up = False

    def more(self, audio: bytes, stop: Cancellation) -> Float32:
        """All samples that are sure by now, shape (samples,).

        Raises:
            Cancelled: `stop` was requested.
        """
        if not self._given_up:
            self._take_more(audio, stop)
        return self._samples

    def finish(self, audio: bytes, stop: Cancellation) -> Float32 | None:
        """The whole; None where the beginning is not what it seemed to be before the rest had come."""
        if self._begun is None or self._given_up:
            return None
        with open_recording(io.BytesIO(audio)) as container:
            track = sound_track(container)
            packets = Packets(container, track, stop)
            if self._begun.is_of(container, track) and self._begun.has_begun_with(packets):
                return self._begun.decoder.finish(packets)
        return None

    def _take_more(self, audio: bytes, stop: Cancellation) -> None:
        try:
            with open_recording(io.BytesIO(audio)) as container:
                self._decode_more(container, sound_track(container), stop)
        except (AudioError, *UNREADABLE):
            return  # too little of it is there

    def _decode_more(self, container: InputContainer, track: AudioStream, stop: Cancellation) -> None:
        if self._begun is None or not self._begun.is_of(container, track):
            self._begun = _Begun(container, track, self._limits)
        try:
            self._begun.add_whole_ones(Packets(container, track, stop))
            self._samples = self._begun.decoder.so_far()
        except (AudioError, *UNREADABLE):
            self._given_up = True  # nor would it go better with more


class _Begun:
    """A track, and which of its packets have been decoded."""

    def __init__(self, container: InputContainer, track: AudioStream, limits: DecodeLimits) -> None:
        self._identity = _identity(container, track)
        self._decoded: list[int] = []
        """Fingerprints of packets, in order."""
        self.decoder = TrackDecoder(track, limits.max_seconds)

    def is_of(self, container: InputContainer, track: AudioStream) -> bool:
        """Whether this is a decoding of such a track."""
        return self._identity == _identity(container, track)

    def has_begun_with(self, packets: Packets) -> bool:
        """Take as many packets as were decoded; whether they are the same."""
        taken = islice(packets, len(self._decoded))
        return [_fingerprint(packet) for packet in taken] == self._decoded

    def add_whole_ones(self, packets: Packets) -> None:
        """Decode what is new and will not change any more, of all packets so far."""
        waiting: deque[SoundPacket] = deque()
        for packet in islice(packets, len(self._decoded), None):
            waiting.append(packet)
            if len(waiting) > _HELD_BACK:
                sure = waiting.popleft()
                self._decoded.append(_fingerprint(sure))
                self.decoder.add(sure)


def _identity(container: InputContainer, track: AudioStream) -> tuple[object, ...]:
    """What a decoder is set up with, before it has decoded anything."""
    codec = track.codec_context
    return (container.format.name, track.index, codec.name, codec.extradata, codec.sample_rate, codec.layout.name)


def _fingerprint(packet: SoundPacket) -> int:
    """Equal for packets that a decoder does the same with."""
    beside = [(one.data_type, bytes(one)) for one in packet.iter_sidedata()]
    return hash((bytes(packet), packet.is_discard, tuple(beside)))
