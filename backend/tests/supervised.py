"""A supervisor whose children do little, as a process of its own: `python supervised.py WORK COUNT FOLDER`."""

import os
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from sounditout import logs
from sounditout.supervisor import Lifeline, Supervisor


@dataclass(frozen=True, slots=True)
class _Work:
    """A child.

    Attributes:
        folder: for what a child leaves to the next.
    """

    folder: Path


class Polite(_Work):
    """Tells everybody who connects its process id, until it is to stop."""

    def __call__(self, listener: socket.socket, lifeline: Lifeline) -> None:
        threading.Thread(target=_answer, args=(listener,), daemon=True).start()
        ended = threading.Event()
        lifeline.when_it_ends(ended.set)
        lifeline.serving()
        ended.wait()


class Stubborn(_Work):
    """Serves, and does not stop."""

    def __call__(self, listener: socket.socket, lifeline: Lifeline) -> None:
        del listener
        lifeline.serving()
        threading.Event().wait()


class Broken(_Work):
    """Cannot start."""

    def __call__(self, listener: socket.socket, lifeline: Lifeline) -> None:
        del listener, lifeline
        sys.exit(7)


class Fragile(_Work):
    """Serves for a moment, and those that follow it cannot start."""

    def __call__(self, listener: socket.socket, lifeline: Lifeline) -> None:
        del listener
        mark = self.folder / "served"
        if not mark.exists():
            mark.touch()
            lifeline.serving()
        sys.exit(7)


def _answer(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(str(os.getpid()).encode())


WORKS: dict[str, Callable[[Path], _Work]] = {work.__name__: work for work in (Polite, Stubborn, Broken, Fragile)}


def _main() -> None:
    logs.configure("info", "json")
    work = WORKS[sys.argv[1]](Path(sys.argv[3]))
    listener = socket.create_server(("127.0.0.1", 0))
    structlog.get_logger("supervised").info("listening", port=listener.getsockname()[1])
    sys.exit(Supervisor(work, listener, int(sys.argv[2]), stop_seconds=50, first_pause=0.01).run())


if __name__ == "__main__":
    _main()
