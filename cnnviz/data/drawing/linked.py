"""A drawing as the part of a link: small, and nothing but letters, digits, '-' and '_'."""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

import numpy as np
from PIL import Image

from cnnviz.data.drawing.steps import Picture

SIDE, LEVELS = 56, 4  # pixels of a side, and greys: two pixels to one of MNIST's, and an edge that is still soft
MAX_INK = 1600  # characters; the worst drawing, noise, takes 1,060


def to_text(ink: Picture) -> str:
    """Ink (H, W) -> text, at SIDE x SIDE pixels and LEVELS greys."""
    small = np.asarray(Image.fromarray(ink).resize((SIDE, SIDE), Image.Resampling.BOX))
    greys = np.rint(small / 255 * (LEVELS - 1)).astype(np.uint8).reshape(-1, 4)
    bytes_ = (greys << np.array([6, 4, 2, 0], np.uint8)).sum(1).astype(np.uint8).tobytes()
    return urlsafe_b64encode(zlib.compress(bytes_, 9)).decode().rstrip("=")


def from_text(text: str) -> Picture:
    """Text -> ink, uint8 (SIDE, SIDE). Raises ValueError with one sentence where it is no drawing."""
    size = SIDE * SIDE // 4
    try:
        packed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        greys = zlib.decompressobj().decompress(packed, size + 1)
    except (ValueError, zlib.error) as error:
        raise ValueError("the drawing in the link is damaged; copy the whole link, or draw again") from error
    if len(greys) != size:
        raise ValueError(f"the drawing in the link has {4 * len(greys):,} pixels in place of {4 * size:,}; draw again")
    values = np.frombuffer(greys, np.uint8)[:, None] >> np.array([6, 4, 2, 0], np.uint8) & (LEVELS - 1)
    return (values.astype(np.uint16) * 255 // (LEVELS - 1)).astype(np.uint8).reshape(SIDE, SIDE)
