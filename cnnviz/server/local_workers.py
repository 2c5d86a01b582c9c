"""Who carries runs out on this machine: warm processes of their own, so that training never slows the app down.

The app hands the id of a run to `python -m cnnviz worker` on its standard input; the worker, with torch
imported and MNIST loaded, carries out one run after the other and says on its standard output what it is at:

    ready | started <id> | finished <id>

multiprocessing is of no use here: its spawn would import the app's script again.
"""

import atexit
import contextlib
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from cnnviz import INSTALLED, PACKAGE, runs
from cnnviz.runs import Run
from cnnviz.server import logs
from cnnviz.server.limits import Limits
from cnnviz.server.scheduler import Scheduler
from cnnviz.training import TrainConfig, train
from cnnviz.training.devices import cores

log = logging.getLogger(__name__)

LOWER = 10  # by how much a worker's priority is below the app's
OWN_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Windows' word for a session of its own


class Workers(Scheduler):
    """Has runs carried out by processes of this machine, as many at a time as the limits say.

    A worker that dies ends its run as failed; the next run gets a fresh worker. When the server ends, a
    worker finishes the run at hand and goes; the runs that waited are ended by the next server that finds them.
    """

    def __init__(self, limits: Limits | None = None):
        limits = limits or Limits.from_environment()
        super().__init__([Worker(threads=max(1, cores() // limits.runs)) for _ in range(limits.runs)], limits)


class Worker:
    """A process that carries out one run after the other; it starts when it is needed."""

    def __init__(self, threads: int):
        self._lock = threading.Lock()
        self._threads = threads
        self._process: subprocess.Popen[str] | None = None
        self._busy = False
        atexit.register(self.dismiss)

    def warm(self) -> None:
        """Starts the process, if it is not there."""
        self._present()

    def execute(self, run: Run) -> str:
        """Has a run carried out; returns '' or how the process ended."""
        self._busy = True
        try:
            return self._execute(run)
        finally:
            self._busy = False

    def _execute(self, run: Run) -> str:
        fresh = self._process is None
        said, code = self._hand_over(run.id)
        if said != "finished" and said != "started" and not fresh:  # it had died while it was idle
            said, code = self._hand_over(run.id)
        return "" if said == "finished" else f"its worker process ended ({_how(code)}); press Train again"

    def close(self) -> None:
        """Lets the process finish what it has and waits for it to go."""
        with self._lock:
            process = self._process
        if process and process.stdin:
            with contextlib.suppress(OSError):
                process.stdin.close()
            process.wait()

    def dismiss(self) -> None:
        """Ends the process where it has no run, as the server does at its own end; a run is finished first."""
        with self._lock:
            process = self._process
        if process and not self._busy:
            process.terminate()

    def _hand_over(self, run_id: str) -> tuple[str, int]:
        """What a process said last of the run, and with which code it ended if that was not 'finished'."""
        process, said = self._present(), ""
        with contextlib.suppress(OSError):  # it has just died: its output ends, too
            _write_line(process.stdin, run_id)
        for line in process.stdout or ():
            word, _, whose = line.strip().partition(" ")
            said = word if whose == run_id else said
            if said == "finished":
                return said, 0
        code = process.wait()
        log.warning("worker %d ended by itself: %s", process.pid, _how(code))
        with self._lock:
            self._process = None
        return said, code

    def _present(self) -> subprocess.Popen[str]:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = self._start()
                log.info("worker %d started, threads: %d", self._process.pid, self._threads)
            return self._process

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "cnnviz", "worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"OMP_NUM_THREADS": str(self._threads), **os.environ, **_python_path()},
            start_new_session=True,  # Ctrl-C in the server's terminal is not meant for the run
            creationflags=OWN_GROUP,
        )


def _python_path() -> dict[str, str]:
    """How a new process finds this very package, and no file of the folder in which the app was started: what is
    installed is found as it is, a clone comes first."""
    clone = "" if INSTALLED else str(PACKAGE.parent)
    path = os.pathsep.join(filter(None, (clone, os.environ.get("PYTHONPATH"))))
    return {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"}


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
    """Lets the app go first: with the cores, and with the memory where the system has to choose whom to end."""
    if hasattr(os, "nice"):
        os.nice(LOWER)
    # Linux weighs sessions against one another (man 7 sched, autogroup): within its own, a process is nice to nobody
    for file, value in {"autogroup": LOWER, "oom_score_adj": 500}.items():
        with contextlib.suppress(OSError):
            Path("/proc/self", file).write_text(str(value))
