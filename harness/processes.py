"""Who still runs: processes told by a variable of the environment in which they were started. On Linux, from /proc."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path


def started_with(name: str, value: str) -> dict[int, str]:
    """The processes that were started with the variable `name` set to `value`, and their command lines; this one is
    left out. Where there is no /proc none is found."""
    wanted, found = f"{name}={value}".encode(), {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is somebody else's
            if wanted in (folder / "environ").read_bytes().split(b"\0") and not _is_over(folder):
                found[int(folder.name)] = (
                    (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
    found.pop(os.getpid(), None)
    return found


def _is_over(folder: Path) -> bool:
    """Whether it has ended, and only its parent has not asked how."""
    return (folder / "stat").read_text().rpartition(")")[2].split()[0] in "ZX"


def gone(name: str, value: str, seconds: float) -> dict[int, str]:
    """Wait until none of them is left, for so long at most; those that are."""
    deadline = time.monotonic() + seconds
    while (left := started_with(name, value)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def end(name: str, value: str, seconds: float = 5) -> None:
    """End them all: first they are asked to, then they are made to."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for process in started_with(name, value):
            with suppress(ProcessLookupError):
                os.kill(process, sign)
        if not gone(name, value, seconds):
            return
