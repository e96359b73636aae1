"""Time and chance, handed in from outside, so that tests need wait for neither."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """What a client knows of time.

    Attributes:
        now: monotonic seconds.
        sleep: waits for so many seconds.
        limit: ends its block with TimeoutError after so many seconds.
        chance: a number from 0 to 1.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    limit: Callable[[float], AbstractAsyncContextManager[object]] = asyncio.timeout
    chance: Callable[[], float] = random.random
