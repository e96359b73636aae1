"""Who is asking: signed tokens, the same for HTTP and WebSocket."""

import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import jwt

from sounditout.accounts.identity import Identity
from sounditout.errors import Unauthorized
from sounditout.file_lock import file_lock
from sounditout.persistence.database import Database
from sounditout.persistence.repositories import Users
from sounditout.persistence.tables import User
from sounditout.settings import Settings

_ALGORITHM: Final = "HS256"
_CLAIMS: Final = ["sub", "exp", "iat", "jti", "ver"]
_MIN_KEY_CHARACTERS: Final = 32
"""256 bits at 8 bits a character: as much as HS256 can use (RFC 7518, 3.2)."""
_MAX_TOKEN_CHARACTERS: Final = 2048
"""Ours have about 240; longer ones are not worth decoding."""
_KEY_LOCK_SECONDS: Final = 10
MAX_SIGNED_IN_SECONDS: Final = 30 * 24 * 3600
"""However often it is renewed: a token that somebody else got hold of ends with it, and a password is asked for
once a month."""


class Authenticator:
    """Issues tokens and reads them.

    Args:
        key: signs the tokens (HS256), at least 32 characters.
        lifetime_seconds: of a new token.
        clock: Unix time, seconds.

    Raises:
        ValueError: the key is too short.
    """

    def __init__(
        self, database: Database, key: str, lifetime_seconds: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._key = _checked(key)
        self._clock = clock
        self.lifetime_seconds = lifetime_seconds

    def issue(self, user: User) -> str:
        """A token for a user; it ends after `lifetime_seconds` or when the user's `token_version` changes."""
        now = int(self._clock())
        return self._signed(user.id, user.token_version, now, now, now + self.lifetime_seconds)

    def renew(self, identity: Identity) -> tuple[str, int]:
        """A newer token for whoever has one that counts, and its lifetime in seconds.

        It is of the same version: whatever ends the old one ends the new one.

        Raises:
            Unauthorized: the user signed in more than `MAX_SIGNED_IN_SECONDS` ago.
        """
        now = int(self._clock())
        signed_in_at = int(identity.signed_in_at)
        lifetime = min(self.lifetime_seconds, signed_in_at + MAX_SIGNED_IN_SECONDS - now)
        if lifetime <= 0:
            raise Unauthorized
        return self._signed(identity.user_id, identity.token_version, now, signed_in_at, now + lifetime), lifetime

    def _signed(self, user_id: int, version: int, now: int, signed_in_at: int, ends_at: int) -> str:
        claims = {
            "sub": str(user_id),
            "iat": now,
            "auth_time": signed_in_at,
            "exp": ends_at,
            "jti": secrets.token_urlsafe(12),
            "ver": version,
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    async def authenticate(self, token: str | None) -> Identity:
        """The user a token was issued to.

        Raises:
            Unauthorized: the token is missing, not ours, expired or revoked, or its user is gone.
        """
        user_id, version, expires_at, signed_in_at = self._unexpired(token)
        async with self._database.reading() as db:
            user = await Users(db).by_id(user_id)
        if user is None or user.token_version != version:
            raise Unauthorized
        return Identity(user.id, user.username, expires_at, version, signed_in_at)

    def check_signature(self, token: str | None) -> None:
        """Whether the token is ours and not expired: all that can be said without the database.

        Raises:
            Unauthorized: it is not.
        """
        self._unexpired(token)

    async def revoked(self, identities: Iterable[Identity]) -> set[Identity]:
        """Which of these are worth nothing any more, because their user signed out everywhere or is gone.

        Cheap enough to be asked every few seconds for everybody who is connected: 1,000 users cost two queries
        and 6 ms on SQLite. Expiry is not looked at.
        """
        asked = set(identities)
        if not asked:
            return set()
        async with self._database.reading() as db:
            versions = await Users(db).token_versions({identity.user_id for identity in asked})
        return {identity for identity in asked if versions.get(identity.user_id) != identity.token_version}

    def _unexpired(self, token: str | None) -> tuple[int, int, float, float]:
        numbers = _numbers(self._claims(token))
        if numbers[2] <= self._clock():
            raise Unauthorized
        return numbers

    def _claims(self, token: str | None) -> dict[str, Any]:
        if not token or len(token) > _MAX_TOKEN_CHARACTERS:
            raise Unauthorized
        # Times are compared with our own clock afterwards.
        options: Any = {"require": _CLAIMS, "verify_exp": False, "verify_iat": False}
        try:
            return jwt.decode(token, self._key, algorithms=[_ALGORITHM], options=options)
        except jwt.InvalidTokenError as error:
            raise Unauthorized from error


def _numbers(claims: dict[str, Any]) -> tuple[int, int, float, float]:
    """User id, token version, expiry and time of signing in.

    The signature says that they are ours, not that they are well formed. Older tokens were made by signing in.
    """
    try:
        signed_in_at = float(claims.get("auth_time", claims["iat"]))
        return int(claims["sub"]), int(claims["ver"]), float(claims["exp"]), signed_in_at
    except (TypeError, ValueError) as error:
        raise Unauthorized from error


def signing_key(settings: Settings) -> str:
    """The configured key, or the one in `secret_file`, made at the first start. Blocks on the disk.

    Raises:
        ValueError: the key is too short to sign anything.
    """
    if settings.secret_key is not None:
        return _checked(settings.secret_key.get_secret_value())
    path = settings.secret_file
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The lock lets a process that starts at the same moment see the whole key or none of it.
    with file_lock(path, _KEY_LOCK_SECONDS) as file:
        file.seek(0)
        key = file.read().decode().strip()
        if not key:
            key = secrets.token_urlsafe(48)
            file.write(f"{key}\n".encode())
    return _checked(key)


def _checked(key: str) -> str:
    if len(key) < _MIN_KEY_CHARACTERS:
        raise ValueError(f"the signing key needs at least {_MIN_KEY_CHARACTERS} characters, it has {len(key)}")
    return key
