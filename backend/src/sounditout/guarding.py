"""The guard of the rollout, which looks from time to time while a server runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NoReturn

import structlog

from sounditout.rollout.stages import Change

log = structlog.stdlib.get_logger(__name__)

Watch = Callable[[], Awaitable[Change | None]]
"""Looks once, and does what it may (`WebSocketFlag.watch`): what it has done."""
Wait = Callable[[float], Awaitable[object]]


@asynccontextmanager
async def guarding(watch: Watch, seconds: float, wait: Wait = asyncio.sleep) -> AsyncIterator[None]:
    """Let the guard look every so many seconds until the block ends.

    Every process of a server has its own: of two that would do the same, one is too late and does nothing.
    """
    looking = asyncio.create_task(guard(watch, seconds, wait))
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.wait([looking])


async def guard(watch: Watch, seconds: float, wait: Wait) -> NoReturn:
    """Look, for ever. That it could not look once, because the database did not answer, does not keep it from it."""
    while True:
        await wait(seconds)
        try:
            change = await watch()
        except Exception:
            log.exception("the guard could not look at the rollout")
            continue
        if change is not None:
            log.warning("the guard acted", action=change.action, percentage=change.percentage, reason=change.reason)
