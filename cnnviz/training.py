"""Training: a TrainConfig gives an iterator of events. It knows no file and no screen.

The data lie as uint8 tensors on the device; a batch is a slice of a permutation there and is normalised
there. The loss is read back once in about a thousand images, so that the device never waits for the
interpreter.

Events are dicts, ready to be written as one line of JSON each:

    step     step, epoch (a fraction), loss, accuracy (means since the last event), images_per_second, seconds
    epoch    step, epoch, train_loss, train_accuracy, test_loss, test_accuracy, seconds
    done     step, epoch, test_accuracy, seconds
    failed   reason
"""

import shlex
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from itertools import islice
from math import ceil, isfinite
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from cnnviz import datasets, zoo
from cnnviz.datasets import DataSet, normalise
from cnnviz.tracing import outputs

Event = dict[str, Any]
Seen = Callable[[torch.Tensor], torch.Tensor]

OPTIMIZERS = ("sgd", "adam", "adamw")
DEVICES = ("auto", "cpu", "cuda", "mps")
PLACE = {"event", "step", "epoch", "seconds"}
FIGURES: dict[str, set[str]] = {  # what each kind of event holds
    "step": PLACE | {"loss", "accuracy", "images_per_second"},
    "epoch": PLACE | {"train_loss", "train_accuracy", "test_loss", "test_accuracy"},
    "done": PLACE | {"test_accuracy"},
    "stopped": PLACE,
    "failed": {"event", "reason"},
}
IMAGES_PER_EVENT = 1000
EVALUATION_BATCH = 500


@dataclass(frozen=True)
class TrainConfig:
    """All that a run is made of: the same config on the same device gives the same numbers.

    `steps` ends the run early (0: no limit); `subset` trains on the first images only (0: on all). `momentum`
    is for sgd. Raises ValueError with the value and its bounds where a setting cannot be.
    """

    network: str = "lenet5"
    dataset: str = "mnist"
    epochs: int = 3
    steps: int = 0
    batch_size: int = 128
    optimizer: str = "adam"
    learning_rate: float = 0.001
    momentum: float = 0.9
    weight_decay: float = 0.0
    subset: int = 0
    seed: int = 0
    device: str = "auto"

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is int and field.type is float:
                object.__setattr__(self, field.name, float(value))
            elif type(value) is not field.type:
                raise ValueError(f"{field.name} = {value!r} is not of type {field.type.__name__}")  # type: ignore[union-attr]
        for name, (low, high) in BOUNDS.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} = {getattr(self, name)} is not between {low} and {high}")
        for name, options in (("optimizer", OPTIMIZERS), ("device", DEVICES)):
            if getattr(self, name) not in options:
                raise ValueError(f"{name} = {getattr(self, name)!r} is not one of {', '.join(options)}")
        zoo.entry(self.network)

    def command(self) -> str:
        """The command that repeats the run: what differs from the defaults, and the usual three."""
        words = ["python", "-m", "cnnviz", "train"]
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default or field.name in ("network", "dataset", "epochs"):
                words += [
                    f"--{field.name.replace('_', '-')}",
                    f"{value:g}" if field.type is float else str(value),
                ]
        return shlex.join(words)


BOUNDS: dict[str, tuple[float, float]] = {
    "epochs": (1, 1000),
    "steps": (0, 10_000_000),
    "batch_size": (1, 10_000),
    "learning_rate": (1e-7, 100),
    "momentum": (0, 0.999),
    "weight_decay": (0, 10),
    "subset": (0, 10_000_000),
    "seed": (0, 2**31 - 1),
}


def pick_device(name: str = "auto") -> torch.device:
    """The device of that name; for auto the first of cuda, mps, cpu. Raises ValueError where it is absent."""
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, there in present.items() if there))
    if not present.get(name, False):
        at_hand = ", ".join(kind for kind, there in present.items() if there)
        raise ValueError(f"device {name!r} is not on this machine; at hand are {at_hand}")
    return torch.device(name)


def new_network(config: TrainConfig) -> nn.Module:
    """The network of the config with its first weights. Seeds torch's global generator."""
    torch.manual_seed(config.seed)
    return zoo.build(config.network)


def new_optimizer(config: TrainConfig, network: nn.Module) -> torch.optim.Optimizer:
    """The optimiser of the config for the parameters of a network."""
    common: dict[str, Any] = {"lr": config.learning_rate, "weight_decay": config.weight_decay, "fused": True}
    if config.optimizer == "sgd":
        return torch.optim.SGD(network.parameters(), momentum=config.momentum, **common)
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[config.optimizer]
    return kind(network.parameters(), **common)


def train(config: TrainConfig, network: nn.Module | None = None) -> Iterator[Event]:
    """Trains and yields events; `network` (otherwise `new_network(config)`) is trained in place.

    The iterator may be dropped at any event: the network then holds the weights so far. Raises ValueError
    where the config asks for what is not there or does not fit together; a run that goes wrong later ends
    with 'failed'.
    """
    data, network = datasets.load(config.dataset), network or new_network(config)
    check_fit(config, network, data)
    return _Trainer(config, network, _OnDevice(data, config, pick_device(config.device))).events()


def check_fit(config: TrainConfig, network: nn.Module, data: DataSet) -> None:
    """Raises ValueError where the network does not take the images, or cannot tell the classes apart."""
    channels, height, width = zoo.entry(config.network).input_shape
    c, h, w = data.x_train.shape[1:]
    if c != channels or h > height or w > width:
        raise ValueError(
            f"{config.network} takes pictures of up to {channels}x{height}x{width} and those of "
            f"{config.dataset} are {c}x{h}x{w}; choose another network or data set"
        )
    told_apart = outputs(network, (channels, height, width))
    if told_apart < len(data.classes):
        raise ValueError(
            f"{config.network} tells {told_apart} classes apart and {config.dataset} has "
            f"{len(data.classes)}; choose another network or data set"
        )


@torch.inference_mode()
def measure(network: nn.Module, images: torch.Tensor, labels: torch.Tensor, seen: Seen) -> tuple[float, float]:
    """Mean loss and accuracy over uint8 images (N, C, H, W); `seen` makes of a batch what a network sees."""
    network.eval()
    tally = _Tally(images.device)
    for batch, expected in zip(images.split(EVALUATION_BATCH), labels.split(EVALUATION_BATCH), strict=True):
        logits = network(seen(batch))
        tally.add(F.cross_entropy(logits, expected), logits, expected)
    return tally.read()


class _Tally:
    """Loss and hits, summed on the device; only reading them waits for it."""

    def __init__(self, device: torch.device):
        self.sums, self.count = torch.zeros(2, device=device), 0

    def add(self, loss: torch.Tensor, logits: torch.Tensor, labels: torch.Tensor) -> None:
        hits = (logits.argmax(1) == labels).sum()
        self.sums += torch.stack((loss * len(labels), hits))
        self.count += len(labels)

    def merge(self, other: "_Tally") -> None:
        self.sums += other.sums
        self.count += other.count

    def read(self) -> tuple[float, float]:
        """Mean loss and accuracy."""
        loss, hits = self.sums.tolist()
        return loss / self.count, hits / self.count


class _OnDevice:
    """A data set on the device, framed and normalised batch by batch for the network of the config."""

    def __init__(self, data: DataSet, config: TrainConfig, device: torch.device):
        some = slice(config.subset or None)
        self.x_train, self.y_train = data.x_train[some].to(device), data.y_train[some].to(device)
        self.x_test, self.y_test = data.x_test.to(device), data.y_test.to(device)
        self.mean, self.std, self.size = data.mean, data.std, zoo.entry(config.network).input_shape[1:]
        self.device = device

    def seen(self, images: torch.Tensor) -> torch.Tensor:
        """uint8 (N, C, H, W) -> what the network sees; channels_last doubles the speed on a CPU."""
        ready = normalise(images, self.mean, self.std, self.size)
        return ready.contiguous(memory_format=torch.channels_last)

    def batches(self, size: int, generator: torch.Generator) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Once through the training images in a new order."""
        order = torch.randperm(len(self.x_train), generator=generator).to(self.device)
        for chosen in order.split(size):
            yield self.seen(self.x_train[chosen]), self.y_train[chosen]


class _Trainer:
    """The training loop and its clock."""

    def __init__(self, config: TrainConfig, network: nn.Module, data: _OnDevice):
        self.config, self.data = config, data
        self.network = network.to(device=data.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = new_optimizer(config, self.network)
        self.generator = torch.Generator().manual_seed(config.seed)
        self.steps_per_epoch = ceil(len(data.x_train) / config.batch_size)
        self.last = min(config.epochs * self.steps_per_epoch, config.steps or sys.maxsize)
        self.every = max(1, IMAGES_PER_EVENT // config.batch_size)
        self.step, self.test_accuracy, self.started = 0, 0.0, time.perf_counter()

    def events(self) -> Iterator[Event]:
        try:
            while self.step < self.last:
                yield from self.epoch()
            yield self.event("done", test_accuracy=self.test_accuracy)
        except (_Diverged, torch.OutOfMemoryError) as error:
            yield {"event": "failed", "reason": _reason(error, self.config)}

    def epoch(self) -> Iterator[Event]:
        """One pass over the training images, reported in between, and the measurement on the test images."""
        self.network.train()
        steps = min(self.steps_per_epoch, self.last - self.step)
        whole, recent, since = self.tally(), self.tally(), time.perf_counter()
        for index, batch in enumerate(islice(self.data.batches(self.config.batch_size, self.generator), steps), 1):
            self.learn(*batch, recent)
            if index % self.every == 0 or index == steps or self.step == 1:
                yield self.progress(recent, since)
                whole.merge(recent)
                recent, since = self.tally(), time.perf_counter()
        train_loss, train_accuracy = whole.read()
        test_loss, self.test_accuracy = measure(self.network, self.data.x_test, self.data.y_test, self.data.seen)
        yield self.event(
            "epoch",
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            test_loss=test_loss,
            test_accuracy=self.test_accuracy,
        )

    def learn(self, images: torch.Tensor, labels: torch.Tensor, tally: _Tally) -> None:
        """One step: predict, compare, walk down the gradient."""
        logits = self.network(images)
        loss = F.cross_entropy(logits, labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        tally.add(loss.detach(), logits.detach(), labels)
        self.step += 1

    def progress(self, recent: _Tally, since: float) -> Event:
        loss, accuracy = recent.read()
        if not isfinite(loss):
            raise _Diverged(f"the loss became {loss} at step {self.step}")
        speed = recent.count / (time.perf_counter() - since)
        return self.event("step", loss=loss, accuracy=accuracy, images_per_second=round(speed))

    def event(self, kind: str, **figures: float) -> Event:
        epoch, seconds = self.step / self.steps_per_epoch, time.perf_counter() - self.started
        return {"event": kind, "step": self.step, "epoch": epoch, **figures, "seconds": round(seconds, 3)}

    def tally(self) -> _Tally:
        return _Tally(self.data.device)


class _Diverged(ArithmeticError):
    """The loss is no longer a number."""


def _reason(error: Exception, config: TrainConfig) -> str:
    if isinstance(error, _Diverged):
        return f"{error}: learning rate {config.learning_rate:g} is too large, try {config.learning_rate / 10:g}"
    smaller = max(1, config.batch_size // 2)
    return f"the device has no room for batches of {config.batch_size}; try a batch size of {smaller}"
