import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.analysis.models import ReadingReport
from sounditout.analysis.ports import Engines
from sounditout.cli.local import judge_limits
from sounditout.cli.manifest import BadLine, Item, judge_in_order, parse_item
from sounditout.engines.fakes import FakeCoach, FakeRecognizer, FakeSpeaker
from sounditout.engines.pronunciations import DictionaryPronouncer
from sounditout.settings import Settings
from speech import as_wav, silence, tone

LIMITS = judge_limits(Settings())
PRONOUNCER = DictionaryPronouncer()


def engines(recognizer: FakeRecognizer | None = None) -> Engines:
    return Engines(PRONOUNCER, recognizer or FakeRecognizer(), FakeCoach(), FakeSpeaker())


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    path.write_bytes(as_wav(tone(0.5).samples))
    return path


def judged(items: list[Item | BadLine], jobs: int = 2) -> list[dict[str, Any]]:
    return [json.loads(line) for line in judge_in_order(items, engines(), LIMITS, jobs)]


class TestLines:
    def test_an_item(self, tmp_path: Path) -> None:
        line = b'{"id": "a", "audio": "x/y.wav", "sentence": "A cat.", "more": 1}'
        assert parse_item(line, 1, tmp_path) == Item("a", tmp_path / "x/y.wav", "A cat.")

    def test_an_absolute_path(self, tmp_path: Path) -> None:
        item = parse_item(b'{"id": 7, "audio": "/x/y.wav", "sentence": "A cat."}', 1, tmp_path)
        assert item == Item(7, Path("/x/y.wav"), "A cat.")

    @pytest.mark.parametrize(
        ("line", "item_id", "reason"),
        [
            (b"not json", None, "Line 3 is not JSON"),
            (b"\xff\xfe", None, "Line 3 is not JSON"),
            (b"[1]", None, "Line 3 is not a JSON object"),
            (b"[" * 100_000, None, "Line 3 is not JSON"),
            (b'{"audio": "a.wav", "sentence": "x"}', None, "Line 3 has no id"),
            (b'{"id": NaN, "audio": "a.wav", "sentence": "x"}', None, "Line 3 has no id"),
            (b'{"id": true, "audio": "a.wav", "sentence": "x"}', None, "Line 3 has no id"),
            (b'{"id": "a", "sentence": "x"}', "a", "Line 3 has no audio"),
            (b'{"id": "a", "audio": 1, "sentence": "x"}', "a", "Line 3 has no audio"),
            (b'{"id": "a", "audio": "a.wav"}', "a", "Line 3 has no sentence"),
        ],
    )
    def test_a_bad_one(self, line: bytes, item_id: str | None, reason: str) -> None:
        bad = parse_item(line, 3, Path())
        assert isinstance(bad, BadLine)
        assert bad.id == item_id
        assert reason in bad.error.message

    @given(st.binary(max_size=100))
    def test_any_bytes(self, line: bytes) -> None:
        assert parse_item(line, 1, Path())


class TestJudging:
    def test_a_report(self, recording: Path) -> None:
        (result,) = judged([Item("a", recording, "A cat.")])
        assert result["id"] == "a"
        report = ReadingReport.model_validate_json(json.dumps(result["report"]), strict=True)
        assert report.sentence == "A cat."
        assert report.duration_seconds == pytest.approx(0.5)

    def test_whatever_an_item_does_the_others_are_judged(self, recording: Path, tmp_path: Path) -> None:
        (tmp_path / "text.wav").write_text("no audio")
        (tmp_path / "short.wav").write_bytes(as_wav(tone(0.1).samples))
        (tmp_path / "silent.wav").write_bytes(as_wav(silence(1).samples))
        with (tmp_path / "large.wav").open("wb") as large:
            large.truncate(1 << 33)
        results = judged(
            [
                Item("missing", tmp_path / "missing.wav", "A cat."),
                Item("folder", tmp_path, "A cat."),
                Item("endless", Path("/dev/zero"), "A cat."),
                Item("null", Path("\0"), "A cat."),
                parse_item(b"bad", 4, tmp_path),
                Item("text", tmp_path / "text.wav", "A cat."),
                Item("short", tmp_path / "short.wav", "A cat."),
                Item("silent", tmp_path / "silent.wav", "A cat."),
                Item("large", tmp_path / "large.wav", "A cat."),
                Item("wordless", recording, "..."),
                Item("half a character", recording, "A \ud83d cat."),
                Item("good", recording, "A cat."),
            ]
        )
        assert [(result["id"], result.get("error", {}).get("code")) for result in results] == [
            ("missing", "invalid_message"),
            ("folder", "invalid_message"),
            ("endless", "invalid_message"),
            ("null", "invalid_message"),
            (None, "invalid_message"),
            ("text", "unsupported_audio"),
            ("short", "audio_too_short"),
            ("silent", "no_speech"),
            ("large", "audio_too_large"),
            ("wordless", "invalid_sentence"),
            ("half a character", None),
            ("good", None),
        ]

    def test_in_order_although_the_first_takes_longest(self, recording: Path) -> None:
        others_done = threading.Semaphore(0)
        calls = iter(range(100))

        def before() -> None:
            if next(calls) == 0:
                for _ in range(3):
                    assert others_done.acquire(timeout=10)
            else:
                others_done.release()

        items = [Item(number, recording, "A cat.") for number in range(4)]
        lines = judge_in_order(items, engines(FakeRecognizer(before=before)), LIMITS, jobs=4)
        assert [json.loads(line)["id"] for line in lines] == [0, 1, 2, 3]

    def test_a_manifest_is_read_only_a_little_ahead(self, recording: Path) -> None:
        taken = 0

        def endless() -> Iterator[Item]:
            nonlocal taken
            while True:
                taken += 1
                yield Item(taken, recording, "A cat.")

        lines = judge_in_order(endless(), engines(), LIMITS, jobs=2)
        for number in range(1, 20):
            assert json.loads(next(lines))["id"] == number
            assert taken <= number + 2 * 4 + 1
        lines.close()
