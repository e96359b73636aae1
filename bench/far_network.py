"""A network far away, for real TCP: every packet takes its time, and a narrow link takes one after the other.

    client ──10.99.0.2:port──→ TUN device ─→ [wait, swap the addresses] ─→ TUN device ──→ server, on all addresses

What a program sends to `FAR` leaves through a TUN device (Linux), waits here and comes back in with its two addresses
swapped, as if `FAR` had sent it to this machine; the sums in the headers stay right, as a sum does not ask for order.
So handshakes, windows and pauses of the kernel's own TCP cost what they cost on the internet; a proxy that ends
connections hides most of them (`bench.far_proxies`). It needs a network namespace (`in_own_network`) and no package.
"""

import fcntl
import heapq
import itertools
import multiprocessing
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

FAR: Final = "10.99.0.2"
"""Where this machine is found far away."""
QUEUE_SECONDS: Final = 0.25
"""What a narrow link holds back before it drops packets: the buffer of a common home router."""
_OWN: Final = "10.99.0.1"
_INSIDE: Final = "SOUNDITOUT_BENCH_IN_OWN_NETWORK"
_DEVICE: Final = b"far0"
_LARGEST_PACKET: Final = 1500
_START_SECONDS: Final = 20.0

# linux/if_tun.h, linux/sockios.h, linux/if.h
_TUNSETIFF: Final = 0x400454CA
_IFF_TUN_WITHOUT_HEADER: Final = 0x1001
_SIOCSIFFLAGS: Final = 0x8914
_SIOCSIFADDR: Final = 0x8916
_SIOCSIFNETMASK: Final = 0x891C
_IFF_UP_RUNNING: Final = 0x41


def in_own_network() -> bool:
    """Run this program once more, in a network namespace where it may do as it likes.

    Returns:
        True there; False where none can be made: that needs Linux, `unshare` and /dev/net/tun, and root's rights or
        user namespaces.

    Raises:
        SystemExit: the exit code of that run.
    """
    if os.environ.get(_INSIDE):
        _prepare()
        return True
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    alone = [shutil.which("unshare") or "", *user, "--net", sys.executable]
    if (
        not alone[0]
        or subprocess.run([*alone, "-m", "bench.far_network"], check=False, capture_output=True).returncode
    ):
        return False
    command = [*alone, *sys.orig_argv[1:]]
    raise SystemExit(subprocess.run(command, check=False, env=os.environ | {_INSIDE: "1"}).returncode)


def _prepare() -> None:
    _set_flags(b"lo")
    tcp_setting("tcp_congestion_control", "reno")
    tcp_setting("tcp_no_metrics_save", "1")  # a connection learns nothing from the ones before


def tcp_setting(name: str, value: str) -> None:
    """Set one of net.ipv4, in this network namespace only."""
    Path("/proc/sys/net/ipv4", name).write_text(value, "ascii")


class FarNetwork:
    """The way to `FAR`, as it is just now.

    Attributes:
        delay: seconds that every packet takes, each way.
        up: bytes a second towards the server; 0: as many as come.
    """

    def __init__(self) -> None:
        self._delay = multiprocessing.get_context("spawn").Value("d", 0.0)
        self._up = multiprocessing.get_context("spawn").Value("d", 0.0)

    @property
    def delay(self) -> float:
        return float(self._delay.value)

    @delay.setter
    def delay(self, seconds: float) -> None:
        self._delay.value = seconds

    @property
    def up(self) -> float:
        return float(self._up.value)

    @up.setter
    def up(self, bytes_per_second: float) -> None:
        self._up.value = bytes_per_second


@contextmanager
def far_network(ports: Sequence[int]) -> Iterator[FarNetwork]:
    """The way to servers on these ports of this machine, carried by a process of its own until the block ends."""
    spawn = multiprocessing.get_context("spawn")
    network, ready = FarNetwork(), spawn.Event()
    process = spawn.Process(target=_carry, args=(network, frozenset(ports), ready), daemon=True)
    process.start()
    try:
        if not ready.wait(_START_SECONDS):
            raise RuntimeError("the network did not come up")
        yield network
    finally:
        process.terminate()
        process.join()


class _Wires:
    """Packets under way, and when they arrive."""

    def __init__(self, network: FarNetwork, ports: frozenset[int]) -> None:
        self._network, self._ports = network, ports
        self._under_way: list[tuple[float, int, bytes]] = []
        self._numbers = itertools.count()
        self._free_at = 0.0
        """When the narrow link has sent what it was given."""

    @property
    def next_due(self) -> float | None:
        return self._under_way[0][0] if self._under_way else None

    def send(self, packet: bytes, now: float) -> None:
        """A packet leaves; it may be dropped."""
        sent = now
        if self._network.up and _destination_port(packet) in self._ports:
            start = max(now, self._free_at)
            if start - now > QUEUE_SECONDS:
                return
            sent = self._free_at = start + len(packet) / self._network.up
        heapq.heappush(self._under_way, (sent + self._network.delay, next(self._numbers), packet))

    def arrived(self, now: float) -> Iterator[bytes]:
        """Packets whose time has come, in order."""
        while self._under_way and self._under_way[0][0] <= now:
            yield heapq.heappop(self._under_way)[2]


def _carry(network: FarNetwork, ports: frozenset[int], ready: "multiprocessing.synchronize.Event") -> None:
    device = _open_device()
    wires = _Wires(network, ports)
    ready.set()
    while True:
        due = wires.next_due
        readable, _, _ = select.select([device], [], [], None if due is None else max(0.0, due - time.monotonic()))
        if readable:
            packet = os.read(device, 2 * _LARGEST_PACKET)
            if packet[0] >> 4 == 4:
                wires.send(packet, time.monotonic())
        for packet in wires.arrived(time.monotonic()):
            os.write(device, packet[:12] + packet[16:20] + packet[12:16] + packet[20:])


def _destination_port(packet: bytes) -> int:
    header = 4 * (packet[0] & 15)
    port: int = struct.unpack_from("!H", packet, header + 2)[0]
    return port


def _open_device() -> int:
    """A TUN device that is up and has our address."""
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", _DEVICE, _IFF_TUN_WITHOUT_HEADER))
    _configure(_SIOCSIFADDR, _DEVICE, _address(_OWN))
    _configure(_SIOCSIFNETMASK, _DEVICE, _address("255.255.255.0"))
    _set_flags(_DEVICE)
    return device


def _set_flags(device: bytes) -> None:
    _configure(_SIOCSIFFLAGS, device, struct.pack("H22x", _IFF_UP_RUNNING))


def _configure(request: int, device: bytes, value: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, request, struct.pack("16s24s", device, value))


def _address(address: str) -> bytes:
    return struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))


if __name__ == "__main__":  # whether it can be done here
    _prepare()
    os.close(_open_device())
