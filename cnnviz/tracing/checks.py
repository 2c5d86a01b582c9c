"""What torch refuses on the CPU and lets pass on the meta device, as a fuzz of all layers of torch.nn found it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import prod
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
    if function in _POOLING:
        result[1].__dict__["pooled"] = tuple(args[0].shape) if args else ()


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


def _unpooled(
    axes: int,
    input: Tensor,
    indices: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    output_size: Sequence[int] | None = None,
) -> None:
    """The places of an unpooling, which are those in the maps that were pooled: the last may lie behind all cells."""
    pooled = indices.__dict__.get("pooled", ())[-axes:]
    if len(pooled) != axes or input.shape != indices.shape:
        return
    sides, steps = input.shape[-axes:], _along(axes, kernel_size if stride is None else stride)
    windows, rings = _along(axes, kernel_size), _along(axes, padding)
    made = [(n - 1) * s - 2 * p + k for n, s, p, k in zip(sides, steps, rings, windows, strict=True)]
    if output_size is not None:
        made = [*output_size][-axes:]
    last = 0
    for size, n, s, p, k in zip(pooled, sides, steps, rings, windows, strict=True):
        last = last * size + min(size, (n - 1) * s - p + k) - 1
    if last >= prod(made):
        error = RuntimeError(
            f"Found an invalid max index: {last} (output volumes are of size {'x'.join(map(str, made))})"
        )
        error.laid_back = (tuple(made), pooled)  # type: ignore[attr-defined]
        raise error


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


def _no_side_empty(input: Tensor, weight: Any, *_rest: Any, **_further: Any) -> None:
    """A side without a cell that padding would give some: a convolution takes none."""
    if isinstance(weight, Tensor) and weight.dim() > 2 and 0 in input.shape[2 - weight.dim() :]:
        raise RuntimeError(f"there is nothing in an input of {times(input.shape)}")


_POOLING = {F.max_pool1d_with_indices, F.max_pool2d_with_indices, F.max_pool3d_with_indices}
_CHECKS: dict[Callable[..., Any], Callable[..., None]] = {
    **dict.fromkeys((F.conv1d, F.conv2d, F.conv3d), _no_side_empty),
    F.max_unpool1d: partial(_unpooled, 1),
    F.max_unpool2d: partial(_unpooled, 2),
    F.max_unpool3d: partial(_unpooled, 3),
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
