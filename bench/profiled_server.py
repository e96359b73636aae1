"""Our server, which can say where its processor time goes.

    python -m bench.profiled_server

It prints a line of JSON when it listens, {"url": …}. A line of input has it begin to count, the next one end and
print what it found (`bench.sampler`), and so on; it stops at the end of its input. Its database is empty at first.
"""

import json
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Final

from bench.processor_timer import interrupt_main_thread
from bench.sampler import Sampler
from sounditout import logs
from sounditout.app import create_app
from sounditout.server import Server, listen, make_server
from sounditout.settings import Settings

MODELS: Final = ("models: listening", "models: the voice")
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "models: the voice": ("/hibari/",),
    "models: listening": ("/engines/onnx_runtime",),
    "around the models": ("/engines/moonshine_",),
    "speech as mp3": ("/engines/hibari_speaker",),
    "unpacking audio": (
        *("/analysis/decode", "/analysis/growing", "/analysis/feeding", "/analysis/rereading", "/analysis/tracks"),
        *("/analysis/containers", "/analysis/mixing", "/av/"),
    ),
    "sentence graph: search": ("/analysis/search", "/analysis/trellis", "/analysis/graph", "/analysis/wiring"),
    "sentence graph: words and sounds": ("/analysis/align", "/analysis/sounds"),
    "following live": ("/analysis/live", "/analysis/progress"),
    "verdicts and report": ("/analysis/score", "/analysis/readings", "/analysis/verdict", "/analysis/phonemes"),
    "pronunciations": ("/analysis/sentence", "/analysis/spoken", "/numerals", "/pronunciations", "/misaki"),
    "coach": ("/practice/", "/engines/phonics_coach"),
    "base64": ("/base64.py", "/audio_field"),
    "database": ("/sqlalchemy/", "/aiosqlite/", "/sqlite3/", "/persistence/"),
    "JSON and pydantic": (
        *("/pydantic", "/json/", "/sounditout/wire", "/sounditout/messages", "/sounditout/records"),
        *("/analysis/events", "/analysis/models"),
    ),
    "tokens": ("/jwt/", "/accounts/"),
    "logs and figures": ("/structlog/", "/logging/", "/sounditout/logs", "/telemetry/"),
    "requests and connections": (
        "/analysis/stream",
        "/analysis/receiving",
        "/analysis/arrival",
        "/connection/",
        "/desk",
    ),
    "web framework": ("/starlette/", "/fastapi/", "/sounditout/http/", "/routers/", "/multipart", "/anyio/"),
    "websockets and HTTP": ("/websockets/", "/uvicorn/protocols/", "/httptools/", "/h11/"),
    "threads and queues": (
        *("/concurrent/", "/threading.py", "/queue.py", "/analysis/workers", "/analysis/turns", "/analysis/judge"),
        "/analysis/cancellation",
    ),
    "event loop and kernel": ("/asyncio/", "/uvloop", "/uvicorn/"),
}
"""Fragments of file names. Files of libraries that several parts use (numpy, ONNX Runtime) are nobody's, and their
time is that of who called them."""


class Counting:
    """Who counts just now, if anybody does."""

    def __init__(self) -> None:
        self._sampler: Sampler | None = None

    def answer_questions(self, server: Server) -> None:
        """Begin and end to count with every other line of input; stop the server at its end."""
        for _ in sys.stdin:
            if self._sampler is None:
                self._sampler = Sampler(PARTS)
                self._sampler.start()
            else:
                sampler, self._sampler = self._sampler, None
                say(sampler.stop())
        server.should_exit = True

    def interrupted(self, frame: FrameType) -> None:
        """The main thread has used a little more processor time."""
        if self._sampler is not None:
            self._sampler.interrupted(frame)


def say(fields: Mapping[str, object]) -> None:
    """One line of JSON."""
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the input ends."""
    logs.configure("warning")  # to stderr: the output is for answers
    with tempfile.TemporaryDirectory(prefix="sounditout-bench-") as folder:
        place = Path(folder)
        settings = Settings(
            database_url=f"sqlite:///{place / 'bench.db'}",
            secret_file=place / "secret.key",
            max_messages_per_minute=100_000,  # nobody reads so fast
            log_level="warning",
        )
        listener = listen("127.0.0.1", 0)
        server = make_server(create_app(settings), settings)
        counting = Counting()
        threading.Thread(target=counting.answer_questions, args=(server,), daemon=True).start()
        interrupt_main_thread(counting.interrupted)
        host, port = listener.getsockname()
        say({"url": f"http://{host}:{port}"})
        server.run([listener])


if __name__ == "__main__":
    main()
