"""How well a trained network does on images that it has not seen."""

from cnnviz.checkpoints import Checkpoint
from cnnviz.datasets import DataSet, normalise
from cnnviz.training import measure


def accuracy(checkpoint: Checkpoint, data: DataSet) -> float:
    """The share of the test images that the network names rightly, from 0 to 1."""
    card = checkpoint.card
    height, width = card.input_shape[1:]
    _, share = measure(
        checkpoint.network,
        data.x_test,
        data.y_test,
        lambda x: normalise(x, card.mean, card.std, (height, width)),
    )
    return share
