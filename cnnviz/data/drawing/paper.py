"""Which pixels of a photograph are ink: its paper may be dark, grey, or lit from one side."""

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Numbers = NDArray[np.floating]

TILES, POINTS = 5, 10  # the light on the paper is judged by 5x5 tiles of 10x10 points
DARKEST = 0.05  # of the points of a tile, which are paper unless nearly all of it is ink
ROUNDS = 8  # of fitting; each leaves out what the last found to be no paper
NOISE = 4.0  # deviations of the paper's noise above which something is ink
SOFT_EDGE = 3  # pixels of soft edge around solid ink
FAINT = 0.1  # of full ink, below which there is none: the halo of a JPEG
END, NEARLY_ALL = 0.02, 0.85  # of the range of brightness; of the pixels
MIN_CONTRAST = 24.0  # grey levels by which ink differs from its paper; anything fainter is none


def ink_on_paper(picture: Picture) -> Picture:
    """A photograph (H, W) of something written -> its ink, white (255) on a black (0) paper.

    Paper is what there is most of, so ink is dark where the median of the picture is nearer to its brightest than to
    its darkest pixel. The light on it is taken for a surface of second degree, fitted to its darkest parts. A picture
    that is all alike has no ink.
    """
    dark_ink = 2 * np.median(picture) >= float(picture.min()) + float(picture.max())
    light = (255 - picture if dark_ink else picture).astype(np.float32)  # ink is bright from here on
    low, high = float(light.min()), float(light.max())
    if high - low >= MIN_CONTRAST and _is_two_toned(light, low, high):
        ink = np.rint((light - low) * (255 / (high - low))).astype(np.uint8)
        return np.where(ink >= FAINT * 255, ink, np.uint8(0))
    above = light - _paper(light)
    level = _threshold(above)
    ground = above[above < level]
    if not len(ground):
        return np.zeros_like(picture)
    high = float(np.quantile(above[above >= level], 0.9))
    low = float(np.median(ground)) + NOISE * _deviation(ground)
    low = max(low, FAINT * high)
    if high - low < MIN_CONTRAST:
        return np.zeros_like(picture)
    ink = np.clip(np.rint((above - low) * (255 / (high - low))), 0, 255).astype(np.uint8)
    return np.where(_near(ink >= 128), ink, np.uint8(0))


def _is_two_toned(light: Numbers, low: float, high: float) -> bool:
    """Whether nearly all of it is as bright as its ends, as on an evenly lit paper: then the paper need not be found,
    which a digit that covers most of it would not allow."""
    return bool((np.minimum(light - low, high - light) <= END * (high - low)).mean() >= NEARLY_ALL)


def _near(solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where there is something solid within SOFT_EDGE pixels: specks of noise have none, the soft edge of a stroke
    has."""
    near = solid.copy()
    for axis in (0, 1):
        before = np.moveaxis(near.copy(), axis, 0)
        after = np.moveaxis(near, axis, 0)
        for step in range(1, SOFT_EDGE + 1):
            after[step:] |= before[:-step]
            after[:-step] |= before[step:]
    return near


def _paper(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """The brightness of the paper at every pixel: a surface through the darkest parts of TILES x TILES tiles, of which
    those are left out that lie above it, as they are all ink."""
    rows, columns = (np.linspace(0, side - 1, TILES * POINTS).astype(int) for side in light.shape)
    tiles = light[np.ix_(rows, columns)].reshape(TILES, POINTS, TILES, POINTS)
    values = np.quantile(tiles, DARKEST, axis=(1, 3)).ravel()
    centres = np.arange(1 - TILES, TILES, 2, dtype=np.float32) / TILES
    points = _terms(centres[:, None], centres[None]).reshape(6, -1).T
    paper = np.ones(len(values), bool)
    for _ in range(ROUNDS):
        weights = np.linalg.lstsq(points[paper], values[paper], rcond=None)[0]
        above = values - points @ weights
        paper = above <= np.median(above) + 2 * _deviation(above)
    down, right = (np.linspace(-1, 1, side, dtype=np.float32) for side in light.shape)
    return np.tensordot(weights, _terms(down[:, None], right[None]), 1)


def _deviation(values: NDArray[np.floating]) -> float:
    """The standard deviation as the median of the deviations tells it, so that what lies far off counts little."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _terms(down: Numbers, right: Numbers) -> Numbers:
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
