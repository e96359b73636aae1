"""Making an account, signing in and out, and leaving for good."""

import math
import secrets
import time
import unicodedata
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Final

from sounditout.accounts.addresses import site
from sounditout.accounts.passwords import Passwords
from sounditout.accounts.revocations import Revocations
from sounditout.accounts.throttle import Pace, Throttle, TooManyGuests
from sounditout.errors import Forbidden, InvalidMessage, Unauthorized
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

_NOT_YOUR_PASSWORD: Final = "This is not your password, so nothing was deleted. Please try again."  # noqa: S105


class WrongPassword(Unauthorized):
    """The name is unknown or the password is another; which of them is not said."""

    default_message = "The name or the password is not right. Please try again."


class NotAGuest(Forbidden):
    """Whoever asks has an account already."""

    default_message = "You have an account already, and everything you read is kept in it."


class Accounts:
    """The ways to become a user, and to be one no longer.

    Args:
        revocations: is told when the tokens of somebody have ended.
        max_guests_per_minute: that one address may make, as many of them at once.
        clock: monotonic seconds, for slowing down guesses and guests.
    """

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        revocations: Revocations,
        *,
        max_guests_per_minute: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._revocations = revocations
        self._throttle = Throttle(clock)
        self._guests = Pace(max_guests_per_minute, clock)

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
        name = username_key(username[:MAX_USERNAME_CHARACTERS])
        with self._counted((name, address)):
            user = await self._find(username)
            if not await self._passwords.verify(password, user.password_hash if user else None) or user is None:
                raise WrongPassword
        return user

    @contextmanager
    def _counted(self, key: Hashable) -> Iterator[None]:
        """Around a guess. Raises TooManyTries when there were too many wrong ones in a row."""
        self._throttle.check(key)
        # Counted before the answer is known, so that many guesses sent at once all count.
        self._throttle.failed(key)
        yield
        self._throttle.succeeded(key)

    async def _find(self, username: str) -> User | None:
        try:
            name = acceptable_username(username)
        except InvalidMessage:
            return None
        async with self._database.reading() as db:
            return await Users(db).by_username(name)

    async def guest(self, address: str = "") -> User:
        """A new user without a password, for trying things out.

        Args:
            address: where the request comes from, "" when from no network; guests are counted per address.

        Raises:
            TooManyGuests: more than `max_guests_per_minute` came from there.
        """
        wait = self._guests.take(site(address))
        if wait > 0:
            raise TooManyGuests(math.ceil(wait))
        for _ in range(_GUEST_TRIES):
            try:
                async with self._database.transaction() as db:
                    return await Users(db).create(f"guest-{secrets.token_hex(5)}", None)
            except UsernameTaken:
                continue
        raise UsernameTaken

    async def settle(self, user_id: int, username: str, password: str) -> User:
        """Make the account of a guest, who stays the same user: readings, settings and tokens are kept.

        Raises:
            InvalidMessage: the name or the password cannot be used; the message says why.
            UsernameTaken: the name is in use.
            NotAGuest: the user has an account already.
            Unauthorized: there is no such user any more.
        """
        username = acceptable_username(username)
        _check_password(password)
        password_hash = await self._passwords.hash(password)
        async with self._database.transaction() as db:
            settled = await Users(db).settle(user_id, username, password_hash)
            user = await Users(db).by_id(user_id)
        if user is None:
            raise Unauthorized
        if not settled:
            raise NotAGuest
        return user

    async def sign_out(self, user_id: int) -> None:
        """End every token of this user, wherever it is."""
        async with self._database.transaction() as db:
            await Users(db).end_tokens(user_id)
        self._revocations.revoke(user_id)

    async def delete(self, user_id: int, password: str | None, address: str) -> None:
        """Remove the user and everything that was kept of them. Nothing happens when they are gone already.

        Args:
            password: the user's; a guest needs none.
            address: where the request comes from; guesses are counted together with those of `sign_in`.

        Raises:
            WrongPassword: it is another, or missing.
            TooManyTries: it was wrong too often in a row.
        """
        async with self._database.reading() as db:
            user = await Users(db).by_id(user_id)
        if user is not None and user.password_hash is not None:
            await self._check_own_password(user, password, address)
        async with self._database.transaction() as db:
            await Users(db).delete(user_id)
        self._revocations.revoke(user_id)

    async def _check_own_password(self, user: User, password: str | None, address: str) -> None:
        with self._counted((user.username_key, address)):
            if password is None or not await self._passwords.verify(password, user.password_hash):
                raise WrongPassword(_NOT_YOUR_PASSWORD)


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
