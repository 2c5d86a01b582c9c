"""Digits that somebody drew and named: a small test set of a class's own, and a data set to train on."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnviz.inference.checkpoints import Checkpoint
from cnnviz.inference.predict import logits, softmax

MAX_DRAWINGS = 200
TESTED = 5  # every fifth becomes a test image of the data set, the first among them


@dataclass(frozen=True, eq=False)
class Correction:
    """A picture, uint8 (28, 28), as the networks saw it, and the digit that it was meant to be."""

    picture: NDArray[np.uint8]
    label: int


def added(corrections: Sequence[Correction], picture: NDArray[np.uint8], label: int) -> list[Correction]:
    """With one more; the same picture again replaces its label, and beyond MAX_DRAWINGS the oldest goes."""
    others = [one for one in corrections if not np.array_equal(one.picture, picture)]
    return [*others, Correction(picture, label)][-MAX_DRAWINGS:]


def guesses(checkpoint: Checkpoint, corrections: Sequence[Correction]) -> list[int]:
    """What a network takes each of them for. Raises ValueError where they do not fit it."""
    return [int(guess) for guess in probabilities(checkpoint, corrections).argmax(1)] if corrections else []


def probabilities(checkpoint: Checkpoint, corrections: Sequence[Correction]) -> NDArray[np.float32]:
    """What a network makes of one or more of them, (N, classes). Raises ValueError where they do not fit it."""
    pictures = np.stack([one.picture for one in corrections])[..., None]
    return softmax(logits(checkpoint, pictures)).astype(np.float32)


def as_npz(corrections: Sequence[Correction]) -> bytes:
    """They as a data set in the Keras convention: x_train, y_train, x_test, y_test and classes.

    Images are uint8 (N, 28, 28), labels uint8 (N,). Raises ValueError for fewer than two, as neither part may be empty.
    """
    if len(corrections) < 2:
        raise ValueError(f"a data set has training and test images, and there is {len(corrections)} drawing; name two")
    pictures = np.stack([one.picture for one in corrections])
    labels = np.array([one.label for one in corrections], np.uint8)
    test = np.arange(len(labels)) % TESTED == 0
    file = io.BytesIO()
    np.savez_compressed(
        file,
        x_train=pictures[~test],
        y_train=labels[~test],
        x_test=pictures[test],
        y_test=labels[test],
        classes=np.array([str(digit) for digit in range(10)]),
    )
    return file.getvalue()
