"""Whose run is next: a queue that is fair to sessions, not to runs."""

from collections import deque
from collections.abc import Callable
from copy import deepcopy

REMEMBERED = 1000  # sessions whose last turn is known; a longer memory would only grow with the server's age


class Turns:
    """Runs that wait, by session. The session whose last turn is longest ago has the next one, and whoever never had
    one goes before all that had; between those, whoever waits longer. Each session's own runs keep their order.

    So a session with ten runs in the queue delays everybody else by one run at the most. Not for threads to share
    without a lock.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, deque[str]] = {}  # by session, in the order in which they began to wait
        self._last: dict[str, int] = {}  # session -> the number of its last turn, oldest first
        self._turn = 0

    def add(self, run_id: str, session: str) -> None:
        """Puts a run at the end of its session's."""
        self._waiting.setdefault(session, deque()).append(run_id)

    def take(self) -> str | None:
        """The run whose turn it is, which leaves the queue; None where nothing waits."""
        if not self._waiting:
            return None
        session = min(self._waiting, key=lambda session: self._last.get(session, 0))  # the first of equals
        run_id = self._waiting[session][0]
        self.remove(run_id)
        self._remember(session)
        return run_id

    def remove(self, run_id: str) -> None:
        """Takes a run out of the queue, wherever it stands; nothing where it does not wait."""
        for session, own in list(self._waiting.items()):
            if run_id in own:
                own.remove(run_id)
            if not own:
                del self._waiting[session]

    def order(self) -> list[str]:
        """The runs in the order in which they will be taken, if no others come."""
        ahead, order = deepcopy(self), []
        while (run_id := ahead.take()) is not None:
            order.append(run_id)
        return order

    def newest_of_most(self) -> str | None:
        """The run that came last of the session that has most waiting; None where nobody has more than one."""
        own = max(self._waiting.values(), key=len, default=deque())
        return own[-1] if len(own) > 1 else None

    def of(self, wanted: Callable[[str], bool]) -> list[str]:
        """The runs of the sessions of which `wanted` says yes."""
        return [run_id for session, own in self._waiting.items() if wanted(session) for run_id in own]

    def waiting(self, session: str | None = None) -> int:
        """How many runs wait, of one session or in all."""
        if session is not None:
            return len(self._waiting.get(session, ()))
        return sum(map(len, self._waiting.values()))

    def _remember(self, session: str) -> None:
        self._turn += 1
        self._last.pop(session, None)
        self._last[session] = self._turn
        if len(self._last) > REMEMBERED:
            del self._last[next(iter(self._last))]
