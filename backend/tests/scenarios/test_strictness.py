"""How strictly to listen is the learner's choice, and counts from the next reading on."""

from dataclasses import replace

from readers import new_learner
from transports import Reading, Transport, http

from serving import RunningServer
from speech import speak

SENTENCE = "The big red hen sat on the nest."
READING = Reading.of(speak("The big red pen sat on the nest."), SENTENCE)


async def test_a_gentle_ear_blames_nothing_that_a_strict_one_does_not(
    transport: Transport, server: RunningServer
) -> None:
    learner = new_learner(server)
    blamed = {}
    for strictness in ("strict", "normal", "gentle"):
        async with http(server, learner) as client:
            assert (await client.patch("/api/users/me/settings", json={"strictness": strictness})).is_success
        outcome = await transport.read(server, learner, replace(READING, request_id=strictness))
        blamed[strictness] = {word for word, status in outcome.statuses().items() if status == "mispronounced"}
    assert blamed["gentle"] <= blamed["normal"] <= blamed["strict"]
    assert "hen" in blamed["strict"]
