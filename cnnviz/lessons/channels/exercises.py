"""Exercises of the Channels page: the parameters of a layer, one cell of a feature map, the shape of the output."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cnnviz.lessons.channels.settings import MAX_CHANNELS, Channels
from cnnviz.lessons.common import sizes
from cnnviz.lessons.common.exercise import Cell, Exercise, Mistake
from cnnviz.lessons.common.sizes import Axis
from cnnviz.links import Axes, cells
from cnnviz.ops.arithmetic import convolution_parameters

NO_BIAS = (cells([[0]]),) * MAX_CHANNELS


def outputs(settings: Channels) -> tuple[int, int, int]:
    """How many outputs there are to hide cells of, their rows and columns."""
    return _shape(settings)


# --- one cell


def _value_at(settings: Channels, at: Cell) -> float:
    """The number in a cell of a feature map. Raises ValueError where there is no such cell."""
    maps, rows, cols = (output := settings.compute().output).shape
    if at.output >= maps or at.row >= rows or at.col >= cols:
        raise ValueError(f"the output is {maps} maps of {rows} × {cols} and has no {at.place} of y[{at.output}]")
    return float(output[at.output, at.row, at.col])


def cell(at: Cell) -> Exercise:
    """The exercise that asks for one cell of a feature map, whatever the settings are."""

    def changed(**values: Any) -> Callable[[Channels], float]:
        return lambda settings: _value_at(replace(settings, **values), at)

    return Exercise(
        f"cell-{at.row + 1}-{at.col + 1}" + (f"-{at.output + 1}" if at.output else ""),
        "A hidden cell",
        f"Which number belongs into {at.place} of the feature map y[{at.output}]?",
        Channels(),
        lambda settings: _value_at(settings, at),
        (
            "Every channel has a window of its own, and in this filter a kernel of its own.",
            "Multiply and add up channel by channel, then add the sums, and the filter's bias once.",
        ),
        (
            Mistake("This leaves the bias out.", changed(b=NO_BIAS)),
            Mistake("This is the first channel alone: the others add to it.", lambda s: _first_channel(s, at)),
            Mistake("This adds the bias once for every channel; it counts once.", lambda s: _bias_each_time(s, at)),
            Mistake("This leaves the padding out.", changed(padding=Axes(0, 0))),
            Mistake(
                "This is another cell: the row comes first, then the column.",
                lambda s: _value_at(s, Cell(at.col, at.row, at.output)),
            ),
            Mistake("This is the same cell of another map.", lambda s: _value_at(s, _other_map(s, at))),
        ),
        hides="cell",
        cell=at,
    )


def _first_channel(settings: Channels, at: Cell) -> float:
    """The cell without the other channels: their kernels are zero."""
    first = settings.sources(at.output)[0]
    k_h, k_w = settings.kernel
    nothing = cells([[0] * k_w] * k_h)
    place = at.output * MAX_CHANNELS + first
    kernels = tuple(kernel if index == place else nothing for index, kernel in enumerate(settings.w))
    return _value_at(replace(settings, w=kernels), at)


def _bias_each_time(settings: Channels, at: Cell) -> float:
    """The cell with its bias added for each channel."""
    times = len(settings.sources(at.output))
    return _value_at(settings, at) + (times - 1) * float(settings.bias()[at.output])


def _other_map(settings: Channels, at: Cell) -> Cell:
    """The same cell of the next map."""
    return replace(at, output=(at.output + 1) % settings.filters)


# --- parameters


def _parameters(settings: Channels, bias: bool = True) -> int:
    """Weights and biases of the layer."""
    return convolution_parameters(
        settings.channels, settings.filters, *settings.kernel, groups=settings.groups, bias=bias
    )


def _asks_parameters(settings: Channels) -> str:
    """The question, with the layer in it."""
    k_h, k_w = settings.kernel
    groups = f", in {settings.groups} groups" if settings.groups > 1 else ""
    return (
        f"{settings.channels} channels, {settings.filters} filters of {k_h} × {k_w}{groups}: how many parameters "
        "(weights and biases) has the layer?"
    )


PARAMETER_MISTAKES = (
    Mistake("This leaves the biases out: every filter has one.", lambda settings: _parameters(settings, bias=False)),
    Mistake(
        "This counts one kernel for each filter: a filter has one for every channel that it sees.",
        lambda settings: convolution_parameters(1, settings.filters, *settings.kernel),
    ),
    Mistake("This is one filter alone.", lambda settings: _parameters(settings) // settings.filters),
    Mistake("This adds one bias for the layer; every filter has its own.", lambda s: _parameters(s, bias=False) + 1),
    Mistake(
        "This gives every kernel a bias; a filter has one for all its kernels.",
        lambda s: _parameters(s, bias=False) + s.filters * len(s.sources(0)),
    ),
    Mistake(
        "This is the layer without groups: here a filter sees only the channels of its group.",
        lambda settings: _parameters(replace(settings, groups=1)),
    ),
)


def _parameter_exercise(name: str, title: str, settings: Channels, hints: tuple[str, ...]) -> Exercise:
    """The exercise that asks for the parameters of the layer."""
    return Exercise(name, title, _asks_parameters, settings, _parameters, hints, PARAMETER_MISTAKES)


# --- the shape


def _shape(settings: Channels) -> tuple[int, int, int]:
    """(filters, rows, columns) of the output."""
    rows, cols = settings.axes()
    return settings.filters, rows.outputs, cols.outputs


def _axes(settings: Channels) -> list[Axis]:
    """What the size formula takes."""
    numbers = zip(settings.size, settings.kernel, settings.stride, settings.padding)
    return [Axis(n, k, s, p, p) for n, k, s, p in numbers]


SHAPE = Exercise(
    "shape",
    "Shape of the output",
    lambda s: (
        f"{s.channels} channels of {s.size[0]} × {s.size[1]}, {s.filters} filters of {s.kernel[0]} × {s.kernel[1]}, "
        f"stride {s.stride.h}, padding {s.padding.h}: what shape has the output, "
        "(channels, rows, columns)?"
    ),
    Channels(filters=4),
    _shape,
    ("Every filter makes one feature map, however many channels it looks at.", *sizes.HINTS[1:]),
    (
        Mistake("The output has as many channels as there are filters.", lambda s: (s.channels, *_shape(s)[1:])),
        *sizes.size_mistakes(_axes, lambda s: (s.filters,)),
    ),
    kind="size",
    hides="size",
)

EXERCISES = (
    replace(cell(Cell(0, 0)), id="cell", title="One cell", settings=Channels(padding=Axes(0, 0), stride=Axes(1, 1))),
    SHAPE,
    _parameter_exercise(
        "parameters",
        "Parameters of a layer",
        Channels(filters=4),
        (
            "How many weights has one filter? It has a kernel for every channel.",
            "(kernel rows × kernel columns × channels + 1) × filters.",
        ),
    ),
    _parameter_exercise(
        "depthwise",
        "Parameters, depthwise",
        Channels(filters=3, groups=3),
        (
            "As many groups as channels: every filter sees one channel alone.",
            "(kernel rows × kernel columns × channels of a group + 1) × filters.",
        ),
    ),
)
