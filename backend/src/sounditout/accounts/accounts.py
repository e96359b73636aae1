"""Making an account and signing in."""

import secrets
import time
import unicodedata
from collections.abc import Callable
from typing import Final

from sounditout.accounts.passwords import Passwords
from sounditout.accounts.throttle import Throttle
from sounditout.errors import InvalidMessage, Unauthorized
from sounditout.persistence.database import Database
from sounditout.persistence.repositories import UsernameTaken, Users, username_key
from sounditout.persistence.tables import MAX_USERNAME_CHARACTERS, User

MIN_USERNAME_CHARACTERS: Final = 3
MIN_PASSWORD_CHARACTERS: Final = 8
MAX_PASSWORD_CHARACTERS: Final = 128
"""A long sentence; more would only be work."""

_PUNCTUATION: Final = frozenset(" ._-'@+")
"""Enough for "Ada L.", "o'neil" and an e-mail address."""
_GUEST_TRIES: Final = 3


class WrongPassword(Unauthorized):
    """The name is unknown or the password is another; which of them is not said."""

    default_message = "The name or the password is not right. Please try again."


class Accounts:
    """The ways to become a user.

    Args:
        clock: monotonic seconds, for slowing down guesses.
    """

    def __init__(self, database: Database, passwords: Passwords, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._passwords = passwords
        self._throttle = Throttle(clock)

    async def register(self, username: str, password: str) -> User:
        """Make an account.

        Raises:
            InvalidMessage: the name or the password cannot be used; the message says why.
            UsernameTaken: the name is in use.
        """
        username = acceptable_username(username)
        _check_password(password)
        password_hash = await self._passwords.hash(password)
        async with self._database.transaction() as db:
            return await Users(db).create(username, password_hash)

    async def sign_in(self, username: str, password: str, address: str) -> User:
        """The user with this name and password.

        Args:
            address: where the request comes from; guesses are counted per name and address.

        Raises:
            WrongPassword: no such user, or another password.
            TooManyTries: it was wrong too often in a row.
        """
        key = (username_key(username[:MAX_USERNAME_CHARACTERS]), address)
        self._throttle.check(key)
        # Counted before the answer is known, so that many guesses sent at once all count.
        self._throttle.failed(key)
        user = await self._find(username)
        if not await self._passwords.verify(password, user.password_hash if user else None) or user is None:
            raise WrongPassword
        self._throttle.succeeded(key)
        return user

    async def _find(self, username: str) -> User | None:
        try:
            name = acceptable_username(username)
        except InvalidMessage:
            return None
        async with self._database.reading() as db:
            return await Users(db).by_username(name)

    async def guest(self) -> User:
        """A new user without a password, for trying things out."""
        for _ in range(_GUEST_TRIES):
            try:
                async with self._database.transaction() as db:
                    return await Users(db).create(f"guest-{secrets.token_hex(5)}", None)
            except UsernameTaken:
                continue
        raise UsernameTaken


def acceptable_username(username: str) -> str:
    """The name as it is kept: trimmed, in one Unicode form.

    Raises:
        InvalidMessage: too short, too long, or with characters a name does not have.
    """
    name = unicodedata.normalize("NFKC", username).strip()
    if not MIN_USERNAME_CHARACTERS <= len(name) <= MAX_USERNAME_CHARACTERS:
        raise InvalidMessage(
            f"A name has {MIN_USERNAME_CHARACTERS} to {MAX_USERNAME_CHARACTERS} characters; this one has {len(name)}."
        )
    if not name[0].isalnum() or not all(map(_belongs_in_a_name, name)):
        raise InvalidMessage(
            "A name starts with a letter or a digit and has only letters, digits, spaces and . _ - ' @ +"
        )
    return name


def _belongs_in_a_name(character: str) -> bool:
    # Marks (M) as well: many scripts write vowels with them.
    return character in _PUNCTUATION or unicodedata.category(character)[0] in "LMN"


def _check_password(password: str) -> None:
    if not MIN_PASSWORD_CHARACTERS <= len(password) <= MAX_PASSWORD_CHARACTERS:
        raise InvalidMessage(
            f"A password has {MIN_PASSWORD_CHARACTERS} to {MAX_PASSWORD_CHARACTERS} characters; "
            f"this one has {len(password)}."
        )
