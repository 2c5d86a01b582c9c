"""Which data sets and networks of readers are in use, and the end of those that were recorded.

What was brought stays while its session is there, while somebody looks at it, and while a run trains on it.
A data set that was recorded goes with its session: its file, and the runs that were trained on it, with their
snapshots.
"""

import logging
import shutil
import threading
from collections import OrderedDict
from collections.abc import Collection

from cnnviz import runs
from cnnviz.data import datasets
from cnnviz.data.datasets import brought
from cnnviz.runs import Run
from cnnviz.runs.journal import FINAL
from cnnviz.server.presence import HERE, Presence

log = logging.getLogger(__name__)

KEPT = 180.0  # seconds that it stays after its session was there last: longer than a page takes to load again
MAX_LOOKED_AT = 1000  # data sets and networks


class DataUse:
    """Who looks at what was brought. Threads may share it."""

    def __init__(self, presence: Presence = HERE) -> None:
        self._presence = presence
        self._looking: OrderedDict[str, set[str]] = OrderedDict()  # by name, the sessions that have looked at it
        self._lock = threading.Lock()

    def look(self, name: str, session: str) -> None:
        """A session shows a data set or a network."""
        if not (brought.is_brought(name) or brought.is_network(name)):
            return
        with self._lock:
            self._looking.setdefault(name, set()).add(session)
            self._looking.move_to_end(name)
            if len(self._looking) > MAX_LOOKED_AT:
                self._looking.popitem(last=False)

    def in_use(self, name: str, owners: Collection[str]) -> bool:
        """Whether one of its owners is there, or somebody who looks at it, or whether a run trains on it."""
        with self._lock:
            sessions = {*owners, *self._looking.get(name, ())}
        return any(map(self._presence.is_here, sessions)) or trained_on(name)

    def sweep(self, kept: float = KEPT) -> None:
        """Say of what was recorded by those who are there that it is theirs, and remove what nobody has said that of
        for so many seconds."""
        folder = datasets.data_folder()
        for one in brought.all_kept(folder):
            if brought.is_recorded(one.name) and any(map(self._presence.is_here, one.sessions)):
                brought.touch(one.name, folder)
        for name in brought.forgotten(folder, kept):
            forget(name)


def trained_on(name: str) -> bool:
    """Whether a run that waits or is under way trains on that data set."""
    return any(run.state() not in FINAL for run in _runs_on(name))


def forget(name: str) -> None:
    """Remove a recorded data set and the runs that were trained on it; one that is under way is stopped, and removed
    the next time."""
    active = False
    for run in _runs_on(name):
        if run.state() in FINAL:
            shutil.rmtree(run.folder, ignore_errors=True)
        else:
            run.request_stop()
            active = True
    if not active:
        brought.drop(name, datasets.data_folder())
        log.info("a recorded data set is removed with its session")


def _runs_on(name: str) -> list[Run]:
    found = []
    for run in runs.all():
        try:
            if run.config().dataset == name:
                found.append(run)
        except ValueError:
            continue  # its config cannot be read
    return found


USE = DataUse()  # of this server
