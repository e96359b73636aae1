import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.client.sse import ServerSentEvent, SseDecoder


def decoded(*chunks: bytes) -> list[ServerSentEvent]:
    decoder = SseDecoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_every_line_end(end: str) -> None:
    stream = end.join(["id: a:1", "data: one", "", "data: two", "", ""])
    assert decoded(stream.encode()) == [ServerSentEvent("one", id="a:1"), ServerSentEvent("two", id="a:1")]


def test_fields_comments_and_what_is_unknown() -> None:
    stream = b": comment\nevent: word\ndata:no space\ndata\ndata:  two spaces\nretry: 10\nnonsense\n\n"
    assert decoded(stream) == [ServerSentEvent("no space\n\n two spaces", event="word")]


def test_nothing_without_data_and_nothing_unfinished() -> None:
    assert decoded(b"id: 1\nevent: x\n\ndata: cut off\n") == []


def test_a_byte_order_mark() -> None:
    assert decoded(b"\xef\xbb\xbfdata: x\n\n") == [ServerSentEvent("x")]


def test_an_id_with_a_null_is_ignored() -> None:
    assert decoded(b"id: 1\nid: 2\0\ndata: x\n\n") == [ServerSentEvent("x", id="1")]


@given(st.lists(st.integers(0, 60), max_size=12))
def test_the_network_may_cut_it_anywhere(cuts: list[int]) -> None:
    stream = "id: 7\r\ndata: {“a”: 1}\r\n\r\n: hi\r\n\rdata: ə\n\ndata: 3\r\r".encode()
    edges = sorted({0, len(stream), *cuts})
    pieces = [stream[a:b] for a, b in itertools.pairwise(edges)]
    assert decoded(*pieces) == decoded(stream)
    assert [event.data for event in decoded(stream)] == ["{“a”: 1}", "ə", "3"]
