"""What has to be looked after from time to time while a server runs."""

import asyncio
from collections.abc import Callable, Iterable
from typing import NoReturn

import structlog

from sounditout.accounts.auth import Authenticator
from sounditout.connection.connection import Connection
from sounditout.connection.held_requests import HeldRequests

log = structlog.stdlib.get_logger(__name__)


async def sweep(
    seconds: float,
    requests: HeldRequests,
    authenticator: Authenticator,
    connections: Callable[[], Iterable[Connection]],
) -> NoReturn:
    """Every so many seconds, forget requests that were held long enough, and disconnect users who have left.

    Those who leave in this process are told at once; this is for the other processes.
    """
    while True:
        await asyncio.sleep(seconds)
        requests.forget_expired()
        try:
            revoked = await authenticator.revoked({connection.user for connection in connections()})
        except Exception:
            log.exception("sweeping failed")
            continue
        for user in revoked:
            requests.forget(user.user_id)
        for connection in tuple(connections()):
            if connection.user in revoked:
                connection.revoke()
