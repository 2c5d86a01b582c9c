"""cnnviz in a notebook and in a script: a network of the reader's own, its steps and its diagram. No Streamlit."""

import sys
from collections.abc import Sequence

from torch import nn

from cnnviz import tracing
from cnnviz.tracing import Shape, ShapeError
from cnnviz.ui.notebook.asked import asked, check_forms
from cnnviz.ui.notebook.drawing import Drawing
from cnnviz.ui.notebook.refusals import Misfit, Refused
from cnnviz.ui.notebook.rows import Rows

__all__ = ["Drawing", "Misfit", "Refused", "Rows", "show", "trace"]


def trace(model: nn.Module, *input_shapes: Shape) -> Rows:
    """See `cnnviz.trace`."""
    return _rows(*asked(model, input_shapes))


def show(model: nn.Module, *input_shapes: Shape, height: int = 110) -> Drawing:
    """See `cnnviz.show`."""
    network, shapes = asked(model, input_shapes)
    title = f"{type(network).__name__}: diagram"
    try:
        return Drawing(_rows(network, shapes), shapes, title, height, inputs=tracing.inputs_of(network))
    except Misfit as error:
        _display(Drawing(Rows(error.steps), shapes, title, height, error, tracing.inputs_of(network)))
        raise


def _rows(network: nn.Module, shapes: Sequence[Shape]) -> Rows:
    """The steps for inputs of `shapes`, each (N, ...). Raises Misfit and Refused."""
    try:
        steps = tracing.trace(network, *shapes)
    except ShapeError as error:
        check_forms(network, shapes, error.steps, is_stopped=True)
        raise Misfit(error) from None
    except ValueError as error:
        raise Refused(str(error)) from None
    check_forms(network, shapes, steps, is_stopped=False)
    return Rows(steps)


def _display(drawing: Drawing) -> None:
    """Show it now, where IPython runs; elsewhere nothing can be shown before the exception."""
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(drawing)
