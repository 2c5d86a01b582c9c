"""What is kept in memory is bounded by bytes."""

import threading

import pytest

from cnnviz.data.byte_cache import ByteCache, let_go


def fail() -> bytes:
    raise ValueError("it is damaged")


def test_what_was_asked_for_last_stays() -> None:
    cache = ByteCache(10, len)
    for key in "abc":
        cache.get(key, lambda key=key: key.encode() * 4)
    assert cache.total() == 8
    made = []
    for key in "bcbab":
        cache.get(key, lambda key=key: made.append(key) or b"1234")
    assert made == ["a"], "a had gone, for it was the oldest; then c went"


def test_the_newest_stays_however_large_it_is() -> None:
    cache = ByteCache(10, len)
    cache.get("small", lambda: b"1")
    large = cache.get("large", lambda: bytes(100))
    assert cache.get("large", fail) is large and cache.total() == 100
    cache.get("small", lambda: b"1")
    assert cache.total() == 1


def test_when_nobody_is_there_so_much_stays_as_is_said() -> None:
    some, none, whole = ByteCache(30, len, 10), ByteCache(30, len, 0), ByteCache(30, len)
    for cache in (some, none, whole):
        for key in "abc":
            cache.get(key, lambda: bytes(8))
    let_go()
    assert [cache.total() for cache in (some, none, whole)] == [8, 0, 24]
    some.get("c", fail)


def test_what_cannot_be_made_is_not_kept() -> None:
    cache = ByteCache(10, len)
    with pytest.raises(ValueError, match="damaged"):
        cache.get("a", fail)
    assert cache.get("a", lambda: b"1") == b"1"
    cache.clear()
    assert cache.total() == 0


def test_two_who_ask_at_once_get_the_same() -> None:
    cache, together, made, got = ByteCache(10, len), threading.Barrier(8), [], []

    def ask() -> None:
        together.wait(30)
        got.append(cache.get("a", lambda: made.append(1) or bytes(5)))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(made) == 1 and len(got) == 8 and all(one is got[0] for one in got)
