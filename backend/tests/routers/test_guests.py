"""How many guests may come from one address, over a real socket."""

from dataclasses import replace

import httpx
import pytest

from serving import RunningServer, register
from sounditout.accounts.accounts import Accounts
from sounditout.accounts.passwords import Passwords


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
