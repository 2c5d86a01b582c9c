"""What one unit sees: receptive fields through a stack of convolutions and poolings, in integers.

Maps are square, and everything here holds along one axis. Map 0 is the input, map l the output of layer l. Formulas:
Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill, 2019
(https://distill.pub/2019/computing-receptive-fields).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cnnviz.ops import arithmetic, windows

Kind = Literal["convolution", "max pooling", "average pooling"]


@dataclass(frozen=True)
class Layer:
    """A convolution or pooling, the same along both axes. Padding in cells on each side."""

    kind: Kind
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    @property
    def extent(self) -> int:
        """Cells of the map before that one window spans."""
        return arithmetic.extent(self.kernel, self.dilation)


@dataclass(frozen=True)
class Span:
    """The cells of an earlier map that lie under a unit: `size` cells from `start` + unit x `step` on, counted from
    0. The first may be negative and the last beyond the map: that part lies on padding."""

    start: int
    step: int
    size: int

    def cells(self, unit: int) -> range:
        """The cells under unit number `unit`."""
        first = self.start + unit * self.step
        return range(first, first + self.size)


@dataclass(frozen=True)
class Stack:
    """Layers one after the other on an input of `size` x `size` cells.

    Raises ValueError, from the methods that need map sizes, where a window does not fit into its padded map.
    """

    layers: tuple[Layer, ...]
    size: int

    def sizes(self) -> list[int]:
        """Cells along one axis of every map, the input first."""
        sizes = [self.size]
        for layer in self.layers:
            sizes.append(arithmetic.output_size(sizes[-1], layer.kernel, layer.stride, layer.padding, layer.dilation))
        return sizes

    def spans(self) -> list[list[Span]]:
        """spans[l][j]: what a unit of map l sees of map j, for all j up to l."""
        return [[span(self.layers[j:last]) for j in range(last + 1)] for last in range(len(self.layers) + 1)]

    def taps(self) -> list[list[list[int]]]:
        """taps[l - 1][u]: the cells of map l - 1 that unit u of map l reads; what lies on padding is left out."""
        return [_taps(layer, size) for layer, size in zip(self.layers, self.sizes(), strict=False)]

    def overhang(self) -> list[int]:
        """For every map the most cells by which a unit's span hangs over its edge, on either side."""
        sizes, spans = self.sizes(), self.spans()
        return [
            max(_over(spans[last][j], sizes[last], sizes[j]) for last in range(j, len(sizes)))
            for j in range(len(sizes))
        ]


def span(layers: Sequence[Layer]) -> Span:
    """What a unit after `layers` sees of the map before them.

    size = r and step = jump as in `arithmetic.receptive_field`; start = - sum of padding x jump before that layer.
    """
    size, step = arithmetic.receptive_field([(layer.kernel, layer.stride, layer.dilation) for layer in layers])
    jumps = [math.prod(layer.stride for layer in layers[:index]) for index in range(len(layers))]
    start = -sum(layer.padding * jump for layer, jump in zip(layers, jumps, strict=True))
    return Span(start, step, size)


def _taps(layer: Layer, size: int) -> list[list[int]]:
    """For each unit the cells of a map of `size` that it reads, padding left out."""
    axis = windows.convolution_axis(size, layer.kernel, layer.stride, layer.padding, layer.dilation)
    cells = axis.indices - axis.before
    return [[int(cell) for cell in window if 0 <= cell < size] for window in cells]


def _over(span: Span, units: int, size: int) -> int:
    """Cells by which the first or the last of `units` hangs over the edge of a map of `size`."""
    return max(0, -span.cells(0).start, span.cells(units - 1).stop - size)


def cells_met(stack_taps: Sequence[list[list[int]]], unit: int) -> list[set[int]]:
    """The cells of every map that have a path to `unit` of the last one, the input first: followed tap by tap, so
    that holes between dilated taps and paths that end on padding are left out."""
    met = [{unit}]
    for windows_of in reversed(stack_taps):
        met.append({cell for one in met[-1] for cell in windows_of[one]})
    return met[::-1]
