"""The configurations in `deploy/` do with the real proxies what they are for."""

import asyncio
import base64
import json
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from bench.tcp_proxy import TcpProxy
from readers import new_learner
from transports import PATH, Reading, hear, hear_one, http, ready, socket_to, sse_texts
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from programs import needed
from reverse_proxies import ReverseProxy, caddy, nginx
from serving import Learner, RunningServer, tiny_engines
from sounditout.analysis.events import Advice
from sounditout.analysis.models import ReadingReport
from sounditout.analysis.ports import Engines
from sounditout.engines.fakes import FakeCoach, FakeRecognizer
from speech import as_wav, tone

READING = Reading(audio=as_wav(tone(1.5).samples), sentence="The cat sat.", request_id="r-1")
PROXIES = {"nginx": nginx, "caddy": caddy}
Before = Callable[[str], ReverseProxy]


class Gate:
    """Holds a step in its thread until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    def __call__(self) -> None:
        assert self.opened.wait(20)


class WaitingCoach(FakeCoach):
    """Holds its advice back until the gate is opened."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self._gate = gate

    async def advise(self, report: ReadingReport) -> Advice:
        await asyncio.to_thread(self._gate)
        return await super().advise(report)


@pytest.fixture
def gates() -> Iterator[tuple[Gate, Gate]]:
    """One before the report of a reading, one before the advice."""
    made = Gate(), Gate()
    yield made
    for gate in made:
        gate.opened.set()


@pytest.fixture
def server_engines(gates: tuple[Gate, Gate]) -> Engines:
    return replace(tiny_engines(), recognizer=FakeRecognizer(before=gates[0]), coach=WaitingCoach(gates[1]))


@pytest.fixture
def open_gates(gates: tuple[Gate, Gate]) -> None:
    for gate in gates:
        gate.opened.set()


@pytest.fixture
def learner(server: RunningServer) -> Learner:
    return new_learner(server)


def program_of(name: str) -> str:
    return needed(name, f"Debian: apt-get install {name}")


@pytest.fixture(params=PROXIES)
def before(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Before]:
    """Put a reverse proxy before a server (`host:port`)."""
    program = program_of(request.param)
    folder = tmp_path / "proxy"
    folder.mkdir()
    with ExitStack() as stack:

        def start(server: str) -> ReverseProxy:
            proxy: AbstractContextManager[ReverseProxy] = PROXIES[request.param](program, server, folder)
            return stack.enter_context(proxy)

        yield start


@pytest.fixture
def proxy(before: Before, server: RunningServer) -> ReverseProxy:
    return before(server.base_url.removeprefix("http://"))


async def logged(proxy: ReverseProxy, text: str, times: int = 1) -> str:
    """The log, once it says something: proxies write when a request is over."""
    async with asyncio.timeout(10):
        while (log := proxy.log()).count(text) < times:  # noqa: ASYNC110  (another process writes it)
            await asyncio.sleep(0.01)
    return log


async def test_events_come_one_by_one(proxy: ReverseProxy, learner: Learner, gates: tuple[Gate, Gate]) -> None:
    async with (
        http(proxy, learner) as client,
        asyncio.timeout(20),
        client.stream("POST", READING.endpoint, **READING.as_form(learner)) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in answer.headers
        events = sse_texts(answer)
        assert json.loads(await anext(events))["type"] == "processing_started"
        gates[0].opened.set()
        while json.loads(await anext(events))["type"] != "analysis":
            pass
        gates[1].opened.set()
        rest = [json.loads(event)["type"] async for event in events]
    assert [kind for kind in rest if kind != "progress"] == ["gpt_response", "audio_feedback_file", "complete"]


@pytest.mark.usefixtures("open_gates")
async def test_a_reading_over_the_socket(proxy: ReverseProxy, learner: Learner) -> None:
    async with ready(proxy, learner) as socket:
        await socket.send(json.dumps(READING.as_message(learner)))
        assert (await hear_one(socket)).milestones[-1] == "complete"


async def test_pings_of_both_kinds_are_answered_by_the_server(proxy: ReverseProxy, learner: Learner) -> None:
    async with ready(proxy, learner) as socket, asyncio.timeout(10):
        await socket.send('{"type":"ping","sent_at":"now"}')
        assert (await hear(socket))["data"] == {"sent_at": "now"}
        await (await socket.ping())


async def test_close_codes_arrive(proxy: ReverseProxy) -> None:
    async with socket_to(proxy, token="bad") as socket, asyncio.timeout(10):
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 4401


async def test_large_frames_arrive_and_too_large_ones_are_told(
    proxy: ReverseProxy, server: RunningServer, learner: Learner
) -> None:
    audio = base64.b64encode(bytes(server.settings.max_audio_bytes)).decode()
    async with ready(proxy, learner) as socket, asyncio.timeout(20):
        await socket.send(json.dumps(Reading(audio=b"").as_message(learner) | {"audio_base64": audio}))
        assert (await hear_one(socket)).code == "unsupported_audio"
        with suppress(ConnectionClosed):
            await socket.send("x" * (server.settings.max_frame_bytes + 1))
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 1009


async def test_our_own_page_may_connect_and_another_may_not(proxy: ReverseProxy, learner: Learner) -> None:
    async with socket_to(proxy, token=learner.token, origin=proxy.base_url) as socket:
        assert (await hear(socket))["type"] == "ready"
    with pytest.raises(InvalidStatus):
        async with socket_to(proxy, token=learner.token, origin="https://evil.example"):
            pass


async def test_a_body_over_the_limit(proxy: ReverseProxy, server: RunningServer, learner: Learner) -> None:
    huge = Reading(audio=bytes(server.settings.max_frame_bytes + 1))
    async with http(proxy, learner) as client:
        answer = await client.post(huge.endpoint, **huge.as_form(learner))
    assert (answer.status_code, answer.json()["code"]) == (413, "audio_too_large")


async def test_a_body_over_the_limit_that_was_not_announced(proxy: ReverseProxy, learner: Learner) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="audio_file"; filename="reading.wav"\r\n\r\n'
        for _ in range(8):
            yield bytes(1 << 20)

    async with http(proxy, learner) as client:
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = await client.post(READING.endpoint, content=pieces(), headers=headers)
    assert answer.status_code == 413


async def test_no_token_is_in_any_log(proxy: ReverseProxy, learner: Learner) -> None:
    secret = learner.token.rpartition(".")[2]
    query = f"?client_id=tab-1&token={learner.token}"
    async with socket_to(proxy, query=query) as socket:
        await hear(socket)
    async with socket_to(proxy, subprotocols=["sounditout.v1", f"bearer.{learner.token}"]) as socket:
        await hear(socket)
    async with http(proxy, learner) as client:
        await client.get(f"/api/users/me{query}")
    log = await logged(proxy, PATH, times=2)
    assert secret not in log
    assert "tab-1" not in log


async def test_no_token_is_in_any_log_when_the_server_is_away(before: Before) -> None:
    async with TcpProxy("127.0.0.1", 9) as nobody:
        nobody.refuse()
        proxy = before(f"127.0.0.1:{nobody.port}")
        with pytest.raises(InvalidStatus) as refused:
            async with socket_to(proxy, query="?token=secret-1", subprotocols=["bearer.secret-2"]):
                pass
        assert refused.value.response.status_code == 502
    log = await logged(proxy, PATH)
    assert "502" in log
    assert "secret" not in log


@asynccontextmanager
async def listener() -> AsyncIterator[tuple[str, "asyncio.Queue[dict[str, str]]"]]:
    """A server that notes the headers of requests: its address and the notes."""
    heard: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        heard.put_nowait({name.lower(): value for name, _, value in (line.partition(": ") for line in head)})
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}", heard


async def test_the_server_is_told_who_asks_and_not_what_they_claim(before: Before) -> None:
    async with listener() as (address, heard), asyncio.timeout(10):
        proxy = before(address)
        claims = {"X-Forwarded-For": "10.9.8.7", "X-Forwarded-Proto": "https"}
        async with http(proxy, None) as client:
            await client.get("/healthz", headers=claims)
        headers = await heard.get()
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["host"] == proxy.base_url.removeprefix("http://")


async def test_connections_to_the_server_are_kept(before: Before, server: RunningServer) -> None:
    host, port = server.base_url.removeprefix("http://").split(":")
    async with TcpProxy(host, int(port)) as between, asyncio.timeout(10):
        proxy = before(f"127.0.0.1:{between.port}")
        async with http(proxy, None) as client:
            for _ in range(5):
                assert (await client.get("/healthz")).status_code == 200
        assert between.accepted == 1


async def test_the_page_is_compressed_and_nothing_of_the_api_is(proxy: ReverseProxy, server: RunningServer) -> None:
    assets = server.settings.web_dir / "assets"
    assets.mkdir(parents=True)
    (assets / "app.js").write_text("let reading = 'aloud';\n" * 500)
    async with http(proxy, None) as client:
        assert (await client.get("/assets/app.js")).headers.get("content-encoding") == "gzip"
        assert "content-encoding" not in (await client.get("/api/openapi.json")).headers


async def test_figures_are_not_for_the_public(proxy: ReverseProxy) -> None:
    async with http(proxy, None) as client:
        assert (await client.get("/metrics")).status_code == 403


@pytest.fixture
def trusting(tmp_path: Path) -> ssl.SSLContext:
    """Trusts a new certificate for 127.0.0.1 that lies in `tmp_path`."""
    certificate = tmp_path / "fullchain.pem"
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    files = ("-keyout", tmp_path / "privkey.pem", "-out", certificate)
    command = (program_of("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", *files, *subject)
    subprocess.run(command, check=True, capture_output=True)
    return ssl.create_default_context(cafile=str(certificate))


@pytest.mark.usefixtures("open_gates")
async def test_nginx_with_the_lines_for_tls(
    server: RunningServer, learner: Learner, tmp_path: Path, trusting: ssl.SSLContext
) -> None:
    address = server.base_url.removeprefix("http://")
    with nginx(program_of("nginx"), address, tmp_path, tls=True) as proxy:
        async with httpx.AsyncClient(base_url=proxy.base_url, verify=trusting, trust_env=False) as client:
            answer = await client.post(READING.endpoint, **READING.as_form(learner), headers=learner.headers)
        async with connect(proxy.ws_url + PATH, ssl=trusting, proxy=None) as socket, asyncio.timeout(10):
            await socket.wait_closed()
    assert '"type":"complete"' in answer.text
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert socket.close_code == 4401
