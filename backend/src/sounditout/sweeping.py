"""What has to be looked after from time to time while a server runs."""

import asyncio
from collections.abc import Callable, Iterable
from typing import NoReturn, Protocol

import structlog

from sounditout.accounts.auth import Authenticator
from sounditout.accounts.identity import Identity
from sounditout.connection.held_requests import HeldRequests

log = structlog.stdlib.get_logger(__name__)


class Listener(Protocol):
    """A connection or a stream."""

    @property
    def user(self) -> Identity: ...

    def revoke(self) -> None:
        """The user's token has ended."""


async def sweep(
    seconds: float,
    requests: HeldRequests,
    authenticator: Authenticator,
    listeners: Callable[[], Iterable[Listener]],
) -> NoReturn:
    """Every so many seconds, forget requests that were held long enough, and disconnect users who have left.

    Those who leave in this process are told at once; this is for the other processes.
    """
    while True:
        await asyncio.sleep(seconds)
        requests.forget_expired()
        try:
            revoked = await authenticator.revoked({listener.user for listener in listeners()})
        except Exception:
            log.exception("sweeping failed")
            continue
        for user in revoked:
            requests.forget(user.user_id)
        for listener in tuple(listeners()):
            if listener.user in revoked:
                listener.revoke()
