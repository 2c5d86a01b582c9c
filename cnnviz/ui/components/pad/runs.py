"""A drawing as the browser sends it (`runs.js`): one byte a run of pixels that are alike, in LEVELS greys, row by row.

Its high half is the grey, its low half how many pixels, 1 to 15; a 0 there says that the next byte counts on from 16.
"""

import numpy as np
from numpy.typing import NDArray

LEVELS = 16
LONG = 16  # pixels of the shortest run that takes two bytes


def from_runs(data: bytes, pixels: int) -> NDArray[np.uint8]:
    """Ink, from 0 to 255, (pixels,). Raises ValueError where the runs are cut off or come to another number."""
    greys, counts, read = [], [], iter(data)
    for byte in read:
        count = byte % LONG or LONG + next(read, -LONG - 1)
        greys.append(byte // LONG)
        counts.append(count)
    if min(counts, default=0) < 0:
        raise ValueError("a run of pixels that is cut off")
    if sum(counts) != pixels:
        raise ValueError(f"{sum(counts)} pixels in place of {pixels}")
    return np.repeat(np.array(greys, np.uint8) * np.uint8(255 // (LEVELS - 1)), counts)
