"""How a network reads one picture, how sure it is, and when it had better say that it is not."""

import time
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cnnviz.checkpoints import Checkpoint
from cnnviz.evaluation import Evaluation
from cnnviz.inference import logits

DOUBTED = 0.02  # of a network's own test images, the share that it is less sure of than its limit
COIN = 1.0  # bits: as unsure as of two answers that are alike; no limit lies above it


@dataclass(frozen=True, eq=False)
class Reading:
    """What a network makes of a picture: float32 logits (classes,), and the milliseconds that the pass took."""

    classes: tuple[str, ...]
    logits: NDArray[np.float32]
    milliseconds: float

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """The softmax of the logits, (classes,)."""
        return softmax(self.logits)

    @cached_property
    def guesses(self) -> list[int]:
        """The classes from the most to the least probable; of equals the first comes first."""
        return [int(place) for place in np.argsort(-self.probabilities, kind="stable")]

    @cached_property
    def entropy(self) -> float:
        """Of the probabilities, in bits: 0 for certainty, log2(classes) where all are alike."""
        return float(entropy(self.probabilities))

    def doubtful(self, limit: float) -> bool:
        """Whether the entropy is above `limit`, in bits."""
        return self.entropy > limit


def read(checkpoint: Checkpoint, picture: NDArray[np.uint8], *, normalised: bool = True) -> Reading:
    """The network on a picture: uint8, (H, W) or (H, W, C), in the proportions of its data set; see
    `inference.as_input` for `normalised`.

    Raises ValueError where the picture does not fit the network.
    """
    began = time.perf_counter()
    found = logits(checkpoint, np.atleast_3d(picture)[None], normalised=normalised)[0]
    return Reading(checkpoint.card.classes, found, 1000 * (time.perf_counter() - began))


def limit_of_doubt(evaluation: Evaluation, share: float = DOUBTED) -> float:
    """The entropy in bits that a network exceeds on `share` of its test images, COIN at most.

    No network knows what it has not learnt: this finds drawings that it is less sure of than of nearly all digits, and
    misses those that it takes for a digit. `python -m bench.draw` measures both.
    """
    return min(COIN, float(np.quantile(entropy(softmax(evaluation.logits)), 1 - share)))


def softmax(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Over the last axis."""
    exponentials = np.exp(values.astype(np.float64) - values.max(-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(-1, keepdims=True))


def entropy(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Over the last axis, in bits (Shannon, A Mathematical Theory of Communication, 1948)."""
    logarithms = np.log2(probabilities, where=probabilities > 0, out=np.zeros_like(probabilities))
    return np.asarray(-(probabilities * logarithms).sum(-1))
