"""What model.summary() of Keras prints: a layer, its output shape and its parameters in each row, boxed in Keras 3.
What is not printed is worked out where there is one answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt
from typing import Any

from cnnviz.networks.source.keras_layers import ALIASES, KINDS, Call, NoCounterpartError, Shape

SIDES = (28, 32, 48, 64, 96, 100, 128, 150, 160, 180, 200, 224, 227, 256, 299)  # of pictures, as they usually are
MAX_STRIDE = 4
MAX_ROWS = 500
_HEADER = re.compile(r"Layer \(type\)[^\n]{0,200}Output Shape")
_SHAPE = re.compile(r"\[?\(None,?((?: ?(?:\d{1,9}|None),?)*)\)\]?")
_KIND = re.compile(r"\((\w{1,80})\)\s*$")
UNPRINTED = (
    "A summary prints no activations, window sizes of poolings and rates of dropout: ReLU after each convolution and "
    "each Dense but the last, the smallest pooling that gives these shapes, and 0.5 stand here."
)


@dataclass(frozen=True)
class _Row:
    """A layer of the table: its kind, its output's shape without the batch, its parameters."""

    kind: str
    shape: Shape
    parameters: int


def recognised(text: str) -> bool:
    """Whether the text is such a table: batches are printed as None."""
    return _HEADER.search(text) is not None and "(None," in text


def calls(text: str) -> tuple[list[Call], list[str]]:
    """The layers of the table with what they were given, and what is to be said of them. Raises NoCounterpartError with
    what is not printed."""
    if "Connected to" in text:
        raise NoCounterpartError(
            "This is the summary of a functional model of Keras; only a Sequential is translated. "
            "Write it as a class with a forward, as PyTorch has it."
        )
    rows = list(_rows(text))
    if not 1 <= len(rows) <= MAX_ROWS:
        raise NoCounterpartError(
            f"The summary has {len(rows)} layers that can be read; from 1 to {MAX_ROWS} are translated."
        )
    found: list[Call] = []
    notes = [UNPRINTED]
    before: Shape | None = None
    last = max((index for index, row in enumerate(rows) if row.kind == "Dense"), default=-1)
    activated = any(row.kind in ("Activation", "ReLU", "LeakyReLU", "ELU", "PReLU") for row in rows)
    for index, row in enumerate(rows):
        if before is None and row.kind != "Input":
            before, said = _input_of(row)
            notes += said
        given = _RULES[row.kind](row, before or ()) if row.kind in _RULES else {}
        if ("Conv" in row.kind or row.kind == "Dense") and index != last and not activated:
            given["activation"] = "relu"
        if not found:
            given["shape"] = before if before is not None else row.shape
        found.append(Call(row.kind, given))
        before = row.shape
    return found, notes


def _rows(text: str) -> Iterator[_Row]:
    """The rows; a name that did not fit its column goes on in the next line."""
    pending: list[str] | None = None
    for line in text.splitlines():
        if _cells(line) is not None:
            if pending is not None:
                yield _row(*pending)
            pending = _cells(line)
        elif pending is not None and len(pending[0]) < 200 and not _kind(pending[0]):
            pending[0] += line.strip(" \u2502|").split("  ")[0].strip(" \u2502|")
    if pending is not None:
        yield _row(*pending)


def _cells(line: str) -> list[str] | None:
    """The layer, its shape and its parameters in a line of the table; None for another line."""
    shape = _SHAPE.search(line[:400])
    if shape is None:
        return None
    number = re.match(r"[\s\u2502|]*([\d,]{1,20})", line[shape.end() : 400])
    return [line[: shape.start()].strip(" \u2502|"), shape[1], number[1]] if number else None


def _kind(name: str) -> str | None:
    found = _KIND.search(name)
    return found[1] if found else None


def _row(name: str, shape: str, parameters: str) -> _Row:
    kind = _kind(name)
    kind = ALIASES.get(kind, kind) if kind else None
    if kind is None or kind not in KINDS:
        raise NoCounterpartError(f"{name[:60]} of the summary is no layer that is translated.")
    parts = [None if one == "None" else int(one) for one in re.findall(r"\d+|None", shape)]
    return _Row(kind, tuple(parts), int(parameters.replace(",", "") or 0))


# --- what the first layer takes


def _input_of(row: _Row) -> tuple[Shape, list[str]]:
    """The shape that the first layer takes, which is not printed."""
    if row.kind == "Flatten" and len(row.shape) == 1 and row.shape[0]:
        side = isqrt(row.shape[0])
        if side * side == row.shape[0]:
            return (side, side, 1), [f"The input's shape is not printed; {side} x {side} in one channel is taken."]
        return row.shape, ["The input's shape is not printed; one row of numbers is taken."]
    if row.kind == "Dense" and row.shape and row.shape[-1]:
        for bias in (row.shape[-1], 0):
            if row.parameters > bias and (row.parameters - bias) % row.shape[-1] == 0:
                return (*row.shape[:-1], (row.parameters - bias) // row.shape[-1]), []
    if re.fullmatch(r"Conv\dD", row.kind) and len(row.shape) == int(row.kind[4]) + 1 and None not in row.shape:
        return _picture(row)
    if row.kind in ("BatchNormalization", "Rescaling", "Dropout", "Activation"):
        return row.shape, []
    raise NoCounterpartError(
        f"The input's shape is not printed, and it does not follow from {row.kind}; paste the code."
    )


def _picture(row: _Row) -> tuple[Shape, list[str]]:
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


def _window(row: _Row, before: Shape, bias: int, each: int) -> dict[str, Any]:
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
        if _gives(before, row.shape, kernel, stride, padding)
    ]
    if steps and steps[0][0] == 1:
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
        (n is None and m is None) or (n is not None and m is not None and -(-(n - cut) // stride) == m)
        for n, m in zip(before[:-1], after[:-1], strict=True)
    )


def _channels(shape: Shape) -> int:
    return (shape[-1] if shape else None) or 0


def _convolution(row: _Row, before: Shape) -> dict[str, Any]:
    filters = _channels(row.shape)
    return {"filters": filters, **_window(row, before, filters, _channels(before) * filters)}


def _depthwise(row: _Row, before: Shape) -> dict[str, Any]:
    made = _channels(row.shape)
    times = made // max(_channels(before), 1)
    return {"depth_multiplier": times, **_window(row, before, made, made)}


def _separable(row: _Row, before: Shape) -> dict[str, Any]:
    """c k k weights of the first convolution, c f and f of the second."""
    taken, filters = _channels(before), _channels(row.shape)
    first = _Row(row.kind, row.shape, row.parameters - taken * filters)
    return {"filters": filters, **_window(first, before, filters, taken)}


def _transposed(row: _Row, before: Shape) -> dict[str, Any]:
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


def _pooling(row: _Row, before: Shape) -> dict[str, Any]:
    """The smallest window that, as its own stride, gives these sizes."""
    for padding in ("valid", "same"):
        for side in range(2, 65):
            if _gives(before, row.shape, side, side, padding):
                return {"pool_size": side, "padding": padding}
    raise NoCounterpartError(
        f"The window of a {row.kind} from {before[:-1]} to {row.shape[:-1]} is not printed and does not follow; "
        "paste the code."
    )


def _padding(row: _Row, before: Shape) -> dict[str, Any]:
    grown = [(m or 0) - (n or 0) for n, m in zip(before[:-1], row.shape[:-1], strict=False)]
    if not grown or any(one % 2 or one < 0 for one in grown):
        raise NoCounterpartError(f"On which side {row.kind} pads is not printed; paste the code.")
    return {"padding": tuple(one // 2 for one in grown) if len(grown) > 1 else grown[0] // 2}


def _upsampling(row: _Row, before: Shape) -> dict[str, Any]:
    factors = tuple((m or 0) // (n or 1) for n, m in zip(before[:-1], row.shape[:-1], strict=False))
    return {"size": factors}


def _dense(row: _Row, before: Shape) -> dict[str, Any]:
    units = _channels(row.shape)
    return {"units": units, "use_bias": row.parameters != units * _channels(before)}


def _reshaped(row: _Row, before: Shape) -> dict[str, Any]:
    return {"target_shape": row.shape}


def _global(row: _Row, before: Shape) -> dict[str, Any]:
    return {"keepdims": len(row.shape) > 1}


def _norm(row: _Row, before: Shape) -> dict[str, Any]:
    """Of its 4 numbers for each channel, the running mean and variance are no weights in PyTorch."""
    scaled = row.parameters >= _channels(row.shape) * (4 if row.kind == "BatchNormalization" else 2)
    return {"center": scaled, "scale": scaled}


def _relu(row: _Row, before: Shape) -> dict[str, Any]:
    return {"activation": "relu"}


_RULES = {
    **{f"Conv{n}D": _convolution for n in (1, 2, 3)},
    **{f"DepthwiseConv{n}D": _depthwise for n in (1, 2)},
    **{f"SeparableConv{n}D": _separable for n in (1, 2)},
    **{f"Conv{n}DTranspose": _transposed for n in (1, 2, 3)},
    **{f"{kind}Pooling{n}D": _pooling for kind in ("Max", "Average") for n in (1, 2, 3)},
    **{f"Global{kind}Pooling{n}D": _global for kind in ("Max", "Average") for n in (1, 2, 3)},
    **{f"ZeroPadding{n}D": _padding for n in (1, 2, 3)},
    **{f"UpSampling{n}D": _upsampling for n in (1, 2, 3)},
    "Dense": _dense,
    "Reshape": _reshaped,
    "BatchNormalization": _norm,
    "LayerNormalization": _norm,
    "Activation": _relu,
}
