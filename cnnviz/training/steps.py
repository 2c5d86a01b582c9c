"""The steps of a run: predict, compare, walk down the gradient. Nothing in a step is read by the host.

On a GPU all but the last, smaller batch of an epoch are replays of one recorded step (CUDA graphs): the batch is
looked up on the device by the number of the step, and so is its learning rate, so that nothing comes from the host.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from cnnviz.training.batches import OnDevice, send
from cnnviz.training.config import TrainConfig
from cnnviz.training.devices import pick_precision
from cnnviz.training.losses import LOSSES
from cnnviz.training.metrics import RunningMetrics
from cnnviz.training.optimizers import new_optimizer, set_rate

MIN_STEPS = 20  # of a run for which a recording, of some 30 ms on a large GPU, is worth its while
WARM_UP = 3  # steps before the recording: torch and cuDNN make what they keep
LEAD = 16  # steps that are sent to the device at a time; the host is at most two such blocks ahead of it


class Learner:
    """A network, its optimiser, and what its last steps came to."""

    def __init__(self, config: TrainConfig, network: nn.Module, data: OnDevice, device: torch.device):
        self.network, self.data, self.device = network, data, device
        self.loss, self.smoothing, self.clip_norm = LOSSES[config.loss], config.label_smoothing, config.clip_norm
        self.optimizer = new_optimizer(config, network)
        mixed = pick_precision(config.precision, device) == torch.bfloat16
        # a cache of cast weights would outlive the recording of a step, and no weight is cast twice in one
        self.autocast = torch.autocast(device.type, torch.bfloat16, enabled=mixed, cache_enabled=False)
        self.recent = RunningMetrics(device)

    def learn(self, chosen: Tensor) -> None:
        """One step on the training images of these indices (N,)."""
        images, labels = self.data.batch(chosen)
        with self.autocast:
            logits = self.network(images)
        loss = self.loss(logits.float(), labels, self.smoothing)
        self.optimizer.zero_grad()
        loss.backward()
        if self.clip_norm:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.clip_norm)
        self.optimizer.step()
        self.recent.add(loss.detach(), logits.detach(), labels)


class Steps:
    """The steps of an epoch, each dispatched operation by operation."""

    def __init__(self, learner: Learner, batch_size: int):
        self.learner, self.batch_size = learner, batch_size
        self.batches: Sequence[Tensor] = ()
        self.rates: Sequence[float] = ()

    def begin(self, order: Tensor, rates: Sequence[float]) -> None:
        """A new epoch: the indices of its images (N,), which lie on the device, and the learning rate of each step."""
        self.batches, self.rates = order.split(self.batch_size), rates

    def take(self, index: int) -> None:
        """The step of that number in the epoch, from 0."""
        set_rate(self.learner.optimizer, self.rates[index])
        self.learner.learn(self.batches[index])


class GraphedSteps(Steps):
    """The same steps as replays of one that was recorded as a CUDA graph.

    The order of the epoch, its learning rates (float32) and the number of the step lie on the device. Raises
    RuntimeError where the network cannot be recorded, as one that asks for a value in between; network, optimiser
    and chance are then, as after a recording, what they were before.
    """

    def __init__(self, learner: Learner, batch_size: int, steps: int):
        super().__init__(learner, batch_size)
        device = learner.device
        self.order = torch.zeros(steps * batch_size, dtype=torch.int64, device=device)
        self.table, self.at = torch.zeros(steps, device=device), torch.zeros(1, dtype=torch.int64, device=device)
        self.within = torch.arange(batch_size, device=device)
        self.sent: deque[torch.cuda.Event] = deque()
        self.graph = record(self.next, learner)

    def begin(self, order: Tensor, rates: Sequence[float]) -> None:
        super().begin(order, rates)
        known = torch.tensor(rates[: len(self.table)])  # an epoch's last, smaller batch is no replay
        self.order.copy_(order[: len(self.order)])
        self.table[: len(known)].copy_(send(known, self.learner.device))
        self.at.zero_()

    def take(self, index: int) -> None:
        if len(self.batches[index]) < self.batch_size:
            super().take(index)
            return
        self.graph.replay()
        self.learner.recent.count += self.batch_size
        if index % LEAD == 0:
            self.pace()

    def next(self) -> None:
        """What is recorded: the step whose number lies on the device."""
        set_rate(self.learner.optimizer, self.table.index_select(0, self.at))
        self.learner.learn(self.order.index_select(0, self.at * self.batch_size + self.within))
        self.at += 1

    def pace(self) -> None:
        """Lets the device come up: a host far ahead would hear a stop late and tell of steps that are not done."""
        event = torch.cuda.Event(blocking=True)
        event.record()
        self.sent.append(event)
        if len(self.sent) > 2:
            self.sent.popleft().synchronize()


def record(step: Callable[[], None], learner: Learner) -> torch.cuda.CUDAGraph:
    """The step as a graph, after some to warm up, whose changes are put back."""
    graph, stream = torch.cuda.CUDAGraph(), torch.cuda.Stream(learner.device)
    graph.register_generator_state(learner.data.generator)
    with unchanged(learner):
        stream.wait_stream(torch.cuda.current_stream(learner.device))
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP):
                step()
        with torch.cuda.graph(graph, stream=stream):
            step()
        torch.cuda.current_stream(learner.device).wait_stream(stream)
    return graph


@contextmanager
def unchanged(learner: Learner) -> Iterator[None]:
    """Puts back what first steps change: weights and buffers, the optimiser's memory (it was empty, and is zero
    afterwards), sums, and chance."""
    network, generator = learner.network, learner.data.generator
    tensors = [*network.parameters(), *network.buffers()]
    before, drawn = [tensor.detach().clone() for tensor in tensors], generator.get_state()
    with torch.random.fork_rng([learner.device] if learner.device.type == "cuda" else []), torch.no_grad():
        try:
            with torch.enable_grad():
                yield
        finally:
            for tensor, value in zip(tensors, before, strict=True):
                tensor.copy_(value)
            for state in learner.optimizer.state.values():
                for tensor in filter(torch.is_tensor, state.values()):
                    tensor.zero_()
            learner.recent.reset()
            generator.set_state(drawn)
