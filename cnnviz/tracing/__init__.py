"""A model and an input shape give one row a step, and where the model does not fit its input, what would mend it.

The model is run once on a copy whose tensors lie on the meta device: shapes without numbers. Nothing is computed, no
weight is copied, and the model itself is not touched.
"""

from collections.abc import Sequence
from functools import cached_property, partial
from threading import Lock
from typing import Any

from torch import nn

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.batch import Mixed, mixing
from cnnviz.tracing.causes import cause_of
from cnnviz.tracing.edits import Fix
from cnnviz.tracing.explaining import explain
from cnnviz.tracing.fixes import Verify, apply, suggest_fixes
from cnnviz.tracing.meta import bare, weightless
from cnnviz.tracing.recorder import Stopped, record
from cnnviz.tracing.steps import INPUT, Shape, Step, input_names, inputs_of, result_of, result_shape

__all__ = [
    "INPUT",
    "Fix",
    "Mixed",
    "Shape",
    "ShapeError",
    "Step",
    "Tracer",
    "apply",
    "input_names",
    "inputs_of",
    "mixing",
    "result_of",
    "result_shape",
    "scores",
    "trace",
]


class ShapeError(ValueError):
    """A network that does not fit its input, told in one sentence.

    `layer` is the step that stops, `sources` are those that feed it, `steps` the rows before it, `sentence` what it
    wants and what it gets. `fixes`, what has been seen to mend it, are looked for when they are asked for; the
    error as text names them too. `verify` makes a change in the text of the network: see `suggest_fixes`.
    """

    def __init__(
        self,
        network: nn.Module,
        input_shape: Shape,
        stopped: Stopped,
        steps: Sequence[Step],
        verify: Verify | None = None,
        further: tuple[Shape, ...] = (),
    ):
        self.layer, self.sources, self.steps = stopped.name, stopped.sources, list(steps)
        cause = cause_of(network, input_shape, stopped, steps)
        self.sentence = cause.sentence if cause is not None else explain(stopped, steps)
        self._suggest = partial(
            suggest_fixes, network, input_shape, stopped, self.steps, verify=verify, further=further
        )
        super().__init__(self.sentence)

    @cached_property
    def fixes(self) -> tuple[Fix, ...]:
        """Up to four changes, each verified by a trace; those first after which the network runs to its end."""
        return self._suggest()

    def fixes_in_text(self, verify: Verify) -> tuple[Fix, ...]:
        """The same, with what only the text of the network can say: see `suggest_fixes`."""
        return self._suggest(verify=verify)

    def __reduce__(self) -> Any:
        """As another process has it: with what mends the network, and without the network."""
        state = {**vars(self), "fixes": self.fixes, "_suggest": partial(_found, self.fixes)}
        return type(self).__new__, (type(self), *self.args), state

    def __str__(self) -> str:
        use = ", or ".join(fix.text for fix in self.fixes)
        return f"{self.sentence}: use {use}" if use else self.sentence


def _found(fixes: tuple[Fix, ...], verify: Verify | None = None) -> tuple[Fix, ...]:
    """What mended a network that is not here any more."""
    return fixes


def trace(model: nn.Module, input_shape: Shape, *further: Shape) -> list[Step]:
    """One row a step of `model`, in evaluation mode, for an input of `input_shape` = (N, C, H, W), (N, C, L) or (N, F),
    and for `further` ones where it takes several, which go by the names that its forward gives them.

    The model is left as it was. Raises ShapeError, a ValueError, where a step does not take what arrives. Raises
    ValueError where the model cannot be followed: where it has lazy layers, decides by the values of a tensor, or
    stops by itself.
    """
    return Tracer(model, inputs=inputs_of(model)).trace(input_shape, *further)


class Tracer:
    """`trace` for many inputs of one model, which is copied once. Threads may share it. `verify` makes a change in the
    text of the model, for what its errors suggest; `inputs` are what forward calls its inputs, where it takes
    several. A model that has no weights and `is_free`, nobody else's, is not copied, and may have lazy
    layers that nothing has come to yet."""

    def __init__(
        self,
        model: nn.Module,
        verify: Verify | None = None,
        inputs: Sequence[str] = (INPUT,),
        is_free: bool = False,
    ):
        self.network = bare(model) if is_free else weightless(model)
        self.inputs, self._verify, self._lock = tuple(inputs), verify, Lock()

    def trace(self, input_shape: Shape, *further: Shape) -> list[Step]:
        """The rows for an input of `input_shape`, and for `further` ones of a network that takes several; raises as
        the function does."""
        with self._lock:
            steps, stopped = record(self.network, input_shape, *further, names=self.inputs)
        if stopped is None:
            return steps
        network = weightless(self.network, lazy=True)
        raise ShapeError(network, input_shape, stopped, steps, self._verify, further) from stopped.error


def scores(model: nn.Module, picture: Shape) -> int:
    """How many scores the model gives each picture (C, H, W), without computing them. Raises ValueError as `trace`
    does, where pictures mix or only one can be taken at a time (`mixing`), and where they are not one row a picture."""
    steps = Tracer(model).trace((1, *picture))
    mixed = next((one for one in mixing(model, (1, *picture)) if not one.trains), None)
    if mixed is not None:
        raise ValueError(f"the first axis is that of the images and has to stay theirs: {mixed.sentence}")
    rest = result_shape(steps, (1, *picture))[1:]
    if len(rest) != 1:
        raise ValueError(
            f"the network ends in {times(rest)} numbers a picture; end it in nn.Flatten() and an nn.Linear with one "
            "output a class"
        )
    return rest[0]
