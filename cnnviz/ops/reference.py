"""The same operations by torch.nn.functional: what our own arithmetic is held against, in the tests and on the
pages."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from cnnviz.ops.activations import ACTIVATIONS
from cnnviz.ops.windows import Array, PaddingMode, Pooling

Pair = tuple[int, int]


def tensor(values: Array | Sequence[object]) -> Tensor:
    """A float64 tensor, so that sums of whole numbers are exact."""
    return torch.as_tensor(values, dtype=torch.float64)


def convolve(
    x: Array,
    weight: Array,
    bias: Array,
    stride: Pair = (1, 1),
    padding: tuple[Pair, Pair] = ((0, 0), (0, 0)),
    dilation: Pair = (1, 1),
    mode: PaddingMode = "zeros",
    groups: int = 1,
    flip: bool = False,
) -> Array:
    """x (C, H, W), weight (F, C / groups, K_h, K_w), bias (F,) -> (F, H_out, W_out), by torch.nn.functional.conv2d."""
    (top, bottom), (left, right) = padding
    name = {"zeros": "constant"}.get(mode, mode)
    padded = (
        F.pad(tensor(x)[None], (left, right, top, bottom), mode=name)
        if any((top, bottom, left, right))
        else tensor(x)[None]
    )
    kernel = tensor(weight).flip(-2, -1) if flip else tensor(weight)
    return F.conv2d(padded, kernel, tensor(bias), stride, 0, dilation, groups)[0].numpy()


def convolve_transposed(
    x: Array, weight: Array, bias: Array, stride: Pair, padding: Pair, dilation: Pair, output_padding: Pair
) -> Array:
    """x (C, H, W), weight (F, C, K_h, K_w), bias (F,) -> (F, H_out, W_out), by torch.nn.functional.conv_transpose2d."""
    kernel = tensor(weight).swapaxes(0, 1)  # torch keeps it as (C, F, K_h, K_w)
    return F.conv_transpose2d(tensor(x)[None], kernel, tensor(bias), stride, padding, output_padding, 1, dilation)[
        0
    ].numpy()


def activate(name: str, x: Array) -> Array:
    """An activation function of `cnnviz.ops.activations` on every cell; for any other name, `x` itself."""
    if name not in ACTIVATIONS:
        return x
    module, _, function = ACTIVATIONS[name].torch.partition(".")
    result: Tensor = getattr({"F": F, "torch": torch}[module], function)(tensor(x))
    return result.numpy()


def pool(
    x: Array,
    kind: Pooling,
    kernel: Pair,
    stride: Pair,
    padding: Pair = (0, 0),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """x (H, W) -> (H_out, W_out), by max_pool2d, avg_pool2d or lp_pool2d (which takes no padding: zeros go before
    it)."""
    batch = tensor(x)[None, None]
    if kind == "max":
        result = F.max_pool2d(batch, kernel, stride, padding, ceil_mode=ceil_mode)
    elif kind == "average":
        result = F.avg_pool2d(batch, kernel, stride, padding, ceil_mode, count_include_pad)
    else:
        down, across = padding
        result = F.lp_pool2d(F.pad(batch, (across, across, down, down)), 2, kernel, stride, ceil_mode)
    return result[0, 0].numpy()


def adaptive(x: Array, kind: Pooling, size: Pair) -> Array:
    """x (H, W) -> `size`, by adaptive_max_pool2d or adaptive_avg_pool2d."""
    batch = tensor(x)[None, None]
    result: Tensor = F.adaptive_max_pool2d(batch, size) if kind == "max" else F.adaptive_avg_pool2d(batch, size)
    return result[0, 0].numpy()
