"""What torch refuses on the CPU and lets pass on the meta device, as a fuzz of all layers of torch.nn found it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from cnnviz.ops.arithmetic import extent, times


def check(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Raises as `function`, one of torch's, would on the CPU where it would not on the meta device."""
    refuse = _CHECKS.get(function)
    if refuse is not None:
        refuse(*args, **kwargs)


def check_result(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any) -> None:
    """The same for what can only be seen of the result: an interpolation that leaves nothing."""
    if function is F.interpolate and 0 in result.shape[2:]:
        mode = kwargs.get("mode", args[3] if len(args) > 3 else "nearest")
        if mode != "area":  # means over parts of the input: torch takes that
            raise RuntimeError(f"nothing is left: an output of {times(result.shape)}")


def _transposed(
    axes: int,
    input: Tensor,
    weight: Tensor,
    _bias: Tensor | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    _groups: int = 1,
    dilation: int | Sequence[int] = 1,
    **_further: Any,
) -> None:
    """The channels, the output padding and the output's size of a transposed convolution along `axes` axes."""
    if input.dim() not in (axes + 1, axes + 2) or weight.dim() != axes + 2:
        return  # which the meta device refuses, too
    channels = input.shape[-axes - 1]
    if channels != weight.shape[0]:
        raise RuntimeError(f"expected {weight.shape[0]} channels and got {channels}")
    further = [_along(axes, value) for value in (stride, padding, output_padding, dilation)]
    for size, kernel, step, ring, more, apart in zip(input.shape[-axes:], weight.shape[2:], *further, strict=False):
        if more >= max(step, apart):
            raise RuntimeError(f"output padding {more} is not smaller than stride {step} or dilation {apart}")
        if (size - 1) * step - 2 * ring + extent(kernel, apart) + more < 1:
            raise RuntimeError("nothing is left: the output size is too small")


def _along(axes: int, value: int | Sequence[int]) -> Sequence[int]:
    return (value,) * axes if isinstance(value, int) else tuple(value) * (axes if len(value) == 1 else 1)


def _one_axis(input: Tensor, dim: int | None = None, *_rest: Any, **_further: Any) -> None:
    """The axis of a softmax."""
    rank = max(1, input.dim())
    if isinstance(dim, int) and not -rank <= dim < rank:
        raise IndexError(f"dimension out of range (expected to be from {-rank} to {rank - 1}, but got {dim})")


def _not_empty(input: Tensor, *_rest: Any, **_further: Any) -> None:
    """An axis without a cell, other than the batch."""
    if 0 in input.shape[1:]:
        raise RuntimeError(f"there is nothing in an input of {times(input.shape)}")


_CHECKS: dict[Callable[..., Any], Callable[..., None]] = {
    F.conv_transpose1d: partial(_transposed, 1),
    F.conv_transpose2d: partial(_transposed, 2),
    F.conv_transpose3d: partial(_transposed, 3),
    **dict.fromkeys(
        (F.softmax, F.log_softmax, F.softmin, torch.softmax, torch.log_softmax, Tensor.softmax, Tensor.log_softmax),
        _one_axis,
    ),
    **dict.fromkeys(
        (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d, F.interpolate, F.pixel_unshuffle),
        _not_empty,
    ),
}
