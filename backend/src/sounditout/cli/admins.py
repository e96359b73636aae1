"""`sounditout admins`: who may look after the server."""

from typing import TYPE_CHECKING, Annotated

import typer

from sounditout.cli.failure import explained, load_settings
from sounditout.cli.output import print_line
from sounditout.cli.own_database import in_database

if TYPE_CHECKING:
    from sounditout.persistence.database import Database

app = typer.Typer(help="Who may see how the server does, and lead the rollout, on its page.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Of an account; capitals make no difference.")]


@app.command()
def add(name: Name) -> None:
    """Let somebody look after the server, from now on."""
    with explained():
        _set(name, is_admin=True)
        print_line(f"{name} may look after the server.")


@app.command()
def remove(name: Name) -> None:
    """Let somebody only practise, from now on."""
    with explained():
        _set(name, is_admin=False)
        print_line(f"{name} may practise, and not look after the server.")


@app.command("list")
def list_() -> None:
    """Name all who may look after the server, one in a line."""
    with explained():
        for name in in_database(load_settings(), _names):
            print_line(name)


def _set(name: str, *, is_admin: bool) -> None:
    from sounditout.persistence.admins import Admins

    async def work(database: "Database") -> None:
        async with database.transaction() as db:
            admins = Admins(db)
            await (admins.add(name) if is_admin else admins.remove(name))

    in_database(load_settings(), work)


async def _names(database: "Database") -> list[str]:
    from sounditout.persistence.admins import Admins

    async with database.reading() as db:
        return await Admins(db).names()
