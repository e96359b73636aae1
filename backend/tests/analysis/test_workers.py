"""Bounded admission, first come first served, and cancelled work that leaves the queue."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from sounditout.analysis.workers import Workers
from sounditout.errors import Overloaded


@pytest.fixture
def workers() -> Iterator[Workers]:
    one = Workers(threads=1, max_waiting=3)
    yield one
    one.close()


class Gate:
    """Work that begins, says so, and waits to be let through."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.open = threading.Event()

    def pass_through(self) -> str:
        self.begun.set()
        assert self.open.wait(10)
        return "through"

    async def has_begun(self) -> None:
        assert await asyncio.to_thread(self.begun.wait, 10)


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_runs_in_another_thread_and_returns(workers: Workers) -> None:
    assert await workers.run(threading.get_ident) != threading.get_ident()
    assert await workers.run(lambda a, b: a + b, 1, b=2) == 3


async def test_errors_come_back(workers: Workers) -> None:
    with pytest.raises(ZeroDivisionError):
        await workers.run(lambda: 1 / 0)
    assert await workers.run(lambda: "still here") == "still here"


async def test_first_come_first_served(workers: Workers) -> None:
    gate, served = Gate(), list[int]()
    first = asyncio.create_task(workers.run(gate.pass_through))
    await gate.has_begun()
    others = [asyncio.create_task(workers.run(served.append, number)) for number in range(3)]
    await settle()
    assert workers.waiting == 3
    gate.open.set()
    await asyncio.gather(first, *others)
    assert served == [0, 1, 2]


async def test_one_too_many_is_refused_at_once(workers: Workers) -> None:
    gate = Gate()
    first = asyncio.create_task(workers.run(gate.pass_through))
    await gate.has_begun()
    others = [asyncio.create_task(workers.run(int)) for _ in range(3)]
    await settle()
    with pytest.raises(Overloaded):
        await workers.run(int)
    gate.open.set()
    assert await asyncio.gather(first, *others) == ["through", 0, 0, 0]
    assert await workers.run(int) == 0


async def test_cancelled_work_leaves_the_queue_unseen(workers: Workers) -> None:
    gate, served = Gate(), list[str]()
    first = asyncio.create_task(workers.run(gate.pass_through))
    await gate.has_begun()
    dropped = asyncio.create_task(workers.run(served.append, "dropped"))
    kept = asyncio.create_task(workers.run(served.append, "kept"))
    await settle()
    dropped.cancel()
    await settle()
    assert workers.waiting == 1
    gate.open.set()
    await asyncio.gather(first, kept)
    assert dropped.cancelled()
    assert served == ["kept"]


async def test_cancelled_running_work_frees_its_thread_when_it_ends(workers: Workers) -> None:
    gate = Gate()
    running = asyncio.create_task(workers.run(gate.pass_through))
    await gate.has_begun()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    waiting = asyncio.create_task(workers.run(lambda: "next"))
    await settle()
    assert workers.waiting == 1, "the thread is still busy"
    gate.open.set()
    assert await waiting == "next"


async def test_closing_refuses_new_and_waiting_calls_and_lets_running_ones_finish() -> None:
    workers, gate = Workers(threads=1, max_waiting=3), Gate()
    running = asyncio.create_task(workers.run(gate.pass_through))
    await gate.has_begun()
    waiting = asyncio.create_task(workers.run(int))
    await settle()
    workers.close()
    with pytest.raises(Overloaded):
        await waiting
    with pytest.raises(Overloaded):
        await workers.run(int)
    gate.open.set()
    assert await running == "through"


async def test_the_loop_goes_on_while_threads_are_busy_and_others_wait() -> None:
    workers, gate = Workers(threads=1, max_waiting=100), Gate()
    work = [asyncio.create_task(workers.run(gate.pass_through)) for _ in range(20)]
    await gate.has_begun()
    for _ in range(1000):
        await asyncio.sleep(0)
    assert not any(task.done() for task in work)
    gate.open.set()
    assert await asyncio.gather(*work) == ["through"] * 20
    workers.close()


async def test_nothing_is_lost_in_a_storm_of_cancellations() -> None:
    workers = Workers(threads=2, max_waiting=1000)
    tasks = [asyncio.create_task(workers.run(int, number)) for number in range(200)]
    for turn, task in enumerate(tasks):
        if turn % 3 == 0:
            await asyncio.sleep(0)
            task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    kept = [number for number, task in enumerate(tasks) if not task.cancelled()]
    assert [results[number] for number in kept] == kept
    assert workers.waiting == 0
    assert [await workers.run(int, number) for number in (1, 2)] == [1, 2]
    workers.close()
