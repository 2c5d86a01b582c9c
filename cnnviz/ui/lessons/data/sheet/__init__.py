"""Some images side by side, each with what there is to say of it; a click looks at one."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from cnnviz.ui.core import assets, component
from cnnviz.ui.core.packed import packed

ASSETS = assets.read(__file__)


@dataclass(frozen=True)
class Shown:
    """One image: what it is called, what else there is to say, and whether it is the one that the others are of.
    `group` is the same for those that belong together."""

    title: str
    more: str = ""
    marked: bool = False
    group: int = 0


def sheet(
    key: str,
    title: str,
    shown: Sequence[Shown],
    pictures: NDArray[np.uint8],
    choose: Callable[[int], object] | None = None,
) -> None:
    """Draw the images, uint8 (N, H, W, C); `choose(place)` is called before the page runs again when one is clicked."""

    def take() -> None:
        value = component.sent(key, "place")
        if choose is not None and type(value) is int and 0 <= value < len(shown):
            choose(value)

    data = {
        "title": title,
        "shown": [asdict(one) for one in shown],
        "shape": pictures.shape[1:],
        "clickable": choose is not None,
    }
    arrays = {"pictures": np.ascontiguousarray(pictures)}
    component.mount(ASSETS, key=key, data=packed(data, arrays), on_place_change=take)
