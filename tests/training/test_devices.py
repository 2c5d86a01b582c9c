import os
import sys
import time
from mmap import mmap

import numpy as np
import pytest
import torch

from cnnviz.server import local_workers
from cnnviz.training import TrainConfig, devices, train
from cnnviz.training.devices import Gauge, Use, cores, is_usable, pick_device

CPU = torch.device("cpu")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells so by files")
GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs cuda")


def test_what_is_on_this_machine():
    cpu, *others = devices.devices()
    assert cpu.kind == "cpu" and cpu.name.strip() == cpu.name != ""
    assert cpu.cores == cores() and cpu.threads == torch.get_num_threads()
    assert len(others) == torch.cuda.device_count() + torch.backends.mps.is_available()
    assert all(torch.device(other.kind).type in ("cuda", "mps") and other.name for other in others)


@LINUX
def test_the_processor_goes_by_its_model(tmp_path):
    info = tmp_path / "cpuinfo"
    info.write_text("processor\t: 0\nmodel name\t: A  Processor: fast\nflags : x\nmodel name : another\n")
    assert devices.processor(info) == "A Processor: fast"
    info.write_text("processor\t: 0\nBogoMIPS\t: 50.00\n")
    assert devices.processor(info) == devices.processor(tmp_path / "absent") != ""


@LINUX
def test_the_containers_memory_counts(tmp_path):
    limit = tmp_path / "memory.max"
    whole = devices.memory(tmp_path / "absent")
    assert whole == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for text, expected in {"max\n": whole, "1000000\n": 1_000_000, str(2**62): whole}.items():
        limit.write_text(text)
        assert devices.memory(limit) == expected


@LINUX
def test_memory_is_what_lies_in_memory():
    before = Gauge(CPU).read().memory
    held = mmap(-1, 2**26)  # not by an allocator, which may give memory that it has already
    np.frombuffer(held, np.uint8)[:] = 1
    assert Gauge(CPU).read().memory - before == pytest.approx(2**26, rel=0.1)


def test_utilisation_is_work_over_time():
    """Held against clocks before and behind it, for a busy machine may stop the test between any two lines."""
    before, gauge, begun = clocks(), Gauge(CPU), clocks()
    while time.process_time() < begun[1] + 0.2:
        pass
    over, busy, after = clocks(), gauge.read().utilisation, clocks()
    least = (over[1] - begun[1]) / (after[0] - before[0]) / cores()
    most = (after[1] - before[1]) / (over[0] - begun[0]) / cores()
    assert min(1, least) <= busy + 1e-9 and busy <= min(1, most) + 1e-9
    time.sleep(0.2)
    assert gauge.read().utilisation < 0.1


def clocks():
    """The time that has passed, and the time that this process has worked."""
    return time.perf_counter(), time.process_time()


def test_reading_is_cheap():
    gauge, start = Gauge(CPU), time.process_time()
    for _ in range(1000):
        gauge.read()
    assert (time.process_time() - start) / 1000 < 0.0002


def test_what_a_machine_does_not_tell_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(devices, "RESIDENT", tmp_path / "absent")
    assert Gauge(CPU).read().memory is None
    (tmp_path / "absent").write_text("12")
    assert Gauge(CPU).read().memory is None
    assert Use() == Use(None, None, None, None)


def test_a_machine_without_cuda_has_no_utilisation_of_it():
    if not torch.cuda.is_available():
        assert devices.utilisation(torch.device("cuda")) is None


@pytest.mark.slow
def test_steps_tell_of_the_device(small_mnist):
    first, *others = train(TrainConfig(subset=2000, epochs=1, device="cpu"))
    steps = [event for event in others if event["event"] == "step"]
    assert first["device"] == devices.processor() and steps
    for event in steps:
        assert "device" not in event and 0 <= event["utilisation"] <= 1
        assert sys.platform != "linux" or event["memory"] > 50 * 2**20


@GPU
def test_a_gpu_tells_what_its_tensors_take():
    device = torch.device("cuda")
    gauge = Gauge(device)
    before, held = gauge.ask(), torch.ones(2**24, device=device)
    after = gauge.ask()
    assert after.memory - before.memory == held.nbytes <= after.reserved <= after.total
    assert gauge.name == torch.cuda.get_device_name(device)
    assert after.utilisation is None or 0 <= after.utilisation <= 1


class Unusable:
    """torch.ones on a GPU that this torch has no kernels for."""

    def __call__(self, *size, device):
        raise RuntimeError("CUDA error: no kernel image is available for execution on the device")


@pytest.fixture
def unusable(monkeypatch):
    """A machine whose GPU torch sees and cannot use."""
    is_usable.cache_clear()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch, "ones", Unusable())
    yield
    is_usable.cache_clear()


def test_a_gpu_that_torch_cannot_use_is_left_alone(unusable):
    assert pick_device("auto").type == pick_device("cpu").type == "cpu"
    with pytest.raises(ValueError) as refusal:
        pick_device("cuda")
    assert "'cuda'" in str(refusal.value) and "cpu" in str(refusal.value).partition(";")[2]


def test_a_gpu_is_asked_now_and_then(monkeypatch):
    gauge, asked = Gauge(torch.device("cpu")), []
    gauge.device = torch.device("mps")
    monkeypatch.setattr(gauge, "ask", lambda: asked.append(1) or Use(memory=len(asked)))
    assert [gauge.read().memory for _ in range(3)] == [1, 1, 1]
    gauge.due = 0
    assert gauge.read().memory == 2


def test_a_worker_that_cannot_warm_up_is_there_all_the_same(monkeypatch):
    def broken(config):
        raise RuntimeError("CUDA error: out of memory")
        yield

    monkeypatch.setattr(local_workers, "train", broken)
    local_workers._warm_up()
