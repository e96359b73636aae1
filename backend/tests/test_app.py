"""The composition root: what is opened is closed again, also when the start fails half-way."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from serving import RunningServer, tiny_engines
from sounditout.app import close_engines, create_app
from sounditout.engines.fakes import FakeSpeaker
from sounditout.errors import Overloaded
from sounditout.persistence.repositories import Users
from sounditout.services import Drain, Services
from sounditout.settings import Settings


class ClosableSpeaker(FakeSpeaker):
    closed = False

    def close(self) -> None:
        self.closed = True


async def test_everything_is_open_while_the_app_lives_and_closed_afterwards(settings: Settings) -> None:
    speaker = ClosableSpeaker()
    app = create_app(settings, replace(tiny_engines(), speaker=speaker))
    async with app.router.lifespan_context(app):
        services: Services = app.state.services
        assert await services.workers.run(0, int, "7") == 7
        guest = await services.accounts.guest()
        assert (await services.authenticator.authenticate(services.authenticator.issue(guest))).user_id == guest.id
    with pytest.raises(Overloaded):
        await services.workers.run(0, int, "7")
    with pytest.raises(RuntimeError, match="shutdown"):
        await services.accounts.register("ada", "a long password")
    assert not speaker.closed  # whoever brings engines keeps them


async def test_users_outlive_a_restart(settings: Settings) -> None:
    tokens = []
    for _ in range(2):
        app = create_app(settings, tiny_engines())
        async with app.router.lifespan_context(app):
            services: Services = app.state.services
            if not tokens:
                tokens.append(services.authenticator.issue(await services.accounts.guest()))
            assert (await services.authenticator.authenticate(tokens[0])).user_id == 1


def test_only_engines_that_can_be_closed_are() -> None:
    speaker = ClosableSpeaker()
    close_engines(replace(tiny_engines(), speaker=speaker))
    assert speaker.closed


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"secret_key": "too short"}, "signing key"),
        ({"database_url": "mysql://db/coach"}, "cannot use"),
        ({"database_url": "sqlite:////proc/nowhere/test.db"}, "nowhere"),
    ],
)
async def test_start_fails_with_a_reason(settings: Settings, options: dict[str, Any], complaint: str) -> None:
    values = {**settings.model_dump(), **options}
    app = create_app(Settings(**values), tiny_engines())
    with pytest.raises((ValueError, OSError), match=complaint):
        async with app.router.lifespan_context(app):
            pass


async def test_start_without_models_says_what_helps(settings: Settings, tmp_path: Path) -> None:
    app = create_app(settings.model_copy(update={"models_dir": tmp_path}))
    with pytest.raises(Exception) as caught:  # noqa: PT011  (of the library that loads them)
        async with app.router.lifespan_context(app):
            pass
    assert "sounditout doctor" in "".join(caught.value.__notes__)


def test_what_the_api_offers_is_described_without_help_from_elsewhere(shared_server: RunningServer) -> None:
    with shared_server.client() as client:
        described = client.get("/api/openapi.json").json()
        assert client.get("/docs").headers["Content-Type"].startswith("text/plain")
    assert {
        "/api/ai/analyze-audio",
        "/api/ai/analyze-audio-with-phonemes",
        "/api/ai/analyze-audio/{request_id}/events",
        "/api/ai/analyze-audio/{request_id}/cancel",
        "/api/auth/register",
        "/api/auth/token",
        "/api/auth/guest",
        "/api/auth/sign-out",
        "/api/users/me",
        "/api/sessions",
        "/api/sessions/{session_id}",
        "/api/sessions/{session_id}/readings",
        "/healthz",
        "/readyz",
    } <= set(described["paths"])
    assert described["paths"]["/api/users/me"]["get"]["security"] == [{"HTTPBearer": []}]


async def test_drain_takes_every_step_once_and_together() -> None:
    drain, gate, taken = Drain(), asyncio.Event(), []

    async def waits() -> None:
        await gate.wait()
        taken.append("waits")

    async def opens() -> None:
        gate.set()
        taken.append("opens")

    drain.register(waits)
    drain.register(opens)
    assert not drain.started
    await drain.run()
    await drain.run()
    assert drain.started
    assert taken == ["opens", "waits"]


async def test_database_is_migrated_before_anybody_is_served(settings: Settings) -> None:
    app = create_app(settings, tiny_engines())
    async with app.router.lifespan_context(app):
        services: Services = app.state.services
        async with services.database.reading() as db:
            assert await Users(db).by_id(1) is None
