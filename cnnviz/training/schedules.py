"""Learning-rate schedules: how much of the learning rate each step gets.

Steps count from 0 to `steps` - 1. The figures are those of torch.optim.lr_scheduler, without its state: the share
depends on the number of the step alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi

START, END = 1 / 25, 1 / 250_000  # of the one-cycle's highest rate: torch's div_factor and final_div_factor
WARM_UP = 0.3  # of the one-cycle's steps, before the rate falls


@dataclass(frozen=True)
class ScheduleConfig:
    """What a schedule knows of a run: its steps, and every how many of them the rate is multiplied by `decay`."""

    steps: int
    decay_steps: int = 1
    decay: float = 0.1


def constant(_config: ScheduleConfig, _step: int) -> float:
    """1 all the way."""
    return 1.0


def step(config: ScheduleConfig, step: int) -> float:
    """decay^floor(step / decay_steps): StepLR."""
    return config.decay ** (step // config.decay_steps)


def cosine(config: ScheduleConfig, step: int) -> float:
    """(1 + cos(pi step / steps)) / 2, from 1 down to 0: CosineAnnealingLR (Loshchilov and Hutter, 2016)."""
    return between(1.0, 0.0, step / config.steps)


def one_cycle(config: ScheduleConfig, step: int) -> float:
    """Up from 1/25 to 1 in the first 30 % of the steps, then down to nearly 0: OneCycleLR (Smith and Topin, 2017)."""
    top, last = WARM_UP * config.steps - 1, config.steps - 1
    if step <= top:
        return between(START, 1.0, step / top) if top else 1.0
    return between(1.0, END, (step - top) / (last - top))


def between(start: float, end: float, part: float) -> float:
    """From start to end along half a cosine; `part` runs from 0 to 1."""
    return end + (start - end) * (1 + cos(pi * part)) / 2


SCHEDULES: dict[str, Callable[[ScheduleConfig, int], float]] = {
    "constant": constant,
    "step": step,
    "one_cycle": one_cycle,
    "cosine": cosine,
}


def lr_scale(schedule: str, config: ScheduleConfig, number: int) -> float:
    """The share of the learning rate that step `number` of the plan gets, under the schedule of that name."""
    return SCHEDULES[schedule](config, number)
