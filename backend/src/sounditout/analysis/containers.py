"""Which files are opened as recordings, and how: nothing but the given bytes, and little memory.

Only containers and codecs that people record with are let in, and nothing but the given bytes is ever opened:
playlists and other formats that name further files are refused. No file makes FFmpeg allocate more than a fixed
amount at once.
"""

import ctypes
from contextlib import suppress
from typing import Final, Never, Protocol

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer

from sounditout.errors import UnsupportedAudio

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
    "max_size": "16384",  # of WAV, which has no packets of its own: FFmpeg would make 16 a second
}
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


class Readable(Protocol):
    """A file, opened for reading bytes."""

    def read(self, size: int, /) -> bytes: ...


def open_recording(file: Readable) -> InputContainer:
    """Open a recording, as a context manager. One that can `seek` is read with jumps, another from front to back.

    Raises:
        av.FFmpegError: it cannot be opened, or is of a kind that is not let in.
    """
    return av.open(
        file,
        mode="r",
        container_options=_OPTIONS,
        metadata_errors="replace",
        io_open=_refuse,
    )


def _refuse(url: str, *_: object) -> Never:
    raise PermissionError(f"a recording may not open {url}")


def sound_track(container: InputContainer) -> AudioStream:
    """The first track of sound that can be decoded.

    Raises:
        UnsupportedAudio: there is none.
    """
    for stream in container.streams.audio:
        codec: AudioCodecContext | None = stream.codec_context  # none where FFmpeg has no decoder
        if codec is not None and codec.name in CODECS:
            return stream
    raise UnsupportedAudio(stage="decoding")
