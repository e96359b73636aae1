"""Half a request, and requests of nobody, cost nothing."""

import asyncio
import json

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from serving import Learner, RunningServer
from sounditout.http.bodies import BodyLimit

UPLOAD = "/api/ai/analyze-audio"


async def say(server: RunningServer, *pieces: bytes) -> bytes:
    """The beginning of a request, over a bare connection; what comes back within a few seconds."""
    host, port = server.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for piece in pieces:
            writer.write(piece)
        async with asyncio.timeout(5):
            return await reader.readuntil(b"\r\n")
    finally:
        writer.close()


@pytest.mark.parametrize("authorization", ["", "Authorization: Bearer x.y.z\r\n", "Authorization: Basic YTpi\r\n"])
async def test_a_recording_of_nobody_is_turned_away_before_it_has_come(
    server: RunningServer, authorization: str
) -> None:
    head = (
        f"POST {UPLOAD} HTTP/1.1\r\nHost: localhost\r\n{authorization}"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n"
    )
    assert await say(server, head.encode(), b"--x\r\n") == b"HTTP/1.1 401 Unauthorized\r\n"


async def test_somebody_we_know_is_waited_for(server: RunningServer, learner: Learner) -> None:
    head = (
        f"POST {UPLOAD} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {learner.token}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 5\r\n\r\n"
    )
    assert b"422" in await say(server, head.encode(), b"--x--")


async def test_a_body_that_does_not_come_is_given_up() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["more_body"]:
            pass
        await PlainTextResponse("all of it")(scope, receive, send)

    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def nowhere(message: Message) -> None:
        del message

    limited = BodyLimit(app, limit_for=lambda _: 100, seconds=0.05)
    with pytest.raises(Exception, match="408"):
        await limited({"type": "http", "path": "/", "headers": []}, never, nowhere)


def test_a_refusal_is_a_problem_as_any_other(server: RunningServer) -> None:
    with server.client() as client:
        answer = client.post(UPLOAD, data={"x": "y"})
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.content)["code"] == "unauthorized"
    assert answer.headers["www-authenticate"] == "Bearer"
