"""A server that is killed in the middle of a reading and started again: the real program, on the same port."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sounditout.analysis.events import Progress
from sounditout.client import Client, Timing, TransportName
from sounditout.server import listen
from trials import AUDIO, SENTENCE, Listening, assert_whole

SERVE = """\
import sys, threading
from dataclasses import replace
from serving import tiny_engines
from sounditout.engines.fakes import FakeRecognizer
from sounditout.server import run
from sounditout.settings import Settings
wait_for_ever = threading.Event().wait if sys.argv[2] == "stuck" else lambda: None
engines = replace(tiny_engines(), recognizer=FakeRecognizer(before=wait_for_ever))
run(Settings(), "127.0.0.1", int(sys.argv[1]), log_format="json", engines=engines)
"""


@asynccontextmanager
async def running(folder: Path, port: int, mood: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A server in a process of its own, from the moment it listens; killed at the end. `stuck`: it never answers."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "SOUNDITOUT_DATABASE_URL": f"sqlite:///{folder / 'test.db'}",
        "SOUNDITOUT_SECRET_FILE": str(folder / "secret.key"),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVE, str(port), mood), env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(30):
            while b'"ready"' not in (line := await process.stderr.readline()):
                assert line, "the server ended while it started"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
def port() -> int:
    with listen("127.0.0.1", 0) as listener:
        free: int = listener.getsockname()[1]
        return free


@pytest.mark.parametrize("transport", ["ws", "sse", "auto"])
async def test_the_reading_is_judged_by_the_next_one(tmp_path: Path, port: int, transport: TransportName) -> None:
    hurried = Timing(chance=lambda: 0.05)
    async with Client(f"http://127.0.0.1:{port}", transport, timing=hurried) as client:
        async with running(tmp_path, port, "stuck") as process:
            await client.guest()
            reading = Listening(client.analyze(AUDIO, "a.wav", SENTENCE))
            await reading.until(Progress)
            process.send_signal(signal.SIGKILL)
            await process.wait()
        async with running(tmp_path, port, "well"):
            assert_whole(await reading.ended())
