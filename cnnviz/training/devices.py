"""What there is to compute on, which of it a run takes, with how many threads and which number type, and how much of
it is in use meanwhile.

Utilisation on cuda is read by way of nvidia-ml-py where that is installed; what a machine does not tell is None.
"""

import os
import platform
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path

import torch

CPU_INFO = Path("/proc/cpuinfo")
RESIDENT = Path("/proc/self/statm")  # in pages: the whole program, then what of it lies in memory
PAUSE = 0.2  # seconds between two questions to a GPU
CONTAINER = Path("/sys/fs/cgroup/memory.max")
PREFERRED = ("cuda", "mps", "cpu")
MAX_THREADS = 8  # beyond which threads wait for one another in networks of this size
CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Device:
    """Something to compute on: `kind` is its name for torch, `memory` all of it in bytes (None: it does not tell).

    `cores` are those that this process may use and `threads` those that torch does; only the cpu has them.
    """

    kind: str
    name: str
    memory: int | None = None
    cores: int | None = None
    threads: int | None = None


@dataclass(frozen=True)
class Use:
    """How much of a device is in use: memory in bytes, utilisation from 0 to 1; None is not known.

    On the cpu `memory` is what of this process lies in memory, elsewhere what its tensors take; `reserved` is what
    torch holds for them on the device, and `total` all that the device has.
    """

    memory: int | None = None
    reserved: int | None = None
    total: int | None = None
    utilisation: float | None = None


def devices() -> list[Device]:
    """What is on this machine: the cpu, every cuda device, mps."""
    found = [describe(torch.device("cpu"))]
    found += [describe(torch.device("cuda", index)) for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append(describe(torch.device("mps")))
    return found


def describe(device: torch.device) -> Device:
    """A device by its name and size."""
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        return Device(str(device), properties.name, properties.total_memory)
    if device.type == "mps":
        return Device("mps", f"GPU of {processor()}", torch.mps.recommended_max_memory())
    return Device("cpu", processor(), memory(), cores(), torch.get_num_threads())


def processor(info: Path = CPU_INFO) -> str:
    """The processor's model as Linux knows it, elsewhere its family."""
    with suppress(OSError, UnicodeDecodeError):
        for line in info.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return " ".join(value.split())
    return platform.processor() or platform.machine() or "CPU"


def memory(container: Path = CONTAINER) -> int | None:
    """The bytes of memory that this process may use: the machine's, or its container's where that has fewer."""
    limits = []
    with suppress(AttributeError, OSError, ValueError):  # Windows has no sysconf
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with suppress(OSError, ValueError):  # "max" is none
        limits.append(int(container.read_text()))
    return min(limits, default=None)


class Gauge:
    """Reads the use of a device now and then. A reading waits for no kernel and never raises."""

    def __init__(self, device: torch.device):
        self.device, self.described = device, describe(device)
        self.clock = time.perf_counter(), time.process_time()
        self.last, self.due = Use(), 0.0

    @property
    def name(self) -> str:
        """The device's name, such as NVIDIA H200."""
        return self.described.name

    def read(self) -> Use:
        """The use now; on the cpu the utilisation is that of its cores since the reading before. That of a GPU, whose
        driver takes its time to answer, is at most PAUSE seconds old."""
        if self.device.type == "cpu":
            return Use(_resident(), None, self.described.memory, self.busy())
        if time.perf_counter() >= self.due:
            self.last, self.due = self.ask(), time.perf_counter() + PAUSE
        return self.last

    def ask(self) -> Use:
        """The use of a GPU now."""
        if self.device.type == "cuda":
            held = torch.cuda.memory_stats(self.device)  # empty before the first tensor
            used, kept = (held.get(f"{kind}_bytes.all.current", 0) for kind in ("allocated", "reserved"))
            return Use(used, kept, self.described.memory, utilisation(self.device))
        used, kept = torch.mps.current_allocated_memory(), torch.mps.driver_allocated_memory()
        return Use(used, kept, self.described.memory)

    def busy(self) -> float | None:
        """The time that the process has worked over the time that has passed, per core."""
        wall, worked = time.perf_counter(), time.process_time()
        passed, done = wall - self.clock[0], worked - self.clock[1]
        self.clock = wall, worked
        return min(1.0, done / (passed * (self.described.cores or 1))) if passed > 0 else None


def _resident() -> int | None:
    """The bytes of this process that lie in memory, as Linux counts them."""
    with suppress(OSError, ValueError, IndexError):
        return int(RESIDENT.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return None


def utilisation(device: torch.device) -> float | None:
    """The share of the last moment in which a kernel ran on the cuda device; None without nvidia-ml-py."""
    try:
        return torch.cuda.utilization(device) / 100
    except Exception:  # the library, the driver and the rights on a shared machine each fail in their own way
        return None


def pick_device(name: str = "auto") -> torch.device:
    """The device of that name; for auto the first of cuda, mps, cpu. Raises ValueError where it is absent, or where
    torch sees a GPU that it has no kernels for."""
    if name == "auto":
        return torch.device(next(kind for kind in PREFERRED if is_usable(kind)))
    if not is_usable(name):
        at_hand = ", ".join(kind for kind in PREFERRED if is_usable(kind))
        present = name == "cuda" and torch.cuda.is_available()
        why = "is here, but this torch cannot compute on it" if present else "is not on this machine"
        raise ValueError(f"device {name!r} {why}; at hand are {at_hand}")
    return torch.device(name)


@cache
def is_usable(kind: str) -> bool:
    """Whether torch computes on such a device. Its wheels have no kernels for old GPUs, which they see all the same."""
    if kind == "cuda" and torch.cuda.is_available():
        with suppress(RuntimeError):
            return int(torch.ones(1, device="cuda").add(1).item()) == 2
    return kind == "cpu" or (kind == "mps" and torch.backends.mps.is_available())


def pick_precision(name: str, device: torch.device) -> torch.dtype:
    """The number type of that name; for auto bfloat16 on a cuda device that is made for it, otherwise float32.

    On cuda the convolutions of float32 round their inputs to TF32 (10 bits behind the point), which is torch's default.
    """
    if name == "auto":
        made_for_it = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
        name = "bfloat16" if made_for_it else "float32"
    return torch.bfloat16 if name == "bfloat16" else torch.float32


def multiplies_bfloat16(device: str, info: Path = CPU_INFO) -> bool:
    """Whether the device of that name has products of bfloat16; torch puts them together on a processor that has not,
    and takes eight times as long. One that does not tell is taken to have them."""
    if device not in ("auto", "cpu") or (device == "auto" and torch.cuda.is_available()):
        return True
    with suppress(OSError, UnicodeDecodeError):
        return "bf16" in info.read_text()  # of avx512_bf16, amx_bf16, and of ARM's bf16
    return True


def use_cores() -> int:
    """Has torch use as many threads as there are cores for it, and returns their number. Whoever asked torch for
    fewer, by OMP_NUM_THREADS, is left with fewer."""
    threads = min(torch.get_num_threads(), cores(), MAX_THREADS)
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
        limit, period = (cgroup / "cpu.max").read_text().split()
        return int(limit) / int(period)
    with suppress(OSError, ValueError):
        limit, period = ((cgroup / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        if int(limit) > 0:
            return int(limit) / int(period)
    return 1e6
