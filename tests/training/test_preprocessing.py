from dataclasses import replace

import numpy as np
import pytest
import torch

from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.networks import OWN_TEXT
from cnnviz.runs import create, execute
from cnnviz.training import TrainConfig, train
from cnnviz.training.preprocessing import PUBLISHED, preprocessing
from tests.helpers import refused

CONFIG = TrainConfig(subset=200, steps=2, device="cpu")


@pytest.mark.parametrize(
    ("normalisation", "mean", "std", "lowest", "highest"),
    [
        ("computed", 0.1307, 0.3081, -0.4242, 2.8215),
        ("published", 0.1307, 0.3081, -0.4242, 2.8215),
        ("half", 0.5, 0.5, -1, 1),
        ("none", 0, 1, 0, 1),
    ],
)
def test_what_the_network_sees(normalisation, mean, std, lowest, highest):
    data = datasets.load("mnist")
    made = preprocessing(replace(CONFIG, normalisation=normalisation), data)
    assert made.mean == pytest.approx((mean,), abs=5e-5) and made.std == pytest.approx((std,), abs=5e-5)
    seen = made(data.x_train[:100])
    assert seen.shape == (100, 1, 32, 32)
    assert seen.min() == pytest.approx(lowest, abs=1e-3) and seen.max() == pytest.approx(highest, abs=1e-3)
    assert (made.mean == PUBLISHED["mnist"][0]) == (normalisation == "published")


def test_the_constants_of_cifar100_are_the_notebooks():
    assert PUBLISHED["cifar100"] == ((0.5071, 0.4867, 0.4408), (0.2675, 0.2565, 0.2761))


def test_what_nobody_published_is_refused_before_a_run_begins(squares):
    config = TrainConfig(network="cifar100_cnn", dataset=squares, normalisation="published", device="cpu")
    with refused(squares, "cifar100", "computed"):
        train(config)


@pytest.fixture
def squares(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    images = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    np.savez(
        tmp_path / "squares.npz", x_train=images, y_train=np.arange(40) % 4, x_test=images, y_test=np.arange(40) % 4
    )
    return "squares"


@pytest.mark.parametrize("fit", ["framed", "resized"])
def test_a_checkpoint_carries_what_its_network_saw(fit, tmp_path, monkeypatch, small_mnist):
    """So that prediction, evaluation and what is looked at inside use the same."""
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path))
    config = replace(CONFIG, normalisation="half", fit=fit)
    run = create(config)
    *_, epoch, _ = execute(run)
    loaded = checkpoints.load(run.weights)
    assert loaded.card.preprocessing == preprocessing(config, datasets.load("mnist"))
    data = datasets.load("mnist")
    with torch.inference_mode():
        found = loaded.network(loaded.card.preprocessing(data.x_test)).argmax(1)
    assert (found == data.y_test).float().mean() == pytest.approx(epoch["test_accuracy"], abs=1e-6)


def test_a_card_with_another_fit_is_refused(tmp_path):
    loaded = checkpoints.load(checkpoints.shipped()["lenet5"])
    assert loaded.card.preprocessing.fit == "framed"  # it was written before there were two
    checkpoints.save(tmp_path / "one.safetensors", loaded.network, replace(loaded.card, fit="stretched"))
    with refused("stretched", "framed, resized"):
        checkpoints.load(tmp_path / "one.safetensors")


def test_pictures_that_are_too_large_are_refused_resized_too(squares):
    """The work and the memory of a step are bounded by what the network takes, before it begins."""
    config = TrainConfig(network=OWN_TEXT, text="nn.Sequential(nn.Flatten(), nn.Linear(3072, 10))", dataset=squares)
    assert list(train(replace(config, fit="resized", epochs=1, device="cpu")))[-1]["event"] == "done"
    images = np.zeros((40, 64, 64, 3), np.uint8)
    labels = np.arange(40) % 4
    np.savez(datasets.data_folder() / "large.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    with refused("3 × 32 × 32", "3 × 64 × 64"):
        train(TrainConfig(network="cifar100_cnn", dataset="large", fit="resized", device="cpu"))
