"""Names and passwords: what is accepted, and what happens to those who guess."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from databases import new_sqlite
from sounditout.accounts.accounts import Accounts, WrongPassword, acceptable_username
from sounditout.accounts.passwords import Passwords
from sounditout.accounts.revocations import Revocations
from sounditout.accounts.throttle import TooManyGuests, TooManyTries
from sounditout.errors import InvalidMessage
from sounditout.persistence.database import Database
from sounditout.persistence.repositories import UsernameTaken, Users
from sounditout.persistence.tables import User

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
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(await asyncio.to_thread(new_sqlite, tmp_path / "test.db"))
    yield opened
    await opened.dispose()


@pytest.fixture
def revocations() -> Revocations:
    return Revocations()


@pytest.fixture
def accounts(database: Database, clock: Clock, revocations: Revocations) -> Iterator[Accounts]:
    passwords = Passwords(CHEAP)
    yield Accounts(database, passwords, revocations, max_guests_per_minute=3, clock=clock)
    passwords.close()


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
    guest, other = await accounts.guest("::1"), await accounts.guest("::1")
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


async def test_guests_of_one_address_come_at_a_pace_and_others_do_not_wait(accounts: Accounts, clock: Clock) -> None:
    for _ in range(3):
        await accounts.guest("2001:db8::1")
    for same_site in ("2001:db8::1", "2001:db8::2"):
        with pytest.raises(TooManyGuests) as caught:
            await accounts.guest(same_site)
        assert caught.value.retry_after == 20
    await accounts.guest("2001:db8:0:1::1")
    clock.now += 20
    await accounts.guest("2001:db8::3")


async def test_signing_out_ends_every_token_and_says_so_afterwards(
    accounts: Accounts, revocations: Revocations, database: Database
) -> None:
    ada, bob = await accounts.register("ada", "password 1"), await accounts.register("bob", "password 1")
    told: list[int] = []
    revocations.on_revoked(told.append)
    await accounts.sign_out(ada.id)
    assert told == [ada.id]
    assert (await find(database, ada)).token_version == 2  # type: ignore[union-attr]
    assert await find(database, bob)
    assert (await accounts.sign_in("ada", "password 1", "::1")).token_version == 2


@pytest.mark.parametrize("password", ["password 2", "", None])
async def test_nobody_is_deleted_without_their_password(
    accounts: Accounts, revocations: Revocations, database: Database, password: str | None
) -> None:
    ada = await accounts.register("ada", "password 1")
    told: list[int] = []
    revocations.on_revoked(told.append)
    with pytest.raises(WrongPassword, match="nothing was deleted"):
        await accounts.delete(ada.id, password, "::1")
    assert await find(database, ada)
    assert told == []


async def test_deleting_is_no_way_to_guess_a_password(accounts: Accounts) -> None:
    ada = await accounts.register("Ada", "password 1")
    for _ in range(3):
        with pytest.raises(WrongPassword):
            await accounts.delete(ada.id, "a guess", "::1")
    await guess(accounts, 2)
    with pytest.raises(TooManyTries):
        await accounts.delete(ada.id, "password 1", "::1")


async def test_whoever_is_deleted_can_be_deleted_again_and_their_name_is_free(
    accounts: Accounts, revocations: Revocations, database: Database
) -> None:
    ada = await accounts.register("ada", "password 1")
    told: list[int] = []
    revocations.on_revoked(told.append)
    for _ in range(2):
        await accounts.delete(ada.id, "password 1", "::1")
        assert await find(database, ada) is None
    assert told == [ada.id] * 2
    assert (await accounts.register("ada", "password 2")).id > ada.id


async def test_a_guest_is_deleted_without_a_password(accounts: Accounts, database: Database) -> None:
    guest = await accounts.guest("::1")
    await accounts.delete(guest.id, None, "::1")
    assert await find(database, guest) is None


async def find(database: Database, user: User) -> User | None:
    async with database.reading() as db:
        return await Users(db).by_id(user.id)


async def guess(accounts: Accounts, times: int) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassword):
            await accounts.sign_in("ada", "a guess", "::1")
