"""How a command ends when something is wrong: one line for a person on stderr, and an exit code.

0 done    1 it failed    2 what was given cannot be used
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Never

import typer

from sounditout.errors import (
    AudioError,
    Forbidden,
    InternalError,
    InvalidMessage,
    InvalidSentence,
    SoundItOutError,
    Unauthorized,
    UnknownSession,
    all_codes,
)

if TYPE_CHECKING:
    from sounditout.settings import Settings

FAILED: Final = 1
BAD_INPUT: Final = 2

_BAD_INPUT_ERRORS: Final = (AudioError, InvalidSentence, InvalidMessage, Unauthorized, Forbidden, UnknownSession)
_BAD_INPUT_CODES: Final = frozenset(
    code for code, error in all_codes().items() if issubclass(error, _BAD_INPUT_ERRORS)
)


class CommandFailed(Exception):
    """A command cannot go on.

    Attributes:
        code: stable string for programs.
        message: what happened and what to do.
        exit_code: of the process.
    """

    def __init__(self, code: str, message: str, exit_code: int | None = None) -> None:
        self.code = code
        self.message = message
        self.exit_code = exit_code or (BAD_INPUT if code in _BAD_INPUT_CODES else FAILED)
        super().__init__(message)


@contextmanager
def explained() -> Iterator[None]:
    """Whatever goes wrong inside is said in one line instead of a traceback."""
    try:
        yield
    except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):
        raise  # Typer knows what to say, and ends quietly when nobody reads our output any more
    except CommandFailed as failure:
        _end(failure)
    except SoundItOutError as error:
        _end(CommandFailed(error.code, error.message))
    except Exception as error:
        # Ours to mend: with the kind of the error, so that a report of it can be of use.
        raise _end(CommandFailed(InternalError.code, f"{InternalError.default_message} {error!r}")) from error


def _end(failure: CommandFailed) -> Never:
    typer.secho("error: ", err=True, nl=False, fg="red", bold=True)
    typer.echo(f"{failure.message} ({failure.code})", err=True)
    raise typer.Exit(failure.exit_code)


def load_settings() -> "Settings":
    """Settings from the environment. Raises CommandFailed, naming the variable."""
    from pydantic import ValidationError  # a third of a second, which `--help` need not take

    from sounditout.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        variable = name if name.startswith(("SOUNDITOUT", "DATABASE")) else f"SOUNDITOUT_{name}"
        place = f"{variable}: " if name else ""  # what is wrong with several together has none
        reason = first["msg"].removeprefix("Value error, ")
        raise CommandFailed("invalid_settings", f"{place}{reason}.", BAD_INPUT) from error


MODEL_FILES: Final = ("encoder.onnx", "decoder.onnx", "tokenizer.json")


def missing_models(settings: "Settings") -> tuple[str, ...]:
    """Names of the model files that are not where the settings say."""
    return tuple(name for name in MODEL_FILES if not (settings.models_dir / name).is_file())


def no_models(settings: "Settings") -> CommandFailed:
    """The error for models that are not there or broken."""
    return CommandFailed(
        "models_missing",
        f"The listening models cannot be loaded from {settings.models_dir}. Run `sounditout doctor` to see why.",
    )
