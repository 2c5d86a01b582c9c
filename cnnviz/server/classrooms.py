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
MOST_ROOMS, MOST_RUNS, MOST_EACH = 100, 400, 12
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
class Room:
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


class Rooms:
    """All rooms of a server; for many sessions at once. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._rooms: dict[str, Room] = {}
        self._lock = threading.Lock()
        self._clock = clock

    def open(self) -> str:
        """A new room; its code. Beyond MOST_ROOMS the one that was used longest ago goes."""
        with self._lock:
            self._clear()
            while len(self._rooms) >= MOST_ROOMS:
                del self._rooms[min(self._rooms, key=lambda code: self._rooms[code].used)]
            code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
            self._rooms[code] = Room(used=self._clock())
            return code

    def add(self, code: str, name: str, run: str, session: str) -> None:
        """A run goes onto the board. Beyond MOST_EACH of a session and MOST_RUNS of the room, the oldest goes. Raises
        ValueError where there is no such room."""
        with self._lock:
            room = self._room(code)
            own = [entry for entry in room.entries if entry.session == session]
            too_many = own[: len(own) - MOST_EACH + 1] if len(own) >= MOST_EACH else []
            room.entries = [entry for entry in room.entries if entry not in too_many][-MOST_RUNS + 1 :]
            room.entries.append(Entry(name, run, session))

    def board(self, code: str) -> list[Entry]:
        """The runs of a room, the oldest first. Raises ValueError where there is no such room."""
        with self._lock:
            return list(self._room(code).entries)

    def _room(self, code: str) -> Room:
        self._clear()
        if code not in self._rooms:
            raise ValueError(f"there is no room {code[:12]!r} on this server (any more); ask for a new link")
        self._rooms[code].used = self._clock()
        return self._rooms[code]

    def _clear(self) -> None:
        """Forgets the rooms that nobody uses."""
        now = self._clock()
        self._rooms = {code: room for code, room in self._rooms.items() if now - room.used < KEPT}
