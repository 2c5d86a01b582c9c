"""What model.summary() of Keras prints: a layer, its output shape and its parameters in each row, boxed in Keras 3.
What is not printed is worked out where there is one answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt
from typing import Any

from cnnviz.networks.source.keras.kinds import BEFORE, Call, NoCounterpartError, Printed, Shape
from cnnviz.networks.source.keras.rows import Row, is_headed, rows, total

SIDES = (28, 32, 48, 64, 96, 100, 128, 150, 160, 180, 200, 224, 227, 256, 299)  # of pictures, as they usually are
MAX_STRIDE = 4

_ACTIVATIONS = ("Activation", "ReLU", "LeakyReLU", "ELU", "PReLU")
_WEIGHTED = re.compile(r"(Separable|Depthwise)?Conv\dD(Transpose)?|Dense")
_SIZED = re.compile(r"(Separable|Depthwise)?Conv\dD(Transpose)?|(Max|Average)Pooling\dD|(ZeroPadding|UpSampling)\dD")


class _UnfittingError(ValueError):
    """Why a row cannot stand behind the one above it."""


@dataclass(frozen=True)
class Table:
    """The layers of a table with what they were given, what is to be said of them, and whether some are missing."""

    calls: list[Call]
    notes: list[str]
    in_part: bool


def calls(text: str) -> Table:
    """The layers of the table in a text. Raises NoCounterpartError with what is not printed."""
    if "Connected to" in text:
        raise NoCounterpartError(
            "This is the summary of a functional model of Keras; only a Sequential is translated. "
            "Write it as a class with a forward, as PyTorch has it."
        )
    table = rows(text)
    before, notes = (table[0].shape, []) if table[0].kind == "Input" else _input_of(table, is_headed(text))
    missing = _missing(text, table)
    found = [Call("Input", {"shape": before})]
    last = max((index for index, row in enumerate(table) if row.parameters), default=-1)
    final = max((index for index, row in enumerate(table) if _WEIGHTED.fullmatch(row.kind)), default=-1)
    activated = any(row.kind in _ACTIVATIONS for row in table[:last])
    for index, row in enumerate(table):
        ends = row.kind == "Activation" and index > last >= 0
        above = table[index - 1].own_name if index else ""
        kind, given = row.kind, {}
        if row.kind == "Sequential" and any(one.parameters for one in table[:index]):
            raise NoCounterpartError(
                f"{row.own_name} of the summary holds layers that are not printed; paste the code, or its own summary."
            )
        if row.kind == "Sequential" and row.shape != before:
            kind, given = "Resizing", _resized(row, before)
        elif row.kind in ("Input", "Rescaling", "Sequential") or ends:
            kind, given = "Activation", {"activation": "linear"}  # which is no layer
        else:
            given = _given(row, before, above)
            if _WEIGHTED.fullmatch(row.kind) and index != final and not activated:
                given["activation"] = "relu"
        kept = 2 * _channels(row.shape) if row.kind == "BatchNormalization" else 0
        found.append(Call(kind, given, 0, Printed(row.own_name, above, row.shape, row.parameters - kept)))
        before = row.shape
    return Table(found, [*notes, *missing, *_unprinted(table, last, activated)], bool(missing))


def _given(row: Row, before: Shape, above: str) -> dict[str, Any]:
    """What a layer was given, as far as its row and the shape before it say; `above` is the name of the row before it.
    Raises NoCounterpartError."""
    if _SIZED.fullmatch(row.kind) and None in (*before, *row.shape):
        raise NoCounterpartError(
            f"Sizes are printed as None, so that the stride and padding of {row.kind} do not follow; paste the code."
        )
    try:
        return _RULES[row.kind](row, before) if row.kind in _RULES else {}
    except _UnfittingError as error:
        where = f"between {above} and {row.own_name}" if above else f"above {row.own_name}"
        raise NoCounterpartError(f"{error}: rows may be missing {where}. Paste the whole table, or the code.") from None


def _unprinted(table: list[Row], last: int, activated: bool) -> Iterator[str]:
    """What a summary does not print of these layers, and what stands here in its place."""
    kinds = [row.kind for row in table]
    if activated:
        yield "A summary prints no activations inside other layers: only those that have a row of their own stand here."
        if "Activation" in kinds[:last]:
            yield "Which function an Activation is, is not printed: ReLU stands here."
    elif sum(_WEIGHTED.fullmatch(kind) is not None for kind in kinds) > 1:
        yield "A summary prints no activations: ReLU stands here behind each convolution and Dense but the last."
    if last >= 0 and "Activation" in kinds[last + 1 :]:
        yield (
            "The Activation at the end is left out, for its function is not printed: a softmax belongs to the loss, "
            "nn.CrossEntropyLoss, in PyTorch, and another one would have to be added."
        )
    if any(re.match("(Max|Average)Pooling", kind) for kind in kinds):
        yield "A summary prints no windows of poolings: the smallest that gives these shapes stands here."
    if any(kind.endswith("Dropout") or kind.startswith("SpatialDropout") for kind in kinds):
        yield "A summary prints no rates of dropout: 0.5 stands here."
    if any(kind in ("LeakyReLU", "ELU", "UpSampling1D", "UpSampling2D", "UpSampling3D") for kind in kinds):
        yield "A summary prints no slopes and no ways of enlarging: Keras's defaults stand here."
    if "Rescaling" in kinds:
        yield "Rescaling is left out: in PyTorch pictures are scaled before the network, and by what is not printed."
    within = [row.name for row in table if row.kind == "Sequential"]
    if within:
        yield f"{', '.join(within)} without weights is left out: layers that change pictures are no part of a network."


# --- what the first layer takes


def _missing(text: str, table: list[Row]) -> list[str]:
    """What is said where the table is cut off, or its rows have other parameters than it says of all of them."""
    printed, added = total(text), sum(row.parameters for row in table)
    if printed is None:
        return [f"The table is cut off behind {table[-1].name}: what followed, if anything did, is not known."]
    if printed == added:
        return []
    return [
        f"The rows have {added:,} parameters together, and the table says {printed:,} in all: "
        "some are missing; paste the whole table, or the code."
    ]


def _input_of(table: list[Row], is_headed: bool) -> tuple[Shape, list[str]]:
    """The shape that the first layer takes, which is not printed. Raises NoCounterpartError where it is not known."""
    lost = [] if is_headed else ["The head of the table is missing; its first row is taken for the first layer."]
    try:
        shape, notes = _first_of(table)
    except NoCounterpartError as error:
        raise NoCounterpartError(" ".join([*lost, str(error)])) from None
    return shape, [*lost, *notes]


def _first_of(table: list[Row]) -> tuple[Shape, list[str]]:
    row = table[0]
    if row.kind == "Flatten" and len(row.shape) == 1 and row.shape[0]:
        side = isqrt(row.shape[0])
        if side * side == row.shape[0]:
            return (side, side, 1), [f"The input's shape is not printed; {side} x {side} in one channel is taken."]
        return row.shape, ["The input's shape is not printed; one row of numbers is taken."]
    if row.kind == "Dense" and row.shape and row.shape[-1]:
        return _features(row, table[1:])
    if re.fullmatch(r"Conv\dD", row.kind) and len(row.shape) == int(row.kind[4]) + 1 and None not in row.shape:
        return _picture(row)
    if row.kind in ("BatchNormalization", "Dropout", "Sequential", *_ACTIVATIONS, *BEFORE):
        return row.shape, []
    raise NoCounterpartError(
        f"The input's shape is not printed, and it does not follow from {row.kind}; paste the code."
    )


def _features(row: Row, rest: list[Row]) -> tuple[Shape, list[str]]:
    """How many numbers a first Dense takes. One with a bias has as many parameters as one without that takes a number
    more; without stands where a BatchNormalization, which has a bias itself, follows, and an even number comes in."""
    units = row.shape[-1] or 1
    taken, more = divmod(row.parameters, units)
    if more or taken < 1:
        raise NoCounterpartError(
            f"{row.parameters:,} parameters of the first Dense do not say how many numbers come in; paste the code."
        )
    if taken == 1:
        return (*row.shape[:-1], 1), []
    weighted = next((one.kind for one in rest if one.parameters), "")
    here, other = ("without a bias", "with one"), ("with a bias", "without one")
    if weighted == "BatchNormalization" and taken % 2 == 0:
        features, (stands, instead) = taken, here
    else:
        features, (stands, instead) = taken - 1, other
    return (*row.shape[:-1], features), [
        f"{row.parameters:,} parameters are those of a Dense of {features:,} numbers {stands}, which stands here, and "
        f"of {2 * taken - 1 - features:,} {instead}."
    ]


def _picture(row: Row) -> tuple[Shape, list[str]]:
    """One channel or three, and the usual side of a picture that gives this output."""
    axes, filters = len(row.shape) - 1, row.shape[-1] or 1
    fits = [
        (channels, kernel)
        for channels in (1, 3)
        for kernel in _kernels(row.parameters, filters, channels * filters, axes)
    ]
    if len(fits) != 1:
        raise NoCounterpartError(
            f"{row.parameters:,} parameters of the first convolution do not say how many channels come in; "
            "paste the code."
        )
    channels, kernel = fits[0]
    sizes = [one or 1 for one in row.shape[:-1]]
    if axes == 2 and sizes[0] == sizes[1]:
        sides = [side for side in dict.fromkeys((sizes[0], sizes[0] + kernel - 1)) if side in SIDES]
        if len(sides) == 1:
            (side,) = sides
            return (side, side, channels), [f"The input's size is not printed; {side} x {side} is taken."]
    raise NoCounterpartError(
        "The input's size is not printed, and it cannot be told from the first output whether that was padded; "
        "paste the code."
    )


# --- what a layer was given


def _kernels(parameters: int, bias: int, each: int, axes: int) -> list[int]:
    """The sides k of a square window with each * k ** axes weights, with the biases or without."""
    found = []
    for rest in (parameters - bias, parameters):
        if rest > 0 and each > 0 and rest % each == 0:
            side = round((rest // each) ** (1 / axes))
            if 1 <= side <= 512 and side**axes == rest // each:
                found.append(side)
    return found


def _window(row: Row, before: Shape, bias: int, each: int) -> dict[str, Any]:
    """The window of a convolution from its parameters, its stride and padding from the sizes. Raises NoCounterpartError
    where there is more than one answer."""
    axes = len(row.shape) - 1
    kernels = _kernels(row.parameters, bias, each, axes)
    if len(kernels) != 1:
        raise NoCounterpartError(
            f"The kernel size of a {row.kind} with {row.parameters:,} parameters is not printed, and it does not "
            "follow from that number; paste the code."
        )
    kernel = kernels[0]
    steps = [
        (stride, padding)
        for stride in range(1, MAX_STRIDE + 1)
        for padding in ("valid", "same")
        if _gives(before, row.shape, kernel, stride, padding) and (padding == "valid" or _pads(before, kernel, stride))
    ]
    if not steps:
        raise _UnfittingError(
            f"No padding and no stride up to {MAX_STRIDE} of a {row.kind} lead from {before[:-1]} to {row.shape[:-1]}"
        )
    if steps[0][0] == 1:
        steps = steps[:1]
    if len(steps) != 1:
        raise NoCounterpartError(
            f"The stride and padding of a {row.kind} from {before[:-1]} to {row.shape[:-1]} are not printed, and "
            f"{len(steps)} fit; paste the code."
        )
    biased = row.parameters == bias + each * kernel**axes
    return {"kernel_size": kernel, "strides": steps[0][0], "padding": steps[0][1], "use_bias": biased}


def _gives(before: Shape, after: Shape, kernel: int, stride: int, padding: str) -> bool:
    """Whether the sizes follow from each other: ceil(n / s), or ceil((n - k + 1) / s) without padding."""
    cut = 0 if padding == "same" else kernel - 1
    return len(before) == len(after) and all(
        n is not None and m is not None and -(-(n - cut) // stride) == m
        for n, m in zip(before[:-1], after[:-1], strict=True)
    )


def _pads(before: Shape, kernel: int, stride: int) -> bool:
    """Whether 'same' pads anything; else it is 'valid'."""
    return any((-(-(n or 1) // stride) - 1) * stride + kernel > (n or 1) for n in before[:-1])


def _channels(shape: Shape) -> int:
    return (shape[-1] if shape else None) or 0


def _convolution(row: Row, before: Shape) -> dict[str, Any]:
    filters = _channels(row.shape)
    return {"filters": filters, **_window(row, before, filters, _channels(before) * filters)}


def _depthwise(row: Row, before: Shape) -> dict[str, Any]:
    made = _channels(row.shape)
    times = made // max(_channels(before), 1)
    return {"depth_multiplier": times, **_window(row, before, made, made)}


def _separable(row: Row, before: Shape) -> dict[str, Any]:
    """c k k weights of the first convolution, c f and f of the second."""
    taken, filters = _channels(before), _channels(row.shape)
    first = Row(row.kind, row.shape, row.parameters - taken * filters)
    return {"filters": filters, **_window(first, before, filters, taken)}


def _transposed(row: Row, before: Shape) -> dict[str, Any]:
    """n s cells with 'same', else n s + max(k - s, 0)."""
    filters, axes = _channels(row.shape), len(row.shape) - 1
    each = _channels(before) * filters
    kernels = _kernels(row.parameters, filters, each, axes)
    sizes = list(zip(before[:-1], row.shape[:-1], strict=False))
    for stride in range(1, MAX_STRIDE + 1):
        for padding in ("valid", "same"):
            more = max(kernels[0] - stride, 0) if kernels and padding == "valid" else 0
            if len(kernels) == 1 and all(n and m == n * stride + more for n, m in sizes):
                biased = row.parameters == filters + each * kernels[0] ** axes
                window = {"kernel_size": kernels[0], "strides": stride, "padding": padding}
                return {"filters": filters, "use_bias": biased, **window}
    raise NoCounterpartError(
        f"The kernel size and stride of a {row.kind} are not printed and do not follow; paste the code."
    )


def _pooling(row: Row, before: Shape) -> dict[str, Any]:
    """The smallest window that, as its own stride, gives these sizes."""
    for padding in ("valid", "same"):
        for side in range(2, 65):
            if _gives(before, row.shape, side, side, padding):
                return {"pool_size": side, "padding": padding}
    raise _UnfittingError(f"No window of a {row.kind} that is its own stride leads from {before} to {row.shape}")


def _padding(row: Row, before: Shape) -> dict[str, Any]:
    grown = [(m or 0) - (n or 0) for n, m in zip(before[:-1], row.shape[:-1], strict=False)]
    if not grown or any(one % 2 or one < 0 for one in grown):
        raise NoCounterpartError(f"On which side {row.kind} pads is not printed; paste the code.")
    return {"padding": tuple(one // 2 for one in grown) if len(grown) > 1 else grown[0] // 2}


def _cropped(row: Row, before: Shape) -> dict[str, Any]:
    raise NoCounterpartError(f"On which side {row.kind} cuts cells off is not printed; paste the code.")


def _upsampling(row: Row, before: Shape) -> dict[str, Any]:
    pairs = [(n or 0, m or 0) for n, m in zip(before[:-1], row.shape[:-1], strict=False)]
    if not pairs or any(not n or m % n for n, m in pairs):
        raise NoCounterpartError(f"By what {row.kind} enlarges does not follow from its sizes; paste the code.")
    return {"size": tuple(m // n for n, m in pairs)}


def _dense(row: Row, before: Shape) -> dict[str, Any]:
    units = _channels(row.shape)
    weights = units * _channels(before)
    if row.parameters not in (weights, weights + units):
        raise _UnfittingError(
            f"A Dense of {_channels(before)} numbers to {units} has {weights + units:,} parameters, and "
            f"{row.parameters:,} are printed"
        )
    return {"units": units, "use_bias": row.parameters != weights}


def _reshaped(row: Row, before: Shape) -> dict[str, Any]:
    return {"target_shape": row.shape}


def _global(row: Row, before: Shape) -> dict[str, Any]:
    return {"keepdims": len(row.shape) > 1}


def _norm(row: Row, before: Shape) -> dict[str, Any]:
    """Of a BatchNormalization's 4 numbers for each channel, the running mean and variance are no weights in PyTorch."""
    kept = 2 if row.kind == "BatchNormalization" else 0
    each = row.parameters / max(_channels(row.shape), 1) - kept
    if each not in (0, 2):
        raise NoCounterpartError(
            f"A {row.kind} with {row.parameters:,} parameters for {_channels(row.shape)} channels has a scale or a "
            "shift alone, and which one is not printed; paste the code."
        )
    return {"center": each == 2, "scale": each == 2}


def _groups(row: Row, before: Shape) -> dict[str, Any]:
    raise NoCounterpartError(f"How many groups a {row.kind} has is not printed; paste the code.")


def _slopes(row: Row, before: Shape) -> dict[str, Any]:
    """One slope for each channel, or for each cell."""
    return {"shared_axes": tuple(range(1, len(row.shape)))} if row.parameters == _channels(row.shape) else {}


def _resized(row: Row, before: Shape) -> dict[str, Any]:
    return dict(zip(("height", "width"), row.shape, strict=False))


def _relu(row: Row, before: Shape) -> dict[str, Any]:
    return {"activation": "relu"}


_RULES = {
    **{f"Conv{n}D": _convolution for n in (1, 2, 3)},
    **{f"DepthwiseConv{n}D": _depthwise for n in (1, 2)},
    **{f"SeparableConv{n}D": _separable for n in (1, 2)},
    **{f"Conv{n}DTranspose": _transposed for n in (1, 2, 3)},
    **{f"{kind}Pooling{n}D": _pooling for kind in ("Max", "Average") for n in (1, 2, 3)},
    **{f"Global{kind}Pooling{n}D": _global for kind in ("Max", "Average") for n in (1, 2, 3)},
    **{f"ZeroPadding{n}D": _padding for n in (1, 2, 3)},
    **{f"Cropping{n}D": _cropped for n in (1, 2, 3)},
    **{f"UpSampling{n}D": _upsampling for n in (1, 2, 3)},
    "Dense": _dense,
    "Reshape": _reshaped,
    "BatchNormalization": _norm,
    "LayerNormalization": _norm,
    "GroupNormalization": _groups,
    "PReLU": _slopes,
    **dict.fromkeys(("Resizing", "CenterCrop", "RandomCrop"), _resized),
    "Activation": _relu,
}
