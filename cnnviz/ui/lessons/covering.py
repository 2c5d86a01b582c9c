"""What a scene keeps back while an exercise is open. A hidden number is not sent to the browser: it is NaN here."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cnnviz.lessons.common.exercise import Cell
from cnnviz.ops.windows import Array, Geometry
from cnnviz.ui.components.stage import Output, Plane, Scene


def cover(scene: Scene, cells: Sequence[Cell]) -> Scene:
    """`scene` without the numbers in those cells of its outputs, and without what would tell them; the stage stands on
    the first of them."""
    values = {plane.id: plane.values.copy() for plane in scene.planes}
    outputs = list(scene.outputs)
    for cell in cells:
        output = outputs[cell.output]
        for plane in [output.plane, *([output.then[0]] if output.then else [])]:
            values[plane][cell.row, cell.col] = np.nan
        outputs[cell.output] = _without_winner(output, cell)
    planes = [replace(plane, values=values[plane.id]) for plane in scene.planes]
    return replace(scene, planes=planes, outputs=outputs, stands_on=position(scene, cells[0]))


def _without_winner(output: Output, cell: Cell) -> Output:
    """The output without the place of the cell's maximum."""
    if output.winners is None:
        return output
    winners = output.winners.copy()
    winners[cell.row, cell.col] = -1
    return replace(output, winners=winners)


def position(scene: Scene, cell: Cell) -> int:
    """Where the walk comes to the cell: outputs that fill together are one frame."""
    plane = scene.outputs[cell.output].plane
    frames = scene.frames or [[output.plane] for output in scene.outputs]
    frame = next(number for number, planes in enumerate(frames) if plane in planes)
    return (frame * scene.rows.outputs + cell.row) * scene.cols.outputs + cell.col


def every_cell(scene: Scene) -> list[Cell]:
    """All cells of all outputs."""
    rows, cols = range(scene.rows.outputs), range(scene.cols.outputs)
    return [Cell(row, col, output) for output in range(len(scene.outputs)) for row in rows for col in cols]


def cover_size(scene: Scene) -> Scene:
    """`scene` with the first window alone: how many there are is the question."""
    results = {plane for output in scene.outputs for plane in [output.plane, *(output.then or ())[:1]]}
    planes = [_unsized(plane) if plane.id in results else replace(plane, unreached=((), ())) for plane in scene.planes]
    outputs = [replace(output, divisors=_first(output.divisors), winners=None) for output in scene.outputs]
    label = scene.label.partition(", giving")[0]
    rows, cols = _first_window(scene.rows), _first_window(scene.cols)
    return replace(scene, label=label, planes=planes, outputs=outputs, rows=rows, cols=cols, stands_on=0)


def _unsized(plane: Plane) -> Plane:
    """One hidden cell, of a plane whose size is not told."""
    return replace(plane, values=np.full((1, 1), np.nan), note="? × ?")


def _first_window(axis: Geometry) -> Geometry:
    """The axis as if one window were all."""
    return replace(axis, taps=axis.taps[:1])


def _first(values: Array | None) -> Array | None:
    """The corner of a plane."""
    return None if values is None else values[:1, :1]
