"""Every step's maps, from the input to the answer. Values are sent as bytes, one scale a step; pointing looks up the
unit's window and receptive field, a click or Enter sends the unit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz.interpret import Spans
from cnnviz.ui.core import assets, component
from cnnviz.ui.core.packed import packed

ASSETS = assets.read(__file__)

MAX_MAPS = 64  # of one step; the others are counted, not drawn
MAX_UNITS = 512  # of one without maps


@dataclass(frozen=True)
class Card:
    """A step as it is drawn: `shape` is (C, H, W) of what is drawn, or (F,); `total` counts its maps or units, `most`
    is the value at the ends of its scale. `windows` are cells of the first of `sources`, `fields` of the input."""

    name: str
    operation: str
    sources: tuple[str, ...]
    shape: tuple[int, ...]
    total: int
    most: float
    signed: bool
    windows: Spans
    fields: Spans
    grouped: bool  # a unit sees all maps of its source, or its own only
    labels: tuple[str, ...] = ()
    exact: tuple[float, ...] = ()  # of what is labelled, where bytes are too coarse
    block: str = ""  # whose input is added again at its end


def card_bytes(values: NDArray[np.float32], max_abs: float) -> NDArray[np.uint8]:
    """-most .. most as 1 .. 255; 128 is 0."""
    shades: NDArray[np.float32] = np.rint(128 + 127 * values / (max_abs or 1)).clip(1, 255)
    return shades.astype(np.uint8)


def maps(
    key: str,
    cards: Sequence[Card],
    values: Mapping[str, NDArray[np.float32]],
    picture: NDArray[np.uint8],
    scale: str,
    chosen: tuple[str, tuple[int, ...]],
    choose: Callable[[str, tuple[int, ...]], None],
) -> None:
    """Draw `values` (of each card's shape) beside `picture` (H, W, C); `choose(layer, unit)` is called by a click."""
    drawn = [card_bytes(values[card.name], card.most).ravel() for card in cards]
    data = {
        "cards": [asdict(card) for card in cards],
        "picture_shape": picture.shape,
        "scale": scale,
        "chosen": {"layer": chosen[0], "at": chosen[1]},
    }
    shapes = {card.name: card.shape for card in cards}

    def take() -> None:
        event = component.sent(key, "unit")
        if is_unit(event, shapes):
            choose(event["layer"], tuple(event["at"]))

    component.mount(
        ASSETS,
        key=key,
        data=packed(data, {"bytes": np.concatenate(drawn), "picture": np.ascontiguousarray(picture)}),
        on_unit_change=take,
    )


def is_unit(event: Any, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether what a browser sent is {"layer": a card, "at": one of its units}."""
    if not isinstance(event, dict) or not isinstance(event.get("layer"), str) or event["layer"] not in shapes:
        return False
    at, shape = event.get("at"), shapes[event["layer"]]
    return (
        isinstance(at, list)
        and len(at) == len(shape)
        and all(type(i) is int and 0 <= i < size for i, size in zip(at, shape))
    )
