"""Whether whoever carries a run out still hears: what lies in the run's folder tells, wherever it is trained.

A trainer looks for `stop` and at its time limit after every step and between the batches of a measurement, and the
work of one is bounded (training/work.py). So one that has not come to its end PATIENCE seconds later does not hear
(a process that was stopped, a disk that does not answer), and whoever has it in hand ends it, so that the next run
has its turn. One that is ready to go on and gets no processor is given its time (children.OwnTime), and spoken for
meanwhile: other servers of the same folder would take its silence for its end.
"""

import json
import time
from collections.abc import Callable

from cnnviz.runs import Run

PATIENCE = 15.0  # seconds; less than runs.LOST_AFTER, when any other server would end the run
SPEAK_AFTER = 5.0  # seconds of silence after which it is said for a run that somebody has it


class Watch:
    """A run that is carried out, from when it was begun; seconds are those of `clock`, which goes while whoever carries
    it out could go on."""

    def __init__(self, run: Run, patience: float = PATIENCE, clock: Callable[[], float] = time.monotonic):
        self._run, self._patience, self._clock = run, patience, clock
        self._limit = run.config().time_limit
        self._beat: int | None = None
        self._heard = clock()
        self._spoken = time.monotonic()
        self._since: dict[str, float] = {}  # what was seen first at that time

    def complaint(self) -> str:
        """Why whoever carries the run out is to be ended, as a sentence; '' as long as all is well, and before it has
        begun."""
        run, now = self._run, self._clock()
        if not run.begun():
            return ""
        self._listen(run.last_beat(), now)
        if run.last_beat() is None:
            return "it was over and its process did not go on" if self._is_old("over", now) else ""
        if run.stop_requested() and self._is_old("stop", now):
            return self._ended(f"it did not stop within {self._patience:g} s, so its process was ended")
        if self._limit and now - self._start(now) >= self._limit + self._patience:
            late = f"it did not end within {self._patience:g} s after its time limit of {self._limit:g} s"
            return self._ended(f"{late}, so its process was ended")
        if now - self._heard >= self._patience:
            return self._ended(f"its process gave no sign of life for {self._patience:g} s, so it was ended")
        return ""

    def _listen(self, beat: int | None, now: float) -> None:
        """A beat counts from when it is first seen."""
        if beat != self._beat or "begun" not in self._since:
            self._since.setdefault("begun", now)
            self._beat, self._heard, self._spoken = beat, now, time.monotonic()
        elif time.monotonic() - self._spoken > SPEAK_AFTER:
            self._run.beat()
            self._beat, self._spoken = self._run.last_beat(), time.monotonic()

    def _is_old(self, what: str, now: float) -> bool:
        """Whether that has been so for longer than the patience lasts."""
        return now - self._since.setdefault(what, now) >= self._patience

    def _start(self, now: float) -> float:
        """When the trainer's own clock began, as its first event tells; until that comes, when the run was begun."""
        if "start" not in self._since and (seconds := _first_seconds(self._run)) is not None:
            self._since["start"] = now - seconds
        return self._since.get("start", self._since["begun"])

    def _ended(self, how: str) -> str:
        """That, and what is left of the run."""
        epochs = [event["epoch"] for event in self._run.events() if event["event"] == "epoch"]
        if epochs and self._run.weights.is_file():
            return f"{how}; the weights of epoch {round(epochs[-1], 2):g} are kept"
        return f"{how}; it has no weights yet, which are kept after each epoch"


def _first_seconds(run: Run) -> float | None:
    """The seconds of a run's first event; None where there is none yet."""
    try:
        with open(run.folder / "metrics.jsonl", "rb") as file:
            return float(json.loads(file.readline(10_000))["seconds"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
