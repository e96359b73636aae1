"""The longest recordings, floods and crowds: nobody else notices."""

import asyncio
import json
import resource
import statistics
import time
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from readers import new_learner, saved_readings
from stages import Serve, until
from transports import PATH, Reading, close_code, hear, hear_all, hear_one, pong, ready
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from serving import Learner, RunningServer
from speech import as_wav, joined, speak, tone

READING = Reading(audio=as_wav(tone(1.5).samples), sentence="The cat sat.", request_id="r-1")


async def test_a_minute_of_speech_while_other_messages_come(server: RunningServer, learner: Learner) -> None:
    """The longest recording keeps a worker busy for seconds; the connection is as quick as ever."""
    sentence = "The cat sat on the mat."
    spoken = speak(sentence)
    long = joined(*[spoken] * int(58 / spoken.seconds))
    minute = Reading.of(long, " ".join([sentence] * 12), request_id="long")
    short = Reading.of(spoken, sentence, request_id="short")
    waits: list[float] = []
    async with ready(server, learner) as socket, ready(server, learner) as other:
        await socket.send(json.dumps(minute.as_message(learner)))
        assert (await hear(socket))["type"] == "processing_started"
        await socket.send('{"type":"cancel","request_id":"nobody"}')
        await socket.send(json.dumps(short.as_message(learner)))
        outcomes = asyncio.create_task(hear_all(socket, 2))
        while not outcomes.done():
            sent = time.perf_counter()
            await pong(other)
            waits.append(time.perf_counter() - sent)
            if len(waits) >= 100:
                break
            await asyncio.sleep(0.02)
        found = await outcomes
    assert [found[name].milestones[-1] for name in ("long", "short")] == ["complete"] * 2
    assert statistics.median(waits) < 0.25, "some 5 ms at rest; seconds, if it waited for the worker"
    assert len(saved_readings(server, learner)) == 2


@pytest.mark.parametrize("seconds", [0.05, 0.25])
async def test_a_cancel_frees_the_worker_at_once(server: RunningServer, learner: Learner, seconds: float) -> None:
    """Also in the middle of the longest recording."""
    sentence = "The cat sat on the mat."
    spoken = speak(sentence)
    long = joined(*[spoken] * int(58 / spoken.seconds))
    minute = Reading.of(long, " ".join([sentence] * 12), request_id="long")
    async with ready(server, learner) as socket:
        await socket.send(json.dumps(minute.as_message(learner)))
        while (await hear(socket))["data"].get("stage") != "listening":
            pass
        await asyncio.sleep(seconds)  # into the work: the models run without a word
        assert server.services.workers.running == 1
        asked = time.perf_counter()
        await socket.send('{"type":"cancel","request_id":"long"}')
        await socket.send('{"type":"cancel","request_id":"long"}')
        assert (await hear_one(socket)).milestones[-1] == "cancelled"
        await until(lambda: server.services.workers.running == 0)
        took = time.perf_counter() - asked
    assert saved_readings(server, learner) == []
    assert took < 0.4 or took < await seconds_to_read(server, learner, minute) / 4, "a busy machine is slow with all"


async def seconds_to_read(server: RunningServer, learner: Learner, reading: Reading) -> float:
    """Until it is over, when nobody cancels it."""
    async with ready(server, learner) as socket:
        sent = time.perf_counter()
        await socket.send(json.dumps(replace(reading, request_id="whole").as_message(learner)))
        assert (await hear_one(socket)).milestones[-1] == "complete"
        return time.perf_counter() - sent


async def test_a_flood_is_stopped_and_nobody_else_notices(server: RunningServer, learner: Learner) -> None:
    other = new_learner(server)
    reading = Reading.of(speak("The cat sat."), "The cat sat.", request_id="calm")
    async with ready(server, other) as calm, ready(server, learner) as flooding:
        await calm.send(json.dumps(reading.as_message(other)))
        with_answers = asyncio.create_task(close_code(flooding))
        for number in range(1000):
            try:
                await flooding.send(json.dumps({"type": "ping", "sent_at": number}))
            except ConnectionClosed:
                break
        assert await with_answers == 4429
        assert (await hear_one(calm)).milestones[-1] == "complete"
    async with ready(server, learner) as socket:
        await pong(socket)


async def test_a_thousand_idle_connections_and_twenty_readers(serve: Serve) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096
    if soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            pytest.skip(f"only {hard} open files are allowed here")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    server = serve()
    idle = [new_learner(server) for _ in range(200)]
    active = [new_learner(server) for _ in range(20)]

    async def read(learner: Learner) -> str:
        async with ready(server, learner) as socket:
            await socket.send(json.dumps(READING.as_message(learner)))
            return (await hear_one(socket)).milestones[-1]

    async with AsyncExitStack() as stack:
        for learner in idle:
            connected = await asyncio.gather(*(_connected(server, learner) for _ in range(5)))
            for socket in connected:
                stack.push_async_callback(socket.close)
        assert len(server.app.state.connections) == 1000
        assert await asyncio.gather(*map(read, active)) == ["complete"] * 20
        for socket in (connected[0], connected[-1]):
            await pong(socket)
    for learner in active:
        assert len(saved_readings(server, learner)) == 1


async def _connected(server: RunningServer, learner: Learner) -> ClientConnection:
    socket = await connect(f"{server.ws_url}{PATH}?token={learner.token}", proxy=None, ping_interval=None)
    assert (await hear(socket))["type"] == "ready"
    return socket
