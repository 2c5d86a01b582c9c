"""The pictures of the preprocessing as news: how each follows from the one before, where it does, or its own pixels.

Most steps only invert, cut out or frame what is there already: the browser, which has the drawing, does the same
(`pictures.js`). Nothing is sent so that would not be the same picture, pixel by pixel.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # (H, W)
How = tuple[str, int, int, int, int]  # 'inverse', 'part', 'field' or 'own'; top, left, height, width


def told(ink: Picture | None, pictures: Sequence[Picture]) -> tuple[list[How], Picture]:
    """How each picture follows from the one before, the first from the `ink` that the browser has (None: from nothing),
    and the pixels of those that do not, one after the other."""
    hows = [_how(before, after) for before, after in zip((ink, *pictures), pictures)]
    own = [picture.ravel() for how, picture in zip(hows, pictures, strict=True) if how[0] == "own"]
    return hows, np.concatenate([np.zeros(0, np.uint8), *own])


def _how(before: Picture | None, after: Picture) -> How:
    followed = () if before is None else _ways(before, after)
    return next((how for how in followed if _same(_follow(before, how), after)), ("own", 0, 0, *after.shape))


def _same(one: Picture, other: Picture) -> bool:
    return one.shape == other.shape and bool((one == other).all())


def _ways(before: Picture, after: Picture) -> Iterator[How]:
    """How `after` may follow, where it does."""
    height, width = after.shape
    (top, left), (first, start) = _corner(before), _corner(after)
    yield "inverse", 0, 0, height, width
    yield "part", 0, 0, height, width
    yield "part", top, left, height, width
    yield "field", first - top, start - left, height, width


def _corner(picture: Picture) -> tuple[int, int]:
    """The first row and the first column that are not all black; (0, 0) of a picture that is."""
    rows, columns = picture.any(1), picture.any(0)
    return int(rows.argmax()), int(columns.argmax())


def _follow(before: Picture | None, how: How) -> Picture:
    """The picture that follows from `before` so: inverted; a part of it; it in a black field that large."""
    name, top, left, height, width = how
    assert before is not None
    if name == "inverse":
        return 255 - before
    if name == "part":
        return before[top : top + height, left : left + width]
    field = np.zeros((height, width), np.uint8)
    rows, columns = before.shape
    inside = field[max(top, 0) : top + rows, max(left, 0) : left + columns]
    inside[:] = before[max(-top, 0) :, max(-left, 0) :][: inside.shape[0], : inside.shape[1]]
    return field
