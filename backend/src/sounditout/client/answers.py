"""HTTP answers and failures as our errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from sounditout.analysis.events import Error, ErrorData
from sounditout.client.errors import ConnectionFailed, Refused, UnreadableAnswer
from sounditout.client.reading import parse_object

_GATEWAY: Final = frozenset({502, 503, 504})
"""What a proxy answers when the server behind it is away."""


def refusal(response: httpx.Response) -> Refused:
    """The error in a `problem+json` answer.

    Raises:
        ConnectionFailed: a proxy says that the server is away.
        UnreadableAnswer: it is something else.
    """
    is_problem = response.headers.get("content-type", "").startswith("application/problem+json")
    if not is_problem and response.status_code in _GATEWAY:
        raise ConnectionFailed("The server is away just now.")
    problem = parse_object(response.text)
    if not isinstance(problem.get("code"), str):
        raise UnreadableAnswer
    return Refused(
        problem["code"],
        str(problem.get("detail", problem["code"])),
        status=response.status_code,
        retryable=problem.get("retryable") is True,
        retry_after=_retry_after(response),
    )


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds; None as well for a date, which this server never sends."""
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None


def refused_event(request_id: str, refused: Refused) -> Error:
    """A refusal before the stream as the event that it is on a WebSocket."""
    data = ErrorData(
        code=refused.code,
        message=refused.message,
        retryable=refused.retryable,
        retry_after=refused.retry_after,
        stage="receiving",
    )
    return Error(request_id=request_id, seq=0, data=data)


@contextmanager
def connection_errors() -> Iterator[None]:
    """Errors of the network as ours.

    Raises:
        ConnectionFailed, UnreadableAnswer, Refused
    """
    try:
        yield
    except UnicodeEncodeError as error:
        raise Refused("invalid_message", "There are characters that cannot be sent.", status=400) from error
    except httpx.ConnectError as error:
        raise ConnectionFailed("No server answers at this address.") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise ConnectionFailed("This is not the address of a server.", retryable=False) from error
    except (httpx.DecodingError, httpx.TooManyRedirects) as error:
        raise UnreadableAnswer from error
    except httpx.TimeoutException as error:
        raise ConnectionFailed("The server took too long to answer.") from error
    except httpx.TransportError as error:
        raise ConnectionFailed("The connection to the server broke.") from error
