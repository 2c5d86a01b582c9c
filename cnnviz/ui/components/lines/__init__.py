"""A line chart that is updated in place: training curves, activation functions. No server call to read it."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np
from numpy.typing import ArrayLike

from cnnviz.ui.core import assets, component

ASSETS = assets.read(__file__)


class _Curve(TypedDict):
    """Numbers `x` and `y` of equal length; NaN parts a line."""

    name: str
    x: ArrayLike
    y: ArrayLike
    colour: str


class Series(_Curve, total=False):
    """A curve as a line, or as dots (`points`), or as dots with a line between them (`joined` too). One that `follows`
    shares the key of the series before it; one that is `faint` lies behind the others, dashed."""

    points: bool
    joined: bool
    follows: bool
    faint: bool


def lines(
    key: str,
    series: Sequence[Series],
    x_label: str = "",
    y_label: str = "",
    y_range: tuple[float, float] | None = None,
    x_range: tuple[float, float] | None = None,
    height: int = 260,
    percent: bool = False,
    log: bool = False,
    x_log: bool = False,
    live: bool = False,
) -> None:
    """Draw the series over one another; what lies outside the ranges is cut off.

    A range that is not given follows the data. `percent` writes 0.98 as 98 %; `log` makes every factor of ten as high
    as the next, and leaves out what is not positive; `x_log` does so from left to right. A `live` chart says so where
    the connection is cut.
    """
    pairs = [(np.asarray(one["x"], np.float32), np.asarray(one["y"], np.float32)) for one in series]
    for one, (x, y) in zip(series, pairs, strict=True):
        if x.ndim != 1 or x.shape != y.shape:
            raise ValueError(f"{one['name']}: x has shape {x.shape} and y {y.shape}; they are of one length")
    numbers = [values for pair in pairs for values in pair]
    component.mount(
        ASSETS,
        key=key,
        data={
            "series": [_described(one, len(x)) for one, (x, _) in zip(series, pairs, strict=True)],
            "values": b64encode(np.concatenate(numbers or [np.empty(0, np.float32)]).tobytes()).decode(),
            "x_label": x_label,
            "y_label": y_label,
            "x_range": x_range,
            "y_range": y_range,
            "height": height,
            "percent": percent,
            "log": log,
            "x_log": x_log,
            "live": live,
        },
    )


def _described(one: Series, count: int) -> dict[str, Any]:
    """What the browser needs to know of a series besides its numbers."""
    points = one.get("points", False)
    joined = one.get("joined", not points)
    drawn = {"count": count, "points": points, "joined": joined, "follows": one.get("follows", False)}
    return {"name": one["name"], "colour": one["colour"], "faint": one.get("faint", False), **drawn}
