"""The axes along which a step takes numbers together though it keeps them: of a softmax, a norm, a window, a sequence.

Where one of them is that of the images, images meet and no shape tells.
"""

from collections.abc import Iterable
from typing import Any

from torch import nn

from cnnviz.tracing.figures import Window
from cnnviz.tracing.operations import Operation
from cnnviz.tracing.steps import Shape

SEQUENCES = {"RNN", "LSTM", "GRU", "MultiheadAttention"}
SOFTMAXES = {"Softmax", "LogSoftmax", "Softmin"}
EXCHANGING = {"Sort", "Argsort", "Flip", "Fliplr", "Flipud", "Roll", "Slice"}  # numbers that change places
ALONG_DIM: dict[str, tuple[int, int | None]] = {  # where dim stands behind the tensor, and what it is by itself
    **dict.fromkeys((*SOFTMAXES, "Cumsum", "Cumprod", "Cummax", "Cummin", "Logcumsumexp"), (0, None)),
    **dict.fromkeys(("Sort", "Argsort"), (0, -1)),
    "Gumbel softmax": (3, -1),
    "Normalize": (1, 1),
}
_ALWAYS = {
    "Softmax2d": (-3,),
    "Fliplr": (1,),
    "Flipud": (0,),
    "LocalResponseNorm": (1,),
    "Scaled dot product attention": (-2, -1),
}


def axes_along(operation: Operation, layer: nn.Module | None, window: Window | None) -> Shape:
    """Those axes of what comes first into an operation, or the `layer` that does it. Where a convolution or a norm goes
    by groups, the channels are left out: which of them meet is not said by their axis."""
    rank = len(operation.inputs[0])
    axes = _axes(operation, layer, window, rank)
    return tuple(sorted({axis % rank for axis in axes if isinstance(axis, int) and -rank <= axis < rank}))


def _axes(operation: Operation, layer: nn.Module | None, window: Window | None, rank: int) -> Iterable[Any]:
    name = operation.name
    if name in ALONG_DIM:
        dim = _argument(operation, layer, "dim", *ALONG_DIM[name])
        return (_softmax_axis(rank) if dim is None else dim,)
    if name == "Flip":
        return _listed(operation.settings.get("dims", operation.settings["positional"]))
    if name == "Roll":  # without dims, all numbers in the order in which they lie
        return _listed(_argument(operation, layer, "dims", 1)) or range(rank)
    if name in SEQUENCES:
        return (1 if rank == 3 and getattr(layer, "batch_first", False) else 0,)
    if window is not None and operation.is_a("Conv", "MaxPool", "AvgPool", "LPPool"):
        first = rank - len(window.kernel)
        channels = (first - 1,) if operation.is_a("Conv") and operation.settings.get("groups", 1) == 1 else ()
        return *channels, *(first + index for index, size in enumerate(window.kernel) if size > 1)
    return _ALWAYS.get(name) or _normalised(operation, layer, rank)


def _normalised(operation: Operation, layer: nn.Module | None, rank: int) -> Iterable[int]:
    """The axes that have a mean and a variance in common."""
    if operation.is_a("LayerNorm", "RMSNorm"):
        return range(-len(_listed(_argument(operation, layer, "normalized_shape", 0))), 0)
    if operation.is_a("GroupNorm"):
        return range(1 if _argument(operation, layer, "num_groups", 0) == 1 else 2, rank)
    if layer is not None and getattr(layer, "running_mean", None) is not None:
        return ()  # by what it has seen before
    if operation.is_a("BatchNorm") and (layer is not None or _argument(operation, layer, "training", 4)):
        return 0, *range(2, rank)
    return range(rank - (operation.dimensions or rank - 2), rank) if operation.is_a("Instance") else ()


def _softmax_axis(rank: int) -> int:
    """What torch takes where a softmax is given no dim: F._get_softmax_dim."""
    return 0 if rank in (0, 1, 3) else 1


def _argument(operation: Operation, layer: nn.Module | None, name: str, place: int, usual: Any = None) -> Any:
    """What a layer or a function was called with under that name, or at that place behind the tensor."""
    if layer is not None:
        return getattr(layer, name, usual)
    settings = operation.settings
    positional = settings.get("positional", ())
    given = settings.get(name, settings.get("axis") if name == "dim" else None)
    return given if given is not None else positional[place] if len(positional) > place else usual


def _listed(value: Any) -> tuple[Any, ...]:
    """1, (1,) and ((1, 2),), as a call may give them, one by one; () for None."""
    if value is None:
        return ()
    if isinstance(value, tuple | list):
        return tuple(value[0]) if len(value) == 1 and isinstance(value[0], tuple | list) else tuple(value)
    return (value,)
