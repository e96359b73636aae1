"""A client for programs: one interface, two transports, typed events.

async with Client("http://127.0.0.1:8000", transport="ws") as client:
    await client.guest()
    async for event in client.analyze(audio, "reading.webm", "The cat sat."):
        ...
"""

from sounditout.client.client import Client, TransportName
from sounditout.client.errors import ClientError, ConnectionFailed, Refused, UnreadableAnswer

__all__ = ["Client", "ClientError", "ConnectionFailed", "Refused", "TransportName", "UnreadableAnswer"]
