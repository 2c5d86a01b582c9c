"""What is no digit: letters that look like none, and scribbles. Always the same ones for a seed."""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFont

LETTERS = "AEFHKMNRTWXaefhkmnrtwx"  # not O, l, S, Z, b, q ..., which may be read as digits
SIDE = 112  # pixels of the pad


def letters(count: int, seed: int = 0) -> Iterator[np.ndarray]:
    """Printed letters as ink (SIDE, SIDE), turned a little, of any size and pen."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        image = Image.new("L", (SIDE, SIDE))
        font = ImageFont.load_default(int(rng.integers(40, 80)))
        letter, pen = LETTERS[rng.integers(len(LETTERS))], int(rng.integers(0, 3))
        place = (SIDE / 2, SIDE / 2)
        ImageDraw.Draw(image).text(place, letter, fill=255, font=font, anchor="mm", stroke_width=pen)
        yield np.asarray(image.rotate(rng.uniform(-15, 15), Image.Resampling.BICUBIC))


def scribbles(count: int, seed: int = 0) -> Iterator[np.ndarray]:
    """Strokes that wander about for a while, as ink (SIDE, SIDE)."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        steps = int(rng.integers(40, 120))
        turns = rng.normal(0, 0.35, steps) + rng.choice([-1, 1]) * rng.uniform(0, 0.25)
        turns += (rng.random(steps) < 0.12) * rng.normal(0, 2, steps)  # corners
        heading = rng.uniform(0, 2 * np.pi) + np.cumsum(turns)
        path = np.cumsum(np.stack((np.cos(heading), np.sin(heading)), 1), 0)
        path -= (path.max(0) + path.min(0)) / 2
        path = SIDE / 2 + path * (0.4 * SIDE / np.abs(path).max())
        image, pen = Image.new("L", (SIDE, SIDE)), int(rng.integers(4, 10))
        ImageDraw.Draw(image).line([tuple(point) for point in path], fill=255, width=pen, joint="curve")
        yield np.asarray(image)
