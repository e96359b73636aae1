"""One request to its end: within a time limit, and again when the server is too busy."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from sounditout.analysis.events import Error, Event
from sounditout.client.backoff import Backoff
from sounditout.client.errors import ConnectionFailed
from sounditout.client.request import Request
from sounditout.client.timing import Timing
from sounditout.client.transport import Transport


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often to try.

    Attributes:
        seconds: in all.
        overloads: times that a server which is too busy is asked again before the caller hears of it.
    """

    seconds: float
    overloads: int


async def follow_to_the_end(
    request: Request, transport: Transport, patience: Patience, timing: Timing
) -> AsyncGenerator[Event, None]:
    """The events of a request, the last of them terminal.

    Raises:
        ClientError: that could not be done in time, or not at all.
    """
    deadline = timing.now() + patience.seconds
    backoff = Backoff(timing.chance)
    for overloads_left in range(patience.overloads, -1, -1):
        async with aclosing(_once(request, transport, deadline, timing)) as events:
            async for event in events:
                wait = _wait(event, backoff)
                if wait is not None and overloads_left and timing.now() + wait < deadline:
                    break
                if (news := request.news(event)) is not None:
                    yield news
            else:
                return
        await timing.sleep(wait)
        request.again()


async def _once(
    request: Request, transport: Transport, deadline: float, timing: Timing
) -> AsyncGenerator[Event, None]:
    """The events of one attempt. Raises ClientError, also when the time is over."""
    async with aclosing(transport.follow(request)) as events:
        while True:
            try:
                async with timing.limit(max(0.0, deadline - timing.now())):
                    event = await anext(events, None)
            except TimeoutError as error:
                raise request.trouble or ConnectionFailed("The server took too long to answer.") from error
            if event is None:
                return
            yield event


def _wait(event: Event, backoff: Backoff) -> float | None:
    """Seconds after which to send the request again, when the server was too busy for it."""
    if not isinstance(event, Error) or event.data.code != "overloaded" or not event.data.retryable:
        return None
    return (event.data.retry_after or 0.0) + backoff.next()
