"""A cache that counts bytes: what was asked for last stays, each value is made once, a failure is not kept."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from cnnviz.data.byte_cache import ByteCache


def test_what_was_asked_for_last_stays_within_the_bytes():
    made = []

    def make(size):
        made.append(size)
        return b"x" * size

    cache = ByteCache(100, len)
    for key, size in [("a", 40), ("b", 40), ("a", 40), ("c", 40), ("a", 40), ("b", 40)]:
        assert len(cache.get(key, lambda size=size: make(size))) == size
        assert cache.bytes <= 100
    assert len(made) == 4 and len(cache) == 2 and cache.bytes == 80  # b went for c, and c for b
    assert cache.get("a", lambda: pytest.fail("it was there"))


def test_what_is_too_large_is_given_and_not_kept():
    cache = ByteCache(100, len)
    cache.get("small", lambda: b"x" * 60)
    assert len(cache.get("large", lambda: b"x" * 101)) == 101
    assert cache.bytes <= 100 and "large" not in cache._entries
    assert len(cache.get("large", lambda: b"y" * 101)) == 101


def test_a_failure_is_raised_and_tried_again():
    cache = ByteCache(100, len)
    with pytest.raises(ValueError, match="not now"):
        cache.get("a", lambda: (_ for _ in ()).throw(ValueError("not now")))
    assert len(cache) == 0 and cache.get("a", lambda: b"later") == b"later" and cache.bytes == 5


def test_of_many_who_ask_at_once_one_makes_it():
    cache, made, go = ByteCache(1000, len), [], Event()

    def make(key):
        go.wait(10)
        made.append(key)
        return key.encode() * 10

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(cache.get, key, lambda key=key: make(key)) for key in "abab" * 4]
        go.set()
        assert [one.result()[:1] for one in asked] == [key.encode() for key in "abab" * 4]
    assert sorted(made) == ["a", "b"] and cache.bytes == 20
