"""Window, parameters and MACs of one operation."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from torch import Tensor

from cnnviz.ops.arithmetic import adaptive_window, same_padding, times
from cnnviz.tracing.macs import macs_of
from cnnviz.tracing.operations import Operation
from cnnviz.tracing.steps import Shape


@dataclass(frozen=True)
class Window:
    """Kernel, stride, padding and dilation, along every axis: (vertical, horizontal), in volumes the depth before."""

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


def figures_of(operation: Operation, parameters: Sequence[Shape]) -> Figures:
    """The figures of an operation, of whose parameters those with these shapes were not counted before."""
    weight = operation.settings.get("weight") if operation.is_a("Conv", "Linear", "Bilinear") else None
    shape = tuple(weight.shape) if isinstance(weight, Tensor) else ()
    written = _written(operation, shape, parameters) if parameters else ""
    return Figures(window_of(operation), written, macs_of(operation))


def window_of(operation: Operation) -> Window | None:
    """The window of a convolution or pooling.

    An adaptive pooling has none of its own: it gets the longest of its windows, at the spacing of even ones.
    """
    axes, settings = operation.dimensions, operation.settings
    if operation.is_a("Conv"):
        kernel: Shape = tuple(settings["weight"].shape[2:])
    elif operation.is_a("MaxPool", "AvgPool", "LPPool"):
        kernel = _expanded(settings["kernel_size"], axes)
    elif operation.is_a("Adaptive") and operation.output:
        return _adaptive(operation.inputs[0][-axes:], operation.output[-axes:])
    else:
        return None
    pooling = not operation.is_a("Conv")
    stride = settings.get("stride")
    dilation = _expanded(settings.get("dilation", 1), axes)
    padding = _padding(settings.get("padding", 0), kernel, dilation)
    return Window(kernel, kernel if pooling and not stride else _expanded(stride or 1, axes), padding, dilation)


def _adaptive(sizes: Shape, outputs: Shape) -> Window:
    def longest(size: int, count: int) -> int:
        return max((len(adaptive_window(index, size, count)) for index in range(count)), default=1)

    kernel = tuple(longest(size, count) for size, count in zip(sizes, outputs))
    stride = tuple(max(1, size // max(1, count)) for size, count in zip(sizes, outputs))
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


def _written(operation: Operation, weight: Shape, shapes: Sequence[Shape]) -> str:
    """The parameter count as arithmetic: '(5 × 5 × 6 + 1) × 16', '2 × 64'."""
    bias = operation.settings.get("bias") is not None
    if weight and sum(map(prod, shapes)) == prod(weight) + bias * _outputs(operation, weight):
        n_out = _outputs(operation, weight)
        terms = times((*weight[2:], prod(weight[:2]) // max(1, n_out)))
        return f"({terms} + 1) × {n_out:,}" if bias else f"{terms} × {n_out:,}"
    if len(shapes) == 2 and shapes[0] == shapes[1]:
        return f"2 × {times(shapes[0])}"
    return " + ".join(times(shape) for shape in shapes)


def _outputs(operation: Operation, weight: Shape) -> int:
    """The channels or features that a weight gives: it has one bias for each."""
    groups = int(operation.settings.get("groups", 1))
    return weight[1] * groups if "Transpose" in operation.name else weight[0]
