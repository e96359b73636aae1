"""The readings that go over a WebSocket just now, apart from how that is opened and kept.

connected(post, held) → resume what the server holds, send what it does not
happened(event)       → into the inbox of whoever waits for it
disconnected()        → everything waits for the next `connected`
"""

import asyncio
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from sounditout.analysis.events import Event
from sounditout.client.answers import refused_event
from sounditout.client.errors import ClientError, Refused
from sounditout.client.reading import Message
from sounditout.client.request import Request, is_unknown

Post = Callable[[Message], object]
"""Send it after those before it, without waiting."""
_TOO_LARGE: Final = Refused(
    "audio_too_large", "The recording is too large. Please read one sentence at a time.", status=413
)
Inbox = asyncio.Queue[Event | Exception]


@dataclass(slots=True)
class _Followed:
    """A request of ours, and where its events go.

    Attributes:
        begun: the present connection carries it.
        repeated: it was sent again on the present connection, whose server did not know it.
        unwanted: it is to be cancelled.
    """

    request: Request
    inbox: Inbox = field(default_factory=asyncio.Queue)
    begun: bool = False
    repeated: bool = False
    unwanted: bool = False


class InFlight:
    """Requests on their way, and the connection that carries them, while there is one."""

    def __init__(self) -> None:
        self._followed: dict[str, _Followed] = {}
        self._abandoned: set[str] = set()
        self._post: Post | None = None
        self._takes_new = False
        self._max_audio_bytes: int | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether the present connection carries nothing."""
        return not any(followed.begun for followed in self._followed.values())

    def add(self, request: Request) -> Inbox:
        """Carry a request, now or over the next connection; what comes of it is put into the inbox.

        Raises:
            Refused: it is being carried already.
        """
        if request.request_id in self._followed:
            raise Refused("invalid_message", "This reading is being followed already.", status=400)
        followed = self._followed[request.request_id] = _Followed(request)
        request.audio.follow(lambda message: self._more(followed, message))
        if self._takes_new:
            self._send(followed, request.anew())
        return followed.inbox

    def remove(self, request: Request) -> None:
        """Carry it no further."""
        request.audio.follow(None)
        self._followed.pop(request.request_id, None)

    def connected(self, post: Post, held: AbstractSet[str], max_audio_bytes: int | None = None) -> None:
        """There is a connection; its server knows the requests `held`, and takes recordings of so many bytes."""
        self._post, self._takes_new = post, True
        self._max_audio_bytes = max_audio_bytes
        for request_id in self._abandoned & held:
            post(_cancel(request_id))
        self._abandoned.clear()
        for followed in self._followed.values():
            if not followed.request.ended:
                self._go_on(followed, is_held=followed.request.sent and followed.request.request_id in held)

    def disconnected(self) -> None:
        """There is none any more."""
        self._post, self._takes_new = None, False
        for followed in self._followed.values():
            followed.begun = followed.repeated = False

    def draining(self) -> None:
        """The present connection finishes what it carries and takes nothing new."""
        self._takes_new = False

    def happened(self, event: Event) -> None:
        """The server told something of a request."""
        followed = self._waiting(event.request_id)
        if followed is None:
            return
        if is_unknown(event):
            self._repeat(followed)
            return
        if followed.request.received(event):
            followed.inbox.put_nowait(event)
        if followed.request.ended:
            followed.begun = False

    def cancel(self, request_id: str) -> bool:
        """Have the work on a request stopped; without a connection it ends at once. False: there is none."""
        followed = self._waiting(request_id)
        if followed is None:
            return False
        followed.unwanted = True
        if followed.begun:
            self._send(followed, [_cancel(request_id)])
            return True
        if followed.request.sent:
            self._abandoned.add(request_id)
        followed.inbox.put_nowait(followed.request.cancelled())
        return True

    def delayed(self, error: ClientError) -> None:
        """All of them wait, because of this."""
        for followed in self._followed.values():
            followed.request.trouble = error

    def fail(self, error: Exception) -> None:
        """None of them goes any further here."""
        for followed in self._followed.values():
            if not followed.request.ended:
                followed.inbox.put_nowait(error)

    def _waiting(self, request_id: str) -> _Followed | None:
        followed = self._followed.get(request_id)
        return None if followed is None or followed.request.ended else followed

    def _go_on(self, followed: _Followed, *, is_held: bool) -> None:
        request = followed.request
        if followed.unwanted and not is_held:
            followed.inbox.put_nowait(request.cancelled())
            return
        self._send(followed, request.resumed() if is_held else request.anew())
        if followed.unwanted:  # whether the server has heard so before is not known
            self._send(followed, [_cancel(request.request_id)])

    def _repeat(self, followed: _Followed) -> None:
        # Pieces of a recording that were under way are answered in the same way; they have been sent again by then.
        if not followed.repeated:
            followed.repeated = True
            self._send(followed, followed.request.anew())

    def _more(self, followed: _Followed, message: Message | Exception) -> None:
        if isinstance(message, Exception):
            self.cancel(followed.request.request_id)
            followed.inbox.put_nowait(message)
        elif followed.begun:
            self._send(followed, [message])

    def _send(self, followed: _Followed, messages: Iterable[Message]) -> None:
        followed.begun = True
        if self._post is not None:
            for message in messages:
                if self._is_too_large(message):
                    self.happened(refused_event(followed.request.request_id, _TOO_LARGE))
                    return
                self._post(message)

    def _is_too_large(self, message: Message) -> bool:
        """Whether the server would close the connection, and end every reading on it, instead of answering."""
        size = len(message.get("audio_base64", "")) // 4 * 3
        return self._max_audio_bytes is not None and size > self._max_audio_bytes + 2


def _cancel(request_id: str) -> Message:
    return {"type": "cancel", "request_id": request_id}
