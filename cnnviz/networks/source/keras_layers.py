"""Layers of Keras as those of PyTorch. Keras has channels last, (H, W, C), and works out what comes in; PyTorch has
channels first, (C, H, W), and is told. Defaults and formulas of sizes are those of https://keras.io/api/layers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any

from cnnviz.networks.notation import NotationError, parse, write
from cnnviz.networks.source.keras_kinds import (
    PARAMETERS,
    PREPARING,
    SHAPES,
    WITHOUT,
    Call,
    NoCounterpartError,
    Shape,
)


@dataclass(frozen=True)
class Translated:
    """The text of an nn.Sequential, '' where there is none; sentences on what differs, or why there is none; and the
    input's shape as PyTorch has it, (C, H, W), () where it is not known."""

    text: str = ""
    notes: tuple[str, ...] = ()
    input_shape: tuple[int, ...] = ()


_ACTIVATIONS = {
    "relu": "nn.ReLU()",
    "relu6": "nn.ReLU6()",
    "leaky_relu": "nn.LeakyReLU(0.2)",
    "elu": "nn.ELU()",
    "selu": "nn.SELU()",
    "gelu": "nn.GELU()",
    "silu": "nn.SiLU()",
    "swish": "nn.SiLU()",
    "mish": "nn.Mish()",
    "sigmoid": "nn.Sigmoid()",
    "hard_sigmoid": "nn.Hardsigmoid()",
    "hard_silu": "nn.Hardswish()",
    "hard_swish": "nn.Hardswish()",
    "tanh": "nn.Tanh()",
    "softplus": "nn.Softplus()",
    "softsign": "nn.Softsign()",
    "softmax": "nn.Softmax(dim=1)",
    "log_softmax": "nn.LogSoftmax(dim=1)",
}
SOFTMAX = "nn.Softmax(dim=1)"
SOFTMAX_NOTE = (
    "The softmax at the end is left out: in PyTorch it belongs to the loss, nn.CrossEntropyLoss, "
    "which takes the numbers before it."
)
ORDER_NOTE = (
    "Keras flattens with channels last and PyTorch with channels first: the layers are the same, "
    "but weights of the next Linear would have to be put into another order."
)


def translate(calls: list[Call]) -> Translated:
    """The text of the same layers in PyTorch, or a sentence that names what has no counterpart."""
    state = _State()
    try:
        for call in calls:
            _begin(state, call)
            _layer(state, call)
        if state.layers and state.layers[-1] == SOFTMAX:
            state.layers.pop()
            state.note(SOFTMAX_NOTE)
        if not state.layers:
            raise NoCounterpartError("The Sequential has no layers.")
        text = write(parse(f"nn.Sequential({', '.join(state.layers)})").weightless())
    except NoCounterpartError as error:
        return Translated("", (str(error),))
    except NotationError as error:
        reason = str(error).partition(": ")[2]
        return Translated("", (f"The layers of PyTorch would not be allowed here: {reason}",))
    return Translated(text, tuple(dict.fromkeys(state.notes)), state.input_shape)


@dataclass
class _State:
    """How far a translation is: the shape that the next layer takes, None before it is known."""

    shape: Shape | None = None
    input_shape: tuple[int, ...] = ()
    layers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    line: int = 0

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)

    def wrong(self, sentence: str) -> NoCounterpartError:
        return NoCounterpartError(f"Line {self.line}: {sentence}" if self.line else sentence)

    def take(self, axes: int, kind: str) -> tuple[tuple[int | None, ...], int]:
        """The sizes and the channels that come in, of a layer that works along so many axes."""
        shape = self.shape
        if shape is None:
            raise self.wrong(
                f"the shape of the input is not in the text, so that the sizes of {kind} cannot be worked out; "
                "give the first layer input_shape=(28, 28, 1), for instance."
            )
        if len(shape) != axes + 1:
            raise self.wrong(f"{kind} takes {axes + 1} axes beside the batch, and {_shown(shape)} comes in.")
        channels = shape[-1]
        if channels is None:
            raise self.wrong(f"the number of channels that {kind} takes is not given.")
        return shape[:-1], channels


def _shown(shape: Shape) -> str:
    return "(" + ", ".join(map(str, shape)) + ")"


def _begin(state: _State, call: Call) -> None:
    """Takes the input's shape from the first layer that gives one. Raises NoCounterpartError."""
    state.line = call.line
    given = _given_shape(call.arguments)
    if state.shape is not None or given is None:
        return
    if not all(one is None or (type(one) is int and 1 <= one <= 65_536) for one in given) or not 1 <= len(given) <= 4:
        raise state.wrong(f"the shape of the input is {str(given)[:60]}, and one such as (28, 28, 1) is wanted.")
    if len(given) == 2 and call.kind in ("Flatten", "Rescaling", "Reshape", "Input"):
        given = given if call.kind == "Input" else (*given, 1)
    state.shape = given
    _set_input(state, given)


def _set_input(state: _State, shape: Shape) -> None:
    """The input's shape with channels first."""
    known = tuple(one for one in (shape[-1], *shape[:-1]) if one is not None)
    state.input_shape = known if len(known) == len(shape) else ()


def _given_shape(arguments: dict[str, Any]) -> Shape | None:
    """The shape that a first layer is given, without the batch; None where it is given none."""
    for name in SHAPES:
        value = arguments.get(name)
        if value is not None:
            value = tuple(value) if isinstance(value, tuple | list) else (value,)
            return value[1:] if "batch" in name else value
    return None


def _layer(state: _State, call: Call) -> None:
    """Adds what a layer is in PyTorch. Raises NoCounterpartError."""
    kind, given = call.kind, call.arguments
    if kind in WITHOUT:
        raise state.wrong(f"Keras's {kind} has no counterpart in an nn.Sequential: {WITHOUT[kind]}.")
    if kind in PREPARING:
        state.note(f"{kind} is left out: in PyTorch pictures are prepared before the network, not in it.")
        return
    if given.get("data_format") not in (None, "channels_last"):
        raise state.wrong(f"{kind} has data_format={given['data_format']!r}; only channels_last is translated.")
    if any("regularizer" in name for name, value in given.items() if value is not None):
        state.note("Regularizers are left out: in PyTorch they are the weight_decay of the optimiser.")
    unknown = [name for name in given if name not in _known(kind) and not name.endswith("_regularizer")]
    if unknown:
        raise state.wrong(f"{kind} is given {unknown[0][:40]}, which is not translated.")
    axes = int(found[1]) if (found := re.search(r"(\d)D", kind)) else 0
    base = re.sub(r"\dD", "", kind)
    _RULES[base](state, given, axes)
    if any(one is not None and one < 1 for one in state.shape or ()):
        raise state.wrong(f"nothing is left of the picture after {kind}; a larger input_shape is wanted.")
    if base != "Activation" and given.get("activation") is not None:
        _activation(state, given, 0)


def _known(kind: str) -> tuple[str, ...]:
    """The names of what a layer may be given that is read, or left out."""
    return (*PARAMETERS[kind], *SHAPES, "alpha", "output_padding") if kind in PARAMETERS else ()


def _axes(state: _State, value: Any, axes: int, what: str, low: int = 1) -> tuple[int, ...]:
    """One number for each axis."""
    parts = tuple(value) if isinstance(value, tuple | list) else (value,) * axes
    if len(parts) == 1:
        parts *= axes
    if len(parts) != axes or not all(type(part) is int and low <= part <= 512 for part in parts):
        raise state.wrong(f"{what} is {str(value)[:40]}, and a whole number from {low} to 512 for each axis is wanted.")
    return parts


def _whole(state: _State, value: Any, what: str) -> int:
    if type(value) is not int or not 1 <= value <= 65_536:
        raise state.wrong(f"{what} is {str(value)[:40]}, and a whole number from 1 to 65,536 is wanted.")
    return value


def _number(state: _State, value: Any, what: str) -> float:
    if type(value) not in (int, float):
        raise state.wrong(f"{what} is {str(value)[:40]}, and a number is wanted.")
    number: float = value
    return number


def _same(state: _State, given: dict[str, Any]) -> bool:
    """Whether the padding is 'same'."""
    padding = given.get("padding", "valid")
    if not isinstance(padding, str) or padding.lower() not in ("valid", "same"):
        raise state.wrong(f"the padding is {str(padding)[:40]!r}, and 'valid' or 'same' is translated.")
    return padding.lower() == "same"


def _out(size: int | None, kernel: int, stride: int, dilation: int, same: bool) -> int | None:
    """ceil(n / s), or ceil((n - d (k - 1)) / s) without padding."""
    if size is None:
        return None
    return -(-size // stride) if same else -(-(size - dilation * (kernel - 1)) // stride)


def _padded(size: int, kernel: int, stride: int, dilation: int = 1) -> int:
    """How many cells 'same' pads along an axis, both sides together."""
    return max((-(-size // stride) - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)


def _convolve(
    state: _State, given: dict[str, Any], axes: int, filters: int, groups: int = 1, bias: bool | None = None
) -> None:
    """A convolution; where 'same' has a stride, what it pads is written out."""
    sizes, channels = state.take(axes, "a convolution")
    kernel = _axes(state, given.get("kernel_size"), axes, "kernel_size")
    stride = _axes(state, given.get("strides", 1), axes, "strides")
    dilation = _axes(state, given.get("dilation_rate", 1), axes, "dilation_rate")
    same = _same(state, given)
    words = f"{channels}, {filters}, {kernel}, stride={stride}, dilation={dilation}, groups={groups}"
    words += "" if (given.get("use_bias", True) if bias is None else bias) else ", bias=False"
    if same and max(stride) == 1:
        words += ", padding='same'"
    elif same:
        words += _stride_and_same(state, sizes, kernel, stride, dilation)
    state.layers.append(f"nn.Conv{axes}d({words})")
    windows = zip(sizes, kernel, stride, dilation, strict=True)
    state.shape = (*(_out(n, k, s, d, same) for n, k, s, d in windows), filters)


def _stride_and_same(
    state: _State, sizes: Shape, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> str:
    """The padding of a convolution with 'same' and a stride: Keras pads one cell more at the end where it does not come
    out even, which PyTorch writes as a layer of its own."""
    if None in sizes:
        raise state.wrong(
            "padding='same' with a stride has no counterpart in PyTorch, and what it pads depends on the size of the "
            "input, which is not given."
        )
    total = [_padded(n or 1, *rest) for n, *rest in zip(sizes, kernel, stride, dilation, strict=True)]
    if all(cells % 2 == 0 for cells in total):
        return f", padding={tuple(cells // 2 for cells in total)}"
    around = [part for cells in reversed(total) for part in (cells // 2, cells - cells // 2)]
    state.layers.append(f"nn.ZeroPad{len(sizes)}d({tuple(around)})")
    state.note(
        "padding='same' with a stride has no counterpart in PyTorch: a ZeroPad layer pads the same cells, "
        f"for an input of {' x '.join(map(str, sizes))}."
    )
    return ""


def _input(state: _State, given: dict[str, Any], axes: int) -> None:
    if state.shape is None:
        raise state.wrong("Input is given no shape.")


def _conv(state: _State, given: dict[str, Any], axes: int) -> None:
    filters, groups = given.get("filters"), given.get("groups", 1)
    _convolve(state, given, axes, _whole(state, filters, "filters"), _whole(state, groups, "groups"))


def _depthwise(state: _State, given: dict[str, Any], axes: int) -> None:
    _, channels = state.take(axes, "DepthwiseConv")
    times = _whole(state, given.get("depth_multiplier", 1), "depth_multiplier")
    _convolve(state, given, axes, channels * times, channels)


def _separable(state: _State, given: dict[str, Any], axes: int) -> None:
    """A convolution of each channel by itself, then one of 1 x 1 over all of them; only the second has a bias."""
    _, channels = state.take(axes, "SeparableConv")
    times = _whole(state, given.get("depth_multiplier", 1), "depth_multiplier")
    filters = _whole(state, given.get("filters"), "filters")
    _convolve(state, given, axes, channels * times, channels, bias=False)
    point = {"kernel_size": 1, "use_bias": given.get("use_bias", True)}
    _convolve(state, point, axes, filters)


def _conv_transpose(state: _State, given: dict[str, Any], axes: int) -> None:
    """n s with 'same', else n s + max(k - s, 0) cells; PyTorch: (n - 1) s - 2 p + k + output_padding."""
    sizes, channels = state.take(axes, f"Conv{axes}DTranspose")
    filters = _whole(state, given.get("filters"), "filters")
    kernel = _axes(state, given.get("kernel_size"), axes, "kernel_size")
    stride = _axes(state, given.get("strides", 1), axes, "strides")
    if given.get("output_padding") is not None or set(_axes(state, given.get("dilation_rate", 1), axes, "it")) != {1}:
        raise state.wrong(f"a Conv{axes}DTranspose with output_padding or dilation_rate is not translated.")
    same = _same(state, given)
    extra = [k - s for k, s in zip(kernel, stride, strict=True)]
    padding = tuple(-(-max(one, 0) // 2) if same else 0 for one in extra)
    more = tuple(2 * p - one if same else max(-one, 0) for p, one in zip(padding, extra, strict=True))
    if same and any(one > 0 and one % 2 for one in extra):
        state.note(
            "A transposed convolution with padding='same' cuts off one cell more at its end in Keras and at its start "
            "in PyTorch: shapes are the same, and pictures shifted by one cell."
        )
    words = f"{channels}, {filters}, {kernel}, stride={stride}, padding={padding}, output_padding={more}"
    words += "" if given.get("use_bias", True) else ", bias=False"
    state.layers.append(f"nn.ConvTranspose{axes}d({words})")
    grown = [
        None if n is None else n * s + (0 if same else max(one, 0))
        for n, s, one in zip(sizes, stride, extra, strict=True)
    ]
    state.shape = (*grown, filters)


def _pooling(state: _State, given: dict[str, Any], axes: int, kind: str) -> None:
    """A pooling; 'same' takes no padded cell into account, as PyTorch's own padding or ceil_mode does."""
    sizes, channels = state.take(axes, "a pooling")
    kernel = _axes(state, given.get("pool_size", 2), axes, "pool_size")
    strides = given.get("strides")
    stride = kernel if strides is None else _axes(state, strides, axes, "strides")
    same, words = _same(state, given), ""
    if same:
        if None in sizes:
            raise state.wrong(
                "what a pooling with padding='same' pads depends on the size of the input: it is not given."
            )
        windows = [(n or 1, k, s) for n, k, s in zip(sizes, kernel, stride, strict=True)]
        total = [_padded(*window) for window in windows]
        if all(cells % 2 == 0 for cells in total):
            words = f", padding={tuple(cells // 2 for cells in total)}" if any(total) else ""
        elif max(total) == 1 and all(-(-(n - k) // s) == -(-n // s) - 1 for n, k, s in windows):
            words = ", ceil_mode=True"
        else:
            raise state.wrong(f"a pooling of {kernel} with padding='same' at {sizes} has no counterpart in PyTorch.")
        words += ", count_include_pad=False" if words and kind == "Avg" else ""
    plain = ", ".join(str(one[0]) if len({*one}) == 1 else str(one) for one in (kernel, stride))
    state.layers.append(f"nn.{kind}Pool{axes}d({plain}{words})")
    state.shape = (*(_out(n, k, s, 1, same) for n, k, s in zip(sizes, kernel, stride, strict=True)), channels)


def _max_pooling(state: _State, given: dict[str, Any], axes: int) -> None:
    _pooling(state, given, axes, "Max")


def _average_pooling(state: _State, given: dict[str, Any], axes: int) -> None:
    _pooling(state, given, axes, "Avg")


def _global(state: _State, given: dict[str, Any], axes: int, kind: str) -> None:
    _, channels = state.take(axes, "a global pooling")
    keep = bool(given.get("keepdims", False))
    state.layers += [f"nn.Adaptive{kind}Pool{axes}d(1)", *([] if keep else ["nn.Flatten()"])]
    state.shape = (*((1,) * axes if keep else ()), channels)


def _global_max(state: _State, given: dict[str, Any], axes: int) -> None:
    _global(state, given, axes, "Max")


def _global_average(state: _State, given: dict[str, Any], axes: int) -> None:
    _global(state, given, axes, "Avg")


def _zero_padding(state: _State, given: dict[str, Any], axes: int) -> None:
    sizes, channels = state.take(axes, "ZeroPadding")
    value = given.get("padding", 1)
    parts = tuple(value) if isinstance(value, tuple | list) else (value,) * axes
    if axes == 1 and len(parts) == 2:
        parts = (parts,)
    pairs = [_axes(state, part, 2, "padding", 0) for part in parts]
    if len(pairs) != axes:
        raise state.wrong(f"padding is {str(value)[:40]}, and a pair for each of {axes} axes is wanted.")
    around = tuple(one for pair in reversed(pairs) for one in pair)
    state.layers.append(f"nn.ZeroPad{axes}d({around})")
    state.shape = (*(None if n is None else n + sum(pair) for n, pair in zip(sizes, pairs, strict=True)), channels)


def _up_sampling(state: _State, given: dict[str, Any], axes: int) -> None:
    sizes, channels = state.take(axes, "UpSampling")
    factors = _axes(state, given.get("size", 2), axes, "size")
    mode = given.get("interpolation", "nearest")
    if mode not in ("nearest", "bilinear", "bicubic"):
        raise state.wrong(f"UpSampling with interpolation={str(mode)[:20]!r} has no counterpart in nn.Upsample.")
    factor = factors[0] if len({*factors}) == 1 else factors
    state.layers.append(f"nn.Upsample(scale_factor={factor}, mode={mode!r})")
    state.shape = (*(None if n is None else n * f for n, f in zip(sizes, factors, strict=True)), channels)


def _flatten(state: _State, given: dict[str, Any], axes: int) -> None:
    shape = state.shape
    if shape is None:
        raise state.wrong("the shape of the input is not in the text; give the first layer input_shape=(28, 28, 1).")
    if not state.layers and len(shape) == 2:
        shape = (*shape, 1)
        _set_input(state, shape)
    state.layers.append("nn.Flatten()")
    if len(shape) > 1 and shape[-1] != 1 and any(one != 1 for one in shape[:-1]):
        state.note(ORDER_NOTE)
    state.shape = (None if None in shape else prod(one or 1 for one in shape),)


def _reshape(state: _State, given: dict[str, Any], axes: int) -> None:
    shape, target = state.shape, given.get("target_shape")
    if not isinstance(target, tuple):
        raise state.wrong(f"the target_shape of Reshape is {str(target)[:40]}, and a tuple such as (784,) is wanted.")
    if shape is None or None in shape:
        raise state.wrong("what Reshape makes cannot be worked out, for the shape that comes in is not given.")
    if not all(type(one) is int and (one == -1 or 1 <= one <= 65_536) for one in target) or target.count(-1) > 1:
        raise state.wrong(f"the target_shape of Reshape is {str(target)[:40]}.")
    cells = prod(one or 1 for one in shape)
    known = prod(one for one in target if one != -1)
    target = tuple(cells // known if one == -1 else one for one in target)
    if prod(target) != cells or not target:
        raise state.wrong(f"Reshape makes {_shown(target)} of {_shown(shape)}, and the numbers are not as many.")
    if target != shape and not (not state.layers and (*shape, 1) == target):
        if len(shape) > 1 and len(target) > 1:
            raise state.wrong(
                f"Reshape of {_shown(shape)} to {_shown(target)} has no counterpart among PyTorch's layers."
            )
        first = (target[-1], *target[:-1])
        state.layers.append("nn.Flatten()" if len(target) == 1 else f"nn.Unflatten(1, {first})")
        if (len(target) > 1 and target[-1] != 1) or (len(target) == 1 and shape[-1] != 1):
            state.note(ORDER_NOTE)
    elif not state.layers:
        _set_input(state, target)
    state.shape = target


def _dense(state: _State, given: dict[str, Any], axes: int) -> None:
    """A Linear; over the channels of a picture, which Keras's Dense works on, a convolution of 1 x 1."""
    units = _whole(state, given.get("units"), "units")
    shape = state.shape
    if shape is not None and len(shape) > 1:
        state.note("Dense works on the last axis, the channels, at each place: that is a convolution of kernel size 1.")
        _convolve(state, {"kernel_size": 1, "use_bias": given.get("use_bias", True)}, len(shape) - 1, units)
        return
    if shape == (None,):
        raise state.wrong("the size of the input is not given, so that in_features of Linear cannot be worked out.")
    _, features = state.take(0, "Dense")
    state.layers.append(f"nn.Linear({features}, {units}{'' if given.get('use_bias', True) else ', bias=False'})")
    state.shape = (units,)


def _dropout(state: _State, given: dict[str, Any], axes: int) -> None:
    state.layers.append(f"nn.Dropout({_number(state, given.get('rate', 0.5), 'rate')})")


def _alpha_dropout(state: _State, given: dict[str, Any], axes: int) -> None:
    state.layers.append(f"nn.AlphaDropout({_number(state, given.get('rate', 0.5), 'rate')})")


def _spatial_dropout(state: _State, given: dict[str, Any], axes: int) -> None:
    state.layers.append(f"nn.Dropout{axes}d({_number(state, given.get('rate', 0.5), 'rate')})")


def _affine(state: _State, given: dict[str, Any], word: str) -> str:
    """What a norm scales and shifts by."""
    center, scale = given.get("center", True), given.get("scale", True)
    if center and not scale:
        raise state.wrong("a norm with scale=False and center=True has no counterpart in PyTorch.")
    return "" if center and scale else ", bias=False" if scale else f", {word}=False"


def _batch_norm(state: _State, given: dict[str, Any], axes: int) -> None:
    """Keras's momentum is the share that is kept, PyTorch's the share that is new."""
    along = 0 if state.shape is None else len(state.shape) - 1
    _, channels = state.take(along, "BatchNormalization")
    if given.get("axis", -1) not in (-1, along + 1, (-1,), (along + 1,)):
        raise state.wrong(f"BatchNormalization along axis {str(given['axis'])[:20]} has no counterpart in PyTorch.")
    epsilon = _number(state, given.get("epsilon", 1e-3), "epsilon")
    new = round(1 - _number(state, given.get("momentum", 0.99), "momentum"), 10)
    words = f"{channels}, eps={epsilon}, momentum={new}{_affine(state, given, 'affine')}"
    state.layers.append(f"nn.BatchNorm{max(along, 1)}d({words})")


def _layer_norm(state: _State, given: dict[str, Any], axes: int) -> None:
    shape = state.shape
    if shape is not None and len(shape) > 1:
        raise state.wrong(
            "LayerNormalization works on the channels at each place, and nn.LayerNorm on the last axes, "
            "which are rows and columns: there is no counterpart."
        )
    _, features = state.take(0, "LayerNormalization")
    epsilon = _number(state, given.get("epsilon", 1e-3), "epsilon")
    state.layers.append(f"nn.LayerNorm({features}, eps={epsilon}{_affine(state, given, 'elementwise_affine')})")


def _group_norm(state: _State, given: dict[str, Any], axes: int) -> None:
    along = 0 if state.shape is None else len(state.shape) - 1
    _, channels = state.take(along, "GroupNormalization")
    groups = _whole(state, given.get("groups", 32), "groups")
    epsilon = _number(state, given.get("epsilon", 1e-3), "epsilon")
    state.layers.append(f"nn.GroupNorm({groups}, {channels}, eps={epsilon}{_affine(state, given, 'affine')})")


def _activation(state: _State, given: dict[str, Any], axes: int) -> None:
    """An activation by its name, or as a layer of its own."""
    value = given.get("activation")
    if isinstance(value, Call):
        _layer(state, value)
        return
    name = str(value)
    if name == "linear":
        return
    if name not in _ACTIVATIONS:
        raise state.wrong(f"the activation {name[:40]!r} has no counterpart among PyTorch's layers.")
    state.layers.append(_ACTIVATIONS[name])


def _relu(state: _State, given: dict[str, Any], axes: int) -> None:
    top, slope = given.get("max_value"), given.get("negative_slope", 0)
    if given.get("threshold", 0) or (top is not None and (top != 6 or slope)):
        raise state.wrong("a ReLU with a threshold, or a max_value other than 6, has no counterpart in PyTorch.")
    leaky = f"nn.LeakyReLU({_number(state, slope, 'negative_slope')})" if slope else "nn.ReLU()"
    state.layers.append("nn.ReLU6()" if top is not None else leaky)


def _leaky_relu(state: _State, given: dict[str, Any], axes: int) -> None:
    slope = given.get("negative_slope", given.get("alpha", 0.3))
    state.layers.append(f"nn.LeakyReLU({_number(state, slope, 'negative_slope')})")


def _elu(state: _State, given: dict[str, Any], axes: int) -> None:
    state.layers.append(f"nn.ELU({_number(state, given.get('alpha', 1.0), 'alpha')})")


def _prelu(state: _State, given: dict[str, Any], axes: int) -> None:
    along = 0 if state.shape is None else len(state.shape) - 1
    _, channels = state.take(along, "PReLU")
    if along and tuple(given.get("shared_axes") or ()) != tuple(range(1, along + 1)):
        raise state.wrong("PReLU has a slope for each cell in Keras and for each channel in PyTorch: no counterpart.")
    state.layers.append(f"nn.PReLU({channels})")


def _softmax(state: _State, given: dict[str, Any], axes: int) -> None:
    if given.get("axis", -1) != -1:
        raise state.wrong("a Softmax along another axis than the last has no counterpart here.")
    state.layers.append(SOFTMAX)


def _rescaling(state: _State, given: dict[str, Any], axes: int) -> None:
    if not state.layers and state.shape is not None and len(state.shape) == 2:
        state.shape = (*state.shape, 1)
        _set_input(state, state.shape)
    scale, offset = (_number(state, given.get(name, usual), name) for name, usual in (("scale", 1), ("offset", 0)))
    state.note(
        f"Rescaling is left out: in PyTorch pictures are scaled before the network. Here each number is multiplied by "
        f"{scale:.6g} and {offset:.6g} is added."
    )


def _sizing(state: _State, given: dict[str, Any], axes: int, kind: str) -> None:
    """A layer that gives pictures another size before the network, which then takes that one."""
    size = tuple(_whole(state, given.get(name), name) for name in ("height", "width"))
    if state.shape is not None:
        _, channels = state.take(2, kind)
        state.shape = (*size, channels)
        _set_input(state, state.shape)
    state.note(
        f"{kind} is left out: in PyTorch pictures are prepared before the network, which takes them at "
        f"{size[0]} x {size[1]}."
    )


def _resizing(state: _State, given: dict[str, Any], axes: int) -> None:
    """Behind other layers it is an Upsample, which has the same corners."""
    mode = given.get("interpolation", "bilinear")
    if not state.layers:
        _sizing(state, given, axes, "Resizing")
        return
    if mode not in ("nearest", "bilinear") or any(given.get(f"{one}_to_aspect_ratio") for one in ("crop", "pad")):
        raise state.wrong("a Resizing behind other layers is translated where it is bilinear or nearest and no more.")
    _, channels = state.take(2, "Resizing")
    size = tuple(_whole(state, given.get(name), name) for name in ("height", "width"))
    state.layers.append(f"nn.Upsample(size={size}, mode={mode!r})")
    state.shape = (*size, channels)


def _cropping(state: _State, given: dict[str, Any], axes: int) -> None:
    if state.layers:
        raise state.wrong("a crop behind other layers has no counterpart in PyTorch: it is a slice in forward.")
    _sizing(state, given, axes, "A crop")


_RULES: dict[str, Callable[[_State, dict[str, Any], int], None]] = {
    "Input": _input,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "SeparableConv": _separable,
    "DepthwiseConv": _depthwise,
    "MaxPooling": _max_pooling,
    "AveragePooling": _average_pooling,
    "GlobalMaxPooling": _global_max,
    "GlobalAveragePooling": _global_average,
    "ZeroPadding": _zero_padding,
    "UpSampling": _up_sampling,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Dense": _dense,
    "Dropout": _dropout,
    "AlphaDropout": _alpha_dropout,
    "SpatialDropout": _spatial_dropout,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "GroupNormalization": _group_norm,
    "Activation": _activation,
    "ReLU": _relu,
    "LeakyReLU": _leaky_relu,
    "ELU": _elu,
    "PReLU": _prelu,
    "Softmax": _softmax,
    "Rescaling": _rescaling,
    "Resizing": _resizing,
    "CenterCrop": _cropping,
    "RandomCrop": _cropping,
}
