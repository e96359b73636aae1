"""A request to stop, before, during and after."""

from sounditout.analysis.cancellation import Cancellation


def test_the_listener_hears_it_once() -> None:
    heard: list[str] = []
    cancellation = Cancellation()
    cancellation.on_request(lambda: heard.append("stop"))
    assert not cancellation.requested
    cancellation.request()
    cancellation.request()
    assert cancellation.requested
    assert heard == ["stop"]


def test_a_listener_that_comes_late_hears_it_at_once() -> None:
    heard: list[str] = []
    cancellation = Cancellation()
    cancellation.request()
    cancellation.on_request(lambda: heard.append("stop"))
    assert heard == ["stop"]


def test_nobody_has_to_listen() -> None:
    Cancellation().request()
