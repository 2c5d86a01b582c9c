"""The training loop: it knows no file and no screen.

The loss is read back only now and then, and on cuda a report later, so that the device never waits for the interpreter.
"""

import logging
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from math import ceil, isfinite
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz.data.datasets import DataSet
from cnnviz.networks import input_shape
from cnnviz.training.batches import OnDevice
from cnnviz.training.config import TrainConfig
from cnnviz.training.devices import Gauge, use_cores
from cnnviz.training.events import Event
from cnnviz.training.failures import Diverged, check_last_batch, diverged, is_out_of_memory, out_of_memory_hint
from cnnviz.training.metrics import PendingMetrics, RunningMetrics, evaluation_batch, measure
from cnnviz.training.reports import is_due, steps_between
from cnnviz.training.schedules import rates
from cnnviz.training.steps import MIN_STEPS, WARM_UP, GraphedSteps, Learner, Steps
from cnnviz.training.work import work_of

log = logging.getLogger(__name__)

GRACE = 5.0  # seconds for which a measurement goes on after the time limit: a fast network's is then whole


class _Stopped(Exception):
    """Somebody asked for an end."""


def run(
    config: TrainConfig, network: nn.Module, data: DataSet, device: torch.device, stopped: Callable[[], bool]
) -> Iterator[Event]:
    """The events of a run on that device; what goes wrong in it becomes its last event."""
    try:
        yield from _guarded(config, network, data, device, stopped)
    finally:
        if device.type == "cuda":
            torch.cuda.empty_cache()  # what is free of the GPU is for other processes, too


def _guarded(
    config: TrainConfig, network: nn.Module, data: DataSet, device: torch.device, stopped: Callable[[], bool]
) -> Iterator[Event]:
    try:
        trainer = Trainer(config, network, data, device, stopped)
        yield from trainer.events()
    except _Stopped:
        yield trainer.event("stopped")
    except Diverged as error:
        yield {"event": "failed", "reason": str(error)}
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        yield {"event": "failed", "reason": out_of_memory_hint(config)}


def _prepare(device: torch.device, seed: int) -> None:
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
        _prepare(device, config.seed)
        self.config, self.device, self.data = config, device, OnDevice(data, config, device)
        self.stopped = stopped
        self.network = network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network.train()
        self.steps_per_epoch = ceil(len(self.data.x_train) / config.batch_size)
        check_last_batch(network, len(self.data.x_train), config, input_shape(config.network, data.picture))
        self.last = min(config.epochs * self.steps_per_epoch, config.steps or sys.maxsize)
        self.rates = rates(config, self.last, self.steps_per_epoch)
        shape = input_shape(config.network, data.picture)
        self.every = steps_between(config, network, shape, len(self.data.x_train), device)
        self.gauge, self.reports = Gauge(device), deque[tuple[Event, PendingMetrics]]()
        self.learner = Learner(config, self.network, self.data, device)
        self.steps = self.new_steps()
        self.measured_at_once = evaluation_batch(self.data.x_test, work_of(network, shape, config))
        self.whole = RunningMetrics(device)  # of the batches since the last measurement
        self.step, self.report_count, self.test_accuracy, self.measured = 0, 0, 0.0, 0
        self.started = self.since = time.perf_counter()  # of the run, and of what is not reported yet

    def new_steps(self) -> Steps:
        """The steps as the device takes them fastest: recorded on cuda, where that can be and is worth it."""
        size, whole = self.config.batch_size, len(self.data.x_train) // self.config.batch_size
        if self.device.type == "cuda" and whole > WARM_UP and self.last >= MIN_STEPS:
            try:
                return GraphedSteps(self.learner, size, whole)
            except RuntimeError as error:  # also for want of memory: a recording takes more than its step
                log.info("%s is trained step by step, its step cannot be recorded: %s", self.config.network, error)
        return Steps(self.learner, size)

    def events(self) -> Iterator[Event]:
        """One epoch after the other; then that the run is done, or was stopped by its time limit."""
        while self.step < self.last and not (self.step and self.is_late()):
            yield from self.epoch()
        if self.step < self.last or self.measured < len(self.data.x_test):
            yield self.event("stopped", reason=self.why_late())
        else:
            yield self.event("done", test_accuracy=self.test_accuracy)

    def epoch(self) -> Iterator[Event]:
        """One pass over the training images, reported in between, and the measurements that fall into it."""
        self.network.train()
        steps = min(self.steps_per_epoch, self.last - self.step)
        self.steps.begin(self.data.shuffled(), list(islice(self.rates, steps)))
        self.since = time.perf_counter()
        for index in range(steps):
            self.steps.take(index)
            self.step += 1
            late, stopped = self.is_late(), self.stopped()
            measures = late or self.is_measured(index + 1 == steps)
            if self.is_due(index + 1, steps) or measures or stopped:
                yield from self.progress(self.steps.rates[index])
            if stopped or measures or index + 1 == steps:
                yield from self.reported(wait=True)
            if stopped:
                raise _Stopped
            if measures:
                yield self.measurement()
                self.network.train()
                self.since = time.perf_counter()
            if late:
                break

    def is_measured(self, ends_epoch: bool) -> bool:
        """Whether the test images are measured after this step, which may end an epoch; after the last one always."""
        every = self.config.evaluate_every
        return self.step == self.last or (self.step % every == 0 if every else ends_epoch)

    def is_due(self, index: int, steps: int) -> bool:
        """Whether a report comes after step `index` (from 1) of an epoch of so many `steps`."""
        if self.step == 1 or index == steps:
            return True
        return index % self.every == 0 and is_due(self.device, self.report_count, time.perf_counter() - self.since)

    def progress(self, rate: float) -> Iterator[Event]:
        """What was learnt since the last report, up to a step with that learning rate; or what was learnt before that
        and has come by now."""
        recent, now = self.learner.recent, time.perf_counter()
        speed, self.since, self.report_count = round(recent.count / (now - self.since)), now, self.report_count + 1
        event = self.event("step", learning_rate=rate, images_per_second=speed, **self.use())
        self.reports.append((event, PendingMetrics(recent)))
        self.whole.merge(recent)
        recent.reset()
        yield from self.reported()

    def reported(self, wait: bool = False) -> Iterator[Event]:
        """The reports whose loss has come from the device: on the cpu all; or all others too, where there is time."""
        while self.reports and (wait or self.reports[0][1].is_here()):
            event, pending = self.reports.popleft()
            loss, accuracy = pending.figures()
            if not isfinite(loss):
                raise diverged(loss, event["step"], self.config)
            yield {**event, "loss": loss, "accuracy": accuracy}

    def use(self) -> dict[str, Any]:
        """How much of the device the run takes, as far as the device tells; its name comes once."""
        now = self.gauge.read()
        known = {"memory": now.memory, "utilisation": now.utilisation}
        figures = {name: figure for name, figure in known.items() if figure is not None}
        return figures if self.step > 1 else {"device": self.gauge.name, **figures}

    def measurement(self) -> Event:
        """What the network has come to; on fewer test images, which the event then counts, where the time limit is over
        meanwhile."""
        late = partial(self.is_late, GRACE) if self.config.time_limit else None
        metrics = self.measure(self.data.x_test, self.data.y_test, late)
        test_loss, self.test_accuracy = metrics.read()
        self.measured = metrics.count
        if not isfinite(test_loss):
            raise diverged(test_loss, self.step, self.config)
        if self.config.train_measure == "pass":
            self.whole = self.measure(self.data.x_train, self.data.y_train, late)
        train_loss, train_accuracy = self.whole.read()
        self.whole = RunningMetrics(self.device)
        validation = {}
        if len(self.data.x_validation):
            held = self.measure(self.data.x_validation, self.data.y_validation, late)
            validation = dict(zip(("validation_loss", "validation_accuracy"), held.read(), strict=True))
        return self.event(
            "epoch",
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            test_loss=test_loss,
            test_accuracy=self.test_accuracy,
            **validation,
            **({} if self.measured == len(self.data.x_test) else {"test_images": self.measured}),
        )

    def measure(self, images: Tensor, labels: Tensor, late: Callable[[], bool] | None) -> RunningMetrics:
        """Loss and accuracy on images as they are, not augmented, in float32: as Evaluate and every other page will
        measure the weights that are kept."""
        return measure(self.network, images, labels, self.preprocess, self.measured_at_once, late, self.learner.loss)

    def preprocess(self, images: Tensor) -> Tensor:
        """What the network sees of images that are measured; a slow network takes so long over all of them that a stop
        is heard."""
        if self.stopped():
            raise _Stopped
        return self.data.preprocess(images)

    def event(self, kind: str, **figures: Any) -> Event:
        """An event with its place in the run."""
        epoch, seconds = self.step / self.steps_per_epoch, time.perf_counter() - self.started
        return {"event": kind, "step": self.step, "epoch": epoch, **figures, "seconds": round(seconds, 3)}

    def is_late(self, grace: float = 0.0) -> bool:
        """Whether the time limit was reached `grace` seconds ago; 0 is none."""
        return 0 < self.config.time_limit <= time.perf_counter() - self.started - grace

    def why_late(self) -> str:
        """What the time limit has come to, as a sentence."""
        total = len(self.data.x_test)
        partly = f", with {self.measured:,} of the {total:,} test images measured" if self.measured < total else ""
        return f"its time limit of {self.config.time_limit:g} seconds was reached{partly}"
