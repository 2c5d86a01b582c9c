"""Exercises of the Pooling page: one cell, maximum against average, the size of the output."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from cnnviz.lessons.common import presets, sizes
from cnnviz.lessons.common.exercise import Cell, Exercise, Mistake
from cnnviz.lessons.common.sizes import Axis
from cnnviz.lessons.pooling.settings import Pool
from cnnviz.links import Axes, cells

NAMES = {"max": "maximum", "average": "average", "l2": "L2 norm"}
KIND_OF = {"max": "max", "average": "average", "l2": "L2"}  # the page's word for one kind alone


def outputs(settings: Pool) -> tuple[int, int, int]:
    """How many outputs there are to hide cells of, their rows and columns."""
    return len(settings.kinds), *_output_size(settings)


# --- one cell


def _value_at(settings: Pool, at: Cell) -> float:
    """The number in a cell of an output. Raises ValueError where there is no such cell."""
    kinds, rows, cols = (outputs := settings.compute().outputs).shape
    if at.output >= kinds or at.row >= rows or at.col >= cols:
        raise ValueError(
            f"the output is {rows} × {cols} in {kinds} kinds and has no {at.place} of kind {at.output + 1}"
        )
    return float(outputs[at.output, at.row, at.col])


def cell(at: Cell) -> Exercise:
    """The exercise that asks for one cell of an output, whatever the settings are."""

    def as_kind(kind: str, **values: Any) -> Callable[[Pool], float]:
        return lambda settings: _value_at(replace(settings, kind=kind, **values), Cell(at.row, at.col))

    def sum_of_window(settings: Pool) -> float:
        kind = settings.kinds[at.output]
        return _value_at(settings, at) * float(settings.compute().results[kind][1][at.row, at.col])

    def other_divisor(settings: Pool) -> float:
        return _value_at(replace(settings, count_include_pad=not settings.count_include_pad), at)

    return Exercise(
        f"cell-{at.row + 1}-{at.col + 1}" + (f"-{at.output + 1}" if at.output else ""),
        "A hidden cell",
        lambda settings: f"Which number belongs into {at.place} of the {_kind_name(settings, at)}?",
        Pool(),
        lambda settings: _value_at(settings, at),
        (
            "Only the cells in the outlined window count.",
            "A maximum is the largest of them; an average is their sum, divided by how many there are.",
        ),
        (
            Mistake("This is the sum of the window, not divided.", sum_of_window),
            Mistake("This is the average of the window.", as_kind("average")),
            Mistake("This is the maximum of the window.", as_kind("max")),
            Mistake("This divides by another number: mind whether padding cells count.", other_divisor),
            Mistake(
                "This is another cell: the row comes first, then the column.",
                lambda settings: _value_at(settings, Cell(at.col, at.row, at.output)),
            ),
            Mistake(
                "This has the window in another place: mind the stride.",
                lambda settings: _value_at(replace(settings, stride=Axes(1, 1)), at),
            ),
        ),
        hides="cell",
        cell=at,
    )


def _kind_name(settings: Pool, at: Cell) -> str:
    """Which of the outputs it is, in words."""
    if at.output >= len(settings.kinds):
        raise ValueError(f"there is no output {at.output + 1}: {settings.kind} gives {len(settings.kinds)}")
    return NAMES[settings.kinds[at.output]]


# --- maximum against average

WINDOWS = ("top left", "top right", "bottom left", "bottom right")


def _closest(settings: Pool) -> str:
    """The window in which the average is closest to the maximum. Raises ValueError where there are not four."""
    results = settings.compute().results
    if "max" not in results or "average" not in results or results["max"][0].shape != (2, 2):
        raise ValueError(f"this exercise needs the maximum and the average of four windows, not {settings.kind}")
    return WINDOWS[int(np.argmin(results["max"][0] - results["average"][0]))]


AGAINST = Exercise(
    "against",
    "Maximum against average",
    "Four windows, each with its maximum and its average. In which of them are the two closest together?",
    Pool(x=cells([[9, 0, 5, 6], [0, 0, 6, 6], [1, 8, 3, 0], [2, 7, 9, 4]])),
    _closest,
    (
        "The average is pulled down by every cell that is smaller than the largest.",
        "Look for the window whose cells are most alike.",
    ),
    (
        Mistake(
            "This window has the largest maximum; the question is how far its average stays behind.",
            lambda settings: WINDOWS[int(settings.compute().results["max"][0].argmax())],
        ),
    ),
    kind="choice",
    choices=WINDOWS,
    hides="every cell",
)


# --- the size


def _output_size(settings: Pool) -> tuple[int, int]:
    """Rows and columns of the output."""
    rows, cols = settings.axes()
    return rows.outputs, cols.outputs


def _axes(settings: Pool) -> list[Axis]:
    """What the size formula takes."""
    return [Axis(n, k, s, p, p) for n, k, s, p in settings.sizing()]


def _asks_size(settings: Pool) -> str:
    """The question, with the numbers in it. Raises ValueError where there are no sliding windows."""
    if settings.reach != "window":
        raise ValueError(f"this exercise is about sliding windows, and they are {settings.reach}")
    (n, m), k, s = settings.size, settings.kernel, settings.stride
    ceil = ", in ceil mode" if settings.ceil_mode else ""
    padding = f", padding {settings.padding.h}" if settings.padding != (0, 0) else ""
    return f"Input {n} × {m}, window {k[0]} × {k[1]}, stride {s[0]}{padding}{ceil}: how large is the output?"


SIZE = Exercise(
    "size",
    "Output size",
    _asks_size,
    Pool(x=presets.INPUTS["Counting"], kind="max", kernel=Axes(3, 3)),
    _output_size,
    sizes.HINTS,
    sizes.size_mistakes(_axes),
    kind="size",
    hides="size",
)
CEILING = Exercise(
    "ceil-size",
    "Output size, rounded up",
    _asks_size,
    Pool(x=presets.INPUTS["Counting"], kind="max", kernel=Axes(3, 3), ceil_mode=True),
    _output_size,
    (
        "In ceil mode the last window may hang over the edge.",
        "Along one axis: ceil((input + padding on both sides - window) / stride) + 1.",
    ),
    (
        Mistake("This rounds down; ceil mode rounds up.", lambda s: _output_size(replace(s, ceil_mode=False))),
        *sizes.size_mistakes(_axes),
    ),
    kind="size",
    hides="size",
)

EXERCISES = (
    replace(
        cell(Cell(0, 1)),
        id="maximum",
        title="A maximum",
        settings=Pool(kind="max", kernel=Axes(3, 3), stride=Axes(1, 1)),
    ),
    replace(
        cell(Cell(0, 0)),
        id="average",
        title="An average at the edge",
        settings=Pool(kind="average", kernel=Axes(3, 3), padding=Axes(1, 1)),
        hints=(
            "The window hangs over the edge: part of it is padding, and padding is zero.",
            "PyTorch counts padding cells like the others, unless it is told not to (More).",
        ),
    ),
    AGAINST,
    SIZE,
    CEILING,
)
