"""One step at a time: the five lines of the loop, lit in turn, each with what it came to; played in the browser."""

from collections.abc import Sequence

import numpy as np

from cnnviz.lessons.train.loop import MEANT
from cnnviz.training.slow import SlowSteps
from cnnviz.ui.core import assets, component
from cnnviz.ui.core.packed import packed
from cnnviz.ui.core.theme import ROLES

ASSETS = assets.read(__file__)
NUMBERS = ("losses", "gradients", "rates", "sure", "shares", "slopes", "before", "after")


def slow(key: str, steps: SlowSteps, loop: Sequence[str], plain: bool) -> None:
    """Draw the steps, which play as soon as they are there. `plain`: a step takes rate times gradient off each weight
    and nothing else, so that the arithmetic can stand there."""
    images = steps.images.transpose(0, 2, 3, 1)
    data = {
        "lines": loop,
        "meant": MEANT,
        "classes": steps.classes,
        "shape": images.shape,
        "plain": plain,
        "weight": steps.weight,
        "parameters": steps.parameters,
        "colour": ROLES["input"],
    }
    whole = {"labels": steps.labels.astype(np.int32), "guesses": steps.guesses.astype(np.int32)}
    numbers = {name: getattr(steps, name) for name in NUMBERS}
    component.mount(ASSETS, key=key, data=packed(data, {"images": np.ascontiguousarray(images), **whole, **numbers}))
