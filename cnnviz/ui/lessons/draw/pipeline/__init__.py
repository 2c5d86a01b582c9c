"""The preprocessing of a drawing, a picture for each step, and a switch for each step that can be left out.

The steps stand there as long as the page's settings do; their pictures come with the pad's answer (`pictures.told`).
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from cnnviz.ui.core import assets, component

ASSETS = assets.read(__file__)


@dataclass(frozen=True)
class Card:
    """A step by its name, its `title` and what it did in a few words. The 0 and the 255 of its picture stand for the
    numbers `zero` and `full`; it is black at `low` and white at `high`. `done` says whether it was taken, None that it
    cannot be left out."""

    step: str
    title: str
    note: str
    done: bool | None = True
    zero: float = 0.0
    full: float = 255.0
    low: float = 0.0
    high: float = 255.0


def pipeline(key: str, hears: str, title: str, cards: Sequence[Card], switch: Callable[[str], None]) -> None:
    """Draw the cards from left to right under a `title`, once they hear of their pictures from the pad of the key
    `hears`; `switch(step)` is called before the page runs when one is switched. Below them, the last picture but one as
    numbers, where they are asked for."""

    def take() -> None:
        step = component.sent(key, "switched")
        if isinstance(step, str) and step in {card.step for card in cards if card.done is not None}:
            switch(step)

    data = {"hears": hears, "title": title, "cards": [asdict(card) for card in cards]}
    component.mount(ASSETS, key=key, data=data, on_switched_change=take)
