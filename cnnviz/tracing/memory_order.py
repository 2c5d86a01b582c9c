"""The order in which results lie in memory on the CPU, where the meta device gives another: a view asks for it.

Pictures may lie with their channels last, as after permute(0, 3, 1, 2), and most layers keep that; .view() then cannot
lay them in rows. Held against torch on the CPU, layer by layer, by tests/tracing/test_memory_order.py.
"""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

LAST = {4: torch.channels_last, 5: torch.channels_last_3d}
_MIRRORED = ("reflect", "replicate")
_CONVOLUTIONS: set[Callable[..., Any]] = {
    *(torch.conv2d, torch.conv3d, torch.conv_transpose2d, torch.conv_transpose3d),
    *(F.conv2d, F.conv3d, F.conv_transpose2d, F.conv_transpose3d),
}
_KEEPING: set[Callable[..., Any]] = {
    *(torch.roll, Tensor.roll, F.group_norm, torch.group_norm, torch.channel_shuffle, F.channel_shuffle)
}
_IN_ROWS: set[Callable[..., Any]] = {F.rrelu, F.logsigmoid, F.max_pool1d}  # whatever order their input had


def as_on_cpu(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any) -> Any:
    """What `function` gave on the meta device, in the order in which it would lie on the CPU."""
    if function in _IN_ROWS:
        return result.contiguous() if isinstance(result, Tensor) else result
    if function in _CONVOLUTIONS:
        x, weight = (args[at] if len(args) > at else kwargs[name] for at, name in enumerate(("input", "weight")))
        groups = args[6] if len(args) > 6 else kwargs.get("groups", 1)
        kept = (lies_last(x) or lies_last(weight)) and (x.dim() == 4 or _takes_blocks(x, weight, groups))
    elif function in _KEEPING or (
        function is F.pad and (args[2] if len(args) > 2 else kwargs.get("mode")) in _MIRRORED
    ):
        kept = lies_last(args[0] if args else kwargs["input"])
    else:
        return result
    return result.contiguous(memory_format=LAST[result.dim()]) if kept and result.dim() in LAST else result


def normalised(x: Tensor) -> Tensor:
    """Another tensor of that shape, in the order in which batch norm gives it."""
    if x.is_contiguous():
        return x.detach()  # a tenth of the time in which one is made
    return torch.empty_like(x, memory_format=LAST[x.dim()] if lies_last(x) else torch.contiguous_format)


def lies_last(x: Tensor) -> bool:
    """Whether pictures or volumes lie with their channels last, as torch tells it by their strides: c10's
    is_channels_last_strides_2d, where one channel or one place may be either."""
    if x.dim() not in LAST:
        return False
    sizes, strides, least = x.shape, x.stride(), 1
    for axis in (1, *range(x.dim() - 1, 1, -1), 0):
        if strides[axis] < least or sizes[axis] == 0 or (axis == 0 and least == strides[1]):
            return False
        least = strides[axis] * sizes[axis]
    return True


def _takes_blocks(x: Tensor, weight: Tensor, groups: int) -> bool:
    """Whether volumes are convolved by oneDNN, which keeps their order: at::native::ConvParams::use_mkldnn, with one
    thread."""
    return groups > 1 or x.shape[0] > 1 or min(weight.shape[-2:]) > 3 or prod(x.shape[:4]) > 20480
