"""`sounditout analyze --manifest`: thousands of recordings, in order, in bounded memory.

lines → items → threads that decode, listen and score → lines in the same order
"""

import json
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, TypeAlias

from sounditout.analysis.judge import JudgeLimits, judge
from sounditout.analysis.ports import Engines
from sounditout.cli.failure import BAD_INPUT, CommandFailed
from sounditout.cli.local import judge_limits, load_ears, local_recording
from sounditout.cli.output import print_line
from sounditout.errors import AudioTooLarge, InternalError, InvalidMessage, SoundItOutError
from sounditout.settings import Settings

_LOOK_AHEAD: Final = 4
"""Items per thread that are begun before the oldest is printed: enough that none waits for a long recording."""

ItemId: TypeAlias = str | int | None


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a manifest."""

    id: ItemId
    audio: Path
    sentence: str


@dataclass(frozen=True, slots=True)
class BadLine:
    """One that cannot be used."""

    id: ItemId
    error: SoundItOutError


def analyze_manifest(manifest: Path, settings: Settings, jobs: int | None = None) -> None:
    """Judge every item and print one JSON line for each to stdout.

    Raises:
        CommandFailed: the manifest cannot be read, or nothing can be judged.
    """
    total = _count(manifest)
    engines = load_ears(settings)
    limits = judge_limits(settings)
    with _open(manifest) as lines:
        items = (parse_item(line, number, manifest.parent) for number, line in enumerate(lines, 1) if line.strip())
        results = judge_in_order(items, engines, limits, jobs or os.cpu_count() or 1)
        for result in _with_progress(results, total):
            print_line(result)


def _open(manifest: Path) -> IO[bytes]:
    """The manifest, `-` being standard input. Raises CommandFailed."""
    try:
        return sys.stdin.buffer if str(manifest) == "-" else manifest.open("rb")
    except OSError as error:
        raise CommandFailed("no_file", f"Cannot read {manifest}: {error.strerror}.", BAD_INPUT) from error


def _count(manifest: Path) -> int | None:
    """How many items there are; None for a pipe, which can be read only once."""
    if not manifest.is_file():
        return None
    with _open(manifest) as lines:
        return sum(1 for line in lines if line.strip())


def parse_item(line: bytes, number: int, folder: Path) -> Item | BadLine:
    """An item from one line; paths are relative to `folder`."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return BadLine(None, InvalidMessage(f"Line {number} is not JSON."))
    if not isinstance(fields, dict):
        return BadLine(None, InvalidMessage(f"Line {number} is not a JSON object."))
    item_id = fields.get("id")
    if not isinstance(item_id, str | int) or isinstance(item_id, bool):
        return BadLine(None, InvalidMessage(f"Line {number} has no id."))
    for name in ("audio", "sentence"):
        if not isinstance(fields.get(name), str) or not fields[name]:
            return BadLine(item_id, InvalidMessage(f"Line {number} has no {name}."))
    return Item(item_id, folder / fields["audio"], fields["sentence"])


def judge_in_order(
    items: Iterable[Item | BadLine], engines: Engines, limits: JudgeLimits, jobs: int
) -> Iterator[str]:
    """The JSON line of every item, in order. No more than a few per thread are held at once."""
    waiting: deque[Future[str]] = deque()
    with ThreadPoolExecutor(jobs, thread_name_prefix="analyze") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(judge_item, item, engines, limits))
                if len(waiting) > jobs * _LOOK_AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:  # whoever wanted them has gone
                future.cancel()


def judge_item(item: Item | BadLine, engines: Engines, limits: JudgeLimits) -> str:
    """One line of output. Never raises for anything that an item can do."""
    if isinstance(item, BadLine):
        return _error_line(item.id, item.error)
    try:
        audio = _read(item.audio, limits.decode.max_bytes)
        report = judge(local_recording(audio, item.sentence), engines, limits, lambda _: None)
    except SoundItOutError as error:
        return _error_line(item.id, error)
    return f'{{"id":{json.dumps(item.id)},"report":{report.model_dump_json()}}}'


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        if path.exists() and not path.is_file():  # a device or a pipe may never end
            raise InvalidMessage(f"Cannot read {path}: it is no file.")
        with path.open("rb") as file:
            audio = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or error
        raise InvalidMessage(f"Cannot read {path}: {reason}.") from error
    except MemoryError as error:
        raise InternalError from error
    if len(audio) > max_bytes:
        raise AudioTooLarge
    return audio


def _error_line(item_id: ItemId, error: SoundItOutError) -> str:
    return json.dumps({"id": item_id, "error": {"code": error.code, "message": error.message}})


def _with_progress(results: Iterator[str], total: int | None) -> Iterator[str]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    shown = console.is_terminal and not sys.stdout.isatty()  # else the lines show how far it is
    with Progress(*columns, console=console, redirect_stdout=False, disable=not shown) as progress:
        task = progress.add_task("", total=total)
        for result in results:
            yield result
            progress.advance(task)
