"""The Image filters page: one kernel on a whole picture, then ReLU, then pooling."""

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz import links
from cnnviz.data.pictures import LARGEST_SIDE, PICTURES
from cnnviz.lessons.common import presets
from cnnviz.lessons.common.settings import WithTask
from cnnviz.links import Cells, cells
from cnnviz.ops import arithmetic, windows
from cnnviz.ops.windows import Array, Geometry

MAX_KERNEL = (7, 7)
MAX_STRIDE = 4
MAX_WINDOW = 6  # with this stride a pooling window still fits on the smallest picture
PADDINGS = ("none", *windows.NUMPY_MODES)
POOLINGS = ("none", "max", "average")
COLOURS = ("automatic", "signed", "grey")
UPLOAD, WEBCAM = "own file", "webcam"


def _ridge(size: int, wavelength: float, sigma: float) -> Cells:
    """A Gabor filter: a wave along the diagonal (its length in pixels) under a bell, in integers of sum 0."""
    steps = np.arange(size) - (size - 1) / 2
    down, across = steps[:, None], steps[None]
    bell = np.exp(-(down**2 + across**2) / (2 * sigma**2))
    wave = bell * np.cos(2 * np.pi * (down + across) / np.sqrt(2) / wavelength)
    kernel = np.rint(3.5 * (wave - bell * wave.sum() / bell.sum()))
    kernel[size // 2, size // 2] -= kernel.sum()
    return cells((kernel + 0.0).tolist())


KERNELS: dict[str, Cells] = {
    **{
        name: presets.KERNELS[name]
        for name in (
            "Identity",
            "Box blur",
            "Gaussian blur",
            "Gaussian blur 5 × 5",
            "Sharpen",
            "Sobel x",
            "Sobel y",
        )
    },
    "Laplacian": presets.KERNELS["Laplacian"],
    "Emboss": presets.KERNELS["Emboss"],
    "Motion blur 7 × 7": cells((np.eye(7) / 7).round(4).tolist()),
    "Diagonal lines 7 × 7": _ridge(7, 4.0, 2.0),
}


@dataclass(frozen=True)
class Filters(WithTask):
    """The settings. `row` and `col` name the cell of the convolved picture whose window is shown; it is
    brought inside where a smaller picture does not have it. Of an own picture they only say that it was
    one."""

    LOOKING = ("row", "col", "colours")

    picture: str = links.choice("House and tree", (*PICTURES, UPLOAD, WEBCAM))
    w: Cells = links.grid(KERNELS["Sobel x"], *MAX_KERNEL)
    b: Cells = links.grid([[0]], 1, 1)
    stride: int = links.integer(1, 1, MAX_STRIDE)
    padding: str = links.choice("none", PADDINGS)
    relu: bool = links.flag(True)
    pool: str = links.choice("max", POOLINGS)
    window: int = links.integer(2, 2, MAX_WINDOW)
    colours: str = links.choice("automatic", COLOURS)
    row: int = links.integer(72, 0, LARGEST_SIDE)
    col: int = links.integer(94, 0, LARGEST_SIDE)

    @property
    def kernel(self) -> tuple[int, int]:
        """Rows and columns of the kernel."""
        return len(self.w), len(self.w[0])

    @property
    def ring(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Padding (top, bottom), (left, right): none, or what keeps the size at stride 1."""
        rows, cols = ((0, 0) if self.padding == "none" else arithmetic.same_padding(k) for k in self.kernel)
        return rows, cols

    def compute(self, picture: Array) -> "Filtered":
        """All stages of `picture` (H, W)."""
        (height, width), (down, across) = picture.shape, self.ring
        rows = windows.convolution_axis(height, self.kernel[0], self.stride, down)
        cols = windows.convolution_axis(width, self.kernel[1], self.stride, across)
        mode: Any = "zeros" if self.padding == "none" else self.padding
        padded = windows.pad(picture, down, across, mode)
        convolved = correlate(padded, np.array(self.w), rows, cols, self.stride) + self.b[0][0]
        rectified = np.maximum(convolved, 0) if self.relu else convolved
        return Filtered(self, picture, padded, rows, cols, convolved, rectified, self.pooled(rectified))

    def pooled(self, values: Array) -> Array | None:
        """`values` (H, W) after pooling with windows that lie side by side; None where there is none."""
        if self.pool == "none":
            return None
        rows, cols = (size // self.window for size in values.shape)
        whole = values[: rows * self.window, : cols * self.window]
        steps = range(self.window)
        parts = [whole[down :: self.window, across :: self.window] for down in steps for across in steps]
        # one after the other, as the browser adds them: NumPy's own mean chooses an order by the shape
        pooled: Array = reduce(np.maximum if self.pool == "max" else np.add, parts)
        return pooled if self.pool == "max" else pooled / self.window**2


def _sources(axis: Geometry, mode: str) -> NDArray[np.int32]:
    """For each row (or column) of the padded picture the picture's own that stands there, -1 for a zero."""
    own = np.arange(axis.size, dtype=np.int32)
    if mode == "zeros":
        return np.pad(own, axis.ring, constant_values=-1)
    padded: NDArray[np.int32] = np.pad(own, axis.ring, mode=windows.NUMPY_MODES[mode])
    return padded


def correlate(padded: Array, weight: Array, rows: Geometry, cols: Geometry, stride: int) -> Array:
    """windows.convolve for one channel, as a sum of shifted pictures: on 256 x 256 with 7 x 7 it takes 2 ms
    instead of 20, and needs no array of all windows (25 MB). The browser adds in the same order
    (ui/lessons/filters/filter/convolution.js), so that its sums are these to the bit."""
    total = np.zeros((rows.outputs, cols.outputs))
    height, width = (stride * (axis.outputs - 1) + 1 for axis in (rows, cols))
    for (down, across), factor in np.ndenumerate(weight):
        total += factor * padded[down : down + height : stride, across : across + width : stride]
    return total


@dataclass(frozen=True)
class Filtered:
    """A picture and what becomes of it, stage by stage, all (H, W). Without ReLU `rectified` is
    `convolved`."""

    settings: Filters
    picture: Array
    padded: Array
    rows: Geometry
    cols: Geometry
    convolved: Array
    rectified: Array
    pooled: Array | None

    @property
    def last(self) -> Array:
        """What comes out at the end."""
        return self.rectified if self.pooled is None else self.pooled

    @property
    def inspected(self) -> tuple[int, int]:
        """Row and column of the convolved picture whose window is shown: the same place at every stride."""
        (height, width), stride = self.convolved.shape, self.settings.stride
        return min(self.settings.row // stride, height - 1), min(self.settings.col // stride, width - 1)

    @property
    def taps(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """For each output along the rows, and along the columns, the picture's cells that the kernel's positions meet,
        padding traced back to the cell that it repeats: (H_out, K_h) and (W_out, K_w); -1 where it is a zero."""
        mode = "zeros" if self.settings.padding == "none" else self.settings.padding
        rows, cols = (_sources(axis, mode)[axis.indices] for axis in (self.rows, self.cols))
        return rows, cols

    @property
    def window(self) -> Array:
        """The cells of the picture, or of its padding, behind the inspected cell: (K_h, K_w)."""
        row, col = (at * self.settings.stride for at in self.inspected)
        height, width = self.settings.kernel
        return self.padded[row : row + height, col : col + width]

    @property
    def keeps_brightness(self) -> bool:
        """Whether an even area stays as bright as it is, so that the result is a picture again."""
        return abs(sum(map(sum, self.settings.w)) - 1) < 0.05

    @property
    def signed(self) -> bool:
        """Whether colour means a sign: where asked for, or where there are signs and the result is no
        picture."""
        automatic = bool(self.convolved.min() < 0) and not self.keeps_brightness
        return automatic if self.settings.colours == "automatic" else self.settings.colours == "signed"

    @property
    def scale(self) -> tuple[float, float]:
        """The values at the ends of the colours, the same for all computed stages."""
        if self.signed:
            largest = float(np.abs(self.convolved).max()) or 1.0
            return -largest, largest
        return 0.0, 255.0 if self.keeps_brightness else max(255.0, float(self.convolved.max()))

    def by_torch(self) -> Array:
        """`last` as torch computes it; torch is imported here, and only when asked."""
        import torch

        from cnnviz.ops import reference

        settings = self.settings
        mode: Any = "zeros" if settings.padding == "none" else settings.padding
        weight, bias = np.array(settings.w)[None, None], np.array(settings.b)[0]
        stride = (settings.stride, settings.stride)
        values: Array = reference.convolve(self.picture[None].copy(), weight, bias, stride, settings.ring, mode=mode)[0]
        if settings.relu:
            values = torch.relu(reference.tensor(values)).numpy()
        if settings.pool == "none":
            return values
        window = (settings.window, settings.window)
        return reference.pool(values, "max" if settings.pool == "max" else "average", window, window)

    @property
    def torch_name(self) -> str:
        """The functions of torch.nn.functional that do it."""
        settings = self.settings
        names = ["conv2d", *["relu"] * settings.relu, *["max_pool2d"] * (settings.pool == "max")]
        names += ["avg_pool2d"] * (settings.pool == "average")
        return ", ".join(f"F.{name}" for name in names)
