"""One recording in, typed events out: the work itself, without a word about transport.

    processing_started → (partial | progress)* → analysis → gpt_response → audio_feedback_file → complete

A producer task does the work and a queue carries its events to whoever iterates, so that a slow
reader, or one that saves on the way, does not hold up the coach. A dozen events are made, and two a
second while a recording arrives; hence the queue needs no bound.
"""

import asyncio
import base64
import itertools
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import structlog

from sounditout.analysis.arrival import Arrival
from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.events import (
    TERMINAL,
    Advice,
    Analysis,
    AudioFeedbackFile,
    CancelledData,
    CancelledEvent,
    Complete,
    CompleteData,
    Error,
    ErrorData,
    Event,
    GptResponse,
    Partial,
    ProcessingStarted,
    Progress,
    ProgressData,
    SpeechData,
    StartedData,
    Warning_,
    WarningData,
)
from sounditout.analysis.judge import JudgeLimits, WaveformOf, judge
from sounditout.analysis.models import ReadingReport, Recording
from sounditout.analysis.ports import Engines, Speech
from sounditout.analysis.receiving import ReceiveLimits, Reception
from sounditout.analysis.workers import Workers
from sounditout.errors import (
    AnalysisTimeout,
    AudioError,
    Cancelled,
    CoachFailed,
    InternalError,
    SoundItOutError,
    SpeechFailed,
    Stage,
)

Clock = Callable[[], float]
T = TypeVar("T")


_FRACTION: Final[dict[Stage, float]] = {
    "decoding": 0.0,
    "listening": 0.1,
    "scoring": 0.6,
    "coaching": 0.7,
    "speaking": 0.8,
}
"""How far the work is when a stage begins, from the usual durations of the stages."""

_PROGRESS: Final = {
    stage: ProgressData.model_validate({"stage": stage, "fraction": fraction})
    for stage, fraction in _FRACTION.items()
}

log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """What is accepted, and how long each part may take (seconds)."""

    judge: JudgeLimits
    receive: ReceiveLimits
    analysis_seconds: float
    coach_seconds: float
    speech_seconds: float


async def analyze_audio_file_event_stream(
    recording: Recording,
    engines: Engines,
    workers: Workers,
    limits: StreamLimits,
    *,
    arrival: Arrival | None = None,
    cancellation: Cancellation | None = None,
    clock: Clock = time.perf_counter,
) -> AsyncGenerator[Event, None]:
    """Yield the events of one request, `seq` 0, 1, 2…, the last and only the last a terminal one.

    Whatever goes wrong becomes an event; nothing is raised. A request through `cancellation` ends the
    stream with `cancelled`. Closing the iterator early stops the work.

    Args:
        recording: without audio, when there is an `arrival`.
        arrival: the audio, when it is still being recorded.
        clock: seconds, for the timings in `complete`; called from worker threads as well.
    """
    run = _Run(recording, engines, workers, limits, clock)
    run.start(arrival, cancellation or Cancellation())
    try:
        while True:
            event = await run.events.get()
            yield event
            if isinstance(event, TERMINAL):
                return
    finally:
        run.stop()


class _Run:
    """The life of one request."""

    def __init__(
        self, recording: Recording, engines: Engines, workers: Workers, limits: StreamLimits, clock: Clock
    ) -> None:
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self._recording = recording
        self._engines = engines
        self._workers = workers
        self._limits = limits
        self._clock = clock
        self._seq = itertools.count()
        self._stage: Stage = "receiving"
        self._marks: list[tuple[str, float]] = []
        self._ended = False
        self._stop = Cancellation()
        """For the threads."""
        self._task: asyncio.Task[None] | None = None

    def start(self, arrival: Arrival | None, cancellation: Cancellation) -> None:
        hearing_to_come = arrival is not None and self._recording.client is not None
        mode = "hybrid" if hearing_to_come else self._recording.mode
        self._emit(ProcessingStarted, StartedData(received_bytes=len(self._recording.audio), mode=mode))
        if arrival is None:
            self._mark("waiting")
        self._task = asyncio.create_task(self._work(arrival))
        cancellation.on_request(self._cancel)

    def stop(self) -> None:
        """Nobody listens any more."""
        self._ended = True
        self._stop.request()
        if self._task is not None:
            self._task.cancel()

    def _cancel(self) -> None:
        self._end(CancelledEvent, CancelledData(stage=self._stage))
        self.stop()

    async def _work(self, arrival: Arrival | None) -> None:
        try:
            waveform_of = None if arrival is None else await self._receive(arrival)
            report = await self._listen(waveform_of)
            self._emit(Analysis, report)
            await asyncio.sleep(0)  # whoever saves it begins before the coach does
            await self._advise(report)
            self._end(Complete, CompleteData(timings=self._timings()))
        except SoundItOutError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001  (whatever it is, the stream has a last word)
            self._log("analysis broke", error)
            self._fail(InternalError(stage=self._stage))

    async def _receive(self, arrival: Arrival) -> WaveformOf | None:
        judging = self._limits.judge
        reception = Reception(
            self._recording,
            arrival,
            self._engines,
            self._workers,
            judging.decode,
            judging.max_sentence_characters,
            lambda words: self._emit(Partial, words),
        )
        audio, waveform_of = await reception.complete(self._limits.receive, lambda: self._mark("waiting"))
        self._recording = replace(self._recording, audio=audio)
        return waveform_of

    async def _listen(self, waveform_of: WaveformOf | None) -> ReadingReport:
        loop = asyncio.get_running_loop()

        def enter(stage: Stage) -> None:
            """Called in the worker thread."""
            if self._ended:
                raise Cancelled(stage=stage)
            self._mark(stage)
            loop.call_soon_threadsafe(self._progress, stage)

        try:
            async with asyncio.timeout(self._limits.analysis_seconds):
                return await self._workers.run(
                    self._recording.user_id,
                    judge,
                    self._recording,
                    self._engines,
                    self._limits.judge,
                    enter,
                    self._stop,
                    waveform_of,
                )
        except TimeoutError as error:
            self._stop.request()
            raise AnalysisTimeout(stage=self._stage) from error

    async def _advise(self, report: ReadingReport) -> None:
        coach = self._engines.coach
        advice = await self._attempt(
            "coaching", lambda: coach.advise(report), self._limits.coach_seconds, CoachFailed
        )
        if advice is None:
            return
        self._emit(GptResponse, advice)
        await self._say(advice)

    async def _say(self, advice: Advice) -> None:
        speaker, text = self._engines.speaker, advice.feedback_speech
        speech = await self._attempt(
            "speaking", lambda: speaker.speak(text), self._limits.speech_seconds, SpeechFailed
        )
        if speech is not None:
            self._emit(AudioFeedbackFile, _as_data(speech))

    async def _attempt(
        self, stage: Stage, work: Callable[[], Awaitable[T]], seconds: float, failure: type[SoundItOutError]
    ) -> T | None:
        """The result of `work`; None, and a `warning`, when it fails or takes too long: the score is safe already."""
        self._mark(stage)
        self._progress(stage)
        try:
            async with asyncio.timeout(seconds):
                return await work()
        except Exception as error:  # noqa: BLE001  (an engine may raise anything; the learner keeps the score)
            self._log("stage failed", error)
            known = error if isinstance(error, failure) else failure()
            self._emit(Warning_, WarningData(code=known.code, message=known.message, stage=stage))
            return None

    def _progress(self, stage: Stage) -> None:
        self._stage = stage
        self._emit(Progress, _PROGRESS[stage])

    def _fail(self, error: SoundItOutError) -> None:
        if error.__cause__ is not None and not isinstance(error, AudioError):  # those are the sender's
            self._log("analysis failed", error)
        stage = self._stage if error.stage == "receiving" else error.stage
        data = ErrorData(
            code=error.code,
            message=error.message,
            retryable=error.retryable,
            retry_after=error.retry_after,
            stage=stage,
        )
        self._end(Error, data)

    def _end(self, kind: Callable[..., Event], data: object) -> None:
        self._emit(kind, data)
        self._ended = True

    def _emit(self, kind: Callable[..., Event], data: object) -> None:
        """Queue an event, unless the last word has been said: a thread may still report progress after it."""
        if not self._ended:
            self.events.put_nowait(kind(request_id=self._recording.request_id, seq=next(self._seq), data=data))

    def _mark(self, stage: str) -> None:
        self._marks.append((stage, self._clock()))

    def _timings(self) -> dict[str, float]:
        """Milliseconds by stage, each from its beginning to the next one's, and `total`."""
        marks = [*self._marks, ("end", self._clock())]
        spans = {name: after - at for (name, at), (_, after) in itertools.pairwise(marks)}
        spans["total"] = marks[-1][1] - marks[0][1]
        return {name: round(seconds * 1000, 1) for name, seconds in spans.items()}

    def _log(self, message: str, error: Exception) -> None:
        log.warning(message, request_id=self._recording.request_id, stage=self._stage, exc_info=error)


def _as_data(speech: Speech) -> SpeechData:
    return SpeechData(
        data=base64.b64encode(speech.data).decode("ascii"), filename=speech.filename, mimetype=speech.mimetype
    )
