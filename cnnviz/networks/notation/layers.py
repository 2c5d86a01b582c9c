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
MAX_TRACED = 2_000_000_000  # the same, and parameters, of a network that is followed without weights
MAX_CELLS = 512  # of a kernel, a stride, a padding


def _whole(low: int, high: int) -> Kind:
    """A whole number from `low` to `high`."""

    def check(value: Any) -> Any:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"a whole number from {low:,} to {high:,}")
        return value

    return check


def _cells(low: int, *words: str, lengths: tuple[int, ...], empty: bool = False, gaps: bool = False) -> Kind:
    """A whole number, or one for each axis, None among them where there may be `gaps`; or one of `words`; or None where
    it may be `empty`."""
    one = _whole(low, MAX_CELLS)

    def check(value: Any) -> Any:
        if (isinstance(value, str) and value in words) or (empty and value is None):
            return value
        try:
            if type(value) is not tuple:
                return one(value)
            if len(value) in lengths:
                return tuple(part if gaps and part is None else one(part) for part in value)
        except ValueError:
            pass
        also = "".join(f", '{word}'" for word in words) + (", None" if empty else "")
        raise ValueError(f"a whole number from {low} to {MAX_CELLS}, or one for each axis{also}")

    return check


def _several(high: int, rest: bool = False) -> Kind:
    """One size up to `high`, or several in brackets, of which one may be -1 where what is left is its `rest`."""

    def check(value: Any) -> Any:
        parts = value if type(value) is tuple else (value,)
        sizes = [part for part in parts if not (rest and type(part) is int and part == -1)]
        known = all(type(part) is int and 1 <= part <= high for part in sizes)
        if not 1 <= len(parts) <= 4 or len(parts) - len(sizes) > 1 or not known:
            also = ", one of them -1" if rest else ""
            raise ValueError(f"a size from 1 to {high:,}, or up to four in brackets{also}")
        return value

    return check


def _flag(value: Any) -> Any:
    """True or False."""
    if type(value) is not bool:
        raise ValueError("True or False")
    return value


def _open_flag(value: Any) -> Any:
    """True or False, or None: torch's own choice."""
    return value if value is None else _flag(value)


def _one_result(value: Any) -> Any:
    """False: with the indices a pooling gives two results, and the next layer takes one."""
    if value is not False:
        raise ValueError("False, for with the indices it gives two results and the next layer takes one")
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


def _factors(low: float, high: float, axes: int) -> Kind:
    """A number, or one for each of up to `axes` axes; or None."""
    one = _real(low, high)

    def check(value: Any) -> Any:
        try:
            if type(value) is not tuple:
                return value if value is None else one(value)
            if 1 <= len(value) <= axes:
                return tuple(one(part) for part in value)
        except ValueError:
            pass
        raise ValueError(f"a number from {low:g} to {high:g}, or one for each axis, or None")

    return check


def _word(*words: str) -> Kind:
    """One of some words."""

    def check(value: Any) -> Any:
        if not isinstance(value, str) or value not in words:
            raise ValueError("one of " + ", ".join(map(repr, words)))
        return value

    return check


SIZE, COUNT, DIM, RATE = _whole(1, MAX_SIZE), _whole(1, 4096), _whole(-4, 4), _real(0, 1)
SIZES, UNFLATTENED = _several(MAX_SIZE), _several(MAX_SIZE, rest=True)
# what takes the place of a kind where the network is followed without weights
TRACED = {
    SIZE: _whole(1, MAX_TRACED),
    SIZES: _several(MAX_TRACED),
    UNFLATTENED: _several(MAX_TRACED, rest=True),
}
SLOPE, ANY = _real(-10, 10), _real(-1e6, 1e6)


def _convolution(axes: int) -> dict[str, Kind]:
    window = _cells(1, lengths=(axes,))
    return {
        "in_channels": SIZE,
        "out_channels": SIZE,
        "kernel_size": window,
        "stride": window,
        "padding": _cells(0, "same", "valid", lengths=(axes,)),
        "dilation": window,
        "groups": SIZE,
        "bias": _flag,
        "padding_mode": _word("zeros", "reflect", "replicate", "circular"),
    }


def _transposed(axes: int) -> dict[str, Kind]:
    pad = _cells(0, lengths=(axes,))
    return _convolution(axes) | {"padding": pad, "output_padding": pad, "padding_mode": _word("zeros")}


def _maximum(axes: int) -> dict[str, Kind]:
    window = _cells(1, lengths=(1, axes))
    return {
        "kernel_size": window,
        "stride": _cells(1, lengths=(1, axes), empty=True),
        "padding": _cells(0, lengths=(1, axes)),
        "dilation": window,
        "return_indices": _one_result,
        "ceil_mode": _flag,
    }


def _mean(axes: int) -> dict[str, Kind]:
    divisor: dict[str, Kind] = {"divisor_override": lambda value: value if value is None else COUNT(value)}
    return {
        "kernel_size": _cells(1, lengths=(1, axes)),
        "stride": _cells(1, lengths=(1, axes), empty=True),
        "padding": _cells(0, lengths=(1, axes)),
        "ceil_mode": _flag,
        "count_include_pad": _flag,
    } | (divisor if axes > 1 else {})


def _power(axes: int) -> dict[str, Kind]:
    return {
        "norm_type": _real(0.1, 100),
        "kernel_size": _cells(1, lengths=(axes,)),
        "stride": _cells(1, lengths=(axes,), empty=True),
        "ceil_mode": _flag,
    }


def _fractional(axes: int) -> dict[str, Kind]:
    return {
        "kernel_size": _cells(1, lengths=(axes,)),
        "output_size": _cells(1, lengths=(axes,), empty=True),
        "output_ratio": _factors(0.01, 0.99, axes),
        "return_indices": _one_result,
    }


def _adaptive(axes: int) -> dict[str, Kind]:
    return {"output_size": _cells(1, lengths=(1, axes) if axes == 1 else (axes,), gaps=axes > 1)}


def _adaptive_maximum(axes: int) -> dict[str, Kind]:
    return _adaptive(axes) | {"return_indices": _one_result}


def _padding(axes: int, low: int = 0) -> dict[str, Kind]:
    return {"padding": _cells(low, lengths=(2 * axes,))}


NORM: dict[str, Kind] = {
    "num_features": SIZE,
    "eps": _real(0, 1),
    "momentum": _real(0, 1, empty=True),
    "affine": _flag,
    "track_running_stats": _flag,
    "bias": _flag,
}
INPLACE: dict[str, Kind] = {"inplace": _flag}
DROPOUT: dict[str, Kind] = {"p": RATE, "inplace": _flag}
PATCHES: dict[str, Kind] = {
    "kernel_size": _cells(1, lengths=(2,)),
    "dilation": _cells(1, lengths=(2,)),
    "padding": _cells(0, lengths=(2,)),
    "stride": _cells(1, lengths=(2,)),
}
UPSAMPLED: dict[str, Kind] = {"size": _cells(1, lengths=(2,), empty=True), "scale_factor": _factors(0.01, 64, 2)}

ALLOWED: dict[type[nn.Module], dict[str, Kind]] = {
    nn.Conv1d: _convolution(1),
    nn.Conv2d: _convolution(2),
    nn.Conv3d: _convolution(3),
    nn.ConvTranspose1d: _transposed(1),
    nn.ConvTranspose2d: _transposed(2),
    nn.ConvTranspose3d: _transposed(3),
    nn.MaxPool1d: _maximum(1),
    nn.MaxPool2d: _maximum(2),
    nn.MaxPool3d: _maximum(3),
    nn.AvgPool1d: _mean(1),
    nn.AvgPool2d: _mean(2),
    nn.AvgPool3d: _mean(3),
    nn.LPPool1d: _power(1),
    nn.LPPool2d: _power(2),
    nn.LPPool3d: _power(3),
    nn.FractionalMaxPool2d: _fractional(2),
    nn.FractionalMaxPool3d: _fractional(3),
    nn.AdaptiveAvgPool1d: _adaptive(1),
    nn.AdaptiveAvgPool2d: _adaptive(2),
    nn.AdaptiveAvgPool3d: _adaptive(3),
    nn.AdaptiveMaxPool1d: _adaptive_maximum(1),
    nn.AdaptiveMaxPool2d: _adaptive_maximum(2),
    nn.AdaptiveMaxPool3d: _adaptive_maximum(3),
    nn.BatchNorm1d: NORM,
    nn.BatchNorm2d: NORM,
    nn.BatchNorm3d: NORM,
    nn.InstanceNorm1d: NORM,
    nn.InstanceNorm2d: NORM,
    nn.InstanceNorm3d: NORM,
    nn.LayerNorm: {"normalized_shape": SIZES, "eps": _real(0, 1), "elementwise_affine": _flag, "bias": _flag},
    nn.RMSNorm: {"normalized_shape": SIZES, "eps": _real(0, 1, empty=True), "elementwise_affine": _flag},
    nn.GroupNorm: {"num_groups": SIZE, "num_channels": SIZE, "eps": _real(0, 1), "affine": _flag, "bias": _flag},
    nn.LocalResponseNorm: {"size": COUNT, "alpha": _real(0, 1), "beta": _real(0, 10), "k": _real(0, 100)},
    nn.Dropout: DROPOUT,
    nn.Dropout1d: DROPOUT,
    nn.Dropout2d: DROPOUT,
    nn.Dropout3d: DROPOUT,
    nn.AlphaDropout: DROPOUT,
    nn.FeatureAlphaDropout: DROPOUT,
    nn.ReLU: INPLACE,
    nn.ReLU6: INPLACE,
    nn.LeakyReLU: {"negative_slope": SLOPE, "inplace": _flag},
    nn.PReLU: {"num_parameters": SIZE, "init": SLOPE},
    nn.RReLU: {"lower": SLOPE, "upper": SLOPE, "inplace": _flag},
    nn.ELU: {"alpha": SLOPE, "inplace": _flag},
    nn.CELU: {"alpha": SLOPE, "inplace": _flag},
    nn.SELU: INPLACE,
    nn.GELU: {"approximate": _word("none", "tanh")},
    nn.GLU: {"dim": DIM},
    nn.SiLU: INPLACE,
    nn.Mish: INPLACE,
    nn.Hardswish: INPLACE,
    nn.Hardsigmoid: INPLACE,
    nn.Hardtanh: {"min_val": ANY, "max_val": ANY, "inplace": _flag},
    nn.Threshold: {"threshold": ANY, "value": ANY, "inplace": _flag},
    nn.Hardshrink: {"lambd": _real(0, 1e6)},
    nn.Softshrink: {"lambd": _real(0, 1e6)},
    nn.Tanhshrink: {},
    nn.Softplus: {"beta": _real(0.001, 1000), "threshold": _real(0, 1000)},
    nn.Softsign: {},
    nn.Sigmoid: {},
    nn.LogSigmoid: {},
    nn.Tanh: {},
    nn.Softmax: {"dim": DIM},
    nn.Softmax2d: {},
    nn.Softmin: {"dim": DIM},
    nn.LogSoftmax: {"dim": DIM},
    nn.Flatten: {"start_dim": DIM, "end_dim": DIM},
    nn.Unflatten: {"dim": DIM, "unflattened_size": UNFLATTENED},
    nn.Unfold: PATCHES,
    nn.Fold: {"output_size": _cells(1, lengths=(2,)), **PATCHES},
    nn.PixelShuffle: {"upscale_factor": COUNT},
    nn.PixelUnshuffle: {"downscale_factor": COUNT},
    nn.ChannelShuffle: {"groups": SIZE},
    nn.Linear: {"in_features": SIZE, "out_features": SIZE, "bias": _flag},
    nn.Identity: {},
    nn.Upsample: {
        "size": _cells(1, lengths=(1, 2, 3), empty=True),
        "scale_factor": _factors(0.01, 64, 3),
        "mode": _word("nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area"),
        "align_corners": _open_flag,
        "recompute_scale_factor": _open_flag,
    },
    nn.UpsamplingNearest2d: UPSAMPLED,
    nn.UpsamplingBilinear2d: UPSAMPLED,
    nn.ZeroPad1d: _padding(1, -MAX_CELLS),
    nn.ZeroPad2d: _padding(2, -MAX_CELLS),
    nn.ZeroPad3d: _padding(3, -MAX_CELLS),
    nn.ConstantPad1d: _padding(1, -MAX_CELLS) | {"value": ANY},
    nn.ConstantPad2d: _padding(2, -MAX_CELLS) | {"value": ANY},
    nn.ConstantPad3d: _padding(3, -MAX_CELLS) | {"value": ANY},
    nn.ReflectionPad1d: _padding(1),
    nn.ReflectionPad2d: _padding(2),
    nn.ReflectionPad3d: _padding(3),
    nn.ReplicationPad1d: _padding(1),
    nn.ReplicationPad2d: _padding(2),
    nn.ReplicationPad3d: _padding(3),
    nn.CircularPad1d: _padding(1),
    nn.CircularPad2d: _padding(2),
    nn.CircularPad3d: _padding(3),
}
LAYERS = {layer.__name__: layer for layer in ALLOWED}

_INTEGERS = "takes integers, such as the numbers of words, and a picture is made of real numbers"
_TUPLE = "gives its output and its state, and the next layer of a Sequential takes one tensor; write a class for it"
_INPUTS = "takes more than one tensor, and a Sequential hands on one; write a class for it"
_HOLDER = "holds layers and does not run them; write nn.Sequential, or a class"
# layers of torch.nn that do not belong into a text, and why
UNSUITED = {
    **dict.fromkeys(("Embedding", "EmbeddingBag"), _INTEGERS),
    **dict.fromkeys(("RNN", "LSTM", "GRU", "RNNBase"), _TUPLE),
    **dict.fromkeys(("RNNCell", "LSTMCell", "GRUCell", "RNNCellBase"), _TUPLE),
    **dict.fromkeys(("Bilinear", "CosineSimilarity", "PairwiseDistance", "MultiheadAttention"), _INPUTS),
    **dict.fromkeys(("MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d", "Transformer"), _INPUTS),
    **dict.fromkeys(("TransformerDecoder", "TransformerDecoderLayer"), _INPUTS),
    **dict.fromkeys(("TransformerEncoder", "TransformerEncoderLayer"), "is read inside a class; write a class for it"),
    **dict.fromkeys(("ModuleList", "ModuleDict", "ParameterList", "ParameterDict", "Module", "Container"), _HOLDER),
    "SyncBatchNorm": "needs several processes; write nn.BatchNorm2d",
    "CrossMapLRN2d": "is an old form; write nn.LocalResponseNorm",
    "DataParallel": "spreads a network over several devices; leave it out",
    **{
        name: f"learns the size of its input in its first run; write nn.{name[4:]} with that size, or a class"
        for name in vars(nn)
        if name.startswith("Lazy")
    },
}

# of each layer the parameters that a text may set, in torch's order, with their defaults
SIGNATURES: dict[type[nn.Module], dict[str, inspect.Parameter]] = {
    layer: {name: parameter for name, parameter in inspect.signature(layer).parameters.items() if name in kinds}
    for layer, kinds in ALLOWED.items()
}
