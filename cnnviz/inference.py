"""What a trained network says about a picture."""

import numpy as np
import torch

from cnnviz.checkpoints import Checkpoint
from cnnviz.datasets import normalise


def predict(checkpoint: Checkpoint, picture: np.ndarray) -> np.ndarray:
    """Probabilities (classes,) for a picture: uint8, (H, W) or (H, W, C), in the proportions of its data set.

    Raises ValueError where the picture does not fit the network.
    """
    return torch.from_numpy(logits(checkpoint, picture)).softmax(0).numpy()


@torch.inference_mode()
def logits(checkpoint: Checkpoint, picture: np.ndarray, *, normalised: bool = True) -> np.ndarray:
    """The network's outputs (classes,), float32, for a picture as `predict` takes it.

    Without `normalised` it sees brightness from 0 to 1, which is not what it was trained on. Raises ValueError as
    `predict` does.
    """
    card = checkpoint.card
    image = torch.from_numpy(np.atleast_3d(picture).copy()).permute(2, 0, 1)[None]  # (1, C, H, W)
    mean, std = (card.mean, card.std) if normalised else ((0.0,) * len(card.mean), (1.0,) * len(card.std))
    seen = normalise(image, mean, std, (card.input_shape[1], card.input_shape[2]))
    return checkpoint.network(seen)[0, : len(card.classes)].numpy()
