"""What a notebook asks to see, judged before and after the trace: the network, and the shapes of its inputs, each
without the batch."""

import inspect
from collections.abc import Iterable, Sequence
from math import prod
from typing import Any

from torch import nn
from torch.nn.modules.conv import _ConvNd

from cnnviz import tracing
from cnnviz.tracing import Shape, ShapeError, Step
from cnnviz.ui.notebook.refusals import Refused

MAX_AXES, MAX_NUMBERS = 8, 2**40  # of an input


def asked(model: Any, input_shapes: tuple[Any, ...]) -> tuple[nn.Module, list[Shape]]:
    """The network, and the shapes of its inputs for one image, each (1, ...). Raises Refused for what is none."""
    if isinstance(model, type) and issubclass(model, nn.Module):
        raise Refused(f"{model.__name__} is a class, and a network is made by calling it: {model.__name__}()")
    if not isinstance(model, nn.Module):
        raise Refused(f"a network is an nn.Module of PyTorch, and this is of type {type(model).__name__}")
    if not input_shapes or not all(map(_is_shape, input_shapes)):
        raise Refused(
            "after the network comes the shape of its input without the batch, in parentheses, such as (1, 28, 28) or "
            f"(784,); here it is {_written(input_shapes) or 'missing'}"
        )
    if large := [shape for shape in input_shapes if len(shape) > MAX_AXES or prod(shape) > MAX_NUMBERS]:
        raise Refused(
            f"an input has at most {MAX_AXES} axes and {MAX_NUMBERS:,} numbers, and {_written(large)} has more"
        )
    _check_count(model, len(input_shapes))
    return model, [(1, *shape) for shape in input_shapes]


def check_forms(network: nn.Module, shapes: Sequence[Shape], steps: Sequence[Step], is_stopped: bool) -> None:
    """Raises Refused with what to write where `shapes`, each (1, ...), were meant otherwise: with their batch, or
    without their channels. `steps` are those that the network took with them, to its end or until it stopped."""
    if not (is_stopped or _is_unbatched(steps)):
        return
    given = [shape[1:] for shape in shapes]
    if is_stopped and _is_with_batch(network, given):
        right, why = [shape[1:] for shape in given], "without the batch"
    elif with_channels := _with_channels(network, shapes, steps):
        right, why = [shape[1:] for shape in with_channels], "with its channels"
    else:
        return
    raise Refused(f"a shape is written {why}: {_written(right)} in place of {_written(given)}")


def _is_shape(given: Any) -> bool:
    """Whether it is a sequence of whole numbers from 1 on."""
    return isinstance(given, (tuple, list)) and bool(given) and all(type(n) is int and n > 0 for n in given)


def _written(given: Iterable[Any]) -> str:
    """What was given, in few letters; a tensor by its shape."""
    words = [f"a tensor of {tuple(one.shape)}" if hasattr(one, "shape") else repr(one) for one in given]
    return ", ".join(word if len(word) <= 60 else f"{word[:59]}…" for word in words)


def _check_count(network: nn.Module, given: int) -> None:
    """Raises Refused where the forward of a network takes another number of inputs, as far as it says how many."""
    names = tracing.inputs_of(network)
    if not names:
        return
    taken = inspect.signature(network.forward).parameters
    needed = [name for name in names if taken[name].default is inspect.Parameter.empty]
    is_open = any(one.kind is one.VAR_POSITIONAL for one in taken.values())
    if given < len(needed) or (given > len(names) and not is_open):
        wanted = needed if given < len(needed) else names
        listed = f"{', '.join(wanted[:-1])} and {wanted[-1]}" if len(wanted) > 1 else f"{wanted[0]} alone"
        shapes = "one shape is given" if given == 1 else f"{given} shapes are given"
        raise Refused(f"forward takes {listed}, and {shapes}; give one shape, in parentheses, for each")


def _is_with_batch(network: nn.Module, shapes: Sequence[Shape]) -> bool:
    """Whether `shapes` are each (N, ...) for the network: it takes them, and with one more along the first axis, too. A
    convolution takes (C, H, W) as well, but no other C."""
    if any(len(shape) < 2 for shape in shapes):
        return False
    more = [(shape[0] + 1, *shape[1:]) for shape in shapes]
    return all(is_whole for _, is_whole in (_traced(network, shapes), _traced(network, more)))


def _is_unbatched(steps: Sequence[Step]) -> bool:
    """Whether the first step slides its window over channels without a batch, which torch's layers take as well."""
    window = steps[0].kernel if steps else None
    return window is not None and len(steps[0].input_shape) == len(window) + 1


def _with_channels(network: nn.Module, shapes: Sequence[Shape], steps: Sequence[Step]) -> list[Shape]:
    """`shapes` with the channels that the first convolution takes; none where they have them, or where the network does
    not come further with them than with `steps`."""
    first = next((one for one in network.modules() if isinstance(one, _ConvNd)), None)
    if first is None:
        return []
    axes = len(first.kernel_size)
    full = [(shape[0], first.in_channels, *shape[1:]) if len(shape) == axes + 1 else shape for shape in shapes]
    is_better = full != shapes and (_is_unbatched(steps) or len(_traced(network, full)[0]) > len(steps))
    return full if is_better else []


def _traced(network: nn.Module, shapes: Sequence[Shape]) -> tuple[Sequence[Step], bool]:
    """The steps that the network takes with inputs of those shapes, each (N, ...), and whether those are all."""
    try:
        return tracing.trace(network, *shapes), True
    except ShapeError as error:
        return error.steps, False
    except ValueError:
        return [], False
