"""Twenty at once: everybody is answered, everything is saved once, and the event loop never stands still."""

import asyncio
import logging
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor

import pytest
from crowd import At, read_together, start_crowd
from readers import new_learner, saved_readings
from transports import Reading, Transport

from serving import RunningServer
from speech import speak

READERS = 20
SENTENCE = "The cat sat on the mat."
LONGEST_STALL_SECONDS = 0.05
ROUNDS = 4
"""A stall of ours comes back in every round. One of a busy machine does not, nor one of the first round, in which
database connections are opened and modules are loaded."""

log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def crowd() -> Iterator[ProcessPoolExecutor]:
    with start_crowd() as process:
        yield process


async def longest_stall(stop: asyncio.Event) -> float:
    """The longest delay of anything in the loop that this runs in, in seconds."""
    longest, pause = 0.0, 0.002
    while not stop.is_set():
        before = time.perf_counter()
        await asyncio.sleep(pause)
        longest = max(longest, time.perf_counter() - before - pause)
    return longest


def watch(server: RunningServer) -> "tuple[asyncio.Event, Future[float]]":
    stop = asyncio.Event()
    return stop, asyncio.run_coroutine_threadsafe(longest_stall(stop), server.loop)


def test_twenty_readers_at_once(transport: Transport, server: RunningServer, crowd: ProcessPoolExecutor) -> None:
    at = At(server.base_url, server.ws_url)
    learners = [new_learner(server) for _ in range(READERS)]
    stalls: list[float] = []
    for turn in range(ROUNDS):
        reading = Reading.of(speak(SENTENCE), SENTENCE, request_id=f"round-{turn}")
        stop, stall = watch(server)
        streams = crowd.submit(read_together, at, learners, transport, reading).result(timeout=60)
        server.loop.call_soon_threadsafe(stop.set)
        stalls.append(stall.result(timeout=10))
        assert [milestones[-1] for milestones in streams] == ["complete"] * READERS
    log.info("longest stall of each round: %s ms", [round(stall * 1000) for stall in stalls])
    for learner in learners:
        ids = [saved.request_id for saved in saved_readings(server, learner)]
        assert sorted(ids) == [f"round-{turn}" for turn in range(ROUNDS)]
    assert min(stalls) < LONGEST_STALL_SECONDS, stalls
