"""What only a trace of many images tells of one: a squeeze that takes away the axis of a single image, which axes it
takes of many, a run in which one image is squeezed as each of many is, and whether a view's rows grow with the images.
"""

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from cnnviz.tracing.meta import weightless
from cnnviz.tracing.operations import function_name
from cnnviz.tracing.recorder import Stopped, record
from cnnviz.tracing.steps import INPUT, Shape, Step

MANY = 11  # images, whose axis no squeeze takes away


def _axes_taken(args: Sequence[Any], kwargs: dict[str, Any]) -> Shape:
    """The axes that a squeeze takes away, called so: of those meant, all without a dim, which are of size 1."""
    x, rank = args[0], max(1, args[0].dim())
    dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
    meant = range(rank) if dim is None else (dim,) if isinstance(dim, int) else dim
    axes = {axis % rank for axis in meant if isinstance(axis, int)}
    return tuple(axis for axis, size in enumerate(x.shape) if size == 1 and axis in axes)


def _is_squeeze(function: Callable[..., Any]) -> bool:
    """Whether a function of torch is x.squeeze or torch.squeeze, which leave their tensor as it is."""
    return getattr(function, "__name__", "") == function_name(function) == "squeeze"


def losing_the_image(one: Sequence[Step], many: Sequence[Step]) -> list[Step]:
    """The squeezes after which one image has fewer axes than each of many, of two traces of the same network."""
    return [
        single
        for single, several in zip(one, many, strict=False)
        if (single.name, single.operation) == (several.name, "Squeeze")
        and len(single.input_shape) == len(several.input_shape)
        and len(single.output_shape) < len(several.output_shape)
    ]


class Squeezes(TorchFunctionMode):
    """Writes down which axes each squeeze takes away; where those of another run are given, it takes away the same."""

    def __init__(self, given: Sequence[Shape] | None = None) -> None:
        super().__init__()
        self.taken: list[Shape] = []
        self.given = given

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if not _is_squeeze(function) or not args or not isinstance(args[0], Tensor):
            return function(*args, **kwargs)
        axes = _axes_taken(args, kwargs)
        if self.given is not None and len(self.taken) < len(self.given):
            same = self.given[len(self.taken)]
            args, kwargs = ((args[0], same), {}) if set(same) <= set(axes) else (args, kwargs)
        self.taken.append(axes)
        return function(*args, **kwargs)


def record_as_many(
    network: nn.Module, inputs: Sequence[Shape], taken: Sequence[Shape], names: Sequence[str] = (INPUT,)
) -> tuple[list[Step], Stopped | None]:
    """What `record` gives for one image whose axes are taken away as `taken` says, those of each squeeze of many."""
    with Squeezes(taken):
        return record(network, *inputs, names=names)


def squeezed_apart(network: nn.Module, input_shape: Shape, steps: Sequence[Step]) -> tuple[Step, Shape] | None:
    """The first squeeze of `steps`, those of one image up to where it stopped, that took away its axis, with the axes
    that it takes of many; None where it is not why: where one image, squeezed as many are, comes no further."""
    if input_shape[:1] != (1,) or not any(step.operation == "Squeeze" for step in steps):
        return None
    noting, network = Squeezes(), weightless(network, lazy=True)
    with noting:
        many, _ = record(network, (MANY, *input_shape[1:]))
    lost = losing_the_image(steps, many)
    further, stopped = record_as_many(network, (input_shape,), noting.taken)
    if not lost or (stopped is not None and len(further) <= len(steps)):
        return None
    squeezes = [step.name for step in many if step.operation == "Squeeze"]
    return lost[0], noting.taken[squeezes.index(lost[0].name)]


def rows_grow(network: nn.Module, input_shape: Shape, step: Step) -> bool:
    """Whether the first axis of what a step gives grows with the number of images, as a trace of many says."""
    try:
        many, _ = record(weightless(network, lazy=True), (MANY, *input_shape[1:]))
    except ValueError:  # it cannot be followed so, as where it takes several inputs
        return False
    rows = next((one.output_shape[:1] for one in many if one.name == step.name), ())
    return [size * input_shape[0] for size in rows] == [size * MANY for size in step.output_shape[:1]]
