"""Receptive field and jump of one unit, along every axis of the network's input.

r = r + (extent - 1) x jump and jump = jump x stride, from r = jump = 1, and the largest over the branches where
branches meet (Araujo, Norris and Sim, Computing Receptive Fields of CNNs, Distill, 2019,
https://distill.pub/2019/computing-receptive-fields). It counts padding: it may grow beyond the input.

- What mixes all positions of an axis (flattening, a linear layer, a pooling or mean down to one cell) sees the whole
  input: its receptive field is the input's size, or what it was where that is larger, it no longer grows, and it
  has no jump. The statistics of a normalisation do not count.
- A transposed convolution goes the other way: jump = jump / stride, and one output meets
  floor(dilation x (kernel - 1) / stride) + 1 inputs along an axis. Jumps may thus be fractions.
- Upsampling by s divides the jump by s; an output cell lies on 1 input cell (nearest), between 2 (linear) or 4 (cubic).
- What moves positions elsewhere (a permutation of rows and columns, attention) ends the account: None.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from cnnviz.ops.arithmetic import extent
from cnnviz.tracing.figures import Window
from cnnviz.tracing.operations import Operation
from cnnviz.tracing.steps import Shape

MIXING = ("Matmul", "MultiheadAttention", "Scaled dot", "Transformer", "LSTM", "GRU", "RNN", "Unfold", "Fold", "Einsum")
TAPS = {"bilinear": 2, "linear": 2, "trilinear": 2, "bicubic": 4}


@dataclass(frozen=True)
class Axis:
    """What a unit sees of one axis of the input, in cells."""

    size: int  # of the input
    field: Fraction = Fraction(1)
    jump: Fraction | None = Fraction(1)
    whole: bool = False

    def everything(self) -> "Axis":
        return Axis(self.size, max(self.field, Fraction(self.size)), None, True)

    def grown(self, cells: int, stride: Fraction) -> "Axis":
        """Seen through a window of `cells` cells that moves by `stride`."""
        if self.jump is None or (cells == 1 and stride == 1):
            return self
        field = self.field if self.whole else self.field + (cells - 1) * self.jump
        return replace(self, field=field, jump=self.jump * stride)


ReceptiveField = tuple[Axis, ...] | None


def start(input_shape: Shape) -> ReceptiveField:
    """That of the input's own cells."""
    return tuple(Axis(size) for size in input_shape[2:])


def _merged(fields: Sequence[ReceptiveField]) -> ReceptiveField:
    """The largest over the branches."""
    if len(fields) == 1:
        return fields[0]
    known = [field for field in fields if field is not None]
    return tuple(_widest(axes) for axes in zip(*known)) if len(known) == len(fields) else None


def _widest(axes: tuple[Axis, ...]) -> Axis:
    jumps = [axis.jump for axis in axes if axis.jump is not None]
    whole = any(axis.whole for axis in axes)
    return Axis(axes[0].size, max(axis.field for axis in axes), max(jumps, default=None), whole)


def after(
    fields: Sequence[ReceptiveField], operation: Operation, window: Window | None, unseen: tuple[Axis, ...]
) -> ReceptiveField:
    """That of an operation's output, from those of its sources, `fields`; `unseen` is that of the network's input."""
    field, name = _merged(fields), operation.name
    input_shape, output_shape = operation.inputs[0], operation.output
    if name != "Slice" and len(output_shape) <= 2 < len(input_shape):
        return tuple(axis.everything() for axis in field or unseen)
    if field is None or not field or operation.is_a(*MIXING):
        return None if operation.is_a(*MIXING) else field
    axes = len(field)
    before, now = input_shape[-axes:], output_shape[-axes:]
    if window is not None:
        return _through(field, operation, window) if len(window.kernel) == axes else None
    if operation.is_a("Upsampl", "PixelShuffle") and 0 not in now:
        taps = TAPS.get(operation.settings.get("mode", "nearest"), 1)
        return tuple(axis.grown(taps, Fraction(old, new)) for axis, old, new in zip(field, before, now))
    if name == "Linear" and len(input_shape) == axes + 2:
        return (*field[:-1], field[-1].everything())
    if name in ("Mean", "Sum", "Max", "Amax", "Min") and len(input_shape) == len(output_shape):
        return tuple(a.everything() if new == 1 else a for a, new in zip(field, now))
    moved = name in ("Reshape", "Mean", "Sum", "Max", "Min") and before != now
    return None if moved or _permutes(operation, axes) else field


def _through(field: tuple[Axis, ...], operation: Operation, window: Window) -> ReceptiveField:
    """Through a convolution or pooling."""
    before, now = operation.inputs[0][-len(field) :], operation.output[-len(field) :]
    found = []
    for i, axis in enumerate(field):
        kernel, stride, dilation = window.kernel[i], window.stride[i], window.dilation[i]
        if operation.is_a("ConvTranspose"):
            found.append(axis.grown(dilation * (kernel - 1) // stride + 1, Fraction(1, stride)))
        elif operation.is_a("Adaptive") and now[i] == 1 < before[i]:
            found.append(axis.everything())
        else:
            found.append(axis.grown(extent(kernel, dilation), Fraction(stride)))
    return tuple(found)


def _permutes(operation: Operation, axes: int) -> bool:
    """Whether rows, columns or what stands for them, the last `axes` of the input, change their places."""
    settings, rank = operation.settings, len(operation.inputs[0])
    if operation.name == "Transpose":
        return any(settings.get(name, -1) % rank >= rank - axes for name in ("dim0", "dim1"))
    if operation.name == "Permute":
        order = settings.get("dims") or settings.get("positional", ())
        order = order[0] if len(order) == 1 else order
        return [place % rank for place in order][rank - axes :] != list(range(rank - axes, rank))
    return operation.name in ("T", "Mt", "Swapaxes", "Movedim", "Flatten")


def field_and_jump(field: ReceptiveField) -> tuple[Shape | None, tuple[Fraction, ...] | None]:
    """Receptive field and jump as a step shows them."""
    if field is None:
        return None, None
    jumps = [axis.jump for axis in field if axis.jump is not None]
    return tuple(ceil(axis.field) for axis in field), tuple(jumps) if jumps and len(jumps) == len(field) else None
