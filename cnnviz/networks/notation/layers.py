"""The layers that a text may name, with the kind of value that each of their parameters takes.

A kind is a function that gives the value back, or raises ValueError with what would be right. A layer's parameters
stand in the order of torch's own signature.
"""

import inspect
from collections.abc import Callable
from math import isfinite
from typing import Any

from torch import nn

Kind = Callable[[Any], Any]
MAX_SIZE = 65_536  # channels, features
MAX_CELLS = 512  # of a kernel, a stride, a padding


def _whole(low: int, high: int) -> Kind:
    """A whole number from `low` to `high`."""

    def check(value: Any) -> Any:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"a whole number from {low:,} to {high:,}")
        return value

    return check


def _cells(low: int, *words: str, lengths: tuple[int, ...] = (1, 2), empty: bool = False) -> Kind:
    """A whole number, or one for each axis; or one of `words`; or None where it may be `empty`."""
    one = _whole(low, MAX_CELLS)

    def check(value: Any) -> Any:
        if (isinstance(value, str) and value in words) or (empty and value is None):
            return value
        try:
            if type(value) is not tuple:
                return one(value)
            if len(value) in lengths:
                return tuple(one(part) for part in value)
        except ValueError:
            pass
        also = "".join(f", '{word}'" for word in words) + (", None" if empty else "")
        raise ValueError(f"a whole number from {low} to {MAX_CELLS}, or one for each axis{also}")

    return check


def _sizes(value: Any) -> Any:
    """One size, or several in brackets."""
    parts = value if type(value) is tuple else (value,)
    if not 1 <= len(parts) <= 4 or not all(type(part) is int and 1 <= part <= MAX_SIZE for part in parts):
        raise ValueError(f"a size from 1 to {MAX_SIZE:,}, or up to four in brackets")
    return value


def _flag(value: Any) -> Any:
    """True or False."""
    if type(value) is not bool:
        raise ValueError("True or False")
    return value


def _real(low: float, high: float, empty: bool = False) -> Kind:
    """A number from `low` to `high`; or None where it may be `empty`."""

    def check(value: Any) -> Any:
        if empty and value is None:
            return value
        if type(value) not in (int, float) or not isfinite(value) or not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g}" + (", or None" if empty else ""))
        return value

    return check


def _word(*words: str) -> Kind:
    """One of some words."""

    def check(value: Any) -> Any:
        if not isinstance(value, str) or value not in words:
            raise ValueError("one of " + ", ".join(map(repr, words)))
        return value

    return check


SIZE, COUNT, DIM, RATE = _whole(1, MAX_SIZE), _whole(1, 4096), _whole(-4, 4), _real(0, 1)
KERNEL, STRIDE, PAD = _cells(1), _cells(1), _cells(0)
CONVOLUTION: dict[str, Kind] = {
    "in_channels": SIZE,
    "out_channels": SIZE,
    "kernel_size": KERNEL,
    "stride": STRIDE,
    "padding": _cells(0, "same", "valid"),
    "dilation": STRIDE,
    "groups": SIZE,
    "bias": _flag,
    "padding_mode": _word("zeros", "reflect", "replicate", "circular"),
}
TRANSPOSED = CONVOLUTION | {"padding": PAD, "output_padding": PAD, "padding_mode": _word("zeros")}
MAXIMUM: dict[str, Kind] = {
    "kernel_size": KERNEL,
    "stride": _cells(1, empty=True),
    "padding": PAD,
    "dilation": STRIDE,
    "ceil_mode": _flag,
}
MEAN: dict[str, Kind] = {
    "kernel_size": KERNEL,
    "stride": _cells(1, empty=True),
    "padding": PAD,
    "ceil_mode": _flag,
    "count_include_pad": _flag,
}
NORM: dict[str, Kind] = {
    "num_features": SIZE,
    "eps": _real(0, 1),
    "momentum": _real(0, 1, empty=True),
    "affine": _flag,
    "track_running_stats": _flag,
}
INPLACE: dict[str, Kind] = {"inplace": _flag}
ADAPTIVE: dict[str, Kind] = {"output_size": _cells(1)}

ALLOWED: dict[type[nn.Module], dict[str, Kind]] = {
    nn.Conv1d: CONVOLUTION,
    nn.Conv2d: CONVOLUTION,
    nn.ConvTranspose2d: TRANSPOSED,
    nn.MaxPool1d: MAXIMUM,
    nn.MaxPool2d: MAXIMUM,
    nn.AvgPool1d: MEAN,
    nn.AvgPool2d: MEAN,
    nn.AdaptiveAvgPool1d: ADAPTIVE,
    nn.AdaptiveAvgPool2d: ADAPTIVE,
    nn.AdaptiveMaxPool2d: ADAPTIVE,
    nn.BatchNorm1d: NORM,
    nn.BatchNorm2d: NORM,
    nn.InstanceNorm2d: NORM,
    nn.LayerNorm: {"normalized_shape": _sizes, "eps": _real(0, 1), "elementwise_affine": _flag, "bias": _flag},
    nn.GroupNorm: {"num_groups": SIZE, "num_channels": SIZE, "eps": _real(0, 1), "affine": _flag},
    nn.LocalResponseNorm: {"size": COUNT, "alpha": _real(0, 1), "beta": _real(0, 10), "k": _real(0, 100)},
    nn.Dropout: {"p": RATE, "inplace": _flag},
    nn.Dropout2d: {"p": RATE, "inplace": _flag},
    nn.ReLU: INPLACE,
    nn.ReLU6: INPLACE,
    nn.LeakyReLU: {"negative_slope": _real(-10, 10), "inplace": _flag},
    nn.PReLU: {"num_parameters": SIZE},
    nn.ELU: {"alpha": _real(-10, 10), "inplace": _flag},
    nn.SELU: INPLACE,
    nn.GELU: {"approximate": _word("none", "tanh")},
    nn.SiLU: INPLACE,
    nn.Mish: INPLACE,
    nn.Hardswish: INPLACE,
    nn.Softplus: {"beta": _real(0.001, 1000), "threshold": _real(0, 1000)},
    nn.Sigmoid: {},
    nn.Tanh: {},
    nn.Softmax: {"dim": DIM},
    nn.LogSoftmax: {"dim": DIM},
    nn.Flatten: {"start_dim": DIM, "end_dim": DIM},
    nn.Unflatten: {"dim": DIM, "unflattened_size": _sizes},
    nn.Linear: {"in_features": SIZE, "out_features": SIZE, "bias": _flag},
    nn.Identity: {},
    nn.Upsample: {
        "size": _cells(1, empty=True),
        "scale_factor": _real(0.01, 64, empty=True),
        "mode": _word("nearest", "linear", "bilinear", "bicubic", "trilinear"),
        "align_corners": _flag,
    },
    nn.ZeroPad2d: {"padding": _cells(0, lengths=(4,))},
}
LAYERS = {layer.__name__: layer for layer in ALLOWED}

# of each layer the parameters that a text may set, in torch's order, with their defaults
SIGNATURES: dict[type[nn.Module], dict[str, inspect.Parameter]] = {
    layer: {name: parameter for name, parameter in inspect.signature(layer).parameters.items() if name in kinds}
    for layer, kinds in ALLOWED.items()
}
