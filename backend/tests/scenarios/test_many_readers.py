"""Twenty at once: everybody is answered, everything is saved once, and the event loop never stands still."""

import asyncio
import logging
import time
from concurrent.futures import Future

from readers import new_learner, saved_readings
from transports import Reading, Transport

from serving import Learner, RunningServer
from speech import speak

READERS = 20
ROUNDS = 3
"""A stall of ours comes back in every round; one of a busy machine, or of a client in this same process, does not."""
LONGEST_STALL_SECONDS = 0.05
SENTENCE = "The cat sat on the mat."


async def longest_stall(stop: asyncio.Event) -> float:
    """The longest time that the loop it runs in took for one turn, in seconds."""
    longest, pause = 0.0, 0.002
    while not stop.is_set():
        before = time.perf_counter()
        await asyncio.sleep(pause)
        longest = max(longest, time.perf_counter() - before - pause)
    return longest


def watch(server: RunningServer) -> "tuple[asyncio.Event, Future[float]]":
    stop = asyncio.Event()
    return stop, asyncio.run_coroutine_threadsafe(longest_stall(stop), server.loop)


async def test_twenty_readers_at_once(transport: Transport, server: RunningServer) -> None:
    learners = [new_learner(server) for _ in range(READERS)]
    stalls: list[float] = []
    for turn in range(ROUNDS):
        stop, stall = watch(server)
        await everybody_reads(transport, server, learners, f"round-{turn}")
        server.loop.call_soon_threadsafe(stop.set)
        stalls.append(await asyncio.wrap_future(stall))
    logging.getLogger(__name__).info("longest stalls: %s s", stalls)
    assert min(stalls) < LONGEST_STALL_SECONDS, stalls


async def everybody_reads(
    transport: Transport, server: RunningServer, learners: list[Learner], request_id: str
) -> None:
    reading = Reading.of(speak(SENTENCE), SENTENCE, request_id=request_id)
    outcomes = await asyncio.gather(*(transport.read(server, learner, reading) for learner in learners))
    assert [outcome.milestones[-1] for outcome in outcomes] == ["complete"] * READERS
    for learner in learners:
        ids = [saved.request_id for saved in saved_readings(server, learner)]
        assert ids.count(request_id) == 1
