"""How often a run reports: often enough to be watched, seldom enough that nobody waits for it."""

import sys

import torch
from torch import nn

from cnnviz.tracing import trace
from cnnviz.training.config import TrainConfig

IMAGES = {"cpu": 1000}
IMAGES_ELSEWHERE = 5000  # a GPU takes many more a second, and waits at every reading
HEAVY = 12e9  # MACs of forward passes that two cores do in half a second, with all that training adds: then it is time
DENSE, PAUSE = 50, 0.2  # a GPU's first reports come as they may, the others so many seconds apart
SWEPT = 100  # reports of a sweep of the learning rate: its curve is all that it is for
MAX_REPORTS = 20_000  # reports of one run: whoever watches keeps them all


def steps_between(
    config: TrainConfig, network: nn.Module, shape: tuple[int, int, int], images: int, device: torch.device
) -> int:
    """Every how many steps a run over `images` of `shape` (C, H, W) an epoch reports. It depends on nothing that
    changes from one run to the next, so that the same config reports at the same steps."""
    usual: float = IMAGES.get(device.type, IMAGES_ELSEWHERE)
    if device.type == "cpu":
        macs = sum(step.macs for step in trace(network, (1, *shape)))
        usual = min(usual, HEAVY / max(1, macs))
    total = min(images * config.epochs, (config.steps or sys.maxsize) * config.batch_size)
    if config.schedule == "sweep":
        usual = min(usual, total / SWEPT)
    return max(1, int(max(usual, total / MAX_REPORTS)) // config.batch_size)


def is_due(device: torch.device, reports: int, seconds: float) -> bool:
    """Whether a run that has made so many reports makes another one, so many seconds after its last.

    On the cpu always: the same config reports at the same steps. A GPU comes to the next every few milliseconds, which
    no chart can follow; a run that is over in a moment has its curve all the same.
    """
    return device.type == "cpu" or reports < DENSE or seconds >= PAUSE
