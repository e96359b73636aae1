"""What is more than a server takes."""

import asyncio

import pytest

from serving import Learner, RunningServer
from sounditout.client import Client, TransportName
from speech import as_wav, tone


@pytest.mark.parametrize("transport", ["ws", "sse"])
async def test_a_recording_that_is_too_large_harms_no_other(
    server: RunningServer, learner: Learner, transport: TransportName
) -> None:
    async def ends(client: Client, audio: bytes) -> str:
        events = [
            event async for event in client.analyze(audio, "a.wav", "The cat sat.", session_id=learner.session_id)
        ]
        return f"{events[-1].type} {getattr(events[-1].data, 'code', '')}".strip()

    async with Client(server.base_url, transport, learner.token) as client:
        small = as_wav(tone(1.5).samples)
        found = await asyncio.gather(ends(client, small), ends(client, small + bytes(5_000_000)))
        assert found == ["complete", "error audio_too_large"]
        assert await ends(client, small) == "complete"
