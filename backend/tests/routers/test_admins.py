"""Who may look after the server, over a real socket."""

import pytest

from serving import Learner, RunningServer, register
from sounditout.dependencies import current_admin
from sounditout.errors import Forbidden
from sounditout.persistence.admins import Admins


@pytest.fixture
def server(shared_server: RunningServer) -> RunningServer:
    return shared_server


def name(server: RunningServer, learner: Learner) -> None:
    async def work() -> None:
        async with server.services.database.transaction() as db:
            await Admins(db).add(learner.username)

    server.run(work())


async def admitted(server: RunningServer, learner: Learner) -> int:
    user = await server.services.authenticator.authenticate(learner.token)
    return (await current_admin(server.services, user)).user_id


def test_a_page_is_told_who_may_look_after_the_server(server: RunningServer) -> None:
    ada, bo = register(server), register(server)
    name(server, ada)
    with server.client() as client:
        assert client.get("/api/users/me", headers=ada.headers).json()["admin"] is True
        assert client.get("/api/users/me", headers=bo.headers).json()["admin"] is False
        cyd = client.post("/api/auth/register", json={"username": "cyd", "password": "a" * 8})
        assert cyd.json()["admin"] is False


def test_only_who_was_named_is_admitted_with_the_token_they_had(server: RunningServer) -> None:
    ada = register(server)
    with pytest.raises(Forbidden, match="look after"):
        server.run(admitted(server, ada))
    name(server, ada)
    assert server.run(admitted(server, ada)) == ada.user_id
