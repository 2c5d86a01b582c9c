"""A model and an input shape give one row a step, and where the model does not fit its input, what would mend it.

The model is run once on a copy whose tensors lie on the meta device: shapes without numbers. Nothing is computed, no
weight is copied, and the model itself is not touched.
"""

from collections.abc import Sequence
from math import prod

from torch import nn

from cnnviz.tracing.explaining import explain
from cnnviz.tracing.mending import Remedy, apply, remedies
from cnnviz.tracing.meta import weightless
from cnnviz.tracing.recorder import Stopped, record
from cnnviz.tracing.steps import INPUT, Shape, Step, joined

__all__ = ["INPUT", "Remedy", "Shape", "ShapeError", "Step", "apply", "joined", "outputs", "trace"]


class ShapeError(ValueError):
    """A network that does not fit its input, told in one sentence.

    `layer` is the step that stops, `sources` are those that feed it, `steps` the rows before it, `remedies` what has
    been seen to mend it.
    """

    def __init__(self, stopped: Stopped, steps: Sequence[Step], found: tuple[Remedy, ...]):
        self.layer, self.sources, self.steps, self.remedies = stopped.name, stopped.sources, list(steps), found
        self.sentence = explain(stopped, steps)
        use = ", or ".join(remedy.text for remedy in found)
        super().__init__(f"{self.sentence}: use {use}" if use else self.sentence)


def trace(model: nn.Module, input_shape: Shape) -> list[Step]:
    """One row a step of `model`, in evaluation mode, for an input of `input_shape` = (N, C, H, W), (N, C, L) or (N, F).

    The model is left as it was. Raises ShapeError, a ValueError, where a step does not take what arrives. Raises
    ValueError where the model cannot be followed: where it has lazy layers, decides by the values of a tensor, or
    stops by itself.
    """
    network = weightless(model)
    steps, stopped = record(network, input_shape)
    if stopped is None:
        return steps
    raise ShapeError(stopped, steps, remedies(network, input_shape, stopped, steps)) from stopped.error


def outputs(model: nn.Module, input_shape: Shape) -> int:
    """How many numbers the model gives for one input (C, H, W), without computing them."""
    return prod(trace(model, (1, *input_shape))[-1].output_shape[1:])
