"""A timer that runs only while the main thread uses the processor, and interrupts that thread. Linux only.

What a statistical profiler needs (`timer_create` in POSIX.1-2017, of which Python offers only the timers of whole
processes): interruptions fall on a function in proportion to the processor time that it uses. Functions of C are
interrupted when they return to Python. The kernel looks at such timers at every tick, up to 10 ms apart.
"""

import ctypes
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final

_TO_THREAD: Final = 4
"""SIGEV_THREAD_ID."""
_PERIOD_NANOSECONDS: Final = 1_000_000


class _Event(ctypes.Structure):
    """`struct sigevent`, 64 bytes."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("thread", ctypes.c_int),
        ("rest", ctypes.c_int * 11),
    )


class _Interval(ctypes.Structure):
    """`struct itimerspec`: seconds and nanoseconds of the period, then until the first time."""

    _fields_ = tuple((name, ctypes.c_long) for name in ("seconds", "nanoseconds", "first", "first_nanoseconds"))


def cpu_clock(native_id: int) -> int:
    """The clock of a thread's processor time: as pthread_getcpuclockid, but safe when the thread has ended."""
    return (~native_id << 3) | 6  # MAKE_THREAD_CPUCLOCK of the kernel


def interrupt_main_thread(then: Callable[[FrameType], None]) -> None:
    """From now on call `then` in the main thread, which has to call this, with the frame that was interrupted.

    Raises:
        OSError: there is no such timer here.
    """

    def interrupted(number: int, frame: FrameType | None) -> None:
        del number
        if frame is not None:
            then(frame)

    signal.signal(signal.SIGPROF, interrupted)
    system = ctypes.CDLL(None, use_errno=True)
    timer = ctypes.c_void_p()
    event = _Event(signal=signal.SIGPROF, notify=_TO_THREAD, thread=threading.get_native_id())
    period = _Interval(nanoseconds=_PERIOD_NANOSECONDS, first_nanoseconds=_PERIOD_NANOSECONDS)
    clock = ctypes.c_int(cpu_clock(threading.get_native_id()))
    if system.timer_create(clock, ctypes.byref(event), ctypes.byref(timer)):
        raise OSError(ctypes.get_errno(), "timer_create")
    if system.timer_settime(timer, 0, ctypes.byref(period), None):
        raise OSError(ctypes.get_errno(), "timer_settime")
