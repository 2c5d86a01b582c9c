"""Output sizes: the usual mistakes in floor((n + padding - extent) / stride) + 1, each as a formula of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnviz.lessons.common.exercise import Mistake
from cnnviz.ops.arithmetic import extent


@dataclass(frozen=True)
class Axis:
    """What the size formula takes along one axis, in cells."""

    size: int
    kernel: int
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1

    @property
    def padded(self) -> int:
        """Cells with the padding."""
        return self.size + self.before + self.after

    @property
    def free_cells(self) -> int:
        """How far the window can slide."""
        return self.padded - extent(self.kernel, self.dilation)


AxesOf = Callable[[Any], list[Axis]]

MISTAKES: dict[str, Callable[[Axis], int]] = {
    "This is what the formula gives without its + 1: the first window counts too.": lambda a: a.free_cells // a.stride,
    "This is rounded up: a window that would hang over the edge is left out.": lambda a: (
        -(-a.free_cells // a.stride) + 1
    ),
    "This has the padding on one side only: it lies on both.": lambda a: (a.free_cells - a.after) // a.stride + 1,
    "This leaves the padding out: the window slides over the padded input.": lambda a: (
        (a.free_cells - a.before - a.after) // a.stride + 1
    ),
    "This takes the kernel as if its cells lay side by side: dilated, it spans more.": lambda a: (
        (a.padded - a.kernel) // a.stride + 1
    ),
    "This is the size at stride 1: the window takes larger steps here.": lambda a: a.free_cells + 1,
    "This is the size of the input: the window has to fit into it.": lambda a: a.size,
}
HINTS = (
    "Count how many places the window has along the rows first, then along the columns.",
    "Along one axis: floor((input + padding on both sides - cells that the window spans) / stride) + 1.",
)


def size_mistakes(axes: AxesOf, first: Callable[[Any], tuple[int, ...]] = lambda _: ()) -> tuple[Mistake, ...]:
    """The mistakes for settings whose axes `axes` gives; `first` is what stands before the rows (channels)."""

    def wrong(formula: Callable[[Axis], int]) -> Callable[[Any], tuple[int, ...]]:
        return lambda settings: (*first(settings), *(formula(axis) for axis in axes(settings)))

    turned = Mistake(
        "Rows come first, then columns.",
        lambda settings: (*first(settings), *(axis.free_cells // axis.stride + 1 for axis in reversed(axes(settings)))),
    )
    return (*(Mistake(sentence, wrong(formula)) for sentence, formula in MISTAKES.items()), turned)
