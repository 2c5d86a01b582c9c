"""cnnviz in a notebook and in a script: a network of the reader's own, its steps and its diagram. No Streamlit."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from torch import nn

from cnnviz import tracing
from cnnviz.tracing import Shape, ShapeError
from cnnviz.ui.notebook.drawing import Drawing
from cnnviz.ui.notebook.refusals import Misfit, Refused
from cnnviz.ui.notebook.rows import Rows

__all__ = ["Drawing", "Misfit", "Refused", "Rows", "show", "trace"]


def trace(model: nn.Module, *input_shapes: Shape) -> Rows:
    """See `cnnviz.trace`."""
    return _rows(*_asked(model, input_shapes))


def show(model: nn.Module, *input_shapes: Shape, height: int = 110) -> Drawing:
    """See `cnnviz.show`."""
    network, shapes = _asked(model, input_shapes)
    title = f"{type(network).__name__}: diagram"
    try:
        return Drawing(_rows(network, shapes), shapes, title, height, inputs=tracing.inputs_of(network))
    except Misfit as error:
        _display(Drawing(Rows(error.steps), shapes, title, height, error, tracing.inputs_of(network)))
        raise


def _rows(network: nn.Module, shapes: Sequence[Shape]) -> Rows:
    """The steps for inputs of `shapes`, each (N, ...). Raises Misfit and Refused."""
    try:
        return Rows(tracing.trace(network, *shapes))
    except ShapeError as error:
        if _runs(network, [shape[1:] for shape in shapes]):
            raise Refused(
                f"a shape is without the batch: write {_written(shape[2:] for shape in shapes)} in place of "
                f"{_written(shape[1:] for shape in shapes)}, with which the network runs"
            ) from None
        raise Misfit(error) from None
    except ValueError as error:
        raise Refused(str(error)) from None


def _runs(network: nn.Module, shapes: Sequence[Shape]) -> bool:
    """Whether the network takes inputs of `shapes`, each (N, ...)."""
    try:
        return all(len(shape) > 1 for shape in shapes) and bool(tracing.trace(network, *shapes))
    except ValueError:
        return False


def _asked(model: Any, input_shapes: tuple[Any, ...]) -> tuple[nn.Module, list[Shape]]:
    """The network and the shapes of its inputs for one image, as far as they are such. Raises Refused."""
    if isinstance(model, type) and issubclass(model, nn.Module):
        raise Refused(f"{model.__name__} is a class, and a network is made by calling it: {model.__name__}()")
    if not isinstance(model, nn.Module):
        raise Refused(f"a network is an nn.Module of PyTorch, and this is of type {type(model).__name__}")
    if not input_shapes or not all(map(_is_shape, input_shapes)):
        raise Refused(
            "after the network comes the shape of its input without the batch, in parentheses, such as (1, 28, 28) or "
            f"(784,); here it is {_written(input_shapes) or 'missing'}"
        )
    return model, [(1, *shape) for shape in input_shapes]


def _is_shape(given: Any) -> bool:
    """Whether it is a sequence of whole numbers from 1 on."""
    return isinstance(given, (tuple, list)) and bool(given) and all(type(n) is int and n > 0 for n in given)


def _written(given: Iterable[Any]) -> str:
    """What was given, in few letters; a tensor by its shape."""
    words = [f"a tensor of {tuple(one.shape)}" if hasattr(one, "shape") else repr(one) for one in given]
    return ", ".join(word if len(word) <= 60 else f"{word[:59]}…" for word in words)


def _display(drawing: Drawing) -> None:
    """Show it now, where IPython runs; elsewhere nothing can be shown before the exception."""
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(drawing)
