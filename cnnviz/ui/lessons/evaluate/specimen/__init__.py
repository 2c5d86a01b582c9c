"""One test image, its true class, and the probability that the network gives to every class."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cnnviz.ui.core import assets, component
from cnnviz.ui.core.packed import packed

ASSETS = assets.read(__file__)

MAX_BARS = 12


def specimen(
    key: str,
    index: int,
    picture: NDArray[np.uint8],
    classes: Sequence[str],
    label: int,
    probabilities: NDArray[np.floating],
) -> None:
    """Draw test image `index`, `picture` (H, W, C), with `probabilities` (classes,); of many classes the most probable
    ones and the true one."""
    shown = bars(probabilities, label)
    component.mount(
        ASSETS,
        key=key,
        data=packed(
            {
                "index": index,
                "shape": picture.shape,
                "classes": [classes[n] for n in shown],
                "probabilities": [float(probabilities[n]) for n in shown],
                "guess": shown.index(int(probabilities.argmax())),
                "label": shown.index(label),
                "others": len(classes) - len(shown),
            },
            {"picture": np.ascontiguousarray(picture)},
        ),
    )


def bars(probabilities: NDArray[np.floating], label: int) -> list[int]:
    """The classes that get a bar: all of them in their order, or the most probable first and the true one."""
    if len(probabilities) <= MAX_BARS:
        return list(range(len(probabilities)))
    surest = [int(n) for n in np.argsort(-probabilities, kind="stable")[:MAX_BARS]]
    return surest if label in surest else [*surest[:-1], label]
