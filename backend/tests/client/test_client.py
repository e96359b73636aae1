import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve

from manual_time import ManualTime
from serving import PASSWORD, RunningServer, serving, tiny_engines
from sounditout.analysis.events import Analysis, AudioFeedbackFile, Complete, Error, Event, ProcessingStarted
from sounditout.client import Client, ConnectionFailed, Refused, State, TransportName, UnreadableAnswer
from sounditout.settings import Settings
from speech import as_wav, encode, tone

AUDIO = as_wav(tone(1).samples)
SENTENCE = "The cat sat."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server for all; every test is another user."""
    folder = tmp_path_factory.mktemp("server")
    settings = Settings(
        database_url=f"sqlite:///{folder / 'test.db'}", secret_file=folder / "secret.key", web_dir=folder / "web"
    )
    with serving(settings, tiny_engines()) as running:
        yield running


@pytest.fixture(params=["sse", "ws", "auto"])
def transport(request: pytest.FixtureRequest) -> TransportName:
    name: TransportName = request.param
    return name


@pytest.fixture
async def client(server: RunningServer, transport: TransportName) -> AsyncIterator[Client]:
    async with Client(server.base_url, transport) as connected:
        await connected.guest()
        yield connected


async def events_of(client: Client, audio: bytes = AUDIO, sentence: str = SENTENCE) -> list[Event]:
    return [event async for event in client.analyze(audio, "reading.wav", sentence)]


class TestReadings:
    async def test_a_reading_is_judged(self, client: Client) -> None:
        events = await events_of(client)
        assert isinstance(events[0], ProcessingStarted)
        assert events[0].data.received_bytes == len(AUDIO)
        assert isinstance(events[-1], Complete)
        (analysis,) = [event for event in events if isinstance(event, Analysis)]
        assert analysis.data.sentence == SENTENCE
        assert [event.seq for event in events] == list(range(len(events)))
        assert any(isinstance(event, AudioFeedbackFile) for event in events)

    async def test_both_transports_tell_the_same(self, server: RunningServer) -> None:
        told = []
        for name in ("sse", "ws"):
            async with Client(server.base_url, name) as client:
                await client.guest()
                told.append([event.model_dump(exclude={"request_id"}) for event in await events_of(client)][:-1])
        assert told[0] == told[1]

    async def test_a_compressed_recording(self, client: Client) -> None:
        events = await events_of(client, encode(tone(1).samples))
        assert isinstance(events[-1], Complete)

    async def test_one_after_the_other_on_one_connection(self, client: Client) -> None:
        for sentence in ("One cat.", "Two cats.", "Three cats."):
            events = await events_of(client, sentence=sentence)
            assert [event.data.sentence for event in events if isinstance(event, Analysis)] == [sentence]

    async def test_two_at_once(self, client: Client) -> None:
        one, two = await asyncio.gather(events_of(client, sentence="One cat."), events_of(client, sentence="Two."))
        assert {event.request_id for event in one}.isdisjoint(event.request_id for event in two)
        assert isinstance(one[-1], Complete)
        assert isinstance(two[-1], Complete)

    async def test_one_that_nobody_waits_for(self, client: Client) -> None:
        async for _ in client.analyze(AUDIO, "reading.wav", SENTENCE):
            break
        assert isinstance((await events_of(client))[-1], Complete)


class TestRefusals:
    @pytest.mark.parametrize(
        ("audio", "sentence", "code"),
        [
            (b"no audio at all", SENTENCE, "unsupported_audio"),
            (as_wav(tone(0.1).samples), SENTENCE, "audio_too_short"),
            (AUDIO, "...", "invalid_sentence"),
        ],
    )
    async def test_a_reading_that_cannot_be_judged_ends_with_an_error(
        self, client: Client, audio: bytes, sentence: str, code: str
    ) -> None:
        last = (await events_of(client, audio, sentence))[-1]
        assert isinstance(last, Error)
        assert last.data.code == code
        assert last.data.message

    async def test_somebody_elses_session(self, client: Client) -> None:
        events = [event async for event in client.analyze(AUDIO, "a.wav", SENTENCE, session_id=999_999)]
        (error,) = events
        assert isinstance(error, Error)
        assert error.data.code in ("unknown_session", "forbidden")

    async def test_a_wrong_token(self, server: RunningServer, transport: TransportName) -> None:
        async with Client(server.base_url, transport, token="eyJ.no.token") as client:
            with pytest.raises(Refused) as refused:
                [event async for event in client.analyze(AUDIO, "a.wav", SENTENCE, session_id=1)]
        assert refused.value.code == "unauthorized"
        assert refused.value.status == 401

    @pytest.mark.parametrize("token", ["häslich", "two\nlines", "a b", "", "\udcff"])
    async def test_what_cannot_be_a_token(self, server: RunningServer, transport: TransportName, token: str) -> None:
        async with Client(server.base_url, transport, token=token) as client:
            with pytest.raises(Refused) as refused:
                await events_of(client)
        assert refused.value.code == "unauthorized"

    async def test_a_sentence_that_cannot_be_sent(self, client: Client) -> None:
        with pytest.raises(Refused) as refused:
            await events_of(client, sentence="The c\udcfft sat.")
        assert refused.value.code == "invalid_sentence"

    async def test_a_name_that_cannot_be_sent(self, client: Client) -> None:
        events = [event async for event in client.analyze(AUDIO, "c\udcfft.wav", SENTENCE)]
        assert isinstance(events[-1], Complete)

    async def test_an_account_that_cannot_be_sent(self, client: Client) -> None:
        with pytest.raises(Refused):
            await client.sign_in("c\udcfft", PASSWORD)

    async def test_no_token(self, server: RunningServer, transport: TransportName) -> None:
        async with Client(server.base_url, transport) as client:
            with pytest.raises(Refused, match="sign in"):
                await events_of(client)

    async def test_nothing_to_cancel(self, client: Client) -> None:
        assert await client.cancel("unknown") is False


class TestAccounts:
    async def test_register_and_sign_in_again(self, server: RunningServer) -> None:
        async with Client(server.base_url) as client:
            await client.register("ada", PASSWORD)
            assert await client.create_session("reading") > 0
        async with Client(server.base_url) as client:
            await client.sign_in("ada", PASSWORD)
            assert isinstance((await events_of(client))[-1], Complete)

    async def test_a_wrong_password(self, server: RunningServer) -> None:
        async with Client(server.base_url) as client:
            with pytest.raises(Refused) as refused:
                await client.sign_in("nobody", "wrong password")
        assert refused.value.code == "unauthorized"

    async def test_a_taken_name(self, server: RunningServer) -> None:
        async with Client(server.base_url) as client:
            await client.register("grace", PASSWORD)
            with pytest.raises(Refused) as refused:
                await client.register("grace", PASSWORD)
        assert refused.value.status == httpx.codes.CONFLICT


class TestBrokenConnections:
    async def test_no_server(self, transport: TransportName) -> None:
        time = ManualTime(lambda: 1.0, short=30)
        async with Client("http://127.0.0.1:9", transport, token="x", timing=time.timing) as client:
            with pytest.raises(ConnectionFailed, match="No server answers") as failed:
                [event async for event in client.analyze(AUDIO, "a.wav", SENTENCE, session_id=1)]
        assert failed.value.retryable
        waits = [wait for wait in time.waits if wait]
        assert waits[:7] == [0.5, 1, 2, 4, 8, 16, 30]
        assert 120 <= sum(waits) <= 150

    async def test_no_server_and_nothing_to_hold_on_to(self, transport: TransportName) -> None:
        async with Client("http://127.0.0.1:9", transport) as client:
            with pytest.raises(ConnectionFailed, match="No server answers"):
                await client.guest()

    @pytest.mark.parametrize(
        "address", ["localhost:8000", "ftp://host", "", "http://", "http://[::1", "http://x:99999"]
    )
    async def test_no_address(self, address: str) -> None:
        with pytest.raises(ConnectionFailed):
            Client(address)

    async def test_a_client_that_was_closed(self, client: Client) -> None:
        await client.close()
        assert client.state is State.CLOSED
        with pytest.raises(ConnectionFailed, match="closed"):
            [event async for event in client.analyze(AUDIO, "a.wav", SENTENCE, session_id=1)]

    @pytest.mark.parametrize("answer", ["not json", "[]", '{"type": "pong"}'])
    async def test_somebody_else_answers_the_websocket(self, answer: str) -> None:
        async def babble(socket: ServerConnection) -> None:
            await socket.send(answer)
            await socket.wait_closed()

        async with serve(babble, "127.0.0.1", 0, subprotocols=["sounditout.v1"]) as impostor:
            port = impostor.sockets[0].getsockname()[1]
            async with Client(f"http://127.0.0.1:{port}", "ws", token="x") as client:
                with pytest.raises(UnreadableAnswer):
                    [event async for event in client.analyze(AUDIO, "a.wav", SENTENCE, session_id=1)]
