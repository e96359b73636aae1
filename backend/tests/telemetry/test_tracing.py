"""Traces of readings: which spans there are, with what in them, and that a collector gets them."""

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Final

import pytest

from examples import EVENT_DATA
from serving import RunningServer, register
from sounditout.analysis.events import (
    Analysis,
    AudioFeedbackFile,
    CancelledEvent,
    Complete,
    CompleteData,
    Error,
    ErrorData,
    Event,
    GptResponse,
    ProcessingStarted,
    Progress,
    ProgressData,
    Warning_,
)
from sounditout.analysis.models import Recording
from sounditout.cli.checks import check_traces
from sounditout.telemetry.tracing import REMEDY, Tracing
from speech import as_wav, tone

pytest.importorskip("opentelemetry.sdk", reason=f"the extra for traces is not installed: {REMEDY}")

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

SENTENCE: Final = "The secret cat sat on nobody's mat."
RECORDING: Final = Recording(request_id="r-1", user_id=7, session_id=9, sentence=SENTENCE, audio=b"never to be seen")
MS: Final = 1_000_000
STAGES: Final = ["receiving", "decoding", "listening", "scoring", "coaching", "speaking", "saving"]
TIMINGS: Final = {"waiting": 2.0, "decoding": 1.0, "coaching": 4.0, "speaking": 5.0, "total": 12.0}


@dataclass
class Clock:
    """Goes on by a millisecond at each look."""

    now: int = 0

    def __call__(self) -> int:
        self.now += MS
        return self.now


@dataclass
class Collected:
    """What was exported of one reading."""

    exporter: InMemorySpanExporter
    tracing: Tracing
    clock: Clock

    @property
    def spans(self) -> dict[str, ReadableSpan]:
        found = {span.name: span for span in self.exporter.get_finished_spans()}
        assert len(found) == len(self.exporter.get_finished_spans())
        return found

    def milliseconds(self, name: str) -> tuple[float, float]:
        span = self.spans[name]
        assert span.start_time is not None
        assert span.end_time is not None
        return span.start_time / MS, span.end_time / MS

    @property
    def attributes(self) -> dict[str, Any]:
        return dict(self.spans["reading"].attributes or {})


@pytest.fixture
def collected() -> Collected:
    exporter, clock = InMemorySpanExporter(), Clock()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return Collected(exporter, Tracing(provider.get_tracer("test"), clock=clock), clock)


def event(kind: Any, data: object = None) -> Event:  # noqa: ANN401
    made: Event = kind(request_id="r-1", seq=0, data=data or EVENT_DATA[kind])
    return made


def stage(name: str) -> Event:
    return event(Progress, ProgressData.model_validate({"stage": name, "fraction": 0.5}))


WORK: Final = [event(ProcessingStarted), stage("decoding"), stage("listening"), stage("scoring"), event(Analysis)]
ADVICE: Final = [stage("coaching"), event(GptResponse), stage("speaking"), event(AudioFeedbackFile)]


async def told(events: list[Event]) -> AsyncGenerator[Event, None]:
    for each in events:
        yield each


async def slowly_saved(events: AsyncGenerator[Event, None], clock: Clock, fails: bool) -> AsyncGenerator[Event, None]:
    """As `records.saved` does it, in twenty milliseconds."""
    async for each in events:
        if isinstance(each, Analysis):
            clock.now += 20 * MS
            if fails:
                yield failure("saving")
                return
        yield each


def failure(where: str) -> Event:
    data = {"code": "internal", "message": "Oh.", "retryable": True, "retry_after": None, "stage": where}
    return event(Error, ErrorData.model_validate(data))


async def traced(collected: Collected, events: list[Event], *, fails: bool = False) -> list[Event]:
    """What comes through."""
    trace = collected.tracing.begin(RECORDING, "websocket")
    saved = slowly_saved(trace.of_work(told(events)), collected.clock, fails)
    return [each async for each in trace.of_reading(saved)]


async def test_a_whole_reading_has_a_span_for_each_stage(collected: Collected) -> None:
    events = [*WORK, *ADVICE, event(Complete, CompleteData(timings=TIMINGS))]
    assert await traced(collected, events) == events
    reading = collected.spans["reading"]
    assert [name for name in collected.spans if name != "reading"] == STAGES
    for name in STAGES:
        parent = collected.spans[name].parent
        assert parent is not None
        assert parent.span_id == reading.context.span_id
        assert reading.start_time <= collected.spans[name].start_time  # type: ignore[operator]
        assert collected.spans[name].end_time <= reading.end_time  # type: ignore[operator]


async def test_stages_follow_each_other_and_the_coach_does_not_wait_for_the_database(collected: Collected) -> None:
    await traced(collected, [*WORK, *ADVICE, event(Complete, CompleteData(timings=TIMINGS))])
    assert [collected.milliseconds(name) for name in STAGES[:4]] == [(1, 2), (2, 3), (3, 4), (4, 5)]
    assert collected.milliseconds("saving") == (5, 26)
    assert collected.milliseconds("coaching") == (5, 9)
    assert collected.milliseconds("speaking") == (9, 14)


async def test_it_says_by_which_way_and_how_it_ended_and_nothing_of_what_was_said(collected: Collected) -> None:
    await traced(collected, [*WORK, *ADVICE, event(Complete, CompleteData(timings=TIMINGS))])
    assert collected.attributes == {
        "sounditout.request_id": "r-1",
        "sounditout.transport": "websocket",
        "sounditout.mode": "server",
        "sounditout.outcome": "complete",
        "sounditout.waiting_ms": 2.0,
    }
    written = " ".join(span.to_json() for span in collected.spans.values())
    for secret in ("secret", "cat", "never to be seen", "Ship", "AAAA"):
        assert secret not in written


async def test_a_failure_is_where_it_happened(collected: Collected) -> None:
    await traced(collected, [*WORK[:3], failure("listening")])
    assert list(collected.spans) == ["receiving", "decoding", "listening", "reading"]
    for name in ("listening", "reading"):
        assert collected.spans[name].status.description == "internal"
        assert not collected.spans[name].status.is_ok
    assert collected.spans["decoding"].status.is_unset
    assert collected.attributes["sounditout.code"] == "internal"


async def test_a_report_that_could_not_be_saved(collected: Collected) -> None:
    await traced(collected, [*WORK, *ADVICE], fails=True)
    assert collected.milliseconds("saving") == (5, 26)
    assert not collected.spans["saving"].status.is_ok
    assert collected.attributes["sounditout.outcome"] == "error"


async def test_advice_that_failed_does_not_make_a_reading_fail(collected: Collected) -> None:
    timings = {"coaching": 3.0, "total": 9.0}
    await traced(
        collected, [*WORK, stage("coaching"), event(Warning_), event(Complete, CompleteData(timings=timings))]
    )
    assert collected.spans["coaching"].status.description == "coach_failed"
    assert collected.spans["reading"].status.is_unset
    assert "speaking" not in collected.spans


async def test_a_cancelled_reading(collected: Collected) -> None:
    await traced(collected, [*WORK[:3], event(CancelledEvent)])
    assert collected.attributes["sounditout.outcome"] == "cancelled"
    assert collected.spans["reading"].status.is_unset


async def test_a_reading_that_nobody_follows_to_its_end(collected: Collected) -> None:
    trace = collected.tracing.begin(RECORDING, "sse")
    events = trace.of_reading(trace.of_work(told(WORK)))
    await anext(events)
    await events.aclose()
    assert collected.attributes["sounditout.outcome"] == "stopped"


def test_without_a_tracer_events_pass_as_they_are() -> None:
    trace = Tracing().begin(RECORDING, "sse")
    events = told(WORK)
    assert trace.of_reading(trace.of_work(events)) is events


# With a real server and a real collector


@dataclass
class Collector:
    """Takes spans over OTLP/HTTP."""

    url: str
    requests: "list[ExportTraceServiceRequest]" = field(default_factory=list)

    @property
    def spans(self) -> list[Any]:
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def services(self) -> set[str]:
        return {
            attribute.value.string_value
            for request in self.requests
            for resource in request.resource_spans
            for attribute in resource.resource.attributes
            if attribute.key == "service.name"
        }


@contextmanager
def collecting() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            plain = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            collector.requests.append(ExportTraceServiceRequest.FromString(plain))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        collector = Collector(f"http://127.0.0.1:{listening.server_port}")
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield collector
        finally:
            listening.shutdown()
            thread.join(10)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
        yield running


def read(server: RunningServer) -> list[str]:
    """A reading over SSE; the types of its events."""
    learner = register(server, "wilhelmina")
    with server.client(learner.headers) as client:
        answer = client.post(
            "/api/ai/analyze-audio",
            data={"session_id": str(learner.session_id), "attempted_sentence": SENTENCE, "request_id": "r-1"},
            files={"audio_file": ("a.wav", as_wav(tone(1.5).samples))},
        )
    return [json.loads(line[6:])["type"] for line in answer.text.splitlines() if line.startswith("data: ")]


def test_a_collector_gets_the_reading_of_a_real_server(collector: Collector, settings: Any) -> None:  # noqa: ANN401
    from serving import serving, tiny_engines

    with serving(settings, tiny_engines()) as server:
        assert read(server)[-1] == "complete"
    assert sorted(span.name for span in collector.spans) == sorted([*STAGES, "reading"])
    assert len({span.trace_id for span in collector.spans}) == 1
    assert collector.services == {"sounditout"}
    (reading,) = (span for span in collector.spans if span.name == "reading")
    attributes = {attribute.key: attribute.value.string_value for attribute in reading.attributes}
    assert attributes["sounditout.outcome"] == "complete"
    assert attributes["sounditout.transport"] == "sse"
    written = b"".join(request.SerializeToString() for request in collector.requests)
    for secret in (b"secret", b"nobody", b"wilhelmina"):
        assert secret not in written


def test_a_collector_that_is_not_there_disturbs_nobody(
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,  # noqa: ANN401
) -> None:
    from reverse_proxies import free_port
    from serving import serving, tiny_engines

    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    with serving(settings, tiny_engines()) as server:
        assert read(server)[-1] == "complete"


def test_doctor_says_where_traces_go(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_traces().detail == "nobody wants any"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")
    assert check_traces().detail == "go to http://collector:4318"
    assert check_traces().remedy is None


HIDES_THE_EXTRA: Final = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter")):
            raise ModuleNotFoundError(f"No module named {name!r}")
sys.meta_path.insert(0, Hidden())
"""


def test_without_the_extra_the_log_and_doctor_say_what_to_install() -> None:
    code = f"""{HIDES_THE_EXTRA}
from sounditout import logs
logs.configure("info", "json")
from sounditout.telemetry.tracing import open_tracing
from sounditout.cli.checks import check_traces
open_tracing()
print(check_traces().remedy)
"""
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == REMEDY
    assert "the extra for them is not installed" in done.stderr
    assert REMEDY in done.stderr
