"""Names and passwords: what is accepted, and what happens to those who guess."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from sounditout.accounts.accounts import Accounts, WrongPassword, acceptable_username
from sounditout.accounts.passwords import Passwords
from sounditout.accounts.throttle import TooManyTries
from sounditout.errors import InvalidMessage
from sounditout.persistence.database import Database
from sounditout.persistence.repositories import UsernameTaken

CHEAP = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def accounts(tmp_path: Path, clock: Clock) -> AsyncIterator[Accounts]:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    await database.migrate()
    passwords = Passwords(CHEAP)
    yield Accounts(database, passwords, clock)
    passwords.close()
    await database.dispose()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ada", "ada"),
        ("  Ada L.  ", "Ada L."),
        ("o'neil-2", "o'neil-2"),
        ("ada@example.org", "ada@example.org"),
        ("Ünï", "Ünï"),
        ("U\u0308ni", "Üni"),
        ("ｗｉｄｅ", "wide"),
        ("李小龍", "李小龍"),
        ("अनुष्का", "अनुष्का"),
        ("x" * 64, "x" * 64),
    ],
)
def test_names_of_all_scripts_are_accepted(given: str, kept: str) -> None:
    assert acceptable_username(given) == kept


@pytest.mark.parametrize(
    "name",
    [
        "",
        "ab",
        "  ab  ",
        "x" * 65,
        "﷽" * 60,
        "a\nb",
        "a\0bc",
        "a\u202ebc",
        "<ada>",
        "a/b",
        ".ada",
        " -ada",
        "😀😀😀",
        "a\u200bb",
    ],
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidMessage):
        acceptable_username(name)


@pytest.mark.parametrize("password", ["", "1234567", "x" * 129])
async def test_passwords_have_a_length(accounts: Accounts, password: str) -> None:
    with pytest.raises(InvalidMessage, match="8 to 128"):
        await accounts.register("ada", password)


async def test_one_signs_in_with_what_one_registered(accounts: Accounts) -> None:
    made = await accounts.register("Ada", "password 1")
    for name in ("Ada", "ADA", " ada "):
        assert (await accounts.sign_in(name, "password 1", "::1")).id == made.id


async def test_name_is_taken_whatever_its_case(accounts: Accounts) -> None:
    await accounts.register("Ada", "password 1")
    with pytest.raises(UsernameTaken):
        await accounts.register("aDA", "password 2")


@pytest.mark.parametrize(
    ("name", "password"), [("ada", "password 2"), ("bob", "password 1"), ("a\0b", "x"), ("", "")]
)
async def test_wrong_name_and_wrong_password_look_the_same(accounts: Accounts, name: str, password: str) -> None:
    await accounts.register("ada", "password 1")
    with pytest.raises(WrongPassword) as caught:
        await accounts.sign_in(name, password, "::1")
    assert caught.value.message == WrongPassword.default_message


async def test_guests_are_different_and_cannot_sign_in(accounts: Accounts) -> None:
    guest, other = await accounts.guest(), await accounts.guest()
    assert guest.id != other.id
    with pytest.raises(WrongPassword):
        await accounts.sign_in(guest.username, "", "::1")


async def test_guessing_is_slowed_down_even_for_the_right_password(accounts: Accounts, clock: Clock) -> None:
    await accounts.register("ada", "password 1")
    await guess(accounts, 5)
    with pytest.raises(TooManyTries):
        await accounts.sign_in("ADA ", "password 1", "::1")
    await accounts.sign_in("ada", "password 1", "10.0.0.1")
    clock.now += 5
    await accounts.sign_in("ada", "password 1", "::1")
    await guess(accounts, 4)
    await accounts.sign_in("ada", "password 1", "::1")


async def test_guesses_sent_at_once_all_count(accounts: Accounts) -> None:
    await accounts.register("ada", "password 1")
    tries = (accounts.sign_in("ada", f"guess {number}", "::1") for number in range(40))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(result) for result in results].count(WrongPassword) == 5


async def guess(accounts: Accounts, times: int) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassword):
            await accounts.sign_in("ada", "a guess", "::1")
