"""`sounditout serve`."""

from typing import Annotated

import typer

from sounditout.cli.failure import CommandFailed, explained, load_settings


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
) -> None:
    """Serve the web app and its API until stopped with Ctrl-C.

    Everything else is set by `SOUNDITOUT_…` variables; `sounditout doctor` says whether all is well.
    """
    with explained():
        settings = load_settings()
        from sounditout.server import run

        try:
            run(settings, host, port, trusted_proxies=trusted_proxies)
        except OSError as error:
            raise CommandFailed(
                "cannot_listen", f"Cannot listen on {host}:{port}: {error.strerror or error}. Try another --port."
            ) from error
