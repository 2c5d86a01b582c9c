"""The matrices of affine_grid and the grid of grid_sample, as in a spatial transformer, in other sizes than they have
to have: what is said of them, and the view that is right."""

from collections.abc import Iterator
from math import prod

from torch import nn

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.cases import Case, Cause
from cnnviz.tracing.edits import Argument, Edit, Fix, Set, Several, Wrap, changeable
from cnnviz.tracing.explaining import called
from cnnviz.tracing.steps import Shape, Step

_MATRIX = {4: (2, 3), 5: (3, 4)}  # by the axes of the images, with the batch


def gridded(case: Case) -> Cause | None:
    """Matrices that are not two rows of three, or a grid that does not have two numbers for each place."""
    name = case.stopped.name.rpartition(".")[2]
    if name == "affine_grid":
        return _matrices(case)
    return _grid(case) if name == "grid_sample" else None


def _matrices(case: Case) -> Cause | None:
    settings, shape = case.stopped.operation.settings, case.shape
    size = settings.get("size", next(iter(settings.get("positional", ())), ()))
    rank = len(size) if isinstance(size, tuple | list) else 0
    if rank not in _MATRIX:
        if rank == 0:
            return None
        said = f"{case.name} wants the size of images with their batch, N × C × H × W, and is given {times(size)}"
        return Cause(f"{said}: x.size() of what is to be turned", ())
    matrix = _MATRIX[rank]
    if shape[1:] == matrix or not shape:
        return None
    sentence = (
        f"{case.name} takes a matrix of {times(matrix)} for each image, and {case.source(0)} delivers "
        f"{times(shape[1:])}"
    )
    return Cause(sentence, tuple(_viewed(case, matrix)))


def _viewed(case: Case, matrix: Shape) -> Iterator[Fix]:
    """The view before in those sizes; a view of the row that arrives; as many features as the matrix has numbers."""
    step, shape, count = _origin(case), case.shape, prod(matrix)
    sizes = ", ".join(map(str, (-1, *matrix)))
    wider = tuple(_features(case, count)) if prod(shape[1:]) != count else ()
    if prod(shape[1:]) != count and not wider:
        return
    and_then = f" and out_features={count} in {wider[0].path}" if wider else ""
    if step is not None and step.operation in ("Reshape", "Unflatten", "Flatten") and not step.module:
        name = called(step.name, step.operation)
        for first in (None, -1):
            kept = (first, *matrix)
            yield _fix(f"{sizes} in {name}{and_then}", Argument(step.name, "sizes", kept), wider)
    else:
        yield _fix(f"x.view({sizes}) before {case.name}{and_then}", Wrap(case.call, f"{{}}.view({sizes})"), wider)


def _fix(text: str, edit: Edit, wider: tuple[Set, ...]) -> Fix:
    return Fix(text, "call", Several((edit, *wider)) if wider else edit)


def _features(case: Case, count: int) -> Iterator[Set]:
    """So many features from the last linear layer before."""
    linear = [step for step in case.ancestors() if step.operation == "Linear" and step.module]
    if linear and isinstance(changeable(case.network, linear[-1].module), nn.Linear):
        yield Set(linear[-1].module, "out_features", count)


def _origin(case: Case) -> Step | None:
    return next((one for one in case.steps if case.stopped.sources[:1] == (one.name,)), None)


def _grid(case: Case) -> Cause | None:
    shapes = case.stopped.shapes
    if len(shapes) != 2 or len(shapes[0]) not in _MATRIX:
        return None
    images, grid = shapes
    axes = len(images) - 2
    if len(grid) == len(images) and grid[-1] == axes and grid[0] == images[0]:
        return None
    where = times((*("depth", "height", "width")[3 - axes :], axes))
    said = f"{case.name} wants a grid of {where} for each image, and {case.source(1)} delivers {times(grid[1:])}"
    is_matrix = grid[1:] == _MATRIX[len(images)]
    return Cause(f"{said}: F.affine_grid makes one of such a matrix" if is_matrix else said, ())
