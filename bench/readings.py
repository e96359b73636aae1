"""What the benchmarks read aloud: about five seconds, spoken by the bundled voice, as a browser records it."""

import asyncio
import io
from collections.abc import Iterator
from itertools import cycle
from typing import Any, cast

import av
from av.audio.frame import AudioFrame

from sounditout.engines.hibari_speaker import HibariSpeaker

SENTENCE = "The little dog ran down the hill and jumped into the cold water to find his ball."
"""The sentence that is said, of about five seconds."""

_REPLACED = ("dog", "hill", "ball")
_NOUNS = (
    *("bear", "pig", "duck", "goat", "horse", "mouse", "rabbit", "lion", "tiger", "monkey", "sheep", "chicken"),
    *("turtle", "spider", "lizard", "parrot", "penguin", "dolphin", "camel", "donkey"),
    *("road", "street", "tree", "house", "garden", "mountain", "river", "kitchen", "window", "table", "bridge"),
    *("island", "forest", "village", "castle", "tunnel", "market", "station", "hospital", "library"),
    *("shoe", "hat", "spoon", "book", "pencil", "apple", "banana", "cookie", "button", "pillow", "basket"),
    *("ring", "blanket", "candle", "carrot", "cheese", "butter", "bottle", "bucket", "hammer"),
    *("brother", "sister", "teacher", "doctor", "farmer", "baby", "uncle", "friend", "king", "queen", "giant"),
    *("neighbor", "pilot", "sailor", "soldier", "dancer", "singer", "painter", "captain", "lawyer"),
    *("ladder", "mirror", "needle", "napkin", "onion", "orange", "paper", "pepper", "pickle", "pumpkin"),
    *("potato", "rocket", "ruler", "sandwich", "saddle", "shovel", "soap", "sofa", "sponge", "stove"),
    *("sweater", "telephone", "ticket", "toaster", "tomato", "towel", "trumpet", "umbrella", "violin", "wagon"),
    *("wallet", "whistle", "yogurt", "zipper", "violet", "acorn", "anchor", "arrow", "balloon", "bicycle"),
    *("blossom", "bracelet", "camera", "canoe", "carpet", "ceiling", "chimney", "closet", "coffee", "cotton"),
    *("cradle", "crayon", "curtain", "dragon", "drawer", "eagle", "engine", "envelope", "feather", "fence"),
    *("finger", "flower", "fountain", "guitar", "helmet", "honey", "jacket", "jelly", "jewel", "kettle"),
    *("kitten", "lantern", "leather", "lemon", "letter", "marble", "medal", "melon", "moustache", "muffin"),
    *("necklace", "notebook", "oven", "package", "peanut", "pebble", "penny", "piano", "pirate", "planet"),
    *("pocket", "puppet", "puzzle", "rainbow", "ribbon", "robot", "salad", "scissors", "shadow", "shoulder"),
)


def shown_sentences(said: str = SENTENCE) -> Iterator[str]:
    """Sentences to show while one with a dog, a hill or a ball is said: one word differs, another one each time.

    The advice then names another word each time and has to be spoken anew, until all of them have been named, after
    180 readings; praise would come from a cache.
    """
    replaced = [word for word in _REPLACED if word in said]
    return (said.replace(word, shown) for word, shown in zip(cycle(replaced), cycle(_NOUNS), strict=False))


def spoken_mp3(text: str = SENTENCE) -> bytes:
    """`text` said by the bundled voice, as it leaves the server."""
    return asyncio.run(HibariSpeaker().speak(text)).data


def as_wav(audio: bytes) -> bytes:
    """Any audio file as 16-bit WAV, 16 kHz mono: what needs no decoder."""
    file = io.BytesIO()
    with av.open(file, "w", format="wav") as out:
        stream = cast("Any", out.add_stream("pcm_s16le", rate=16_000, layout="mono"))
        for frame in resampled(audio, "s16", 16_000, None):
            out.mux(stream.encode(frame))
    return file.getvalue()


def as_browser_recording(audio: bytes) -> bytes:
    """Any audio file as webm/opus, 48 kHz mono at 32 kbit/s: what Chromium's MediaRecorder makes for our page."""
    file = io.BytesIO()
    with av.open(file, "w", format="webm", options={"live": "1"}) as out:
        packets_of_60_ms = {"frame_duration": "60"}
        stream = cast("Any", out.add_stream("libopus", rate=48_000, layout="mono", options=packets_of_60_ms))
        stream.bit_rate = 32_000
        for frame in resampled(audio, stream.format.name, 48_000, stream.frame_size or 2880):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def resampled(audio: bytes, sample_format: str, rate: int, frame_size: int | None) -> Iterator[AudioFrame]:
    """The frames of an audio file at another rate (Hz), as an encoder wants them."""
    resampler = av.AudioResampler(format=sample_format, layout="mono", rate=rate, frame_size=frame_size)
    with av.open(io.BytesIO(audio), "r") as source:
        for frame in source.decode(audio=0):
            yield from resampler.resample(frame)
    yield from resampler.resample(None)


def seconds_of(audio: bytes) -> float:
    """Length of an audio file."""
    with av.open(io.BytesIO(audio), "r") as source:
        return sum(frame.samples / frame.sample_rate for frame in source.decode(audio=0))
