"""A request to stop, before, during and after, from any thread."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sounditout.analysis.cancellation import Cancellation
from sounditout.errors import Cancelled


def test_the_listener_hears_it_once() -> None:
    heard: list[str] = []
    cancellation = Cancellation()
    cancellation.on_request(lambda: heard.append("stop"))
    assert not cancellation.requested
    cancellation.request()
    cancellation.request()
    assert cancellation.requested
    assert heard == ["stop"]


def test_all_listeners_hear_it_in_the_order_in_which_they_came() -> None:
    heard: list[int] = []
    cancellation = Cancellation()
    for number in range(3):
        cancellation.on_request(lambda number=number: heard.append(number))
    cancellation.request()
    assert heard == [0, 1, 2]


def test_a_listener_that_comes_late_hears_it_at_once() -> None:
    heard: list[str] = []
    cancellation = Cancellation()
    cancellation.request()
    cancellation.on_request(lambda: heard.append("stop"))
    assert heard == ["stop"]


def test_nobody_has_to_listen() -> None:
    Cancellation().request()


def test_work_goes_on_until_stopping_was_asked_for() -> None:
    cancellation = Cancellation()
    cancellation.check("scoring")
    cancellation.request()
    with pytest.raises(Cancelled) as caught:
        cancellation.check("scoring")
    assert caught.value.stage == "scoring"


def test_it_is_watched_for_as_long_as_a_block_lasts() -> None:
    heard: list[str] = []
    cancellation = Cancellation()
    with cancellation.watched_by(lambda: heard.append("first block")):
        pass
    with cancellation.watched_by(lambda: heard.append("second block")):
        cancellation.request()
    with cancellation.watched_by(lambda: heard.append("too late")):
        assert heard == ["second block", "too late"]


def test_a_block_that_fails_is_not_watched_any_more() -> None:
    heard: list[str] = []
    cancellation = Cancellation()
    with pytest.raises(ZeroDivisionError), cancellation.watched_by(lambda: heard.append("stop")):
        raise ZeroDivisionError
    cancellation.request()
    assert heard == []


def test_one_listener_may_watch_twice() -> None:
    heard: list[str] = []
    cancellation, stop = Cancellation(), lambda: heard.append("stop")
    with cancellation.watched_by(stop):
        with cancellation.watched_by(stop):
            pass
        cancellation.request()
    assert heard == ["stop"]


def test_a_listener_may_look_and_ask_itself() -> None:
    seen: list[bool] = []
    cancellation = Cancellation()

    def listener() -> None:
        cancellation.request()
        seen.append(cancellation.requested)

    cancellation.on_request(listener)
    cancellation.request()
    assert seen == [True]


def test_one_cancellation_may_pass_on_to_another() -> None:
    reading, part = Cancellation(), Cancellation()
    with reading.watched_by(part.request):
        reading.request()
    assert part.requested


@pytest.mark.parametrize("_", range(50))
def test_every_listener_hears_exactly_one_of_many_requests_at_once(_: int) -> None:
    heard: list[int] = []
    cancellation, together = Cancellation(), threading.Barrier(8)

    def ask_or_listen(number: int) -> None:
        together.wait(10)
        if number % 2:
            cancellation.request()
        else:
            cancellation.on_request(lambda: heard.append(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask_or_listen, range(8)))
    assert sorted(heard) == [0, 2, 4, 6]
