"""Whichever of several processes is asked, it tells the figures of all."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
from processes import PATIENCE_SECONDS, GateKeeper, ServerProcess, connected_to
from stopping import Start, send
from transports import hear_all, http, pong

from serving import PASSWORD, Learner

READING = {"kind": "reading", "transport": "sse", "later": True, "outcome": "complete", "first_event_ms": 40}


async def connections(server: ServerProcess) -> str:
    async with http(server, None) as client:
        return await figure(client, "sounditout_connections")


async def figure(client: httpx.AsyncClient, name: str) -> str:
    text = (await client.get("/metrics")).raise_for_status().text
    return next(line for line in text.splitlines() if line.startswith(f"{name} "))


@asynccontextmanager
async def http_to(pid: int, server: ServerProcess) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a connection to this one of the processes: while it is opened, the others do nothing."""
    others = [other for other in server.pids if other != pid]
    async with http(server, None) as client:
        for other in others:
            os.kill(other, signal.SIGSTOP)
        try:
            await client.get("/healthz")
        finally:
            for other in others:
                os.kill(other, signal.SIGCONT)
        yield client


async def test_figures_are_of_all_processes_that_live(start: Start) -> None:
    server = await start(processes=2)
    learner = server.new_learner()
    first, second = server.pids
    async with connected_to(first, server, learner) as one, connected_to(second, server, learner) as other:
        await pong(one)
        await pong(other)
        assert await connections(server) == "sounditout_connections 2.0"
        os.kill(second, signal.SIGKILL)
        await server.logged("a server process ended; another follows")
        assert await connections(server) == "sounditout_connections 1.0"


async def test_what_waits_in_one_process_is_told_by_the_other(start: Start, gate_keeper: GateKeeper) -> None:
    server = await start("--gate", gate_keeper.path, processes=2, workers=1, max_requests_in_flight=3)
    learner = server.new_learner()
    first, second = server.pids
    async with connected_to(first, server, learner) as one, http_to(second, server) as other:
        for number in range(3):
            await send(one, learner, f"r-{number}")
        await pong(one)
        waiting = await gate_keeper.reached()
        assert waiting.pid == first
        await until_it_is("sounditout_requests_waiting 2.0", other)
        waiting.let_through()
        for _ in range(2):
            (await gate_keeper.reached()).let_through()
        await hear_all(one, 3)
        await until_it_is("sounditout_requests_waiting 0.0", other)


async def until_it_is(line: str, client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await figure(client, line.split(maxsplit=1)[0]) != line:
            pass


async def new_admin(server: ServerProcess, folder: Path) -> str:
    """The token of somebody who looks after the server."""
    form = {"username": "Ada", "password": PASSWORD}
    async with http(server, None) as client:
        (await client.post("/api/auth/register", json=form)).raise_for_status()
        token: str = (await client.post("/api/auth/token", data=form)).raise_for_status().json()["access_token"]
    with closing(sqlite3.connect(folder / "test.db")) as database, database:
        database.execute("UPDATE users SET is_admin = 1 WHERE username = 'Ada'")
    return token


async def send_to(pid: int, server: ServerProcess, learner: Learner) -> None:
    """A measurement to this one of the processes: meanwhile the others do nothing."""
    others = [other for other in server.pids if other != pid]
    for other in others:
        os.kill(other, signal.SIGSTOP)
    try:
        async with http(server, learner) as client:
            answer = await client.post("/api/measurements", json={"stage": 0, "measurements": [READING]})
            answer.raise_for_status()
    finally:
        for other in others:
            os.kill(other, signal.SIGCONT)


async def counted_readings(server: ServerProcess, token: str) -> int:
    async with http(server, None) as client:
        headers = {"Authorization": f"Bearer {token}"}
        answer = (await client.get("/api/operations/metrics", headers=headers)).raise_for_status().json()
    [counted] = answer["transports"]
    readings: int = counted["readings"]
    return readings


async def test_the_operations_page_is_told_what_all_processes_have_counted_also_one_that_is_no_more(
    start: Start, tmp_path: Path
) -> None:
    server = await start(processes=2)
    token = await new_admin(server, tmp_path)
    learner = server.new_learner()
    first, second = server.pids
    await send_to(first, server, learner)
    await send_to(second, server, learner)
    await send_to(second, server, learner)
    assert await counted_readings(server, token) == 3
    os.kill(second, signal.SIGKILL)
    await server.logged("a server process ended; another follows")
    assert await counted_readings(server, token) == 3
