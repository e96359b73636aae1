import contextlib
import io
import resource
import struct
import wave
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.analysis.decode import DecodeLimits, decode
from sounditout.analysis.models import SAMPLE_RATE, Float32
from sounditout.errors import AudioTooLarge, AudioTooLong, AudioTooShort, SoundItOutError, UnsupportedAudio
from speech import ENCODINGS, as_wav, encode, joined, noise, resample, silence, speak, tone
from thorough import examples

LIMITS = DecodeLimits(min_seconds=0.3, max_seconds=60, max_bytes=4 * 1024 * 1024)
SENTENCE = "The cat sat on the mat, and the dog ran home."


def gain(heard: Float32, said: Float32) -> float:
    """How much louder `heard` is, at the delay (an encoder's, up to 0.1 s) where the two fit best."""
    length = min(len(heard), len(said)) - 1600
    products = [float(heard[delay : delay + length] @ said[:length]) for delay in range(1600)]
    return max(products) / float(said[:length] @ said[:length])


def pcm_wav(samples: Float32, rate: int, channels: int) -> bytes:
    """A WAV file with the same `samples` in every channel."""
    return as_wav(np.tile(samples, (channels, 1)), rate)


class TestFormats:
    @pytest.mark.parametrize(("container", "codec"), ENCODINGS)
    @pytest.mark.parametrize("channels", [1, 2])
    def test_what_browsers_and_phones_record_comes_out_as_it_was_said(
        self, container: str, codec: str, channels: int
    ) -> None:
        said = speak(SENTENCE)
        heard = decode(encode(np.tile(said.samples, (channels, 1)), container, codec), LIMITS)
        assert heard.samples.dtype == np.float32
        assert heard.samples.ndim == 1
        assert heard.seconds == pytest.approx(said.seconds, abs=0.1)
        assert gain(heard.samples, said.samples) == pytest.approx(1, abs=0.1)

    @pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
    def test_any_rate(self, rate: int) -> None:
        said = tone(1)
        heard = decode(as_wav(resample(said.samples, SAMPLE_RATE, rate), rate), LIMITS)
        assert heard.seconds == pytest.approx(1, abs=0.01)
        assert np.sqrt(np.mean(heard.samples**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)

    @pytest.mark.parametrize("channels", range(1, 9))
    def test_channels_are_averaged(self, channels: int) -> None:
        said = speak(SENTENCE).samples
        heard = decode(pcm_wav(said, SAMPLE_RATE, channels), LIMITS).samples
        np.testing.assert_allclose(heard, said, atol=1e-4)

    def test_one_silent_channel_halves_the_level(self) -> None:
        said = speak(SENTENCE).samples
        heard = decode(as_wav(np.stack([said, 0 * said])), LIMITS).samples
        np.testing.assert_allclose(heard, said / 2, atol=1e-4)

    @pytest.mark.parametrize(
        "codec", ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_alaw", "pcm_mulaw"]
    )
    def test_every_kind_of_wav(self, codec: str) -> None:
        said = speak(SENTENCE)
        heard = decode(encode(said.samples, "wav", codec, encoded_rate=SAMPLE_RATE), LIMITS)
        assert heard.seconds == pytest.approx(said.seconds, abs=0.02)
        assert gain(heard.samples, said.samples) == pytest.approx(1, abs=0.05)

    def test_a_wav_whose_length_was_not_known_when_it_was_begun(self) -> None:
        whole = bytearray(as_wav(tone(1).samples))
        whole[4:8] = whole[40:44] = b"\xff\xff\xff\xff"
        assert decode(bytes(whole), LIMITS).seconds == pytest.approx(1)

    def test_a_film_is_listened_to_and_not_looked_at(self) -> None:
        said = speak(SENTENCE)
        heard = decode(film(said.samples), LIMITS)
        assert heard.seconds == pytest.approx(said.seconds, abs=0.1)

    def test_two_recordings_one_after_the_other_in_one_ogg_file(self) -> None:
        twice = encode(tone(1).samples, "ogg") + encode(np.tile(tone(1).samples, (2, 1)), "ogg")
        assert 1 <= decode(twice, LIMITS).seconds <= 2.1


def film(samples: Float32) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as out:
        video = out.add_stream("mpeg4", rate=10)
        video.width = video.height = 64
        video.pix_fmt = "yuv420p"
        audio = out.add_stream("flac", rate=SAMPLE_RATE, layout="mono")
        for number in range(20):
            picture = av.VideoFrame(64, 64, "yuv420p")
            picture.pts = number
            out.mux(video.encode(picture))
        frame = av.AudioFrame.from_ndarray((samples[None] * 32767).astype(np.int16), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = 0
        resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE, frame_size=4608)
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            out.mux(audio.encode(part))
        out.mux(video.encode(None))
    return file.getvalue()


def test_many_threads_at_once() -> None:
    files = [encode(speak(SENTENCE).samples, container, codec) for container, codec in ENCODINGS]
    expected = [decode(file, LIMITS).samples for file in files]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: decode(files[number % len(files)], LIMITS).samples, range(64)))
    for number, samples in enumerate(found):
        np.testing.assert_array_equal(samples, expected[number % len(files)])


class TestLimits:
    def test_too_short(self) -> None:
        with pytest.raises(AudioTooShort):
            decode(as_wav(tone(0.29).samples), LIMITS)

    def test_a_file_without_a_single_sample_is_too_short(self) -> None:
        with pytest.raises(AudioTooShort):
            decode(as_wav(np.zeros(0, np.float32)), LIMITS)

    def test_just_long_enough(self) -> None:
        assert decode(as_wav(tone(0.3).samples), LIMITS).seconds == pytest.approx(0.3)

    def test_too_long(self) -> None:
        with pytest.raises(AudioTooLong):
            decode(as_wav(silence(61).samples), LIMITS)

    def test_too_large(self) -> None:
        with pytest.raises(AudioTooLarge):
            decode(bytes(LIMITS.max_bytes + 1), LIMITS)

    def test_a_small_file_that_unpacks_into_hours_is_given_up_at_the_limit(self) -> None:
        hours = encode(silence(1800).samples, "flac", "flac", encoded_rate=SAMPLE_RATE)
        assert len(hours) < LIMITS.max_bytes
        with pytest.raises(AudioTooLong):
            decode(hours, LIMITS)

    def test_few_samples_that_last_for_days(self) -> None:
        with pytest.raises(UnsupportedAudio):
            decode(as_wav(noise(1).samples, rate=1), LIMITS)

    def test_more_channels_and_samples_than_any_microphone_has(self) -> None:
        with pytest.raises(AudioTooLarge):
            decode(pcm_wav(silence(12).samples[:190_000], 192_000, 8), DecodeLimits(0.3, 0.5, 4 * 1024 * 1024))


def promising(audio: bytes, tag: bytes, offset: int, promise: bytes) -> bytes:
    """A file in which the field at `offset` from `tag` says something else."""
    at = audio.index(tag) + offset
    return audio[:at] + promise + audio[at + len(promise) :]


def fragmented_mp4() -> bytes:
    """What Safari records: samples counted in every fragment."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4", options={"movflags": "frag_keyframe+empty_moov"}) as out:
        stream = out.add_stream("aac", rate=48_000, layout="mono")
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=48_000, frame_size=1024)
        frame = av.AudioFrame.from_ndarray(tone(1).samples[None], format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            out.mux(stream.encode(part))
    return file.getvalue()


def titled_wav() -> bytes:
    info = b"INFOINAM" + struct.pack("<I", 4) + b"cat\0"
    sound = as_wav(tone(1).samples)
    return sound[:36] + b"LIST" + struct.pack("<I", len(info)) + info + sound[36:]


class TestMemory:
    """Small files that promise much; each made FFmpeg fill gigabytes."""

    def test_whole_they_are_recordings(self) -> None:
        for whole in (titled_wav(), fragmented_mp4(), encode(tone(1).samples, "mp4", "aac")):
            assert decode(whole, LIMITS).seconds == pytest.approx(1, abs=0.1)

    @pytest.mark.parametrize(
        "bomb",
        [
            promising(titled_wav(), b"INAM", 4, b"\xf0\xff\xff\x7e"),
            promising(fragmented_mp4(), b"trun", 4, struct.pack(">II", 0, 0x0400_0000)),
            promising(
                promising(encode(tone(1).samples, "mp4", "aac"), b"stsz", 8, struct.pack(">II", 1, 0x0400_0000)),
                *(b"stsc", 8, struct.pack(">IIII", 1, 1, 0x0400_0000, 1)),
            ),
        ],
        ids=["title", "fragment", "table"],
    )
    def test_a_promise_costs_nothing(self, bomb: bytes) -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with contextlib.suppress(SoundItOutError):
            decode(bomb, LIMITS)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kilobytes

    def test_sound_in_a_million_pieces(self) -> None:
        with pytest.raises(UnsupportedAudio):
            decode(crumbled(30_000), DecodeLimits(0.3, 50, 4 * 1024 * 1024))


def crumbled(pieces: int) -> bytes:
    """A Matroska file with one sample in each packet."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as out:
        stream = out.add_stream("pcm_s16le", rate=SAMPLE_RATE, layout="mono")
        for number in range(pieces):
            packet = av.Packet(b"\0\1")
            packet.pts = packet.dts = number
            packet.stream = stream
            packet.time_base = Fraction(1, SAMPLE_RATE)
            out.mux(packet)
    return file.getvalue()


class TestDamage:
    @pytest.mark.parametrize(
        "audio",
        [
            b"",
            b"\0" * 1000,
            b"Once upon a time there was a text file. " * 50,
            b"<html><body>502 Bad Gateway</body></html>",
            Path(__file__).read_bytes(),
        ],
        ids=["empty", "zeros", "text", "html", "python"],
    )
    def test_what_is_no_recording(self, audio: bytes) -> None:
        with pytest.raises(UnsupportedAudio) as raised:
            decode(audio, LIMITS)
        assert raised.value.stage == "decoding"
        assert "record" in raised.value.message

    @pytest.mark.parametrize(("container", "codec"), [c for c in ENCODINGS if c[0] != "mp4"])
    def test_a_recording_that_was_cut_off_is_heard_as_far_as_it_goes(self, container: str, codec: str) -> None:
        whole = encode(joined(tone(1), noise(3)).samples, container, codec)
        heard = decode(whole[: len(whole) // 2], LIMITS)
        assert 0.7 < heard.seconds < 3

    def test_a_recording_that_was_cut_off_too_soon(self) -> None:
        with pytest.raises((AudioTooShort, UnsupportedAudio)):
            decode(encode(tone(2).samples)[:700], LIMITS)

    def test_only_a_header(self) -> None:
        with pytest.raises((AudioTooShort, UnsupportedAudio)):
            decode(encode(tone(2).samples)[:200], LIMITS)

    @pytest.mark.parametrize("container", ["webm", "ogg"])
    def test_a_few_damaged_packets_are_skipped(self, container: str) -> None:
        damaged = bytearray(encode(noise(4).samples, container))
        middle = len(damaged) // 2
        damaged[middle : middle + 300] = bytes(300)
        assert decode(bytes(damaged), LIMITS).seconds > 1.5

    def test_numbers_that_are_none(self) -> None:
        samples = tone(1).samples.copy()
        samples[3000:3010] = np.nan
        samples[5000] = np.inf
        samples[7000] = -np.inf
        samples[9000] = 1e30
        heard = decode(float_wav(samples), LIMITS).samples
        assert np.isfinite(heard).all()
        assert np.abs(heard).max() <= 1
        np.testing.assert_allclose(heard[10_000:], samples[10_000:], atol=1e-3)

    @given(st.binary(max_size=2000))
    @examples(100)
    def test_nothing_but_our_own_errors_for_any_bytes(self, audio: bytes) -> None:
        with pytest.raises(SoundItOutError):
            decode(audio, LIMITS)

    @given(st.data())
    @examples(100)
    def test_nothing_but_our_own_errors_for_a_damaged_recording(self, data: st.DataObject) -> None:
        audio = bytearray(data.draw(st.sampled_from(WHOLE)))
        for _ in range(data.draw(st.integers(1, 12))):
            audio[data.draw(st.integers(0, min(len(audio), 4000) - 1))] = data.draw(st.integers(0, 255))
        try:
            heard = decode(bytes(audio), LIMITS)
        except SoundItOutError:
            return
        assert np.isfinite(heard.samples).all()
        assert np.abs(heard.samples).max() <= 1


WHOLE = [encode(noise(0.5, seed=1).samples, container, codec) for container, codec in ENCODINGS]


def float_wav(samples: Float32) -> bytes:
    """A WAV file of 32-bit floats, as they are."""
    data = samples.astype("<f4").tobytes()
    form = struct.pack("<HHIIHH", 3, 1, SAMPLE_RATE, SAMPLE_RATE * 4, 4, 32)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


class TestNothingElseIsOpened:
    @pytest.fixture
    def secret(self, tmp_path: Path) -> Path:
        path = tmp_path / "secret.wav"
        path.write_bytes(as_wav(tone(1).samples))
        return path

    @pytest.mark.parametrize(
        "playlist",
        [
            "ffconcat version 1.0\nfile '{path}'\n",
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{path}\n#EXT-X-ENDLIST\n",
            "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n",
            "<?xml version='1.0'?><MPD><Period><AdaptationSet><Representation><BaseURL>{path}</BaseURL>"
            "</Representation></AdaptationSet></Period></MPD>",
        ],
        ids=["concat", "hls", "sdp", "dash"],
    )
    def test_a_playlist_is_no_recording(self, playlist: str, secret: Path) -> None:
        with pytest.raises(UnsupportedAudio):
            decode(playlist.format(path=secret).encode(), LIMITS)

    def test_the_same_wav_is_one(self, secret: Path) -> None:
        assert decode(secret.read_bytes(), LIMITS).seconds == pytest.approx(1)
        with wave.open(str(secret)) as file:
            assert file.getframerate() == SAMPLE_RATE
