"""What the operations page shows of a rollout at 50 %: people of both cohorts read, and their pages tell how it was.

    uv run --project backend python -m bench.operations [--readers 40] [--visits 2] [--readings 4] [--json FILE]

A server of its own begins a rollout and advances it to 50 %. Then people come, a few at a time, each with a line of
their own (20 to 80 ms away, a megabit up; every twentieth breaks once), and read over the way that the server has
dealt to them, in real time. At the end the four metrics are printed as the server tells them to its page. They all
share the machine with the server, so the figures say as much of it as of the two ways.

With --url it does so on a server that runs already, whose rollout somebody has begun, and who is an admin there.
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx
from rich.console import Console
from rich.table import Table

from bench.exchanges import Reading
from bench.readings import as_browser_recording, seconds_of, spoken_mp3
from bench.results import machine, write_json
from bench.running_server import LOOPBACK, free_port, own_environment, wait_until_ready
from bench.simulated_pages import Person, visit
from sounditout.client import Client

SENTENCE: Final = "The little dog ran down the hill."
ADMIN: Final = {"username": "Ada", "password": "only for this benchmark"}
UP_BYTES: Final = 125_000.0
"""A megabit per second, as many lines have towards the server."""
OPERATIONS: Final = "/api/operations"


@contextmanager
def server_of_an_admin() -> Iterator[str]:
    """The URL of a server with an empty database, which `ADMIN` looks after."""
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    with tempfile.TemporaryDirectory(prefix="sounditout-bench-") as folder:
        environment = own_environment(folder, {"use_websocket": "auto"})
        program = [sys.executable, "-m", "sounditout"]
        server = subprocess.Popen([*program, "serve", "--port", str(port)], env=environment)
        try:
            wait_until_ready(url, server)
            httpx.post(f"{url}/api/auth/register", json=ADMIN, trust_env=False).raise_for_status()
            subprocess.run(
                [*program, "admins", "add", ADMIN["username"]], env=environment, check=True, stdout=subprocess.DEVNULL
            )
            yield url
        finally:
            server.terminate()
            server.wait(timeout=20)


def signed_in(url: str, username: str, password: str) -> httpx.Client:
    """HTTP as somebody with an account; a context manager."""
    form = {"username": username, "password": password}
    answer = httpx.post(f"{url}/api/auth/token", data=form, trust_env=False).raise_for_status().json()
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    return httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False)


def begin(admin: httpx.Client) -> None:
    """Half of all users are dealt to the WebSocket."""
    for action, reason in (("start", "a school begins"), ("advance", "all was well")):
        admin.post(f"{OPERATIONS}/rollout", json={"action": action, "reason": reason}).raise_for_status()


async def school(url: str, options: argparse.Namespace, reading: Reading) -> int:
    """Everybody comes, some at a time; how many readings were measured."""
    chance = random.Random(options.seed)  # noqa: S311  (nobody has to be kept from guessing)
    people = [Person.number(number, chance) for number in range(options.readers)]
    places = asyncio.Semaphore(options.at_once)

    async def comes(person: Person) -> int:
        async with places, Client(url) as client:
            await client.guest()
            token, count = client.token or "", 0
            for number in range(options.visits):
                count += await visit(person, url, token, options.readings, reading, UP_BYTES, first=number == 0)
            return count

    return sum(await asyncio.gather(*map(comes, people)))


def table(metrics: list[dict[str, Any]]) -> Table:
    """The four metrics, as the operations page has them."""
    view = Table("", title="as the operations page is told")
    for column in ("WebSocket", "SSE", "estimate", "surely between", "target", "verdict"):
        view.add_column(column, justify="right")
    for metric in metrics:
        low, high = f"{metric['low']:.3f}", f"{metric['high']:.3f}"
        view.add_row(
            metric["name"],
            *(_cohort(metric["name"], metric[way]) for way in ("websocket", "sse")),
            _share(metric["estimate"]),
            f"{low} and {high}",
            _share(metric["target"]),
            metric["verdict"],
        )
    return view


def _cohort(name: str, cohort: dict[str, Any]) -> str:
    if cohort["value"] is None:
        return "–"
    value = f"{cohort['value']:.0f} ms" if name == "latency" else f"{cohort['value']:.1%}"
    return f"{value} ({cohort['trials']} of {cohort['users']})"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.3f}"


def measure(url: str, admin: httpx.Client, options: argparse.Namespace) -> dict[str, Any]:
    """People read; what the server then tells its operations page."""
    audio = as_browser_recording(spoken_mp3(SENTENCE))
    reading = Reading(audio, "reading.webm", SENTENCE, seconds_of(audio))
    began = time.perf_counter()
    count = asyncio.run(school(url, options, reading))
    seconds = time.perf_counter() - began
    rollout = admin.get(f"{OPERATIONS}/rollout").raise_for_status().json()
    figures = admin.get(f"{OPERATIONS}/metrics").raise_for_status().json()
    return {"readings": count, "seconds": seconds, "rollout": rollout, "figures": figures}


def options_of() -> argparse.Namespace:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=40)
    parser.add_argument("--visits", type=int, default=2, help="of each reader")
    parser.add_argument("--readings", type=int, default=4, help="in a visit")
    parser.add_argument("--at-once", type=int, default=8, help="readers who are there at the same time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", help="of a server that runs already; its admin is ADMIN_NAME with ADMIN_PASSWORD")
    parser.add_argument("--json", default="bench/results/operations.json", help="where to write the figures")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = options_of()
    if options.url:
        with signed_in(options.url, os.environ["ADMIN_NAME"], os.environ["ADMIN_PASSWORD"]) as admin:
            measured = measure(options.url, admin, options)
    else:
        with server_of_an_admin() as url, signed_in(url, **ADMIN) as admin:
            begin(admin)
            measured = measure(url, admin, options)
    console = Console(width=140)
    console.print(f"{machine()}; {measured['readings']} readings in {measured['seconds']:.0f} s")
    console.print(table(measured["rollout"]["metrics"]))
    console.print(f"the guard: {measured['rollout']['guard']['reason']}")
    write_json(options.json, {"machine": machine(), "readers": options.readers, **measured})


if __name__ == "__main__":
    main()
