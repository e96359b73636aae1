"""The command line. Starts fast: what a command needs is imported when it runs."""

import io
import sys
from typing import Annotated

import typer

from sounditout.cli.admins import app as admins
from sounditout.cli.analyze import analyze
from sounditout.cli.doctor import doctor
from sounditout.cli.retirement import list_sse
from sounditout.cli.rollout import app as rollout
from sounditout.cli.serve import serve

app = typer.Typer(
    name="sounditout",
    help="A reading coach for a machine of your own: read aloud, see at once which sounds were right.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(serve)
app.command()(analyze)
app.command()(doctor)
app.command("retirement")(list_sse)
app.add_typer(rollout, name="rollout")
app.add_typer(admins, name="admins")


def _show_version(wanted: bool) -> None:  # noqa: FBT001  (Typer calls it so)
    if wanted:
        from sounditout import __version__

        typer.echo(f"sounditout {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    del version
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no such letters shows others
