"""What tests of servers that are stopped or killed share: a reading, its answer, and how to ask for the end."""

import json
import signal
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from processes import ServerProcess
from transports import Message, Reading
from websockets.asyncio.client import ClientConnection

from serving import Learner
from speech import as_wav, tone

AUDIO = as_wav(tone(1.5).samples)
READING = Reading(audio=AUDIO, sentence="The cat sat.", request_id="r-1")
ANSWER = ["processing_started", "analysis", "gpt_response", "audio_feedback_file", "complete"]
Start = Callable[..., Awaitable[ServerProcess]]
"""Starts a server process that keeps everything where the others of the test do."""


async def send(to: ClientConnection, learner: Learner, request_id: str = "r-1") -> None:
    """Hand in a reading."""
    await to.send(json.dumps(replace(READING, request_id=request_id).as_message(learner)))


def types(messages: list[Message], request_id: str | None = None) -> list[str]:
    """Of the messages about one request; None: of those about none."""
    return [message["type"] for message in messages if message.get("request_id") == request_id]


async def drains(server: ServerProcess, in_processes: int = 1) -> None:
    """Ask it to stop, and wait until it has begun to."""
    server.signal(signal.SIGTERM)
    await server.logged("draining", in_processes)


def assert_refused(server: ServerProcess) -> None:
    """Nobody listens there."""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=10)
