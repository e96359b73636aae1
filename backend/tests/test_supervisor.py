"""A parent and its children: real processes, with children that do little."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from processes import PATIENCE_SECONDS, Log, logged_process

from sounditout.supervisor import next_pause

START = "a server process starts"
SERVES = "a server process serves"
END = "a server process ended; another follows"
PROGRAM = Path(__file__).with_name("supervised.py")


@dataclass(frozen=True, slots=True)
class Parent:
    process: "subprocess.Popen[str]"
    log: Log
    port: int

    @property
    def children(self) -> list[int]:
        """Ids of all that were ever started."""
        return [line["child"] for line in self.log.all(START)]

    def end(self) -> int:
        """Wait for it; the exit code."""
        return self.process.wait(PATIENCE_SECONDS)

    def who_answers(self) -> int:
        """The id of a process that serves."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS) as connection:
            return int(connection.recv(20))


@contextmanager
def parent_of(work: str, count: int, folder: Path) -> Iterator[Parent]:
    """A supervisor, in a process group of its own, with everything that it has started."""
    with logged_process([sys.executable, str(PROGRAM), work, str(count), str(folder)]) as (process, log):
        yield Parent(process, log, log.wait_for("listening")[0]["port"])


def is_alive(pid: int) -> bool:
    """Whether it runs; one that has ended may wait for whoever collects it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2]
    except FileNotFoundError:
        return False
    return not state.startswith("Z")


def until(condition: Callable[[], object]) -> None:
    """Wait for other processes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class TestPolite:
    @pytest.fixture
    def parent(self, tmp_path: Path) -> Iterator[Parent]:
        """One with two children that serve."""
        with parent_of("Polite", 2, tmp_path) as running:
            running.log.wait_for(SERVES, 2)
            yield running

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_signal_to_the_parent_stops_all(self, parent: Parent, number: signal.Signals) -> None:
        parent.process.send_signal(number)
        assert parent.end() == 0
        assert not any(map(is_alive, parent.children))
        assert parent.log.errors == []

    def test_so_does_one_to_the_whole_group(self, parent: Parent) -> None:
        """Ctrl-C; children ignore it, as their parent will tell them."""
        os.killpg(parent.process.pid, signal.SIGINT)
        assert parent.end() == 0
        assert parent.log.errors == []

    def test_a_child_that_was_killed_is_replaced(self, parent: Parent) -> None:
        for child in parent.children:
            os.kill(child, signal.SIGKILL)
        ends = parent.log.wait_for(END, 2)
        assert [line["exit_code"] for line in ends] == [-signal.SIGKILL] * 2
        parent.log.wait_for(SERVES, 4)
        assert parent.who_answers() in parent.children[2:]

    def test_children_do_not_outlive_a_parent_that_was_killed(self, parent: Parent) -> None:
        parent.process.kill()
        until(lambda: not any(map(is_alive, parent.children)))


def test_a_child_that_cannot_start_stops_everything_with_its_exit_code(tmp_path: Path) -> None:
    with parent_of("Broken", 2, tmp_path) as parent:
        assert parent.end() == 7
        failed = parent.log.all("a server process could not start")
        assert failed == parent.log.errors
        assert {line["exit_code"] for line in failed} == {7}, "one of them, or both when they fail together"
        assert not any(map(is_alive, parent.children))


def test_once_it_has_served_others_are_tried_after_longer_and_longer_pauses(tmp_path: Path) -> None:
    with parent_of("Fragile", 1, tmp_path) as parent:
        pauses = [line["pause_seconds"] for line in parent.log.wait_for(END, 3)]
        assert pauses[:3] == [0.01, 0.02, 0.04]
        parent.process.terminate()
        assert parent.end() in {0, 1}, "it stops also in a pause"


def test_a_second_signal_kills_children_that_do_not_stop(tmp_path: Path) -> None:
    with parent_of("Stubborn", 2, tmp_path) as parent:
        parent.log.wait_for(SERVES, 2)
        parent.process.terminate()
        parent.log.wait_for("the server processes are to stop")
        parent.process.terminate()
        assert parent.end() == 1
        assert not any(map(is_alive, parent.children))


class TestNextPause:
    def test_doubles_up_to_half_a_minute(self) -> None:
        pauses = [0.0]
        for _ in range(9):
            pauses.append(next_pause(pauses[-1], lived=1))
        assert pauses[1:] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]

    def test_begins_anew_after_a_long_life(self) -> None:
        assert next_pause(16, lived=60) == 0.5
