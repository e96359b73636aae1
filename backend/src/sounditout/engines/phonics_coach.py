"""A coach that needs no network: a reading teacher's rules, the same advice for the same report."""

from sounditout.analysis.events import Advice
from sounditout.analysis.models import ReadingReport
from sounditout.analysis.phonemes import INDEX
from sounditout.analysis.ports import Pronouncer
from sounditout.errors import CoachFailed
from sounditout.practice.bank import GLUE, load_bank
from sounditout.practice.choose import next_sentence
from sounditout.practice.feedback import feedback_on
from sounditout.practice.lessons import HardWord, Lesson, SoundSlip, lesson_of
from sounditout.practice.phonics import load_phonics


class PhonicsCoach:
    """Names what went well, teaches at most one thing, and chooses a sentence that practises it.

    Advice takes well under a millisecond, so it is given in the event loop.
    """

    def __init__(self, pronouncer: Pronouncer) -> None:
        load_phonics()
        self._bank = load_bank(pronouncer)

    async def advise(self, report: ReadingReport) -> Advice:
        """Turn a report into advice.

        Raises:
            CoachFailed: the report makes no sense.
        """
        try:
            return self._advise(report)
        except (LookupError, ValueError) as error:
            raise CoachFailed(stage="coaching") from error

    def _advise(self, report: ReadingReport) -> Advice:
        lesson = lesson_of(report)
        focus = _focus(report, lesson)
        feedback = feedback_on(report, lesson)
        return Advice(
            feedback=feedback.shown,
            feedback_speech=feedback.said,
            next_sentence=next_sentence(self._bank, report, focus),
            focus_phoneme=focus,
            source="coach",
        )


def _focus(report: ReadingReport, lesson: Lesson) -> str | None:
    """The sound that was talked about; else the report's own choice, when a word really was mispronounced."""
    if isinstance(lesson, SoundSlip) and lesson.expected is not None:
        return lesson.expected
    chosen = report.problems.focus_phoneme
    hard = isinstance(lesson, HardWord) and lesson.word.lower() not in GLUE
    return chosen if (hard or isinstance(lesson, SoundSlip)) and chosen in INDEX else None
