"""Passwords, kept as argon2id hashes; every computation runs off the event loop."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

_THREADS: Final = 2
"""A flood of sign-ins queues here instead of taking the machine."""
_ARGON2ID: Final = Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's parameters: 19 MiB and about 30 ms of one core, so that signing in holds up nobody's reading."""


class Passwords:
    """Hashes and verifies.

    Args:
        hasher: pwdlib's hasher; its parameters decide how much work one guess costs.
    """

    def __init__(self, hasher: PasswordHash | None = None) -> None:
        self._hasher = hasher or PasswordHash((_ARGON2ID,))
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="passwords")

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether the password belongs to the stored hash; the same work when there is none (`stored` is None)."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._verify, password, stored)

    def close(self) -> None:
        """Wait for the hashes being computed and end the threads."""
        self._threads.shutdown()

    def _verify(self, password: str, stored: str | None) -> bool:
        matches = self._hasher.verify(password, stored or self._nobodys_hash)
        return matches and stored is not None

    @cached_property
    def _nobodys_hash(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe())
