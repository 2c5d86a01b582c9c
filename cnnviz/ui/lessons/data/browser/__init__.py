"""The images of a data set as a wall that scrolls through all of them, and one of them with its numbers.

The browser fetches what it shows by itself, as pictures that it keeps (`ui/pictures.py`).
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from cnnviz.ui.core import assets, component

ASSETS = assets.read(__file__)


@dataclass(frozen=True)
class Wall:
    """So many images in an order: `wall` is where their pictures lie, relative to the app, `image` where single ones
    do. Each picture has `at_once` images in rows of `columns`, each `tile` = (H, W) pixels large. `size` is the (H, W,
    C) of an image, `named` what the part is called in a sentence."""

    wall: str
    image: str
    count: int
    at_once: int
    columns: int
    tile: tuple[int, int]
    size: tuple[int, int, int]
    classes: Sequence[str]
    named: str


@dataclass(frozen=True)
class Seen:
    """How the network sees a pixel: less `mean` and by `std`, one number a channel, on the scale from 0 to 1; `words`
    say where they come from."""

    mean: Sequence[float]
    std: Sequence[float]
    words: str


def browser(key: str, wall: Wall, chosen: int, at: int, seen: Seen, choose: Callable[[int], object]) -> None:
    """Draw `wall` with the image of index `chosen`, which stands at place `at` of the order (-1: nowhere in it).
    `choose(index)` is called before the page runs again, when another is looked at."""

    def take() -> None:
        value = component.sent(key, "image")
        if type(value) is int and value >= 0:
            choose(value)

    data = {**asdict(wall), "chosen": chosen, "at": at, "seen": asdict(seen)}
    component.mount(ASSETS, key=key, data=data, on_image_change=take)
