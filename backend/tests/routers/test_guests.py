"""Guests: how many may come from one address, and how one keeps what was read; over a real socket."""

import asyncio
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from reports import some_report
from serving import PASSWORD, RunningServer, register, serving, tiny_engines
from sounditout.accounts.accounts import Accounts
from sounditout.accounts.passwords import Passwords
from sounditout.persistence.repositories import Readings
from sounditout.settings import Settings

_names = (f"settler-{number}" for number in itertools.count(1))


@pytest.fixture
def strict_server(server: RunningServer) -> RunningServer:
    """Lets an address make three guests a minute."""
    services = server.services
    accounts = Accounts(
        services.database, Passwords(), services.revocations, max_guests_per_minute=3, clock=lambda: 0
    )
    server.app.state.services = replace(services, accounts=accounts)
    return server


def guest(client: httpx.Client) -> httpx.Response:
    return client.post("/api/auth/guest")


def test_a_flood_of_guests_is_told_when_to_come_again(strict_server: RunningServer) -> None:
    with strict_server.client() as client:
        answers = [guest(client) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [201] * 3 + [429] * 2
    refused = answers[-1]
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers["Retry-After"] == "20"
    assert (refused.json()["code"], refused.json()["retryable"]) == ("too_many_requests", True)
    assert "in a moment" in refused.json()["detail"]


def test_a_flood_of_guests_keeps_nobody_from_signing_in(strict_server: RunningServer) -> None:
    with strict_server.client() as client:
        assert [guest(client).status_code for _ in range(4)][-1] == 429
    assert register(strict_server).user_id


def test_a_class_gets_in_at_once(server: RunningServer) -> None:
    with server.client() as client:
        assert {guest(client).status_code for _ in range(30)} == {201}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def either_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    folder: Path = tmp_path_factory.mktemp("guests")
    url = f"sqlite:///{folder / 'test.db'}"
    if request.param == "postgresql":
        url = asyncio.run(request.getfixturevalue("postgres").migrated_database("guests"))
    settings = Settings(database_url=url, secret_file=folder / "key", web_dir=folder)
    with serving(settings, tiny_engines()) as running:
        yield running


@pytest.fixture
def client(either_server: RunningServer) -> Iterator[httpx.Client]:
    """Of a guest."""
    with either_server.client() as client:
        client.headers["Authorization"] = f"Bearer {guest(client).json()['access_token']}"
        yield client


def settle(client: httpx.Client, username: str, password: str = PASSWORD) -> httpx.Response:
    return client.post("/api/users/me/account", json={"username": username, "password": password})


def sign_in(client: httpx.Client, username: str) -> httpx.Response:
    return client.post("/api/auth/token", data={"username": username, "password": PASSWORD})


def test_guest_who_makes_an_account_keeps_everything(either_server: RunningServer, client: httpx.Client) -> None:
    before = client.get("/api/users/me").json()
    session_id = client.post("/api/sessions").json()["id"]
    client.patch("/api/users/me/settings", json={"strictness": "strict"})
    either_server.run(save(either_server, before["id"], session_id))

    name = next(_names)
    answer = settle(client, f" {name} ")
    assert answer.status_code == 200
    assert answer.json() == {**before, "username": name, "guest": False}
    assert client.get("/api/users/me").json() == answer.json()  # the token still counts

    client.headers["Authorization"] = f"Bearer {sign_in(client, name.upper()).json()['access_token']}"
    assert client.get("/api/users/me").json() == answer.json()
    assert [reading["request_id"] for reading in client.get(f"/api/sessions/{session_id}/readings").json()] == ["r"]
    assert client.get("/api/users/me/settings").json()["strictness"] == "strict"


async def save(server: RunningServer, user_id: int, session_id: int) -> int:
    async with server.services.database.transaction() as db:
        return await Readings(db).save_once(
            user_id=user_id, session_id=session_id, request_id="r", report=some_report()
        )


def test_guest_stays_one_when_the_name_is_taken(either_server: RunningServer, client: httpx.Client) -> None:
    taken = register(either_server).username
    answer = settle(client, taken.upper())
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_message")
    assert "taken" in answer.json()["detail"]
    assert client.get("/api/users/me").json()["guest"] is True
    assert settle(client, next(_names)).status_code == 200


@pytest.mark.parametrize(("username", "password"), [("ab", PASSWORD), ("a proper name", "short")])
def test_guest_is_told_what_a_name_and_a_password_need(client: httpx.Client, username: str, password: str) -> None:
    answer = settle(client, username, password)
    assert answer.status_code == 400
    assert "characters" in answer.json()["detail"]
    assert client.get("/api/users/me").json()["guest"] is True


def test_who_has_an_account_gets_no_other_name_or_password(either_server: RunningServer) -> None:
    learner = register(either_server)
    with either_server.client(learner.headers) as client:
        answer = settle(client, next(_names), "another password")
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert "already" in answer.json()["detail"]
        assert sign_in(client, learner.username).status_code == 200


def test_account_that_is_made_many_times_at_once_is_made_once(client: httpx.Client) -> None:
    names = [next(_names) for _ in range(4)]
    with ThreadPoolExecutor(len(names)) as pool:
        answers = list(pool.map(lambda name: settle(client, name).status_code, names))
    assert sorted(answers) == [200, 403, 403, 403]
    assert client.get("/api/users/me").json()["username"] == names[answers.index(200)]


def test_guest_who_is_gone_makes_no_account(either_server: RunningServer, client: httpx.Client) -> None:
    assert client.delete("/api/users/me").status_code == 204
    answer = settle(client, next(_names))
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    with either_server.client() as stranger:
        assert settle(stranger, next(_names)).status_code == 401
