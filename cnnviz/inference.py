"""What a trained network says about a picture."""

import numpy as np
import torch

from cnnviz.checkpoints import Checkpoint
from cnnviz.datasets import normalise


@torch.inference_mode()
def predict(checkpoint: Checkpoint, picture: np.ndarray) -> np.ndarray:
    """Probabilities (classes,) for a picture: uint8, (H, W) or (H, W, C), in the proportions of its data set.

    Raises ValueError where the picture does not fit the network.
    """
    card = checkpoint.card
    image = torch.from_numpy(np.atleast_3d(picture).copy()).permute(2, 0, 1)[None]  # (1, C, H, W)
    seen = normalise(image, card.mean, card.std, (card.input_shape[1], card.input_shape[2]))
    logits = checkpoint.network(seen)[0, : len(card.classes)]
    return logits.softmax(0).numpy()
