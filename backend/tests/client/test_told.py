from sounditout.analysis.events import (
    Complete,
    CompleteData,
    Event,
    Partial,
    PartialData,
    PartialWord,
    ProcessingStarted,
    Progress,
    ProgressData,
    StartedData,
    Warning_,
    WarningData,
)
from sounditout.client.told import Told

COMPLETE = Complete(request_id="r", seq=9, data=CompleteData(timings={}))


def started(seq: int = 0) -> ProcessingStarted:
    return ProcessingStarted(request_id="r", seq=seq, data=StartedData(received_bytes=1, mode="server"))


def progress(seq: int, fraction: float = 0.1) -> Progress:
    return Progress(request_id="r", seq=seq, data=ProgressData(stage="decoding", fraction=fraction))


def partial(seq: int, heard_seconds: float, *words: PartialWord) -> Partial:
    return Partial(request_id="r", seq=seq, data=PartialData(words=words, heard_seconds=heard_seconds))


def warning(seq: int, code: str) -> Warning_:
    return Warning_(request_id="r", seq=seq, data=WarningData(code=code, message="", stage="speaking"))


def passed_on(*events: Event) -> list[Event]:
    told = Told()
    return [news for event in events if (news := told.news(event)) is not None]


def test_one_run_is_passed_on_as_it_is() -> None:
    events = [started(), progress(1), progress(2, 0.2), partial(3, 0.5), partial(7, 1.0), warning(8, "a"), COMPLETE]
    assert passed_on(*events) == events


def test_a_second_run_tells_only_what_is_new() -> None:
    assert passed_on(started(), progress(1), started(), progress(1), progress(2, 0.2)) == [
        started(),
        progress(1),
        progress(2, 0.2),
    ]


def test_seq_rises_when_the_second_run_takes_fewer_steps() -> None:
    events = passed_on(started(), *(partial(seq, seq / 10) for seq in range(1, 20)), started(), progress(1), COMPLETE)
    assert [event.seq for event in events] == list(range(22))


def test_words_heard_so_far_never_become_fewer() -> None:
    cat = PartialWord(index=0, status="correct")
    assert passed_on(partial(1, 2.0, cat), partial(1, 1.0), partial(2, 2.0, cat), partial(3, 2.0)) == [
        partial(1, 2.0, cat),
        partial(3, 2.0),
    ]


def test_two_warnings_about_different_things() -> None:
    assert len(passed_on(warning(1, "coach_failed"), warning(1, "coach_failed"), warning(2, "speech_failed"))) == 2
