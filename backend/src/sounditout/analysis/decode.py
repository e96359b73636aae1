"""From the bytes of any recording a browser or a phone makes to 16 kHz mono samples.

    bytes → container → packets → frames → 16 kHz, 16 bit, same channels → average of the channels

Only containers and codecs that people record with are let in, and nothing but the given bytes is ever opened:
playlists and other formats that name further files are refused. Decoding stops as soon as a limit is passed, so that
a small file which unpacks into hours costs no more than the longest recording; and no file makes FFmpeg allocate more
than a fixed amount at once.
"""

import ctypes
import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Never

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from sounditout.analysis.models import SAMPLE_RATE, Float32, Waveform
from sounditout.errors import AudioTooLarge, AudioTooLong, AudioTooShort, UnsupportedAudio

CONTAINERS: Final = "matroska,webm,ogg,mov,mp4,m4a,3gp,wav,mp3,flac,aac"
"""FFmpeg's names of the containers that are let in."""

CODECS: Final = frozenset(
    {
        *("opus", "libopus", "vorbis", "aac", "aac_fixed", "aac_latm", "mp3float", "mp3", "mp2float", "mp2"),
        *("flac", "alac", "amrnb", "amrwb", "gsm", "gsm_ms", "adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt"),
        *("pcm_u8", "pcm_s8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be"),
        *("pcm_s64le", "pcm_s64be", "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be", "pcm_alaw", "pcm_mulaw"),
    }
)
"""FFmpeg's names of the decoders that are let in. No video: a picture beside the sound is never opened."""

_OPTIONS: Final = {
    "format_whitelist": CONTAINERS,
    "codec_whitelist": ",".join(sorted(CODECS)),
    "protocol_whitelist": "none",
    "max_probe_packets": "1",  # more only looks for a film's sound track inside PCM, for 4 ms
}
_RATES: Final = range(4_000, 192_001)
"""Hz: below is no speech, above no microphone."""
_MAX_CHANNELS: Final = 8
_MAX_VALUES_PER_SECOND: Final = 2 * 192_000
"""Samples of all channels: the finest stereo. More only unpacks from a file that was made to be large."""
_SLACK_SECONDS: Final = 0.25
"""A recorder that stops at the limit is a few packets late."""
_BATCH_SECONDS: Final = 2
"""Frames are resampled in batches: one by one costs as much again, all at once needs as much memory as they do."""
_MAX_PACKETS_PER_SECOND: Final = 500
"""The shortest packets in use, opus of 2.5 ms, are 400 a second; each costs as much time as a long one."""
_MAX_BAD_PACKETS: Final = 0.5
"""Share of unreadable packets from which on the rest is no reading any more."""
_MAX_BAD_MORE: Final = 50
"""So many more unreadable packets than others, and the rest is not tried."""
_MAX_BLOCK_BYTES: Final = 64 * 1024 * 1024
"""The largest that decoding needs, two seconds of eight channels at the highest rate, is 12 MB. Without a limit 200
bytes of WAV or MP4 that promise a long title or a million samples make FFmpeg fill 2 GB."""


def _limit_allocations() -> None:
    """Set FFmpeg's limit on one block of memory, in this process; PyAV has no function for it."""
    # A library that is opened by name also finds the functions of those it was linked with.
    with suppress(OSError, AttributeError):  # not so on Windows, which goes without this guard
        ctypes.CDLL(av.buffer.__file__).av_max_alloc(ctypes.c_size_t(_MAX_BLOCK_BYTES))


_limit_allocations()
av.logging.set_level(None)  # FFmpeg's own log says nothing that the raised errors do not


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What is accepted: recordings of `min_seconds` to `max_seconds` in at most `max_bytes` bytes."""

    min_seconds: float
    max_seconds: float
    max_bytes: int


def decode(audio: bytes, limits: DecodeLimits) -> Waveform:
    """Decode a recording in any common container, codec, rate and number of channels (the first sound track counts).

    What is left of a recording that was cut off in the middle, or damaged in a few places, is decoded.

    Raises:
        UnsupportedAudio: no sound can be made of it.
        AudioTooShort, AudioTooLong, AudioTooLarge: it is outside `limits`.
    """
    if len(audio) > limits.max_bytes:
        raise AudioTooLarge(stage="decoding")
    try:
        samples = _decode(audio, limits)
    # PyAV mostly raises FFmpegError (some of them also OSError), and ValueError where it checks for itself.
    except (av.FFmpegError, ValueError, OverflowError, MemoryError, EOFError) as error:
        raise UnsupportedAudio(stage="decoding") from error
    waveform = Waveform(samples)
    if waveform.seconds < limits.min_seconds:
        raise AudioTooShort(stage="decoding")
    return waveform


def _decode(audio: bytes, limits: DecodeLimits) -> Float32:
    with av.open(
        io.BytesIO(audio),
        mode="r",
        container_options=_OPTIONS,
        metadata_errors="replace",
        io_open=_refuse,
    ) as container:
        gauge = _Gauge(limits)
        mixer = _Mixer()
        for frame in _frames(container, _track(container), limits):
            gauge.add(frame)
            mixer.add(frame)
        return mixer.finish()


def _refuse(url: str, *_: object) -> Never:
    raise PermissionError(f"a recording may not open {url}")


def _track(container: InputContainer) -> AudioStream:
    for stream in container.streams.audio:
        codec: AudioCodecContext | None = stream.codec_context  # none where FFmpeg has no decoder
        if codec is not None and codec.name in CODECS:
            return stream
    raise UnsupportedAudio(stage="decoding")


def _frames(container: InputContainer, track: AudioStream, limits: DecodeLimits) -> Iterator[AudioFrame]:
    """Frames that can be read.

    Raises:
        UnsupportedAudio: too few can, or they come in too many pieces.
    """
    good = bad = 0
    most = limits.max_seconds * _MAX_PACKETS_PER_SECOND
    try:
        for packet in container.demux(track):
            try:
                frames = track.decode(packet)
            except av.FFmpegError:
                bad += 1
            else:
                good += 1
                yield from frames
            if good + bad > most or bad > good + _MAX_BAD_MORE:
                raise UnsupportedAudio(stage="decoding")
    except av.FFmpegError:
        bad += 1  # the file ends in the middle
    if bad > 1 and bad > _MAX_BAD_PACKETS * (good + bad):
        raise UnsupportedAudio(stage="decoding")


class _Gauge:
    """Measures frames as they come and raises when they are too many or of a kind no microphone makes."""

    def __init__(self, limits: DecodeLimits) -> None:
        self._max_seconds = limits.max_seconds + _SLACK_SECONDS
        self._max_values = self._max_seconds * _MAX_VALUES_PER_SECOND
        self._seconds = 0.0
        self._values = 0

    def add(self, frame: AudioFrame) -> None:
        channels = frame.layout.nb_channels
        if frame.sample_rate not in _RATES or not 1 <= channels <= _MAX_CHANNELS:
            raise UnsupportedAudio(stage="decoding")
        self._seconds += frame.samples / frame.sample_rate
        self._values += frame.samples * channels
        if self._seconds > self._max_seconds:
            raise AudioTooLong(stage="decoding")
        if self._values > self._max_values:
            raise AudioTooLarge(stage="decoding")


class _Mixer:
    """Turns frames of any format, which may change on the way, into mono samples at `SAMPLE_RATE`.

    Channels are averaged here and not by FFmpeg, whose mix of two equal float channels is 1.414 times as loud as one.
    """

    def __init__(self) -> None:
        self._parts: list[Float32] = []
        self._format: tuple[str, str, int] | None = None
        self._queue = av.AudioFifo()
        self._resampler = av.AudioResampler()

    def add(self, frame: AudioFrame) -> None:
        frame_format = (frame.format.name, frame.layout.name, frame.sample_rate)
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
        if self._queue.samples >= _BATCH_SECONDS * frame.sample_rate:
            self._resample()

    def finish(self) -> Float32:
        """All samples so far, float32 in [-1, 1], shape (samples,)."""
        self._flush()
        return np.concatenate(self._parts) if self._parts else np.zeros(0, np.float32)

    def _resample(self) -> None:
        batch = self._queue.read()
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
