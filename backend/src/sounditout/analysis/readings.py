"""From an alignment and a judge to the words of the report."""

from collections.abc import Iterator
from typing import Final

from sounditout.analysis.align import AlignedPhoneme, AlignedWord, Alignment, Intruder, Stray
from sounditout.analysis.models import (
    Evidence,
    Hearing,
    PhonemeReading,
    PhonemeStatus,
    Sentence,
    Word,
    WordReading,
    WordStatus,
)
from sounditout.analysis.phonemes import IPA
from sounditout.analysis.sounds import alike
from sounditout.analysis.verdict import Features, Judge, sigmoid, word_features

STATUS: Final[dict[str, PhonemeStatus]] = {"replaced": "substituted", "omitted": "omitted"}
WRONG: Final = frozenset({"substituted", "omitted", "inserted"})


def read_words(hearing: Hearing, sentence: Sentence, alignment: Alignment, judge: Judge) -> tuple[WordReading, ...]:
    """Every word of the sentence and every word that was added, in reading order."""
    reader = _Reader(hearing, sentence, alignment, judge)
    return tuple(reader.words())


class _Reader:
    """Judges one reading."""

    def __init__(self, hearing: Hearing, sentence: Sentence, alignment: Alignment, judge: Judge) -> None:
        self._sentence, self._alignment, self._judge = sentence, alignment, judge
        self._step = hearing.seconds_per_frame
        self._has_decoder = hearing.evidence is not None
        self._evidence = hearing.evidence or (None,) * len(sentence.words)
        self._strays = {stray.before_word: stray for stray in alignment.strays if self._is_word(stray)}

    def _is_word(self, stray: Stray) -> bool:
        return len(stray.phonemes) >= self._judge.stray_sounds

    def words(self) -> Iterator[WordReading]:
        readings = [
            self._read(index, word, aligned, evidence)
            for index, (word, aligned, evidence) in enumerate(
                zip(self._sentence.words, self._alignment.words, self._evidence, strict=True)
            )
        ]
        for index, reading in enumerate(readings):
            if index in self._strays and not self._is_part_of_miscue(index, readings):
                yield self._added(self._strays[index])
            yield reading
        if len(readings) in self._strays and not self._is_part_of_miscue(len(readings), readings):
            yield self._added(self._strays[len(readings)])

    def _is_part_of_miscue(self, junction: int, readings: list[WordReading]) -> bool:
        """What is heard beside a misread word is more of that word, not another one."""
        beside = readings[max(0, junction - 1) : junction + 1]
        return any(word.status == "mispronounced" for word in beside)

    def _read(self, index: int, word: Word, aligned: AlignedWord, evidence: Evidence | None) -> WordReading:
        features = word_features(aligned, word.spoken, evidence)
        status, probability = self._status(index, aligned, self._verdict(index, features))
        phonemes = tuple(self._phonemes(aligned, status, probability))
        wrong = sum(one.status in WRONG for one in phonemes)
        error_rate = wrong / len(aligned.phonemes)
        absent = status == "omitted"
        return WordReading(
            index=index,
            text=word.text,
            status=status,
            start_seconds=None if absent else self._seconds(aligned.start),
            end_seconds=None if absent else self._seconds(aligned.end),
            confidence=_confidence(status, probability),
            accuracy=100 * max(0.0, 1 - error_rate),
            phoneme_error_rate=error_rate,
            phonemes=phonemes,
        )

    def _verdict(self, index: int, features: Features) -> tuple[WordStatus, float]:
        if not self._has_decoder:
            return self._judge.by_best_reading(features)
        # The decoder is surprised at the word after an added one, or after a repeated one; not that word's fault.
        if index in self._strays or index - 1 in self._strays:
            return self._judge.by_graph(features)
        return self._judge.by_both(features)

    def _status(
        self, index: int, aligned: AlignedWord, verdict: tuple[WordStatus, float]
    ) -> tuple[WordStatus, float]:
        """A misread word of which little is there was left out, unless something else was said instead."""
        status, probability = verdict
        gone = aligned.omitted_fraction >= self._judge.omitted_fraction
        said_instead = index in self._strays or index + 1 in self._strays
        if status == "mispronounced" and gone and not said_instead:
            return "omitted", probability
        return status, probability

    def _phonemes(self, aligned: AlignedWord, status: WordStatus, probability: float) -> Iterator[PhonemeReading]:
        doubts = [sigmoid(one.margin - self._judge.substitute_cost) for one in aligned.phonemes]
        worst = max(doubts)
        blame_worst = status == "mispronounced" and not aligned.has_wrong_sound
        # A sound that is only blamed because the word is wrong and no other looks worse stays in doubt itself.
        certain = 1.0 if blame_worst else worst
        for place, (phoneme, doubt) in enumerate(zip(aligned.phonemes, doubts, strict=True)):
            blamed = phoneme.fate != "said" or (blame_worst and doubt == worst)
            misread = probability * doubt / certain
            yield self._phoneme(phoneme, _phoneme_status(phoneme, status, blamed=blamed), misread)
            if status == "mispronounced":
                yield from (self._intruder(one, probability) for one in aligned.intruders if one.after == place)

    def _phoneme(self, phoneme: AlignedPhoneme, status: PhonemeStatus, misread: float) -> PhonemeReading:
        heard = phoneme.expected if status == "correct" else phoneme.alternative
        absent = status == "omitted"
        return PhonemeReading(
            expected=phoneme.expected,
            expected_ipa=IPA[phoneme.expected],
            heard=None if absent else heard,
            heard_ipa=None if absent or heard is None else IPA[heard],
            status=status,
            start_seconds=None if absent else self._seconds(phoneme.start),
            end_seconds=None if absent else self._seconds(phoneme.end),
            confidence=round(misread if status in WRONG else 1 - misread, 4),
        )

    def _intruder(self, intruder: Intruder, probability: float) -> PhonemeReading:
        return self._added_sound(intruder.heard, intruder.start, intruder.end, probability)

    def _added(self, stray: Stray) -> WordReading:
        """A word that is not in the sentence; named when it sounds like one that is (a repetition)."""
        return WordReading(
            index=None,
            text=self._name(stray),
            status="inserted",
            start_seconds=self._seconds(stray.start),
            end_seconds=self._seconds(stray.end),
            confidence=stray.confidence,
            accuracy=0.0,
            phoneme_error_rate=1.0,
            phonemes=tuple(
                self._added_sound(heard, stray.start, stray.end, stray.confidence) for heard in stray.phonemes
            ),
        )

    def _added_sound(self, heard: str, start: int, end: int, confidence: float) -> PhonemeReading:
        return PhonemeReading(
            expected=None,
            expected_ipa=None,
            heard=heard,
            heard_ipa=IPA[heard],
            status="inserted",
            start_seconds=self._seconds(start),
            end_seconds=self._seconds(end),
            confidence=round(confidence, 4),
        )

    def _name(self, stray: Stray) -> str:
        for word in self._sentence.words[max(0, stray.before_word - 1) : stray.before_word + 1]:
            if any(_sounds_like(stray.phonemes, pronunciation) for pronunciation in word.pronunciations):
                return word.text
        return ""

    def _seconds(self, frame: int) -> float | None:
        return None if self._step is None else round(frame * self._step, 3)


def _phoneme_status(phoneme: AlignedPhoneme, status: WordStatus, *, blamed: bool) -> PhonemeStatus:
    """Sounds are wrong only in words that are."""
    if status == "omitted":
        return "omitted"
    if not blamed:
        return "correct"
    if status != "mispronounced":
        return "unsure"
    return "omitted" if phoneme.alternative is None else "substituted"


def _confidence(status: WordStatus, probability: float) -> float:
    if status == "unsure":
        return 1 - abs(2 * probability - 1)
    return 1 - probability if status == "correct" else probability


def _sounds_like(heard: tuple[str, ...], pronunciation: tuple[str, ...]) -> bool:
    return len(heard) == len(pronunciation) and all(map(alike, heard, pronunciation))
