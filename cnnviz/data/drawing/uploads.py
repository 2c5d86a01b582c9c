"""A picture that somebody brings, as the pad takes it: grey, upright and small."""

import numpy as np

from cnnviz.data import pictures
from cnnviz.data.drawing.steps import Picture


def photographed(data: bytes) -> Picture:
    """The picture in a file's bytes, uint8 (H, W), at most 256 pixels on its longer side.

    PNG, JPEG, WebP, BMP or GIF (its first frame), bounded before anything is decoded; transparency lies on white.
    Raises ValueError with one sentence on anything else.
    """
    return pictures.read_upload(data).astype(np.uint8)
