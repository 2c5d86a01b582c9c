"""Test images in rows of four, each with what the network predicts; a click looks at one, and a pager turns over."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from cnnviz.ui.core import assets, component
from cnnviz.ui.core.packed import packed

ASSETS = assets.read(__file__)


@dataclass(frozen=True)
class Tile:
    """One test image: its index, the true class, the guess and its probability."""

    index: int
    label: str
    guess: str
    probability: float


def gallery(
    key: str,
    title: str,
    tiles: Sequence[Tile],
    pictures: NDArray[np.uint8],
    page: tuple[int, int],
    chosen: int,
    change: Callable[..., None],
) -> None:
    """Draw `tiles` with their `pictures` (N, H, W, C), all in one piece of bytes. `page` is the number of the page,
    from 1, and how many there are; `change(page=...)` or `change(image=...)` is called before the page runs again."""

    def take(name: str) -> None:
        value = component.sent(key, name)
        if type(value) is int and value >= 0:
            change(**{name: value})

    component.mount(
        ASSETS,
        key=key,
        data=packed(
            {
                "title": title,
                "tiles": [asdict(tile) for tile in tiles],
                "shape": pictures.shape[1:],
                "page": page,
                "chosen": chosen,
            },
            {"sprite": np.ascontiguousarray(pictures)},
        ),
        on_page_change=lambda: take("page"),
        on_image_change=lambda: take("image"),
    )
