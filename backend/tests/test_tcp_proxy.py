"""The network that tests put between client and server does what it says."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from bench.tcp_proxy import Link, TcpProxy

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Far:
    """A server that says everything back, and can be asked whom it has heard."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        """Pieces as they came; an empty one: somebody left."""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 20):
                self.heard.put_nowait(data)
                writer.write(data)
                await writer.drain()
        except ConnectionResetError:
            self.heard.put_nowait(b"reset")
        else:
            self.heard.put_nowait(b"")
        writer.close()


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
async def proxy(far: Far) -> AsyncIterator[TcpProxy]:
    server = await asyncio.start_server(far, "127.0.0.1", 0)
    async with server, TcpProxy(*server.sockets[0].getsockname()) as proxy, asyncio.timeout(20):
        yield proxy


async def connection(proxy: TcpProxy) -> Streams:
    return await asyncio.open_connection("127.0.0.1", proxy.port)


async def echo(streams: Streams, data: bytes) -> float:
    """Say something and hear it; the seconds that takes."""
    reader, writer = streams
    started = time.perf_counter()
    writer.write(data)
    assert await reader.readexactly(len(data)) == data
    return time.perf_counter() - started


async def closed(streams: Streams) -> None:
    streams[1].close()
    await streams[1].wait_closed()


def test_a_link_sends_one_thing_after_another() -> None:
    link = Link(bytes_per_second=100.0)
    assert link.send(now=10.0, size=50) == 10.5
    assert link.send(now=10.1, size=100) == 11.5
    assert link.send(now=20.0, size=1) == pytest.approx(20.01)


def test_a_wide_link_takes_no_time() -> None:
    assert Link(delay_seconds=3.0).send(now=10.0, size=1 << 30) == 10.0


@pytest.mark.parametrize(("rate", "size"), [(None, 65_536), (125_000.0, 1250), (10.0, 1024), (1e9, 65_536)])
def test_a_narrow_link_is_given_little_at_a_time(rate: float | None, size: int) -> None:
    assert Link(bytes_per_second=rate).largest_read == size


async def test_what_is_said_arrives_and_is_counted(proxy: TcpProxy) -> None:
    streams = await connection(proxy)
    await echo(streams, bytes(range(256)) * 4096)
    assert (proxy.up.passed_bytes, proxy.down.passed_bytes) == (1 << 20, 1 << 20)
    assert (proxy.accepted, proxy.open_connections) == (1, 1)
    await closed(streams)


async def test_the_end_of_one_direction_leaves_the_other(proxy: TcpProxy, far: Far) -> None:
    reader, writer = await connection(proxy)
    writer.write(b"last words")
    writer.write_eof()
    assert await reader.read() == b"last words"
    assert [await far.heard.get(), await far.heard.get()] == [b"last words", b""]
    await closed((reader, writer))


async def test_a_delay_holds_each_direction_but_not_what_follows(proxy: TcpProxy) -> None:
    streams = await connection(proxy)
    proxy.up.delay_seconds, proxy.down.delay_seconds = 0.2, 0.1
    assert await echo(streams, b"one") >= 0.3
    # Sixteen reads that waited for each other would take 16 x 0.3 s.
    assert 0.3 <= await echo(streams, bytes(1 << 20)) < 1.5
    await closed(streams)


async def test_a_handshake_holds_up_a_new_connection_once(proxy: TcpProxy) -> None:
    proxy.handshake_seconds = 0.1
    streams = await connection(proxy)
    assert await echo(streams, b"first") >= 0.1
    assert await echo(streams, b"second") < 0.1
    await closed(streams)


async def test_a_narrow_link_holds_up_its_own_direction(proxy: TcpProxy) -> None:
    streams = await connection(proxy)
    proxy.up.bytes_per_second = 100_000
    assert await echo(streams, bytes(40_000)) >= 0.4
    proxy.up.bytes_per_second, proxy.down.bytes_per_second = None, 100_000
    assert await echo(streams, bytes(40_000)) >= 0.4
    await closed(streams)


async def test_connections_share_a_narrow_link(proxy: TcpProxy) -> None:
    both = [await connection(proxy), await connection(proxy)]
    proxy.up.bytes_per_second = 100_000
    assert max(await asyncio.gather(*(echo(one, bytes(20_000)) for one in both))) >= 0.4
    for one in both:
        await closed(one)


async def test_a_narrow_link_makes_its_sender_wait(proxy: TcpProxy) -> None:
    streams = await connection(proxy)
    proxy.up.bytes_per_second = 1_000
    streams[1].write(bytes(16 << 20))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(streams[1].drain(), 0.2)
    assert proxy.up.passed_bytes < 10_000
    streams[1].transport.abort()


async def test_frozen_nothing_passes_and_nothing_is_lost(proxy: TcpProxy, far: Far) -> None:
    old = await connection(proxy)
    await echo(old, b"before")
    await far.heard.get()
    proxy.freeze()
    new = await connection(proxy)
    waiting = [asyncio.create_task(echo(one, b"meanwhile")) for one in (old, new)]
    gone = await connection(proxy)
    gone[1].write(b"gone")
    await closed(gone)
    done, _ = await asyncio.wait(waiting, timeout=0.2)
    assert (done, far.heard.empty(), proxy.open_connections) == (set(), True, 3)
    proxy.thaw()
    await asyncio.gather(*waiting)
    heard = [await far.heard.get() for _ in range(4)]
    assert sorted(heard) == [b"", b"gone", b"meanwhile", b"meanwhile"]
    for one in (old, new):
        await closed(one)


async def test_a_cut_resets_both_ends_and_the_next_connection_is_new(proxy: TcpProxy, far: Far) -> None:
    streams = await connection(proxy)
    await echo(streams, b"before")
    await proxy.cut()
    with pytest.raises(ConnectionResetError):
        await streams[0].read()
    assert [await far.heard.get(), await far.heard.get()] == [b"before", b"reset"]
    assert proxy.open_connections == 0
    again = await connection(proxy)
    await echo(again, b"after")
    assert proxy.accepted == 2
    await closed(again)


async def test_refused_connections_leave_the_others(proxy: TcpProxy) -> None:
    streams = await connection(proxy)
    await echo(streams, b"before")
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        await connection(proxy)
    await echo(streams, b"still")
    await proxy.listen()
    again = await connection(proxy)
    await echo(again, b"again")
    for one in (streams, again):
        await closed(one)


async def test_a_server_that_is_away_resets_its_clients() -> None:
    server = await asyncio.start_server(Far(), "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    server.close()
    await server.wait_closed()
    async with TcpProxy(*address) as proxy, asyncio.timeout(20):
        streams = await connection(proxy)
        with pytest.raises(ConnectionResetError):
            await streams[0].read()


async def test_a_server_that_resets_resets_its_clients(proxy: TcpProxy, far: Far) -> None:
    async with TcpProxy("127.0.0.1", proxy.port) as nearer:
        streams = await connection(nearer)
        await echo(streams, b"before")
        await proxy.cut()
        with pytest.raises(ConnectionResetError):
            await streams[0].read()
