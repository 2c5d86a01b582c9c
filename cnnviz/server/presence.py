"""Who is there: the living connections of each session."""

import threading
import time
from collections import Counter
from collections.abc import Callable

REMEMBERED = 10_000  # sessions that have left


class Presence:
    """Counts the connections of each session. Threads may share it; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._connections: Counter[str] = Counter()
        self._left: dict[str, float] = {}  # session -> when its last connection ended, the longest ago first
        self._lock = threading.Lock()
        self._clock = clock

    def arrive(self, session: str) -> None:
        """A connection of that session is there."""
        with self._lock:
            self._connections[session] += 1
            self._left.pop(session, None)

    def leave(self, session: str) -> None:
        """One of its connections has ended."""
        with self._lock:
            self._connections[session] -= 1
            if self._connections[session] <= 0:
                del self._connections[session]
                self._left.pop(session, None)
                self._left[session] = self._clock()
                if len(self._left) > REMEMBERED:
                    del self._left[next(iter(self._left))]

    def is_here(self, session: str) -> bool:
        """Whether it has a living connection."""
        with self._lock:
            return self._connections[session] > 0

    def left_for(self, session: str) -> float:
        """Seconds since its last connection ended; 0 while it is there, and for one that never had any, as a script."""
        with self._lock:
            left = self._left.get(session)
        return 0.0 if left is None else self._clock() - left


HERE = Presence()  # of this server
