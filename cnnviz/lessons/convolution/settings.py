"""The Convolution page: one input, one kernel, every option of a 2-D (transposed) convolution."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from cnnviz import links
from cnnviz.lessons.common import presets
from cnnviz.lessons.common.axes import Bounds, TwoAxes, clamp, couple
from cnnviz.lessons.common.settings import WithTask
from cnnviz.links import Axes, Cells
from cnnviz.ops import arithmetic, windows
from cnnviz.ops.activations import ACTIVATIONS
from cnnviz.ops.windows import Array, Geometry, PaddingMode

MAX_INPUT = (16, 16)
MAX_KERNEL = (7, 7)
MAX_STRIDE = MAX_PADDING = 16
MAX_DILATION = 15
MAX_OUTPUT = 48  # cells a side: a 16 x 16 input with 16 cells of padding all round
OPERATIONS = ("cross-correlation", "convolution", "transposed")
FUNCTIONS = ("none", *ACTIVATIONS)
MODES: tuple[PaddingMode, ...] = ("zeros", "reflect", "replicate", "circular")


class Along(NamedTuple):
    """What counts along one axis, in cells; in the order in which `windows.transposed_axis` takes it."""

    size: int
    kernel: int
    stride: int
    padding: int
    dilation: int
    output_padding: int


@dataclass(frozen=True)
class Convolution(TwoAxes, WithTask):
    """The settings."""

    x: Cells = links.grid(presets.WORKED_5X5, *MAX_INPUT)
    w: Cells = links.grid(presets.WORKED_KERNEL, *MAX_KERNEL)
    b: Cells = links.grid([[0]], 1, 1)
    op: str = links.choice("cross-correlation", OPERATIONS)
    per_axis: bool = links.flag(False)
    stride: Axes = links.axes(1, 1, MAX_STRIDE)
    same: bool = links.flag(False)
    padding: Axes = links.axes(0, 0, MAX_PADDING)
    mode: PaddingMode = links.choice("zeros", MODES)
    dilation: Axes = links.axes(1, 1, MAX_DILATION)
    output_padding: Axes = links.axes(0, 0, MAX_STRIDE)
    activation: str = links.choice("none", FUNCTIONS)

    @property
    def transposed(self) -> bool:
        """Whether the window stamps instead of gathering."""
        return self.op == "transposed"

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the input."""
        return len(self.x), len(self.x[0])

    @property
    def kernel(self) -> tuple[int, int]:
        """Rows and columns of the kernel."""
        return len(self.w), len(self.w[0])

    @property
    def along(self) -> tuple[Along, Along]:
        """The settings along the rows and along the columns."""
        each = self.size, self.kernel, self.stride, self.padding, self.dilation, self.output_padding
        rows, cols = map(Along, *each)
        return rows, cols

    @property
    def ring(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The padding as it is laid around the input: (top, bottom), (left, right)."""
        if self.same:
            rows, cols = (arithmetic.same_padding(k, d) for k, d in zip(self.kernel, self.dilation, strict=True))
            return rows, cols
        down, across = self.padding
        return (down, down), (across, across)

    def axes(self) -> tuple[Geometry, Geometry]:
        """The taps along the rows and along the columns."""
        if self.transposed:
            rows, cols = (windows.transposed_axis(*one) for one in self.along)
        else:
            flip = self.op == "convolution"
            rows, cols = (
                windows.convolution_axis(one.size, one.kernel, one.stride, padding, one.dilation, flip)
                for one, padding in zip(self.along, self.ring, strict=True)
            )
        return rows, cols

    def compute(self) -> "Result":
        """Padded input, output and activated output."""
        rows, cols = self.axes()
        padded = windows.pad(np.array(self.x), rows.ring, cols.ring, "zeros" if self.transposed else self.mode)
        output = windows.convolve(padded[None], np.array(self.w)[None, None], np.array(self.b)[0], rows, cols)[0]
        activation = ACTIVATIONS.get(self.activation)
        return Result(padded, rows, cols, output, activation.value(output) if activation else None)

    def by_torch(self) -> Array:
        """The (activated) output as torch.nn.functional computes it; torch is imported here, and only when asked."""
        from cnnviz.ops import reference

        return reference.activate(self.activation, self.convolved_by_torch())

    def convolved_by_torch(self) -> Array:
        """The output before the activation function, as torch.nn.functional computes it."""
        from cnnviz.ops import reference

        x, weight, bias = np.array(self.x)[None], np.array(self.w)[None, None], np.array(self.b)[0]
        if self.transposed:
            options = self.stride, self.padding, self.dilation, self.output_padding
            maps = reference.convolve_transposed(x, weight, bias, *options)
        else:
            flip = self.op == "convolution"
            maps = reference.convolve(x, weight, bias, self.stride, self.ring, self.dilation, self.mode, flip=flip)
        [output] = maps
        return np.asarray(output)

    @property
    def torch_name(self) -> str:
        """The function of torch.nn.functional that does it."""
        return "F.conv_transpose2d" if self.transposed else "F.conv2d"

    def bounds(self, name: str) -> tuple[Bounds, Bounds]:
        """What `name` may be along (rows, columns), the other settings as they are."""
        rule = self._transposed_bounds if self.transposed else self._plain_bounds
        rows, cols = (rule(name, one) for one in self.along)
        return rows, cols

    def _plain_bounds(self, name: str, along: Along) -> Bounds:
        """What `name` may be along one axis: the kernel fits into the padded input."""
        n, k, stride, padding, dilation, _ = along
        if name == "output_padding":
            return 0, max(stride, dilation) - 1
        if name == "stride":
            return 1, MAX_STRIDE
        if name == "padding":
            needed = max(0, -(-(arithmetic.extent(k, dilation) - n) // 2))
            return needed, max(needed, windows.padding_limit(n, self.mode, MAX_PADDING))
        max_extent = 2 * MAX_PADDING if self.same else n + 2 * padding - 1
        return 1, MAX_DILATION if k == 1 else max(1, min(MAX_DILATION, max_extent // (k - 1)))

    def _transposed_bounds(self, name: str, along: Along) -> Bounds:
        """The same for a transposed convolution: something is left of the output, and a browser can draw it."""
        n, k, stride, _, dilation, output_padding = along
        beside = output_padding + 1
        if name == "output_padding":
            return 0, max(stride, dilation) - 1
        if name == "padding":
            return 0, min(MAX_PADDING, ((n - 1) * stride + dilation * (k - 1) + beside - 1) // 2)
        max_extent = MAX_OUTPUT - beside
        if name == "stride":
            return 1, MAX_STRIDE if n == 1 else max(1, min(MAX_STRIDE, (max_extent - dilation * (k - 1)) // (n - 1)))
        return 1, MAX_DILATION if k == 1 else max(1, min(MAX_DILATION, (max_extent - (n - 1) * stride) // (k - 1)))

    def validated(self, changed: list[str]) -> tuple["Convolution", list[str]]:
        """These settings with what cannot be made possible, and a sentence for each; what was changed last stays."""
        settings, notes = couple(self), []
        for rule in (_validate_transposed, _validate_dilation, _validate_same, _validate_dilation, _validate_padding):
            settings, sentences = rule(settings, changed)
            notes += sentences
        return settings, notes


Validated = tuple[Convolution, list[str]]


def _validate_transposed(settings: Convolution, _: list[str]) -> Validated:
    """A transposed convolution makes pictures grow; here they stay fit to be looked at."""
    if not settings.transposed:
        return settings, []
    notes = []
    reason = f"the output would have more than {MAX_OUTPUT} cells a side"
    for name, why in (
        ("dilation", reason),
        ("stride", reason),
        ("output_padding", "it has to be below the larger of stride and dilation"),
        ("padding", "more would cut the whole output away"),
    ):
        settings, more = clamp(settings, name, why)
        notes += more
    return settings, notes


def _validate_same(settings: Convolution, changed: list[str]) -> Validated:
    """'same' goes with stride 1 and with a plain convolution, as in PyTorch."""
    if not settings.same:
        return settings, []
    if "padding" in changed:
        return replace(settings, same=False), []
    (top, _), (left, _) = settings.ring
    if settings.transposed:
        return replace(settings, same=False), ["'Same' padding is for convolutions only; here padding cuts cells off."]
    if settings.stride == (1, 1):
        return settings, []
    if "stride" in changed:
        parted = settings.per_axis or top != left
        settings = replace(settings, same=False, padding=Axes(top, left), per_axis=parted)
        amount = f"{top}" if top == left else f"{top} for rows and {left} for columns"
        return settings, [f"'Same' padding goes with stride 1 only, as in PyTorch; padding is now {amount}."]
    note = "'Same' padding goes with stride 1 only, as in PyTorch; stride is now 1."
    return replace(settings, stride=Axes(1, 1)), [note]


def _validate_dilation(settings: Convolution, _: list[str]) -> Validated:
    """A kernel whose taps stand too far apart for the padded input is drawn together."""
    if settings.transposed:
        return settings, []
    return clamp(settings, "dilation", "the kernel did not fit into the padded input")


def _validate_padding(settings: Convolution, changed: list[str]) -> Validated:
    """Padding is raised for a kernel larger than the input, and lowered to what its mode (or the output) allows."""
    if settings.transposed:
        return settings, []
    max_padding, mode = _limit(settings), settings.mode.capitalize()
    if settings.same:
        if max(map(max, settings.ring)) <= max_padding:
            return settings, []
        note = f"{mode} padding gives at most {max_padding} cells to this input; the mode is now zeros."
        return replace(settings, mode="zeros"), [note]
    low, high = settings.common_bounds("padding")
    if low <= max_padding and all(low <= one <= high for one in settings.padding):
        return settings, []
    notes = []
    if low > max_padding:
        notes = [f"{mode} padding cannot give {low} cells to this input; the mode is now zeros."]
        settings = replace(settings, mode="zeros")
    settings, more = clamp(settings, "padding", _padding_reason(settings, low, max_padding))
    return settings, notes + more


def _padding_reason(settings: Convolution, low: int, max_padding: int) -> str:
    """Why padding cannot stay as it is: the kernel is larger than the input, or the mode allows no more."""
    if max(settings.padding) < low:
        (n_h, n_w), (k_h, k_w) = settings.size, settings.kernel
        return f"the kernel, {k_h} × {k_w}, has to fit into the padded input, and the input is {n_h} × {n_w}"
    return f"{settings.mode} padding gives at most {max_padding} to this input"


def _limit(settings: Convolution) -> int:
    """The most padding that the mode gives to both axes."""
    return windows.padding_limit(min(settings.size), settings.mode, MAX_PADDING)


@dataclass(frozen=True)
class Result:
    """What the settings compute: padded input (H, W), taps, output (H_out, W_out), and the same activated."""

    padded: Array
    rows: Geometry
    cols: Geometry
    output: Array
    activated: Array | None

    @property
    def last(self) -> Array:
        """What comes out at the end."""
        return self.output if self.activated is None else self.activated
