"""A bounded queue with a last word."""

from sounditout.connection.outbox import Close, Outbox
from sounditout.wire import CLOSE_CODES


def test_texts_come_out_in_order_and_the_close_last() -> None:
    outbox = Outbox(8)
    for text in "abc":
        outbox.put(text)
    outbox.close(Close(4401))
    outbox.put("too late")
    outbox.close(Close(4409))
    assert [outbox.take() for _ in range(5)] == ["a", "b", "c", Close(4401), Close(4401)]


def test_it_can_be_empty() -> None:
    outbox = Outbox(8)
    assert outbox.is_empty
    assert outbox.take() is None
    outbox.put("a")
    assert not outbox.is_empty
    assert outbox.take() == "a"
    assert outbox.is_empty
    outbox.close(Close(4401))
    assert not outbox.is_empty


def test_one_text_too_many_closes_at_once() -> None:
    outbox = Outbox(2)
    for text in "abc":
        outbox.put(text)
    assert outbox.closing
    assert outbox.take() == Close(4408)


def test_every_close_has_a_reason_that_fits_into_a_frame() -> None:
    for code in CLOSE_CODES:
        assert 0 < len(Close(code).reason.encode()) <= 123
