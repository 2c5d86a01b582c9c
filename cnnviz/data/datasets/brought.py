"""Whose the data sets are that readers brought: beside each lies an empty file for every session that brought it,
`own_<hash>.by-<session>`, as old as that is. Other files in the data folder are everybody's."""

import os
import re
import threading
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from pathlib import Path

from cnnviz.data.shares import surplus

MAX_EACH, MAX_IN_ALL = 5, 60  # data sets of one session, and of all together
MAX_MARKS = 1000  # where many bring the same

_NAME = re.compile(r"own_[0-9a-f]{8,16}")
_MARK = re.compile(r"(own_[0-9a-f]{8,16})\.by-([0-9a-zA-Z_-]{1,64})")
_lock = threading.Lock()


def _is_brought(name: str) -> bool:
    """Whether a data set of that name was brought by a reader."""
    return _NAME.fullmatch(name) is not None


def listed(names: Iterable[str], folder: Path, own: Callable[[Iterable[str]], Collection[str]]) -> list[str]:
    """Of the data sets those that stand in a reader's menu: all that were not brought, and those brought by the
    sessions that `own` picks out of many as the reader's."""
    marks = _marks(folder)
    sessions = own(session for _, session in marks)
    mine = {name for name, session in marks if session in sessions}
    return [name for name in names if name in mine or not _is_brought(name)]


def keep_for(name: str, session: str, folder: Path) -> None:
    """Puts down that the session brought the data set, and removes what is too much: of its own beyond MAX_EACH, and
    beyond MAX_IN_ALL of whoever has most. '' is nobody. Raises OSError where the folder does not take it."""
    with _lock:
        if session:
            mark = folder / f"{name}.by-{session}"
            mark.touch()
            os.utime(mark, ns=(time.time_ns(),) * 2)  # a file that is touched gets the time of the last tick
        _clear(folder)


def _clear(folder: Path) -> None:
    marks = _marks(folder)
    for place in surplus([session for _, session in marks], MAX_EACH, MAX_MARKS):
        _drop(folder, *marks[place])
    before: list[tuple[str, str]] = []
    while (kept := _kept(folder)) != before:  # else a folder that nothing can be removed from
        for place in surplus([session for _, session in kept], MAX_IN_ALL, MAX_IN_ALL):
            _drop(folder, *kept[place])
        before = kept


def _marks(folder: Path) -> list[tuple[str, str]]:
    """Each data set with a session that brought it, the oldest first."""
    found = []
    for path in folder.glob("own_*.by-*"):
        if mark := _MARK.fullmatch(path.name):
            found.append((_age(path), mark[1], mark[2]))
    return [(name, session) for _, name, session in sorted(found)]


def _kept(folder: Path) -> list[tuple[str, str]]:
    """Each data set with the session that brought it first ('': nobody is known to have), the oldest first."""
    first = dict(reversed(_marks(folder)))
    paths = sorted(folder.glob("own_*.npz"), key=_age)
    return [(path.stem, first.get(path.stem, "")) for path in paths if _is_brought(path.stem)]


def _drop(folder: Path, name: str, session: str) -> None:
    """Takes a data set from the session; it goes where nobody else brought it."""
    with suppress(OSError):
        if session:
            (folder / f"{name}.by-{session}").unlink(missing_ok=True)
        if not any(mark == name for mark, _ in _marks(folder)):
            (folder / f"{name}.npz").unlink(missing_ok=True)


def _age(path: Path) -> int:
    """When it was written, in nanoseconds; 0 where it has just gone."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
