"""Labels that may be wrong: what a trained network gets wrong and is most certain of."""

from dataclasses import dataclass

import numpy as np
import torch

from cnnviz.data.datasets import DataSet, Progress
from cnnviz.inference import checkpoints
from cnnviz.inference.checkpoints import Card
from cnnviz.inference.passes import scores

COUNT = 50


@dataclass(frozen=True)
class Suspicious:
    """The images of a part that `network` is most certain to be of another class: their places, their labels, the
    guesses and how probable these were, all (n,). `wrong` of `images` were misclassified in all."""

    network: str
    places: np.ndarray
    labels: np.ndarray
    guesses: np.ndarray
    probabilities: np.ndarray
    wrong: int
    images: int


def _best_network(classes: tuple[str, ...], channels: int) -> str:
    """The shipped network with the highest accuracy of those that tell these classes apart. Raises ValueError where
    there is none."""
    cards: dict[str, Card] = {name: checkpoints.read_card(path) for name, path in checkpoints.shipped().items()}
    fitting = {
        name: card.accuracy or 0.0
        for name, card in cards.items()
        if card.classes == classes and card.input_shape[0] == channels
    }
    if not fitting:
        known = sorted({card.dataset for card in cards.values()})
        raise ValueError(
            "no network that ships with the app tells these classes apart, so that none can doubt a label; there are "
            f"some for {' and '.join(known)}"
        )
    return max(fitting, key=lambda name: fitting[name])


def suspicious(data: DataSet, part: str, progress: Progress) -> Suspicious:
    """The images of 'train' or 'test' whose label the best shipped network contradicts with the highest probability.
    Raises ValueError where there is none for these classes."""
    name = _best_network(data.classes, data.picture[0])
    checkpoint = checkpoints.load(checkpoints.shipped()[name])
    images, labels = (data.x_train, data.y_train) if part == "train" else (data.x_test, data.y_test)
    probabilities = torch.from_numpy(scores(checkpoint, images, progress=progress)).softmax(1)
    confidence, guesses = probabilities.max(1)
    wrong = torch.nonzero(guesses != labels)[:, 0]
    first = wrong[torch.argsort(confidence[wrong], descending=True, stable=True)][:COUNT]
    places, own, others, certain = (one.numpy() for one in (first, labels[first], guesses[first], confidence[first]))
    return Suspicious(name, places, own, others, certain, len(wrong), len(images))
