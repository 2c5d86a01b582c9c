"""Window, parameters and MACs of one operation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from torch import Tensor

from cnnviz.ops.arithmetic import adaptive_window, same_padding, times
from cnnviz.tracing.steps import Shape


@dataclass(frozen=True)
class Window:
    """Kernel, stride, padding and dilation, (vertical, horizontal)."""

    kernel: Shape
    stride: Shape
    padding: Shape
    dilation: Shape


@dataclass(frozen=True)
class Figures:
    """What is counted of one operation: its window, its parameters written out, its multiply-accumulates for the whole
    batch."""

    window: Window | None
    arithmetic: str
    macs: int


def figures_of(
    operation: str,
    settings: Mapping[str, Any],
    inputs: Sequence[Shape],
    output_shape: Shape,
    parameters: Sequence[Shape],
) -> Figures:
    """The figures of an operation, of which the shapes of inputs, output and new `parameters` are known."""
    weight = settings.get("weight") if operation.startswith(("Conv", "Linear")) else None
    shape = tuple(weight.shape) if isinstance(weight, Tensor) else ()
    return Figures(
        window_of(operation, settings, inputs[0], output_shape),
        _written(operation, settings, shape, parameters) if parameters else "",
        _macs(operation, shape, inputs, output_shape),
    )


def dimensions(operation: str) -> int:
    """2 for Conv2d; 0 for what has no window."""
    return int(operation[-2]) if operation[-2:] in ("1d", "2d", "3d") else 0


def window_of(
    operation: str, settings: Mapping[str, Any], input_shape: Shape, output_shape: Shape | None = None
) -> Window | None:
    """The window of a convolution or pooling.

    An adaptive pooling has none of its own: it gets the longest of its windows, at the spacing of even ones.
    """
    axes = dimensions(operation)
    if operation.startswith("Conv"):
        kernel: Shape = tuple(settings["weight"].shape[2:])
    elif operation.startswith(("MaxPool", "AvgPool", "LPPool")):
        kernel = _expanded(settings["kernel_size"], axes)
    elif operation.startswith("Adaptive") and output_shape is not None:
        return _adaptive(input_shape[-axes:], output_shape[-axes:])
    else:
        return None
    pooling = not operation.startswith("Conv")
    stride = settings.get("stride")
    dilation = _expanded(settings.get("dilation", 1), axes)
    padding = _padding(settings.get("padding", 0), kernel, dilation)
    return Window(kernel, kernel if pooling and not stride else _expanded(stride or 1, axes), padding, dilation)


def _adaptive(sizes: Shape, outputs: Shape) -> Window:
    def longest(size: int, count: int) -> int:
        return max(len(adaptive_window(index, size, count)) for index in range(count))

    kernel = tuple(longest(size, count) for size, count in zip(sizes, outputs))
    stride = tuple(max(1, size // count) for size, count in zip(sizes, outputs))
    return Window(kernel, stride, (0,) * len(sizes), (1,) * len(sizes))


def _padding(padding: Any, kernel: Shape, dilation: Shape) -> Shape:
    """The padding in cells; 'same' and 'valid' are resolved (the leading side, where 'same' is uneven)."""
    if padding == "valid":
        return (0,) * len(kernel)
    if padding == "same":
        return tuple(same_padding(k, d)[0] for k, d in zip(kernel, dilation))
    return _expanded(padding, len(kernel))


def _expanded(value: Any, axes: int) -> Shape:
    """3 as (3, 3); a sequence of one or more numbers as a tuple of `axes`."""
    sizes = (value,) if isinstance(value, int) else tuple(int(size) for size in value)
    return sizes * axes if len(sizes) == 1 else sizes


def _macs(operation: str, weight: Shape, inputs: Sequence[Shape], output_shape: Shape) -> int:
    """Multiply-accumulates for the whole batch, bias not counted.

    Every weight of a convolution or linear layer is used once at every position of the output, that of a transposed
    convolution once at every position of the input.
    """
    if weight:
        met = inputs[0] if operation.startswith("ConvTranspose") else output_shape
        return prod(weight[1:]) * prod(met)
    if operation == "Matmul":
        return prod(output_shape) * inputs[0][-1]
    return 0


def _written(operation: str, settings: Mapping[str, Any], weight: Shape, shapes: Sequence[Shape]) -> str:
    """The parameter count as arithmetic: '(5 × 5 × 6 + 1) × 16', '2 × 64'."""
    if weight:
        first, second, *kernel = weight
        groups = settings.get("groups", 1)
        n_in, n_out = (first // groups, second * groups) if "Transpose" in operation else (second, first)
        terms = times((*kernel, n_in))
        return f"({terms} + 1) × {n_out:,}" if settings.get("bias") is not None else f"{terms} × {n_out:,}"
    if len(shapes) == 2 and shapes[0] == shapes[1]:
        return f"2 × {times(shapes[0])}"
    return " + ".join(times(shape) for shape in shapes)
