"""Exercises of the Draw page: what becomes of a drawing before the network sees it."""

from cnnviz.data.drawing import BOX, SIZE
from cnnviz.inference import checkpoints
from cnnviz.lessons.common.exercise import Exercise, Mistake
from cnnviz.lessons.draw.settings import Draw

DRAWN = (300, 150)  # pixels that the ink is high and wide


def _side(settings: Draw) -> int:
    """The side of the picture that the network takes. Raises ValueError where the network does not ship."""
    path = checkpoints.shipped().get(settings.network)
    if path is None:
        raise ValueError(f"this exercise is about a network that ships, and {settings.network} is none")
    return checkpoints.load(path).card.input_shape[1]


EXERCISES = (
    Exercise(
        "frame",
        "A frame around it",
        lambda s: (
            f"A drawing becomes {SIZE} × {SIZE} pixels, and {s.network} takes {_side(s)} × {_side(s)}. How many "
            "cells of padding does it get on each side?"
        ),
        Draw(network="lenet5"),
        lambda settings: (_side(settings) - SIZE) // 2,
        ("Padding lies on both sides.", "Half of the difference lies in front, half behind."),
        (Mistake("This is both sides together.", lambda settings: _side(settings) - SIZE),),
        blurb="From the drawing to the picture that the network takes.",
    ),
    Exercise(
        "scale",
        "As MNIST scales it",
        f"MNIST makes the longer side of a digit {BOX} pixels and keeps its proportions. The ink is {DRAWN[0]} pixels "
        f"high and {DRAWN[1]} wide: how wide is it then?",
        Draw(network="lenet5"),
        lambda settings: BOX * DRAWN[1] / DRAWN[0],
        (
            "Height and width are made smaller by one factor.",
            f"The factor is {BOX} divided by the longer side.",
        ),
        (
            Mistake("This makes both sides the same; proportions are kept.", lambda settings: BOX),
            Mistake("This fills the whole picture; the digit is put into a smaller box.", lambda s: SIZE / 2),
        ),
    ),
)
