"""What keeps the folder of the runs in order: lost runs get their end, old ones go."""

import contextlib
import logging
import shutil
from collections.abc import Collection

from cnnviz.data.shares import surplus
from cnnviz.runs import directory
from cnnviz.runs.directory import Run
from cnnviz.runs.journal import FINAL

log = logging.getLogger(__name__)

LOST_WAITING = "the server that held it in its queue ended before its turn; press Train again"
LOST_RUNNING = "its process ended without a word (the machine may have restarted); press Train again"


def end_lost(held: Collection[str] = ()) -> None:
    """Ends the runs as failed that nobody has any more, but for those that the caller holds."""
    for run in directory.all():
        if run.id not in held and run.is_lost():
            with contextlib.suppress(OSError):  # the next look tries again
                directory.fail(run, LOST_WAITING if run.begin() else LOST_RUNNING)
                log.warning("run %s is ended: nobody has it any more", run.id)


def clear(keep_runs: int, keep_days: int, keep_runs_each: int | None = None) -> None:
    """Removes runs that are over: those with nothing in them, for they were stopped before they began; of each session
    all but the newest `keep_runs_each` (None: it has no bound of its own); beyond `keep_runs` in all the oldest of
    whoever has most; and those that ended more than `keep_days` days ago (0: at no age). One that waits or runs, and
    one on the board of a room, stays, whatever its age."""
    found = []
    for run in reversed(directory.all()):
        if run.was_never_begun():
            remove(run)
        else:
            found.append(run)
    each = keep_runs if keep_runs_each is None else keep_runs_each
    too_many = set(surplus([run.owner for run in found], each, keep_runs))
    for index, run in enumerate(found):
        too_old = 0 < keep_days < run.silent_for() / 86400
        if (index in too_many or too_old) and not run.is_on_board() and _is_over(run):
            remove(run)


def remove(run: Run) -> None:
    """Removes the folder of a run."""
    shutil.rmtree(run.folder, ignore_errors=True)
    log.info("run %s is cleared away", run.id)


def _is_over(run: Run) -> bool:
    """Whether nobody will write to the run any more; one without an end is taken for over after a day of silence."""
    return run.state() in FINAL or run.silent_for() > 86400
