"""Tokens that end, and are renewed by whoever has the newer one."""

from typing import Any

import pytest

from manual_time import ManualTime
from serving import Learner, RunningServer
from sounditout.client import Client, ConnectionFailed, Refused, TransportName
from sounditout.client.credentials import Credentials
from trials import AUDIO, SENTENCE, Listening, States, assert_whole

OLD = "an.old.token"


class Tokens:
    """Where the program has its tokens from."""

    def __init__(self, *tokens: str | Exception) -> None:
        self.asked = 0
        self._tokens = tokens

    async def __call__(self) -> str:
        token = self._tokens[min(self.asked, len(self._tokens) - 1)]
        self.asked += 1
        if isinstance(token, Exception):
            raise token
        return token


@pytest.fixture(params=["ws", "sse", "auto"])
def transport(request: pytest.FixtureRequest) -> TransportName:
    name: TransportName = request.param
    return name


def connected(server: RunningServer, transport: TransportName, tokens: Tokens, token: str = OLD) -> Client:
    return Client(server.base_url, transport, token, refresh=tokens, timing=ManualTime().timing)


def read(client: Client, learner: Learner) -> Listening:
    return Listening(client.analyze(AUDIO, "a.wav", SENTENCE, session_id=learner.session_id))


async def test_one_that_has_ended_is_renewed_once(
    server: RunningServer, learner: Learner, transport: TransportName
) -> None:
    tokens = Tokens(learner.token)
    async with connected(server, transport, tokens) as client:
        assert_whole(await read(client, learner).ended())
        assert client.token == learner.token
    assert tokens.asked == 1


async def test_a_session_is_made_with_the_newer_one(server: RunningServer, learner: Learner) -> None:
    tokens = Tokens(learner.token)
    async with connected(server, "sse", tokens) as client:
        assert await client.create_session() > 0
    assert tokens.asked == 1


async def test_a_newer_one_that_is_no_better_is_the_end(
    server: RunningServer, learner: Learner, transport: TransportName
) -> None:
    tokens = Tokens("another.bad.token")
    async with connected(server, transport, tokens) as client:
        with pytest.raises(Refused) as refused:
            await read(client, learner).ended()
    assert refused.value.code == "unauthorized"
    assert tokens.asked == 1


async def test_nobody_has_a_newer_one(server: RunningServer, learner: Learner, transport: TransportName) -> None:
    async with connected(server, transport, Tokens(KeyError("no token"))) as client:
        with pytest.raises(Refused) as refused:
            await read(client, learner).ended()
    assert refused.value.code == "unauthorized"


async def test_the_newer_one_could_not_be_fetched_just_now(
    server: RunningServer, learner: Learner, transport: TransportName
) -> None:
    tokens = Tokens(ConnectionFailed("later"), learner.token)
    async with connected(server, transport, tokens) as client:
        assert_whole(await read(client, learner).ended())
    assert tokens.asked == 2


class TestWarning:
    """The server says a minute before that a token ends; these last for a minute."""

    @pytest.fixture
    def server_options(self) -> dict[str, Any]:
        return {"token_lifetime_seconds": 60}

    @pytest.fixture
    async def states(self) -> States:
        return States()

    async def test_it_is_renewed_without_a_new_connection(
        self, server: RunningServer, learner: Learner, states: States
    ) -> None:
        server.services.authenticator.lifetime_seconds = 3600
        with server.client() as http:
            account = {"username": learner.username, "password": "correct horse battery"}
            longer = http.post("/api/auth/token", data=account).json()["access_token"]
        tokens = Tokens(longer)
        async with Client(server.base_url, "ws", learner.token, refresh=tokens, on_state=states) as client:
            for _ in range(2):
                assert_whole(await read(client, learner).ended())
            assert client.token == longer
        assert tokens.asked == 1
        assert states.seen == ["connecting", "ready", "closed"]

    async def test_one_that_is_always_about_to_end_is_not_renewed_all_the_time(
        self, server: RunningServer, learner: Learner
    ) -> None:
        tokens = Tokens(learner.token)
        async with connected(server, "ws", tokens, learner.token) as client:
            for _ in range(3):
                assert_whole(await read(client, learner).ended())
        assert tokens.asked == 1


async def test_many_who_want_a_newer_one_ask_once() -> None:
    tokens = Tokens("new", "newer")
    credentials = Credentials("old", tokens)
    assert await credentials.renew("old") == "new"
    assert await credentials.renew("old") == "new"
    assert tokens.asked == 1
