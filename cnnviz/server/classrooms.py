"""Rooms: a class that trains together. Who opens its link chooses a nickname, which is theirs alone in that room; their
runs appear on one board. Whoever opened the room keeps order on it.

Nothing is kept but codes, nicknames and the ids of runs and sessions, in memory and within bounds; a room that nobody
has used for a day is gone, and so are all when the server ends. Nothing personal is asked for.
"""

import secrets
import threading
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain, count

from cnnviz.data.shares import most, surplus

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without I and 1, O and 0, which are taken for one another
LENGTH = 6
MAX_ROOMS, MAX_ROOMS_EACH = 100, 5  # of a server, and of one session
MAX_RUNS, MAX_EACH = 400, 12  # of a room, and of one session in it
LONGEST_NAME = 24
KEPT = 24 * 3600.0  # seconds
IN_USE = 900.0  # seconds after its last use in which a room does not go for another one
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
    """The runs of one room, the oldest first, the session that opened it ('': none), when it was last used, and by
    session the nicknames in it."""

    entries: list[Entry] = field(default_factory=list)
    opener: str = ""
    used: float = 0.0
    nicknames: dict[str, str] = field(default_factory=dict)


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
    """All rooms of a server; for many sessions at once. A reader goes by one name of a session or by several, of which
    the first is for what is new. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._classrooms: dict[str, Classroom] = {}
        self._lock = threading.Lock()
        self._clock = clock

    def open(self, session: str = "") -> str:
        """A new room of that session's; its code. Beyond MAX_ROOMS_EACH of its own, and beyond MAX_ROOMS of whoever has
        most, the room goes that was used longest ago. Raises ValueError where nobody has more than one and each is in
        use."""
        with self._lock:
            self._clear()
            by_use = sorted(self._classrooms, key=lambda code: self._classrooms[code].used)
            openers = [*(self._classrooms[code].opener for code in by_use), session]
            gone = [by_use[place] for place in surplus(openers, MAX_ROOMS_EACH, MAX_ROOMS)]
            if session and most(openers) == 1 and any(self._is_in_use(code) for code in gone):
                raise ValueError(f"{MAX_ROOMS} rooms are in use on this server, as many as it takes; try again later")
            for old in gone:
                del self._classrooms[old]
            code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
            self._classrooms[code] = Classroom(opener=session, used=self._clock())
            return code

    def openers(self, run: str) -> list[str]:
        """The sessions that opened the rooms in which that run stands."""
        with self._lock:
            self._clear()
            return [
                room.opener for room in self._classrooms.values() if any(entry.run == run for entry in room.entries)
            ]

    def opener(self, code: str) -> str:
        """The session that opened the room. Raises ValueError where there is no such room."""
        with self._lock:
            return self._classroom(code).opener

    def nicknames(self, code: str) -> dict[str, str]:
        """The nicknames in a room, by session. Raises ValueError where there is no such room."""
        with self._lock:
            return dict(self._classroom(code).nicknames)

    def name(self, code: str, wanted: str, sessions: Sequence[str]) -> str:
        """The nickname of a reader in a room from now on: the one that is wanted, or where it is another's a free one
        like it. Raises ValueError where there is no such room."""
        with self._lock:
            return _named(self._classroom(code), wanted, sessions)

    def add(self, code: str, name: str, run: str, session: str, *others: str) -> None:
        """A run goes onto the board, under that nickname or a free one like it; `others` are the reader's other names.
        Beyond MAX_EACH of a reader and MAX_RUNS of the room, the oldest goes. Raises ValueError where there is no such
        room."""
        with self._lock:
            classroom = self._classroom(code)
            own = [entry for entry in classroom.entries if entry.session in (session, *others)]
            too_many = own[: len(own) - MAX_EACH + 1] if len(own) >= MAX_EACH else []
            classroom.entries = [entry for entry in classroom.entries if entry not in too_many][-MAX_RUNS + 1 :]
            classroom.entries.append(Entry(_named(classroom, name, [session, *others]), run, session))

    def board(self, code: str) -> list[Entry]:
        """The runs of a room, the oldest first. Raises ValueError where there is no such room."""
        with self._lock:
            return list(self._classroom(code).entries)

    def remove(self, code: str, run: str, sessions: Sequence[str]) -> None:
        """Takes a run off the board, as who opened the room may. Raises ValueError where that is another, or where
        there is no such room."""
        with self._lock:
            classroom = self._owned(code, sessions)
            classroom.entries = [entry for entry in classroom.entries if entry.run != run]

    def close(self, code: str, sessions: Sequence[str]) -> list[Entry]:
        """Ends a room, as who opened it may, and gives what stood on its board. Raises ValueError as `remove` does."""
        with self._lock:
            entries = self._owned(code, sessions).entries
            del self._classrooms[code]
            return entries

    def _owned(self, code: str, sessions: Sequence[str]) -> Classroom:
        classroom = self._classroom(code)
        if not classroom.opener or classroom.opener not in sessions:
            raise ValueError(f"room {code} was opened by somebody else, who alone can change its board and close it")
        return classroom

    def _classroom(self, code: str) -> Classroom:
        self._clear()
        if code not in self._classrooms:
            raise ValueError(f"there is no room {code[:12]!r} on this server (any more); ask for a new link")
        self._classrooms[code].used = self._clock()
        return self._classrooms[code]

    def _is_in_use(self, code: str) -> bool:
        return self._clock() - self._classrooms[code].used < IN_USE

    def _clear(self) -> None:
        """Forgets the rooms that nobody uses."""
        now = self._clock()
        self._classrooms = {
            code: classroom for code, classroom in self._classrooms.items() if now - classroom.used < KEPT
        }


def _named(classroom: Classroom, wanted: str, sessions: Sequence[str]) -> str:
    """Gives a reader a nickname in a room: the wanted one, or one like it that nobody else has there."""
    named = [*classroom.nicknames.items(), *((entry.session, entry.nickname) for entry in classroom.entries)]
    taken = {_spoken(name) for session, name in named if session not in sessions}
    variants = (f"{wanted[: LONGEST_NAME - 1 - len(str(number))].strip()} {number}" for number in count(2))
    name = next(name for name in chain([wanted], variants) if _spoken(name) not in taken)
    for session in sessions:
        classroom.nicknames.pop(session, None)
    classroom.nicknames[sessions[0]] = name
    if len(classroom.nicknames) > MAX_RUNS:
        del classroom.nicknames[next(iter(classroom.nicknames))]
    return name


def _spoken(name: str) -> str:
    """A nickname as it is heard: 'ada' is Ada, and so it is in wide letters."""
    return unicodedata.normalize("NFKC", name).casefold()
