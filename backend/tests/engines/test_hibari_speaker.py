"""The real voice: it speaks, evenly, the same each time, and nothing it is told makes it misbehave."""

import asyncio
import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from sounditout.analysis.ports import Speaker, Speech
from sounditout.engines import mp3
from sounditout.engines.hibari_speaker import HibariSpeaker
from sounditout.errors import SpeechFailed


@pytest.fixture(scope="module")
def speaker() -> Iterator[HibariSpeaker]:
    made = HibariSpeaker()
    made.load()
    yield made
    made.close()


def samples(speech: Speech) -> NDArray[np.float32]:
    with av.open(io.BytesIO(speech.data), "r") as file:
        assert file.streams.audio[0].rate == mp3.RATE
        return np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)])


def as_port(speaker: HibariSpeaker) -> Speaker:
    return speaker


async def test_it_is_a_speaker_and_says_an_mp3(speaker: HibariSpeaker) -> None:
    speech = await as_port(speaker).speak("You read every word. Well done.")
    assert (speech.filename, speech.mimetype) == ("feedback.mp3", "audio/mpeg")
    assert 1.0 < len(samples(speech)) / mp3.RATE < 5.0


@pytest.mark.parametrize("text", ["Yes.", "Shh. Try shop.", "Put your tongue behind your top teeth, and hum."])
async def test_every_text_is_as_loud_and_never_clipped(speaker: HibariSpeaker, text: str) -> None:
    wave = samples(await speaker.speak(text))
    rms_db = 20 * np.log10(np.sqrt(np.mean(wave**2)))
    assert -23.5 < rms_db < -18.5
    assert np.max(np.abs(wave)) < 1.0


async def test_a_slower_voice_takes_longer(speaker: HibariSpeaker) -> None:
    slow = HibariSpeaker(speed=0.7)
    usual, slower = [len(samples(await each.speak("The cat sat on the mat."))) for each in (speaker, slow)]
    slow.close()
    assert slower > 1.1 * usual


@pytest.mark.parametrize("speed", [0.1, 3.0, float("nan")])
def test_a_senseless_speed_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        HibariSpeaker(speed=speed)


async def test_the_same_text_is_the_same_file(speaker: HibariSpeaker) -> None:
    other = HibariSpeaker()
    assert await other.speak("Try the word shop.") == await speaker.speak("Try the word shop.")
    other.close()


async def test_many_at_once_are_what_each_is_alone(speaker: HibariSpeaker) -> None:
    texts = [f"This is sentence {n}, and it is read to you. Now read on." for n in range(8)]
    together = await asyncio.gather(*(speaker.speak(text) for text in texts))
    alone = HibariSpeaker(workers=1)
    assert list(together) == [await alone.speak(text) for text in texts]
    alone.close()


async def test_the_same_text_is_the_same_file_whatever_was_said_before() -> None:
    text = "Almost there. Say it slowly with me: ship."
    fresh, used, forgetful = HibariSpeaker(), HibariSpeaker(), HibariSpeaker(cache_bytes=0)
    for other in ("Say it slowly with me: duck.", "So close. Almost there.", "ship."):
        await used.speak(other)
    assert await fresh.speak(text) == await used.speak(text) == await used.speak(text) == await forgetful.speak(text)
    for each in (fresh, used, forgetful):
        each.close()


async def test_a_file_is_its_phrases_with_pauses_between(speaker: HibariSpeaker) -> None:
    whole = await speaker.speak("Almost there. Say it slowly with me: ship.")
    phrases = [await speaker.speak(phrase) for phrase in ("Almost there.", "Say it slowly with me:", "ship.")]
    assert whole.data == b"".join(phrase.data for phrase in phrases)
    assert len(samples(whole)) == sum(len(samples(phrase)) for phrase in phrases)


async def test_the_voice_begins_at_once_and_pauses_for_half_a_second(speaker: HibariSpeaker) -> None:
    wave = samples(await speaker.speak("Almost there. Try shop."))
    loud = np.flatnonzero(np.abs(wave) > 0.01) / mp3.RATE
    pauses = np.diff(loud)
    assert loud[0] < 0.15
    assert 0.4 < np.max(pauses) < 0.8
    assert np.sum(pauses > 0.3) == 1


async def test_a_new_word_costs_only_the_phrase_that_it_is_in(speaker: HibariSpeaker) -> None:
    usual = "You read most of that very well indeed, and it was a long one. Say it slowly with me: {}."
    await speaker.speak(usual.format("ship"))
    started = process_time()
    await speaker.speak(usual.format("chip"))
    one_word = process_time() - started
    other = HibariSpeaker(cache_bytes=0)
    started = process_time()
    await other.speak(usual.format("chip"))
    assert one_word < (process_time() - started) / 2
    other.close()


async def test_who_does_not_listen_any_more_holds_up_nobody() -> None:
    speaker = HibariSpeaker(workers=1)
    long = " ".join(f"Read page {number}, and on, and on." for number in range(12))
    speaker.load()
    started = perf_counter()
    await speaker.speak(long)
    whole = perf_counter() - started

    dropped = asyncio.create_task(speaker.speak(long.replace("Read", "Go")))
    await asyncio.wait({dropped}, timeout=whole / 10)
    dropped.cancel()
    started = perf_counter()
    await speaker.speak("Yes.")
    assert perf_counter() - started < whole / 2
    assert dropped.cancelled()
    speaker.close()


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "…", "🙂", "()[]", "'"])
async def test_nothing_to_say_is_a_speech_failure(speaker: HibariSpeaker, text: str) -> None:
    with pytest.raises(SpeechFailed) as failure:
        await speaker.speak(text)
    assert failure.value.stage == "speaking"


@pytest.mark.parametrize(
    "text",
    ["Zyxqwv brrgh.", "£3.50 at 7:30", "naïve café", "[cat](/ˈdɔɡ/)", "ʃɪp", "2+2=4", "a" * 3000, "你好 hello"],
)
async def test_odd_texts_are_spoken_somehow(speaker: HibariSpeaker, text: str) -> None:
    assert len(samples(await speaker.speak(text))) > 0


def test_it_asks_nobody_for_anything(tmp_path: Path) -> None:
    code = """
import asyncio, sys
def hook(event, args):
    assert not event.startswith("socket.connect") and event != "socket.getaddrinfo", event
from sounditout.engines.hibari_speaker import HibariSpeaker
sys.addaudithook(hook)
assert asyncio.run(HibariSpeaker().speak("A phrase that nobody has said before.")).data
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env={"HIBARI_HOME": str(tmp_path)}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert not list(tmp_path.iterdir())
