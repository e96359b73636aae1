"""Progress, over a real socket and from saved reports."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reports import read, report, said
from saving import save, save_many
from serving import Learner, RunningServer, register
from sounditout.analysis.phonemes import PHONEMES
from sounditout.routers.progress import MAX_READINGS


@pytest.fixture
def server(shared_server: RunningServer) -> RunningServer:
    return shared_server


RIGHT = report(*[read("ship", "SH IH P")] * 5)
WRONG = report(said("thin", "TH IH N", "T IH N"))


def get(server: RunningServer, learner: Learner, days: int | None = None) -> dict[str, Any]:
    with server.client(learner.headers) as client:
        answer = client.get("/api/progress", params={} if days is None else {"days": days})
    body: dict[str, Any] = answer.raise_for_status().json()
    return body


def test_beginner_is_told_that_there_is_not_enough_yet(server: RunningServer, learner: Learner) -> None:
    body = get(server, learner)
    assert (body["readings"], body["enough"], body["complete"], body["days"]) == (0, False, True, [])
    assert [sound["sound"] for sound in body["sounds"]] == list(PHONEMES)
    assert {sound["state"] for sound in body["sounds"]} == {"new"}
    assert body["practise_next"][0] == {"sound": "S", "ipa": "s", "name": "the /s/ sound", "reason": "new"}
    assert len(body["practise_next"]) == 3


def test_readings_become_days_and_sounds(server: RunningServer, learner: Learner) -> None:
    now = datetime.now(UTC)
    for number in range(4):
        save(server, learner, f"old {number}", RIGHT, at=now - timedelta(days=9))
    save(server, learner, "new", WRONG)
    body = get(server, learner)
    assert (body["readings"], body["enough"]) == (5, True)
    assert [(day["date"], day["readings"]) for day in body["days"]] == [
        ((now - timedelta(days=9)).date().isoformat(), 4),
        (now.date().isoformat(), 1),
    ]
    assert body["days"][1] | {"phoneme_error_rate": 0} == {
        "date": now.date().isoformat(),
        "readings": 1,
        "phoneme_error_rate": 0,
        "words_correct_per_minute": 60.0,
        "accuracy": 0.0,
    }
    assert body["days"][1]["phoneme_error_rate"] == pytest.approx(1 / 3, abs=1e-3)
    sounds = {sound["sound"]: sound for sound in body["sounds"]}
    assert sounds["SH"] == {
        "sound": "SH",
        "expected": 20,
        "wrong": 0,
        "recent_expected": 20,
        "recent_wrong": 0,
        "state": "mastered",
    }
    assert sounds["TH"]["state"] == "not_enough"
    assert body["practise_next"][0]["sound"] == "TH"
    assert body["practise_next"][0]["reason"] == "often_wrong"


def test_the_day_of_a_reading_is_that_of_the_readers_clock(server: RunningServer, learner: Learner) -> None:
    at = datetime.now(UTC) - timedelta(days=2)
    save(server, learner, "one", RIGHT, at=at)
    with server.client(learner.headers) as client:
        for minutes in (-840, 0, 840):
            answer = client.get("/api/progress", params={"utc_offset_minutes": minutes}).raise_for_status().json()
            expected = (at + timedelta(minutes=minutes)).date().isoformat()
            assert [day["date"] for day in answer["days"]] == [expected]
        assert client.get("/api/progress", params={"utc_offset_minutes": 841}).status_code == 422


def test_days_that_are_asked_for_do_not_change_what_is_mastered(server: RunningServer, learner: Learner) -> None:
    ago = datetime.now(UTC) - timedelta(days=7)
    for number in range(4):
        save(server, learner, str(number), RIGHT, at=ago)
    week, longer = get(server, learner, 7), get(server, learner, 8)
    assert week["days"] == []
    assert [day["readings"] for day in longer["days"]] == [4]
    assert week["sounds"] == longer["sounds"]


def test_nobody_else_is_counted(server: RunningServer, learner: Learner) -> None:
    save(server, register(server), "theirs", WRONG)
    assert get(server, learner)["readings"] == 0


def test_only_the_latest_are_looked_at(server: RunningServer, learner: Learner) -> None:
    save(server, learner, "the oldest", WRONG)
    save_many(server, learner, MAX_READINGS, RIGHT)
    body = get(server, learner)
    assert (body["readings"], body["complete"]) == (MAX_READINGS, False)
    sounds = {sound["sound"]: sound for sound in body["sounds"]}
    assert sounds["TH"]["state"] == "new"
    assert sounds["SH"]["expected"] == 5 * MAX_READINGS
    assert 30 <= sounds["SH"]["recent_expected"] < 35


@pytest.mark.parametrize("days", ["0", "367", "x", "-1"])
def test_unusable_time_is_refused(server: RunningServer, learner: Learner, days: str) -> None:
    with server.client(learner.headers) as client:
        assert client.get(f"/api/progress?days={days}").status_code == 422


def test_progress_is_for_those_who_signed_in(server: RunningServer) -> None:
    with server.client() as client:
        assert client.get("/api/progress").status_code == 401
