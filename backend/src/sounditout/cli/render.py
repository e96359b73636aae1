"""A judged reading for a person at a terminal. Nothing is said by colour alone."""

from typing import Final

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from sounditout.analysis.events import Advice
from sounditout.analysis.models import PhonemeReading, ReadingReport, Scores, WordReading, WordStatus
from sounditout.cli.outcome import Outcome

_MARKS: Final[dict[WordStatus, tuple[str, str]]] = {
    "correct": ("✓", "green"),
    "mispronounced": ("✗", "red"),
    "omitted": ("–", "magenta"),
    "inserted": ("+", "blue"),
    "unsure": ("?", "yellow"),
}
"""Sign and colour."""


def show(outcome: Outcome, console: Console) -> None:
    """Print everything there is to know about a reading."""
    report = outcome.report
    console.print(Text(report.sentence, style="bold"))
    console.print(_words(report))
    console.print(_legend())
    console.print()
    console.print(_scores(report.scores))
    if outcome.advice is not None:
        console.print(_advice(outcome.advice))
    if outcome.timings:
        console.print(_timings(outcome), style="dim")


def _words(report: ReadingReport) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("", "word", "expected", "heard"):
        table.add_column(column)
    for column in ("seconds", "sure"):
        table.add_column(column, justify="right")
    for word in report.words:
        mark, colour = _MARKS[word.status]
        table.add_row(
            Text(mark, style=f"bold {colour}"),
            Text(word.text or "…", style=colour),
            _sounds(word, heard=False),
            _sounds(word, heard=True),
            _when(word),
            f"{word.confidence:.0%}",
        )
    return table


def _sounds(word: WordReading, *, heard: bool) -> Text:
    sounds = [_heard(sound) if heard else _expected(sound) for sound in word.phonemes]
    return Text(" ").join(sound for sound in sounds if sound)


def _expected(sound: PhonemeReading) -> Text:
    return Text(sound.expected_ipa or "")


def _heard(sound: PhonemeReading) -> Text:
    match sound.status:
        case "substituted":
            return Text(f"[{sound.heard_ipa}]", style="bold red")
        case "omitted":
            return Text("[ ]", style="bold magenta")
        case "inserted":
            return Text(f"[+{sound.heard_ipa}]", style="bold blue")
        case "unsure":
            return Text(f"{sound.heard_ipa or sound.expected_ipa}?", style="yellow")
        case "correct":
            return Text(sound.heard_ipa or "")


def _when(word: WordReading) -> str:
    if word.start_seconds is None or word.end_seconds is None:
        return ""
    return f"{word.start_seconds:.2f}–{word.end_seconds:.2f}"


def _legend() -> Text:
    return Text("   ").join(
        Text(f"{mark} {status}", style=f"dim {colour}") for status, (mark, colour) in _MARKS.items()
    )


def _scores(scores: Scores) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    table.add_row("accuracy", f"{scores.accuracy:.0f} %")
    table.add_row("completeness", f"{scores.completeness:.0f} %")
    table.add_row("fluency", f"{scores.fluency:.0f} %")
    table.add_row("phoneme error rate", f"{scores.phoneme_error_rate:.0%}".replace("%", " %"))
    table.add_row("correct words per minute", f"{scores.words_correct_per_minute:.0f}")
    return table


def _advice(advice: Advice) -> Group:
    return Group(
        Text(),
        Text(advice.feedback, style="bold"),
        Text.assemble(("Read next: ", "dim"), advice.next_sentence),
    )


def _timings(outcome: Outcome) -> Text:
    stages = ", ".join(f"{stage} {milliseconds:.0f}" for stage, milliseconds in outcome.timings.items())
    recognizer = outcome.report.recognizer
    return Text(
        f"\n{outcome.report.duration_seconds:.1f} s of audio heard by {recognizer.name} {recognizer.version}\n"
        f"milliseconds: {stages}"
    )
