"""What the benchmarks read aloud: about five seconds, spoken by the bundled voice, as a browser records it."""

import asyncio
import io
from collections.abc import Iterator
from typing import Any, cast

import av
from av.audio.frame import AudioFrame

from sounditout.engines.hibari_speaker import HibariSpeaker

SENTENCE = "The little brown dog ran down the hill and jumped into the cold water to find his ball."


def spoken_mp3(text: str = SENTENCE) -> bytes:
    """`text` said by the bundled voice, as it leaves the server."""
    return asyncio.run(HibariSpeaker().speak(text)).data


def as_browser_recording(audio: bytes) -> bytes:
    """Any audio file as webm/opus, 48 kHz mono at 32 kbit/s: what MediaRecorder makes."""
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as out:
        stream = cast("Any", out.add_stream("libopus", rate=48_000, layout="mono"))
        stream.bit_rate = 32_000
        for frame in resampled(audio, stream.format.name, stream.frame_size or 960):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def resampled(audio: bytes, sample_format: str, frame_size: int) -> Iterator[AudioFrame]:
    """The frames of an audio file at 48 kHz, as an encoder wants them."""
    resampler = av.AudioResampler(format=sample_format, layout="mono", rate=48_000, frame_size=frame_size)
    with av.open(io.BytesIO(audio), "r") as source:
        for frame in source.decode(audio=0):
            yield from resampler.resample(frame)
    yield from resampler.resample(None)


def seconds_of(audio: bytes) -> float:
    """Length of an audio file."""
    with av.open(io.BytesIO(audio), "r") as source:
        return sum(frame.samples / frame.sample_rate for frame in source.decode(audio=0))
