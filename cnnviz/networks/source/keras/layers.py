"""Layers of Keras as those of PyTorch. Keras has channels last, (H, W, C), and works out what comes in; PyTorch has
channels first, (C, H, W), and is told. Defaults and formulas of sizes are those of https://keras.io/api/layers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

from cnnviz.networks.notation import NotationError, parse, write
from cnnviz.networks.notation.layers import MAX_TRACED
from cnnviz.networks.source.keras.comparing import compare
from cnnviz.networks.source.keras.kinds import (
    PARAMETERS,
    PREPARING,
    SHAPES,
    WITHOUT,
    Call,
    NoCounterpartError,
    Shape,
)
from cnnviz.networks.source.keras.state import FLATTENED, UNFLATTENED, State, number, set_input, shape_shown, whole
from cnnviz.networks.source.keras.windows import RULES as WINDOWS
from cnnviz.networks.source.keras.windows import convolve


@dataclass(frozen=True)
class Translated:
    """The text of an nn.Sequential, '' where there is none; sentences on what differs, or why there is none; the
    input's shape as PyTorch has it, (C, H, W), () where it is not known; and whether the text has it `in_part` alone,
    for layers are known to be missing."""

    text: str = ""
    notes: tuple[str, ...] = ()
    input_shape: tuple[int, ...] = ()
    in_part: bool = False


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
HARD_NOTE = (
    "hard_sigmoid is x / 6 + 0.5, cut off at 0 and 1, in PyTorch as in Keras 3; in Keras 2 it was 0.2 x + 0.5, cut off "
    "there."
)
SOFTMAX = "nn.Softmax(dim=1)"
SOFTMAX_NOTE = (
    "The softmax at the end is left out: in PyTorch it belongs to the loss, nn.CrossEntropyLoss, "
    "which takes the numbers before it."
)


def translate(calls: list[Call]) -> Translated:
    """The text of the same layers in PyTorch, or a sentence that names what has no counterpart."""
    first = any(call.arguments.get("data_format") == "channels_first" for call in calls)
    state = State(first=first, rows=any("1D" in call.kind for call in calls))
    try:
        for call in calls:
            _begin(state, call)
            before, begun = state.shape, len(state.layers)
            _layer(state, call)
            compare(state, call, before, begun)
        if state.layers and state.layers[-1] == SOFTMAX:
            state.layers.pop()
            state.note(SOFTMAX_NOTE)
        if not state.layers:
            raise NoCounterpartError("The Sequential has no layers.")
        text = write(parse(f"nn.Sequential({', '.join(state.layers)})", traced=True).weightless())
    except NoCounterpartError as error:
        return Translated("", (str(error),))
    except NotationError as error:
        reason = str(error).partition(": ")[2]
        return Translated("", (f"The layers of PyTorch would not be allowed here: {reason}",))
    return Translated(text, tuple(dict.fromkeys(state.notes)), state.input_shape)


def _begin(state: State, call: Call) -> None:
    """Takes the input's shape from the first layer that gives one. Raises NoCounterpartError."""
    state.line = call.line
    given = _given_shape(call.arguments)
    if state.shape is not None or given is None:
        return
    if (
        not all(one is None or (type(one) is int and 1 <= one <= MAX_TRACED) for one in given)
        or not 1 <= len(given) <= 4
    ):
        raise state.wrong(f"the shape of the input is {str(given)[:60]}, and one such as (28, 28, 1) is wanted.")
    if state.first and len(given) > (1 if state.rows else 2):
        given = (*given[1:], given[0])
    if len(given) == 2 and call.kind in ("Flatten", "Rescaling", "Reshape", "Input"):
        given = given if call.kind == "Input" else (*given, 1)
    state.shape = given
    set_input(state, given)


def _given_shape(arguments: dict[str, Any]) -> Shape | None:
    """The shape that a first layer is given, without the batch; None where it is given none."""
    for name in SHAPES:
        value = arguments.get(name)
        if value is not None:
            value = tuple(value) if isinstance(value, tuple | list) else (value,)
            return value[1:] if "batch" in name else value
    return None


def _layer(state: State, call: Call) -> None:
    """Adds what a layer is in PyTorch. Raises NoCounterpartError."""
    kind, given = call.kind, call.arguments
    if kind in WITHOUT:
        raise state.wrong(f"Keras's {kind} has no counterpart in an nn.Sequential: {WITHOUT[kind]}.")
    if kind in PREPARING:
        state.note(f"{kind} is left out: in PyTorch pictures are prepared before the network, not in it.")
        return
    ordered = "channels_first" if state.first else "channels_last"
    if kind != "Flatten" and "data_format" in _known(kind) and (given.get("data_format") or "channels_last") != ordered:
        raise state.wrong(
            f"{kind} has data_format={given.get('data_format') or 'channels_last'!r}, and another layer has "
            f"{ordered!r}; only layers of one order are translated."
        )
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


def _input(state: State, given: dict[str, Any], axes: int) -> None:
    if state.shape is None:
        raise state.wrong("Input is given no shape.")


def _flatten(state: State, given: dict[str, Any], axes: int) -> None:
    shape = state.shape
    if shape is None:
        raise state.wrong("the shape of the input is not in the text; give the first layer input_shape=(28, 28, 1).")
    if not state.layers and len(shape) == 2:
        shape = (*shape, 1)
        set_input(state, shape)
    state.layers.append("nn.Flatten()")
    as_it_lies = state.first and given.get("data_format") != "channels_first"
    if not as_it_lies and len(shape) > 1 and shape[-1] != 1 and any(one != 1 for one in shape[:-1]):
        state.note(FLATTENED)
    state.shape = (None if None in shape else prod(one or 1 for one in shape),)


def _reshape(state: State, given: dict[str, Any], axes: int) -> None:
    shape, target = state.shape, given.get("target_shape")
    if not isinstance(target, tuple):
        raise state.wrong(f"the target_shape of Reshape is {str(target)[:40]}, and a tuple such as (784,) is wanted.")
    if shape is None or None in shape:
        raise state.wrong("what Reshape makes cannot be worked out, for the shape that comes in is not given.")
    if not all(type(one) is int and (one == -1 or 1 <= one <= MAX_TRACED) for one in target) or target.count(-1) > 1:
        raise state.wrong(f"the target_shape of Reshape is {str(target)[:40]}.")
    if state.first and len(shape) > 1 and len(target) > 1:
        raise state.wrong("a Reshape of pictures with channels_first has no counterpart among PyTorch's layers.")
    cells = prod(one or 1 for one in shape)
    known = prod(one for one in target if one != -1)
    target = tuple(cells // known if one == -1 else one for one in target)
    if prod(target) != cells or not target:
        raise state.wrong(
            f"Reshape makes {shape_shown(target)} of {shape_shown(shape)}, and the numbers are not as many."
        )
    if target != shape and not (not state.layers and (*shape, 1) == target):
        if len(shape) > 1 and len(target) > 1 and shape[-1] == target[-1] and 2 in (len(shape), len(target)):
            merged = len(target) == 2  # rows and columns into one axis, or the other way round
            state.layers.append("nn.Flatten(2)" if merged else f"nn.Unflatten(2, {target[:-1]})")
            state.shape = target
            return
        if len(shape) > 1 and len(target) > 1:
            raise state.wrong(
                f"Reshape of {shape_shown(shape)} to {shape_shown(target)} has no counterpart among PyTorch's layers."
            )
        first = target if state.first else (target[-1], *target[:-1])
        state.layers.append("nn.Flatten()" if len(target) == 1 else f"nn.Unflatten(1, {first})")
        if len(target) > 1 and target[-1] != 1 and not state.first:
            state.note(UNFLATTENED)
        if len(target) == 1 and shape[-1] != 1 and not state.first:
            state.note(FLATTENED)
        target = (*first[1:], first[0]) if len(target) > 1 else target
    elif not state.layers:
        set_input(state, target)
    state.shape = target


def _dense(state: State, given: dict[str, Any], axes: int) -> None:
    """A Linear; over the channels of a picture, which Keras's Dense works on, a convolution of 1 x 1."""
    units = whole(state, given.get("units"), "units")
    shape = state.shape
    if shape is not None and len(shape) > 1:
        state.last_axis("Dense")
        state.note("Dense works on the last axis, the channels, at each place: that is a convolution of kernel size 1.")
        convolve(state, {"kernel_size": 1, "use_bias": given.get("use_bias", True)}, len(shape) - 1, units)
        return
    if shape == (None,):
        raise state.wrong("the size of the input is not given, so that in_features of Linear cannot be worked out.")
    _, features = state.take(0, "Dense")
    state.layers.append(f"nn.Linear({features}, {units}{'' if given.get('use_bias', True) else ', bias=False'})")
    state.shape = (units,)


def _dropout(state: State, given: dict[str, Any], axes: int) -> None:
    state.layers.append(f"nn.Dropout({number(state, given.get('rate', 0.5), 'rate')})")


def _alpha_dropout(state: State, given: dict[str, Any], axes: int) -> None:
    state.layers.append(f"nn.AlphaDropout({number(state, given.get('rate', 0.5), 'rate')})")


def _spatial_dropout(state: State, given: dict[str, Any], axes: int) -> None:
    state.layers.append(f"nn.Dropout{axes}d({number(state, given.get('rate', 0.5), 'rate')})")


def _affine(state: State, given: dict[str, Any], word: str) -> str:
    """What a norm scales and shifts by."""
    center, scale = given.get("center", True), given.get("scale", True)
    if center and not scale:
        raise state.wrong("a norm with scale=False and center=True has no counterpart in PyTorch.")
    return "" if center and scale else ", bias=False" if scale else f", {word}=False"


def _batch_norm(state: State, given: dict[str, Any], axes: int) -> None:
    """Keras's momentum is the share that is kept, PyTorch's the share that is new."""
    along = 0 if state.shape is None else len(state.shape) - 1
    _, channels = state.take(along, "BatchNormalization")
    _along_channels(state, given, along, "BatchNormalization")
    epsilon = number(state, given.get("epsilon", 1e-3), "epsilon")
    new = round(1 - number(state, given.get("momentum", 0.99), "momentum"), 10)
    words = f"{channels}, eps={epsilon}, momentum={new}{_affine(state, given, 'affine')}"
    state.layers.append(f"nn.BatchNorm{max(along, 1)}d({words})")


def _along_channels(state: State, given: dict[str, Any], along: int, kind: str) -> None:
    """Raises NoCounterpartError where a norm works along another axis than the channels."""
    axis = given.get("axis", -1)
    if axis not in ((1, (1,)) if state.first and along else (-1, along + 1, (-1,), (along + 1,))):
        instead = "; with channels_first write axis=1" if state.first else ""
        raise state.wrong(f"{kind} along axis {str(axis)[:20]} has no counterpart in PyTorch{instead}.")


def _layer_norm(state: State, given: dict[str, Any], axes: int) -> None:
    shape = state.shape
    if shape is not None and len(shape) > 1:
        raise state.wrong(
            "LayerNormalization works on the channels at each place, and nn.LayerNorm on the last axes, "
            "which are rows and columns: there is no counterpart."
        )
    _, features = state.take(0, "LayerNormalization")
    epsilon = number(state, given.get("epsilon", 1e-3), "epsilon")
    state.layers.append(f"nn.LayerNorm({features}, eps={epsilon}{_affine(state, given, 'elementwise_affine')})")


def _group_norm(state: State, given: dict[str, Any], axes: int) -> None:
    along = 0 if state.shape is None else len(state.shape) - 1
    _, channels = state.take(along, "GroupNormalization")
    _along_channels(state, given, along, "GroupNormalization")
    groups = whole(state, given.get("groups", 32), "groups")
    epsilon = number(state, given.get("epsilon", 1e-3), "epsilon")
    state.layers.append(f"nn.GroupNorm({groups}, {channels}, eps={epsilon}{_affine(state, given, 'affine')})")


def _activation(state: State, given: dict[str, Any], axes: int) -> None:
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
    if name.endswith("softmax"):
        state.last_axis(name)
    if name == "hard_sigmoid":
        state.note(HARD_NOTE)
    state.layers.append(_ACTIVATIONS[name])


def _relu(state: State, given: dict[str, Any], axes: int) -> None:
    top, slope = given.get("max_value"), given.get("negative_slope", 0)
    if given.get("threshold", 0) or (top is not None and (top != 6 or slope)):
        raise state.wrong("a ReLU with a threshold, or a max_value other than 6, has no counterpart in PyTorch.")
    leaky = f"nn.LeakyReLU({number(state, slope, 'negative_slope')})" if slope else "nn.ReLU()"
    state.layers.append("nn.ReLU6()" if top is not None else leaky)


def _leaky_relu(state: State, given: dict[str, Any], axes: int) -> None:
    slope = given.get("negative_slope", given.get("alpha", 0.3))
    state.layers.append(f"nn.LeakyReLU({number(state, slope, 'negative_slope')})")


def _elu(state: State, given: dict[str, Any], axes: int) -> None:
    state.layers.append(f"nn.ELU({number(state, given.get('alpha', 1.0), 'alpha')})")


def _prelu(state: State, given: dict[str, Any], axes: int) -> None:
    along = 0 if state.shape is None else len(state.shape) - 1
    _, channels = state.take(along, "PReLU")
    cells = tuple(range(2, along + 2) if state.first else range(1, along + 1))
    if along and tuple(given.get("shared_axes") or ()) != cells:
        raise state.wrong("PReLU has a slope for each cell in Keras and for each channel in PyTorch: no counterpart.")
    state.layers.append(f"nn.PReLU({channels})")


def _softmax(state: State, given: dict[str, Any], axes: int) -> None:
    if given.get("axis", -1) != -1:
        raise state.wrong("a Softmax along another axis than the last has no counterpart here.")
    state.last_axis("Softmax")
    state.layers.append(SOFTMAX)


def _rescaling(state: State, given: dict[str, Any], axes: int) -> None:
    if not state.layers and state.shape is not None and len(state.shape) == 2:
        state.shape = (*state.shape, 1)
        set_input(state, state.shape)
    scale, offset = (number(state, given.get(name, usual), name) for name, usual in (("scale", 1), ("offset", 0)))
    state.note(
        f"Rescaling is left out: in PyTorch pictures are scaled before the network. Here each number is multiplied by "
        f"{scale:.6g} and {offset:.6g} is added."
    )


def _sizing(state: State, given: dict[str, Any], axes: int, kind: str) -> None:
    """A layer that gives pictures another size before the network, which then takes that one."""
    size = tuple(whole(state, given.get(name), name) for name in ("height", "width"))
    if state.shape is not None:
        _, channels = state.take(2, kind)
        state.shape = (*size, channels)
        set_input(state, state.shape)
    state.note(
        f"{kind} is left out: in PyTorch pictures are prepared before the network, which takes them at "
        f"{size[0]} x {size[1]}."
    )


def _resizing(state: State, given: dict[str, Any], axes: int) -> None:
    """Behind other layers it is an Upsample, which has the same corners."""
    mode = given.get("interpolation", "bilinear")
    if not state.layers:
        _sizing(state, given, axes, "Resizing")
        return
    if mode not in ("nearest", "bilinear") or any(given.get(f"{one}_to_aspect_ratio") for one in ("crop", "pad")):
        raise state.wrong("a Resizing behind other layers is translated where it is bilinear or nearest and no more.")
    _, channels = state.take(2, "Resizing")
    size = tuple(whole(state, given.get(name), name) for name in ("height", "width"))
    state.layers.append(f"nn.Upsample(size={size}, mode={mode!r})")
    state.shape = (*size, channels)


def _cropping(state: State, given: dict[str, Any], axes: int) -> None:
    if state.layers:
        raise state.wrong("a crop behind other layers has no counterpart in PyTorch: it is a slice in forward.")
    _sizing(state, given, axes, "A crop")


_RULES: dict[str, Callable[[State, dict[str, Any], int], None]] = {
    **WINDOWS,
    "Input": _input,
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
