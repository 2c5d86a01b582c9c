"""Training: a TrainConfig gives an iterator of events. It knows no file and no screen.

The data lie as uint8 tensors on the device; a batch is a slice of a permutation there, augmented and normalised
there. torch is loaded once something is trained: what a run is made of (`config`) and what it tells (`events`) do
without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from cnnviz import networks
from cnnviz.ops.arithmetic import times
from cnnviz.training.config import BOUNDS, DEVICES, OPTIMIZERS, OPTIONS, PRECISIONS, TrainConfig
from cnnviz.training.events import FIGURES, Event

if TYPE_CHECKING:
    from torch import nn

    from cnnviz.data.datasets import DataSet

__all__ = [
    "BOUNDS",
    "DEVICES",
    "FIGURES",
    "OPTIMIZERS",
    "OPTIONS",
    "PRECISIONS",
    "Event",
    "TrainConfig",
    "check_fit",
    "new_network",
    "train",
]


def new_network(config: TrainConfig) -> nn.Module:
    """The network of the config with its first weights. Seeds torch's global generator."""
    import torch

    torch.manual_seed(config.seed)
    return networks.build(config.network, config.text)


def train(
    config: TrainConfig, network: nn.Module | None = None, stopped: Callable[[], bool] = lambda: False
) -> Iterator[Event]:
    """Trains and yields events; `network` (otherwise `new_network(config)`) is trained in place.

    `stopped` is asked after every step and between the batches of a measurement; True ends the run as 'stopped'.
    The iterator may be dropped at any event: the network then holds the weights so far. Raises ValueError where the
    config asks for what is not there or does not fit together; a run that goes wrong later ends with 'failed'.
    """
    from cnnviz.data import datasets
    from cnnviz.training.devices import pick_device
    from cnnviz.training.loop import run

    data, device = datasets.load(config.dataset), pick_device(config.device)
    network = network if network is not None else new_network(config)
    check_fit(config, network, data)
    return run(config, network, data, device, stopped)


def check_fit(config: TrainConfig, network: nn.Module, data: DataSet) -> None:
    """Raises ValueError where the network does not take the images, or cannot tell the classes apart."""
    from cnnviz.tracing import trace

    c, h, w = data.picture
    channels, height, width = networks.input_shape(config.network, data.picture)
    if c != channels or h > height or w > width:
        raise ValueError(
            f"{config.network} takes pictures of up to {times((channels, height, width))} and those of "
            f"{config.dataset} are {times((c, h, w))}; choose another network or data set"
        )
    _, *scores = trace(network, (1, channels, height, width))[-1].output_shape
    if len(scores) != 1:
        raise ValueError(
            f"{config.network} ends in {times(scores)} numbers an image; give it nn.Flatten() and a last "
            f"nn.Linear with {len(data.classes)} outputs, one a class"
        )
    if scores[0] < len(data.classes):
        raise ValueError(
            f"{config.network} tells {scores[0]} classes apart and {config.dataset} has "
            f"{len(data.classes)}; choose another network or data set"
        )
