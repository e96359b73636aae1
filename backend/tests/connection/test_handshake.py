"""Who is calling, and from which page."""

import pytest

from sounditout.connection.handshake import client_id, offered_token, origin_allowed, selected_subprotocol


@pytest.mark.parametrize(
    ("headers", "subprotocols", "query", "token"),
    [
        ({"authorization": "Bearer abc"}, ["sounditout.v1", "bearer.def"], {"token": "ghi"}, "abc"),
        ({"authorization": "bearer abc"}, [], {}, "abc"),
        ({}, ["sounditout.v1", "bearer.def"], {"token": "ghi"}, "def"),
        ({"authorization": "Basic abc"}, ["sounditout.v1"], {"token": "ghi"}, "ghi"),
        ({}, ["sounditout.v1"], {}, None),
        ({"authorization": "Bearer "}, [], {"token": "ghi"}, ""),
    ],
)
def test_the_first_place_with_a_token_counts(
    headers: dict[str, str], subprotocols: list[str], query: dict[str, str], token: str | None
) -> None:
    assert offered_token(headers, subprotocols, query) == token


def test_the_token_is_never_echoed() -> None:
    assert selected_subprotocol(["bearer.secret", "sounditout.v1"]) == "sounditout.v1"
    assert selected_subprotocol(["bearer.secret"]) is None


@pytest.mark.parametrize(
    ("query", "name"), [({"client_id": "tab-1"}, "tab-1"), ({"client_id": "a b"}, None), ({}, None)]
)
def test_a_tab_may_name_itself(query: dict[str, str], name: str | None) -> None:
    assert client_id(query) == name


@pytest.mark.parametrize(
    ("origin", "host", "allowed", "may"),
    [
        (None, "read.example", (), True),
        ("https://read.example", "read.example", (), True),
        ("https://read.example:443", "read.example", (), True),
        ("https://READ.example", "read.example", (), True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", (), True),
        ("http://[::1]:8000", "[::1]:8000", (), True),
        ("http://127.0.0.1:8001", "127.0.0.1:8000", (), False),
        ("https://evil.example", "read.example", (), False),
        ("https://read.example.evil.example", "read.example", (), False),
        ("https://other.example", "read.example", ("https://other.example",), True),
        ("https://other.example:443", "read.example", ("https://other.example/",), True),
        ("http://other.example", "read.example", ("https://other.example",), False),
        ("null", "read.example", (), False),
        ("null", "read.example", ("null",), False),
        ("", "read.example", (), False),
        ("file://", "read.example", (), False),
        ("https://read.example:port", "read.example", (), False),
        ("https://[", "read.example", (), False),
        ("chrome-extension://read.example", "read.example", (), False),
        ("https://evil.example", "", (), False),
    ],
)
def test_only_our_own_pages_and_those_on_the_list_may_connect(
    origin: str | None, host: str, allowed: tuple[str, ...], may: bool
) -> None:
    headers = {"host": host} | ({} if origin is None else {"origin": origin})
    assert origin_allowed(headers, allowed) is may
