"""Two recorded runs, played side by side in the browser: their curves, and the kernels of their first layers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz.runs.recordings import Recording
from cnnviz.training.pairs import Pair
from cnnviz.ui.core import assets, component
from cnnviz.ui.core.packed import packed
from cnnviz.ui.core.theme import ORDER, ROLES

ASSETS = assets.read(__file__)
ARRAYS = ("steps", "loss", "accuracy", "measured", "test_loss", "test_accuracy", "at", "scales", "kernels")


def recorded(key: str, pair: Pair, recordings: tuple[Recording, Recording]) -> None:
    """Draw the pair; it plays as soon as it is there. Kernels of three channels are pictures in red, green and blue, of
    others than one the mean over their channels is shown."""
    arrays: dict[str, NDArray[Any]] = {}
    runs = []
    for place, (name, one) in enumerate(zip(pair.labels, recordings, strict=True)):
        kernels = one.kernels
        if kernels.shape[2] not in (1, 3):
            kernels = np.round(kernels.mean(2, keepdims=True)).astype(np.uint8)
        values = {field: getattr(one, field) for field in ARRAYS} | {"kernels": kernels}
        arrays |= {f"{place}.{field}": array for field, array in values.items()}
        templates = one.classes if one.are_templates else ()
        runs.append({"name": name, "colour": ROLES[ORDER[place]], "shape": kernels.shape[1:], "templates": templates})
    component.mount(ASSETS, key=key, data=packed({"title": pair.title, "runs": runs}, arrays))
