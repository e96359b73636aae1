"""Whatever callers do, in whatever order: threads are never oversubscribed and every call ends exactly once."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.workers import Workers
from sounditout.errors import Overloaded

Step = tuple[str, int]
"""What happens, and to whom: a user or a call."""
STEPS = st.lists(
    st.tuples(st.sampled_from(["run", "run", "run_if_idle", "finish", "cancel", "settle"]), st.integers(0, 9)),
    max_size=40,
)
MAX_WAITING = 4


class Threads:
    """What was seen from inside the threads."""

    def __init__(self) -> None:
        self.begun: list[Call] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()

    def enter(self, call: "Call") -> None:
        with self._lock:
            self.begun.append(call)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)

    def leave(self) -> None:
        with self._lock:
            self._at_once -= 1


@dataclass(eq=False)
class Call:
    """One caller's work; it lasts until `over` is set."""

    user_id: int
    threads: Threads
    over: threading.Event = field(default_factory=threading.Event)

    def work(self) -> "Call":
        self.threads.enter(self)
        assert self.over.wait(10)
        self.threads.leave()
        return self

    def work_aside(self, stop: Cancellation) -> "Call":
        with stop.watched_by(self.over.set):
            self.work()
        stop.check("listening")
        return self


async def play(steps: Sequence[Step], workers: Workers, threads: Threads) -> "dict[Call, asyncio.Task[Call | None]]":
    """Take every step; then let all work end."""
    tasks: dict[Call, asyncio.Task[Call | None]] = {}
    for kind, number in steps:
        one = list(tasks)[number % len(tasks)] if tasks else None
        match kind:
            case "run":
                call = Call(number % 3, threads)
                tasks[call] = asyncio.create_task(workers.run(call.user_id, call.work))
            case "run_if_idle":
                call = Call(-1, threads)
                tasks[call] = asyncio.create_task(workers.run_if_idle(call.work_aside))
            case "finish" if one:
                one.over.set()
            case "cancel" if one:
                tasks[one].cancel()
            case _:
                for _ in range(5):
                    await asyncio.sleep(0)
    for call in tasks:
        call.over.set()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    return tasks


async def check(steps: Sequence[Step], number_of_threads: int) -> None:
    workers, threads = Workers(number_of_threads, MAX_WAITING), Threads()
    tasks = await play(steps, workers, threads)

    assert threads.most_at_once <= number_of_threads
    assert len(set(threads.begun)) == len(threads.begun), "something was done twice"
    for call, task in tasks.items():
        ended_well = not task.cancelled() and task.exception() is None
        if ended_well and task.result() is not None:
            assert task.result() is call
            assert call in threads.begun
        elif ended_well:
            assert call.user_id == -1, "only unimportant work may come to nothing"
        elif not task.cancelled():
            assert isinstance(task.exception(), Overloaded)
            assert call not in threads.begun
    if number_of_threads == 1:  # more threads may write down their beginnings in another order
        for user_id in range(3):
            made = [call for call in tasks if call.user_id == user_id and call in threads.begun]
            assert [call for call in threads.begun if call.user_id == user_id] == made
    together = threading.Barrier(number_of_threads, timeout=10)
    await asyncio.gather(*(workers.run(0, together.wait) for _ in range(number_of_threads)))
    assert workers.waiting == workers.running == 0
    workers.close()


@given(steps=STEPS, number_of_threads=st.integers(1, 3))
def test_every_call_ends_once(steps: Sequence[Step], number_of_threads: int) -> None:
    asyncio.run(check(steps, number_of_threads))


async def test_nothing_is_lost_in_a_storm_of_cancellations() -> None:
    workers = Workers(threads=2, max_waiting=1000)
    tasks = [asyncio.create_task(workers.run(number % 7, int, number)) for number in range(200)]
    for turn, task in enumerate(tasks):
        if turn % 3 == 0:
            await asyncio.sleep(0)
            task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    kept = [number for number, task in enumerate(tasks) if not task.cancelled()]
    assert [results[number] for number in kept] == kept
    assert workers.waiting == 0
    assert [await workers.run(0, int, number) for number in (1, 2)] == [1, 2]
    workers.close()
