"""Which pixels of a photograph are ink: its paper may be dark, grey, or lit from one side."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Picture = NDArray[np.uint8]

GRID = 48  # points along each axis by which the light on the paper is judged
ROUNDS = 8  # of fitting; each leaves out what the last found to be no paper
NOISE = 4.0  # deviations of the paper's noise above which something is ink
FAINT = 0.1  # of full ink, below which there is none: the halo of a JPEG
LEAST = 24.0  # grey levels by which ink differs from its paper; anything fainter is none


def ink_on_paper(picture: Picture) -> Picture:
    """A photograph (H, W) of something written -> its ink, white (255) on a black (0) paper.

    Paper is what there is most of, so ink is dark where the median of the picture is nearer to its brightest than to
    its darkest pixel. The light on it is taken for a surface of second degree, fitted to the paper alone. A picture
    that is all alike has no ink.
    """
    dark_ink = 2 * np.median(picture) >= float(picture.min()) + float(picture.max())
    light = (255 - picture if dark_ink else picture).astype(np.float32)  # ink is bright from here on
    above = light - _paper(light)
    level = _threshold(above)
    ground = above[above < level]
    if not len(ground):
        return np.zeros_like(picture)
    high = float(np.quantile(above[above >= level], 0.9))
    low = max(NOISE * _deviation(ground), FAINT * high)
    if high - low < LEAST:
        return np.zeros_like(picture)
    ink = np.clip(np.rint((above - low) * (255 / (high - low))), 0, 255).astype(np.uint8)
    return np.where(_near(ink >= 128), ink, np.uint8(0))


def _near(solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where there is something solid within three pixels: specks of noise have none, the soft edge of a stroke has."""
    return np.asarray(Image.fromarray(solid.astype(np.uint8)).filter(ImageFilter.MaxFilter(7))) > 0


def _paper(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """The brightness of the paper at every pixel: fitted to all points, then again to those that look like paper."""
    height, width = light.shape
    rows, columns = (np.unique(np.linspace(0, side - 1, GRID).astype(int)) for side in light.shape)
    down, right = np.linspace(-1, 1, height, dtype=np.float32), np.linspace(-1, 1, width, dtype=np.float32)
    points = _terms(down[rows, None], right[None, columns]).reshape(6, -1).T
    values = light[np.ix_(rows, columns)].ravel()
    paper = np.ones(len(values), bool)
    for _ in range(ROUNDS):
        weights = np.linalg.lstsq(points[paper], values[paper], rcond=None)[0]
        above = values - points @ weights
        paper = above <= np.median(above) + 2 * _deviation(above)
    return np.tensordot(weights, _terms(down[:, None], right[None]), 1)


def _deviation(values: NDArray[np.float32]) -> float:
    """The standard deviation as the median of the deviations tells it, so that ink among the paper counts little."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _terms(down: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """1, y, x, y^2, xy, x^2 over a grid, (6, H, W)."""
    y, x = np.broadcast_arrays(down, right)
    return np.stack((np.ones_like(y), y, x, y * y, y * x, x * x))


def _threshold(values: NDArray[np.float32]) -> float:
    """Otsu's: the level that parts values into two groups with the least variance within each (IEEE Transactions on
    Systems, Man, and Cybernetics 9, 1979)."""
    counts, edges = np.histogram(values, 64)
    middles = (edges[:-1] + edges[1:]) / 2
    below, sums = np.cumsum(counts), np.cumsum(counts * middles)
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[1 + int(np.argmax(np.nan_to_num(between)))])
