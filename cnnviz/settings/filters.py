"""The Image filters page: one kernel on a whole picture, then ReLU, then pooling."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnviz import arithmetic, links, windows
from cnnviz.links import Cells, cells, plain
from cnnviz.pictures import LARGEST_SIDE, PICTURES, as_picture
from cnnviz.settings import presets
from cnnviz.windows import Array, Geometry, Pooling

MOST_KERNEL = (7, 7)
MOST_STRIDE = 4
MOST_WINDOW = 6  # with this stride a pooling window still fits on the smallest picture
PADDINGS = ("none", *windows.NUMPY_MODES)
POOLINGS = ("none", "max", "average")
COLOURS = ("automatic", "signed", "grey")
UPLOAD, WEBCAM = "own file", "webcam"


def ridge(size: int, wavelength: float, sigma: float) -> Cells:
    """A Gabor filter: a wave of that length (in pixels) along the diagonal under a bell, shifted to the sum 0."""
    steps = np.arange(size) - (size - 1) / 2
    down, across = steps[:, None], steps[None]
    bell = np.exp(-(down**2 + across**2) / (2 * sigma**2))
    wave = bell * np.cos(2 * np.pi * (down + across) / np.sqrt(2) / wavelength)
    return cells((wave - bell * wave.sum() / bell.sum()).round(2).tolist())


KERNELS: dict[str, Cells] = {
    **{
        name: presets.KERNELS[name]
        for name in ("Identity", "Box blur", "Gaussian blur", "Gaussian blur 5×5", "Sharpen", "Sobel x", "Sobel y")
    },
    "Laplacian": presets.KERNELS["Laplacian"],
    "Emboss": presets.KERNELS["Emboss"],
    "Motion blur 7×7": cells((np.eye(7) / 7).round(4).tolist()),
    "Diagonal lines 7×7": ridge(7, 4.0, 2.0),
}


@dataclass(frozen=True)
class Filters:
    """The settings. `row` and `col` name the cell of the convolved picture whose window is shown; it is brought inside
    where a smaller picture does not have it. A picture of one's own is not part of them, only that it was one."""

    picture: str = links.choice("House and tree", (*PICTURES, UPLOAD, WEBCAM))
    w: Cells = links.grid(KERNELS["Sobel x"], *MOST_KERNEL)
    b: Cells = links.grid([[0]], 1, 1)
    stride: int = links.integer(1, 1, MOST_STRIDE)
    padding: str = links.choice("none", PADDINGS)
    relu: bool = links.flag(True)
    pool: str = links.choice("max", POOLINGS)
    window: int = links.integer(2, 2, MOST_WINDOW)
    colours: str = links.choice("automatic", COLOURS)
    row: int = links.integer(57, 0, LARGEST_SIDE)
    col: int = links.integer(58, 0, LARGEST_SIDE)

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
        rows, cols = (windows.pooling_axis(size, self.window, self.window) for size in values.shape)
        kind: Pooling = "max" if self.pool == "max" else "average"
        return windows.pool(values, kind, rows, cols)[0]


def correlate(padded: Array, weight: Array, rows: Geometry, cols: Geometry, stride: int) -> Array:
    """windows.convolve for one channel, as a sum of shifted pictures: on 256 x 256 with 7 x 7 it takes 2 ms instead of
    20, and needs no array of all windows (25 MB)."""
    total = np.zeros((rows.outputs, cols.outputs))
    height, width = (stride * (axis.outputs - 1) + 1 for axis in (rows, cols))
    for (down, across), factor in np.ndenumerate(weight):
        total += factor * padded[down : down + height : stride, across : across + width : stride]
    return total


@dataclass(frozen=True)
class Filtered:
    """A picture and what becomes of it, stage by stage; all (H, W). Without ReLU `rectified` is `convolved`."""

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
        """Row and column of the convolved picture whose window is shown."""
        height, width = self.convolved.shape
        return min(self.settings.row, height - 1), min(self.settings.col, width - 1)

    @property
    def signed(self) -> bool:
        """Whether colour means a sign: where asked for, or where the kernel finds differences and keeps no brightness."""
        keeps_brightness = abs(sum(map(sum, self.settings.w)) - 1) < 0.05
        automatic = bool(self.convolved.min() < 0) and not keeps_brightness
        return automatic if self.settings.colours == "automatic" else self.settings.colours == "signed"

    @property
    def scale(self) -> tuple[float, float]:
        """The values at the ends of the colours, the same for all computed stages."""
        if self.signed:
            largest = float(np.abs(self.convolved).max()) or 1.0
            return -largest, largest
        keeps_brightness = abs(sum(map(sum, self.settings.w)) - 1) < 0.05
        return 0.0, 255.0 if keeps_brightness else max(255.0, float(self.convolved.max()))

    def by_torch(self) -> Array:
        """`last` as torch computes it; torch is imported here, and only when asked."""
        import torch

        from cnnviz import oracle

        settings = self.settings
        mode: Any = "zeros" if settings.padding == "none" else settings.padding
        weight, bias = np.array(settings.w)[None, None], np.array(settings.b)[0]
        stride = (settings.stride, settings.stride)
        values = oracle.convolve(self.picture[None], weight, bias, stride, settings.ring, mode=mode)[0]
        if settings.relu:
            values = torch.relu(oracle.tensor(values)).numpy()
        if settings.pool == "none":
            return values
        window = (settings.window, settings.window)
        return oracle.pool(values, "max" if settings.pool == "max" else "average", window, window)

    @property
    def torch_name(self) -> str:
        """The functions of torch.nn.functional that do it."""
        settings = self.settings
        names = ["conv2d", *["relu"] * settings.relu, *["max_pool2d"] * (settings.pool == "max")]
        return "torch.nn.functional: " + " → ".join([*names, *["avg_pool2d"] * (settings.pool == "average")])

    def code(self) -> str:
        """The PyTorch code that does it, to copy and run."""
        settings = self.settings
        kernel = ", ".join("[" + ", ".join(map(plain, row)) + "]" for row in settings.w)
        (top, bottom), (left, right) = settings.ring
        mode = {"none": "", "zeros": ', mode="constant"'}.get(settings.padding, f', mode="{settings.padding}"')
        lines = [
            "import numpy as np",
            "import torch",
            "import torch.nn.functional as F",
            "from PIL import Image",
            "",
            'picture = np.asarray(Image.open("picture.png").convert("L"), dtype=float)',
            "x = torch.tensor(picture)[None, None]  # (N, C, H, W) = (1, 1, {}, {})".format(*self.picture.shape),
            f"w = torch.tensor([[[{kernel}]]], dtype=torch.float64)  # (1, 1, {len(settings.w)}, {len(settings.w[0])})",
            f"b = torch.tensor([{plain(settings.b[0][0])}], dtype=torch.float64)",
            f"x = F.pad(x, ({left}, {right}, {top}, {bottom}){mode})" if mode else "",
            f"y = F.conv2d(x, w, b, stride={settings.stride})",
            "y = F.relu(y)" if settings.relu else "",
            f"y = F.{'max' if settings.pool == 'max' else 'avg'}_pool2d(y, {settings.window})" if settings.pool != "none" else "",
            "print(y.shape)",
        ]
        return "\n".join(line for number, line in enumerate(lines) if line or number == 4)

    def remarks(self) -> list[str]:
        """What is easily overlooked on the stage."""
        lines, window = [], self.settings.window
        cut = [size % window for size in self.rectified.shape]
        if self.pooled is not None and any(cut):
            lines.append(
                f"{self.rectified.shape[0]} × {self.rectified.shape[1]} does not divide by {window}: the last "
                f"{cut[0]} row(s) and {cut[1]} column(s) are in no pooling window, as in PyTorch."
            )
        if not self.signed and (self.convolved.min() < self.scale[0] or self.convolved.max() > self.scale[1]):
            lines.append(
                f"The convolved values go from {self.convolved.min():.6g} to {self.convolved.max():.6g}; in grey what is "
                f"beyond 0 and {self.scale[1]:.6g} is shown as black and white. “Signed” colours show all of it."
            )
        return lines


CHALLENGES: dict[str, tuple[str, dict[str, Any]]] = {
    "One direction": (
        "Sobel x on rings, without ReLU: which stripes light up, and at which angle is the answer zero? Then try Sobel y.",
        {"picture": "Zone plate", "w": KERNELS["Sobel x"], "padding": "none", "relu": False, "pool": "none", "stride": 1},
    ),
    "Half of the edges": (
        "Each bar has two edges, one positive and one negative. ReLU keeps one of them. Multiply the kernel by −1 to get "
        "the other one.",
        {"picture": "Letters", "w": KERNELS["Sobel x"], "padding": "none", "relu": True, "pool": "none", "stride": 1},
    ),
    "A frame from nowhere": (
        "The picture has no frame, but the result has one. Which padding makes it, and which one does not?",
        {"picture": "Checkerboard", "w": KERNELS["Laplacian"], "padding": "zeros", "relu": False, "pool": "none", "stride": 1},
    ),
    "Blind to brightness": (
        "The disc grows brighter from left to right, but hardly anything is left of it. What does the Laplacian of a ramp have to be?",
        {"picture": "Checkerboard", "w": KERNELS["Laplacian"], "padding": "replicate", "relu": True, "pool": "none", "stride": 1},
    ),
    "Max or average": (
        "After max pooling the thin lines of the seven’s edge are still there. Change it to average: what happens to them?",
        {"picture": "Digit", "w": KERNELS["Sobel y"], "padding": "replicate", "relu": True, "pool": "max", "window": 6, "stride": 1},
    ),
}
