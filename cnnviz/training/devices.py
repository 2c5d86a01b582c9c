"""What there is to compute on, and how much of it a run takes while it trains.

Utilisation on cuda is read by way of nvidia-ml-py where that is installed; what a machine does not tell is None.
"""

import os
import platform
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch

CPU_INFO = Path("/proc/cpuinfo")
RESIDENT = Path("/proc/self/statm")  # in pages: the whole program, then what of it lies in memory
PAUSE = 0.2  # seconds between two questions to a GPU
CONTAINER = Path("/sys/fs/cgroup/memory.max")


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
    from cnnviz.training.cores import cores  # not above: training imports this module

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
            return Use(resident(), None, self.described.memory, self.busy())
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


def resident() -> int | None:
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
