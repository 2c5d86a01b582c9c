"""Test images in rows of four, each with what the network predicts; a click looks at one, and a pager turns over."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz.ui.components.load import load_component
from cnnviz.ui.components.packed import packed

mount = load_component(__file__, shared=("packed.js",))


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
        value = st.session_state[key].get(name)
        if isinstance(value, int) and value >= 0:
            change(**{name: value})

    mount(
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
