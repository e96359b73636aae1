"""Tokens: whose they are, how long they are worth something, and who signs them."""

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from sqlalchemy import delete, update

from databases import new_sqlite
from sounditout.accounts.auth import MAX_SIGNED_IN_SECONDS, Authenticator, signing_key
from sounditout.accounts.identity import Identity
from sounditout.errors import Unauthorized
from sounditout.persistence.database import Database
from sounditout.persistence.repositories import Users
from sounditout.persistence.tables import User
from sounditout.settings import Settings

KEY = "k" * 32
NOW = 1_800_000_000.5
PRINT_KEY = """\
from sounditout.accounts.auth import signing_key
from sounditout.settings import Settings
print(signing_key(Settings()))
"""


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(await asyncio.to_thread(new_sqlite, tmp_path / "test.db"))
    yield opened
    await opened.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authenticator(database: Database, clock: Clock) -> Authenticator:
    return Authenticator(database, KEY, 3600, clock)


@pytest.fixture
async def user(database: Database) -> User:
    async with database.transaction() as db:
        return await Users(db).create("ada", None)


def claims(user: User, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    usual = {"sub": str(user.id), "exp": int(NOW) + 60, "iat": int(NOW), "jti": "x", "ver": 1}
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


async def test_token_says_who_one_is_and_until_when(authenticator: Authenticator, user: User) -> None:
    now = int(NOW)
    assert await authenticator.authenticate(authenticator.issue(user)) == Identity(user.id, "ada", now + 3600, 1, now)


async def test_token_holds_what_the_standard_asks_for_and_no_name(authenticator: Authenticator, user: User) -> None:
    token = authenticator.issue(user)
    assert jwt.get_unverified_header(token)["alg"] == "HS256"
    content = jwt.decode(token, options={"verify_signature": False})
    assert content.pop("jti")
    assert content == {
        "sub": str(user.id),
        "iat": int(NOW),
        "auth_time": int(NOW),
        "exp": int(NOW) + 3600,
        "ver": 1,
    }
    assert authenticator.issue(user) != token


async def test_token_is_worth_nothing_from_its_last_second_on(
    authenticator: Authenticator, user: User, clock: Clock
) -> None:
    token = authenticator.issue(user)
    clock.now = int(NOW) + 3599.9
    await authenticator.authenticate(token)
    clock.now = int(NOW) + 3600
    with pytest.raises(Unauthorized):
        await authenticator.authenticate(token)


async def test_renewed_token_lasts_longer_and_remembers_when_one_signed_in(
    authenticator: Authenticator, user: User, clock: Clock
) -> None:
    identity = await authenticator.authenticate(authenticator.issue(user))
    clock.now += 3000
    token, lifetime = authenticator.renew(identity)
    renewed = await authenticator.authenticate(token)
    assert (lifetime, renewed.expires_at, renewed.signed_in_at) == (3600, int(NOW) + 6600, int(NOW))
    assert (renewed.user_id, renewed.token_version) == (identity.user_id, identity.token_version)


async def test_renewing_ends_a_month_after_signing_in(authenticator: Authenticator, user: User, clock: Clock) -> None:
    identity = await authenticator.authenticate(authenticator.issue(user))
    clock.now += MAX_SIGNED_IN_SECONDS - 60
    token, lifetime = authenticator.renew(identity)
    assert lifetime == 60
    last = await authenticator.authenticate(token)
    clock.now += 60
    with pytest.raises(Unauthorized):
        authenticator.renew(last)


async def test_token_from_before_renewing_was_possible_can_be_renewed(
    authenticator: Authenticator, user: User
) -> None:
    identity = await authenticator.authenticate(jwt.encode(claims(user), KEY, algorithm="HS256"))
    assert identity.signed_in_at == int(NOW)
    assert authenticator.renew(identity)[1] == 3600


async def test_what_ends_a_token_ends_those_made_from_it(
    authenticator: Authenticator, user: User, database: Database
) -> None:
    identity = await authenticator.authenticate(authenticator.issue(user))
    async with database.transaction() as db:
        await Users(db).end_tokens(user.id)
    token, _ = authenticator.renew(identity)  # as in a request that signing out has overtaken
    with pytest.raises(Unauthorized):
        await authenticator.authenticate(token)


async def test_token_of_a_deleted_user_is_refused(
    authenticator: Authenticator, user: User, database: Database
) -> None:
    token = authenticator.issue(user)
    async with database.transaction() as db:
        await db.execute(delete(User))
    with pytest.raises(Unauthorized):
        await authenticator.authenticate(token)


async def test_token_of_an_earlier_version_is_refused(
    authenticator: Authenticator, user: User, database: Database
) -> None:
    token = authenticator.issue(user)
    async with database.transaction() as db:
        await db.execute(update(User).values(token_version=2))
    with pytest.raises(Unauthorized):
        await authenticator.authenticate(token)


async def test_those_who_signed_out_or_are_gone_are_found_among_many(
    authenticator: Authenticator, database: Database
) -> None:
    async with database.transaction() as db:
        users = [await Users(db).create(f"user {number}", None) for number in range(4)]
    identities = [await authenticator.authenticate(authenticator.issue(user)) for user in users]
    assert await authenticator.revoked(identities) == set()
    assert await authenticator.revoked([]) == set()
    async with database.transaction() as db:
        await Users(db).end_tokens(users[1].id)
        await Users(db).delete(users[2].id)
        again = await Users(db).by_id(users[1].id)
        assert again is not None
        await db.refresh(again)
    newer = await authenticator.authenticate(authenticator.issue(again))
    assert await authenticator.revoked([*identities, newer]) == {identities[1], identities[2]}


@pytest.mark.parametrize("token", [None, "", "x", "a.b.c", "é.é.é", "x" * 100_000])
async def test_what_is_no_token_is_refused(authenticator: Authenticator, token: str | None) -> None:
    with pytest.raises(Unauthorized):
        await authenticator.authenticate(token)


async def test_other_keys_and_algorithms_are_refused(authenticator: Authenticator, user: User) -> None:
    forged = [
        jwt.encode(claims(user), "z" * 32, algorithm="HS256"),
        jwt.encode(claims(user), KEY * 2, algorithm="HS512"),
        jwt.encode(claims(user), None, algorithm="none"),
    ]
    for token in forged:
        with pytest.raises(Unauthorized):
            await authenticator.authenticate(token)


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": None},
        {"exp": None},
        {"iat": None},
        {"jti": None},
        {"ver": None},
        {"sub": "ada"},
        {"sub": "0"},
        {"sub": str(2**70)},
        {"exp": "soon"},
        {"ver": "x"},
        {"ver": [1]},
    ],
)
async def test_signed_but_unusable_claims_are_refused(
    authenticator: Authenticator, user: User, changes: dict[str, Any]
) -> None:
    await authenticator.authenticate(jwt.encode(claims(user), KEY, algorithm="HS256"))
    with pytest.raises(Unauthorized):
        await authenticator.authenticate(jwt.encode(claims(user, **changes), KEY, algorithm="HS256"))


def test_key_from_the_settings_is_used(tmp_path: Path) -> None:
    settings = Settings(secret_key="s" * 40, secret_file=tmp_path / "secret.key")
    assert signing_key(settings) == "s" * 40
    assert not settings.secret_file.exists()


def test_key_is_made_once_and_for_our_eyes_only(tmp_path: Path) -> None:
    settings = Settings(secret_file=tmp_path / "new" / "secret.key")
    key = signing_key(settings)
    assert len(key) >= 32
    assert signing_key(settings) == key
    assert stat.S_IMODE(settings.secret_file.stat().st_mode) == 0o600


@pytest.mark.parametrize("short", ["s" * 31, " "])
def test_short_key_is_refused(tmp_path: Path, short: str, database: Database) -> None:
    with pytest.raises(ValueError, match="32"):
        signing_key(Settings(secret_key=short))
    path = tmp_path / "secret.key"
    path.write_text(short.strip() or "x")
    with pytest.raises(ValueError, match="32"):
        signing_key(Settings(secret_file=path))
    with pytest.raises(ValueError, match="32"):
        Authenticator(database, short, 60)


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    environment = {**os.environ, "SOUNDITOUT_SECRET_FILE": str(tmp_path / "secret.key")}
    processes = [
        subprocess.Popen([sys.executable, "-c", PRINT_KEY], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    keys = {process.communicate(timeout=50)[0] for process in processes}
    assert len(keys) == 1
