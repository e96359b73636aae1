"""Parts of an mp3 file can be joined: nothing needs what stood before it, and nothing is heard where they meet."""

import io

import av
import numpy as np
import pytest

from sounditout.analysis.models import Float32
from sounditout.engines import mp3


def tone(hertz: float, seconds: float) -> Float32:
    """With soft ends."""
    time = np.arange(round(seconds * mp3.RATE)) / mp3.RATE
    return (0.3 * np.sin(2 * np.pi * hertz * time) * np.sin(np.pi * time / seconds) ** 0.5).astype(np.float32)


def decoded(data: bytes) -> Float32:
    """As FFmpeg hears it; it must not complain."""
    with av.open(io.BytesIO(data), "r", options={"err_detect": "explode"}) as file:
        return np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)])


def frames(data: bytes) -> list[bytes]:
    assert len(data) % mp3.FRAME_BYTES == 0
    return [data[start : start + mp3.FRAME_BYTES] for start in range(0, len(data), mp3.FRAME_BYTES)]


@pytest.mark.parametrize("seconds", [0.001, 0.05, 0.5, 3.0])
def test_a_part_is_whole_frames_and_holds_all_of_the_sound(seconds: float) -> None:
    wave = tone(440, seconds)
    data = mp3.encode(wave)
    header = frames(data)[0][:3]
    assert all(frame[:3] == header for frame in frames(data))
    assert mp3.DELAY_SAMPLES + len(wave) <= len(frames(data)) * mp3.FRAME_SAMPLES


def test_the_sound_is_what_was_encoded_and_begins_late_by_the_delay() -> None:
    wave = tone(440, 0.5)
    heard = decoded(mp3.encode(wave))[mp3.DELAY_SAMPLES :][: len(wave)]
    assert np.corrcoef(heard, wave)[0, 1] > 0.995


def test_the_first_frame_of_a_part_needs_no_bits_of_a_frame_before_it() -> None:
    for part in (mp3.encode(tone(300, 1.0)), mp3.encode(tone(3_000, 0.3)), mp3.silence(4)):
        assert part[4] == 0  # main_data_begin, the first byte after the header of an MPEG-2 frame


def test_joined_parts_sound_as_each_does_alone() -> None:
    parts = [mp3.encode(tone(300, 0.4)), mp3.silence(8), mp3.encode(tone(1_000, 0.7)), mp3.encode(tone(500, 0.2))]
    alone = np.concatenate([decoded(part) for part in parts])
    joined = decoded(b"".join(parts))
    assert len(joined) == len(alone) == sum(len(frames(part)) for part in parts) * mp3.FRAME_SAMPLES
    assert np.max(np.abs(joined - alone)) < 0.001


def test_a_player_that_divides_size_by_bit_rate_knows_the_length() -> None:
    data = mp3.encode(tone(300, 1.3)) + mp3.silence(20) + mp3.encode(tone(600, 0.4))
    with av.open(io.BytesIO(data), "r") as file:
        assert file.duration is not None
        assert file.duration / 1_000_000 == pytest.approx(len(decoded(data)) / mp3.RATE, abs=0.001)


def test_silence_is_as_long_as_asked_and_silent() -> None:
    assert len(frames(mp3.silence(16))) == 16
    assert np.max(np.abs(decoded(mp3.silence(16)))) == 0.0
