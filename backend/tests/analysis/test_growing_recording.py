"""A recording that is decoded while it is being made comes out as if it had been decoded at once."""

import io
import threading
import time
from itertools import pairwise
from typing import Any, cast

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.decode import DecodeLimits, decode
from sounditout.analysis.feeding import FedDecoding
from sounditout.analysis.growing import GrowingRecording
from sounditout.analysis.models import SAMPLE_RATE, Float32
from sounditout.errors import AudioTooLarge, AudioTooLong, Cancelled, SoundItOutError, Stage
from speech import ENCODINGS, as_wav, encode, joined, noise, silence, speak, tone
from thorough import examples

LIMITS = DecodeLimits(min_seconds=0.3, max_seconds=60, max_bytes=4 * 1024 * 1024)
STREAMED = [("webm", "libopus"), ("ogg", "libopus"), ("adts", "aac"), ("mp3", "libmp3lame"), ("flac", "flac")]
Outcome = Float32 | type[SoundItOutError]


def in_fragments(samples: Float32) -> bytes:
    """MP4 as Safari streams it: a fragment every half second."""
    file = io.BytesIO()
    options = {"movflags": "empty_moov+default_base_moof", "frag_duration": "500000"}
    encoded = io.BytesIO(encode(samples, "mp4", "aac"))
    with av.open(encoded) as whole, av.open(file, "w", format="mp4", options=options) as out:
        stream = out.add_stream_from_template(whole.streams.audio[0])
        for packet in whole.demux(whole.streams.audio[0]):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    return file.getvalue()


def as_recorded(samples: Float32) -> bytes:
    """WebM as browsers record it: nothing in it says how long anything will be, and a packet holds 60 ms."""
    file = io.BytesIO()
    with av.open(file, "w", format="webm", options={"live": "1"}) as out:
        stream = cast("Any", out.add_stream("libopus", rate=48_000, layout="mono", options={"frame_duration": "60"}))
        resampler = av.AudioResampler(format=stream.format.name, layout="mono", rate=48_000, frame_size=2880)
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        for resampled in [*resampler.resample(frame), *resampler.resample(None), None]:
            out.mux(stream.encode(resampled))
    return file.getvalue()


SAID = joined(tone(0.4), noise(0.7), tone(0.5, 300)).samples
RECORDED = as_recorded(SAID)
FILES = [
    RECORDED,
    *(encode(SAID, container, codec) for container, codec in ENCODINGS),
    encode(np.stack([SAID, 0 * SAID])),
    encode(tone(0.5).samples, "ogg") + encode(np.tile(noise(0.5).samples, (2, 1)), "ogg"),
    in_fragments(SAID),
    as_wav(np.tile(SAID, (3, 1)), 11_025),
]


def outcome_of(audio: bytes, limits: DecodeLimits = LIMITS) -> Outcome:
    try:
        return decode(audio, limits).samples
    except SoundItOutError as error:
        return type(error)


def outcome_of_growing(audio: bytes, ends: list[int], limits: DecodeLimits = LIMITS) -> Outcome:
    recording = GrowingRecording(limits)
    for end in ends:
        recording.grow(audio[:end])
    try:
        return recording.finish(audio).samples
    except SoundItOutError as error:
        return type(error)


def unpacking_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "sounditout-unpacking"]


def assert_they_end(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(timeout=10)
        assert not thread.is_alive()


def same(one: Outcome, other: Outcome) -> bool:
    if isinstance(one, type) or isinstance(other, type):
        return one is other
    return np.array_equal(one, other)


@st.composite
def growing(draw: st.DrawFn) -> tuple[bytes, list[int]]:
    """A recording, whole, damaged or cut off, and how far it had come each time."""
    audio = bytearray(draw(st.sampled_from(FILES)))
    for _ in range(draw(st.sampled_from([0, 0, 1, 5]))):
        audio[draw(st.integers(0, len(audio) - 1))] = draw(st.integers(0, 255))
    kept = draw(st.one_of(st.just(len(audio)), st.integers(0, len(audio))))
    return bytes(audio[:kept]), sorted(draw(st.lists(st.integers(0, kept), max_size=8)))


@given(growing())
@examples(100)
def test_it_comes_out_as_if_it_had_been_decoded_at_once(recording: tuple[bytes, list[int]]) -> None:
    audio, ends = recording
    assert same(outcome_of_growing(audio, ends), outcome_of(audio))


@given(st.lists(st.integers(0, 60_000), max_size=8), st.sampled_from([0.5, 1.0]))
@examples(12)
def test_a_limit_is_passed_either_way(ends: list[int], max_seconds: float) -> None:
    limits = DecodeLimits(0.3, max_seconds, 40_000)
    for audio in FILES:
        assert same(outcome_of_growing(audio, sorted(ends), limits), outcome_of(audio, limits))


@pytest.mark.parametrize(("container", "codec"), [*STREAMED, ("wav", "pcm_s16le")])
def test_what_was_said_a_moment_ago_is_there(container: str, codec: str) -> None:
    audio = encode(noise(5).samples, container, codec)
    whole = decode(audio, LIMITS).samples
    recording = GrowingRecording(LIMITS)
    for tenths in range(1, 10):
        samples = recording.grow(audio[: tenths * len(audio) // 10]).samples
        assert np.array_equal(samples, whole[: len(samples)])
        assert len(samples) >= (tenths / 10 - 0.25) * len(whole)  # ogg's pages hold a second


def test_an_mp4_with_its_table_at_the_end_is_nothing_until_it_is_whole() -> None:
    audio = encode(SAID, "mp4", "aac")
    recording = GrowingRecording(LIMITS)
    assert len(recording.grow(audio[: len(audio) // 2]).samples) == 0
    assert np.array_equal(recording.finish(audio).samples, decode(audio, LIMITS).samples)


def test_a_recording_that_becomes_another_one_is_decoded_anew() -> None:
    recording = GrowingRecording(LIMITS)
    recording.grow(FILES[0][:-500])
    for audio in FILES[:3]:
        recording.grow(audio)
    assert np.array_equal(recording.finish(FILES[3]).samples, decode(FILES[3], LIMITS).samples)


def test_what_has_come_does_not_change() -> None:
    audio = encode(speak("The cat sat on the mat.").samples)
    recording = GrowingRecording(LIMITS)
    grown = [recording.grow(audio[:end]).samples for end in range(0, len(audio), 1000)]
    for before, after in pairwise(grown):
        assert np.array_equal(after[: len(before)], before)


def test_a_recording_that_grows_too_long_costs_no_more_and_says_so_in_the_end() -> None:
    limits = DecodeLimits(0.3, 2, LIMITS.max_bytes)
    audio = encode(noise(4).samples)
    recording = GrowingRecording(limits)
    lengths = [recording.grow(audio[:end]).seconds for end in range(0, len(audio), 2000)]
    assert max(lengths) < 2.3
    with pytest.raises(AudioTooLong):
        recording.finish(audio)


def test_a_recording_that_grows_too_large_says_so_in_the_end() -> None:
    recording = GrowingRecording(DecodeLimits(0.3, 60, 10_000))
    assert recording.grow(FILES[0][:10_000]).seconds > 0
    recording.grow(FILES[0])
    with pytest.raises(AudioTooLarge):
        recording.finish(FILES[0])


class TestStopping:
    def test_nothing_is_decoded_after_the_request(self) -> None:
        stop = Cancellation()
        stop.request()
        with pytest.raises(Cancelled) as raised:
            decode(FILES[0], LIMITS, stop)
        assert raised.value.stage == "decoding"
        with pytest.raises(Cancelled):
            GrowingRecording(LIMITS).grow(FILES[0], stop)

    @pytest.mark.parametrize(("container", "codec"), [("webm", "libopus"), ("flac", "flac"), ("wav", "pcm_s16le")])
    def test_a_minute_is_not_decoded_to_its_end(self, container: str, codec: str) -> None:
        audio = encode(silence(60).samples, container, codec, encoded_rate=SAMPLE_RATE)
        stop = StopAfter(checks=20)
        with pytest.raises(Cancelled):
            decode(audio, LIMITS, stop)
        started = time.thread_time()
        with pytest.raises(Cancelled):
            decode(audio, LIMITS, StopAfter(checks=1))
        assert time.thread_time() - started < 0.05

    @pytest.mark.parametrize(("container", "checks"), [("webm", 1), ("ogg", 30)])
    def test_a_recording_can_be_finished_after_it_was_stopped_as_it_grew(self, container: str, checks: int) -> None:
        audio = encode(SAID, container)
        recording = GrowingRecording(LIMITS)
        recording.grow(audio[:3000])
        with pytest.raises(Cancelled):
            recording.grow(audio, StopAfter(checks))
        assert np.array_equal(recording.finish(audio).samples, decode(audio, LIMITS).samples)


class TestTheThreadThatUnpacks:
    def test_it_ends_with_the_recording(self) -> None:
        recording = GrowingRecording(LIMITS)
        recording.grow(RECORDED[:3000])
        threads = unpacking_threads()
        assert threads
        recording.finish(RECORDED)
        assert_they_end(threads)

    def test_it_ends_when_nobody_wants_the_recording_any_more(self) -> None:
        recording = GrowingRecording(LIMITS)
        recording.grow(RECORDED[:3000])
        threads = unpacking_threads()
        assert threads
        del recording
        assert_they_end(threads)

    def test_where_there_are_too_many_the_next_recording_does_without(self) -> None:
        crowd = [GrowingRecording(LIMITS) for _ in range(110)]
        for recording in crowd:
            assert recording.grow(RECORDED[:3000]).seconds > 0
        threads = unpacking_threads()
        assert len(threads) == 100
        for recording in (crowd[0], crowd[-1]):
            assert np.array_equal(recording.finish(RECORDED).samples, outcome_of(RECORDED))
        del crowd, recording
        assert_they_end(threads)

    def test_where_the_system_gives_none_the_recording_does_without(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(_: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr(threading.Thread, "start", refuse)
        for _ in range(101):  # none of them takes a place for good
            recording = GrowingRecording(LIMITS)
            assert recording.grow(RECORDED[:3000]).seconds > 0
        monkeypatch.undo()
        assert FedDecoding.of(RECORDED, LIMITS) is not None


class StopAfter(Cancellation):
    """Requested when it has been looked at a number of times."""

    def __init__(self, checks: int) -> None:
        super().__init__()
        self._left = checks

    def check(self, stage: Stage) -> None:
        self._left -= 1
        if self._left < 0:
            self.request()
        super().check(stage)
