"""`sounditout rollout`: how far the WebSocket has been rolled out, and what is to be done about it."""

import getpass
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from sounditout.cli.failure import BAD_INPUT, CommandFailed, explained, load_settings
from sounditout.cli.output import print_line
from sounditout.cli.own_database import in_database

if TYPE_CHECKING:
    from sounditout.flag import Standing, WebSocketFlag
    from sounditout.rollout.guard import Verdict
    from sounditout.rollout.stages import Action, Change
    from sounditout.settings import Settings

T = TypeVar("T")

app = typer.Typer(
    help="Give users the WebSocket a part at a time: 10 %, 50 %, 100 %, and back at any moment.",
    no_args_is_help=True,
)


def _not_empty(reason: str) -> str:
    if not reason.strip():
        raise typer.BadParameter("Whoever looks at it tomorrow wants to know why.")
    return reason


Why = Annotated[str, typer.Option("--reason", help="Why, for the history.")]
NeededWhy = Annotated[str, typer.Option("--reason", prompt="Why", callback=_not_empty, help="Why, for the history.")]
To = Annotated[int | None, typer.Option("--to", help="The stage to go to: 50 or 100. Default: you are asked.")]
Who = Annotated[str | None, typer.Option("--who", help="Who does it, for the history; default: you.")]


@app.command()
def status() -> None:
    """Say how it stands, what was measured, and what the guard thinks of it."""
    with explained():
        settings = load_settings()
        standing, verdict = _with_flag(settings, lambda flag: flag.verdict())
        _show(settings, standing, verdict)


@app.command()
def history() -> None:
    """List every change, the latest first."""
    with explained():
        standing = _with_flag(load_settings(), lambda flag: flag.standing())
        for change in reversed(standing.history):
            print_line(_line(change))
        if not standing.history:
            print_line("Nothing has been changed yet: nobody is moved.")


@app.command()
def start(*, reason: Why = "", who: Who = None) -> None:
    """Begin with 10 % of the users, or go on after a hold."""
    _change("start", reason, who)


@app.command()
def advance(*, to: To = None, reason: Why = "", who: Who = None) -> None:
    """Go on to the next stage."""
    with explained():
        settings = load_settings()
        standing = _with_flag(settings, lambda flag: flag.standing())
        if to == standing.state.percentage:
            print_line(f"The rollout is at {to} % already.")
        else:
            _may_go_to(_next_stage(standing), to, standing.state.percentage)
            _change("advance", reason, who, after=len(standing.history))


@app.command()
def hold(*, reason: NeededWhy, who: Who = None) -> None:
    """Stay at this stage until somebody says `start`."""
    _change("hold", reason, who)


@app.command()
def rollback(*, reason: NeededWhy, who: Who = None) -> None:
    """Give everybody SSE again, but for those who have chosen otherwise."""
    _change("rollback", reason, who)


def _next_stage(standing: "Standing") -> int:
    """Raises NotPossible."""
    from sounditout.rollout.stages import change

    return change(standing.state, "advance", "", "", datetime.now(UTC)).percentage


def _may_go_to(stage: int, wanted: int | None, now: int) -> None:
    """A person has named this very stage, or agrees to it: a command that is repeated must not go on twice."""
    if wanted is None:
        typer.confirm(f"From {now} % to {stage} % of the users?", abort=True, err=True)
    elif wanted != stage:
        raise CommandFailed("invalid_stage", f"After {now} % comes {stage} %, and not {wanted} %.", BAD_INPUT)


def _change(action: "Action", reason: str, who: str | None, after: int | None = None) -> None:
    with explained():
        settings = load_settings()
        name = who or getpass.getuser()
        standing = _with_flag(settings, lambda flag: flag.change(action, name, reason, after))
        print_line(_line(standing.history[-1]))
        _note_the_switch(settings)


def _with_flag(settings: "Settings", ask: "Callable[[WebSocketFlag], Coroutine[Any, Any, T]]") -> T:
    """What the flag of this installation answers."""
    from sounditout.flag import flag_of

    return in_database(settings, lambda database: ask(flag_of(settings, database, "")))


def _show(settings: "Settings", standing: "Standing", verdict: "Verdict") -> None:
    state = standing.state
    since = f" since {state.since:%Y-%m-%d %H:%M} UTC" if state.since else ""
    print_line(f"stage     {state.percentage} %{', held' if state.held else ''}{since}")
    for metric in verdict.metrics:
        seen = "nothing yet" if metric.estimate is None else f"{metric.estimate:.3f} of {metric.n}"
        target = "" if metric.target is None else f", target {metric.target:.3f}"
        print_line(f"{metric.name:<12} {seen}{target}: {metric.verdict}")
    print_line(f"guard     {verdict.advice}: {verdict.reason}")
    _note_the_switch(settings)


def _note_the_switch(settings: "Settings") -> None:
    if not settings.sse_enabled:
        typer.echo("SSE_ENABLED is false: stages count for nobody, as there is no other way.", err=True)
    elif settings.use_websocket != "auto":
        typer.echo(f"USE_WEBSOCKET is {settings.use_websocket}: stages count for nobody until it is auto.", err=True)


def _line(change: "Change") -> str:
    held = ", held" if change.held else ""
    reason = f": {change.reason}" if change.reason else ""
    return f"{change.at:%Y-%m-%d %H:%M} UTC  {change.action:<8} {change.percentage} %{held}, by {change.who}{reason}"
