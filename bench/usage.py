"""What a process takes: processor time, and memory at its highest. On Linux, from /proc; more is in bench/memory.py."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.memory import children, held

TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
RSS = "5"  # what resets the highest resident memory: man 5 proc, clear_refs


@dataclass(frozen=True)
class Usage:
    """What a server has used so far: processor seconds of its own and of the processes that it started, ended ones
    included; MB of its own (anonymous), resident, and resident at their highest since `forget_peak`."""

    own_seconds: float
    started_seconds: float
    own: float
    resident: float
    highest: float

    @classmethod
    def of(cls, process: int) -> Usage:
        """That of the server with this id, now. Raises OSError where there is none, or no /proc."""
        memory, (own, ended) = held("server", process), _seconds(process)
        started = ended
        for child in children(process):
            with suppress(OSError):  # it has just ended
                started += sum(_seconds(child))
        return cls(own, started, memory.own, memory.resident, memory.highest)


def forget_peak(process: int) -> None:
    """From now on its highest memory is counted anew."""
    (Path("/proc") / str(process) / "clear_refs").write_text(RSS)


def _seconds(process: int) -> tuple[float, float]:
    """Processor time of a process, and of those that it started and that have ended."""
    after_name = (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()
    user, system, ended_user, ended_system = map(int, after_name[11:15])
    return (user + system) / TICK, (ended_user + ended_system) / TICK
