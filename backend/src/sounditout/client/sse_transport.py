"""One POST per reading, answered by server-sent events."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from sounditout.analysis.events import TERMINAL, Error, ErrorData, Event
from sounditout.client.errors import ConnectionFailed, Refused, UnreadableAnswer
from sounditout.client.reading import Reading, parse_event, parse_object
from sounditout.client.sse import SseDecoder

_PATH: Final = "/api/ai/analyze-audio"


class SseTransport:
    """Carries readings over HTTP. Any number may be under way at once."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def analyze(self, reading: Reading, token: str) -> AsyncIterator[Event]:
        """See `Transport.analyze`. A refusal before the stream is an `error` event, as it is on a WebSocket."""
        with connection_errors():
            async with self._http.stream(
                "POST",
                _PATH,
                headers=bearer(token),
                data={
                    "attempted_sentence": reading.sentence,
                    "session_id": str(reading.session_id),
                    "request_id": reading.request_id,
                },
                files={"audio_file": (reading.filename, reading.audio, reading.content_type)},
            ) as response:
                if not response.is_success:
                    await response.aread()
                    yield _refusal(response, reading)
                    return
                async for event in _events(response):
                    yield event

    async def close(self) -> None:
        """Nothing of its own is open; the HTTP client belongs to the caller."""


async def _events(response: httpx.Response) -> AsyncIterator[Event]:
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        raise UnreadableAnswer
    decoder = SseDecoder()
    async for chunk in response.aiter_bytes():
        for message in decoder.feed(chunk):
            event = parse_event(parse_object(message.data))
            if event is not None:
                yield event
            if isinstance(event, TERMINAL):
                return
    raise ConnectionFailed("The server broke off before the reading was finished.")


def _refusal(response: httpx.Response, reading: Reading) -> Event:
    refused = refusal(response)
    if refused.status == httpx.codes.UNAUTHORIZED:
        raise refused
    data = ErrorData(code=refused.code, message=refused.message, retryable=refused.retryable, stage="receiving")
    return Error(request_id=reading.request_id, seq=0, data=data)


def bearer(token: str) -> dict[str, str]:
    """The header that says who calls."""
    return {"Authorization": f"Bearer {token}"}


def refusal(response: httpx.Response) -> Refused:
    """The error in a `problem+json` answer.

    Raises:
        UnreadableAnswer: it is something else, from a proxy perhaps.
    """
    problem = parse_object(response.text)
    if not isinstance(problem.get("code"), str):
        raise UnreadableAnswer
    return Refused(
        problem["code"],
        str(problem.get("detail", problem["code"])),
        status=response.status_code,
        retryable=problem.get("retryable") is True,
    )


@contextmanager
def connection_errors() -> Iterator[None]:
    """Errors of the network as ours.

    Raises:
        ConnectionFailed, UnreadableAnswer
    """
    try:
        yield
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
