"""What a network saw and what it makes of it: the picture, the first guess, a bar for each class."""

from base64 import b64encode
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cnnviz.ui.components.load import load_component

mount = load_component(__file__)


def prediction(
    key: str,
    classes: Sequence[str],
    picture: NDArray[np.uint8] | None = None,
    probabilities: NDArray[np.floating] | None = None,
    nothing: str = "",
) -> None:
    """Draw `picture` (H, W) and `probabilities` (classes,); without them no bars, and the text `nothing`."""
    mount(
        key=key,
        data={
            "classes": list(classes),
            "picture": "" if picture is None else b64encode(picture.tobytes()).decode(),
            "shape": [28, 28] if picture is None else list(picture.shape),
            "probabilities": None if probabilities is None else [float(p) for p in probabilities],
            "nothing": nothing,
        },
    )
