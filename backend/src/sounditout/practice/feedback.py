"""The words for a lesson: one text to show and one to say. Short, warm, true, second person. Pure.

A text to say holds no letters standing for sounds, because a voice would read them as letters; it tells of a
sound through a word that has it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from sounditout.analysis.models import ReadingReport, WordReading
from sounditout.practice.lessons import (
    AllRight,
    ExtraWords,
    HardWord,
    Lesson,
    NotHeard,
    ReadTogether,
    SoundSlip,
    Stopped,
)
from sounditout.practice.phonics import WHERE, Place, confusion_hint, sound

_FLUENT: Final = 85.0
_MOSTLY: Final = 0.6
_LONGEST_WORD: Final = 24
"""Longer "words" are no words; they are not read out."""
_LONGEST_MODEL: Final = 120
"""Characters of a sentence that is read out as a model; about 8 s."""

_ORDINAL: Final[dict[Place, str]] = {"start": "first", "middle": "middle", "end": "last"}


@dataclass(frozen=True, slots=True)
class Feedback:
    """The same thing twice: for the eye and for the ear."""

    shown: str
    said: str

    def __add__(self, other: "Feedback") -> "Feedback":
        return Feedback(f"{self.shown} {other.shown}", f"{self.said} {other.said}")


def feedback_on(report: ReadingReport, lesson: Lesson) -> Feedback:
    """What went well first, then the lesson."""
    match lesson:
        case AllRight():
            return _all_right(report, lesson)
        case Stopped():
            return _stopped(report, lesson)
        case ReadTogether():
            return _good_part(report) + _together(report)
        case SoundSlip():
            return _good_part(report) + _sound(report, lesson)
        case HardWord():
            return _good_part(report) + _hard_word(lesson)
        case NotHeard():
            return _good_part(report) + _not_heard(lesson)
        case ExtraWords():
            return _good_part(report) + _extra_words(lesson)
        case _:
            assert_never(lesson)


def pick(options: Sequence[str], *seed: str) -> str:
    """One of the options; the same for the same seed, so that nothing is random and little is monotonous."""
    digest = hashlib.sha256("\n".join(seed).encode()).digest()
    return options[int.from_bytes(digest[:4]) % len(options)]


# What went well


def _good_part(report: ReadingReport) -> Feedback:
    """Something true and kind about the rest of the reading."""
    shown = [word for word in report.words if word.index is not None]
    right = [word for word in shown if word.status == "correct"]
    if len(right) == len(shown) >= 1:
        return _same("Every word on the page was right.")
    if 2 <= len(right) == sum(word.status != "omitted" for word in shown):
        return _same("Every word you read was right.")
    if len(shown) >= 3 and len(right) == len(shown) - 1:
        return _same(pick(("Almost there.", "Nearly all of it was right.", "So close."), report.sentence, "praise"))
    if len(right) >= 2 and len(right) >= _MOSTLY * len(shown):
        return _same(f"{len(right)} of the {len(shown)} words were right.")
    return _one_good_word(right) if right else _same("Thank you for reading to me.")


def _one_good_word(right: list[WordReading]) -> Feedback:
    best = max(right, key=lambda word: (len(word.phonemes), word.confidence))
    return Feedback(f"You read {_shown(best.text)} just right.", f"You read {_said(best.text)} just right.")


# What to learn


def _all_right(report: ReadingReport, lesson: AllRight) -> Feedback:
    total = sum(word.index is not None for word in report.words)
    if len(lesson.unsure) * 2 >= max(total, 1):
        return _same(
            "I could not hear you well enough to be sure. Read it once more, a little closer to the microphone."
        )
    if lesson.unsure:
        word = lesson.unsure[0]
        ask = "I could not hear {} well; read it once more if you like."
        return _same("That sounded good.") + Feedback(ask.format(_shown(word)), ask.format(_said(word)))
    praise = ("Every word was right.", "You read all of it right.", "All the words were right.")
    flow = ("It flowed nicely, too.", "And you read it smoothly.")
    on = ("Here is the next one.", "Ready for another?")
    then = pick(flow if report.scores.fluency >= _FLUENT else on, report.sentence, "then")
    return _same(f"{pick(praise, report.sentence, 'praise')} {then}")


def _sound(report: ReadingReport, slip: SoundSlip) -> Feedback:
    if slip.expected is None:
        return _added_sound(slip)
    return _what(slip, slip.expected) + _how(report, slip, slip.expected)


def _added_sound(slip: SoundSlip) -> Feedback:
    where = WHERE[slip.place].removesuffix(" of")
    text = f"In {{0}}, I heard an extra sound {where}. Try it once more: {{0}}."
    return Feedback(text.format(_shown(slip.word)), text.format(_said(slip.word)))


def _what(slip: SoundSlip, expected: str) -> Feedback:
    """Which sound of which word, and what was heard instead when that is known."""
    which, wanted = _which(slip), sound(expected).name
    shown, said = f"In {_shown(slip.word)}, ", f"In {_said(slip.word)}, "
    if slip.missing:
        heard_nothing = f"I could not hear {which}"
        return Feedback(f"{shown}{heard_nothing}, {wanted}.", f"{said}{heard_nothing}.")
    if slip.heard is None:
        return Feedback(f"{shown}{which} wants a little care: {wanted}.", f"{said}{which} wants a little care.")
    heard = sound(slip.heard)
    return Feedback(
        f"{shown}{which} came out as {heard.name}; it is {wanted}.",
        f"{said}{which} came out like {heard.said}.",
    )


def _which(slip: SoundSlip) -> str:
    if slip.sounds == 1:
        return "the sound"
    if slip.place == "middle" and slip.sounds != len(_ORDINAL):
        return "a sound in the middle"
    return f"the {_ORDINAL[slip.place]} sound"


def _how(report: ReadingReport, slip: SoundSlip, expected: str) -> Feedback:
    """How the mouth makes it, a word to try it in, and the word itself."""
    hint = confusion_hint(expected, slip.heard) if slip.heard else None
    how = (hint or sound(expected).how).removesuffix(".")
    other = _word_to_try(report, slip, expected)
    return Feedback(f"{how}: {_shown(other)}, {_shown(slip.word)}.", f"{how}: {other}, {_said(slip.word)}.")


def _word_to_try(report: ReadingReport, slip: SoundSlip, expected: str) -> str:
    known = sound(expected)
    # In the middle of a word a consonant is hardest to find; a word that starts with it shows it best.
    words = known.words_at(known.place if slip.place == "middle" else slip.place) or known.words
    return pick([word for word in words if word != slip.word.lower()], report.sentence, slip.word)


def _hard_word(lesson: HardWord) -> Feedback:
    text = "One word to look at again: {0}. Say it slowly with me: {0}."
    return Feedback(text.format(_shown(lesson.word)), text.format(_said(lesson.word)))


def _not_heard(lesson: NotHeard) -> Feedback:
    point = "Point to each word as you read it."
    if len(lesson.words) > 2:
        text = f"I did not hear {len(lesson.words)} of the words, the first of them {{}}. {point}"
        return Feedback(text.format(_shown(lesson.words[0])), text.format(_said(lesson.words[0])))
    shown = " and ".join(map(_shown, lesson.words))
    said = ", ".join(map(_said, lesson.words))  # "hear to and chat" would be hard to follow
    return Feedback(f"I did not hear {shown}. {point}", f"I did not hear: {said}. {point}")


def _extra_words(lesson: ExtraWords) -> Feedback:
    what = "some extra words" if lesson.many else "an extra word"
    text = f"I heard {what} {{}}. Read just what is there, one word at a time."
    if lesson.after is None:
        return _same(text.format("at the beginning"))
    return Feedback(text.format(f"after {_shown(lesson.after)}"), text.format(f"after {_said(lesson.after)}"))


def _stopped(report: ReadingReport, lesson: Stopped) -> Feedback:
    so_far = "Everything up to {0} was right." if lesson.all_right_so_far else "You read as far as {0}."
    on = pick(("Next comes {1}: take a breath and read on.", "Now read on from {1}."), report.sentence, "on")
    text = f"{so_far} {on}"
    return Feedback(
        text.format(_shown(lesson.last), _shown(lesson.following)),
        text.format(_said(lesson.last), _said(lesson.following)),
    )


def _together(report: ReadingReport) -> Feedback:
    invitation = "This one is hard, so let us read it together, one word at a time."
    if len(report.sentence) > _LONGEST_MODEL:
        return _same(invitation)
    return Feedback(invitation, f"{invitation} {_plain(report.sentence)}")


# Putting words into a text


def _same(text: str) -> Feedback:
    return Feedback(text, text)


def _shown(word: str) -> str:
    return f"“{word}”" if 0 < len(word) <= _LONGEST_WORD else "one word"


def _said(word: str) -> str:
    return _plain(word) if 0 < len(word) <= _LONGEST_WORD else "one word"


def _plain(text: str) -> str:
    return " ".join(text.replace("/", " ").split())
