"""The training loop: it knows no file and no screen.

The loss is read back only now and then, so that the device never waits for the interpreter.
"""

import sys
import time
from collections.abc import Iterator
from itertools import islice
from math import ceil, isfinite
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.datasets import DataSet
from cnnviz.schedules import Plan, share
from cnnviz.training.batches import OnDevice
from cnnviz.training.config import TrainConfig
from cnnviz.training.cores import use_cores
from cnnviz.training.failures import Diverged, diverged, is_out_of_memory, no_room
from cnnviz.training.optimizers import new_optimizer
from cnnviz.training.tally import Tally, measure

Event = dict[str, Any]

IMAGES_PER_EVENT = {"cpu": 1000}
IMAGES_PER_EVENT_ELSEWHERE = 5000  # a GPU takes many more a second, and waits at every reading


def run(config: TrainConfig, network: nn.Module, data: DataSet, device: torch.device) -> Iterator[Event]:
    """The events of a run on that device; what goes wrong in it becomes its last event."""
    try:
        yield from Trainer(config, network, data, device).events()
    except Diverged as error:
        yield {"event": "failed", "reason": str(error)}
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        yield {"event": "failed", "reason": no_room(config)}


def prepare(device: torch.device, seed: int) -> None:
    """Settles what torch keeps for the whole process: threads, and chance, which dropout draws on."""
    torch.manual_seed(seed)
    if device.type == "cpu":
        use_cores()
    elif device.type == "cuda":
        torch.backends.cudnn.deterministic = True  # some of its convolutions add up in an order of their own


class Trainer:
    """A network, its data and its optimiser, and where they stand."""

    def __init__(self, config: TrainConfig, network: nn.Module, data: DataSet, device: torch.device):
        prepare(device, config.seed)
        self.config, self.device, self.data = config, device, OnDevice(data, config, device)
        self.network = network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = new_optimizer(config, self.network)
        self.autocast = torch.autocast(device.type, torch.bfloat16, enabled=config.precision == "bfloat16")
        self.steps_per_epoch = ceil(len(self.data.x_train) / config.batch_size)
        self.last = min(config.epochs * self.steps_per_epoch, config.steps or sys.maxsize)
        self.plan = Plan(self.last, config.decay_epochs * self.steps_per_epoch, config.decay)
        images = IMAGES_PER_EVENT.get(device.type, IMAGES_PER_EVENT_ELSEWHERE)
        self.every = max(1, images // config.batch_size)
        self.step, self.rate, self.test_accuracy, self.started = 0, 0.0, 0.0, time.perf_counter()

    def events(self) -> Iterator[Event]:
        """One epoch after the other; then that the run is done, or was stopped by its time limit."""
        while self.step < self.last and not (self.step and self.is_late()):
            yield from self.epoch()
        if self.step < self.last:
            yield self.event("stopped", reason=f"its time limit of {self.config.time_limit:g} seconds was reached")
        else:
            yield self.event("done", test_accuracy=self.test_accuracy)

    def epoch(self) -> Iterator[Event]:
        """One pass over the training images, reported in between, and the measurement on the test images."""
        self.network.train()
        steps = min(self.steps_per_epoch, self.last - self.step)
        whole, recent, since = Tally(self.device), Tally(self.device), time.perf_counter()
        for index, batch in enumerate(islice(self.data.batches(self.config.batch_size), steps), 1):
            self.learn(*batch, recent)
            late = self.is_late()
            if index % self.every == 0 or index == steps or self.step == 1 or late:
                yield self.progress(recent, since)
                whole.merge(recent)
                recent, since = Tally(self.device), time.perf_counter()
            if late:
                break
        yield self.measured(whole)

    def learn(self, images: Tensor, labels: Tensor, tally: Tally) -> None:
        """One step: predict, compare, walk down the gradient."""
        self.rate = self.config.learning_rate * share(self.config.schedule, self.plan, self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate
        with self.autocast:
            logits = self.network(images)
        loss = F.cross_entropy(logits.float(), labels, label_smoothing=self.config.label_smoothing)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        tally.add(loss.detach(), logits.detach(), labels)
        self.step += 1

    def progress(self, recent: Tally, since: float) -> Event:
        """What was learnt since the last report."""
        loss, accuracy = recent.read()
        if not isfinite(loss):
            raise diverged(loss, self.step, self.config)
        speed = round(recent.count / (time.perf_counter() - since))
        return self.event("step", loss=loss, accuracy=accuracy, learning_rate=self.rate, images_per_second=speed)

    def measured(self, whole: Tally) -> Event:
        """What an epoch, or the part of it that there was time for, has come to."""
        train_loss, train_accuracy = whole.read()
        with self.autocast:
            test_loss, self.test_accuracy = measure(self.network, self.data.x_test, self.data.y_test, self.data.seen)
        return self.event(
            "epoch",
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            test_loss=test_loss,
            test_accuracy=self.test_accuracy,
        )

    def event(self, kind: str, **figures: Any) -> Event:
        """An event with its place in the run."""
        epoch, seconds = self.step / self.steps_per_epoch, time.perf_counter() - self.started
        return {"event": kind, "step": self.step, "epoch": epoch, **figures, "seconds": round(seconds, 3)}

    def is_late(self) -> bool:
        """Whether the time limit is reached; 0 is none."""
        return 0 < self.config.time_limit <= time.perf_counter() - self.started
