"""What a trained network says about pictures, how certain it is, and when it had better say that it is not."""

import time
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from cnnviz.inference.checkpoints import Checkpoint
from cnnviz.inference.evaluate import Evaluation
from cnnviz.inference.passes import prepared, scores

Pictures = NDArray[np.uint8]
DOUBTED = 0.02  # of a network's own test images, the share that it is less sure of than its limit
COIN = 1.0  # bits: as unsure as of two answers that are alike; no limit lies above it


def logits(checkpoint: Checkpoint, pictures: Pictures, *, normalised: bool = True) -> NDArray[np.float32]:
    """The network's outputs (N, classes) for pictures (N, H, W, C), uint8, in the proportions of its data set.

    Raises ValueError as `passes.scores` does, and where the outputs are not finite.
    """
    found = scores(checkpoint, _tensor(pictures), normalised=normalised)
    if not np.isfinite(found).all():
        raise ValueError(
            f"{checkpoint.card.network} gives no finite numbers for this picture: its weights are too large, or it "
            "divides by 0 where it normalises"
        )
    return found


def as_input(checkpoint: Checkpoint, pictures: Pictures, *, normalised: bool = True) -> torch.Tensor:
    """Pictures (N, H, W, C) as the network takes them: float32 (N, C, h, w).

    Without `normalised` it sees brightness from 0 to 1, which is not what it was trained on. Raises ValueError where
    they do not fit the network.
    """
    return prepared(checkpoint, _tensor(pictures), normalised=normalised)


def _tensor(pictures: Pictures) -> torch.Tensor:
    """(N, H, W, C) -> (N, C, H, W)."""
    return torch.from_numpy(pictures.copy()).permute(0, 3, 1, 2)


@dataclass(frozen=True, eq=False)
class Prediction:
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


def read(checkpoint: Checkpoint, picture: NDArray[np.uint8], *, normalised: bool = True) -> Prediction:
    """The network on a picture: uint8, (H, W) or (H, W, C), in the proportions of its data set; see
    `as_input` for `normalised`.

    Raises ValueError where the picture does not fit the network.
    """
    began = time.perf_counter()
    found = logits(checkpoint, np.atleast_3d(picture)[None], normalised=normalised)[0]
    return Prediction(checkpoint.card.classes, found, 1000 * (time.perf_counter() - began))


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
