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
LONGEST_STEP_SECONDS = 0.05
ROUNDS = 2
"""In the first, database connections are opened and modules are loaded."""

log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def crowd() -> Iterator[ProcessPoolExecutor]:
    with start_crowd() as process:
        yield process


async def longest_step(stop: asyncio.Event) -> float:
    """The longest that the loop, in which this runs, computes before anything else has its turn, in seconds.

    Of its own thread, not by the clock: twenty readers, the models and whatever else runs keep a small machine busy.
    """
    longest = 0.0
    while not stop.is_set():
        before = time.thread_time()
        await asyncio.sleep(0.002)
        longest = max(longest, time.thread_time() - before)
    return longest


def watch(server: RunningServer) -> "tuple[asyncio.Event, Future[float]]":
    stop = asyncio.Event()
    return stop, asyncio.run_coroutine_threadsafe(longest_step(stop), server.loop)


def test_twenty_readers_at_once(transport: Transport, server: RunningServer, crowd: ProcessPoolExecutor) -> None:
    at = At(server.base_url, server.ws_url)
    learners = [new_learner(server) for _ in range(READERS)]
    steps: list[float] = []
    for turn in range(ROUNDS):
        reading = Reading.of(speak(SENTENCE), SENTENCE, request_id=f"round-{turn}")
        stop, step = watch(server)
        streams = crowd.submit(read_together, at, learners, transport, reading).result(timeout=60)
        server.loop.call_soon_threadsafe(stop.set)
        steps.append(step.result(timeout=10))
        assert [milestones[-1] for milestones in streams] == ["complete"] * READERS
    log.info("longest step of each round: %s ms", [round(step * 1000) for step in steps])
    for learner in learners:
        ids = [saved.request_id for saved in saved_readings(server, learner)]
        assert sorted(ids) == [f"round-{turn}" for turn in range(ROUNDS)]
    assert steps[-1] < LONGEST_STEP_SECONDS, steps
