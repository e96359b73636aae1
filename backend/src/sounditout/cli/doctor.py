"""`sounditout doctor`: is everything there, and does it work together?"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from sounditout.cli.failure import FAILED, explained, load_settings
from sounditout.cli.output import print_line

if TYPE_CHECKING:
    from sounditout.cli.checks import Found

_SIGNS: Final = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "red")}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one check said."""

    name: str
    status: Literal["ok", "warning", "failed"]
    detail: str
    remedy: str | None
    seconds: float


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the diagnoses as JSON and nothing else.")] = False,
    host: Annotated[str, typer.Option(help="Address that `serve` will listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port that `serve` will listen on.", min=0, max=65_535)] = 8000,
) -> None:
    """Check this installation: models, database, codecs, voice, listening, port. Exit code 1 if anything failed.

    Nothing is changed: a database that is not there yet is not made.
    """
    with explained():
        settings = load_settings()
        from sounditout.cli.checks import all_checks

        diagnoses = []
        for name, check in all_checks(settings, host, port):
            diagnosis = diagnose(name, check)
            diagnoses.append(diagnosis)
            if not as_json:
                _show(diagnosis)
        if as_json:
            _print_json(diagnoses)
        if any(diagnosis.status == "failed" for diagnosis in diagnoses):
            raise typer.Exit(FAILED)


def diagnose(name: str, check: "Callable[[], Found]") -> Diagnosis:
    """Run one check; whatever it raises is a failure that it found."""
    from sounditout.cli.checks import Failed, Found

    begun = time.perf_counter()
    remedy: str | None
    status: Literal["ok", "warning", "failed"]
    try:
        found: Found = check()
        status, detail, remedy = ("warning" if found.remedy else "ok"), found.detail, found.remedy
    except Failed as failure:
        status, detail, remedy = "failed", failure.detail, failure.remedy
    except Exception as error:  # noqa: BLE001  (the next check may still find more)
        status, detail, remedy = "failed", f"{error!r}".splitlines()[0], None
    return Diagnosis(name, status, detail, remedy, round(time.perf_counter() - begun, 3))


def _show(diagnosis: Diagnosis) -> None:
    sign, colour = _SIGNS[diagnosis.status]
    typer.secho(f"{sign} ", nl=False, fg=colour, bold=True)
    typer.secho(f"{diagnosis.name:<15}", nl=False, bold=True)
    typer.echo(f"{diagnosis.detail} ({diagnosis.seconds:.2f} s)")
    if diagnosis.remedy:
        typer.secho(f"  → {diagnosis.remedy}", fg=colour)


def _print_json(diagnoses: list[Diagnosis]) -> None:
    import json

    healthy = all(diagnosis.status != "failed" for diagnosis in diagnoses)
    print_line(json.dumps({"healthy": healthy, "checks": [asdict(d) for d in diagnoses]}, ensure_ascii=False))
