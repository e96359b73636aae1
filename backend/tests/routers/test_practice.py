"""What one can practise, over a real socket and with the real dictionary."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from reports import some_report
from saving import save
from serving import Learner, RunningServer, register, serving
from sounditout.analysis.phonemes import IPA, PHONEMES
from sounditout.engines.fakes import fake_engines
from sounditout.engines.pronunciations import DictionaryPronouncer
from sounditout.practice.bank import LEVELS
from sounditout.settings import Settings


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder: Path = tmp_path_factory.mktemp("practice")
    settings = Settings(
        database_url=f"sqlite:///{folder / 'test.db'}", secret_file=folder / "key", web_dir=folder / "web"
    )
    with serving(settings, fake_engines(DictionaryPronouncer())) as running:
        yield running


@pytest.fixture
def client(server: RunningServer, learner: Learner) -> Iterator[httpx.Client]:
    with server.client(learner.headers) as opened:
        yield opened


def following(client: httpx.Client, **query: object) -> dict[str, Any]:
    params: dict[str, Any] = query
    body: dict[str, Any] = client.get("/api/practice/next", params=params).raise_for_status().json()
    return body


def test_all_sounds_and_levels_can_be_chosen(client: httpx.Client) -> None:
    topics = client.get("/api/practice/topics").raise_for_status().json()
    assert [topic["sound"] for topic in topics["sounds"]] == list(PHONEMES)
    for topic in topics["sounds"]:
        assert topic["ipa"] == IPA[topic["sound"]]
        assert topic["keyword"]
        assert topic["how"].endswith(".")
        assert topic["words"]
        assert topic["levels"]
    assert [topic["level"] for topic in topics["levels"]] == list(LEVELS)
    assert all(topic["sentences"] > 30 and topic["what"] for topic in topics["levels"])


def test_story_is_read_from_its_first_sentence_to_its_last(client: httpx.Client) -> None:
    topics = client.get("/api/practice/topics").raise_for_status().json()["stories"]
    assert [topic["level"] for topic in topics] == sorted(topic["level"] for topic in topics)
    story, count = topics[0]["story"], topics[0]["sentences"]
    read = [following(client, story=story, number=number) for number in range(1, count + 2)]
    assert [(one["number"], one["count"]) for one in read] == [*((n, count) for n in range(1, count + 1)), (1, count)]
    assert len({one["sentence"] for one in read}) == count
    assert {(one["level"], one["source"]) for one in read} == {(topics[0]["level"], "story")}
    assert following(client, story=story)["number"] == 1


@pytest.mark.parametrize(("query", "status"), [({"story": "nothing"}, 400), ({"story": "frog", "number": 0}, 422)])
def test_story_that_does_not_exist_is_not_read(client: httpx.Client, query: dict[str, Any], status: int) -> None:
    assert client.get("/api/practice/next", params=query).status_code == status


@pytest.mark.parametrize("level", LEVELS)
def test_sentence_has_the_sound_at_the_level(client: httpx.Client, level: int) -> None:
    found = following(client, sound="SH", level=level, after="")
    assert (found["sound"], found["source"]) == ("SH", "bank")
    assert found["times"] >= 1
    topics = client.get("/api/practice/topics").json()["sounds"]
    here = level in next(topic["levels"] for topic in topics if topic["sound"] == "SH")
    assert (found["level"] == level) == here


def test_who_goes_on_meets_all_sentences_before_one_comes_again(client: httpx.Client) -> None:
    met, sentence = [], ""
    for _ in range(60):
        sentence = following(client, sound="T", level=1, after=sentence)["sentence"]
        met.append(sentence)
    lap = met.index(met[0], 1) if met[0] in met[1:] else len(met)
    assert lap >= 3
    assert len(set(met[:lap])) == lap


def test_without_a_sentence_before_it_goes_on_from_the_last_reading(
    client: httpx.Client, server: RunningServer, learner: Learner
) -> None:
    first = following(client)
    assert (first["level"], first["sound"], first["times"]) == (1, None, None)
    save(server, learner, "r", some_report(first["sentence"]))
    second = following(client)
    assert second == following(client, after=first["sentence"])
    assert second["sentence"] != first["sentence"]


def test_level_is_the_learners_own_unless_one_is_asked_for(client: httpx.Client) -> None:
    assert following(client, after="The cat sat.")["level"] == 1
    assert following(client, after="The magnificent caterpillar investigated everything.")["level"] == 5
    client.patch("/api/users/me/settings", json={"level": 3}).raise_for_status()
    assert following(client, after="The cat sat.")["level"] == 3
    assert following(client, after="The cat sat.", level=2)["level"] == 2


@pytest.mark.parametrize(
    ("query", "status"),
    [("sound=XX", 400), ("sound=sh", 400), ("sound=SHH", 422), ("level=6", 422), ("level=0", 422)],
)
def test_what_does_not_exist_cannot_be_practised(client: httpx.Client, query: str, status: int) -> None:
    answer = client.get(f"/api/practice/next?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, "invalid_message")


def test_long_sentence_before_is_refused(client: httpx.Client) -> None:
    answer = client.get("/api/practice/next", params={"after": "x" * 301})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_sentence")


def test_text_of_ones_own_comes_back_with_its_pronunciations(client: httpx.Client) -> None:
    answer = client.post("/api/practice/check", json={"text": "  The ship   has 3 Zyxts! "})
    assert answer.status_code == 200
    body = answer.json()
    assert body["sentence"] == "The ship has 3 Zyxts!"
    assert body["level"] == 1
    assert [(word["text"], word["spoken"]) for word in body["words"]] == [
        ("The", "the"),
        ("ship", "ship"),
        ("has", "has"),
        ("3", "three"),
        ("Zyxts", "zyxts"),
    ]
    assert body["words"][1]["pronunciations"] == [{"arpabet": ["SH", "IH", "P"], "ipa": "ʃɪp"}]
    assert len(body["words"][0]["pronunciations"]) > 1
    assert all(word["pronunciations"] for word in body["words"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no words"),
        (" ?! 😀 ", "no words"),
        ("The cat sat on the мат.", "not an English word"),
        ("word " * 80, "300 characters"),
        ("x" * 46, "too long for a word"),
        ("9999999999 " * 20, "too long to be read"),
        ("a\0b", "no words"),
    ],
)
def test_text_that_cannot_be_practised_is_refused_with_the_reason(client: httpx.Client, text: str, said: str) -> None:
    answer = client.post("/api/practice/check", json={"text": text})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_sentence")
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("body", ['{"text": "\\ud800"}', '{"text": 7}', "{}", "[]"])
def test_what_is_no_text_is_refused(client: httpx.Client, body: str) -> None:
    answer = client.post("/api/practice/check", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_message")


@pytest.mark.parametrize("path", ["topics", "next"])
def test_practice_is_for_those_who_signed_in(server: RunningServer, path: str) -> None:
    with server.client() as client:
        assert client.get(f"/api/practice/{path}").status_code == 401
        assert client.post("/api/practice/check", json={"text": "A cat."}).status_code == 401


def test_everybody_goes_their_own_way(client: httpx.Client, server: RunningServer) -> None:
    other = register(server)
    before = following(client)
    save(server, other, "r", some_report(before["sentence"]))
    assert following(client) == before
