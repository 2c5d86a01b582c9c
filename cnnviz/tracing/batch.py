"""Whether a network treats every image by itself: what one image and what N images give, step by step.

N is the smallest prime from 11 on that neither equals nor divides any size of the trace of one image: so no size can be
taken for it. A step is independent of the batch where its two shapes differ in one axis alone, 1 and N, which is the
first where nothing has moved it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import prod
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.overrides import TorchFunctionMode

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.causes import cause_of
from cnnviz.tracing.explaining import called, explain
from cnnviz.tracing.meta import weightless
from cnnviz.tracing.operations import function_name
from cnnviz.tracing.recorder import Stopped, record
from cnnviz.tracing.steps import INPUT, Shape, Step

MIN_BATCH = 11
ALONG_AN_AXIS = {"softmax", "log_softmax", "softmin", "normalize", "cumsum", "cumprod", "sort", "flip", "roll"}
BATCHED_LATER = (nn.RNNBase, nn.MultiheadAttention)  # which take (length, N, features) unless told otherwise
WIDENED = {"Unsqueeze", "Slice", "Expand", "Reshape"}  # what is made so to be repeated
MOVING = {"Permute", "Transpose", "Movedim", "Moveaxis", "Swapaxes", "Swapdims"}

# where the images of a tensor stand and how many rows each has there, several of the windows of an image, say, which
# another view parts again; None where they are mixed
_Axis = tuple[int, int] | None
_FREE = (-1, 1)  # of what is made of no image: zeros of the same type


@dataclass(frozen=True)
class Mixed:
    """A step at which the images of a batch meet, or at which their number changes, in a sentence without a full stop.

    `kind` is one of rows (their number changes), mixed, moved (their axis), dim (along their axis), lstm, alone (one
    image runs and several do not), several (the other way round), broadcast, norm (one image in training) and maps (a
    linear layer on maps). `trains` says whether each image still has a row of its own, so that it can be trained.
    """

    step: str
    kind: str
    sentence: str
    trains: bool = False


def mixing(network: nn.Module, input_shape: Shape) -> tuple[Mixed, ...]:
    """Where `network` does not treat every image of an input (N, ...) by itself; () where it does. In evaluation mode,
    but for what is said of batch norm.

    A network that runs neither for one image nor for the N of `input_shape` gives (). Raises ValueError where it cannot
    be followed, as `trace` does.
    """
    own = weightless(network)
    one, stopped = record(own, (1, *input_shape[1:]))
    if stopped is not None:
        return _only_several(own, input_shape, stopped, one)
    number = coprime(one, input_shape)
    axes = _Axes()
    with axes:
        many, now = record(own, (number, *input_shape[1:]))
    if now is not None:
        return (*_first_changed(own, one, many, number), _only_one(own, (number, *input_shape[1:]), now, many))[:1]
    return tuple(_compared(own, one, many, number, axes.met))


def coprime(steps: Sequence[Step], input_shape: Shape) -> int:
    """The smallest prime from 11 on that neither equals nor divides any size of the input, of the steps or of their
    parameters."""
    sizes = set(input_shape[1:])
    for step in steps:
        shapes = (*step.input_shapes, step.output_shape, *(shape for _, shape in step.tensors))
        sizes |= {size for shape in (*shapes, step.kernel or (), step.stride or ()) for size in shape}
    return next(
        number
        for number in count(MIN_BATCH)
        if all(number % low for low in range(2, int(number**0.5) + 1))
        and all(size % number or not size for size in sizes)
    )


class _Axes(TorchFunctionMode):
    """Writes down along which axis each softmax and its like was taken."""

    def __init__(self) -> None:
        super().__init__()
        self.met: list[tuple[str, int, Shape]] = []

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = function_name(function)
        if name in ALONG_AN_AXIS and args and isinstance(args[0], Tensor):
            self._note(name, args[0], kwargs.get("dim", kwargs.get("dims", args[1] if len(args) > 1 else None)))
        return function(*args, **kwargs)

    def _note(self, name: str, x: Tensor, dim: Any) -> None:
        rank = x.dim()
        if dim is None:  # what torch takes then: F._get_softmax_dim
            dim = 0 if rank in (0, 1, 3) else 1
        dims = dim if isinstance(dim, tuple | list) else (dim,)
        self.met += [(name, int(one) % max(1, rank), tuple(x.shape)) for one in dims if isinstance(one, int)]


def _compared(
    network: nn.Module, one: Sequence[Step], many: Sequence[Step], number: int, dims: Sequence[tuple[str, int, Shape]]
) -> Iterator[Mixed]:
    """What the two traces say, step by step."""
    left, moved, folded = list(dims), False, ""
    where: dict[str, _Axis] = {INPUT: (0, 1)}
    modules = dict(network.named_modules())
    if [step.name for step in one] != [step.name for step in many]:
        yield Mixed("", "rows", f"the network does other steps for {number} images than for one")
        return
    for single, several in zip(one, many, strict=True):
        axis = _axis(single.output_shape, several.output_shape, number)
        before = [where.get(source) for source in several.sources if where.get(source) != _FREE]
        if not before or several.operation.startswith("New "):
            axis = _FREE
        where[several.name] = axis
        along = _along(several, left)
        folded = folded or (several.name if axis is not None and axis[1] > 1 else "")
        if None in before or axis == _FREE:
            continue  # said already, or nothing to say
        if axis is None:
            yield _changed(several, number)
        elif along is not None and before[0] is not None and along == before[0][0]:
            yield _mixes_along(several, along)
        else:
            yield from _remarks(several, single, modules.get(several.module) if several.module else None, before)
            made = {step.name: step.operation for step in many}
            if several.operation == "Add" and WIDENED.isdisjoint(made.get(source) for source in several.sources):
                yield from _repeated(several)
            if several.operation == "Linear" and len(several.input_shape) == 4 and not moved:
                yield _on_maps(several)
        moved = moved or several.operation in MOVING
    end = where[many[-1].name] if many else None
    if end is not None and end[1] > 1:
        yield _changed(next(step for step in many if step.name == folded), number)
    elif end is not None and end[0] != 0:
        text = f"{_named(many[-1])} ends with the images along axis {end[0]} and not along the first"
        yield Mixed(many[-1].name, "moved", text)


def _mixes_along(step: Step, axis: int) -> Mixed:
    """A softmax or its like over the images."""
    dim = 1 if axis == 0 else -1
    text = f"{_named(step)} goes along axis {axis}, which is that of the images, so that they mix"
    return Mixed(
        step.name, "dim", f"{text}, and one image by itself always gives the same; dim={dim} keeps them apart", True
    )


def _axis(single: Shape, several: Shape, number: int) -> _Axis:
    """The one axis in which the shapes differ, by a factor of `number`, and its size for one image."""
    pairs = list(zip(single, several, strict=False))
    differ = [index for index, (low, high) in enumerate(pairs) if low != high]
    if len(single) != len(several) or len(differ) != 1 or several[differ[0]] != number * single[differ[0]]:
        return None
    return differ[0], single[differ[0]]


def _along(step: Step, left: list[tuple[str, int, Shape]]) -> int | None:
    """The axis along which a softmax or its like was taken: the next one that was noted with its name and shape."""
    word = step.operation.replace("_", "").replace(" ", "").lower()
    for index, (name, axis, shape) in enumerate(left):
        if name.replace("_", "") == word and shape == step.input_shape:
            del left[index]
            return axis
    return None


def _changed(step: Step, number: int) -> Mixed:
    """A step after which there are not as many rows as images."""
    name, rows = _named(step), step.output_shape[0] if step.output_shape else 0
    if step.operation == "Concatenate":
        text = f"{name} joins its sources along the batch: {number} images become {rows:,}; dim=1 stacks their channels"
        return Mixed(step.name, "rows", text)
    if step.operation in ("Flatten", "Reshape", "Unflatten") and len(step.output_shape) == 1:
        text = (
            f"{name} lays the images of the batch in one row, too: {number} images become one row of {rows:,} numbers"
        )
        return Mixed(step.name, "rows", f"{text}; start_dim=1 leaves each its own")
    if step.operation in ("Flatten", "Reshape", "Unflatten") and rows != number:
        text = (
            f"{name} makes {rows:,} rows of {number} images; x.size(0) as the first size, or nn.Flatten(), keeps them"
        )
        return Mixed(step.name, "rows", text)
    if step.operation.startswith(("Conv1d", "MaxPool1d", "AvgPool1d")) and len(step.input_shape) == 2:
        text = f"{name} takes {times(step.input_shape)} as channels and length, without a batch"
        return Mixed(step.name, "mixed", f"{text}; x.unsqueeze(1) makes each row one channel")
    shapes = f"{times(step.output_shape)} of {number} images"
    return Mixed(step.name, "mixed", f"{name} makes {shapes}, in which no axis is theirs any more: they are mixed")


def _remarks(step: Step, single: Step, layer: nn.Module | None, before: Sequence[_Axis]) -> Iterator[Mixed]:
    """What is worth knowing though the shapes are right."""
    name = _named(step)
    if (
        isinstance(layer, BATCHED_LATER)
        and not layer.batch_first
        and before[0] == (0, 1)
        and len(step.input_shape) == 3
    ):
        text = f"{name} takes the first axis, that of the images, for time, so that each is carried on to the next"
        yield Mixed(step.name, "lstm", f"{text}; batch_first=True keeps them apart", trains=True)
    if isinstance(layer, _BatchNorm) and prod(single.input_shape) == single.input_shape[1]:
        text = f"{name} meets one number a channel for each image, and in training torch refuses a batch of one image"
        yield Mixed(step.name, "norm", text, trains=True)


def _repeated(step: Step) -> Iterator[Mixed]:
    """A sum of shapes that are not the same."""
    shapes = [shape[1:] for shape in step.input_shapes]
    if len(set(shapes)) > 1:
        met = " and ".join(map(times, shapes))
        yield Mixed(step.name, "broadcast", f"{_named(step)} adds {met}: the smaller one is repeated", trains=True)


def _on_maps(step: Step) -> Mixed:
    """A linear layer that meets maps as they are."""
    rows = (
        f"{_named(step)} goes over each row of {step.input_shape[-1]:,} numbers of {times(step.input_shape[1:])} alone"
    )
    return Mixed(step.name, "maps", f"{rows}; nn.Flatten() before it lays an image in one row", trains=True)


def _only_several(network: nn.Module, input_shape: Shape, alone: Stopped, one: Sequence[Step]) -> tuple[Mixed, ...]:
    """A network that does not run for one image: where it changes the rows of those for which it was asked."""
    steps, stopped = record(network, input_shape)
    number = input_shape[0]
    if stopped is not None or number == 1:
        return ()
    step = next((step for step in steps if step.input_shape[:1] == (number,) != step.output_shape[:1]), None)
    if step is not None:
        return (_changed(step, number),)
    why = _why(network, (1, *input_shape[1:]), alone, one)
    return (Mixed(alone.name, "several", f"the network takes {number:,} images and not one at a time: {why}"),)


def _first_changed(network: nn.Module, one: Sequence[Step], many: Sequence[Step], number: int) -> tuple[Mixed, ...]:
    """The first step before the stop that changes the number of rows; () where none does."""
    found = _compared(network, one[: len(many)], many, number, ())
    return tuple(mixed for mixed in found if mixed.kind in ("rows", "mixed"))[:1]


def _only_one(network: nn.Module, input_shape: Shape, stopped: Stopped, steps: Sequence[Step]) -> Mixed:
    """A network that stops for several images."""
    why = _why(network, input_shape, stopped, steps)
    return Mixed(stopped.name, "alone", f"the network takes one image and not {input_shape[0]} at a time: {why}")


def _why(network: nn.Module, input_shape: Shape, stopped: Stopped, steps: Sequence[Step]) -> str:
    """Why it stopped, as an error of shapes says it."""
    cause = cause_of(network, input_shape, stopped, steps)
    return cause.sentence if cause is not None else explain(stopped, steps)


def _named(step: Step) -> str:
    """A step in a sentence."""
    return called(step.name, step.operation)
