"""The steps of a run: that the host reads nothing in them, and that a recorded step is the same step."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from cnnviz.data import datasets
from cnnviz.networks import OWN_TEXT
from cnnviz.training import OPTIONS, TrainConfig, new_network, steps, train
from cnnviz.training.loop import Trainer
from cnnviz.training.metrics import PendingMetrics
from cnnviz.training.steps import GraphedSteps, Steps

GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs cuda")
DEVICES = ["cpu", pytest.param("cuda", marks=GPU)]
TEXT = """nn.Sequential(
    nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.5), nn.Flatten(), nn.Linear(8 * 6 * 6, 4)
)"""
OWN = TrainConfig(network=OWN_TEXT, text=TEXT, dataset="squares", batch_size=10, epochs=2, learning_rate=0.01)
READS = {"_local_scalar_dense", "equal", "nonzero", "is_nonzero", "item"}  # what makes a host wait for a device


@pytest.fixture(autouse=True)
def squares(tmp_path, monkeypatch):
    """A data set in colour, 305 pictures of 8x8: 30 batches of ten and one of five."""
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (305, 8, 8, 3), dtype=np.uint8), rng.integers(0, 4, 305)
    np.savez(tmp_path / "squares.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    return datasets.load("squares")


class Replayed:
    """Stands in for a CUDA graph where there is none: a replay is the step's arithmetic once more."""

    def __init__(self, step, learner):
        self.step, self.recent = step, learner.recent
        with steps.unchanged(learner):
            step()

    def replay(self):
        count = self.recent.count
        self.step()
        self.recent.count = count  # Python's own arithmetic is in no graph


@pytest.fixture
def on_cpu(monkeypatch):
    """Steps are recorded without cuda: the tables, the look-ups and what is put back are the same code."""
    monkeypatch.setattr(steps, "record", Replayed)
    monkeypatch.setattr(GraphedSteps, "pace", lambda self: None)


def trainer(config, data, device="cpu"):
    return Trainer(replace(config, device=device), new_network(config), data, torch.device(device), lambda: False)


def taken(trainer, graphed):
    """The trainer's first two epochs, its steps recorded or not: weights and sums afterwards."""
    whole = len(trainer.data.x_train) // trainer.config.batch_size
    made = (GraphedSteps if graphed else Steps)(
        trainer.learner, trainer.config.batch_size, *([whole] if graphed else [])
    )
    for _ in range(2):
        made.begin(trainer.data.shuffled(), [0.01 / (1 + index) for index in range(whole + 1)])
        for index in range(whole + 1):
            made.take(index)
    weights = [tensor.clone() for tensor in trainer.network.state_dict().values()]
    return weights, trainer.learner.recent.read(), trainer.learner.recent.count


def check_alike(config, data, device):
    """Both kinds of steps lead to the same weights, buffers and sums."""
    (ours, sums, count), (plain, plain_sums, plain_count) = (
        taken(trainer(config, data, device), graphed) for graphed in (True, False)
    )
    assert count == plain_count == 2 * 305
    assert sums == pytest.approx(plain_sums, rel=1e-3)
    for one, other in zip(ours, plain, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("optimizer", OPTIONS["optimizer"])
def test_recorded_steps_are_the_same_steps(squares, optimizer, on_cpu):
    check_alike(replace(OWN, optimizer=optimizer, weight_decay=0.01, augmentation="flip_crop"), squares, "cpu")


@GPU
@pytest.mark.parametrize(
    ("name", "option"),
    [(n, o) for n in ("optimizer", "augmentation", "loss") for o in OPTIONS[n]] + [("clip_norm", 0.1)],
)
def test_recorded_steps_are_the_same_steps_on_cuda(squares, name, option):
    without_chance = TEXT.replace("nn.Dropout(0.5), ", "")
    check_alike(replace(OWN, text=without_chance, weight_decay=0.01, **{name: option}), squares, "cuda")


def test_a_recording_leaves_everything_as_it_was(squares, on_cpu):
    config = replace(OWN, optimizer="adamw", augmentation="flip_crop")
    touched, untouched = (trainer(config, squares) for _ in range(2))
    before = torch.get_rng_state()
    GraphedSteps(touched.learner, 10, 30)
    for one, other in zip(*(t.network.state_dict().values() for t in (touched, untouched)), strict=True):
        assert torch.equal(one, other)
    assert all(not t.any() for state in touched.learner.optimizer.state.values() for t in state.values())
    assert touched.learner.recent.count == 0 and not touched.learner.recent.sums.any()
    assert torch.equal(touched.data.generator.get_state(), untouched.data.generator.get_state())
    assert torch.equal(before, torch.get_rng_state())


class Reads(TorchDispatchMode):
    """Counts the calls that make the host wait for a value of the device."""

    def __init__(self):
        super().__init__()
        self.count = Counter()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if function.overloadpacket.__name__ in READS:
            self.count[function.overloadpacket.__name__] += 1
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("optimizer", OPTIONS["optimizer"])
@pytest.mark.parametrize("graphed", [False, True])
def test_the_host_reads_nothing_in_a_step(squares, optimizer, graphed, on_cpu):
    made = trainer(replace(OWN, optimizer=optimizer, augmentation="flip_crop", clip_norm=0.1), squares)
    taker = GraphedSteps(made.learner, 10, 30) if graphed else made.steps
    with Reads() as reads:
        torch.ones(1).item()
        taker.begin(made.data.shuffled(), [0.01] * 31)
        for index in range(31):
            taker.take(index)
    assert reads.count == {"_local_scalar_dense": 1}  # our own


def test_a_run_is_read_when_it_reports_and_not_in_between(monkeypatch):
    """Epochs of 30 and of 60 steps with three reports each: as many reads."""
    from cnnviz.training import reports

    found = []
    for batch, images in ((10, 100), (5, 100)):
        monkeypatch.setitem(reports.IMAGES, "cpu", images)
        config = replace(OWN, epochs=1, subset=300, batch_size=batch, device="cpu")
        with Reads() as reads:
            events = list(train(config))
        found.append((reads.count, [e["event"] for e in events]))
    assert found[0] == found[1]
    assert found[0][1] == ["step"] * 4 + ["epoch", "done"]


@GPU
@pytest.mark.parametrize("graphed", [False, True])
def test_no_step_waits_for_the_gpu(squares, graphed):
    made = trainer(replace(OWN, augmentation="flip_crop", precision="auto"), squares, "cuda")
    taker = GraphedSteps(made.learner, 10, 30) if graphed else Steps(made.learner, 10)
    taker.begin(made.data.shuffled(), [0.01] * 31)
    for index in range(4):  # torch settles in
        taker.take(index)
    torch.cuda.set_sync_debug_mode("error")
    try:
        for index in range(4, 31):
            taker.take(index)
        taker.begin(made.data.shuffled(), [0.01] * 31)
        reading = PendingMetrics(made.learner.recent)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert reading.figures() == made.learner.recent.read() and reading.is_here()


@GPU
@pytest.mark.parametrize(
    ("name", "option"),
    [(n, o) for n in OPTIONS for o in OPTIONS[n] if n != "device" and o not in ("published", "validation")],
)
def test_same_seed_same_numbers_on_cuda(name, option):
    config = replace(OWN, device="cuda", epochs=3, seed=7, **{name: option})
    first, again, other = (
        [(e["train_loss"], e["test_loss"]) for e in train(one) if e["event"] == "epoch"]
        for one in (config, config, replace(config, seed=8))
    )
    assert len(first) == 3 and first == again != other


class Asks(torch.nn.Sequential):
    """Wants to know a value in between, as no recording allows."""

    def forward(self, x):
        return super().forward(x if x.device.type == "meta" or x.sum().item() > 0 else -x)


@GPU
def test_what_cannot_be_recorded_is_trained_step_by_step():
    network = Asks(torch.nn.Flatten(), torch.nn.Linear(192, 4))
    *_, epoch, done = train(replace(OWN, device="cuda"), network)
    assert done["event"] == "done" and done["step"] == 62 and epoch["train_loss"] > 0


@GPU
def test_a_gpu_comes_to_what_the_cpu_does():
    settings = {"network": "lenet5", "dataset": "mnist", "epochs": 1, "subset": 20_000, "learning_rate": 0.003}
    cuda, cpu = (list(train(TrainConfig(**settings, device=device))) for device in ("cuda", "cpu"))
    told = [event["step"] for event in cuda if event["event"] == "step"]
    assert told == sorted(set(told)) and told[-1] == 157
    assert cuda[-1]["test_accuracy"] == pytest.approx(cpu[-1]["test_accuracy"], abs=0.02)
    assert cuda[0]["device"] == torch.cuda.get_device_name() and all(e["memory"] > 0 for e in cuda[:3])


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("capturing")])
def test_a_recording_that_fails_leaves_steps_one_by_one(squares, monkeypatch, error):
    def fails(step, learner):
        raise error

    monkeypatch.setattr(steps, "record", fails)
    made = trainer(OWN, squares)
    made.device = torch.device("cuda")  # as far as the choice of its steps goes
    assert type(made.new_steps()) is Steps
