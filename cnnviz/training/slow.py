"""One step at a time: the first steps of a run on one small batch, with what each line of the loop came to.

The steps are those of `steps.Learner`, which trains every run: what is told of them is read before and after.
"""

import time
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cnnviz.data import datasets
from cnnviz.networks import input_shape
from cnnviz.training import TrainConfig, check_fit, new_network
from cnnviz.training.batches import OnDevice
from cnnviz.training.failures import check_last_batch
from cnnviz.training.metrics import RunningMetrics
from cnnviz.training.schedules import rates
from cnnviz.training.steps import Learner, Steps

BATCH, STEPS = 16, 50
MAX_PARAMETERS = 300_000
SECONDS = 0.8  # of the processor, after which no further step is begun


@dataclass(frozen=True)
class SlowSteps:
    """Up to 50 steps S of a network on one batch of N images.

    `images` (N, C, H, W), uint8, are those of the data set, `labels` (N,) name `classes`. Of each step: the `losses`
    (S,), the length of all `gradients` together (S,), clipped where they are, the learning `rates` (S,); for each
    image the class that was predicted, `guesses` (S, N), how probable it is, `sure` (S, N), and how probable its label
    is, `shares` (S, N). `weight` is the name of one weight, `before` (S,) and `after` (S,) what it was, and `slopes`
    (S,) its gradient; `parameters` is how many there are.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    losses: NDArray[np.float32]
    gradients: NDArray[np.float32]
    rates: NDArray[np.float32]
    guesses: NDArray[np.int64]
    sure: NDArray[np.float32]
    shares: NDArray[np.float32]
    weight: str
    slopes: NDArray[np.float32]
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    parameters: int


class _Told(RunningMetrics):
    """In place of the sums of a run: keeps what each step had to say."""

    def __init__(self, device: torch.device) -> None:
        super().__init__(device)
        self.losses: list[float] = []
        self.guesses: list[Tensor] = []
        self.sure: list[Tensor] = []
        self.shares: list[Tensor] = []

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        probabilities = logits.float().softmax(1)
        sure, guesses = probabilities.max(1)
        self.losses.append(float(loss))
        self.guesses.append(guesses)
        self.sure.append(sure)
        self.shares.append(probabilities.gather(1, labels[:, None])[:, 0])


def _check(config: TrainConfig) -> None:
    """Raises ValueError where the network has too many parameters to be looked at so."""
    with torch.device("meta"):
        count = _parameters_of(new_network(replace(config, initialisation="default")))
    if count > MAX_PARAMETERS:
        raise ValueError(
            f"{config.network} has {count:,} parameters, and one step at a time is for at most {MAX_PARAMETERS:,}; "
            "choose a smaller network, such as lenet5"
        )


def _parameters_of(network: nn.Module) -> int:
    """How many numbers it learns."""
    return sum(parameter.numel() for parameter in network.parameters())


def slow_steps(config: TrainConfig, seconds: float = SECONDS) -> SlowSteps:
    """The first steps of the config on its first training images, the same ones in each; as many of them as there is
    time for. It begins with fresh weights. Raises ValueError where the network does not fit the data set, or is too
    large.
    """
    _check(config)
    config = replace(config, device="cpu", precision="float32", start="", validation=0.0)
    config = replace(config, batch_size=BATCH, subset=BATCH, epochs=STEPS, steps=STEPS)
    data, network = datasets.load(config.dataset), new_network(config)
    check_fit(config, network, datasets.Form(data.picture, len(data.classes)))
    one = OnDevice(data, config, torch.device("cpu"))
    check_last_batch(network, len(one.x_train), config, input_shape(config.network, data.picture))
    network = network.to(memory_format=torch.channels_last).train()
    learner = Learner(config, network, one, torch.device("cpu"))
    return _walk(config, learner, data.classes, time.process_time() + seconds)


def _walk(config: TrainConfig, learner: Learner, classes: tuple[str, ...], until: float) -> SlowSteps:
    """The steps, until that moment of the process, or until the network has run away."""
    told, data = _Told(learner.device), learner.data
    learner.recent = told
    steps, order = Steps(learner, BATCH), torch.arange(len(data.x_train))
    lengths, taken = list[float](), list[float]()
    name, weights = next((name, one) for name, one in learner.network.named_parameters() if one.numel())
    at, slopes, values = -1, list[float](), list[float]()
    for rate in rates(config, STEPS, 1):
        steps.begin(order, [rate])
        before = weights.detach().flatten().clone()
        steps.take(0)
        found = [one.grad for one in learner.network.parameters() if one.grad is not None]
        first = torch.zeros_like(before) if weights.grad is None else weights.grad.flatten()
        at = int(first.abs().argmax()) if at < 0 else at  # one that is felt: a corner of a digit is always black
        lengths.append(float(torch.stack([one.norm() for one in found]).norm()))
        slopes.append(float(first[at]))
        values += [float(before[at]), float(weights.detach().flatten()[at])]
        taken.append(rate)
        if time.process_time() > until or not np.isfinite(told.losses[-1]):
            break
    place = ", ".join(map(str, np.unravel_index(at, tuple(weights.shape))))
    return SlowSteps(
        images=data.x_train.numpy(),
        labels=data.y_train.numpy(),
        classes=classes,
        losses=np.array(told.losses, np.float32),
        gradients=np.array(lengths, np.float32),
        rates=np.array(taken, np.float32),
        guesses=torch.stack(told.guesses).numpy(),
        sure=torch.stack(told.sure).numpy(),
        shares=torch.stack(told.shares).numpy(),
        weight=f"{name}[{place}]",
        slopes=np.array(slopes, np.float32),
        before=np.array(values[::2], np.float32),
        after=np.array(values[1::2], np.float32),
        parameters=_parameters_of(learner.network),
    )
