"""Readings that are handed in from far away in every way there is, and how long the server's first word takes."""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final, Protocol

from bench.exchanges import (
    ChunkedWebSocket,
    KeptSse,
    Learner,
    NewSse,
    NewWebSocket,
    OpenWebSocket,
    Reading,
    Way,
    newcomer,
    report_of_pieces,
    report_of_whole,
)
from bench.far_network import FarNetwork, tcp_setting
from bench.results import Figure, figure

ROUND_TRIP: Final = 80.0
"""Milliseconds: from Europe to the east coast of America."""
SLOW_UP: Final = 125_000
"""Bytes a second: 1 Mbit/s."""
WARM_UP: Final = 2
"""Readings of each; the first lets a new window grow."""
LATER: Final = "WebSocket, later requests"
IN_PIECES: Final = "WebSocket, later requests, sent while speaking"
WAYS: Final[dict[str, type[Way]]] = {
    "WebSocket, first request, connecting included": NewWebSocket,
    LATER: OpenWebSocket,
    IN_PIECES: ChunkedWebSocket,
    "SSE, a connection for every request": NewSse,
    "SSE, connection kept": KeptSse,
}
WINDOW_KEPT: Final = "WebSocket, later requests, window kept"
SECURITIES: Final = ("TCP", "TLS")
UPLOADS: Final = {"whole, after the end": report_of_whole, "in pieces, while speaking": report_of_pieces}


@dataclass(frozen=True, slots=True)
class Site:
    """A server, near and far.

    Attributes:
        near: URL on loopback.
        far: the same server far away, with the port.
        trusted: None: no TLS.
    """

    near: str
    far: str
    trusted: ssl.SSLContext | None

    def learner(self) -> Learner:
        """Somebody new, who lives far away; is made from near."""
        return newcomer(self.near, self.far, self.trusted)


@dataclass(frozen=True, slots=True)
class Cell:
    """One way with one security."""

    long: Figure
    """Milliseconds to the first answer, of the long recording."""
    short: Figure
    """The same, of the short one."""

    @property
    def round_trips(self) -> float:
        return self.long.median / ROUND_TRIP

    @property
    def upload(self) -> float:
        """Milliseconds of the median that are owed to the size of the recording."""
        return max(0.0, self.long.median - self.short.median)


async def first_words(
    ways: Mapping[str, type[Way]], sites: Mapping[str, Site], readings: Mapping[str, Reading], rounds: int
) -> dict[str, dict[str, Cell]]:
    """Cells by way and security; all of them take turns."""
    async with AsyncExitStack() as stack:
        turns = {
            (name, security, size): await stack.enter_async_context(way(sites[security].learner()))
            for name, way in ways.items()
            for security in SECURITIES
            for size in readings
        }
        samples: dict[tuple[str, str, str], list[float]] = {key: [] for key in turns}
        warm_up = min(WARM_UP, rounds)
        for number in range(warm_up + rounds):
            for key, way in turns.items():
                seconds = await way.hand_in(readings[key[2]])
                if number >= warm_up:
                    samples[key].append(1000 * seconds)
    return {
        name: {
            security: Cell(figure(samples[name, security, "long"]), figure(samples[name, security, "short"]))
            for security in SECURITIES
        }
        for name in ways
    }


async def reports(site: Site, readings: Mapping[str, Reading], rounds: int) -> dict[str, dict[str, Figure]]:
    """Milliseconds from the end of speaking to the report, by format and upload."""
    learner = site.learner()
    samples: dict[str, dict[str, list[float]]] = {kind: {name: [] for name in UPLOADS} for kind in readings}
    async with learner.socket() as socket:
        for _ in range(rounds):
            for kind, reading in readings.items():
                for name, upload in UPLOADS.items():
                    samples[kind][name].append(1000 * await upload(learner, socket, reading))
    return {kind: {name: figure(values) for name, values in by_name.items()} for kind, by_name in samples.items()}


class Distance(Protocol):
    """The way to the servers."""

    delay: float
    """Seconds, each way."""
    up: float
    """Bytes a second towards the servers; 0: as many as come."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one kind of distance costs.

    Attributes:
        first_words: by way and security.
        slow: milliseconds from the end of speaking to the report over a slow link, by format and upload.
    """

    first_words: dict[str, dict[str, Cell]]
    slow: dict[str, dict[str, Figure]]


async def measure(
    sites: Mapping[str, Site], distance: Distance, readings: Mapping[str, Reading], rounds: int, spoken: int
) -> Found:
    """First words, then reports over a slow link."""
    distance.delay = ROUND_TRIP / 2000
    long_and_short = {"long": readings["webm"], "short": readings["short"]}
    cells = await first_words(WAYS, sites, long_and_short, rounds)
    if isinstance(distance, FarNetwork):  # any other has no windows to keep
        tcp_setting("tcp_slow_start_after_idle", "0")
        cells |= await first_words({WINDOW_KEPT: OpenWebSocket}, sites, long_and_short, rounds)
        tcp_setting("tcp_slow_start_after_idle", "1")
    distance.up = SLOW_UP
    slow = await reports(sites["TLS"], {kind: readings[kind] for kind in ("webm", "wav")}, spoken)
    await asyncio.sleep(2 * ROUND_TRIP / 1000)  # the last packets are still under way
    return Found(cells, slow)
