"""One step at a time: what is told of the steps is what training does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnnviz.lessons.train.loop import MEANT, loop
from cnnviz.networks import OWN_TEXT
from cnnviz.training import TrainConfig, new_network, train
from cnnviz.training.losses import LOSSES
from cnnviz.training.slow import BATCH, STEPS, slow_steps
from tests.helpers import refused
from tests.pace import within

PLAIN = TrainConfig(optimizer="sgd", learning_rate=0.05)


@pytest.mark.parametrize(
    "config",
    [
        PLAIN,
        TrainConfig(schedule="one_cycle"),
        TrainConfig(optimizer="nesterov", clip_norm=0.5, loss="mse", initialisation="he"),
    ],
    ids=["sgd", "one_cycle", "clipped"],
)
@pytest.mark.slow
def test_the_losses_are_those_of_a_run_on_the_same_pictures(config: TrainConfig) -> None:
    steps = slow_steps(config, seconds=60)
    whole = replace(config, batch_size=BATCH, subset=BATCH, epochs=STEPS, steps=STEPS, device="cpu")
    whole = replace(whole, evaluate_every=STEPS)
    events = [event for event in train(whole) if event["event"] == "step"]
    assert len(steps.losses) == len(events) == STEPS
    assert steps.losses == pytest.approx(np.array([event["loss"] for event in events]), rel=1e-3, abs=1e-5)
    assert steps.rates == pytest.approx(np.array([event["learning_rate"] for event in events]))
    right = (steps.guesses == steps.labels).mean(1)
    assert right == pytest.approx(np.array([event["accuracy"] for event in events]), abs=0.07)  # one near a tie
    assert not config.clip_norm or steps.gradients.max() == pytest.approx(config.clip_norm, rel=1e-4)


def test_a_step_of_plain_sgd_is_rate_times_gradient() -> None:
    steps = slow_steps(PLAIN, seconds=60)
    assert steps.after == pytest.approx(steps.before - 0.05 * steps.slopes, abs=1e-7)
    assert np.array_equal(steps.after[:-1], steps.before[1:]) and steps.slopes[0] != 0
    assert steps.losses[-1] < steps.losses[0] and (steps.gradients > 0).all()
    assert steps.parameters == sum(one.numel() for one in new_network(PLAIN).parameters())
    assert steps.weight.startswith("conv1.weight[") and steps.images.shape == (BATCH, 1, 28, 28)


def test_the_loss_is_the_mean_of_what_the_labels_were_given() -> None:
    steps = slow_steps(PLAIN, seconds=60)
    assert -np.log(steps.shares).mean(1) == pytest.approx(steps.losses, rel=1e-4)
    assert (steps.sure >= steps.shares - 1e-7).all()
    named = steps.guesses == steps.labels
    assert steps.sure[named] == pytest.approx(steps.shares[named])


def test_as_many_steps_as_there_is_time_for() -> None:
    assert len(slow_steps(TrainConfig(), seconds=0).losses) == 1
    slow_steps(TrainConfig())
    with within(20):
        assert 1 <= len(slow_steps(TrainConfig()).losses) <= STEPS


def test_what_is_too_large_or_does_not_fit_is_refused() -> None:
    large = "nn.Sequential(nn.Flatten(), nn.Linear(784, 400), nn.Linear(400, 10))"
    with refused(OWN_TEXT, "318,010", "300,000", "lenet5"):
        slow_steps(TrainConfig(network=OWN_TEXT, text=large))
    with refused("10"):
        slow_steps(TrainConfig(network=OWN_TEXT, text="nn.Sequential(nn.Flatten(), nn.Linear(784, 3))"))
    with refused("nowhere"):
        slow_steps(TrainConfig(dataset="nowhere"))


def test_a_run_that_runs_away_ends_there() -> None:
    steps = slow_steps(replace(PLAIN, learning_rate=100.0), seconds=60)
    assert len(steps.losses) <= STEPS and np.isfinite(steps.losses[:-1]).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_the_five_lines_are_a_step(loss: str) -> None:
    """The lines as they stand beside the chart, carried out."""
    config = replace(PLAIN, loss=loss, label_smoothing=0.1 if loss == "cross_entropy" else 0.0)
    lines = loop(config)
    assert len(lines) == len(MEANT) == 5
    network = new_network(config)
    images, labels = torch.rand(4, 1, 32, 32), torch.tensor([3, 1, 4, 1])  # framed, as lenet5 takes them
    known = {
        "network": network,
        "images": images,
        "labels": labels,
        "F": F,
        "one_hot": F.one_hot(labels, 10).float(),
        "optimizer": torch.optim.SGD(network.parameters(), lr=0.05),
    }
    before = network.state_dict()["conv1.weight"].clone()
    exec("\n".join(lines), known)
    expected = LOSSES[loss](known["logits"], labels, config.label_smoothing)
    assert known["loss"].item() == pytest.approx(expected.item())
    gradient = network.get_parameter("conv1.weight").grad
    assert torch.allclose(network.state_dict()["conv1.weight"], before - 0.05 * gradient)
