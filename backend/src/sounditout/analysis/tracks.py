"""From the packets of a sound track to 16 kHz mono samples.

    container → packets → frames → 16 kHz, 16 bit, same channels → average of the channels

Decoding stops as soon as a limit is passed, so that a small file which unpacks into hours costs no more than the
longest recording.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.mixing import Gauge, Mixer
from sounditout.analysis.models import Float32
from sounditout.errors import UnsupportedAudio

_MAX_PACKETS_PER_SECOND: Final = 500
"""The shortest packets in use, opus of 2.5 ms, are 400 a second; each costs as much time as a long one."""
_MAX_BAD_PACKETS: Final = 0.5
"""Share of unreadable packets from which on the rest is no reading any more."""
_MAX_BAD_MORE: Final = 50
"""So many more unreadable packets than others, and the rest is not tried."""

SoundPacket: TypeAlias = "Packet[AudioStream]"


class Packets:
    """The packets of a track, one after the other; an empty one ends the stream."""

    def __init__(self, container: InputContainer, track: AudioStream, stop: Cancellation) -> None:
        self.broken_off = False
        """Whether the file ends in the middle."""
        self._packets = container.demux(track)
        self._stop = stop

    def __iter__(self) -> Iterator[SoundPacket]:
        return self

    def __next__(self) -> SoundPacket:
        self._stop.check("decoding")
        try:
            return next(self._packets)
        except av.FFmpegError as error:
            self.broken_off = True
            raise StopIteration from error


class TrackDecoder:
    """A track decoded from its first packet to as far as it has come.

    Args:
        track: of an open container.
        max_seconds: a longer one is refused.
    """

    def __init__(self, track: AudioStream, max_seconds: float) -> None:
        self._codec = track.codec_context
        self._gauge = Gauge(max_seconds)
        self._mixer = Mixer()
        self._most = max_seconds * _MAX_PACKETS_PER_SECOND
        self._good = self._bad = 0

    @property
    def has_met_damage(self) -> bool:
        """Whether a packet could not be read."""
        return self._bad > 0

    def add(self, packet: SoundPacket) -> None:
        """Decode the next packet.

        Raises:
            UnsupportedAudio: too few packets can be read, or they are too many.
            AudioTooLong, AudioTooLarge: it is one too many.
        """
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

    def so_far(self) -> Float32:
        """The samples of what was added, but for the last few that depend on what follows."""
        return self._mixer.so_far()

    def finish(self, rest: Packets) -> Float32:
        """The samples of the whole.

        Raises:
            UnsupportedAudio, AudioTooLong, AudioTooLarge: see `add`.
            Cancelled: stopping was requested.
        """
        for packet in rest:
            self.add(packet)
        good, bad = self._good, self._bad + rest.broken_off
        if bad > 1 and bad > _MAX_BAD_PACKETS * (good + bad):
            raise UnsupportedAudio(stage="decoding")
        return self._mixer.finish()
