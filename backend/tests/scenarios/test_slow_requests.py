"""Requests whose headers do not come, on sockets without a proxy in front."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from stages import Serve

from serving import RunningServer

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
HEALTHY = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"


@asynccontextmanager
async def connected(server: RunningServer) -> AsyncIterator[Streams]:
    """A TCP connection."""
    host, port = server.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()


async def rest(reader: asyncio.StreamReader) -> bytes:
    """What comes until the server ends the connection."""
    return await asyncio.wait_for(reader.read(), 10)


async def answer(reader: asyncio.StreamReader) -> bytes:
    """One whole answer to `HEALTHY`."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    [length] = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
    await reader.readexactly(int(length))
    return head


async def test_headers_that_never_end_are_answered_with_408(serve: Serve) -> None:
    server = serve(options={"request_head_seconds": 0.3})
    async with connected(server) as (reader, writer):
        writer.write(HEALTHY[:-2] + b"X-One: 1\r\n")
        assert (await rest(reader)).startswith(b"HTTP/1.1 408 ")


async def test_headers_that_trickle_are_not_waited_for(serve: Serve) -> None:
    server = serve(options={"request_head_seconds": 0.3})
    async with connected(server) as (reader, writer):
        writer.write(HEALTHY[:-2])
        while await is_silent(reader, 0.05):
            writer.write(b"a")
        assert b" 408 " in await rest(reader)


async def is_silent(reader: asyncio.StreamReader, seconds: float) -> bool:
    """Whether nothing comes for so long, not even the end; what comes is lost but for its end."""
    try:
        await asyncio.wait_for(reader.read(1), seconds)
    except TimeoutError:
        return True
    return False


async def test_a_connection_over_which_nothing_is_asked_is_closed(serve: Serve) -> None:
    server = serve(options={"request_head_seconds": 0.3})
    async with connected(server) as (reader, _):
        assert await rest(reader) == b""


async def test_the_second_request_is_not_waited_for_either(serve: Serve) -> None:
    server = serve(options={"request_head_seconds": 0.3})
    async with connected(server) as (reader, writer):
        writer.write(HEALTHY)
        assert (await answer(reader)).startswith(b"HTTP/1.1 200 ")
        writer.write(b"\r\n")  # no part of a request, yet it is not idle
        writer.write(HEALTHY[:10])
        assert (await rest(reader)).startswith(b"HTTP/1.1 408 ")


async def test_a_pause_between_requests_may_be_longer(serve: Serve) -> None:
    server = serve(options={"request_head_seconds": 0.2})
    async with connected(server) as (reader, writer):
        for _ in range(2):
            writer.write(HEALTHY)
            assert (await answer(reader)).startswith(b"HTTP/1.1 200 ")
            assert await is_silent(reader, 0.5)


async def test_two_requests_at_once_are_answered(serve: Serve) -> None:
    server = serve(options={"request_head_seconds": 0.3})
    async with connected(server) as (reader, writer):
        writer.write(HEALTHY + HEALTHY)
        for _ in range(2):
            assert (await answer(reader)).startswith(b"HTTP/1.1 200 ")


async def test_headers_without_bound_are_answered_with_431(serve: Serve) -> None:
    async with connected(serve()) as (reader, writer):
        writer.write(HEALTHY[:-2] + b"X-Long: " + b"a" * 60_000)
        writer.write(b"a" * 10_000)
        await writer.drain()
        assert (await rest(reader)).startswith(b"HTTP/1.1 431 ")
