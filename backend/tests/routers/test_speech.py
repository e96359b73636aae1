"""Words said by the model voice, over a real socket."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest

from serving import Learner, RunningServer, register, serving, tiny_engines
from sounditout.analysis.ports import Engines, Speech
from sounditout.engines.fakes import FakeSpeaker
from sounditout.errors import SpeechFailed
from sounditout.routers.fair_use import FairUse, TooMuch
from sounditout.routers.speech import Reciter
from sounditout.settings import Settings


class Waiting:
    """A speaker that says nothing before it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.go_on = asyncio.Event()

    async def speak(self, text: str) -> Speech:
        self.asked += 1
        await self.go_on.wait()
        return Speech(text.encode(), "speech.mp3", "audio/mpeg")


def say(client: httpx.Client, text: object) -> httpx.Response:
    return client.post("/api/speech", json={"text": text})


def test_real_voice_says_a_word_and_a_sentence(settings: Settings, engines: Engines) -> None:
    with serving(settings, engines) as server, server.client(register(server).headers) as client:
        word, sentence, again = say(client, "ship"), say(client, "The ship has three sails."), say(client, "ship")
    assert word.status_code == 200
    assert word.headers["Content-Type"] == "audio/mpeg"
    assert word.headers["Cache-Control"] == "no-store"
    assert word.content[:1] == b"\xff"  # the sync word of an mp3 frame
    assert len(sentence.content) > len(word.content) > 1000
    assert again.content == word.content


@pytest.fixture
def client(shared_server: RunningServer) -> Iterator[httpx.Client]:
    with shared_server.client(register(shared_server).headers) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "nothing"), (" ?! ", "nothing"), ("😀", "nothing"), ("x" * 301, "300 characters")],
)
def test_what_cannot_be_said_is_refused(client: httpx.Client, text: str, said: str) -> None:
    answer = say(client, text)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_sentence")
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("text", [7, None, ["a"]])
def test_what_is_no_text_is_refused(client: httpx.Client, text: object) -> None:
    assert say(client, text).status_code == 422


def test_longest_text_is_said(client: httpx.Client) -> None:
    assert say(client, " " + "x" * 300 + " ").status_code == 200


class TestBrokenVoice:
    @pytest.fixture
    def server_engines(self) -> Engines:
        return replace(tiny_engines(), speaker=FakeSpeaker(SpeechFailed()))

    def test_is_told_in_words_that_fit(self, server: RunningServer, learner: Learner) -> None:
        with server.client(learner.headers) as client:
            answer = say(client, "ship")
        assert (answer.status_code, answer.json()["code"]) == (502, "speech_failed")
        assert answer.json()["detail"] == "This could not be said aloud just now. Please try again."


class TestHurry:
    @pytest.fixture
    def server_options(self) -> dict[str, Any]:
        return {"max_messages_per_minute": 3}

    def test_too_much_in_a_minute_has_to_wait(self, server: RunningServer, learner: Learner) -> None:
        with server.client(learner.headers) as client, server.client(register(server).headers) as other:
            answers = [say(client, "ship") for _ in range(4)]
            assert [answer.status_code for answer in answers] == [200] * 3 + [429]
            assert 1 <= int(answers[-1].headers["Retry-After"]) <= 20
            assert answers[-1].json()["code"] == "too_many_requests"
            assert say(other, "ship").status_code == 200


def reciter(speaker: Waiting, seconds: float = 10) -> Reciter:
    return Reciter(speaker, FairUse(per_minute=100, at_once=2, in_all=16), seconds=seconds)


async def test_nobody_takes_the_voice_for_themselves_alone() -> None:
    speaker = Waiting()
    voice = reciter(speaker)
    mine = [asyncio.create_task(voice.say(1, "a")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(TooMuch):
        await voice.say(1, "a")
    others = asyncio.create_task(voice.say(2, "b"))
    await asyncio.sleep(0)
    speaker.go_on.set()
    assert (await others).data == b"b"
    await asyncio.gather(*mine)
    assert (await voice.say(1, "c")).data == b"c"


async def test_nobody_waits_for_ever_and_who_goes_makes_room() -> None:
    voice = reciter(Waiting(), seconds=0)
    for _ in range(5):
        with pytest.raises(SpeechFailed):
            await voice.say(1, "a")


def test_voice_is_for_those_who_signed_in(shared_server: RunningServer) -> None:
    with shared_server.client() as client:
        assert say(client, "ship").status_code == 401


def test_many_may_listen_at_once(shared_server: RunningServer) -> None:
    learners = [register(shared_server) for _ in range(8)]

    def one(learner: Learner) -> int:
        with shared_server.client(learner.headers) as client:
            return say(client, "ship").status_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, learners)) == [200] * 8
