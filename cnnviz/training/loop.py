"""The training loop: it knows no file and no screen.

The loss is read back only now and then, and on cuda a report later, so that the device never waits for the interpreter.
"""

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from math import ceil, isfinite
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.datasets import DataSet
from cnnviz.devices import Gauge
from cnnviz.networks import input_shape
from cnnviz.schedules import Plan, share
from cnnviz.training.batches import OnDevice
from cnnviz.training.config import TrainConfig, pick_precision
from cnnviz.training.cores import use_cores
from cnnviz.training.failures import Diverged, diverged, is_out_of_memory, no_room
from cnnviz.training.optimizers import new_optimizer
from cnnviz.training.reports import steps_between
from cnnviz.training.tally import Reading, Tally, measure

Event = dict[str, Any]


class Stopped(Exception):
    """Somebody asked for an end."""


def run(
    config: TrainConfig, network: nn.Module, data: DataSet, device: torch.device, stopped: Callable[[], bool]
) -> Iterator[Event]:
    """The events of a run on that device; what goes wrong in it becomes its last event."""
    try:
        trainer = Trainer(config, network, data, device, stopped)
        yield from trainer.events()
    except Stopped:
        yield trainer.event("stopped")
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

    def __init__(
        self,
        config: TrainConfig,
        network: nn.Module,
        data: DataSet,
        device: torch.device,
        stopped: Callable[[], bool],
    ):
        prepare(device, config.seed)
        self.config, self.device, self.data = config, device, OnDevice(data, config, device)
        self.stopped = stopped
        self.network = network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = new_optimizer(config, self.network)
        mixed = pick_precision(config.precision, device) == torch.bfloat16
        self.autocast = torch.autocast(device.type, torch.bfloat16, enabled=mixed)
        self.steps_per_epoch = ceil(len(self.data.x_train) / config.batch_size)
        self.last = min(config.epochs * self.steps_per_epoch, config.steps or sys.maxsize)
        self.plan = Plan(self.last, config.decay_epochs * self.steps_per_epoch, config.decay)
        shape = input_shape(config.network, data.picture)
        self.every = steps_between(config, network, shape, len(self.data.x_train), device)
        self.gauge, self.reports = Gauge(device), deque[tuple[Event, Reading]]()
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
            late, stopped = self.is_late(), self.stopped()
            if index % self.every == 0 or index == steps or self.step == 1 or late or stopped:
                yield from self.progress(recent, since)
                whole.merge(recent)
                recent, since = Tally(self.device), time.perf_counter()
            if stopped:
                yield from self.reported(wait=True)
                raise Stopped
            if late:
                break
        yield from self.reported(wait=True)
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

    def progress(self, recent: Tally, since: float) -> Iterator[Event]:
        """What was learnt since the last report, or what was learnt before that and has come by now."""
        speed = round(recent.count / (time.perf_counter() - since))
        event = self.event("step", learning_rate=self.rate, images_per_second=speed, **self.use())
        self.reports.append((event, Reading(recent)))
        yield from self.reported()

    def reported(self, wait: bool = False) -> Iterator[Event]:
        """The reports whose loss has come from the device: on the cpu all; or all others too, where there is time."""
        while self.reports and (wait or self.reports[0][1].is_here()):
            event, reading = self.reports.popleft()
            loss, accuracy = reading.figures()
            if not isfinite(loss):
                raise diverged(loss, event["step"], self.config)
            yield {**event, "loss": loss, "accuracy": accuracy}

    def use(self) -> dict[str, Any]:
        """How much of the device the run takes, as far as the device tells; its name comes once."""
        now = self.gauge.read()
        known = {"memory": now.memory, "utilisation": now.utilisation}
        told = {name: figure for name, figure in known.items() if figure is not None}
        return told if self.step > 1 else {"device": self.gauge.name, **told}

    def measured(self, whole: Tally) -> Event:
        """What an epoch, or the part of it that there was time for, has come to."""
        train_loss, train_accuracy = whole.read()
        with self.autocast:
            test_loss, self.test_accuracy = measure(self.network, self.data.x_test, self.data.y_test, self.seen)
        return self.event(
            "epoch",
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            test_loss=test_loss,
            test_accuracy=self.test_accuracy,
        )

    def seen(self, images: Tensor) -> Tensor:
        """What the network sees of test images; a slow network takes so long over all of them that a stop is heard."""
        if self.stopped():
            raise Stopped
        return self.data.seen(images)

    def event(self, kind: str, **figures: Any) -> Event:
        """An event with its place in the run."""
        epoch, seconds = self.step / self.steps_per_epoch, time.perf_counter() - self.started
        return {"event": kind, "step": self.step, "epoch": epoch, **figures, "seconds": round(seconds, 3)}

    def is_late(self) -> bool:
        """Whether the time limit is reached; 0 is none."""
        return 0 < self.config.time_limit <= time.perf_counter() - self.started
