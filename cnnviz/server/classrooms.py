"""Rooms: a class that trains together. Who opens its link chooses a nickname; their runs appear on one board.

Nothing is kept but codes, nicknames and the ids of runs and sessions, in memory and within bounds; a room that nobody
has used for a day is gone, and so are all when the server ends. Nothing personal is asked for.
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without I and 1, O and 0, which are taken for one another
LENGTH = 6
MAX_ROOMS, MAX_RUNS, MAX_EACH = 100, 400, 12
LONGEST_NAME = 24
KEPT = 24 * 3600.0  # seconds
ADJECTIVES = ("Quick", "Quiet", "Bold", "Calm", "Bright", "Keen", "Merry", "Nimble", "Proud", "Sunny", "Swift", "Wise")
ANIMALS = ("Otter", "Falcon", "Lynx", "Heron", "Badger", "Marten", "Robin", "Seal", "Wren", "Fox", "Ibex", "Crane")


@dataclass(frozen=True)
class Entry:
    """A run, by its id, of who goes by that nickname; `session` is who that really is, as far as this server knows."""

    nickname: str
    run: str
    session: str


@dataclass
class Classroom:
    """The runs of one room, the oldest first, and when it was last used."""

    entries: list[Entry] = field(default_factory=list)
    used: float = 0.0


def is_code(text: str) -> bool:
    """Whether a room can have that code."""
    return len(text) == LENGTH and set(text) <= set(LETTERS)


def nickname() -> str:
    """One for who has chosen none."""
    return f"{secrets.choice(ADJECTIVES)} {secrets.choice(ANIMALS)}"


def cleaned(name: str) -> str:
    """A nickname as it is shown: printable, one line, no longer than LONGEST_NAME. Raises ValueError where nothing is
    left."""
    short = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())[:LONGEST_NAME].strip()
    if not short:
        raise ValueError("a nickname has at least one letter; type one, or keep the old")
    return short


class Classrooms:
    """All rooms of a server; for many sessions at once. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._classrooms: dict[str, Classroom] = {}
        self._lock = threading.Lock()
        self._clock = clock

    def open(self) -> str:
        """A new room; its code. Beyond MAX_ROOMS the one that was used longest ago goes."""
        with self._lock:
            self._clear()
            while len(self._classrooms) >= MAX_ROOMS:
                del self._classrooms[min(self._classrooms, key=lambda code: self._classrooms[code].used)]
            code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
            self._classrooms[code] = Classroom(used=self._clock())
            return code

    def add(self, code: str, name: str, run: str, session: str) -> None:
        """A run goes onto the board. Beyond MAX_EACH of a session and MAX_RUNS of the room, the oldest goes. Raises
        ValueError where there is no such room."""
        with self._lock:
            classroom = self._classroom(code)
            own = [entry for entry in classroom.entries if entry.session == session]
            too_many = own[: len(own) - MAX_EACH + 1] if len(own) >= MAX_EACH else []
            classroom.entries = [entry for entry in classroom.entries if entry not in too_many][-MAX_RUNS + 1 :]
            classroom.entries.append(Entry(name, run, session))

    def board(self, code: str) -> list[Entry]:
        """The runs of a room, the oldest first. Raises ValueError where there is no such room."""
        with self._lock:
            return list(self._classroom(code).entries)

    def _classroom(self, code: str) -> Classroom:
        self._clear()
        if code not in self._classrooms:
            raise ValueError(f"there is no room {code[:12]!r} on this server (any more); ask for a new link")
        self._classrooms[code].used = self._clock()
        return self._classrooms[code]

    def _clear(self) -> None:
        """Forgets the rooms that nobody uses."""
        now = self._clock()
        self._classrooms = {
            code: classroom for code, classroom in self._classrooms.items() if now - classroom.used < KEPT
        }
