"""Processes that the app starts: how they find this package, stand back behind it, and what they take."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from cnnviz import INSTALLED, PACKAGE
from cnnviz.server import logs

LOWER = 10  # by how much their priority is below the app's
OWN_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Windows' word for a session of its own


Child = subprocess.Popen[Any]


def start(command: str, threads: int = 1, text: bool = False) -> Child:
    """`cnnviz COMMAND`, with pipes to its standard input and from its standard output, of lines of `text` or of bytes.
    Ctrl-C in the server's terminal is not meant for it."""
    return subprocess.Popen(
        [sys.executable, "-m", "cnnviz", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=text,
        env={"OMP_NUM_THREADS": str(threads), **os.environ, **_python_path()},
        start_new_session=True,
        creationflags=OWN_GROUP,
    )


def _python_path() -> dict[str, str]:
    """How a new process finds this very package, and no file of the folder in which the app was started: what is
    installed is found as it is, a clone comes first."""
    clone = "" if INSTALLED else str(PACKAGE.parent)
    path = os.pathsep.join(filter(None, (clone, os.environ.get("PYTHONPATH"))))
    return {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"}


def own_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """For a child: where its parent speaks and listens. What anything prints goes to the log from now on."""
    logs.configure()
    target = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return sys.stdin.buffer, target


def stand_back(priority: str = "low") -> None:
    """Lets the app go first: with the memory, where the system has to choose whom to end, and with the cores, unless
    the `priority` is the `same`. Where it is `idle`, it also gets only what of the processor nothing else wants, as do
    the threads that it starts."""
    lower = 0 if priority == "same" else LOWER
    if hasattr(os, "nice"):
        os.nice(lower)
    if priority == "idle" and hasattr(os, "SCHED_IDLE"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    # Linux weighs sessions against one another (man 7 sched, autogroup): within its own, a process is nice to nobody
    for file, value in {"autogroup": lower, "oom_score_adj": 500}.items():
        with contextlib.suppress(OSError):
            Path("/proc/self", file).write_text(str(value))


def resident(pid: int) -> int:
    """Bytes of memory that a process holds; 0 where the system does not tell (it is Linux that does)."""
    with contextlib.suppress(OSError, IndexError):
        return int(Path("/proc", str(pid), "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def seconds(pid: int) -> float:
    """Processor time that a process has used; 0 where the system does not tell."""
    with contextlib.suppress(OSError, IndexError):
        after_name = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


class OwnTime:
    """A clock that goes while a process could go on, in seconds from its making. One that is ready to run and gets no
    processor, since others of the machine go first, gets no older: that is how one that is starved is told from one
    that hangs. Where the system does not tell (it is Linux that does) it goes as any other."""

    def __init__(self, pid: int, clock: Callable[[], float] = time.monotonic):
        self._pid, self._clock = pid, clock
        self._looked, self._used, self._age = clock(), seconds(pid), 0.0

    def __call__(self) -> float:
        now, used = self._clock(), seconds(self._pid)
        passed, worked = now - self._looked, used - self._used
        self._age += min(passed, worked) if _is_ready(self._pid) else passed
        self._looked, self._used = now, used
        return self._age


def _is_ready(pid: int) -> bool:
    """Whether a thread of the process is at work or waits for a processor, and for nothing else."""
    with contextlib.suppress(OSError):
        for task in Path("/proc", str(pid), "task").iterdir():
            with contextlib.suppress(OSError):  # it has just ended
                if (task / "stat").read_text().rpartition(")")[2].split()[0] == "R":
                    return True
    return False
