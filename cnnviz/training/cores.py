"""How many threads torch should use: what the machine really lends, and no more than small networks can feed."""

import os
from contextlib import suppress
from math import ceil
from pathlib import Path

import torch

MOST_THREADS = 8  # beyond which threads wait for one another in networks of this size
CGROUP = Path("/sys/fs/cgroup")


def use_cores() -> int:
    """Has torch use as many threads as there are cores for it, and returns their number. Whoever asked torch for
    fewer, by OMP_NUM_THREADS, is left with fewer."""
    threads = min(torch.get_num_threads(), cores(), MOST_THREADS)
    torch.set_num_threads(threads)
    return threads


def cores(cgroup: Path = CGROUP) -> int:
    """The cores that this process may use. A container's share counts: torch sees all the cores of its host, and as
    many threads on two of them would only push each other aside."""
    present = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(present, ceil(quota(cgroup))))


def quota(cgroup: Path) -> float:
    """The cores' worth of time that Linux lends to the container, in either version of its files; else infinite
    (as a very large number)."""
    with suppress(OSError, ValueError):
        most, period = (cgroup / "cpu.max").read_text().split()
        return int(most) / int(period)
    with suppress(OSError, ValueError):
        most, period = ((cgroup / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        if int(most) > 0:
            return int(most) / int(period)
    return 1e6
