"""Values that are kept in memory while they fit into so many bytes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar
from weakref import WeakSet

Value = TypeVar("Value")

_all: "WeakSet[ByteCache[Any]]" = WeakSet()


class ByteCache(Generic[Value]):
    """Keep what was asked for last, at most `max_bytes` of it in all; the newest stays, however large it is. Of it
    `when_alone` bytes stay (by default all) when nobody is there to ask (`let_go`).

    Values are made one at a time, so that two who ask for the same do not make it twice, and no more than one is in
    memory beside those that are kept. A value that cannot be made is not kept: its exception goes to who asked.
    """

    def __init__(self, max_bytes: int, size: Callable[[Value], int], when_alone: int | None = None) -> None:
        self.max_bytes, self._size = max_bytes, size
        self.when_alone = max_bytes if when_alone is None else when_alone
        self._kept: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()  # the one asked for last comes last
        self._books, self._making = threading.Lock(), threading.Lock()
        _all.add(self)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value under `key`; where there is none it is made."""
        if found := self._found(key):
            return found[0]
        with self._making:
            if found := self._found(key):  # somebody made it meanwhile
                return found[0]
            value = make()
            self._keep(key, value)
            return value

    def total(self) -> int:
        """The bytes that are kept."""
        with self._books:
            return sum(size for _, size in self._kept.values())

    def clear(self) -> None:
        """Forgets all."""
        with self._books:
            self._kept.clear()

    def _found(self, key: Hashable) -> tuple[Value, int] | None:
        with self._books:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: Hashable, value: Value) -> None:
        with self._books:
            self._kept[key] = value, self._size(value)
            self._trim(self.max_bytes, 1)

    def _trim(self, max_bytes: int, stay: int) -> None:
        total = sum(size for _, size in self._kept.values())
        while total > max_bytes and len(self._kept) > stay:
            total -= self._kept.popitem(last=False)[1][1]


def let_go() -> None:
    """Nobody is there to ask: every cache keeps no more than it does then."""
    for cache in list(_all):
        with cache._books:
            cache._trim(cache.when_alone, 0)
