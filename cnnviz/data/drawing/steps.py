"""The steps from a picture on paper to a digit of MNIST's, each of which can be left out to see what it is for."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnviz.data.drawing.paper import ink_on_paper

Picture = NDArray[np.uint8]  # (H, W), from 0 (black) to 255 (white)
Change = Callable[[Picture], Picture]

SIZE, BOX = 28, 20
STEPS = ("ink", "crop", "scale", "centre")  # white on black; its bounding box; 20 pixels long; the middle of 28x28
CENTRE = 14  # the pixel on which MNIST's centres of mass lie, give or take half a pixel


@dataclass(frozen=True, eq=False)
class Stage:
    """The picture after one step; `step` is a name of STEPS, or 'drawn' for what came in. `done`: it was not left
    out."""

    step: str
    picture: Picture
    done: bool = True


def has_ink(picture: Picture) -> bool:
    """Whether anything was drawn on a picture (H, W) of ink from 0 to 255."""
    return bool(picture.any())


def to_mnist(ink: Picture) -> Picture:
    """Ink (H, W), uint8, 0 for paper and 255 for ink -> uint8 (28, 28) in MNIST's proportions.

    Raises ValueError for a picture of another kind, or without any ink.
    """
    _check(ink)
    if not has_ink(ink):
        raise ValueError("there is nothing on the pad yet; draw a digit")
    return _centred(_scaled(_cropped(ink)))


def pipeline(picture: Picture, steps: Collection[str] = STEPS, *, photo: bool = False) -> tuple[Stage, ...]:
    """A picture (H, W) as it looks on its paper -> what came in, then a stage for each of STEPS; the last is (28, 28).

    Steps that are not in `steps` are left out, and the picture goes on as it is. The paper of a drawing is white;
    `photo` says that it has to be found, as in a photograph, where it may be dark or unevenly lit. Raises ValueError
    for a picture of another kind, or one without any ink.
    """
    _check(picture)
    ink = ink_on_paper(picture) if photo else 255 - picture
    if not has_ink(ink):
        raise ValueError("there is nothing on the paper yet; draw a digit")
    changes: dict[str, tuple[Change, Change]] = {  # step -> what it does; what happens without it
        "ink": (lambda _: ink, _as_it_is),
        "crop": (_cropped, _as_it_is),
        "scale": (_scaled, _squeezed),
        "centre": (_centred, _in_the_middle),
    }
    stages = [Stage("drawn", picture)]
    for step in STEPS:
        done = step in steps
        picture = changes[step][0 if done else 1](picture)
        stages.append(Stage(step, picture, done))
    return tuple(stages)


def _check(picture: Picture) -> None:
    if picture.ndim != 2 or picture.dtype != np.uint8:
        raise ValueError(f"a drawing is uint8 (H, W) and this is {picture.dtype} {picture.shape}")


def _as_it_is(picture: Picture) -> Picture:
    return picture


def _bounding_box(picture: Picture) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first row and the row after the last that are not all black, then the columns likewise."""
    rows, columns = np.flatnonzero(picture.any(1)), np.flatnonzero(picture.any(0))
    return (int(rows[0]), int(rows[-1]) + 1), (int(columns[0]), int(columns[-1]) + 1)


def _cropped(picture: Picture) -> Picture:
    """The bounding box of what is not black; all of a picture that is black."""
    if not has_ink(picture):
        return picture
    (top, bottom), (left, right) = _bounding_box(picture)
    return picture[top:bottom, left:right]


def _scaled(picture: Picture) -> Picture:
    """The longer side as BOX pixels, the other in proportion, anti-aliased."""
    height, width = (max(1, round(side * BOX / max(picture.shape))) for side in picture.shape)
    return _resized(picture, height, width)


def _squeezed(picture: Picture) -> Picture:
    """The whole picture as SIZE x SIZE, whatever its proportions."""
    return _resized(picture, SIZE, SIZE)


def _resized(picture: Picture, height: int, width: int) -> Picture:
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC))


def _centred(picture: Picture) -> Picture:
    """In a field of SIZE x SIZE with the centre of mass on CENTRE, as far as all of it stays inside."""
    if not has_ink(picture):  # a speck that did not outlive being made smaller
        return _in_the_middle(picture)
    corner = []
    mass = picture / picture.sum()
    for positions, (first, end) in zip(np.indices(picture.shape), _bounding_box(picture)):
        middle = float((mass * positions).sum())
        corner.append(min(max(round(CENTRE - middle), -first), SIZE - end))
    return _placed(picture, corner[0], corner[1])


def _in_the_middle(picture: Picture) -> Picture:
    """In a field of SIZE x SIZE with its own middle in the middle."""
    top, left = ((SIZE - side) // 2 for side in picture.shape)
    return _placed(picture, top, left)


def _placed(picture: Picture, top: int, left: int) -> Picture:
    """In a black field of SIZE x SIZE, its corner at row `top` and column `left`; what lies outside is cut off."""
    field = Image.new("L", (SIZE, SIZE))
    field.paste(Image.fromarray(picture), (left, top))
    return np.asarray(field)
