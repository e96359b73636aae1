"""Passwords are kept so that nobody can read them."""

import time
from collections.abc import Iterator

import pytest

from sounditout.accounts.passwords import Passwords


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


async def test_only_the_right_password_fits(passwords: Passwords) -> None:
    stored = await passwords.hash("pâsswörd 😀")
    assert stored.startswith("$argon2id$")
    assert "pâss" not in stored
    assert await passwords.verify("pâsswörd 😀", stored)
    assert not await passwords.verify("passwörd 😀", stored)
    assert not await passwords.verify("", stored)


async def test_equal_passwords_are_stored_differently(passwords: Passwords) -> None:
    assert await passwords.hash("the same") != await passwords.hash("the same")


async def test_nobody_costs_as_much_as_somebody(passwords: Passwords) -> None:
    stored = await passwords.hash("password")
    assert not await passwords.verify("password", None)

    async def fastest(hash_: str | None) -> float:
        """Of several, in processor time: other programs on the machine do not count."""
        taken = []
        for _ in range(4):
            started = time.process_time()
            await passwords.verify("wrong", hash_)
            taken.append(time.process_time() - started)
        return min(taken)

    somebody, nobody = await fastest(stored), await fastest(None)
    assert 0.5 < nobody / somebody < 2
