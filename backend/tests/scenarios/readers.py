"""Learners of the scenarios, and what is saved of them."""

import itertools
import time
from pathlib import Path

from serving import Learner, RunningServer
from sounditout.accounts.auth import Authenticator
from sounditout.persistence.repositories import PracticeSessions, Readings, Users
from sounditout.persistence.tables import Reading as SavedReading
from sounditout.settings import Settings

_numbers = itertools.count(1)


def settings_in(folder: Path, **options: object) -> Settings:
    """Of a server that keeps everything in a folder."""
    fields = {
        "database_url": f"sqlite:///{folder / 'test.db'}",
        "secret_file": folder / "secret.key",
        "web_dir": folder / "web",
    }
    return Settings.model_validate(fields | options)


def new_learner(server: RunningServer) -> Learner:
    """Somebody without a password, which would take a tenth of a second to hash."""

    async def make() -> Learner:
        async with server.services.database.transaction() as db:
            user = await Users(db).create(f"reader-{next(_numbers)}", None)
            session = await PracticeSessions(db).create(user.id)
        return Learner(user.username, user.id, server.services.authenticator.issue(user), session.id)

    return server.run(make())


def saved_readings(server: RunningServer, learner: Learner) -> list[SavedReading]:
    """What the database holds for a learner's session, newest first."""

    async def read() -> list[SavedReading]:
        async with server.services.database.reading() as db:
            return list(await Readings(db).of_session(learner.session_id))

    return server.run(read())


def token_with_lifetime(server: RunningServer, learner: Learner, seconds: float) -> str:
    """A token that ends so many seconds from now, or has ended."""
    issued_at = time.time() + seconds - 60
    like_ours = Authenticator(server.services.database, server_key(server), 60, clock=lambda: issued_at)

    async def issue() -> str:
        async with server.services.database.reading() as db:
            user = await Users(db).by_id(learner.user_id)
        assert user is not None
        return like_ours.issue(user)

    return server.run(issue())


def server_key(server: RunningServer) -> str:
    return server.settings.secret_file.read_text().strip()
