"""Pieces in any order, once or more often, become one recording or a clear error."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.analysis.arrival import Arrival, Arrivals
from sounditout.errors import AudioTooLarge, InvalidMessage, Overloaded


def arrival(max_bytes: int = 1000) -> Arrival:
    return Arrivals(max_bytes, 10_000).open()


def test_pieces_in_order() -> None:
    one = arrival()
    for number, piece in enumerate([b"ab", b"", b"c"]):
        one.put(number, piece)
        assert not one.is_complete
    one.end(3)
    assert one.is_complete
    assert one.audio == b"abc"


def test_without_a_number_the_end_is_what_has_come() -> None:
    one = arrival()
    one.put(0, b"a")
    one.put(2, b"c")
    one.end(None)
    assert not one.is_complete
    one.put(1, b"b")
    assert one.is_complete
    assert one.audio == b"abc"


def test_nothing_at_all_is_complete_too() -> None:
    one = arrival()
    one.end(None)
    assert one.is_complete
    assert one.audio == b""


def test_what_comes_after_the_end_does_not_count() -> None:
    one = arrival()
    one.put(0, b"a")
    one.end(1)
    one.put(1, b"b")
    one.end(2)
    assert one.is_complete
    assert one.audio == b"a"


@given(st.lists(st.binary(max_size=8), max_size=12), st.randoms(use_true_random=False))
def test_whatever_the_order_and_however_often(pieces: list[bytes], chance: random.Random) -> None:
    one = arrival()
    posted = [*enumerate(pieces), *[(number, piece) for number, piece in enumerate(pieces) if number % 3 == 0]]
    chance.shuffle(posted)
    cut = chance.randint(0, len(posted))
    for number, piece in posted[:cut]:
        one.put(number, piece)
    one.end(len(pieces))
    for number, piece in posted[cut:]:
        one.put(number, piece)
    assert one.is_complete
    assert one.audio == b"".join(pieces)


def test_all_of_it_may_come_in_one_piece_after_all() -> None:
    arrivals = Arrivals(100, 100)
    one = arrivals.open()
    one.put(0, b"x" * 60)
    one.put(2, b"x" * 20)
    one.put_whole(b"whole" * 19)
    assert one.is_complete
    assert one.audio == b"whole" * 19
    assert arrivals.bytes == 95
    one.put_whole(b"again")
    one.put(1, b"late")
    assert one.audio == b"whole" * 19


async def test_a_piece_far_beyond_the_others_is_no_piece() -> None:
    one = arrival()
    one.put(0, b"a")
    one.put(2**53 - 1, b"")
    with pytest.raises(InvalidMessage):
        await one.news()


async def test_an_empty_piece_is_no_news() -> None:
    one = arrival()
    one.put(0, b"")
    waiting = asyncio.create_task(one.news())
    await asyncio.sleep(0)
    assert not waiting.done()
    one.end(None)
    await waiting


async def test_too_large_is_said_to_whoever_waits() -> None:
    one = arrival(max_bytes=4)
    one.put(0, b"abc")
    await one.news()
    one.put(1, b"de")
    with pytest.raises(AudioTooLarge):
        await one.news()


async def test_all_that_arrive_are_bounded_together() -> None:
    arrivals = Arrivals(100, 150)
    first, second = arrivals.open(), arrivals.open()
    first.put(0, b"x" * 100)
    second.put(0, b"x" * 100)
    with pytest.raises(Overloaded):
        await second.news()
    second.close()
    first.close()
    first.close()
    assert arrivals.bytes == 0


async def test_whoever_waits_hears_of_news_only() -> None:
    one = arrival()
    waiting = asyncio.create_task(one.news())
    await asyncio.sleep(0)
    assert not waiting.done()
    one.put(0, b"a")
    await waiting
    waiting = asyncio.create_task(one.news())
    await asyncio.sleep(0)
    one.put(0, b"a")
    await asyncio.sleep(0)
    assert not waiting.done(), "a repeated piece is none"
    one.end(None)
    await waiting
