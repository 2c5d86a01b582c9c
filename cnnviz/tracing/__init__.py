"""A model and an input shape give one row a step, and where the model does not fit its input, what would mend it.

The model is run once on a copy whose tensors lie on the meta device: shapes without numbers. Nothing is computed, no
weight is copied, and the model itself is not touched.
"""

from collections.abc import Sequence
from functools import cached_property, partial
from threading import Lock

from torch import nn

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.explaining import explain
from cnnviz.tracing.fixes import Fix, apply, suggest_fixes
from cnnviz.tracing.meta import weightless
from cnnviz.tracing.recorder import Stopped, record
from cnnviz.tracing.steps import INPUT, Shape, Step

__all__ = ["INPUT", "Fix", "Shape", "ShapeError", "Step", "Tracer", "apply", "scores", "trace"]


class ShapeError(ValueError):
    """A network that does not fit its input, told in one sentence.

    `layer` is the step that stops, `sources` are those that feed it, `steps` the rows before it, `sentence` what it
    wants and what it gets. `fixes`, what has been seen to mend it, are looked for when they are asked for; the
    error as text names them too.
    """

    def __init__(self, network: nn.Module, input_shape: Shape, stopped: Stopped, steps: Sequence[Step]):
        self.layer, self.sources, self.steps = stopped.name, stopped.sources, list(steps)
        self.sentence = explain(stopped, steps)
        self._suggest = partial(suggest_fixes, network, input_shape, stopped, self.steps)
        super().__init__(self.sentence)

    @cached_property
    def fixes(self) -> tuple[Fix, ...]:
        """Up to four changes, each verified by a trace; those first after which the network runs to its end."""
        return self._suggest()

    def __str__(self) -> str:
        use = ", or ".join(fix.text for fix in self.fixes)
        return f"{self.sentence}: use {use}" if use else self.sentence


def trace(model: nn.Module, input_shape: Shape) -> list[Step]:
    """One row a step of `model`, in evaluation mode, for an input of `input_shape` = (N, C, H, W), (N, C, L) or (N, F).

    The model is left as it was. Raises ShapeError, a ValueError, where a step does not take what arrives. Raises
    ValueError where the model cannot be followed: where it has lazy layers, decides by the values of a tensor, or
    stops by itself.
    """
    return Tracer(model).trace(input_shape)


class Tracer:
    """`trace` for many inputs of one model, which is copied once. Threads may share it."""

    def __init__(self, model: nn.Module):
        self.network, self._lock = weightless(model), Lock()

    def trace(self, input_shape: Shape) -> list[Step]:
        """The rows for an input of `input_shape`; raises as the function does."""
        with self._lock:
            steps, stopped = record(self.network, input_shape)
        if stopped is None:
            return steps
        raise ShapeError(weightless(self.network), input_shape, stopped, steps) from stopped.error


def scores(model: nn.Module, picture: Shape) -> int:
    """How many scores the model gives each picture (C, H, W), without computing them. Raises ValueError as `trace`
    does, and where they are not one row a picture."""
    tracer = Tracer(model)
    (one, *rest), two = _ends(tracer, (1, *picture)), _ends_of_two(tracer, picture)
    if (one, *two) != (1, 2, *rest):
        raise ValueError(
            f"the network makes {times(two)} numbers of 2 pictures, and pictures must not mix: leave the first axis, "
            "which is theirs, as it is, and end in nn.Flatten() and an nn.Linear with one output a class"
        )
    if len(rest) != 1:
        raise ValueError(
            f"the network ends in {times(rest)} numbers a picture; end it in nn.Flatten() and an nn.Linear with one "
            "output a class"
        )
    return rest[0]


def _ends(tracer: Tracer, input_shape: Shape) -> Shape:
    """The shape of the last step's output; of the input where there is no step."""
    steps = tracer.trace(input_shape)
    return steps[-1].output_shape if steps else input_shape


def _ends_of_two(tracer: Tracer, picture: Shape) -> Shape:
    """The same for two pictures at a time. Raises ValueError where the network takes one alone."""
    try:
        return _ends(tracer, (2, *picture))
    except ValueError as error:
        why = error.sentence if isinstance(error, ShapeError) else str(error)
        raise ValueError(
            f"the network takes one picture and not two at a time ({why}); leave the first axis, that of the pictures, "
            "as it is"
        ) from error
