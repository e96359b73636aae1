"""One of every message and event, and the limits they are read with."""

from typing import Any

from reports import some_report
from sounditout.analysis import events
from sounditout.limits import Limits
from sounditout.settings import Settings

LIMITS = Limits.model_validate(Settings(), from_attributes=True)

REQUEST_ID = "5b1c9d0e-6f6a-4c1e-9f5e-2a4f3c1d7b80"

EVENT_DATA: dict[type[Any], Any] = {
    events.ProcessingStarted: events.StartedData(received_bytes=1234, mode="server"),
    events.Progress: events.ProgressData(stage="listening", fraction=0.1),
    events.Partial: events.PartialData(
        words=(events.PartialWord(index=0, status="correct"), events.PartialWord(index=1, status="unsure")),
        heard_seconds=1.25,
    ),
    events.Analysis: some_report(),
    events.GptResponse: events.Advice(
        feedback="“Ship” — almost!\nOnce more.",
        feedback_speech="Ship.",
        next_sentence="A ship.",
        focus_phoneme="SH",
        source="coach",
    ),
    events.AudioFeedbackFile: events.SpeechData(data="AAAA", filename="a.mp3", mimetype="audio/mpeg"),
    events.Warning_: events.WarningData(code="coach_failed", message="No advice.", stage="coaching"),
    events.Complete: events.CompleteData(timings={"listening": 1.5, "total": 2.0}),
    events.Error: events.ErrorData(
        code="overloaded", message="Wait.", retryable=True, retry_after=2.5, stage="receiving"
    ),
    events.CancelledEvent: events.CancelledData(stage="listening"),
}


def every_event() -> list[events.Event]:
    """One of each, with `seq` 0, 1, 2 …"""
    return [kind(request_id=REQUEST_ID, seq=seq, data=data) for seq, (kind, data) in enumerate(EVENT_DATA.items())]
