"""Who carries runs out on this machine: warm processes of their own, so that training never slows the app down.

The app hands the id of a run to `python -m cnnviz worker` on its standard input; the worker, with torch
imported and MNIST loaded, carries out one run after the other and says on its standard output what it is at:

    ready | started <id> | finished <id>

One that does not answer is ended, with all that it started, and the next run has a fresh one (watch.py).
multiprocessing is of no use here: its spawn would import the app's script again.
"""

import atexit
import contextlib
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from typing import IO

from cnnviz import runs
from cnnviz.runs import Run
from cnnviz.server import children, logs
from cnnviz.server.limits import Limits
from cnnviz.server.scheduler import Scheduler
from cnnviz.server.watch import PATIENCE, Watch
from cnnviz.training import TrainConfig, train
from cnnviz.training.devices import cores

log = logging.getLogger(__name__)

CHECK_EVERY = 0.3  # seconds between two looks after a worker
START = 120.0  # seconds that a worker has to load torch, where the system does not tell whether it is at work
ENDING = 5.0  # seconds in which a process that was killed is gone


class Workers(Scheduler):
    """Has runs carried out by processes of this machine, as many at a time as the limits say.

    A worker that dies ends its run as failed; the next run gets a fresh worker. When the server ends, a
    worker finishes the run at hand and goes; the runs that waited are ended by the next server that finds them.
    """

    def __init__(self, limits: Limits | None = None, patience: float = PATIENCE):
        limits = limits or Limits.from_environment()
        threads = max(1, cores() // limits.runs)
        super().__init__([Worker(threads, patience) for _ in range(limits.runs)], limits)


class Worker:
    """A process that carries out one run after the other; it starts when it is needed."""

    def __init__(self, threads: int, patience: float = PATIENCE):
        self._lock = threading.Lock()
        self._threads, self._patience = threads, patience
        self._process: children.Child | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()  # that the process has said; '' is its end
        self._ready = self._busy = False
        atexit.register(self.dismiss)

    def warm(self) -> None:
        """Starts the process, if it is not there."""
        self._present()

    def execute(self, run: Run) -> str:
        """Has a run carried out; returns '' or how the process ended, or was ended because it did not answer."""
        self._busy = True
        try:
            fresh = self._process is None
            reason = self._hand_over(run)
            if reason and not fresh and not run.begun():  # it had died or hung while it was idle
                reason = self._hand_over(run)
            return reason
        finally:
            self._busy = False

    def close(self) -> None:
        """Lets the process go and waits until it has; one that does not is ended."""
        with self._lock:
            process = self._process
        if process and process.stdin:
            with contextlib.suppress(OSError):
                process.stdin.close()
            try:
                process.wait(self._patience)
            except subprocess.TimeoutExpired:
                _end(process)

    def dismiss(self) -> None:
        """Ends the process where it has no run, as the server does at its own end; a run is finished first."""
        with self._lock:
            process = self._process
        if process and not self._busy:
            _terminate(process)

    def _hand_over(self, run: Run) -> str:
        """'' once a process has said that it has finished with the run, or how it ended."""
        process = self._present()
        watch = Watch(run, self._patience, children.OwnTime(process.pid))
        with contextlib.suppress(OSError):  # it has just died: its output ends, too
            _write_line(process.stdin, run.id)
        reason = self._followed(process, run, watch)
        if reason:
            with self._lock:
                self._process = None
        return reason

    def _followed(self, process: children.Child, run: Run, watch: Watch) -> str:
        """What comes of a run that was handed over, as above."""
        sign = _Sign(process, self._patience)
        while True:
            with contextlib.suppress(queue.Empty):
                line = self._lines.get(timeout=CHECK_EVERY)
                self._ready |= line == "ready"
                sign.heard()
                if line == f"finished {run.id}":
                    return ""
                if not line:
                    how = _how(process.wait())
                    log.warning("worker %d ended by itself: %s", process.pid, how)
                    return f"its worker process ended ({how}); press Train again"
            if reason := watch.complaint() if run.begun() else sign.complaint(self._ready):
                log.warning("worker %d is ended: %.300r", process.pid, reason)
                _end(process)
                return reason

    def _present(self) -> children.Child:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                started = children.start("worker", self._threads, text=True)
                self._process, self._lines, self._ready = started, queue.SimpleQueue(), False
                threading.Thread(target=_listen, args=[self._process.stdout, self._lines], daemon=True).start()
                log.info("worker %d started, threads: %d", self._process.pid, self._threads)
            return self._process


class _Sign:
    """Whether a process that was handed a run and has not begun it is there: what it says is a sign of life, and while
    it loads torch the processor time that it takes."""

    def __init__(self, process: children.Child, patience: float):
        self._process, self._patience = process, patience
        self._clock = children.OwnTime(process.pid)
        self._last, self._worked = self._clock(), 0.0

    def heard(self) -> None:
        """It said something."""
        self._last = self._clock()

    def complaint(self, ready: bool) -> str:
        """Why the process is to be ended, as a sentence, where there was no sign for too long; '' otherwise. One that
        is `ready` takes a run at once."""
        now, worked = self._clock(), 0.0 if ready else children.seconds(self._process.pid)
        if worked != self._worked:
            self._worked, self._last = worked, now
        longest = self._patience if ready or worked else START
        if now - self._last < longest:
            return ""
        return f"its worker process did not answer for {longest:g} s, so it was ended; press Train again"


def _listen(output: IO[str] | None, lines: queue.SimpleQueue[str]) -> None:
    """Hands on what a worker says, to its end."""
    for line in output or ():
        lines.put(line.strip())
    lines.put("")


def _terminate(process: children.Child) -> None:
    """Asks a process to end; one that was stopped (SIGSTOP) hears it, too."""
    process.terminate()
    if hasattr(signal, "SIGCONT"):
        process.send_signal(signal.SIGCONT)


def _end(process: children.Child) -> None:
    """Ends a process, and then by force whatever of its group is left."""
    _terminate(process)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1)
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):  # it waits for a disk: the next run does not wait with it
        process.wait(ENDING)


def _how(code: int) -> str:
    if code == -9:
        return "killed by signal 9, as the system does where memory runs out"
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


def serve() -> None:
    """The worker: carries out the runs whose ids come in on standard input, until it ends."""
    logs.configure()
    _stand_back()
    _warm_up()
    _say("ready")
    for line in sys.stdin:
        run_id = line.strip()
        _say("started", run_id)
        try:
            for _ in runs.execute(runs.find(run_id)):
                pass
        except (OSError, ValueError) as error:  # the disk takes nothing more, or the run was cleared away
            log.warning("run %.60r was not carried out: %.300r", run_id, str(error))
        _say("finished", run_id)


def _warm_up() -> None:
    """Loads MNIST, and what torch loads at its first step. A device that is of no use is for the runs to tell of."""
    try:
        next(train(TrainConfig()))
    except (ValueError, RuntimeError) as error:
        log.warning("the worker does not get warm: %.300r", str(error))


def _say(*words: str) -> None:
    """Tells the app; where it has ended, the run at hand goes on all the same."""
    with contextlib.suppress(BrokenPipeError):
        _write_line(sys.stdout, " ".join(words))


def _write_line(pipe: IO[str] | None, line: str) -> None:
    """One line of what app and worker tell one another."""
    if pipe:
        pipe.write(f"{line}\n")
        pipe.flush()


def _stand_back() -> None:
    """Lets the app go first, as far as whoever runs the server wants it."""
    children.stand_back(Limits.from_environment().priority)
