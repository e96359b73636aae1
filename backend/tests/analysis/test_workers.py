"""Bounded admission, fair turns, cancelled work that leaves the queue, and work that gives way."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.workers import Workers
from sounditout.errors import Cancelled, Overloaded

ANNA, BEN, CARA = 1, 2, 3


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

    def pass_or_stop(self, stop: Cancellation) -> str:
        with stop.watched_by(self.open.set):
            self.pass_through()
        stop.check("listening")
        return "through"

    async def has_begun(self) -> None:
        assert await asyncio.to_thread(self.begun.wait, 10)


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


async def all_threads_serve(workers: Workers, threads: int) -> None:
    """Fails unless so many calls can run at the same time."""
    together = threading.Barrier(threads, timeout=10)
    await asyncio.gather(*(workers.run(ANNA, together.wait) for _ in range(threads)))


class House:
    """Workers whose threads all wait at gates."""

    def __init__(self, threads: int, max_waiting: int = 10) -> None:
        self.workers = Workers(threads, max_waiting)
        self.gates: list[Gate] = []

    async def begin(self, user_id: int = ANNA) -> "tuple[Gate, asyncio.Task[str]]":
        """A call that has got its thread."""
        gate = self._gate()
        task = asyncio.create_task(self.workers.run(user_id, gate.pass_through))
        await gate.has_begun()
        return gate, task

    async def begin_aside(self) -> "tuple[Gate, asyncio.Task[str | None]]":
        """An unimportant one."""
        gate = self._gate()
        task = asyncio.create_task(self.workers.run_if_idle(gate.pass_or_stop))
        await gate.has_begun()
        return gate, task

    def _gate(self) -> Gate:
        self.gates.append(Gate())
        return self.gates[-1]

    def close(self) -> None:
        for gate in self.gates:
            gate.open.set()
        self.workers.close()


@pytest.fixture
async def two() -> AsyncIterator[House]:
    house = House(threads=2)
    yield house
    house.close()


async def test_runs_in_another_thread_and_returns(workers: Workers) -> None:
    assert await workers.run(ANNA, threading.get_ident) != threading.get_ident()
    assert await workers.run(ANNA, lambda a, b: a + b, 1, b=2) == 3


async def test_errors_come_back(workers: Workers) -> None:
    with pytest.raises(ZeroDivisionError):
        await workers.run(ANNA, lambda: 1 / 0)
    assert await workers.run(ANNA, lambda: "still here") == "still here"


async def test_one_user_is_served_in_order(workers: Workers) -> None:
    gate, served = Gate(), list[int]()
    first = asyncio.create_task(workers.run(ANNA, gate.pass_through))
    await gate.has_begun()
    others = [asyncio.create_task(workers.run(ANNA, served.append, number)) for number in range(3)]
    await settle()
    assert workers.waiting == 3
    gate.open.set()
    await asyncio.gather(first, *others)
    assert served == [0, 1, 2]


async def test_a_user_with_many_calls_does_not_hold_up_another() -> None:
    house, served = House(threads=1), list[str]()
    gate, first = await house.begin(ANNA)
    waiting = [(ANNA, "a1"), (ANNA, "a2"), (ANNA, "a3"), (BEN, "b1"), (CARA, "c1"), (BEN, "b2")]
    others = [asyncio.create_task(house.workers.run(user, served.append, name)) for user, name in waiting]
    await settle()
    gate.open.set()
    await asyncio.gather(first, *others)
    assert served == ["a1", "b1", "c1", "a2", "b2", "a3"]
    house.close()


async def test_one_too_many_is_refused_at_once(workers: Workers) -> None:
    gate = Gate()
    first = asyncio.create_task(workers.run(ANNA, gate.pass_through))
    await gate.has_begun()
    others = [asyncio.create_task(workers.run(ANNA, int)) for _ in range(3)]
    await settle()
    with pytest.raises(Overloaded):
        await workers.run(BEN, int)
    gate.open.set()
    assert await asyncio.gather(first, *others) == ["through", 0, 0, 0]
    assert await workers.run(BEN, int) == 0


async def test_who_is_refused_is_told_when_all_who_wait_will_have_been_served() -> None:
    now = 0.0

    def take_six_seconds() -> None:
        nonlocal now
        now += 6

    workers = Workers(threads=1, max_waiting=3, clock=lambda: now)
    assert workers.retry_after == 1
    for _ in range(40):
        await workers.run(ANNA, take_six_seconds)
    gate = Gate()
    work = [asyncio.create_task(workers.run(ANNA, gate.pass_through)) for _ in range(4)]
    await gate.has_begun()
    await settle()
    with pytest.raises(Overloaded) as refused:
        await workers.run(BEN, int)
    assert refused.value.retry_after == pytest.approx(3 * 6, rel=0.01)
    gate.open.set()
    await asyncio.gather(*work)
    workers.close()


async def test_what_waits_and_runs_is_counted(two: House) -> None:
    assert (two.workers.running, two.workers.waiting, two.workers.capacity) == (0, 0, 12)
    work = [await two.begin(), await two.begin()]
    third = asyncio.create_task(two.workers.run(BEN, int))
    await settle()
    assert (two.workers.running, two.workers.waiting) == (2, 1)
    for gate, task in work:
        gate.open.set()
        await task
    await third
    assert (two.workers.running, two.workers.waiting) == (0, 0)


async def test_cancelled_work_leaves_the_queue_unseen(workers: Workers) -> None:
    gate, served = Gate(), list[str]()
    first = asyncio.create_task(workers.run(ANNA, gate.pass_through))
    await gate.has_begun()
    dropped = asyncio.create_task(workers.run(ANNA, served.append, "dropped"))
    kept = asyncio.create_task(workers.run(ANNA, served.append, "kept"))
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
    running = asyncio.create_task(workers.run(ANNA, gate.pass_through))
    await gate.has_begun()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    waiting = asyncio.create_task(workers.run(ANNA, lambda: "next"))
    await settle()
    assert workers.waiting == 1, "the thread is still busy"
    gate.open.set()
    assert await waiting == "next"


async def test_closing_refuses_new_and_waiting_calls_and_lets_running_ones_finish() -> None:
    workers, gate = Workers(threads=1, max_waiting=3), Gate()
    running = asyncio.create_task(workers.run(ANNA, gate.pass_through))
    await gate.has_begun()
    waiting = asyncio.create_task(workers.run(ANNA, int))
    await settle()
    workers.close()
    with pytest.raises(Overloaded):
        await waiting
    with pytest.raises(Overloaded):
        await workers.run(ANNA, int)
    assert await workers.run_if_idle(lambda _: "done") is None
    gate.open.set()
    assert await running == "through"


async def test_the_loop_goes_on_while_threads_are_busy_and_others_wait() -> None:
    workers, gate = Workers(threads=1, max_waiting=100), Gate()
    work = [asyncio.create_task(workers.run(ANNA, gate.pass_through)) for _ in range(20)]
    await gate.has_begun()
    for _ in range(1000):
        await asyncio.sleep(0)
    assert not any(task.done() for task in work)
    gate.open.set()
    assert await asyncio.gather(*work) == ["through"] * 20
    workers.close()


async def test_unimportant_work_has_the_threads_that_nobody_needs(two: House) -> None:
    gate, work = await two.begin_aside()
    gate.open.set()
    assert await work == "through"


async def test_errors_of_unimportant_work_come_back(two: House) -> None:
    def fail(_: Cancellation) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await two.workers.run_if_idle(fail)
    assert await two.workers.run_if_idle(lambda _: "still here") == "still here"


async def test_on_two_threads_unimportant_work_has_one(two: House) -> None:
    await two.begin_aside()
    assert await two.workers.run_if_idle(lambda _: "done") is None


async def test_on_two_threads_unimportant_work_does_not_begin_beside_real_work(two: House) -> None:
    gate, work = await two.begin()
    assert await two.workers.run_if_idle(lambda _: "done") is None
    gate.open.set()
    await work
    assert await two.workers.run_if_idle(lambda _: "done") == "done"


@pytest.mark.parametrize("threads", [1, 2])
async def test_unimportant_work_gives_way_at_once(threads: int) -> None:
    house = House(threads, max_waiting=0)
    gate, aside = await house.begin_aside()
    assert await house.workers.run(ANNA, lambda: "real") == "real"
    assert await aside is None
    assert gate.open.is_set(), "it was stopped"
    await all_threads_serve(house.workers, threads)
    house.close()


async def test_unimportant_work_that_is_done_all_the_same_is_not_wasted(two: House) -> None:
    gate = Gate()
    aside = asyncio.create_task(two.workers.run_if_idle(lambda _: gate.pass_through()))
    await gate.has_begun()
    assert await two.workers.run(ANNA, lambda: "real") == "real"
    gate.open.set()
    assert await aside == "through"


async def test_with_more_threads_the_newest_unimportant_work_gives_way_first() -> None:
    house = House(threads=4)
    asides = [await house.begin_aside() for _ in range(3)]
    assert await house.workers.run_if_idle(lambda _: "fourth") is None
    stopped = []
    for _ in range(3):
        await house.begin()
        stopped.append([gate.open.is_set() for gate, _ in asides])
    assert stopped == [[False, False, True], [False, True, True], [True, True, True]]
    assert [await task for _, task in asides] == [None] * 3
    house.close()


async def test_unimportant_work_whose_caller_has_gone_is_stopped(two: House) -> None:
    gate, aside = await two.begin_aside()
    aside.cancel()
    with pytest.raises(asyncio.CancelledError):
        await aside
    assert gate.open.is_set()
    await all_threads_serve(two.workers, 2)


async def test_unimportant_work_that_was_cancelled_by_others_says_so(two: House) -> None:
    def cancelled(_: Cancellation) -> None:
        raise Cancelled(stage="listening")

    with pytest.raises(Cancelled):
        await two.workers.run_if_idle(cancelled)


async def test_closing_interrupts_unimportant_work() -> None:
    house = House(threads=2)
    _, aside = await house.begin_aside()
    house.workers.close()
    assert await aside is None


async def test_says_how_many_wait_whenever_that_changes() -> None:
    told = list[int]()
    workers, gate = Workers(threads=1, max_waiting=3, on_waiting=told.append), Gate()
    first = asyncio.create_task(workers.run(ANNA, gate.pass_through))
    await gate.has_begun()
    assert told == []
    others = [asyncio.create_task(workers.run(user, int)) for user in (ANNA, BEN, CARA)]
    await settle()
    others[1].cancel()
    await settle()
    assert told == [1, 2, 3, 2]
    gate.open.set()
    await asyncio.gather(first, *others, return_exceptions=True)
    assert told == [1, 2, 3, 2, 1, 0]
    workers.close()


async def test_nobody_waits_any_more_when_it_is_closed() -> None:
    told = list[int]()
    workers, gate = Workers(threads=1, max_waiting=3, on_waiting=told.append), Gate()
    first = asyncio.create_task(workers.run(ANNA, gate.pass_through))
    await gate.has_begun()
    second = asyncio.create_task(workers.run(ANNA, int))
    await settle()
    workers.close()
    with pytest.raises(Overloaded):
        await second
    assert told[-1] == 0
    gate.open.set()
    await first
