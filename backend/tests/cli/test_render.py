import io

from rich.console import Console

from reports import extra, read, report, said, skipped, unsure
from sounditout.analysis.events import Advice
from sounditout.cli.outcome import Outcome
from sounditout.cli.render import show

REPORT = report(
    read("the", "DH AH"),
    said("ship", "SH IH P", "S IH -"),
    skipped("sat", "S AE T"),
    extra("on", "AA N"),
    unsure("mat", "M AE T", "M AE D"),
)


def shown(outcome: Outcome, *, colours: bool = False) -> str:
    file = io.StringIO()
    show(outcome, Console(file=file, width=100, force_terminal=colours, highlight=False))
    return file.getvalue()


def line(text: str, word: str) -> str:
    (found,) = [row for row in text.splitlines() if f"  {word} " in row]
    return found


def test_every_status_has_a_sign_of_its_own() -> None:
    text = shown(Outcome(REPORT))
    assert [line(text, word)[0] for word in ("the", "ship", "sat", "on", "mat")] == ["✓", "✗", "–", "+", "?"]


def test_expected_beside_heard_in_ipa() -> None:
    text = shown(Outcome(REPORT))
    assert "ʃ ɪ p" in line(text, "ship")
    assert "[s] ɪ [ ]" in line(text, "ship")
    assert "[+ɑ] [+n]" in line(text, "on")
    assert "m æ d?" in line(text, "mat")


def test_scores_and_advice() -> None:
    advice = Advice(
        feedback="Well done [b]!", feedback_speech="", next_sentence="A ship.", focus_phoneme=None, source="coach"
    )
    text = shown(Outcome(REPORT, advice=advice, timings={"listening": 12.3, "total": 45.6}))
    assert "fluency" in text
    assert "90 %" in text
    assert "Well done [b]!" in text
    assert "Read next: A ship." in text
    assert "listening 12, total 46" in text


def test_colours_come_beside_the_signs() -> None:
    assert "\x1b[" in shown(Outcome(REPORT), colours=True)
    assert "\x1b[" not in shown(Outcome(REPORT))
