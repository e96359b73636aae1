"""Whichever of several processes is asked, it tells the figures of all."""

import os
import signal

from processes import ServerProcess, connected_to
from stopping import Start
from transports import http, pong


async def connections(server: ServerProcess) -> str:
    async with http(server, None) as client:
        text = (await client.get("/metrics")).raise_for_status().text
    return next(line for line in text.splitlines() if line.startswith("sounditout_connections "))


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
