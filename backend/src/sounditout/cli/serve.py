"""`sounditout serve`."""

from typing import TYPE_CHECKING, Annotated

import typer

from sounditout.cli.failure import CommandFailed, explained, load_settings, missing_models, no_models

if TYPE_CHECKING:
    from sounditout.settings import Settings


def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for the whole network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65_535)] = 8000,
    trusted_proxies: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESSES", help="Reverse proxies whose X-Forwarded headers are believed, comma-separated."
        ),
    ] = None,
    processes: Annotated[
        int | None, typer.Option(help="Server processes; default: SOUNDITOUT_PROCESSES, else 1.", min=1)
    ] = None,
) -> None:
    """Serve the web app and its API until stopped with Ctrl-C.

    Everything else is set by `SOUNDITOUT_…` variables; `sounditout doctor` says whether all is well.
    """
    with explained():
        settings = load_settings()
        if processes is not None:
            settings = settings.model_copy(update={"processes": processes})
        _check(settings)
        from sounditout.server import run

        try:
            run(settings, host, port, trusted_proxies=trusted_proxies)
        except OSError as error:
            raise CommandFailed(
                "cannot_listen", f"Cannot listen on {host}:{port}: {error.strerror or error}. Try another --port."
            ) from error


def _check(settings: "Settings") -> None:
    """Say in one line what would otherwise be a traceback of the starting server. Raises CommandFailed."""
    from sounditout.cli.database import check_database

    if missing_models(settings):
        raise no_models(settings)
    check_database(settings.database_url)
