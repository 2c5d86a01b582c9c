"""How well a trained network does on images that it has not seen: what it is right about, and what it takes for what.

One forward pass over the test images gives an `Evaluation`; everything else is counted from it.
"""

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
import torch
from numpy.typing import NDArray

from cnnviz.data.datasets import DataSet, normalise
from cnnviz.inference.checkpoints import Checkpoint

Z = 1.959964  # standard deviations to either side of a normal distribution that hold 95 % of it
BATCH = 500  # images at a time: their activations stay in the processor's cache

Indices = NDArray[np.intp]  # positions of test images


@dataclass(frozen=True)
class ClassFigures:
    """What a network does with one class. `count` images belong to it, `named` were taken for it, `right` are both.

    `precision` = right / named, and `recall` = right / count; None where there is nothing to divide by.
    """

    name: str
    count: int
    named: int
    right: int

    @property
    def precision(self) -> float | None:
        return self.right / self.named if self.named else None

    @property
    def recall(self) -> float | None:
        return self.right / self.count if self.count else None


@dataclass(frozen=True)
class Bin:
    """Guesses whose probability lies between `low` and `high`: how many, their mean probability, the share right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float

    @property
    def interval(self) -> tuple[float, float]:
        """The shares of which `accuracy`, in so many guesses, would not surprise: Wilson's interval of 95 %."""
        n, share = self.count, self.accuracy
        middle, spread = share + Z**2 / (2 * n), Z * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
        return (middle - spread) / (1 + Z**2 / n), (middle + spread) / (1 + Z**2 / n)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a network made of N images: float32 logits (N, classes), and the labels, int64 (N,)."""

    logits: NDArray[np.float32]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]

    @cached_property
    def probabilities(self) -> NDArray[np.float32]:
        """The softmax of the logits, (N, classes)."""
        return torch.from_numpy(self.logits).softmax(1).numpy()

    @cached_property
    def guesses(self) -> Indices:
        """The most probable class of each image, (N,); the first of equals."""
        guesses: Indices = self.logits.argmax(1)
        return guesses

    @cached_property
    def confidence(self) -> NDArray[np.float32]:
        """The probability of each guess, (N,)."""
        confidence: NDArray[np.float32] = self.probabilities.max(1)
        return confidence

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Whether each guess is the label, (N,)."""
        right: NDArray[np.bool_] = self.guesses == self.labels
        return right

    @property
    def accuracy(self) -> float:
        """The share of the images that are named rightly, from 0 to 1."""
        return float(self.right.mean())

    def top_k(self, k: int) -> float:
        """The share of the images whose label is among the k most probable classes; of equals the first count first."""
        own = self.logits[np.arange(len(self.labels)), self.labels][:, None]
        earlier = np.arange(len(self.classes)) < self.labels[:, None]
        before = (self.logits > own) | ((self.logits == own) & earlier)
        return float((before.sum(1) < k).mean())

    @cached_property
    def confusion(self) -> NDArray[np.intp]:
        """How many images of class `row` were taken for class `column`, (classes, classes)."""
        classes = len(self.classes)
        return np.bincount(self.labels * classes + self.guesses, minlength=classes**2).reshape(classes, classes)

    def per_class(self) -> list[ClassFigures]:
        """The figures of each class, in the order of the classes."""
        counts, named, right = self.confusion.sum(1), self.confusion.sum(0), self.confusion.diagonal()
        return [ClassFigures(name, *map(int, row)) for name, *row in zip(self.classes, counts, named, right)]

    def misses(self) -> Indices:
        """The images that are named wrongly, the most confident guess first."""
        return self._surest_first(~self.right)

    def of_cell(self, label: int, guess: int) -> Indices:
        """The images of class `label` that were taken for class `guess`, the most confident guess first."""
        return self._surest_first((self.labels == label) & (self.guesses == guess))

    def _surest_first(self, which: NDArray[np.bool_]) -> Indices:
        indices = np.flatnonzero(which)
        return indices[np.argsort(-self.confidence[indices], kind="stable")]

    def reliability(self, bins: int = 10) -> list[Bin]:
        """The guesses by their probability, in `bins` of equal width; empty ones are left out.

        A network is calibrated where, in every bin, the share that is right is the mean probability (Guo et al.,
        On Calibration of Modern Neural Networks, https://arxiv.org/abs/1706.04599).
        """
        place = np.minimum((self.confidence * bins).astype(int), bins - 1)
        groups = [(number, place == number) for number in range(bins)]
        return [
            Bin(
                n / bins,
                (n + 1) / bins,
                int(own.sum()),
                float(self.confidence[own].mean()),
                float(self.right[own].mean()),
            )
            for n, own in groups
            if own.any()
        ]

    def calibration_error(self, bins: int = 10) -> float:
        """The expected calibration error: |accuracy - confidence| over the bins, weighted by their counts."""
        parts = [one.count * abs(one.accuracy - one.confidence) for one in self.reliability(bins)]
        return sum(parts) / len(self.labels)


def evaluate(checkpoint: Checkpoint, data: DataSet) -> Evaluation:
    """The network on the test images of `data`, in one pass.

    Raises ValueError where its classes or its input are not those of the data set, and where its outputs are not
    finite, as after a training that diverged.
    """
    card = checkpoint.card
    if data.classes != card.classes:
        raise ValueError(
            f"{card.network} tells {len(card.classes)} classes apart ({_listed(card.classes)}), and the data set "
            f"{data.name} has {len(data.classes)} ({_listed(data.classes)})"
        )
    logits = _logits(checkpoint, data.x_test)
    if broken := int((~np.isfinite(logits)).any(1).sum()):
        raise ValueError(
            f"{card.network} gives no finite numbers for {broken:,} of {len(logits):,} test images: its training "
            "diverged; a smaller learning rate may help"
        )
    return Evaluation(logits, data.y_test.numpy(), card.classes)


def accuracy(checkpoint: Checkpoint, data: DataSet) -> float:
    """The share of the test images that the network names rightly, from 0 to 1. Raises ValueError as `evaluate`."""
    return evaluate(checkpoint, data).accuracy


@torch.inference_mode()
def _logits(checkpoint: Checkpoint, images: torch.Tensor) -> NDArray[np.float32]:
    """uint8 (N, C, H, W) -> (N, classes), in batches; outputs beyond the card's classes are left out."""
    card = checkpoint.card
    size, classes = (card.input_shape[1], card.input_shape[2]), len(card.classes)
    inputs = (normalise(batch, card.mean, card.std, size) for batch in images.split(BATCH))
    return torch.cat([checkpoint.network(batch)[:, :classes] for batch in inputs]).numpy()


def _listed(names: tuple[str, ...], max_names: int = 4) -> str:
    """The first few names."""
    return ", ".join(names[:max_names]) + (", ..." if len(names) > max_names else "")
