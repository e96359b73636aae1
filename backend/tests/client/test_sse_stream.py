"""A form leaves in as few packets as it can."""

import httpx

from serving import Learner, RunningServer, register
from sounditout.client.credentials import Credentials
from sounditout.client.reading import Reading
from sounditout.client.recording import Recorded
from sounditout.client.request import Request
from sounditout.client.sse_stream import SseStream
from sounditout.client.timing import Timing
from trials import AUDIO, SENTENCE, assert_whole


class Counting(httpx.AsyncHTTPTransport):
    """Sends over the network, and keeps the bodies as the pieces in which they are written."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[list[bytes]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        self.bodies.append([piece async for piece in request.stream])
        return await super().handle_async_request(request)


def request_of(learner: Learner) -> Request:
    return Request(Reading("a.wav", SENTENCE, learner.session_id), Recorded(AUDIO))


async def test_the_whole_form_is_one_piece(shared_server: RunningServer) -> None:
    learner, transport = register(shared_server), Counting()
    async with httpx.AsyncClient(base_url=shared_server.base_url, transport=transport) as http:
        stream = SseStream(request_of(learner), http, Credentials(learner.token), Timing(), lambda _: None)
        assert_whole([event async for event in stream.events()])
    ((body,),) = transport.bodies
    assert AUDIO in body
    assert SENTENCE.encode() in body
