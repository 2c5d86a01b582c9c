"""Rows of small grids of numbers: windows, kernels, products, pictures with a place outlined, attributions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnviz.ui.core import assets, component
from cnnviz.ui.core.packed import packed

ASSETS = assets.read(__file__)


@dataclass(frozen=True, eq=False)
class Figure:
    """`values` (rows, columns), or (rows, columns, 3) from 0 to 255 for a picture in colour, under a `label`.

    `tone` is signed (diverging about 0, `most` at its ends), grey or colour (0 to 255). `role` colours the frame,
    `before` is the sign in front of it, `box` a place on it (first row, after the last, first column, after the last);
    with `numbers` each cell shows its own.
    """

    values: NDArray[np.generic]
    label: str
    tone: str = "signed"
    most: float = 1.0
    role: str = ""
    before: str = ""
    box: tuple[int, int, int, int] | None = None
    numbers: bool = False
    side: int = 120


@dataclass(frozen=True)
class Row:
    """Figures beside one another, what they are, and what comes out of them."""

    title: str
    figures: Sequence[Figure]
    result: str = ""


def figures(key: str, rows: Sequence[Row], line: str = "") -> None:
    """Draw the rows, and under them one `line` of arithmetic."""
    arrays = [np.asarray(one.values, np.float32) for row in rows for one in row.figures]
    described = [
        {"title": row.title, "result": row.result, "figures": [_to_json(one) for one in row.figures]} for row in rows
    ]
    flat = np.concatenate([array.ravel() for array in arrays]) if arrays else np.zeros(0, np.float32)
    component.mount(ASSETS, key=key, data=packed({"rows": described, "line": line}, {"values": flat}))


def _to_json(figure: Figure) -> dict[str, object]:
    """A figure without its numbers."""
    entries = {name: getattr(figure, name) for name in figure.__dataclass_fields__ if name != "values"}
    return {**entries, "shape": figure.values.shape}
