"""The Pooling page: maximum, average and L2 over any window, side by side or alone, global or adaptive."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cnnviz import links
from cnnviz.lessons.common import presets
from cnnviz.lessons.common.axes import Bounds, TwoAxes, clamp, couple
from cnnviz.lessons.common.settings import WithTask
from cnnviz.links import Axes, Cells
from cnnviz.ops import windows
from cnnviz.ops.windows import Array, Geometry, Pooling

MAX_INPUT = (16, 16)
MAX_KERNEL = 16
KINDS: dict[str, tuple[Pooling, ...]] = {
    "max and average": ("max", "average"),
    "max": ("max",),
    "average": ("average",),
    "L2": ("l2",),
}
WINDOWS = {"window": "Sliding", "adaptive": "Adaptive", "global": "Global"}  # in links, in words


@dataclass(frozen=True)
class Pool(TwoAxes, WithTask):
    """The settings. 'adaptive' and 'global' are averages whose windows follow from the output size."""

    x: Cells = links.grid(presets.WORKED_5X5, *MAX_INPUT)
    kind: str = links.choice("max and average", tuple(KINDS))
    reach: str = links.choice("window", tuple(WINDOWS))
    per_axis: bool = links.flag(False)
    kernel: Axes = links.axes(2, 1, MAX_KERNEL)
    stride: Axes = links.axes(2, 1, MAX_KERNEL)
    padding: Axes = links.axes(0, 0, MAX_KERNEL // 2)
    ceil_mode: bool = links.flag(False)
    count_include_pad: bool = links.flag(True)
    outputs: Axes = links.axes(2, 1, 16)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the input."""
        return len(self.x), len(self.x[0])

    @property
    def kinds(self) -> tuple[Pooling, ...]:
        """What is computed, side by side."""
        return KINDS[self.kind]

    @property
    def output_size(self) -> tuple[int, int]:
        """Rows and columns that an adaptive pooling is asked for."""
        rows, cols = self.outputs
        return (1, 1) if self.reach == "global" else (rows, cols)

    def axes(self) -> tuple[Geometry, Geometry]:
        """The taps along the rows and along the columns."""
        if self.reach != "window":
            rows, cols = (windows.adaptive_axis(n, o) for n, o in zip(self.size, self.output_size, strict=True))
            return rows, cols
        rows, cols = (windows.pooling_axis(*one, self.ceil_mode) for one in self.sizing())
        if self.kinds == ("l2",):
            (top, left), (h, w) = self.padding, self.size
            return replace(rows, size=h, before=top), replace(cols, size=w, before=left)
        return rows, cols

    def sizing(self) -> list[tuple[int, int, int, int]]:
        """(size, kernel, stride, padding) along each axis. PyTorch's L2 pooling takes no padding: zeros are laid
        around its input first, so that to it the padded input is the input."""
        axes = zip(self.size, self.kernel, self.stride, self.padding, strict=True)
        return [(n + 2 * p, k, s, 0) if self.kinds == ("l2",) else (n, k, s, p) for n, k, s, p in axes]

    def compute(self) -> "Pooled":
        """One output for each kind."""
        x, (rows, cols) = np.array(self.x), self.axes()
        results = {kind: windows.pool(x, kind, rows, cols, self.count_include_pad) for kind in self.kinds}
        winners = windows.winners(x, rows, cols) if "max" in self.kinds else None
        return Pooled(np.pad(x, (rows.ring, cols.ring)), rows, cols, results, winners)

    def by_torch(self) -> Array:
        """The outputs, one after the other, as torch.nn.functional computes them; torch is imported only here."""
        from cnnviz.ops import reference

        x = np.array(self.x)
        if self.reach != "window":
            return np.stack([reference.adaptive(x, kind, self.output_size) for kind in self.kinds])
        options = self.kernel, self.stride, self.padding, self.ceil_mode, self.count_include_pad
        return np.stack([reference.pool(x, kind, *options) for kind in self.kinds])

    @property
    def torch_name(self) -> str:
        """The functions of torch.nn.functional that do it."""
        names = {"max": "max_pool2d", "average": "avg_pool2d", "l2": "lp_pool2d"}
        adaptive = {"max": "adaptive_max_pool2d", "average": "adaptive_avg_pool2d"}
        return " and ".join("F." + (names if self.reach == "window" else adaptive)[kind] for kind in self.kinds)

    def bounds(self, name: str) -> tuple[Bounds, Bounds]:
        """What `name` may be along (rows, columns), the other settings as they are."""

        def along(n: int, padding: int, kernel: int) -> Bounds:
            if name == "padding":  # torch: at most half the window
                return max(0, -(-(kernel - n) // 2)), min(kernel // 2, MAX_KERNEL // 2)
            return 1, {"kernel": min(MAX_KERNEL, n + 2 * padding), "stride": MAX_KERNEL, "outputs": 16}[name]

        rows, cols = map(along, self.size, self.padding, self.kernel)
        return rows, cols

    def validated(self, changed: list[str]) -> tuple["Pool", list[str]]:
        """These settings with what cannot be made possible, and a sentence for each."""
        settings, notes = couple(self), []
        if settings.reach != "window" and settings.kind == "L2":
            settings = replace(settings, kind="average")
            notes.append("PyTorch has no adaptive L2 pooling; this is the average.")
        for name, reason in (
            ("kernel", "a window cannot be larger than the padded input"),
            ("padding", "PyTorch takes at most half the window"),
        ):
            settings, more = clamp(settings, name, reason)
            notes += more
        return settings, notes


@dataclass(frozen=True)
class Pooled:
    """What the settings compute: padded input, taps, (output, divisors) of each kind, the cells that win the
    maximum."""

    padded: Array
    rows: Geometry
    cols: Geometry
    results: dict[Pooling, tuple[Array, Array]]
    winners: NDArray[np.int64] | None

    @property
    def outputs(self) -> Array:
        """The output of every kind, (kinds, H_out, W_out)."""
        return np.stack([values for values, _ in self.results.values()])
