"""The pairs of runs that ship: small files, of the pairs as they are now, whose first steps are what training gives."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from checkpoints.record import COLUMNS, PICTURES, STEPS
from cnnviz.data import datasets
from cnnviz.data.datasets import DataSet
from cnnviz.runs import recordings
from cnnviz.runs.recordings import Recording
from cnnviz.training import TrainConfig, new_network, train
from cnnviz.training.pairs import COLOUR, FLAT, PAIRS, Pair
from tests.helpers import refused

FIRST = 50  # steps of each that are taken again; its reports go on up to the first one after them
ROUNDED = 2**-22  # of a weight
IMAGES = 50_000  # of CIFAR-10, for training


@pytest.fixture
def first_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """CIFAR-10 with the pictures of the first steps in their places, and black ones in all others."""
    mosaic = np.asarray(Image.open(PICTURES))
    count = STEPS * COLOUR.batch_size
    pictures = mosaic[:-1].reshape(count // COLUMNS, 32, COLUMNS, 32, 3).swapaxes(1, 2).reshape(count, 32, 32, 3)
    order = torch.randperm(IMAGES, generator=torch.Generator().manual_seed(COLOUR.seed))[:count]
    x, y = torch.zeros(IMAGES, 3, 32, 32, dtype=torch.uint8), torch.zeros(IMAGES, dtype=torch.int64)
    x[order] = torch.from_numpy(pictures.copy()).permute(0, 3, 1, 2)
    y[order] = torch.from_numpy(mosaic[-1, :count, 0].astype(np.int64))
    data = DataSet("cifar10", x, y, x[:10], y[:10], tuple("0123456789"), (0.5,) * 3, (0.5,) * 3)
    usual = datasets.load
    monkeypatch.setattr(datasets, "load", lambda name: data if name == "cifar10" else usual(name))


@pytest.mark.long(sample=3)
@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS.values(), ids=list(PAIRS))
@pytest.mark.usefixtures("first_pictures")
def test_the_first_steps_are_those_that_were_recorded(pair: Pair) -> None:
    for config, one in zip(pair.configs, recordings.read(pair.name), strict=True):
        network = new_network(config)
        assert recordings.templates(network) == pytest.approx(weights(one, 0), abs=float(one.scales[0]) / 200)
        reports = first_reports(config, network)
        known = len(reports)
        assert [report["step"] for report in reports] == one.steps[:known].tolist() and one.steps[known - 1] >= FIRST
        for name, was, bound in (("loss", one.loss, 2e-3 * one.loss), ("accuracy", one.accuracy, 0.01)):
            off = np.abs(column(reports, name) - was[:known]) - np.broadcast_to(bound, was.shape)[:known]
            assert (off <= 0).all() or (off <= 3 * moved(config, reports, name)).all(), (config, name, off)


def first_reports(config: TrainConfig, network: nn.Module) -> list[dict[str, Any]]:
    """What training reports of its first steps."""
    reports = []
    for event in train(config, network):
        reports += [event] if event["event"] == "step" else []
        if event["step"] >= FIRST and event["event"] == "step":
            break
    return reports


def column(reports: list[dict[str, Any]], name: str) -> np.ndarray:
    return np.array([report[name] for report in reports])


def moved(config: TrainConfig, reports: list[dict[str, Any]], name: str) -> np.ndarray:
    """How far a report moves with weights that are off by less than float32 rounds, where processors differ: some
    networks go far apart from there in a few steps, most do not at all."""
    furthest = np.zeros(len(reports))
    for seed in range(3):
        network, generator = new_network(config), torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for one in network.parameters():
                one *= 1 + ROUNDED * (2 * torch.rand(one.shape, generator=generator) - 1)
        furthest = np.maximum(furthest, np.abs(column(first_reports(config, network), name) - column(reports, name)))
    return furthest


def weights(one: Recording, frame: int) -> np.ndarray:
    """What the levels of a look at the kernels stand for."""
    return (one.kernels[frame].astype(np.float32) - 128) / 127 * one.scales[frame]


@pytest.mark.parametrize("name", PAIRS)
def test_a_file_is_small_and_whole(name: str) -> None:
    path = recordings.FOLDER / f"{name}.safetensors"
    assert path.stat().st_size <= 250_000
    for config, one in zip(PAIRS[name].configs, recordings.read(name), strict=True):
        assert one.last == one.steps[-1] == one.at[-1] == config.steps and one.at[0] == 0
        assert len(one.steps) >= 50 and len(one.measured) >= 10 and len(one.kernels) == len(one.at) >= 4
        assert (np.diff(one.steps) > 0).all() and (np.diff(one.at) > 0).all()
        shares = np.concatenate([one.accuracy, one.test_accuracy, one.train_accuracy])
        assert ((shares >= 0) & (shares <= 1)).all() and np.isfinite(one.loss).all()


def test_there_is_a_file_for_each_pair_and_no_other() -> None:
    assert {path.stem for path in recordings.FOLDER.iterdir()} == set(PAIRS)
    assert len(PAIRS) == 8


def test_what_is_said_of_the_pairs_is_seen_in_them() -> None:
    """Each sentence's claim, in the figures that ship."""
    end = {name: [float(one.test_accuracy[-1]) for one in recordings.read(name)] for name in PAIRS}
    flat, kernels = end["flat"]
    assert flat < kernels - 0.05 and new_parameters(FLAT) == 30_730
    first = [recording.test_accuracy[0] for recording in recordings.read("flat")]
    assert first[1] < first[0]  # slower to begin
    assert end["batch_norm"][0] > end["batch_norm"][1] + 0.02
    many, few = recordings.read("few_images")
    assert few.train_accuracy[-1] == 1 and few.test_loss[-1] > 1.2 * few.test_loss.min()
    assert few.test_accuracy[-1] < many.test_accuracy[-1] - 0.05
    dropped, not_dropped = recordings.read("dropout")
    rise = [one.test_loss[-1] / one.test_loss.min() for one in (dropped, not_dropped)]
    assert rise[0] < rise[1] and dropped.test_loss.argmin() > not_dropped.test_loss.argmin()
    assert end["augmentation"][0] > end["augmentation"][1] + 0.03
    assert recordings.read("too_large")[1].loss[-20:] == pytest.approx(np.full(20, np.log(10)), abs=0.1)
    assert (
        end["too_small"][1] < end["too_small"][0] - 0.1
        and (np.diff(recordings.read("too_small")[1].test_loss) < 0).all()
    )
    fast, slow = recordings.read("momentum")
    reached = fast.measured[(fast.test_accuracy >= slow.test_accuracy[-1]).argmax()]
    assert reached <= slow.last / 4


def new_parameters(text: str) -> int:
    """How many parameters a network of that text has."""
    network = new_network(replace(COLOUR, network="own text", text=text))
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.slow
def test_a_pair_is_written_and_read_and_told_from_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = replace(PAIRS["momentum"].configs[0], steps=20, evaluate_every=10)
    pair = replace(PAIRS["momentum"], configs=(short, replace(short, seed=1)))
    recorded = recordings.record(pair.configs[0]), recordings.record(pair.configs[1])
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    recordings.write(pair, recorded, tmp_path)
    recordings.read.cache_clear()
    with refused("momentum", "checkpoints.record"):
        recordings.read("momentum")
    monkeypatch.setitem(PAIRS, "momentum", pair)
    for one, again in zip(recorded, recordings.read("momentum"), strict=True):
        assert all(np.array_equal(value, getattr(again, name)) for name, value in vars(one).items())
        assert again.measured.tolist() == [10, 20] and list(takewhile(lambda step: step < 20, again.steps)) == [1, 10]
    recordings.read.cache_clear()


def test_a_file_that_would_be_too_large_is_not_written(tmp_path: Path) -> None:
    first, second = recordings.read("momentum")
    large = replace(first, kernels=np.zeros((400, 10, 1, 10, 10), np.uint8))
    with refused("momentum", "250,000"):
        recordings.write(PAIRS["momentum"], (large, second), tmp_path)
    assert not list(tmp_path.iterdir())
