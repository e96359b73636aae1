"""Reading server-sent events, sans I/O: bytes in, events out.

Follows https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation: any line end (also
one that the network cuts in two), comments, several `data` lines, a byte order mark; an event that is not finished
by an empty line is dropped.
"""

import codecs
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event."""

    data: str
    event: str = "message"
    id: str = ""
    """The last one that was sent, with this event or before."""


class SseDecoder:
    """Collects the bytes of one stream."""

    def __init__(self) -> None:
        self._text = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._line = ""
        self._ended_with_cr = False
        self._id = ""
        self._event = ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """The events that are complete with this chunk."""
        events = []
        for line in self._lines(self._text.decode(chunk)):
            if line:
                self._field(line)
            elif event := self._dispatch():
                events.append(event)
        return events

    def _lines(self, text: str) -> list[str]:
        if text and self._ended_with_cr:
            text = text.removeprefix("\n")  # the other half of a line end that has been counted
            self._ended_with_cr = False
        if not text:
            return []
        self._ended_with_cr = text.endswith("\r")
        lines = (self._line + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._line = lines.pop()
        return lines

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value

    def _dispatch(self) -> ServerSentEvent | None:
        data, event = self._data, self._event
        self._data, self._event = [], ""
        return ServerSentEvent("\n".join(data), event or "message", self._id) if data else None
