"""A drawing as the pad sends it, without a browser."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray


def as_sent(ink: NDArray[np.uint8]) -> str:
    """Ink, from 0 to 255, as base64 of its runs, each at most 15 pixels long (cnnviz/ui/components/pad/runs.py)."""
    greys = np.rint(ink.ravel() / 17).astype(np.uint8)
    ends = np.flatnonzero(np.diff(greys, append=255)) + 1
    runs = []
    for start, end in zip((0, *ends[:-1]), ends, strict=True):
        runs += [greys[start] << 4 | min(15, end - at) for at in range(start, end, 15)]
    return base64.b64encode(bytes(runs)).decode()
