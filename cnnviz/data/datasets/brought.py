"""Whose the data sets are that readers brought or recorded: beside each lies an empty file for every session that has
it, `own_<hash>.by-<session>`. Other files in the data folder are everybody's.

What was brought (own_) stays until there is no room for it; what was recorded (rec_) goes with its session. Networks
that were brought (net_, inference/brought.py) lie in a folder of their own and are kept in the same way.
"""

import re
import threading
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MAX_EACH, MAX_IN_ALL = 500_000_000, 4_000_000_000  # bytes of the data sets of one session, and of all together
MAX_MARKS = 1000  # where many bring the same

_NAME = re.compile(r"(own|rec)_[0-9a-f]{8,32}")
_NETWORK = re.compile(r"net_[0-9a-f]{32}")
_MARK = re.compile(r"((?:own|rec|net)_[0-9a-f]{8,32})\.by-([0-9a-zA-Z_-]{1,64})")
_SUFFIXES = {"own": ".npz", "rec": ".npz", "net": ".safetensors"}  # by what a name begins with
_lock = threading.Lock()

InUse = Callable[[str, Collection[str]], bool]


def nobody_uses(_name: str, _sessions: Collection[str]) -> bool:
    """For whoever knows of no sessions: a script, a test."""
    return False


@dataclass(frozen=True)
class Kept:
    """A data set or network that was brought or recorded: its bytes, when it was written, in nanoseconds since 1970,
    and whose it is."""

    name: str
    size: int
    written: int
    sessions: tuple[str, ...]


def is_brought(name: str) -> bool:
    """Whether a data set of that name was brought or recorded by a reader."""
    return _NAME.fullmatch(name) is not None


def is_network(name: str) -> bool:
    """Whether it is a network, whose weights a reader brought."""
    return _NETWORK.fullmatch(name) is not None


def is_recorded(name: str) -> bool:
    """Whether it was recorded, and goes with its session."""
    return is_brought(name) and name.startswith("rec_")


def listed(names: Iterable[str], folder: Path, own: Callable[[Iterable[str]], Collection[str]]) -> list[str]:
    """Of the data sets those that stand in a reader's menu: all that were not brought, and those of the sessions that
    `own` picks out of many as the reader's."""
    marks = _marks(folder)
    sessions = own(session for _, session in marks)
    mine = {name for name, session in marks if session in sessions}
    return [name for name in names if name in mine or not is_brought(name)]


def keep_for(
    name: str,
    written: Path,
    session: str,
    folder: Path,
    in_use: InUse = nobody_uses,
    at_most: int | None = None,
) -> None:
    """Put the data set that lies at `written` into the folder under its name, as the session's ('': nobody's), which
    may have `at_most` so many there.

    Where it would be too much in all, those go first that were written longest ago, of which `in_use(name, sessions)`
    says that neither their sessions nor a run needs them. Raises ValueError where that does not make the room, or where
    it is too much for one session; OSError where the folder does not take it.
    """
    with _lock:
        place = _place(name, folder)
        _check_count(name, session, folder, at_most)
        if not place.is_file():
            _make_room(written.stat().st_size, session, folder, in_use)
        written.replace(place)
        if session and len(_marks(folder)) < MAX_MARKS:
            (folder / f"{name}.by-{session}").touch()


def _check_count(name: str, session: str, folder: Path, at_most: int | None) -> None:
    """Raises ValueError where the session has as many others as it may have."""
    others = {marked for marked, owner in _marks(folder) if owner == session and marked != name}
    if at_most is not None and session and len(others) >= at_most:
        raise ValueError(f"{len(others)} of yours are kept here, and {at_most} are the most; remove one first")


def _make_room(size: int, session: str, folder: Path, in_use: InUse) -> None:
    kept = all_kept(folder)
    own = [one for one in kept if session and session in one.sessions]
    mine = sum(one.size for one in own)
    if mine + size > MAX_EACH:
        raise ValueError(
            f"it takes {_mb(size)} MB and {len(own)} of yours are kept here with {_mb(mine)}; {_mb(MAX_EACH)} are the "
            "most of one reader, so remove one first"
        )
    total = sum(one.size for one in kept)
    for one in sorted(kept, key=lambda one: one.written):
        if total + size <= MAX_IN_ALL:
            return
        if not is_recorded(one.name) and not in_use(one.name, one.sessions):
            drop(one.name, folder)
            total -= one.size
    if total + size > MAX_IN_ALL:
        raise ValueError(
            f"it takes {_mb(size)} MB, and of the {_mb(MAX_IN_ALL)} that this server has for what readers bring "
            f"{_mb(total)} are in use; try again later"
        )


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f}"


def remove(name: str, session: str, folder: Path, in_use: InUse = nobody_uses) -> None:
    """Take a data set or network from a session; it goes where nobody else has it. Raises ValueError where it is not
    the session's, or where a run needs it still."""
    with _lock:
        sessions = next((one.sessions for one in all_kept(folder) if one.name == name), ())
        if session not in sessions:
            raise ValueError(f"{name} is not yours to remove: only who brought it can")
        if in_use(name, ()):
            raise ValueError(f"a run is training on {name}; it can be removed once that is over")
        if len(sessions) > 1:
            (folder / f"{name}.by-{session}").unlink(missing_ok=True)
        else:
            drop(name, folder)


def all_kept(folder: Path) -> list[Kept]:
    """All that was brought or recorded and lies in the folder, with whose it is."""
    sessions: dict[str, list[str]] = {}
    for name, session in _marks(folder):
        sessions.setdefault(name, []).append(session)
    found = []
    for path in sorted(path for suffix in {*_SUFFIXES.values()} for path in folder.glob(f"*{suffix}")):
        with suppress(OSError):  # it has just gone
            if is_brought(path.stem) or is_network(path.stem):
                stat = path.stat()
                found.append(Kept(path.stem, stat.st_size, stat.st_mtime_ns, tuple(sessions.get(path.stem, ()))))
    return found


def drop(name: str, folder: Path) -> None:
    """Remove a data set or network and all that says whose it is."""
    for path in (_place(name, folder), *folder.glob(f"{name}.by-*")):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def any_recorded(folder: Path) -> bool:
    """Whether there is anything that goes with its session."""
    return any(folder.glob("rec_*"))


def touch(name: str, folder: Path) -> None:
    """Say that a recorded data set is still somebody's: its marks are as old as that was last said."""
    for path in folder.glob(f"{name}.by-*"):
        with suppress(OSError):
            path.touch()


def forgotten(folder: Path, seconds: float) -> list[str]:
    """The recorded data sets of which nobody has said for so long that they are somebody's."""
    now = time.time()
    return [
        name
        for name in {path.name.partition(".")[0] for path in folder.glob("rec_*")}
        if is_recorded(name) and all(now - _written(path) > seconds for path in folder.glob(f"{name}.*"))
    ]


def _place(name: str, folder: Path) -> Path:
    return folder / f"{name}{_SUFFIXES[name[:3]]}"


def _marks(folder: Path) -> list[tuple[str, str]]:
    """Each data set with a session that has it."""
    found = (_MARK.fullmatch(path.name) for path in folder.glob("*.by-*"))
    return sorted((mark[1], mark[2]) for mark in found if mark)


def _written(path: Path) -> float:
    """When it was, in seconds; 0 where it has just gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
