"""numpy's arrays, of which texts make small tables of numbers: one axis is a row, several are a tensor of torch's."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from cnnviz.networks.source import bounds, functions, tables
from cnnviz.networks.source.values import Array, Known

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

MAX_AXES = 8  # of a grid


def array(items: Iterable[Any], kind: Any = None) -> Array:
    """A row of numpy's; of a kind of floating numbers, its whole numbers are floating, too."""
    made = Array(items)
    made.kind = kind if isinstance(kind, torch.dtype) else None
    if made.kind is not None and made.kind.is_floating_point:
        made[:] = [float(one) if isinstance(one, int) else one for one in made]
    return made


def from_numpy(interpreter: Interpreter, node: ast.AST, value: Any) -> Any:
    """torch.from_numpy: a tensor of the same numbers, of numpy's own type where none was given."""
    if isinstance(value, Tensor):
        return value
    if not isinstance(value, Array):
        raise interpreter.wrong(node, f"from_numpy wants an array, and this is {bounds.describe(value)}")
    return _tensor(interpreter, node, value)


def _tensor(interpreter: Interpreter, node: ast.AST, value: Array) -> Tensor:
    made: Tensor = interpreter.call(tables.MADE["tensor"], [list(value)], {"dtype": torch.float64}, node)
    whole = "." not in bounds.written(interpreter, list(value), node)
    return made.to(value.kind or (torch.int64 if whole else torch.float64))


def _array(interpreter: Interpreter, node: ast.AST, value: Any, dtype: Any = None) -> Array | Tensor:
    """np.array of numbers in a row, or of rows of them."""
    if isinstance(value, Tensor):
        return value
    return array(bounds.light(interpreter, list(interpreter.items(value, node)), node), dtype)


def _spaced(interpreter: Interpreter, node: ast.AST, start: Any, stop: Any, num: Any = 50) -> Array:
    """np.linspace: as numpy computes it, start + i * (stop - start) / (num - 1), the last exactly `stop`."""
    numbers_given = all(isinstance(one, int | float) for one in (start, stop))
    if type(num) is not int or not 0 <= num <= bounds.MAX_WEIGHT or not numbers_given:
        raise interpreter.wrong(node, f"linspace takes two numbers and how many, up to {bounds.MAX_WEIGHT:,}")
    step = (stop - start) / max(1, num - 1)
    return Array([start + i * step for i in range(num - 1)] + [float(stop if num > 1 else start)] * (num > 0))


def _stepped(interpreter: Interpreter, node: ast.AST, *args: Any) -> Array:
    """np.arange of whole numbers."""
    return Array(functions.range_(interpreter, node, *args))


def _filled(value: float, interpreter: Interpreter, node: ast.AST, shape: Any, dtype: Any = None) -> Array | Tensor:
    """np.zeros and np.ones."""
    return _full(interpreter, node, shape, value, dtype)


def _full(interpreter: Interpreter, node: ast.AST, shape: Any, value: Any, dtype: Any = None) -> Array | Tensor:
    """np.full."""
    sizes = [shape] if isinstance(shape, int) else list(interpreter.items(shape, node))
    if len(sizes) != 1:
        kind = dtype if isinstance(dtype, torch.dtype) else torch.float64
        made: Tensor = interpreter.call(tables.MADE["full"], [tuple(sizes), value], {"dtype": kind}, node)
        return made
    if type(sizes[0]) is not int or not 0 <= sizes[0] <= bounds.MAX_WEIGHT:
        raise interpreter.wrong(node, f"a row of numbers has a whole number of places, up to {bounds.MAX_WEIGHT:,}")
    return array([value] * sizes[0], dtype)


def _identity(interpreter: Interpreter, node: ast.AST, *sizes: Any, dtype: Any = None) -> Tensor:
    """np.eye and np.identity."""
    kind = dtype if isinstance(dtype, torch.dtype) else torch.float64
    made: Tensor = interpreter.call(tables.MADE["eye"], [*sizes[:2]], {"dtype": kind}, node)
    return made


def grid(interpreter: Interpreter, node: ast.AST, index: Any) -> tuple[Tensor, ...]:
    """np.ogrid[:k, :k]: for each axis the numbers along it, as a tensor that is that long along it alone; whole numbers
    as float64, as which they go on where anything is divided."""
    slices = index if isinstance(index, tuple) else (index,)
    if len(slices) > MAX_AXES:
        raise interpreter.wrong(node, f"ogrid has {len(slices):,} axes here, and {MAX_AXES} are the most")
    if not all(isinstance(one, slice) and type(one.stop) is int for one in slices):
        raise interpreter.wrong(node, "ogrid is read with a whole number behind each colon, as in np.ogrid[:4, :4]")
    rows = [
        interpreter.call(
            tables.MADE["arange"], [one.start or 0, one.stop, one.step or 1], {"dtype": torch.float64}, node
        )
        for one in slices
    ]
    return tuple(row.view([-1 if axis == at else 1 for axis in range(len(rows))]) for at, row in enumerate(rows))


def shaped(interpreter: Interpreter, node: ast.AST, row: Array, *shape: Any) -> Any:
    """array.reshape(...): a tensor, for it has several axes."""
    sizes = shape[0] if len(shape) == 1 and isinstance(shape[0], list | tuple) else shape
    return interpreter.call(tables.METHODS["reshape"], [_tensor(interpreter, node, row), tuple(sizes)], {}, node)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "array": _array,
    "asarray": _array,
    "linspace": _spaced,
    "arange": _stepped,
    "full": _full,
    "zeros": partial(_filled, 0.0),
    "ones": partial(_filled, 1.0),
    "eye": _identity,
    "identity": _identity,
    "ogrid": grid,
}
OF_NUMPY = {name: Known(name, call, ours=True) for name, call in _FUNCTIONS.items()}
GRID = OF_NUMPY["ogrid"]  # which is asked by an index, and not called
