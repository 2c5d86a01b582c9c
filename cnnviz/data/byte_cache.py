"""What was worked out last, up to so many bytes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class _Entry(Generic[Value]):
    """One value that is there, or is being worked out by whoever holds its lock; its bytes, once it is kept."""

    def __init__(self) -> None:
        self.lock, self.size = Lock(), 0
        self.value: Value | None = None


class ByteCache(Generic[Value]):
    """The values that were asked for last, of at most `max_bytes` together; `size` says what one takes. A value that is
    larger than that is given and not kept. Threads may share it: each value is worked out once, by the first that
    asks, and the others wait."""

    def __init__(self, max_bytes: int, size: Callable[[Value], int]):
        self.max_bytes, self.bytes = max_bytes, 0
        self._size, self._lock = size, Lock()
        self._entries: OrderedDict[Hashable, _Entry[Value]] = (
            OrderedDict()
        )  # the one that was asked for last comes last

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key`, made where it is not there. Raises what `make` raises; the next who asks tries again."""
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
        with entry.lock:
            if entry.value is None:
                try:
                    entry.value = make()
                except BaseException:
                    self._drop(key, entry)
                    raise
                self._keep(key, entry, self._size(entry.value))
            return entry.value

    def __len__(self) -> int:
        return len(self._entries)

    def _drop(self, key: Hashable, entry: _Entry[Value]) -> None:
        """Forget the entry, if it is still the one of that key."""
        with self._lock:
            if self._entries.get(key) is entry:
                del self._entries[key]

    def _keep(self, key: Hashable, entry: _Entry[Value], size: int) -> None:
        """Count a new value, and forget the oldest until there is room for it."""
        with self._lock:
            if self._entries.get(key) is not entry:
                return
            entry.size = size
            self.bytes += size
            for other in list(self._entries):
                if self.bytes <= self.max_bytes:
                    break
                if (other == key and size <= self.max_bytes) or not self._entries[other].size:
                    continue
                self.bytes -= self._entries.pop(other).size
