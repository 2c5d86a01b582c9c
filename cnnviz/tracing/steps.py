"""What is known about one step of a network."""

import inspect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from torch import nn

Shape = tuple[int, ...]
INPUT = "input"  # the name of the source that is the network's input


@dataclass(frozen=True)
class Step:
    """One operation. Shapes are (N, ...); kernel, stride, padding and dilation are (vertical, horizontal), or (length,)
    or (depth, vertical, horizontal).

    `operation` is the name of the class in torch.nn, also for a function or method that does the same; what
    torch.nn does not have is called by a word: Add, Concatenate, Reshape. `sources` are the steps that feed it.
    `module` is the path of the layer, empty for a function; `scope` the path of the block around it.

    `tensors` are the names and shapes of a layer's parameters, as its state_dict has them, counted here or before; of
    parameters that a function meets, or of which something is made before, as the network's state_dict has them.
    `arithmetic` writes the parameter count out, as in '(5 × 5 × 6 + 1) × 16'. A layer that is used again has its
    parameters on its first row and 0, with `reused`, on the others. `macs` counts multiply-accumulates for one image,
    bias not counted; FLOPs are twice as many. They are counted for convolutions, linear layers, matrix products,
    attention and recurrent layers; what is done with parameters alone counts where it meets what comes in.
    `memory` is the size of the output in bytes, for the whole batch, as float32.

    `receptive_field` and `jump` are in cells of the input, as receptive_field.py says; the jump is None where there are
    no neighbours, the receptive field where positions were rearranged.

    `along` are the axes of its first input along which it takes numbers together and which it keeps (along.py).
    `result` is the shape of what forward returned of it, of the first tensor where that were several; None for every
    other step, also for the last, which need not be the result.
    """

    name: str
    operation: str
    sources: tuple[str, ...]
    input_shapes: tuple[Shape, ...]
    output_shape: Shape
    module: str = ""
    scope: str = ""
    kernel: Shape | None = None
    stride: Shape | None = None
    padding: Shape | None = None
    dilation: Shape | None = None
    groups: int = 1
    tensors: tuple[tuple[str, Shape], ...] = ()
    parameters: int = 0
    arithmetic: str = ""
    reused: bool = False
    macs: int = 0
    memory: int = 0
    receptive_field: Shape | None = None
    jump: tuple[Fraction, ...] | None = None
    along: Shape = ()
    result: Shape | None = None

    @cached_property
    def input_shape(self) -> Shape:
        """The shape that the first source delivers."""
        return self.input_shapes[0]


def result_of(steps: Sequence[Step]) -> Step | None:
    """The step whose output forward returned; the last where nobody can tell, and None where there is none."""
    return next((step for step in steps if step.result is not None), steps[-1] if steps else None)


def result_shape(steps: Sequence[Step], input_shape: Shape) -> Shape:
    """The shape of what forward returned: that of its input where there is no step."""
    last = result_of(steps)
    return input_shape if last is None else last.output_shape if last.result is None else last.result


def ancestors(steps: Sequence[Step], sources: Iterable[str]) -> list[Step]:
    """The steps of those names, and all of which they are made, in their order."""
    known, found, left = {step.name: step for step in steps}, set[str](), list(sources)
    while left:
        name = left.pop()
        if name in known and name not in found:
            found.add(name)
            left += known[name].sources
    return [step for step in steps if step.name in found]


def input_names(count: int, names: Sequence[str] = ()) -> tuple[str, ...]:
    """What `count` inputs go by as sources: one alone is 'input', several have the `names` that forward gives them."""
    if count > 1 and len(set(names)) >= count:
        return tuple(names[:count])
    return (INPUT, *(f"{INPUT}_{number}" for number in range(2, count + 1)))


def inputs_of(network: nn.Module) -> tuple[str, ...]:
    """What the forward of a network calls what it takes, as far as it takes them one by one; () where nobody can tell,
    as of one that was compiled."""
    try:
        taken = inspect.signature(network.forward).parameters.values()
    except (TypeError, ValueError):
        return ()
    return tuple(one.name for one in taken if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD))


def around(path: str) -> Iterator[str]:
    """a, a.b and a.b.c of a.b.c."""
    parts = path.split(".") if path else []
    return (".".join(parts[: n + 1]) for n in range(len(parts)))
