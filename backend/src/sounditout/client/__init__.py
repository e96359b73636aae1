"""A client for programs: one interface, two transports, typed events; broken connections are mended.

async with Client("http://127.0.0.1:8000", transport="auto") as client:
    await client.guest()
    async for event in client.analyze(audio, "reading.webm", "The cat sat."):
        ...
    async for event in client.analyze_live(microphone(), "reading.webm", "The cat sat."):
        ...
"""

from sounditout.client.client import Client
from sounditout.client.errors import ClientError, ConnectionFailed, Refused, UnreadableAnswer
from sounditout.client.state import State
from sounditout.client.timing import Timing
from sounditout.client.transports import TransportName

__all__ = [
    "Client",
    "ClientError",
    "ConnectionFailed",
    "Refused",
    "State",
    "Timing",
    "TransportName",
    "UnreadableAnswer",
]
