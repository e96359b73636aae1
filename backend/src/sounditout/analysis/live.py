"""One reading that is still going on: which words have been read so far.

    bytes so far → samples → the last few seconds of them → Hearing → words behind the reader

The recogniser wants to hear everything at once, so it hears everything again each time; but never more than
`_LONGEST_SECONDS` of it. When a reading gets longer, listening goes on from where the words at its beginning end.
Words that were read a moment ago are settled for good, and only those after them are looked for.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.decode import DecodeLimits
from sounditout.analysis.events import PartialData, PartialWord
from sounditout.analysis.growing import GrowingRecording
from sounditout.analysis.models import SAMPLE_RATE, Float32, Hearing, Sentence, Waveform
from sounditout.analysis.ports import PhonemeRecognizer
from sounditout.analysis.progress import WordBehind, words_behind
from sounditout.analysis.quiet import quietest
from sounditout.analysis.verdict import packaged_judge
from sounditout.errors import NoSpeech

_LONGEST_SECONDS: Final = 10.0
"""Heard at once: 90 ms of work. Twice as much would be three times the work."""
_KEPT_SECONDS: Final = 5.0
"""Heard again after the beginning was settled: what comes next is understood from what came before."""
_PAUSE_SECONDS: Final = 1.0
"""A longer stretch without a word that was read holds a pause, or something else that is no part of the sentence."""
_OVERLAP_SECONDS: Final = 2.0
"""How far before the kept seconds that pause is looked for."""
_LAST_SOUND_SECONDS: Final = 0.08
"""A sound is named when it begins, and lasts so long at the least."""
_SETTLED_SECONDS: Final = 1.0
"""After its last sound a word is settled, if it and the next one were read as shown. Of 2,294 beginnings of 200
readings 2 % are told otherwise than if all words were looked for each time, nearly all in the status of one word."""
_WORDS_PER_SECOND: Final = 4
"""Nobody reads faster for long; words further on need not be looked for. Of those beginnings none is told
otherwise than with 6."""
_STEP: Final = 4
"""Words are settled and looked for by so many more: the graph of those ahead then serves for a few looks."""


class LiveReading:
    """Follows one reader through one sentence. Not thread-safe.

    Args:
        sentence: what is being read.
        recognizer: hears it.
        limits: of the recording.
    """

    def __init__(self, sentence: Sentence, recognizer: PhonemeRecognizer, limits: DecodeLimits) -> None:
        self._sentence, self._recognizer = sentence, recognizer
        self._least = round(limits.min_seconds * SAMPLE_RATE)
        self._recording = GrowingRecording(limits)
        self._costs = packaged_judge().costs
        self._words: list[PartialWord] = []
        self._heard = 0
        """Samples that were listened to."""
        self._place = _Place(sample=0, word=0)
        self._settled: tuple[WordBehind, ...] = ()
        """Words from the place on that are not looked for any more."""

    def follow(self, audio: bytes, stop: Cancellation) -> PartialData:
        """Listen to what is new; for a worker thread.

        A word that was told of once stays, in its place; its status may change. Audio that cannot be opened yet, or
        in which nobody speaks, holds no words; what is wrong with it is said in the end, by `waveform`.

        Args:
            audio: all bytes of the recording so far.
            stop: may be requested by any thread, and ends the work within 100 ms.

        Raises:
            Cancelled: `stop` was requested.
        """
        samples = self._recording.grow(audio, stop).samples
        end = min(len(samples), self._place.sample + round(_LONGEST_SECONDS * SAMPLE_RATE))
        if end > self._heard and end - self._place.sample >= self._least:
            self._listen(samples[self._place.sample : end], stop)
            self._heard = end
        return PartialData(words=tuple(self._words), heard_seconds=self._heard / SAMPLE_RATE)

    def waveform(self, audio: bytes, stop: Cancellation) -> Waveform:
        """The waveform of the finished recording, of which only the rest is decoded.

        Raises:
            UnsupportedAudio, AudioTooShort, AudioTooLong, AudioTooLarge: see `decode`.
            Cancelled: `stop` was requested.
        """
        return self._recording.finish(audio, stop)

    def _listen(self, recent: Float32, stop: Cancellation) -> None:
        seconds = len(recent) / SAMPLE_RATE
        ahead = self._words_ahead(seconds)
        if not ahead.words:
            return
        hearing = self._hear(recent, stop)
        behind = self._settled if hearing is None else self._settled + self._find(hearing, ahead, stop)
        self._note(behind)
        if seconds >= _LONGEST_SECONDS:
            self._place, self._settled = self._place.after(behind, recent), ()
        else:
            settled = _settled(behind, seconds - _SETTLED_SECONDS)
            self._settled = behind[: max(settled - settled % _STEP, len(self._settled))]

    def _words_ahead(self, seconds: float) -> Sentence:
        """The words that may be read from the settled ones to so many seconds after the place."""
        first = self._place.word + len(self._settled)
        seconds -= self._settled[-1].last_sound_seconds if self._settled else 0.0
        last = first + _STEP * math.ceil((2 + _WORDS_PER_SECOND * seconds) / _STEP)
        return Sentence(self._sentence.text, self._sentence.words[first:last])

    def _find(self, hearing: Hearing, ahead: Sentence, stop: Cancellation) -> tuple[WordBehind, ...]:
        """The words after the settled ones that were read."""
        if not self._settled:
            return words_behind(hearing, ahead, self._costs, stop, lost=self._place.lost)
        return words_behind(hearing, ahead, self._costs, stop, after=self._settled[-1])

    def _hear(self, recent: Float32, stop: Cancellation) -> Hearing | None:
        try:
            return self._recognizer.listen(Waveform(recent), self._sentence, stop)
        except NoSpeech:
            return None

    def _note(self, behind: tuple[WordBehind, ...]) -> None:
        for index, word in enumerate(behind, self._place.word):
            self._words[index : index + 1] = [PartialWord(index=index, status=word.status)]


def _settled(behind: tuple[WordBehind, ...], until: float) -> int:
    """How many words are settled: up to the last that ended by then and was, like the next one, read as shown."""
    pairs = enumerate(pairwise(behind), 1)
    sure = [
        count
        for count, (word, following) in pairs
        if word.last_sound_seconds <= until and word.status == following.status == "correct"
    ]
    return max(sure, default=0)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where listening begins."""

    sample: int
    """In the recording."""
    word: int
    """In the sentence; those before it are settled."""
    lost: bool = False
    """Whether the reader may have read on unnoticed."""

    def after(self, behind: tuple[WordBehind, ...], recent: Float32) -> "_Place":
        """Further on, with the last seconds kept: after a word, or in a pause.

        Args:
            behind: the words that were read in `recent`.
            recent: what was heard from this place on, longer than what is kept.
        """
        kept = len(recent) - round(_KEPT_SECONDS * SAMPLE_RATE)
        ends = [round((word.last_sound_seconds + _LAST_SOUND_SECONDS) * SAMPLE_RATE) for word in behind]
        settled = sum(end <= kept for end in ends)
        sample = ends[settled - 1] if settled else 0
        paused = kept - sample > _PAUSE_SECONDS * SAMPLE_RATE
        if paused:
            sample = max(sample, kept - round(_OVERLAP_SECONDS * SAMPLE_RATE))
            sample += quietest(recent[sample:kept])
        return _Place(self.sample + sample, self.word + settled, lost=paused or (self.lost and not settled))
