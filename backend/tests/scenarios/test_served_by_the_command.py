"""Several processes with the real engines, as an operator starts them."""

import json
import signal
from pathlib import Path

import httpx
from processes import guests_from, hear_until_closed, saved_in
from stopping import ANSWER, Start, types
from transports import Reading, hear, ready

from speech import speak


async def test_processes_share_the_work_and_stop_together(start: Start, tmp_path: Path) -> None:
    arguments = ["--processes", 2, "--trusted-proxies", "127.0.0.1"]
    server = await start(*arguments, processes=2, real=True, max_guests_per_minute=1)
    assert await guests_from(server, [f"10.0.0.{number}" for number in range(3)]) == [httpx.codes.CREATED] * 3
    assert httpx.codes.TOO_MANY_REQUESTS in await guests_from(server, ["10.0.0.9"] * 3), "one per process"
    learner = server.new_learner()
    reading = Reading.of(speak("The cat sat on the mat."), "The cat sat on the mat.", request_id="r-1")
    async with ready(server, learner) as connection:
        await connection.send(json.dumps(reading.as_message(learner)))
        assert (await hear(connection))["type"] == "processing_started"
        server.signal(signal.SIGTERM)
        heard, code = await hear_until_closed(connection)
    assert types(heard, "r-1") == ANSWER[1:]
    assert code == 1012
    assert await server.ended() == 0
    assert server.log.errors == []
    assert saved_in(tmp_path, learner) == ["r-1"]
