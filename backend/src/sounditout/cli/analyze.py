"""`sounditout analyze`: one recording here or on a server, or a manifest of many."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sounditout.cli.failure import BAD_INPUT, CommandFailed, explained, load_settings
from sounditout.cli.output import print_line
from sounditout.errors import AudioTooLarge

if TYPE_CHECKING:
    from collections.abc import Callable

    from sounditout.cli.outcome import Outcome
    from sounditout.cli.remote import ServerAddress

_STDIN: Final = Path("-")


class Transport(StrEnum):
    """How readings travel to a server."""

    sse = "sse"
    ws = "ws"
    auto = "auto"


def analyze(
    file: Annotated[
        Path | None, typer.Argument(help="A recording: webm, ogg, mp4, mp3, wav, flac …; `-` for standard input.")
    ] = None,
    *,
    sentence: Annotated[
        str | None, typer.Option("--sentence", "-s", help="The sentence that is read in FILE.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON, as the server sends it, and nothing else.")
    ] = False,
    save_audio: Annotated[
        Path | None, typer.Option("--save-audio", metavar="OUT", help="Write the spoken feedback to this file.")
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(
            metavar="ITEMS.jsonl",
            help='Judge many: lines of `{"id", "audio", "sentence"}`, paths relative to the manifest. '
            'Prints lines of `{"id", "report"}` or `{"id", "error"}` in the same order.',
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=256, help="Threads for --manifest; by default one per core.")
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="Ask this server instead, as http://127.0.0.1:8000.")
    ] = None,
    transport: Annotated[Transport, typer.Option(help="How to talk to --server.")] = Transport.sse,
    token: Annotated[
        str | None, typer.Option(envvar="SOUNDITOUT_TOKEN", help="Token for --server.", show_default=False)
    ] = None,
    username: Annotated[str | None, typer.Option(help="Account on --server; a guest when not given.")] = None,
    password: Annotated[
        str | None, typer.Option(envvar="SOUNDITOUT_PASSWORD", help="Its password.", show_default=False)
    ] = None,
) -> None:
    """Judge a recording of a sentence read aloud: which words and sounds were right.

    Everything happens on this machine; with `--server` on that one. Exit codes: 0 judged, 1 failed, 2 bad input.
    """
    with explained():
        if manifest is not None:
            _refuse_with_manifest(file, sentence, save_audio, server, as_json=as_json)
            return _analyze_manifest(manifest, jobs)
        address = _address(server, transport, token, username, password)
        _analyze_file(*_required(file, sentence, jobs), address, save_audio, as_json=as_json)
    return None


def _required(file: Path | None, sentence: str | None, jobs: int | None) -> tuple[Path, str]:
    if file is None:
        raise typer.BadParameter("give a FILE with --sentence, or a --manifest")
    if sentence is None:
        raise typer.BadParameter("give the --sentence that is read in FILE")
    if jobs is not None:
        raise typer.BadParameter("--jobs goes with --manifest")
    return file, sentence


def _refuse_with_manifest(
    file: Path | None, sentence: str | None, save_audio: Path | None, server: str | None, *, as_json: bool
) -> None:
    if file or sentence or save_audio or server or as_json:
        raise typer.BadParameter("--manifest goes with --jobs only")


def _address(
    server: str | None, transport: Transport, token: str | None, username: str | None, password: str | None
) -> "ServerAddress | None":
    if server is None:
        return None
    if (username is None) != (password is None) and token is None:
        raise typer.BadParameter("--username and --password go together")
    from sounditout.cli.remote import Account, ServerAddress

    return ServerAddress(server, transport.value, Account(token, username, password))


def _analyze_manifest(manifest: Path, jobs: int | None) -> None:
    from sounditout.cli.manifest import analyze_manifest

    analyze_manifest(manifest, load_settings(), jobs)


def _analyze_file(
    file: Path, sentence: str, address: "ServerAddress | None", save_audio: Path | None, *, as_json: bool
) -> None:
    settings = load_settings()
    audio = _read(file, settings.max_audio_bytes)
    outcome: Outcome
    if address is None:
        from sounditout.cli.local import analyze_locally
        from sounditout.cli.outcome import Wanted

        wanted = Wanted(advice=not as_json or save_audio is not None, speech=save_audio is not None)
        outcome = analyze_locally(audio, sentence, settings, wanted)
    else:
        from sounditout.cli.remote import analyze_remotely

        with _progress() as progress:
            outcome = analyze_remotely(audio, file.name, sentence, address, progress)
    _print(outcome, as_json=as_json)
    if save_audio is not None:
        _save(outcome, save_audio)


def _read(file: Path, max_bytes: int) -> bytes:
    try:
        with sys.stdin.buffer if file == _STDIN else file.open("rb") as opened:
            audio = opened.read(max_bytes + 1)
    except OSError as error:
        raise CommandFailed("no_file", f"Cannot read {file}: {error.strerror}.", BAD_INPUT) from error
    if len(audio) > max_bytes:
        raise AudioTooLarge
    return audio


@contextmanager
def _progress() -> "Iterator[Callable[[str], None]]":
    """Shows the stage on stderr: in place on a terminal, otherwise line by line."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda stage: console.print(f"{stage} …", style="dim")
        return
    with console.status("…") as status:
        yield lambda stage: status.update(f"{stage} …")


def _print(outcome: "Outcome", *, as_json: bool) -> None:
    for warning in outcome.warnings:
        typer.echo(f"warning: {warning}", err=True)
    if as_json:
        print_line(outcome.report.model_dump_json())
        return
    from rich.console import Console

    from sounditout.cli.render import show

    show(outcome, Console(highlight=False))


def _save(outcome: "Outcome", path: Path) -> None:
    if outcome.speech is None:
        raise CommandFailed("speech_failed", "There is no spoken feedback to save.")
    try:
        path.write_bytes(outcome.speech.data)
    except OSError as error:
        raise CommandFailed("no_file", f"Cannot write {path}: {error.strerror}.", BAD_INPUT) from error
    if path.suffix.lower() != Path(outcome.speech.filename).suffix:
        typer.echo(f"warning: {path} holds {outcome.speech.mimetype}.", err=True)
