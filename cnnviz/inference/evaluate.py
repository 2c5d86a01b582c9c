"""How well a trained network does on images that it has not seen: what it is right about, and what it takes for what.

One forward pass over the test images gives an `Evaluation`; everything else is counted from it.
"""

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
import torch
from numpy.typing import NDArray

from cnnviz.data.datasets import DataSet, Progress, no_progress
from cnnviz.inference.checkpoints import Checkpoint
from cnnviz.inference.passes import scores
from cnnviz.tracing.cost import MB, Bounds

Z = 1.959964  # standard deviations to either side of a normal distribution that hold 95 % of it

Indices = NDArray[np.intp]  # positions of test images


@dataclass(frozen=True)
class ClassFigures:
    """What a network does with one class. `count` images are of it, `predicted` were predicted as it, `right` are both.

    `precision` = right / predicted, and `recall` = right / count; None where there is nothing to divide by.
    """

    name: str
    count: int
    predicted: int
    right: int

    @property
    def precision(self) -> float | None:
        return self.right / self.predicted if self.predicted else None

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

    @property
    def nbytes(self) -> int:
        """What it takes in memory, with all that is worked out of it and kept."""
        return _bytes(*self.logits.shape)

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
        """The share of the images that are classified correctly, from 0 to 1."""
        return float(self.right.mean())

    def top_k(self, k: int) -> float:
        """The share of the images whose label is among the k most probable classes; of equals the first count first."""
        own = self.logits[np.arange(len(self.labels)), self.labels][:, None]
        earlier = np.arange(len(self.classes)) < self.labels[:, None]
        before = (self.logits > own) | ((self.logits == own) & earlier)
        return float((before.sum(1) < k).mean())

    @cached_property
    def confusion(self) -> NDArray[np.intp]:
        """How many images of class `row` were predicted as class `column`, (classes, classes)."""
        classes = len(self.classes)
        return np.bincount(self.labels * classes + self.guesses, minlength=classes**2).reshape(classes, classes)

    def per_class(self) -> list[ClassFigures]:
        """The figures of each class, in the order of the classes."""
        counts, predicted, right = self.confusion.sum(1), self.confusion.sum(0), self.confusion.diagonal()
        return [ClassFigures(name, *map(int, row)) for name, *row in zip(self.classes, counts, predicted, right)]

    def misclassified(self) -> Indices:
        """The misclassified images, the most confident guess first."""
        return self._surest_first(~self.right)

    def of_cell(self, label: int, guess: int) -> Indices:
        """The images of class `label` that were predicted as class `guess`, the most confident guess first."""
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


def evaluate(checkpoint: Checkpoint, data: DataSet, progress: Progress = no_progress) -> Evaluation:
    """The network on the test images of `data`, in one pass; `progress` hears the share that is done.

    Raises ValueError where its classes or its input are not those of the data set, where the pass costs more than is
    allowed (`tracing.cost`), and where its outputs are not finite, as after a training that diverged.
    """
    card = checkpoint.card
    if data.classes != card.classes:
        raise ValueError(
            f"{card.network} tells {len(card.classes)} classes apart ({_listed(card.classes)}), and the data set "
            f"{data.name} has {len(data.classes)} ({_listed(data.classes)})"
        )
    _check_size(len(data.x_test), len(data.classes))
    logits = scores(checkpoint, data.x_test, progress=progress)
    if broken := int((~np.isfinite(logits)).any(1).sum()):
        raise ValueError(
            f"{card.network} gives no finite numbers for {broken:,} of {len(logits):,} test images: its training "
            "diverged; a smaller learning rate may help"
        )
    return Evaluation(logits, data.y_test.numpy(), card.classes)


def accuracy(checkpoint: Checkpoint, data: DataSet) -> float:
    """The share of the test images that are classified correctly, from 0 to 1. Raises ValueError as `evaluate`."""
    return evaluate(checkpoint, data).accuracy


def _bytes(images: int, classes: int) -> int:
    """Of an evaluation: two numbers a class for each image; label, guess, confidence and whether it is right."""
    return images * (8 * classes + 21)


def _check_size(images: int, classes: int) -> None:
    """Raises ValueError where the answers alone take more memory than a look may."""
    allowed, needed = Bounds.from_environment().look_mb, _bytes(images, classes) / MB
    if needed > allowed:
        raise ValueError(
            f"the answers for {images:,} test images of {classes:,} classes take {needed:,.0f} MB and {allowed:,} MB "
            f"are allowed here; {allowed * MB // _bytes(1, classes):,} images would fit"
        )


def _listed(names: tuple[str, ...], max_names: int = 4) -> str:
    """The first few names."""
    return ", ".join(names[:max_names]) + (", ..." if len(names) > max_names else "")
