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
from cnnviz.tracing.causes import MOVING, RESHAPING, cause_of, squeezed
from cnnviz.tracing.explaining import called, explain
from cnnviz.tracing.meta import weightless
from cnnviz.tracing.operations import function_name
from cnnviz.tracing.recorder import Stopped, record
from cnnviz.tracing.squeezing import axes_taken, is_squeeze, losing_the_image, record_as_many
from cnnviz.tracing.steps import INPUT, Shape, Step

MIN_BATCH = 11
ALONG_AN_AXIS = {"softmax", "log_softmax", "softmin", "normalize", "cumsum", "cumprod", "sort", "flip", "roll"}
BATCHED_LATER = (nn.RNNBase, nn.MultiheadAttention)  # which take (length, N, features) unless told otherwise
WIDENED = {"Unsqueeze", "Slice", "Expand", "Reshape"}  # what is made so to be repeated

# where the images of a tensor stand and how many rows each has there, several of the windows of an image, say, which
# another view parts again; None where they are mixed
_Axis = tuple[int, int] | None
_FREE = (-1, 1)  # of what is made of no image: zeros of the same type


@dataclass(frozen=True)
class Mixed:
    """A step at which the images of a batch meet, or at which their number changes, in a sentence without a full stop.

    `kind` is one of rows (their number changes), mixed, moved (their axis), dim (along their axis), lstm, alone (one
    image runs and several do not), several (the other way round), squeeze (one image loses its axis), broadcast, norm
    (one image in training, or the batch's own mean) and maps (a linear layer on maps). `trains` says whether each image
    still has a row of its own, so that it can be trained.
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
    lost = losing_the_image(one, many)
    if lost:
        one, _ = record_as_many(own, (1, *input_shape[1:]), axes.taken)
    return (*map(_squeezed, lost), *_compared(own, one, many, number, axes.met))


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
    """Writes down along which axis each softmax and its like was taken, and which axes each squeeze took away."""

    def __init__(self) -> None:
        super().__init__()
        self.met: list[tuple[str, int, Shape]] = []
        self.taken: list[Shape] = []

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = function_name(function)
        if name in ALONG_AN_AXIS and args and isinstance(args[0], Tensor):
            self._note(name, args[0], kwargs.get("dim", kwargs.get("dims", args[1] if len(args) > 1 else None)))
        elif name == "batch_norm" and kwargs.get("training", args[5] if len(args) > 5 else False):
            self._note(f"{name}{max(1, args[0].dim() - 2)}d", args[0], 0)
        elif name == "squeeze" and is_squeeze(function) and args:
            self.taken.append(axes_taken(args, kwargs))
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
    slower = {INPUT: 1}  # of the rows that each image has, how many stand before the images, and not within each
    modules = dict(network.named_modules())
    if [step.name for step in one] != [step.name for step in many]:
        each = bool(many) and many[-1].output_shape[:1] == (number,)
        yield Mixed("", "rows", f"the network does other steps for {number} images than for one", trains=each)
        return
    for single, several in zip(one, many, strict=True):
        axis = _axis(single.output_shape, several.output_shape, number)
        before = [where.get(source) for source in several.sources if where.get(source) != _FREE]
        if not before or several.operation.startswith("New "):
            axis = _FREE
        where[several.name] = axis
        slower[several.name] = _slower(several, single, axis, slower, where, number)
        along = _along(several, left)
        folded = folded or (several.name if axis is not None and axis[1] > 1 else "")
        if None in before or axis == _FREE:
            continue  # said already, or nothing to say
        if axis is None:
            yield _changed(several, number)
        elif slower[several.name] == 0:
            where[several.name] = None
            yield _laid_across(several)
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


def _slower(step: Step, single: Step, axis: _Axis, slower: dict[str, int], where: dict[str, _Axis], number: int) -> int:
    """How many of the rows of each image in the result of a step stand before the axis of the images, as of two
    pictures one behind the other, (2N, ...); 0 where another view has laid numbers of several images in one row: for
    that, as many numbers stand before an image as before, in the order in which they lie."""
    if axis in (None, _FREE) or not step.sources:
        return 1
    source = next((name for name in step.sources if where.get(name) not in (None, _FREE)), step.sources[0])
    came = _axis(single.input_shape, step.input_shape, number)
    before = slower.get(source, 1) if came is not None and came[1] > 1 else 1
    if step.operation not in RESHAPING or came is None:
        ratio = axis[1] // came[1] if came is not None and axis[1] > came[1] > 0 else 1
        more = ratio if step.operation in ("Concatenate", "Repeat", "Tile") else 1
        return before * more if axis[1] > 1 else 1
    part, rest = divmod(prod(single.input_shape[: came[0]]) * before, prod(single.output_shape[: axis[0]]))
    return 0 if rest or not part or axis[1] % part else part


def _laid_across(step: Step) -> Mixed:
    """A view that takes the axis of the images for another."""
    text = (
        f"{_named(step)} makes {times(step.output_shape)} of {times(step.input_shape)} in the order in which the "
        "numbers lie, so that numbers of several images come into one row"
    )
    return Mixed(step.name, "mixed", f"{text}; the images come first again by transpose or permute, and then a view")


def _squeezed(step: Step) -> Mixed:
    """A squeeze that takes away the axis of one image, and not that of several."""
    keeps = "squeeze(dim) keeps it" if 1 in step.input_shape[1:] else "without it the axis stays"
    text = f"{_named(step)} takes away {squeezed(step)} where there is but one; {keeps}"
    return Mixed(step.name, "squeeze", text, trains=True)


def _mixes_along(step: Step, axis: int) -> Mixed:
    """A softmax or its like over the images."""
    if step.operation.startswith("BatchNorm"):
        return _normalised(step)
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
        keeps = "x.size(0) as the first size" if "view" in step.name or "reshape" in step.name else "start_dim=1"
        return Mixed(step.name, "rows", f"{text}; {keeps} leaves each its own")
    if step.operation in ("Flatten", "Reshape", "Unflatten") and rows != number:
        made = f"{rows:,} row{'' if rows == 1 else 's'} of {number} images"
        text = f"{name} makes {made}; x.size(0) as the first size, or nn.Flatten(), keeps them"
        return Mixed(step.name, "rows", text)
    if step.operation.startswith(("Conv1d", "MaxPool1d", "AvgPool1d")) and len(step.input_shape) == 2:
        text = f"{name} takes {times(step.input_shape)} as channels and length, without a batch"
        return Mixed(step.name, "mixed", f"{text}; x.unsqueeze(1) makes each row one channel")
    shapes = f"{times(step.output_shape) or 'a single number'} of {number} images"
    return Mixed(step.name, "mixed", f"{name} makes {shapes}, in which no axis is theirs any more: they are mixed")


def _remarks(step: Step, single: Step, layer: nn.Module | None, before: Sequence[_Axis]) -> Iterator[Mixed]:
    """What is worth knowing though the shapes are right."""
    name, rank = _named(step), len(step.input_shape)
    if (
        isinstance(layer, BATCHED_LATER)
        and before[0] == (0, 1)
        and rank in (2, 3)
        and not (layer.batch_first and rank == 3)
    ):
        text = f"{name} takes the first axis, that of the images, for time, so that each is carried on to the next"
        apart = "batch_first=True" if rank == 3 else f"x.unsqueeze({1 if layer.batch_first else 0})"
        yield Mixed(step.name, "lstm", f"{text}; {apart} keeps them apart", trains=True)
    if isinstance(layer, _BatchNorm) and layer.running_mean is None:
        yield _normalised(step)
    elif isinstance(layer, _BatchNorm) and prod(single.input_shape) == single.input_shape[1]:
        text = f"{name} meets one number a channel for each image, and in training torch refuses a batch of one image"
        yield Mixed(step.name, "norm", text, trains=True)


def _normalised(step: Step) -> Mixed:
    """A batch norm by the mean of the batch itself, also in use."""
    text = (
        f"{_named(step)} takes mean and variance from the batch in use, too, so that each image changes with the others"
    )
    return Mixed(step.name, "norm", f"{text}; running statistics keep them apart", trains=True)


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
