"""The one pass of a trained network over many pictures."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnviz.data.datasets import Progress, no_progress
from cnnviz.inference.checkpoints import Checkpoint
from cnnviz.tracing.meta import first_line

BATCH = 500  # pictures at a time: their activations stay in the processor's cache


@torch.inference_mode()
def scores(
    checkpoint: Checkpoint, images: Tensor, *, normalised: bool = True, progress: Progress = no_progress
) -> NDArray[np.float32]:
    """uint8 (N, C, H, W) -> float32 (N, classes), in batches of BATCH, or of as many as their activations have memory
    for; outputs beyond the card's classes are left out.

    `progress` hears the share that is done. Without `normalised` the network sees brightness from 0 to 1, which is not
    what it was trained on. Raises ValueError where the pictures do not fit, where one takes more memory than is
    allowed, or all of them more work, and where the network does not run or does not give one score a class.
    """
    size = checkpoint.cost.batch(BATCH)
    checkpoint.cost.check_work(len(images))
    parts = []
    for number, batch in enumerate(images.split(size)):
        progress(number * size / len(images))
        parts.append(_run(checkpoint, prepared(checkpoint, batch, normalised=normalised)))
    return torch.cat(parts).numpy()


def prepared(checkpoint: Checkpoint, images: Tensor, *, normalised: bool = True) -> Tensor:
    """uint8 (N, C, H, W) as the network takes it: float32 (N, C, h, w). Raises ValueError where it does not fit."""
    preprocessing = checkpoint.card.preprocessing
    return preprocessing(images) if normalised else preprocessing.without_normalisation()(images)


def _run(checkpoint: Checkpoint, inputs: Tensor) -> Tensor:
    """One batch (N, C, h, w) -> (N, classes)."""
    card, count = checkpoint.card, len(inputs)
    try:
        found: Tensor = checkpoint.network(inputs)
    except (RuntimeError, ValueError, IndexError) as error:
        pictures = f"{count:,} pictures" if count > 1 else "one picture"
        raise ValueError(f"{card.network} does not run on {pictures}: {first_line(error)}") from error
    if found.dim() != 2 or len(found) != count or found.shape[1] < len(card.classes):
        raise ValueError(f"{card.network} gives {tuple(found.shape)} for {count:,} pictures, not one score a class")
    return found[:, : len(card.classes)]
