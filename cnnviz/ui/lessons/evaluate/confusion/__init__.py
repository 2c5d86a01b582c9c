"""A confusion matrix: true classes as rows, what the network predicts as columns. A click on a cell chooses it."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from cnnviz.ui.core import assets, component

ASSETS = assets.read(__file__)

Cell = tuple[int, int]


def confusion(
    key: str,
    classes: Sequence[str],
    counts: NDArray[np.integer],
    numbers: Sequence[int],
    chosen: Cell | None,
    choose: Callable[[Cell | None], None],
) -> None:
    """Draw the rows and columns `numbers` of `counts` (classes, classes). A click or Enter calls `choose(cell)` before
    the page runs again; on the chosen cell `choose(None)`."""

    def take() -> None:
        cell = component.sent(key, "cell")
        if cell is None or not is_cell(cell, len(classes)):
            return
        choose(None if tuple(cell) == chosen else (cell[0], cell[1]))

    component.mount(
        ASSETS,
        key=key,
        data={
            "classes": [classes[n] for n in numbers],
            "numbers": [int(n) for n in numbers],
            "counts": counts[np.ix_(numbers, numbers)].tolist(),
            "totals": counts.sum(1)[list(numbers)].tolist(),
            "chosen": chosen,
        },
        on_cell_change=take,
    )


def is_cell(cell: object, classes: int) -> bool:
    """Whether the browser sent row and column of a cell."""
    return isinstance(cell, list) and len(cell) == 2 and all(type(one) is int and 0 <= one < classes for one in cell)
