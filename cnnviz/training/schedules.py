"""Learning-rate schedules by torch.optim.lr_scheduler: the rate of each step, the next when it is asked for.

A scheduler runs on an optimiser of its own, whose rate is 1, so that what trains takes a rate as a number: on a GPU the
rates of an epoch are sent as one table. A scheduler on the rate itself, as in the script that repeats a run, gives the
same to the last bits of a double, of which a float32 weight sees nothing.
"""

from collections.abc import Callable, Iterator

import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LambdaLR, LRScheduler, OneCycleLR, StepLR

from cnnviz.training.config import TrainConfig

SWEEP = 1e6  # from the lowest rate of a sweep to its highest


def _constant(optimizer: Optimizer, _config: TrainConfig, _steps: int, _steps_per_epoch: int) -> LRScheduler:
    """Build ConstantLR: 1 all the way."""
    return ConstantLR(optimizer, factor=1.0)


def _step(optimizer: Optimizer, config: TrainConfig, _steps: int, steps_per_epoch: int) -> LRScheduler:
    """Build StepLR: times `decay` after every `decay_epochs`."""
    return StepLR(optimizer, config.decay_epochs * steps_per_epoch, config.decay)


def _one_cycle(optimizer: Optimizer, _config: TrainConfig, steps: int, _steps_per_epoch: int) -> LRScheduler:
    """Build OneCycleLR: from 1/25 up to 1 in the first 30 % of the steps, then down to nearly 0; momentum stays
    (Smith and Topin, 2017)."""
    return OneCycleLR(optimizer, 1.0, total_steps=steps, cycle_momentum=False)


def _cosine(optimizer: Optimizer, _config: TrainConfig, steps: int, _steps_per_epoch: int) -> LRScheduler:
    """Build CosineAnnealingLR: from 1 down to 0 along half a cosine (Loshchilov and Hutter, 2016)."""
    return CosineAnnealingLR(optimizer, steps)


def _sweep(optimizer: Optimizer, _config: TrainConfig, steps: int, _steps_per_epoch: int) -> LRScheduler:
    """Build LambdaLR: from 1 / SWEEP up to 1, each step by the same factor: the learning-rate range test (Smith, 2015)
    on a logarithmic scale."""
    return LambdaLR(optimizer, lambda step: SWEEP ** (step / max(1, steps - 1) - 1))


SCHEDULES: dict[str, Callable[[Optimizer, TrainConfig, int, int], LRScheduler]] = {
    "constant": _constant,
    "step": _step,
    "one_cycle": _one_cycle,
    "cosine": _cosine,
    "sweep": _sweep,
}


def rates(config: TrainConfig, steps: int, steps_per_epoch: int) -> Iterator[float]:
    """Yield the learning rate of each of the `steps` of a run of that config, the first first.

    A run may have millions of steps and a scheduler takes some microseconds for each: take an epoch's at a time.
    """
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = SCHEDULES[config.schedule](optimizer, config, steps, steps_per_epoch)
    optimizer.step()  # of nothing: a scheduler warns where its optimiser has taken no step before it
    for _ in range(steps):
        yield config.learning_rate * float(scheduler.get_last_lr()[0])
        scheduler.step()
