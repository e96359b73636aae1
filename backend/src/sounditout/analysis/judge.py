"""From a recording to a report: the part of the work that keeps a core busy, in one call for one worker thread.

decoding → listening → scoring
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from sounditout.analysis.align import Alignment, align
from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.client_hearing import CLIENT_RECOGNIZER, hearing_from_client
from sounditout.analysis.decode import DecodeLimits, decode
from sounditout.analysis.models import (
    ClientHearing,
    Hearing,
    ReadingReport,
    Recording,
    Sentence,
    Strictness,
    Waveform,
)
from sounditout.analysis.ports import Engines, PhonemeRecognizer
from sounditout.analysis.score import report
from sounditout.analysis.sentence import parse_sentence
from sounditout.analysis.verdict import packaged_judge
from sounditout.errors import AnalysisFailed, AudioError, SoundItOutError, Stage

EnterStage = Callable[[Stage], None]
"""Called at the start of every stage."""
WaveformOf = Callable[[Cancellation], Waveform]
"""Gives the waveform of a recording; raises AudioError where it cannot be opened, Cancelled when it is stopped."""


@dataclass(frozen=True, slots=True)
class JudgeLimits:
    """What is accepted."""

    decode: DecodeLimits
    max_sentence_characters: int


def judge(
    recording: Recording,
    engines: Engines,
    limits: JudgeLimits,
    enter: EnterStage,
    stop: Cancellation | None = None,
    waveform_of: WaveformOf | None = None,
) -> ReadingReport:
    """Listen to `recording`, or to what a browser heard in it, and compare it with its sentence.

    Args:
        recording: what was read, and what was to be read.
        engines: of which the pronouncer and the recogniser are used.
        limits: of the audio and of the sentence.
        enter: told of every stage.
        stop: may be requested by any thread, and ends the work within 200 ms; None: nobody will.
        waveform_of: where the recording has been decoded while it arrived; None: its `audio` is decoded.

    Raises:
        SoundItOutError: and nothing else; Cancelled when `stop` was requested.
    """
    stop = stop or Cancellation()

    def begin(stage: Stage) -> None:
        stop.check(stage)
        enter(stage)

    try:
        begin("decoding")
        sentence = parse_sentence(recording.sentence, engines.pronouncer, limits.max_sentence_characters)
        waveform = partial(waveform_of or partial(decode, recording.audio, limits.decode), stop)
        if recording.client is None:
            return _judge_by_ear(waveform, sentence, engines.recognizer, recording.strictness, begin, stop)
        return _judge_by_client(waveform, sentence, recording.client, begin, stop)
    except SoundItOutError:
        raise
    except Exception as error:
        raise AnalysisFailed from error


def _judge_by_ear(
    waveform: Callable[[], Waveform],
    sentence: Sentence,
    recognizer: PhonemeRecognizer,
    strictness: Strictness,
    begin: EnterStage,
    stop: Cancellation,
) -> ReadingReport:
    decoded = waveform()
    begin("listening")
    hearing, alignment = listen_to(decoded, sentence, recognizer, stop)
    begin("scoring")
    return report(hearing, sentence, recognizer.info, alignment=alignment, strictness=strictness)


def listen_to(
    waveform: Waveform, sentence: Sentence, recognizer: PhonemeRecognizer, stop: Cancellation
) -> tuple[Hearing, Alignment]:
    """Hear, then ask the second listener and look for the sentence at the same time: neither needs the other.

    Raises:
        NoSpeech: nothing was said.
        Cancelled: `stop` was requested; no thread is left behind.
    """
    heard = recognizer.listen(waveform, sentence, stop)
    with ThreadPoolExecutor(1, thread_name_prefix="sounditout-second-opinion") as beside:
        opinion = beside.submit(recognizer.second_opinion, heard, sentence, stop)
        alignment = align(heard, sentence, packaged_judge().costs, stop)
        return replace(heard, evidence=opinion.result()), alignment


def _judge_by_client(
    waveform: Callable[[], Waveform],
    sentence: Sentence,
    client: ClientHearing,
    begin: EnterStage,
    stop: Cancellation,
) -> ReadingReport:
    hearing = hearing_from_client(client, _duration(waveform))
    begin("scoring")
    alignment = align(hearing, sentence, packaged_judge().costs, stop)
    return report(hearing, sentence, CLIENT_RECOGNIZER, alignment=alignment, source="client")


def _duration(waveform: Callable[[], Waveform]) -> float:
    """Seconds of audio, 0 when there is none that can be opened: the browser has listened already."""
    try:
        return waveform().seconds
    except AudioError:
        return 0.0
