"""One log for everything, structured, in which no token ever appears."""

import logging
import logging.config
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, Literal

import structlog

Format = Literal["json", "console"]

UVICORN_LOGGERS: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")

_SECRETS: Final = re.compile(
    r"""(?P<keep>(?:token|password)=|bearer[ .])[^\s&"'\\,;)\]]+"""
    r"""|eyJ[\w-]{5,}\.[\w-]+\.[\w-]*""",  # anything that looks like a signed token, wherever it stands
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """The text with every token and password replaced."""
    return _SECRETS.sub(lambda match: f"{match['keep'] or ''}***", text)


class RedactingFilter(logging.Filter):
    """Cleans a record before any handler sees it; uvicorn writes WebSocket addresses with their query.

    What it writes at the lowest level are frames, with pieces of recordings and tokens in them: those go nowhere.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.INFO:
            return False
        message = record.getMessage()
        clean = redact(message)
        if clean != message:
            record.msg, record.args = clean, None
        return True


class _RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """The last guard: cleans the finished line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def protect_uvicorn() -> None:
    """Put the filter on uvicorn's loggers, once, whichever handlers they have."""
    for name in UVICORN_LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(filter_, RedactingFilter) for filter_ in logger.filters):
            logger.addFilter(RedactingFilter())


def configure(level: str, format_: Format | None = None) -> None:
    """Set up logging of the whole process, to stderr.

    Args:
        level: debug, info, warning or error.
        format_: None: coloured lines for a terminal, otherwise JSON.
    """
    format_ = format_ or ("console" if sys.stderr.isatty() else "json")
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(_dict_config(level.upper(), format_))
    protect_uvicorn()


def _shared() -> list[structlog.types.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.stdlib.ExtraAdder(allow=()),
        _without_bytes,
    ]


def _without_bytes(_: object, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Audio is bytes: of those only the number is logged."""
    return {
        key: f"{len(value)} bytes" if isinstance(value, bytes | bytearray) else value for key, value in event.items()
    }


def _renderers(format_: Format) -> list[structlog.types.Processor]:
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if format_ == "console":
        return [remove, _console()]
    return [remove, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]


def _console() -> structlog.dev.ConsoleRenderer:
    # The usual traceback of the console shows local variables: a recording may be among them.
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def _dict_config(level: str, format_: Format) -> dict[str, Any]:
    formatter = {"()": _RedactingFormatter, "foreign_pre_chain": _shared(), "processors": _renderers(format_)}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        # One line per migration step and one per HTTP call of ours are more than an operator wants.
        "loggers": {name: {"level": "WARNING"} for name in ("alembic", "httpx", "aiosqlite", "asyncio")},
    }
