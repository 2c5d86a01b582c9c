"""Losses, initialisations and the clipping of gradients, each against its definition."""

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnnviz.networks import OWN_TEXT
from cnnviz.training import TrainConfig, new_network, train
from cnnviz.training.losses import LOSSES
from cnnviz.training.steps import Learner

CONFIG = TrainConfig(subset=400, epochs=1, batch_size=40, device="cpu")


@pytest.fixture
def scores():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(7, 5, generator=generator), torch.randint(0, 5, (7,), generator=generator)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_two_likelihoods_are_one(scores, smoothing):
    """By the definition: -log p of a target of which a share is spread over all classes."""
    logits, labels = scores
    target = (1 - smoothing) * F.one_hot(labels, 5) + smoothing / 5
    expected = -(target * logits.log_softmax(1)).sum(1).mean()
    for name in ("cross_entropy", "nll"):
        assert torch.allclose(LOSSES[name](logits, labels, smoothing), expected)


def test_the_mean_squared_error_is_that_of_probabilities(scores):
    logits, labels = scores
    off = logits.softmax(1).double().numpy()
    off[range(7), labels] -= 1
    assert float(LOSSES["mse"](logits, labels, 0.0)) == pytest.approx((off**2).mean(), rel=1e-5)
    assert torch.equal(LOSSES["mse"](logits, labels, 0.0), LOSSES["mse"](logits, labels, 0.3))


@pytest.mark.parametrize("loss", LOSSES)
def test_a_run_learns_by_each_and_measures_by_it(loss, small_mnist):
    first, *_, epoch, done = train(replace(CONFIG, loss=loss, epochs=2, learning_rate=0.003))
    at_first = math.log(10) if loss != "mse" else 0.09  # all classes alike: (0.9² + 9 · 0.1²) / 10
    assert first["loss"] == pytest.approx(at_first, rel=0.05)
    assert done["event"] == "done" and epoch["test_loss"] < 0.9 * first["loss"]


# --- initialisation


def made(initialisation, seed=0):
    """What a convolution with 25 x 32 inputs and a linear layer get."""
    layers = "nn.Conv2d(1, 32, 5), nn.Conv2d(32, 64, 5), nn.BatchNorm2d(64), nn.Flatten(), nn.Linear(25600, 10)"
    text = f"nn.Sequential({layers})"
    config = TrainConfig(network=OWN_TEXT, text=text, initialisation=initialisation, seed=seed)
    return [
        layer for layer in new_network(config).modules() if isinstance(layer, nn.Conv2d | nn.Linear | nn.BatchNorm2d)
    ]


@pytest.mark.parametrize(
    ("initialisation", "variance"),
    [
        ("default", lambda inputs, outputs: 1 / (3 * inputs)),
        ("he", lambda inputs, outputs: 2 / inputs),
        ("xavier", lambda inputs, outputs: 2 / (inputs + outputs)),
        ("zeros", lambda inputs, outputs: 0),
    ],
)
def test_variances_are_those_of_their_papers(initialisation, variance):
    _, convolution, norm, linear = made(initialisation)
    for layer, inputs, outputs in ((convolution, 800, 1600), (linear, 25600, 10)):
        assert float(layer.weight.detach().var()) == pytest.approx(variance(inputs, outputs), rel=0.03)
        assert bool(layer.bias.any()) == (initialisation == "default")
    assert (norm.weight == 1).all()  # as torch has it


@pytest.mark.parametrize("initialisation", ["default", "he", "xavier"])
def test_the_seed_decides_the_first_weights(initialisation):
    first, again, other = made(initialisation), made(initialisation), made(initialisation, 1)
    assert torch.equal(first[1].weight, again[1].weight) and not torch.equal(first[1].weight, other[1].weight)


def test_from_zeros_nothing_is_told_apart(small_mnist):
    config = replace(CONFIG, network="cnn_max", initialisation="zeros", optimizer="sgd", learning_rate=0.1)
    network = new_network(config)
    *_, epoch, _ = train(config, network)
    kernels = next(layer for layer in network.modules() if isinstance(layer, nn.Conv2d)).weight
    assert not kernels.any() and epoch["test_accuracy"] < 0.2  # its gradient is 0 as well: only the last bias moves


# --- clipping


class Still:
    """Stands in for the data of a run: one batch, always the same."""

    def batch(self, chosen):
        return torch.full((4, 3), 10.0), torch.tensor([0, 1, 0, 1])


@pytest.mark.parametrize("clip_norm", [0.0, 0.5, 1e6])
def test_a_step_is_as_long_as_its_gradient_may_be(clip_norm):
    torch.manual_seed(0)
    network = nn.Linear(3, 2)
    config = TrainConfig(optimizer="sgd", learning_rate=1.0, clip_norm=clip_norm)
    before = torch.cat([one.detach().flatten().clone() for one in network.parameters()])
    images, labels = Still().batch(0)
    gradients = torch.autograd.grad(F.cross_entropy(network(images), labels), list(network.parameters()))
    plain = torch.cat([one.flatten() for one in gradients])
    assert plain.norm() > 0.6
    Learner(config, network, Still(), torch.device("cpu")).learn(torch.arange(4))
    moved = torch.cat([one.detach().flatten() for one in network.parameters()]) - before
    length = 0.5 if clip_norm == 0.5 else float(plain.norm())
    assert float(moved.norm()) == pytest.approx(length, rel=1e-4)
    assert torch.allclose(moved / moved.norm(), -plain / plain.norm(), atol=1e-5)  # its direction stays
