"""The two servers that `bench.idle` compares, each in a process of its own that can say how much memory it uses.

    python -m bench.idle_servers bare|ours USERS

Both run under our uvicorn options. `bare` accepts and waits, which is the least that any ASGI app does; `ours` is the
whole app, with engines that need no memory: engines belong to the server and not to a connection.

The process prints a line of JSON when it listens, {"url": …, "tokens": […]}, with tokens of as many users; it makes
them before it serves, because nobody may make so many guests so fast. It prints another line for every one it is
given, {"rss": …, "private": …} in bytes, and stops at the end of its input. Before it looks it collects garbage and
gives free memory back, so that what it reports is in use.
"""

import asyncio
import ctypes
import gc
import json
import multiprocessing
import sys
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from sounditout import logs
from sounditout.accounts.auth import Authenticator, signing_key
from sounditout.analysis.models import Pronunciation
from sounditout.app import create_app
from sounditout.engines.fakes import fake_engines
from sounditout.persistence.database import Database
from sounditout.persistence.repositories import Users
from sounditout.server import Server, listen, make_server
from sounditout.settings import Settings

TOKEN_CHARACTERS: Final = 180
"""As many as our tokens have: a bare server keeps the headers of the handshake, too."""


class TinyPronouncer:
    """Says every word as if it were "ah"."""

    def pronounce(self, word: str) -> tuple[Pronunciation, ...]:
        """The same for every word."""
        del word
        return (("AA",),)


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept a WebSocket and wait for its end."""
    if scope["type"] == "lifespan":
        await answer_lifespan(receive, send)
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass


async def answer_lifespan(receive: Receive, send: Send) -> None:
    """Nothing to prepare."""
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


def app_named(name: str, settings: Settings) -> ASGIApp:
    """`bare` or `ours`."""
    return bare if name == "bare" else create_app(settings, fake_engines(TinyPronouncer()))


async def tokens_of_new_users(settings: Settings, count: int) -> list[str]:
    """One of each, for a server with these settings."""
    database = Database(settings.database_url)
    try:
        await database.migrate()
        authenticator = Authenticator(database, signing_key(settings), settings.token_lifetime_seconds)
        async with database.transaction() as db:
            return [authenticator.issue(await Users(db).create(f"user-{number}", None)) for number in range(count)]
    finally:
        await database.dispose()


def tokens_for(name: str, settings: Settings, count: int) -> list[str]:
    """What the clients of `bare` or `ours` send along."""
    if name == "bare":
        return ["x" * TOKEN_CHARACTERS] * count
    # In another process: the holes that this work leaves in the memory would be filled by the connections.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as elsewhere:
        return elsewhere.submit(make_users, settings, count).result()


def make_users(settings: Settings, count: int) -> list[str]:
    """Their tokens."""
    return asyncio.run(tokens_of_new_users(settings, count))


def memory_in_use() -> dict[str, int]:
    """Bytes that are resident, and those of them that no other process shares."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    kilobytes = {
        name: int(value.split()[0])
        for name, _, value in (
            line.partition(":") for line in Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()[1:]
        )
    }
    private = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return {"rss": kilobytes["Rss"] * 1024, "private": private * 1024}


def answer_questions(server: Server) -> None:
    """Report memory for every line of input; stop the server at its end."""
    for _ in sys.stdin:
        say(memory_in_use())
    server.should_exit = True


def say(fields: Mapping[str, object]) -> None:
    """One line of JSON."""
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the input ends."""
    name, users = sys.argv[1], int(sys.argv[2])
    logs.configure("warning")  # to stderr: the output is for answers
    with tempfile.TemporaryDirectory(prefix="sounditout-bench-") as folder:
        place = Path(folder)
        settings = Settings(
            database_url=f"sqlite:///{place / 'bench.db'}", secret_file=place / "secret.key", web_dir=place / "web"
        )
        tokens = tokens_for(name, settings, users)
        listener = listen("127.0.0.1", 0)
        server = make_server(app_named(name, settings), settings)
        threading.Thread(target=answer_questions, args=(server,), daemon=True).start()
        host, port = listener.getsockname()
        say({"url": f"http://{host}:{port}", "tokens": tokens})
        server.run([listener])


if __name__ == "__main__":
    main()
