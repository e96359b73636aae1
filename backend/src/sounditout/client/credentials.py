"""The token of whoever uses the client, and how to get another one."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Final

from sounditout.client.errors import ClientError, Refused

Refresh = Callable[[], Awaitable[str]]
"""Gets a newer token of the same user from wherever the program has its tokens from."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]{1,4096}")
"""RFC 6750, 2.1: what may stand in a header."""


class Credentials:
    """A token that may be renewed.

    Args:
        refresh: None: the token ends when it ends.
    """

    def __init__(self, token: str | None = None, refresh: Refresh | None = None) -> None:
        self.token = token
        self._refresh = refresh
        self._renewing = asyncio.Lock()

    @property
    def can_renew(self) -> bool:
        return self._refresh is not None

    def current(self) -> str:
        """The token. Raises Refused: there is none, or it cannot be one."""
        if self.token is None:
            raise Refused("unauthorized", "Please sign in first.", status=401)
        if not _TOKEN.fullmatch(self.token):
            raise Refused("unauthorized", "This cannot be a token. Please sign in.", status=401)
        return self.token

    def header(self) -> dict[str, str]:
        """The header that says who calls. Raises Refused, as `current`."""
        return {"Authorization": f"Bearer {self.current()}"}

    async def renew(self, old: str | None) -> str:
        """Another token than `old`, asked for once however many want it.

        Raises:
            Refused: there is none to be had.
            ClientError: what `refresh` raised.
        """
        async with self._renewing:
            if self.token == old:
                self.token = await self._fresh()
            return self.current()

    async def _fresh(self) -> str:
        if self._refresh is None:
            raise Refused("unauthorized", "Please sign in again.", status=401)
        try:
            return await self._refresh()
        except ClientError:
            raise
        except Exception as error:
            raise Refused("unauthorized", "Please sign in again.", status=401) from error
