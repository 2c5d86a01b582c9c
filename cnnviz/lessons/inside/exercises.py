"""Exercises of the Inside page: a unit's value by hand, from the numbers of a trained network on a test image."""

from functools import lru_cache
from math import prod

import numpy as np

from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.interpret import Anatomy, Arithmetic, arithmetic, examine
from cnnviz.lessons.common.exercise import Exercise, Mistake
from cnnviz.lessons.inside.settings import Inside
from cnnviz.ops.arithmetic import times


@lru_cache(maxsize=4)
def _anatomy(network: str, image: int) -> Anatomy:
    """What happens in a network that ships, on a test image. Raises ValueError where there is no such one."""
    path = checkpoints.shipped().get(network)
    if path is None:
        raise ValueError(f"this exercise is about a network that ships, and {network} is none")
    loaded = checkpoints.load(path)
    card, images = loaded.card, datasets.at_hand(loaded.card.dataset).x_test
    if image >= len(images):
        raise ValueError(f"there is no test image {image}; they are numbered from 0 to {len(images) - 1}")
    return examine(loaded.network, card.preprocessing(images[image : image + 1]))


def _anatomy_of(settings: Inside) -> Anatomy:
    """What happens on the page. Raises ValueError where it is a drawing or a file, which are not known here."""
    if settings.source != "test image":
        raise ValueError(f"this exercise looks at a test image, and the page at the {settings.source}")
    return _anatomy(settings.network, settings.image)


def _unit(settings: Inside, kind: str) -> Arithmetic:
    """How the unit of the settings came about. Raises ValueError where it is of another kind."""
    found = arithmetic(_anatomy_of(settings), settings.layer, (settings.channel, settings.row, settings.col))
    if found.kind != kind:
        raise ValueError(f"this exercise needs a {kind}, and {settings.layer} is a {found.kind}")
    return found


def _number(value: float) -> str:
    """A number as the question gives it, to three decimals."""
    return f"{value:.3f}"


# --- a maximum


def _cells(settings: Inside) -> np.ndarray:
    """The cells under the pooled unit."""
    return np.asarray(_unit(settings, "maximum").terms[0].inputs, dtype=float)


def _asks_maximum(settings: Inside) -> str:
    """The question, with the numbers of this picture."""
    under = ", ".join(_number(value) for value in _cells(settings).ravel())
    return (
        f"{settings.layer} takes the maximum. Under its unit {settings.channel}, {settings.row}, {settings.col} lie "
        f"{under}. What is its value?"
    )


# --- a convolution


def _bias(settings: Inside) -> float:
    """What the unit's map adds to every sum."""
    return float(_unit(settings, "convolution").bias or 0.0)


def _products(settings: Inside) -> float:
    """The sum over the window, before the bias."""
    return sum(term.sum for term in _unit(settings, "convolution").terms)


def _asks_sum(settings: Inside) -> str:
    """The question, with the numbers of this picture."""
    return (
        f"The products in the window of {settings.layer}'s unit {settings.channel}, {settings.row}, {settings.col} add "
        f"up to {_number(_products(settings))}, and the bias of its map is {_number(_bias(settings))}. "
        "What is its value?"
    )


# --- how many


def _units(settings: Inside) -> int:
    """How many units the layer has."""
    return int(_anatomy_of(settings).values[settings.layer].numel())


def _asks_units(settings: Inside) -> str:
    """The question, with the layer in it."""
    step = _anatomy_of(settings).step(settings.layer)
    shape = times(step.input_shape[1:])
    kernel = times(step.kernel or ())
    return (
        f"{settings.layer} lays {step.output_shape[1]} filters of {kernel} on an input of {shape}, without padding. "
        "How many units has it, over all its maps?"
    )


EXERCISES = (
    Exercise(
        "sum",
        "A sum and a bias",
        _asks_sum,
        Inside(layer="conv1", channel=0, row=10, col=12),
        lambda settings: _unit(settings, "convolution").value,
        ("The bias is added once, with its sign.", "ReLU is a step of its own and comes after this one."),
        (
            Mistake("This leaves the bias out.", _products),
            Mistake("This takes the bias off; it is added.", lambda settings: _products(settings) - _bias(settings)),
            Mistake(
                "This is what ReLU makes of it, which is the next step.",
                lambda settings: max(0.0, _unit(settings, "convolution").value),
            ),
            Mistake("Mind the sign.", lambda settings: -_unit(settings, "convolution").value),
        ),
        hides="stage",
        blurb="A unit of the first convolution: from the sum of its products to its value.",
    ),
    Exercise(
        "maximum",
        "A maximum",
        _asks_maximum,
        Inside(layer="pool1", channel=0, row=4, col=6),
        lambda settings: _unit(settings, "maximum").value,
        ("Only one of the cells gets through.", "It is the largest, whatever the others are."),
        (
            Mistake("This is their average.", lambda settings: float(_cells(settings).mean())),
            Mistake("This is their sum.", lambda settings: float(_cells(settings).sum())),
            Mistake("This is the smallest of them.", lambda settings: float(_cells(settings).min())),
        ),
        hides="stage",
        blurb="The four numbers under a unit of the first pooling, and what it makes of them.",
    ),
    Exercise(
        "units",
        "How many units",
        _asks_units,
        Inside(layer="conv1"),
        _units,
        (
            "Each filter makes one map; how large is it?",
            "Along one side: input - kernel + 1. Then filters × rows × columns.",
        ),
        (
            Mistake(
                "This takes maps as large as the input; without padding they are smaller.",
                lambda s: (
                    _anatomy_of(s).step(s.layer).output_shape[1] * prod(_anatomy_of(s).step(s.layer).input_shape[2:])
                ),
            ),
            Mistake("This is one map alone.", lambda s: prod(_anatomy_of(s).step(s.layer).output_shape[2:])),
        ),
        hides="stage",
        blurb="The units of the first convolution, over all its maps.",
    ),
)
