"""Where the processor time of a running process goes: a thread that looks at all others every few milliseconds.

At every look each Python thread has used so many nanoseconds of processor time since the last one (the kernel counts
them). Half of them are put down to the part of the program that the thread is in now, half to the one it was in then;
all of them to the other one where one of the two waits for work. So a thread that waits costs nothing, and the time
of a thread adds up to what the kernel says, whatever the looks miss. Meanwhile threads hand the interpreter lock on
ten times as often as usual, or they would be seen mostly where they let go of it by themselves.

The main thread, with the event loop, does little at a time and waits in between, and a look finds it waiting. Its
time as a whole is counted in the same way, and shared out by where it is when its own timer interrupts it
(`bench.processor_timer`): what it does in C, waiting and sending included, counts for what it does next in Python.

The error: threads that took turns between three functions for 0.5 to 60 ms at a time, and kept count themselves,
spent 4.8, 8.6 and 86.6 % in them, and were found to spend 4.7, 8.1 and 86.8 %. What takes less than a look at a time
is put down to its longer neighbours. An event loop that kept count of two functions spent 43.6 and 28.7 % of its time
in them, and was found, by 706 interruptions, to spend 47.7 and 28.5 %.

A part is found from the innermost frame outwards: the first file that belongs to a part names it, so that numpy's
time is that of who called it. Code in C that holds the interpreter lock is seen at its end, and counts for the
function that called it. What is left over is time of threads that are not Python's, or that ended between two looks.
"""

import gc
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from types import CodeType, FrameType
from typing import Final, NamedTuple

from bench.processor_timer import cpu_clock

LOOK_SECONDS: Final = 0.003
UNSEEN: Final = "threads that are not Python's"
UNKNOWN: Final = "something else"
SWITCH_SECONDS: Final = 0.0005
_OURS: Final = "/sounditout/"
_WAITING: Final = {"threading.py": {"wait", "_wait_for_tstate_lock", "acquire"}, "thread.py": {"_worker"}}
"""Functions by file in which a thread waits for work."""


def cpu_nanoseconds(native_id: int) -> int:
    """Processor time of a thread of this process so far. Raises OSError when it has ended."""
    return time.clock_gettime_ns(cpu_clock(native_id))


class _Seen(NamedTuple):
    """A thread at one look."""

    nanoseconds: int
    """Of processor time so far."""
    part: str
    function: str
    waiting: bool


class Sampler:
    """Looks from `start` to `stop`; once only.

    Args:
        parts: fragments of file names by part of the program; of several that fit a file the first counts.
    """

    def __init__(self, parts: Mapping[str, Sequence[str]]) -> None:
        self._parts = parts
        self._known: dict[CodeType, str | None] = {}
        self._by_part: Counter[str] = Counter()
        self._by_function: Counter[str] = Counter()
        self._last: dict[int, _Seen] = {}
        """By native thread id."""
        self._interrupted: Counter[tuple[str, str]] = Counter()
        """The main thread, by place."""
        self._looks = self._collecting = self._main = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def start(self) -> None:
        """Begin."""
        gc.callbacks.append(self._collected)
        self._started_at, self._started_cpu = time.perf_counter_ns(), time.process_time_ns()
        self._switch_seconds = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        self._look(first=True)
        self._thread.start()

    def interrupted(self, frame: FrameType) -> None:
        """The main thread is here, and has used so much more processor time since the last time."""
        self._interrupted[self._place(frame)] += 1

    def stop(self) -> dict[str, object]:
        """Seconds: `cpu`, `wall`, `profiler`, `collecting`, `main` thread, `parts`, `functions`; and the `looks` and
        `interruptions`.
        """
        self._stop.set()
        self._thread.join()
        self._share_main_out()
        gc.callbacks.remove(self._collected)
        sys.setswitchinterval(self._switch_seconds)
        cpu = time.process_time_ns() - self._started_cpu - self._own
        parts = self._by_part + Counter({UNSEEN: max(0, cpu - self._by_part.total())})
        return {
            "wall": (time.perf_counter_ns() - self._started_at) / 1e9,
            "cpu": cpu / 1e9,
            "looks": self._looks,
            "interruptions": self._interrupted.total(),
            "profiler": self._own / 1e9,
            "collecting": self._collecting / 1e9,
            "main": self._main / 1e9,
            "parts": {part: spent / 1e9 for part, spent in parts.most_common()},
            "functions": {name: spent / 1e9 for name, spent in self._by_function.most_common(40)},
        }

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self._look()
        self._look()
        self._own = time.thread_time_ns()

    def _look(self, *, first: bool = False) -> None:
        self._looks += 1
        frames = sys._current_frames()
        frames.pop(threading.get_ident(), None)  # our own: it would hold itself, and be garbage to look for
        seen: dict[int, _Seen] = {}
        for thread in threading.enumerate():
            frame, native_id = frames.get(thread.ident or 0), thread.native_id
            if frame is None or native_id is None:
                continue
            try:
                now = _Seen(cpu_nanoseconds(native_id), *self._place(frame), _waits(frame))
            except OSError:
                continue
            before = self._last.get(native_id, now if first else now._replace(nanoseconds=0))
            if thread is threading.main_thread():
                self._main += now.nanoseconds - before.nanoseconds
            else:
                self._count(before, now)
            seen[native_id] = now
        self._last = seen

    def _count(self, before: _Seen, now: _Seen) -> None:
        """Share the time between two looks out."""
        working = [one for one in (before, now) if not one.waiting] or [now]
        for one in working:
            share = (now.nanoseconds - before.nanoseconds) // len(working)
            self._by_part[one.part] += share
            self._by_function[one.function] += share

    def _share_main_out(self) -> None:
        """Put the time of the main thread down to where it was interrupted."""
        for (part, function), times in list(self._interrupted.items()):
            share = self._main * times // self._interrupted.total()
            self._by_part[part] += share
            self._by_function[function] += share

    def _place(self, frame: FrameType) -> tuple[str, str]:
        """The part, and the innermost function of ours with what it calls."""
        inner = _name(frame.f_code)
        part, ours = None, None
        walk: FrameType | None = frame
        while walk is not None and not (part and ours):
            part = part or self._part_of(walk.f_code)
            if _OURS in walk.f_code.co_filename:
                ours = ours or _name(walk.f_code)
            walk = walk.f_back
        return part or UNKNOWN, inner if ours in (None, inner) else f"{ours} → {inner}"

    def _part_of(self, code: CodeType) -> str | None:
        if code not in self._known:
            name = code.co_filename
            found = (part for part, ends in self._parts.items() if any(end in name for end in ends))
            self._known[code] = next(found, None)
        return self._known[code]

    def _collected(self, phase: str, info: Mapping[str, int]) -> None:
        del info
        self._collecting += time.thread_time_ns() * (1 if phase == "stop" else -1)


def _waits(frame: FrameType) -> bool:
    file = frame.f_code.co_filename.rpartition("/")[2]
    return frame.f_code.co_name in _WAITING.get(file, ())


def _name(code: CodeType) -> str:
    folder, _, file = code.co_filename.rpartition("/")
    return f"{folder.rpartition('/')[2]}/{file}:{code.co_name}"
