from types import SimpleNamespace

import numpy as np
import pytest
import safetensors.numpy
import torch
from torch import nn

from cnnviz import networks, runs
from cnnviz.data import datasets
from cnnviz.data.datasets.preprocessing import Preprocessing
from cnnviz.inference import checkpoints
from cnnviz.networks import OWN_TEXT
from cnnviz.runs import snapshots
from cnnviz.runs.snapshots import Snapshotter, spread
from cnnviz.training import TrainConfig, new_network, train

SHORT = {"subset": 2000, "epochs": 1, "device": "cpu"}
TEXT = """nn.Sequential(
    nn.Conv2d(1, 70, 3, stride=3), nn.BatchNorm2d(70), nn.ReLU(), nn.Dropout(0.5),
    nn.Flatten(), nn.Linear(70 * 9 * 9, 10),
)"""
OWN = TrainConfig(**SHORT, network=OWN_TEXT, text=TEXT)
FLAT = TrainConfig(**SHORT, network=OWN_TEXT, text="nn.Sequential(nn.Flatten(), nn.Linear(784, 10))")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, small_mnist):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    return tmp_path


@pytest.fixture
def always(monkeypatch):
    """A look between any two events."""
    monkeypatch.setattr(snapshots, "PAUSE", 0)
    monkeypatch.setattr(snapshots, "SHARE", 1e9)


def steps_seen(run):
    """The step of the look at each event of the run."""
    return [run.snapshot.step for _ in runs.execute(run)]


def figures(events):
    return [(event["step"], event.get("loss"), event.get("test_loss"), event.get("test_accuracy")) for event in events]


@pytest.mark.parametrize("config", [TrainConfig(**SHORT), OWN], ids=["lenet5", "dropout and batch norm"])
@pytest.mark.slow
def test_a_run_with_looks_has_the_numbers_of_one_without(config, always):
    run = runs.create(config)
    seen = steps_seen(run)
    assert len(set(seen)) > 3 and seen == [event["step"] for event in run.events()]
    assert figures(run.events()) == figures(train(config))


def sees(data, side=28):
    """What a network makes of those pictures that takes them in that size."""
    return Preprocessing(data.mean, data.std, (side, side))


def test_a_look_leaves_the_network_as_it_was(folder):
    network, data = new_network(OWN), datasets.load("mnist")
    snapshotter = Snapshotter(folder, network, sees(data), data)
    for mode in (True, False):
        network.train(mode)
        before, chance = {k: v.clone() for k, v in network.state_dict().items()}, torch.get_rng_state()
        snapshotter.capture(3)
        assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())
        assert all(layer.training == mode for layer in network.modules())
        assert torch.equal(torch.get_rng_state(), chance) and snapshots.read(folder).step == 3


def test_the_last_look_is_of_the_weights_that_were_saved(folder):
    config = TrainConfig(**SHORT, learning_rate=0.003)
    run, data = runs.create(config), datasets.load("mnist")
    list(runs.execute(run))
    snapshot, trained = run.snapshot, checkpoints.load(run.weights).network
    assert np.array_equal(snapshot.kernels, trained.conv1.weight.numpy())
    assert np.array_equal(snapshot.first_kernels, new_network(config).conv1.weight.detach().numpy())
    assert not np.array_equal(snapshot.kernels, snapshot.first_kernels)
    seen = sees(data, 32)(data.x_test[snapshot.indices])
    assert snapshot.probabilities == pytest.approx(trained(seen).softmax(1).numpy(), abs=1e-5)
    assert np.array_equal(snapshot.labels, data.y_test[snapshot.indices])
    assert (snapshot.probabilities.argmax(1) == snapshot.labels).mean() > 0.5


def test_the_first_look_is_of_step_0(folder):
    Snapshotter(folder, new_network(OWN), sees(datasets.load("mnist")), datasets.load("mnist"))
    snapshot = snapshots.read(folder)
    assert snapshot.step == 0 and np.array_equal(snapshot.kernels, snapshot.first_kernels)
    assert snapshot.kernels.shape == (64, 1, 3, 3) and snapshot.kernels.dtype == np.float32  # 64 of 70
    assert snapshot.probabilities.shape == (16, 10) and snapshot.probabilities.sum(1) == pytest.approx(1)


def test_a_network_without_convolution_has_no_kernels():
    run = runs.create(FLAT)
    list(runs.execute(run))
    assert run.snapshot.kernels is run.snapshot.first_kernels is None and run.snapshot.probabilities.shape == (16, 10)


def test_outputs_without_a_class_are_not_guessed(folder):
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 12))
    nn.init.constant_(network[1].bias, 0.0)
    network[1].bias.data[11] = 1e4
    Snapshotter(folder, network, sees(datasets.load("mnist")), datasets.load("mnist"))
    assert snapshots.read(folder).probabilities.sum(1) == pytest.approx(1)


def test_a_run_that_is_stopped_is_seen_as_it_stopped(always):
    run = runs.create(TrainConfig(**SHORT))
    run.request_stop()
    list(runs.execute(run))
    assert run.state() == "stopped" and run.snapshot.step == 1


def test_a_run_that_diverged_keeps_the_last_look_with_numbers(always):
    run = runs.create(TrainConfig(**SHORT, optimizer="sgd", learning_rate=100, weight_decay=10))
    list(runs.execute(run))
    assert run.state() == "failed" and run.snapshot.step == run.events()[-2]["step"]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([0, 0, 1, 1, 2, 0], [0, 2, 4, 1, 3, 5]),
        (list(range(10)) * 3, list(range(16))),
        (list(range(100)), [n * 100 // 16 for n in range(16)]),
        ([7, 3, 3], [1, 0, 2]),
        ([5] * 40, list(range(16))),
    ],
)
def test_images_are_spread_over_the_classes(labels, expected):
    assert spread(torch.tensor(labels)).tolist() == expected


def test_the_same_images_for_every_run_on_mnist(folder):
    found = [spread(datasets.load("mnist").y_test).tolist() for _ in range(2)]
    assert found[0] == found[1] and found[0][:10] == [3, 2, 1, 18, 4, 8, 11, 0, 61, 7]  # its first 0, 1, 2, ...


@pytest.fixture
def clock(monkeypatch):
    """The clock by which looks are timed; it stands until a test sets it, and each reading takes `pace` seconds."""
    clock = SimpleNamespace(now=1000.0, pace=0.0)

    def read():
        clock.now += clock.pace
        return clock.now

    monkeypatch.setattr(snapshots.time, "perf_counter", read)
    return clock


def test_looks_are_far_apart(folder, clock):
    snapshotter = Snapshotter(
        folder, networks.build("lenet5"), sees(datasets.load("mnist"), 32), datasets.load("mnist")
    )
    assert snapshotter.due == clock.now + snapshots.PAUSE
    snapshotter.capture_if_due(1)
    assert snapshots.read(folder).step == 0
    clock.now = snapshotter.due
    snapshotter.capture_if_due(12)
    assert snapshots.read(folder).step == 12


def test_a_dear_look_waits_the_longer(folder, clock):
    snapshotter = Snapshotter(
        folder, networks.build("lenet5"), sees(datasets.load("mnist"), 32), datasets.load("mnist")
    )
    clock.pace = 0.02
    snapshotter.capture(1)
    assert snapshotter.due - clock.now == pytest.approx(0.02 / snapshots.SHARE) and snapshotter.due > clock.now + 1.99


def test_a_look_that_cannot_be_written_costs_no_run(folder):
    network, data = networks.build("lenet5"), datasets.load("mnist")
    snapshotter = Snapshotter(folder / "absent", network, sees(data, 32), data)
    snapshotter.capture(1)
    assert snapshots.read(folder / "absent") is None


def damaged(**arrays):
    whole = {
        "step": np.array([1]),
        "images": np.zeros((2, 1, 4, 4), np.uint8),
        "indices": np.arange(2),
        "labels": np.arange(2),
        "probabilities": np.zeros((2, 3), np.float32),
        **arrays,
    }
    return {name: array for name, array in whole.items() if array is not None}


KERNELS = np.zeros((2, 1, 3, 3), np.float32)
CLASSES = {"classes": '["a", "b", "c"]'}


@pytest.mark.parametrize(
    "arrays",
    [
        damaged(step=None),
        damaged(step=np.zeros(0)),
        damaged(labels=None),
        damaged(images=np.zeros((3, 1, 4, 4), np.uint8)),
        damaged(probabilities=np.zeros((2, 4), np.float32)),
        damaged(labels=np.arange(3)),
        damaged(surprise=np.arange(3)),
        damaged(probabilities=np.zeros((3, 3))),
        damaged(indices=np.zeros((2, 2))),
        damaged(kernels=KERNELS),
        damaged(kernels=KERNELS, first_kernels=KERNELS[:1]),
        damaged(kernels=KERNELS[0], first_kernels=KERNELS[0]),
    ],
    ids=range(12),
)
def test_what_is_no_look_is_none(folder, arrays):
    path = folder / snapshots.NAME
    safetensors.numpy.save_file(damaged(kernels=KERNELS, first_kernels=KERNELS), path, CLASSES)
    assert snapshots.read(folder).step == 1
    safetensors.numpy.save_file(arrays, path, CLASSES)
    assert snapshots.read(folder) is None


@pytest.mark.parametrize("content", [b"", b"no look", b"\xff" * 100])
def test_an_unreadable_file_is_none(folder, content):
    (folder / snapshots.NAME).write_bytes(content)
    assert snapshots.read(folder) is None
