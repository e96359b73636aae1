"""From a recording to a report: the part of the work that keeps a core busy, in one call for one worker thread.

decoding → listening → scoring
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from sounditout.analysis.align import Alignment, align
from sounditout.analysis.client_hearing import CLIENT_RECOGNIZER, hearing_from_client
from sounditout.analysis.decode import DecodeLimits, decode
from sounditout.analysis.models import ClientHearing, Hearing, ReadingReport, Recording, Sentence, Waveform
from sounditout.analysis.ports import Engines, PhonemeRecognizer
from sounditout.analysis.score import report
from sounditout.analysis.sentence import parse_sentence
from sounditout.analysis.verdict import packaged_judge
from sounditout.errors import AnalysisFailed, AudioError, SoundItOutError, Stage

EnterStage = Callable[[Stage], None]
"""Called at the start of every stage; may raise to stop the work between two stages."""


@dataclass(frozen=True, slots=True)
class JudgeLimits:
    """What is accepted."""

    decode: DecodeLimits
    max_sentence_characters: int


def judge(recording: Recording, engines: Engines, limits: JudgeLimits, enter: EnterStage) -> ReadingReport:
    """Listen to `recording`, or to what a browser heard in it, and compare it with its sentence.

    Raises:
        SoundItOutError: and nothing else.
    """
    try:
        enter("decoding")
        sentence = parse_sentence(recording.sentence, engines.pronouncer, limits.max_sentence_characters)
        if recording.client is None:
            return _judge_by_ear(recording, sentence, engines, limits, enter)
        return _judge_by_client(recording, recording.client, sentence, limits, enter)
    except SoundItOutError:
        raise
    except Exception as error:
        raise AnalysisFailed from error


def _judge_by_ear(
    recording: Recording, sentence: Sentence, engines: Engines, limits: JudgeLimits, enter: EnterStage
) -> ReadingReport:
    waveform = decode(recording.audio, limits.decode)
    enter("listening")
    hearing, alignment = listen_to(waveform, sentence, engines.recognizer)
    enter("scoring")
    return report(hearing, sentence, engines.recognizer.info, alignment=alignment)


def listen_to(waveform: Waveform, sentence: Sentence, recognizer: PhonemeRecognizer) -> tuple[Hearing, Alignment]:
    """Hear, then ask the second listener and look for the sentence at the same time: neither needs the other."""
    heard = recognizer.listen(waveform, sentence)
    with ThreadPoolExecutor(1, thread_name_prefix="sounditout-second-opinion") as beside:
        opinion = beside.submit(recognizer.second_opinion, heard, sentence)
        alignment = align(heard, sentence, packaged_judge().costs)
        return replace(heard, evidence=opinion.result()), alignment


def _judge_by_client(
    recording: Recording, client: ClientHearing, sentence: Sentence, limits: JudgeLimits, enter: EnterStage
) -> ReadingReport:
    hearing = hearing_from_client(client, _duration(recording, limits.decode))
    enter("scoring")
    return report(hearing, sentence, CLIENT_RECOGNIZER, source="client")


def _duration(recording: Recording, limits: DecodeLimits) -> float:
    """Seconds of audio, 0 when there is none that can be opened: the browser has listened already."""
    if not recording.audio:
        return 0.0
    try:
        return decode(recording.audio, limits).seconds
    except AudioError:
        return 0.0
