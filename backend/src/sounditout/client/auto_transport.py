"""Over the WebSocket as long as it works, over SSE when it does not, as the ladder says."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from sounditout.analysis.events import Event
from sounditout.client.ladder import Ladder, Way
from sounditout.client.request import Request
from sounditout.client.sse_transport import SseTransport
from sounditout.client.state import State
from sounditout.client.ws_transport import FellBack, WebSocketTransport

Show = Callable[[State], object]


class AutoTransport:
    """Both transports and the choice between them.

    Args:
        show: told of every new state.
    """

    def __init__(
        self,
        websocket: Callable[[Show, Ladder], WebSocketTransport],
        sse: Callable[[Show], SseTransport],
        show: Show,
    ) -> None:
        self._ladder = Ladder()
        self._over_sse = 0
        self._show_state = show
        self._beneath = State.IDLE
        self._websocket = websocket(self._show, self._ladder)
        self._sse = sse(lambda _: None)

    async def follow(self, request: Request) -> AsyncGenerator[Event, None]:
        """See `Transport.follow`. In the middle of a request it may go on over SSE, and never back."""
        self._websocket.wake()  # over SSE too: now and then it tries the WebSocket
        if self._ladder.choose(self._over_sse) is Way.WEBSOCKET:
            try:
                async with aclosing(self._websocket.follow(request)) as events:
                    async for event in events:
                        yield event
            except FellBack:
                pass
            else:
                return
        self._over_sse += 1
        try:
            async with aclosing(self._sse.follow(request)) as events:
                async for event in events:
                    yield event
        finally:
            self._over_sse -= 1
            self._show(self._beneath)

    async def cancel(self, request_id: str) -> bool:
        """See `Transport.cancel`."""
        return await self._websocket.cancel(request_id)

    async def close(self) -> None:
        """See `Transport.close`."""
        await self._websocket.close()
        await self._sse.close()

    def _show(self, websocket: State) -> None:
        """The WebSocket's state, unless readings go over SSE. This is also where the ladder is climbed again."""
        self._beneath = websocket
        fallen = self._ladder.choose(self._over_sse) is Way.SSE
        self._show_state(State.FALLBACK if fallen else websocket)
