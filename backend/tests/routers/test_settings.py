"""What a user chooses, over a real socket."""

from typing import Any

import httpx
import pytest

from serving import Learner, RunningServer, register, serving, tiny_engines
from sounditout.persistence.repositories import ChosenSettings
from sounditout.routers.settings import Preferences
from sounditout.settings import Settings

PATH = "/api/users/me/settings"
DEFAULTS: dict[str, Any] = {
    "use_websocket": None,
    "in_browser_listening": False,
    "keep_audio_on_device": False,
    "strictness": "normal",
    "voice_speed": 1.0,
    "voice_volume": 1.0,
    "live_words": True,
    "auto_stop": True,
    "theme": "system",
    "text_size": "normal",
    "font": "atkinson",
    "level": None,
}
BY_DEFAULT = {"effective": {"use_websocket": False, "reason": "stage", "stage": 0}}


@pytest.fixture(params=["off", "on", "auto"])
def server_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """For `server`."""
    return {"use_websocket": request.param}


@pytest.fixture
def learner(shared_server: RunningServer) -> Learner:
    return register(shared_server)


@pytest.fixture
def client(shared_server: RunningServer, learner: Learner) -> httpx.Client:
    return shared_server.client(learner.headers)


def keep(server: RunningServer, learner: Learner, **chosen: object) -> None:
    """Choices as another version of the server kept them."""

    async def work() -> None:
        async with server.services.database.transaction() as db:
            await ChosenSettings(db).merge(learner.user_id, chosen)

    server.run(work())


def test_before_the_first_choice_everything_has_its_default(client: httpx.Client) -> None:
    with client:
        assert client.get(PATH).json() == {**DEFAULTS, **BY_DEFAULT}
        assert client.patch(PATH, json={}).json() == {**DEFAULTS, **BY_DEFAULT}
    assert Preferences().model_dump() == DEFAULTS


def test_only_what_is_named_changes(client: httpx.Client) -> None:
    with client:
        client.patch(PATH, json={"theme": "dark", "level": 3, "voice_speed": 0.5}).raise_for_status()
        answer = client.patch(PATH, json={"level": None, "voice_volume": 0})
        assert answer.status_code == 200
        assert answer.json() == client.get(PATH).json()
        assert answer.json() == {**DEFAULTS, "theme": "dark", "voice_speed": 0.5, "voice_volume": 0, **BY_DEFAULT}


@pytest.mark.parametrize("chosen", [True, False])
def test_what_was_chosen_counts_and_can_be_left_to_the_server_again(client: httpx.Client, chosen: bool) -> None:
    with client:
        assert client.patch(PATH, json={"use_websocket": chosen}).json()["effective"] == {
            "use_websocket": chosen,
            "reason": "chosen",
            "stage": 0,
        }
        assert client.patch(PATH, json={"use_websocket": None}).json()["effective"] == BY_DEFAULT["effective"]


def test_without_a_choice_the_server_decides(server: RunningServer) -> None:
    decided = {"off": (False, "switched_off"), "on": (True, "switched_on"), "auto": (False, "stage")}
    use_websocket, reason = decided[server.settings.use_websocket]
    with server.client(register(server).headers) as client:
        effective = client.get(PATH).json()["effective"]
    assert effective == {"use_websocket": use_websocket, "reason": reason, "stage": 0}


def test_with_a_decision_comes_the_stage_it_was_made_at(settings: Settings) -> None:
    own = settings.model_copy(update={"use_websocket": "auto"})
    with serving(own, tiny_engines()) as server, server.client(register(server).headers) as client:
        server.run(server.services.flag.change("start", "ada", "a school begins"))
        assert client.get(PATH).json()["effective"]["stage"] == 1
        server.run(server.services.flag.change("hold", "ada", "exams"))
        assert client.get(PATH).json()["effective"]["stage"] == 1
        server.run(server.services.flag.change("rollback", "ada", "for today"))
        assert client.get(PATH).json()["effective"] == {"use_websocket": False, "reason": "stage", "stage": 3}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"use_websockets": True}, "use_websockets"),
        ({"effective": {}}, "effective"),
        ({"use_websocket": "yes"}, "use_websocket"),
        ({"live_words": None}, "live_words"),
        ({"strictness": "brutal"}, "strictness"),
        ({"voice_speed": 0.4}, "voice_speed"),
        ({"voice_speed": 1.6}, "voice_speed"),
        ({"voice_volume": 1.1}, "voice_volume"),
        ({"level": 0}, "level"),
        ({"level": 6}, "level"),
        ({"level": "3"}, "level"),
        ({"theme": "dark", "font": "comic"}, "font"),
    ],
)
def test_what_cannot_be_chosen_is_refused_and_nothing_changes(
    client: httpx.Client, change: dict[str, object], place: str
) -> None:
    with client:
        answer = client.patch(PATH, json=change)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_message")
        assert place in answer.json()["detail"]
        assert client.get(PATH).json() == {**DEFAULTS, **BY_DEFAULT}


@pytest.mark.parametrize("body", ["[]", "null", "7", "{", '{"voice_speed": NaN}', '{"voice_speed": 1e999}'])
def test_what_is_no_choice_at_all_is_refused(client: httpx.Client, body: str) -> None:
    with client:
        answer = client.patch(PATH, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422


def test_choices_of_another_version_spoil_nothing(
    client: httpx.Client, shared_server: RunningServer, learner: Learner
) -> None:
    keep(shared_server, learner, theme="dark", font="a font that was removed", a_setting_that_was_removed=1)
    with client:
        assert client.get(PATH).json() == {**DEFAULTS, "theme": "dark", **BY_DEFAULT}
        assert client.patch(PATH, json={"font": "opendyslexic"}).json()["font"] == "opendyslexic"


def test_everybody_has_their_own(client: httpx.Client, shared_server: RunningServer) -> None:
    with client, shared_server.client(register(shared_server).headers) as other:
        client.patch(PATH, json={"theme": "dark"})
        assert other.get(PATH).json()["theme"] == "system"


def test_settings_are_for_those_who_signed_in(shared_server: RunningServer) -> None:
    with shared_server.client() as client:
        assert client.get(PATH).status_code == 401
        assert client.patch(PATH, json={}).status_code == 401
