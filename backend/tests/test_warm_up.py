import gc
import logging

import pytest

from sounditout.analysis.ports import Engines
from sounditout.analysis.workers import Workers
from sounditout.engines.fakes import FakeSpeaker, fake_engines
from sounditout.engines.pronunciations import DictionaryPronouncer
from sounditout.errors import SpeechFailed
from sounditout.warm_up import warm_up


async def test_every_engine_works_once(engines: Engines, caplog: pytest.LogCaptureFixture) -> None:
    workers = Workers(threads=1, max_waiting=1)
    with caplog.at_level(logging.WARNING):
        await warm_up(engines, workers)
    workers.close()
    assert caplog.records == []


async def test_garbage_is_looked_for_less_often_from_then_on(engines: Engines) -> None:
    before = gc.get_threshold()
    workers = Workers(threads=1, max_waiting=1)
    try:
        await warm_up(engines, workers)
        assert gc.get_threshold()[0] > 2_000
        assert gc.get_threshold()[1:] == before[1:]
    finally:
        gc.set_threshold(*before)
        workers.close()


async def test_an_engine_that_fails_does_not_keep_the_server_from_starting(caplog: pytest.LogCaptureFixture) -> None:
    fakes = fake_engines(DictionaryPronouncer())
    broken = Engines(fakes.pronouncer, fakes.recognizer, fakes.coach, FakeSpeaker(SpeechFailed()))
    workers = Workers(threads=1, max_waiting=1)
    with caplog.at_level(logging.WARNING):
        await warm_up(broken, workers)
    workers.close()
    assert any("first reading failed" in record.getMessage() for record in caplog.records)
