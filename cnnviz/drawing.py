"""From a drawn picture to the 28x28 picture that MNIST would have made of it.

LeCun et al. scaled each digit, keeping its proportions, so that its longer side was 20 pixels, with
anti-aliasing, and placed it in a field of 28x28 with its centre of mass in the middle
(http://yann.lecun.com/exdb/mnist).
"""

import numpy as np
from PIL import Image

SIZE, BOX = 28, 20
CENTRE = 14  # the pixel on which MNIST's centres of mass lie, give or take half a pixel


def has_ink(picture: np.ndarray) -> bool:
    """Whether anything was drawn on a picture (H, W) of ink from 0 to 255."""
    return bool(picture.any())


def to_mnist(picture: np.ndarray) -> np.ndarray:
    """Ink (H, W), uint8, 0 for paper and 255 for ink -> uint8 (28, 28) in MNIST's proportions.

    Raises ValueError for a picture of another kind, or without any ink.
    """
    if picture.ndim != 2 or picture.dtype != np.uint8:
        raise ValueError(f"a drawing is uint8 (H, W) and this is {picture.dtype} {picture.shape}")
    if not has_ink(picture):
        raise ValueError("there is nothing on the pad yet; draw a digit")
    return _centred(_fitted(_cropped(picture)))


def _cropped(picture: np.ndarray) -> np.ndarray:
    """The bounding box of the ink."""
    rows, columns = np.flatnonzero(picture.any(1)), np.flatnonzero(picture.any(0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _fitted(digit: np.ndarray) -> np.ndarray:
    """The longer side as BOX pixels, the other in proportion, anti-aliased."""
    height, width = (max(1, round(side * BOX / max(digit.shape))) for side in digit.shape)
    return np.asarray(Image.fromarray(digit).resize((width, height), Image.Resampling.BICUBIC))


def _centred(digit: np.ndarray) -> np.ndarray:
    """The digit in a field of SIZE x SIZE, its centre of mass on CENTRE as far as it stays inside."""
    field = np.zeros((SIZE, SIZE), np.uint8)
    mass = digit / digit.sum()
    corner = []
    for side, positions in zip(digit.shape, np.indices(digit.shape), strict=True):
        middle = float((mass * positions).sum())
        corner.append(min(max(round(CENTRE - middle), 0), SIZE - side))
    top, left = corner
    field[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return field
