"""Many readers at once, in a process of their own: they must not take turns with the server they measure."""

import asyncio
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from transports import Reading, Transport

from serving import Learner


@dataclass(frozen=True, slots=True)
class At:
    """Where the server listens."""

    base_url: str
    ws_url: str


def start_crowd() -> ProcessPoolExecutor:
    """A process for `read_together`; shut it down."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def read_together(at: At, learners: list[Learner], transport: Transport, reading: Reading) -> list[list[str]]:
    """The milestones of every learner's reading, all begun at once."""

    async def everybody() -> list[list[str]]:
        outcomes = await asyncio.gather(*(transport.read(at, learner, reading) for learner in learners))
        return [outcome.milestones for outcome in outcomes]

    return asyncio.run(everybody())
