"""Sounds are remembered up to so many bytes, and those used last are kept."""

from concurrent.futures import ThreadPoolExecutor

from sounditout.engines.phrase_cache import PhraseCache


def test_what_was_not_used_for_longest_goes_first() -> None:
    cache = PhraseCache(max_bytes=8)
    cache.put("one", b"1111")
    cache.put("two", b"2222")
    assert cache.get("one") == b"1111"
    cache.put("three", b"333")
    assert [cache.get(phrase) for phrase in ("one", "two", "three")] == [b"1111", None, b"333"]
    assert cache.size == 7


def test_a_sound_that_is_put_again_counts_once() -> None:
    cache = PhraseCache(max_bytes=8)
    for _ in range(3):
        cache.put("one", b"1111")
    cache.put("two", b"2222")
    assert cache.get("one") == b"1111"
    assert cache.size == 8


def test_a_phrase_without_a_sound_is_remembered_too() -> None:
    cache = PhraseCache(max_bytes=8)
    cache.put("one", b"")
    assert cache.get("one") == b""
    assert cache.get("two") is None


def test_a_sound_larger_than_the_bound_is_not_kept() -> None:
    cache = PhraseCache(max_bytes=8)
    cache.put("one", b"1" * 9)
    assert cache.get("one") is None
    assert cache.size == 0


def test_threads_may_share_it() -> None:
    cache = PhraseCache(max_bytes=100)

    def use(number: int) -> bytes | None:
        phrase = str(number % 30)
        cache.put(phrase, bytes([number % 30]) * 10)
        return cache.get(phrase)

    with ThreadPoolExecutor(4) as pool:
        for number, sound in enumerate(pool.map(use, range(2_000))):
            assert sound in (None, bytes([number % 30]) * 10)
    assert cache.size == 100
