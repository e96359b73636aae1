"""A bounded queue with a last word."""

import asyncio

from sounditout.connection.outbox import Close, Outbox


async def test_texts_come_out_in_order_and_the_close_last() -> None:
    outbox = Outbox(8)
    for text in "abc":
        outbox.put(text)
    outbox.close(Close(4401))
    outbox.put("too late")
    outbox.close(Close(4409))
    assert [await outbox.next() for _ in range(4)] == ["a", "b", "c", Close(4401)]
    assert await outbox.next() == Close(4401)


async def test_a_reader_waits_until_there_is_something() -> None:
    outbox = Outbox(8)
    reader = asyncio.create_task(outbox.next())
    await asyncio.sleep(0)
    assert not reader.done()
    outbox.put("a")
    assert await reader == "a"


async def test_one_text_too_many_closes_at_once() -> None:
    outbox = Outbox(2)
    for text in "abc":
        outbox.put(text)
    assert outbox.closing
    assert await outbox.next() == Close(4408)


def test_every_close_has_a_reason_that_fits_into_a_frame() -> None:
    for code in (1009, 4400, 4401, 4408, 4409):
        assert 0 < len(Close(code).reason.encode()) <= 123
