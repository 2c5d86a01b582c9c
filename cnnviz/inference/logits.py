"""What a trained network says about pictures."""

import numpy as np
import torch
from numpy.typing import NDArray

from cnnviz.checkpoints import Checkpoint
from cnnviz.datasets import normalise

Pictures = NDArray[np.uint8]


@torch.inference_mode()
def logits(checkpoint: Checkpoint, pictures: Pictures, *, normalised: bool = True) -> NDArray[np.float32]:
    """The network's outputs (N, classes) for pictures (N, H, W, C), uint8, in the proportions of its data set.

    Raises ValueError where they do not fit the network.
    """
    seen = as_input(checkpoint, pictures, normalised=normalised)
    found: NDArray[np.float32] = checkpoint.network(seen)[:, : len(checkpoint.card.classes)].numpy()
    return found


def as_input(checkpoint: Checkpoint, pictures: Pictures, *, normalised: bool = True) -> torch.Tensor:
    """Pictures (N, H, W, C) as the network takes them: float32 (N, C, h, w).

    Without `normalised` it sees brightness from 0 to 1, which is not what it was trained on. Raises ValueError as
    `logits` does.
    """
    card = checkpoint.card
    images = torch.from_numpy(pictures.copy()).permute(0, 3, 1, 2)
    mean, std = (card.mean, card.std) if normalised else ((0.0,) * len(card.mean), (1.0,) * len(card.std))
    return normalise(images, mean, std, (card.input_shape[1], card.input_shape[2]))
