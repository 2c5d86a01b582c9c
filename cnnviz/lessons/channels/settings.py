"""The Channels page: several input channels, several filters, groups. All four channels and all sixteen kernels stay in
the settings, so that lowering a count loses nothing."""

from dataclasses import dataclass, replace

import numpy as np

from cnnviz import links
from cnnviz.lessons.common.axes import Bounds, TwoAxes, clamp, couple
from cnnviz.lessons.common.settings import WithTask
from cnnviz.links import Axes, Cells, cells
from cnnviz.ops import windows
from cnnviz.ops.windows import Array, Geometry

MAX_CHANNELS = 4  # channels, and filters
MAX_INPUT = (8, 8)
MAX_KERNEL = (5, 5)

# seed 001's volume (CS231n's demo): three channels of 5 x 5, padded by 1, two filters, stride 2; below them a fourth
# channel and two more filters to try
EXAMPLE_INPUT: tuple[Cells, ...] = (
    cells([[1, 0, 1, 0, 1], [1, 2, 2, 2, 2], [2, 1, 0, 2, 1], [0, 1, 2, 1, 2], [1, 1, 0, 1, 2]]),
    cells([[0, 0, 2, 2, 1], [2, 2, 0, 1, 0], [0, 2, 0, 1, 1], [0, 2, 1, 0, 0], [2, 0, 2, 2, 0]]),
    cells([[1, 2, 2, 2, 1], [0, 1, 1, 0, 1], [1, 1, 0, 0, 0], [1, 2, 0, 1, 1], [2, 1, 0, 1, 0]]),
    cells([[0, 1, 0, 2, 0], [1, 0, 1, 0, 2], [0, 2, 1, 2, 0], [2, 0, 1, 0, 1], [0, 1, 0, 2, 1]]),
)
EXAMPLE_KERNELS: tuple[Cells, ...] = (
    cells([[1, 1, -1], [-1, 0, -1], [1, 0, 0]]),
    cells([[-1, -1, -1], [-1, 0, -1], [1, 1, 1]]),
    cells([[-1, -1, -1], [-1, 0, 1], [1, -1, 1]]),
    cells([[0, 1, 0], [1, -1, 1], [0, 1, 0]]),
    cells([[0, 0, 1], [1, 1, -1], [0, -1, -1]]),
    cells([[0, 1, 0], [-1, 0, -1], [1, 1, 1]]),
    cells([[0, 1, 1], [-1, 0, 1], [0, -1, 1]]),
    cells([[1, 0, -1], [0, 0, 0], [-1, 0, 1]]),
    cells([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    cells([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    cells([[1, 0, -1], [0, 1, 0], [-1, 0, 1]]),
    cells([[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    cells([[1, 1, 1], [0, 0, 0], [-1, -1, -1]]),
    cells([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    cells([[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    cells([[0, 1, 0], [0, 1, 0], [0, 1, 0]]),
)


@dataclass(frozen=True)
class Channels(TwoAxes, WithTask):
    """The settings. Kernel `filter * 4 + channel` of `w` is what that filter lays on that channel."""

    x: tuple[Cells, ...] = links.grid_stack(EXAMPLE_INPUT, MAX_CHANNELS, *MAX_INPUT)
    w: tuple[Cells, ...] = links.grid_stack(EXAMPLE_KERNELS, MAX_CHANNELS * MAX_CHANNELS, *MAX_KERNEL)
    b: tuple[Cells, ...] = links.grid_stack([[[1]], [[0]], [[0]], [[0]]], MAX_CHANNELS, 1, 1)
    channels: int = links.integer(3, 1, MAX_CHANNELS)
    filters: int = links.integer(2, 1, MAX_CHANNELS)
    groups: int = links.integer(1, 1, MAX_CHANNELS)
    per_axis: bool = links.flag(False)
    stride: Axes = links.axes(2, 1, 8)
    padding: Axes = links.axes(1, 0, 4)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of every channel."""
        return len(self.x[0]), len(self.x[0][0])

    @property
    def kernel(self) -> tuple[int, int]:
        """Rows and columns of every kernel."""
        return len(self.w[0]), len(self.w[0][0])

    @property
    def possible_groups(self) -> list[int]:
        """The numbers that divide both the channels and the filters."""
        return [n for n in range(1, MAX_CHANNELS + 1) if self.channels % n == 0 and self.filters % n == 0]

    def sources(self, index: int) -> range:
        """The channels that filter `index` sees."""
        return windows.group_channels(index, self.filters, self.channels, self.groups)

    def weight(self) -> Array:
        """(filters, channels / groups, K_h, K_w), as torch takes it."""
        return np.array([[self.w[f * MAX_CHANNELS + c] for c in self.sources(f)] for f in range(self.filters)])

    def bias(self) -> Array:
        """(filters,)."""
        return np.array([self.b[f][0][0] for f in range(self.filters)])

    def axes(self) -> tuple[Geometry, Geometry]:
        """The taps along the rows and along the columns."""
        settings = zip(self.size, self.kernel, self.stride, self.padding, strict=True)
        rows, cols = (windows.convolution_axis(*one) for one in settings)
        return rows, cols

    def compute(self) -> "Volume":
        """Padded channels and the output of every filter."""
        rows, cols = self.axes()
        padded = windows.pad(np.array(self.x[: self.channels]), rows.ring, cols.ring)
        output = windows.convolve(padded, self.weight(), self.bias(), rows, cols, self.groups)
        return Volume(padded, rows, cols, output)

    def by_torch(self) -> Array:
        """The output as torch.nn.functional computes it; torch is imported only here."""
        from cnnviz.ops import reference

        down, across = self.padding
        x = np.array(self.x[: self.channels])
        padding = ((down, down), (across, across))
        return reference.convolve(x, self.weight(), self.bias(), self.stride, padding, groups=self.groups)

    @property
    def torch_name(self) -> str:
        """The function of torch.nn.functional that does it."""
        return "F.conv2d"

    def bounds(self, name: str) -> tuple[Bounds, Bounds]:
        """What `name` may be along (rows, columns)."""
        if name == "stride":
            return (1, 8), (1, 8)
        rows, cols = ((max(0, -(-(k - n) // 2)), 4) for n, k in zip(self.size, self.kernel, strict=True))
        return rows, cols

    def validated(self, changed: list[str]) -> tuple["Channels", list[str]]:
        """Complete grids of one size, groups that divide, padding that lets the kernel fit; a sentence for each
        mend."""
        settings, notes = _complete(couple(self))
        if settings.groups not in settings.possible_groups:
            groups = max(n for n in settings.possible_groups if n < settings.groups)
            notes.append(
                f"Groups is now {groups} instead of {settings.groups}: it has to divide both "
                f"{settings.channels} channels and {settings.filters} filters."
            )
            settings = replace(settings, groups=groups)
        settings, more = clamp(settings, "padding", "the kernel has to fit into the padded input")
        return settings, notes + more


@dataclass(frozen=True)
class Volume:
    """What the settings compute: padded (C, H, W), taps, output (F, H_out, W_out)."""

    padded: Array
    rows: Geometry
    cols: Geometry
    output: Array


def _complete(settings: Channels) -> tuple[Channels, list[str]]:
    """A link may hold too few grids, or grids of different sizes; then the page's own take their place."""
    notes = []
    for field, count in (("x", MAX_CHANNELS), ("w", MAX_CHANNELS * MAX_CHANNELS), ("b", MAX_CHANNELS)):
        grids = getattr(settings, field)
        if len(grids) != count or len({(len(grid), len(grid[0])) for grid in grids}) != 1:
            settings = replace(settings, **{field: getattr(Channels, field)})
            notes.append(f"The link's {field} was not used: it has to be {count} grids of one size.")
    return settings, notes
