"""A strip of images with what a network makes of each."""

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from cnnviz.ui.core import assets, component
from cnnviz.ui.core.packed import packed

ASSETS = assets.read(__file__)

MAX_PIXELS = 64  # along a side: an image is shown no larger than that


def guesses(
    key: str,
    images: NDArray[np.uint8],
    labels: Sequence[int],
    probabilities: NDArray[np.float32],
    classes: Sequence[str],
    title: str,
    when: str = "",
) -> None:
    """Draw `images` (N, C, H, W) of the classes `labels` under a `title`, with `probabilities` (N, classes); `when`
    ends the sentence of how many are right."""
    every = ceil(max(images.shape[2:]) / MAX_PIXELS)
    shown = images[:, :, ::every, ::every].transpose(0, 2, 3, 1)
    fields = {"title": title, "when": when, "shape": shown.shape, "classes": list(classes), "labels": list(labels)}
    component.mount(ASSETS, key=key, data=packed(fields, {"images": shown, "probabilities": probabilities}))
