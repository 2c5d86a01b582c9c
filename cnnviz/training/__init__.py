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

    from cnnviz.data.datasets import Form

__all__ = [
    "BOUNDS",
    "DEVICES",
    "FIGURES",
    "OPTIMIZERS",
    "OPTIONS",
    "PRECISIONS",
    "Event",
    "TrainConfig",
    "check",
    "check_fit",
    "new_network",
    "train",
]


def new_network(config: TrainConfig) -> nn.Module:
    """The network of the config with its first weights. Seeds torch's global generator."""
    import torch

    from cnnviz.training.initialisation import INITIALISATIONS

    torch.manual_seed(config.seed)
    network = networks.build(config.network, config.text, _picture(config))
    if config.initialisation in INITIALISATIONS:
        INITIALISATIONS[config.initialisation](network)
    return network


def _picture(config: TrainConfig) -> tuple[int, int, int] | None:
    """What lazy layers of a text take their sizes from: the picture of the data set."""
    from cnnviz.data import datasets

    return datasets.form(config.dataset).picture if "Lazy" in config.text else None


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
    check_fit(config, network, datasets.Form(data.picture, len(data.classes)))
    return run(config, network, data, device, stopped)


def check(config: TrainConfig) -> None:
    """`check_fit` before anything is loaded or built, where the data set is at hand; whoever trains looks again. Raises
    ValueError as it does, without a search for what would mend the network."""
    import torch

    from cnnviz.data import datasets
    from cnnviz.tracing import ShapeError

    try:
        form = datasets.form(config.dataset)
    except ValueError:
        return  # it may be where the run is carried out; there it is missed
    with torch.device("meta"):
        network = networks.build(config.network, config.text, _picture(config))
    try:
        check_fit(config, network, form)
    except ShapeError as error:
        raise ValueError(f"{error.sentence}; the page Shapes finds what would mend it") from error


def check_fit(config: TrainConfig, network: nn.Module, form: Form) -> None:
    """Raises ValueError where the network does not take the images, does not give one score a class, has nothing to
    learn, or takes more memory for one image than is allowed (`tracing.cost`); and where there is nothing to normalise
    the images by."""
    from cnnviz.tracing import scores
    from cnnviz.tracing.cost import check_parameters, cost_of
    from cnnviz.training.preprocessing import check_published

    check_published(config)

    c, h, w = form.picture
    channels, height, width = networks.input_shape(config.network, form.picture)
    if c != channels or h > height or w > width:  # resized, too: a step is bounded by what the network takes
        raise ValueError(
            f"{config.network} takes pictures of up to {times((channels, height, width))} and those of "
            f"{config.dataset} are {times((c, h, w))}; choose another network or data set"
        )
    count = scores(network, (channels, height, width))
    if count < form.classes:
        raise ValueError(
            f"{config.network} tells {count:,} classes apart and {config.dataset} has {form.classes:,}; give its last "
            f"layer {form.classes:,} outputs, or choose another network or data set"
        )
    if config.network == networks.OWN_TEXT:
        check_parameters(network)
    if not any(parameter.numel() for parameter in network.parameters()):
        raise ValueError(f"{config.network} has no weights, and so nothing to learn; give it an nn.Linear or nn.Conv2d")
    cost_of(network, (channels, height, width)).batch(1)
