"""Convolution and pooling on small arrays, and the window behind every output cell (NumPy).

Everything here rests on one idea: along each axis, `taps[o][k]` is the row (or column) of the padded input that kernel
position k meets when it computes output o, or None where it meets nothing. A strided, dilated, flipped, transposed,
ceil-mode or adaptive operation differs from the plain one in its taps alone; the sums are the same. Hover and play in
the browser read the same taps.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cnnviz.ops import arithmetic
from cnnviz.ops.arithmetic import Padding

Array = NDArray[np.float64]
Taps = tuple[tuple[int | None, ...], ...]
PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]
Pooling = Literal["max", "average", "l2"]

NUMPY_MODES: dict[str, Literal["constant", "reflect", "edge", "wrap"]] = {
    "zeros": "constant",
    "reflect": "reflect",
    "replicate": "edge",
    "circular": "wrap",
}


@dataclass(frozen=True)
class Geometry:
    """Where every window lies on an input of `size` cells that was padded to `padded` cells, along one axis."""

    size: int
    before: int  # padding cells in front of the input
    padded: int  # padding + size + padding
    taps: Taps

    @property
    def outputs(self) -> int:
        """Cells of the output along this axis."""
        return len(self.taps)

    @property
    def ring(self) -> tuple[int, int]:
        """Padding cells before and after the input."""
        return self.before, self.padded - self.before - self.size

    @cached_property
    def indices(self) -> NDArray[np.int64]:
        """The taps as an array (outputs, kernel positions), -1 for None."""
        return np.array([[-1 if tap is None else tap for tap in window] for window in self.taps])

    @cached_property
    def unreached(self) -> tuple[int, ...]:
        """Rows (or columns) of the padded input that no window meets."""
        met = {tap for window in self.taps for tap in window}
        return tuple(index for index in range(self.padded) if index not in met)


def convolution_axis(
    size: int, kernel: int, stride: int = 1, padding: Padding = 0, dilation: int = 1, flip: bool = False
) -> Geometry:
    """Taps of a convolution; `flip` turns PyTorch's cross-correlation into the convolution of the textbooks."""
    before, after = arithmetic.both_sides(padding)
    outputs = arithmetic.output_size(size, kernel, stride, padding, dilation)
    order = slice(None, None, -1 if flip else 1)
    taps = tuple(tuple(met[order]) for met in arithmetic.windows(outputs, kernel, stride, dilation=dilation))
    return Geometry(size, before, before + size + after, taps)


def transposed_axis(
    size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1, output_padding: int = 0
) -> Geometry:
    """Taps of a transposed convolution: output o gets input i through kernel position k where i x stride + k x dilation
    - padding = o. The input itself is not padded; `padding` cuts cells off the output."""
    outputs = arithmetic.transposed_output_size(size, kernel, stride, padding, dilation, output_padding)

    def tap(o: int, k: int) -> int | None:
        index, rest = divmod(o + padding - k * dilation, stride)
        return index if rest == 0 and 0 <= index < size else None

    taps = tuple(tuple(tap(o, k) for k in range(kernel)) for o in range(outputs))
    return Geometry(size, 0, size, taps)


def pooling_axis(size: int, kernel: int, stride: int, padding: int = 0, ceil_mode: bool = False) -> Geometry:
    """Taps of a pooling; in ceil mode the last window may hang over the end, where it meets nothing."""
    padded = size + 2 * padding
    outputs = arithmetic.output_size(size, kernel, stride, padding, ceil_mode=ceil_mode)
    met = arithmetic.windows(outputs, kernel, stride)
    taps = tuple(tuple(cell if cell < padded else None for cell in window) for window in met)
    return Geometry(size, padding, padded, taps)


def adaptive_axis(size: int, outputs: int) -> Geometry:
    """Taps of an adaptive pooling: windows of uneven size, filled up with None to the longest."""
    windows = [arithmetic.adaptive_window(o, size, outputs) for o in range(outputs)]
    longest = max(len(window) for window in windows)
    taps = tuple((*window, *[None] * (longest - len(window))) for window in windows)
    return Geometry(size, 0, size, taps)


def pad(x: Array, rows: Padding, cols: Padding, mode: PaddingMode = "zeros") -> Array:
    """x (..., H, W) with a ring of padding. Raises ValueError where torch would: reflect needs padding below the size,
    circular at most the size."""
    widths = [arithmetic.both_sides(rows), arithmetic.both_sides(cols)]
    for size, width in zip(x.shape[-2:], widths, strict=True):
        if max(width) > padding_limit(size, mode):
            raise ValueError(
                f"{mode} padding of {max(width)} needs more than {size} cells; the most is {padding_limit(size, mode)}"
            )
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + widths, mode=NUMPY_MODES[mode])


def padding_limit(size: int, mode: PaddingMode, max_padding: int = 1 << 30) -> int:
    """The most padding that a mode can give to an axis of `size` cells (reflect: size - 1, circular: size)."""
    return min(max_padding, {"reflect": size - 1, "circular": size}.get(mode, max_padding))


def _gather(padded: Array, rows: Geometry, cols: Geometry, nothing: float = 0.0) -> Array:
    """All windows of padded (..., H, W) as (..., H_out, W_out, K_h, K_w); `nothing` where a tap meets no cell."""
    edge = [(0, 0)] * (padded.ndim - 2) + [(0, 1), (0, 1)]
    bordered = np.pad(padded, edge, constant_values=nothing)  # the last row and column stand for None
    row, col = rows.indices, cols.indices
    result: Array = bordered[..., row[:, None, :, None], col[None, :, None, :]]
    return result


def convolve(padded: Array, weight: Array, bias: Array, rows: Geometry, cols: Geometry, groups: int = 1) -> Array:
    """padded (C, H, W), weight (F, C / groups, K_h, K_w), bias (F,) -> output (F, H_out, W_out)."""
    output: Array = _channel_sums(padded, weight, rows, cols, groups).sum(axis=1) + bias[:, None, None]
    return output


def _channel_sums(padded: Array, weight: Array, rows: Geometry, cols: Geometry, groups: int = 1) -> Array:
    """What each input channel adds to each filter's output, before the bias: (F, C / groups, H_out, W_out)."""
    channels, filters = len(padded), len(weight)
    if channels % groups or filters % groups or weight.shape[1] != channels // groups:
        raise ValueError(
            f"{channels} channels and {filters} filters of {weight.shape[1]} channels do not go into {groups} groups"
        )
    windows = _gather(padded, rows, cols)  # C, H_out, W_out, K_h, K_w
    sources = [group_channels(f, filters, channels, groups) for f in range(filters)]
    return np.stack(
        [
            np.einsum("chwij,cij->chw", windows[list(source)], kernel)
            for source, kernel in zip(sources, weight, strict=True)
        ]
    )


def group_channels(index: int, filters: int, channels: int, groups: int) -> range:
    """The input channels that filter `index` sees: all of them in one group, one of them when depthwise."""
    width, group = channels // groups, index * groups // filters
    return range(group * width, (group + 1) * width)


def pool(
    x: Array, kind: Pooling, rows: Geometry, cols: Geometry, count_include_pad: bool = True
) -> tuple[Array, Array]:
    """x (H, W), not padded -> (output (H_out, W_out), divisor of every window (H_out, W_out), 1 for max).

    Maximum: padding never wins. Average: the divisor counts the cells of the window inside the padded input, or inside
    the input alone. L2: sqrt of the sum of squares, and where ceil mode cuts a window short PyTorch scales the sum
    up to the full window (torch.nn.functional.lp_pool2d is built on avg_pool2d); the divisor is then the share that
    was left.
    """
    ring = (rows.ring, cols.ring)
    inside = _gather(np.pad(np.ones_like(x), ring), rows, cols)
    if kind == "max":
        windows = _gather(np.pad(x, ring, constant_values=-np.inf), rows, cols, nothing=-np.inf)
        best = windows.max(axis=(2, 3))
        return best, np.ones_like(best)
    present = _gather(np.ones((rows.padded, cols.padded)), rows, cols).sum(axis=(2, 3))
    windows = _gather(np.pad(x, ring), rows, cols)
    if kind == "average":
        divisor = present if count_include_pad else inside.sum(axis=(2, 3))
        return windows.sum(axis=(2, 3)) / divisor, divisor
    share = present / (windows.shape[2] * windows.shape[3])
    return np.sqrt((windows**2).sum(axis=(2, 3)) / share), share


def winners(x: Array, rows: Geometry, cols: Geometry) -> NDArray[np.int64]:
    """(H_out, W_out, 2): row and column, on the padded input, of the cell that wins each max window (the first, as
    torch picks)."""
    ring = (rows.ring, cols.ring)
    windows = _gather(np.pad(x, ring, constant_values=-np.inf), rows, cols, nothing=-np.inf)
    flat = windows.reshape(*windows.shape[:2], -1).argmax(axis=-1)
    k_row, k_col = np.divmod(flat, windows.shape[3])
    picked = [
        np.take_along_axis(rows.indices, k_row, axis=1),
        np.take_along_axis(cols.indices.T, k_col, axis=0),
    ]
    return np.stack(picked, axis=-1)
