"""The preprocessing of a drawing, a picture for each step, and a switch for each step that can be left out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnviz.ui.core import assets, component
from cnnviz.ui.core.packed import packed

ASSETS = assets.read(__file__)


@dataclass(frozen=True, eq=False)
class Card:
    """A step by its name, its `title`, what it did in a few words, and the picture after it: uint8 or float32 (H, W),
    black at `low` and white at `high`. `done` says whether it was taken, None that it cannot be left out."""

    step: str
    title: str
    note: str
    picture: NDArray[np.generic]
    low: float = 0.0
    high: float = 255.0
    done: bool | None = True


def pipeline(key: str, cards: Sequence[Card], switch: Callable[[str], None]) -> None:
    """Draw the cards from left to right; `switch(step)` is called before the page runs when one is switched. Below
    them, the last picture but one as numbers, where they are asked for."""

    def take() -> None:
        step = component.sent(key, "switched")
        if isinstance(step, str) and step in {card.step for card in cards if card.done is not None}:
            switch(step)

    shown = [
        {
            "step": card.step,
            "title": card.title,
            "note": card.note,
            "shape": card.picture.shape,
            "low": card.low,
            "high": card.high,
            "done": card.done,
        }
        for card in cards
    ]
    pictures = {f"picture{place}": card.picture for place, card in enumerate(cards)}
    component.mount(ASSETS, key=key, data=packed({"cards": shown}, pictures), on_switched_change=take)
