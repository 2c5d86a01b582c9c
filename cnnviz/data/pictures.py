"""Grey pictures to filter: those that are drawn here, and those that a person brings.

A picture is an array (H, W) of whole numbers from 0 (black) to 255 (white), as float64 for the arithmetic.
"""

import io
import logging
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import cast

import numpy as np
from PIL import ExifTags, Image, ImageDraw, ImageFont

from cnnviz import PACKAGE
from cnnviz.ops.windows import Array

log = logging.getLogger(__name__)

SIDE = 192  # of the built-in pictures: three or four stages fit into one row, nearly pixel for pixel
LARGEST_SIDE = 256
SMALLEST_SIDE = 32  # so that every kernel, stride and pooling window of the page fits
MAX_BYTES = 10 * 2**20
MAX_PIXELS = 25_000_000  # a camera of 24 megapixels
ONE_AT_A_TIME = threading.Lock()  # so large a picture takes 300 MB while it is decoded
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
SUFFIXES = ("png", "jpg", "jpeg", "jpe", "jfif", "webp", "bmp", "gif")
MAX_READS = 2_000  # of a header in pieces: Pillow takes each piece in Python, and ten megabytes hold millions of them
MAX_PARTS = 50_000  # in which the pixels come: a PNG of ten megabytes in pieces of 4 kB has 2,500
MAX_SCANS = 32  # that a progressive JPEG is refined in; encoders write some ten, and each goes through all pixels
DEPTHS = (8, 10, 12, 14, 16)  # bits that a pixel may have
FINE = 4  # drawn so many times larger, then made smaller: smooth edges
MNIST = PACKAGE / "data" / "mnist.npz"


# --- built-in pictures


def house() -> Array:
    """A house with a brick wall, a tree, the sun, a fence and grass: edges of all kinds, and texture."""
    image = Image.new("L", (SIDE * FINE, SIDE * FINE))
    draw = ImageDraw.Draw(image)

    def at(*points: float) -> list[float]:
        return [point * FINE for point in points]

    for row in range(SIDE * FINE):  # the sky is brighter near the horizon
        draw.line((0, row, SIDE * FINE, row), fill=int(140 + 80 * min(1, row / (135 * FINE))))
    for angle in np.arange(0, 360, 30):  # the sun and its rays
        across, down = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        draw.line(at(38 + 19 * across, 36 + 19 * down, 38 + 27 * across, 36 + 27 * down), fill=250, width=2 * FINE)
    draw.ellipse(at(23, 21, 53, 51), fill=252)
    draw.polygon(at(0, 130, 55, 104, 100, 124, 150, 98, 192, 122, 192, 192, 0, 192), fill=128)  # hills
    draw.rectangle(at(0, 138, 192, 192), fill=104)
    draw.rectangle(at(34, 84, 104, 160), fill=206)  # the wall and its bricks
    for row, top in enumerate(range(84, 160, 6)):
        draw.line(at(34, top, 104, top), fill=172, width=FINE)
        for left in range(34 + 6 * (row % 2), 104, 12):
            draw.line(at(left, top, left, top + 6), fill=172, width=FINE)
    draw.rectangle(at(82, 46, 92, 72), fill=92)  # the chimney
    draw.polygon(at(26, 88, 69, 48, 112, 88), fill=70)  # the roof
    draw.rectangle(at(42, 98, 62, 118), fill=236)  # the window, the door
    draw.rectangle(at(44, 100, 60, 116), fill=36)
    draw.line(at(52, 99, 52, 117), fill=236, width=2 * FINE)
    draw.line(at(43, 108, 61, 108), fill=236, width=2 * FINE)
    draw.rectangle(at(76, 116, 94, 160), fill=54)
    draw.ellipse(at(88, 137, 91, 140), fill=230)
    draw.rectangle(at(144, 108, 153, 162), fill=60)  # the tree
    for x, y, radius, grey in (
        (148, 72, 30, 84),
        (130, 92, 20, 76),
        (167, 92, 20, 92),
        (149, 96, 20, 70),
        (141, 66, 14, 100),
    ):
        draw.ellipse(at(x - radius, y - radius, x + radius, y + radius), fill=grey)
    for left in range(6, 192, 12):  # the fence, in front of the house
        draw.polygon(at(left, 154, left + 3, 149, left + 6, 154, left + 6, 178, left, 178), fill=226)
    draw.line(at(0, 159, 192, 159), fill=226, width=3 * FINE)
    draw.line(at(0, 171, 192, 171), fill=226, width=3 * FINE)

    smooth = _reduced(image)
    noise = np.random.default_rng(3).normal(0, 1, smooth.shape)
    noise = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1) + np.roll(noise, (1, 1), (0, 1))) / 2
    rows = np.arange(SIDE)[:, None]
    leaves = (smooth > 60) & (smooth < 104) & (rows < 118) & (np.arange(SIDE)[None] > 108)
    grass = (rows > 138) & (smooth > 90) & (smooth < 120)
    return _as_picture(smooth + noise * (1.5 + 14 * leaves + 9 * grass))


def _letters() -> Array:
    """Letters of several sizes: straight and round strokes, thick and thin."""
    image = Image.new("L", (SIDE * FINE, SIDE * FINE), 245)
    draw = ImageDraw.Draw(image)
    for text, x, y, size, grey in (("R", 12, 2, 104, 20), ("a", 96, 12, 92, 70), ("g", 148, 46, 54, 120)):
        draw.text((x * FINE, y * FINE), text, fill=grey, font=ImageFont.load_default(size * FINE))
    for text, y, size, grey in (("convolution", 112, 30, 20), ("sees edges, not letters", 150, 16, 60)):
        draw.text((14 * FINE, y * FINE), text, fill=grey, font=ImageFont.load_default(size * FINE))
    draw.rectangle((14 * FINE, 176 * FINE, 178 * FINE, 180 * FINE), fill=20)
    return _as_picture(_reduced(image))


def _zone_plate() -> Array:
    """Rings that grow finer outwards: stripes at every angle, and of every width down to one pixel."""
    steps = np.arange(SIDE) - (SIDE - 1) / 2
    squared = steps[:, None] ** 2 + steps[None] ** 2
    return _as_picture(127.5 + 127.5 * np.cos(np.pi * squared / (1.5 * SIDE)))


def _checkerboard() -> Array:
    """A checkerboard under a light that fades to the right; a disc and a ramp without any edge lie on it."""
    image = Image.new("L", (SIDE * FINE, SIDE * FINE), 0)
    draw = ImageDraw.Draw(image)
    square = 24 * FINE
    for row in range(8):
        for col in range(row % 2, 8, 2):
            draw.rectangle((col * square, row * square, (col + 1) * square - 1, (row + 1) * square - 1), fill=255)
    board = _reduced(image) / 255
    light = np.linspace(1, 0.25, SIDE)[None]
    steps = np.arange(SIDE) - (SIDE - 1) / 2
    distance = np.sqrt(steps[:, None] ** 2 + steps[None] ** 2)
    disc = np.clip(46.5 - distance, 0, 1)
    return _as_picture((30 + 220 * board) * light * (1 - disc) + disc * (60 + 150 * (steps[None] / 93 + 1) / 2))


def digit() -> Array:
    """The first digit of MNIST's test images, a seven, enlarged."""
    with np.load(MNIST, allow_pickle=False) as file:
        small = file["x_test"][0]
    return _as_picture(np.asarray(Image.fromarray(small).resize((SIDE, SIDE), Image.Resampling.BICUBIC)))


PICTURES = {
    "House and tree": house,
    "Letters": _letters,
    "Zone plate": _zone_plate,
    "Checkerboard": _checkerboard,
    "Digit": digit,
}


@lru_cache(maxsize=len(PICTURES))
def built_in(name: str) -> Array:
    """The built-in picture of that name, (192, 192), read-only."""
    picture = PICTURES[name]()
    picture.setflags(write=False)
    return picture


def _reduced(image: Image.Image) -> Array:
    """The average of every FINE x FINE pixels."""
    return np.asarray(image.reduce(FINE), dtype=float)


def _as_picture(values: Array) -> Array:
    """Whole numbers from 0 to 255."""
    return np.clip(np.rint(values), 0, 255).astype(float)


# --- a person's own picture


def read_upload(data: bytes) -> Array:
    """The picture in a file's bytes, grey, upright, at most 256 pixels on its longer side.

    Transparency lies on white; of an animation the first frame counts. Nothing is decoded before the header
    says that it is a picture of one of FORMATS and of at most MAX_PIXELS, and nothing is written to disk.
    Raises ValueError with one sentence on anything else.
    """
    try:
        return _read(data)
    except ValueError as error:
        log.info("a picture of %d bytes was refused: %.300r", len(data), str(error))
        raise


def _read(data: bytes) -> Array:
    if not data:
        raise ValueError(f"The file is empty (0 bytes); {CHOOSE}.")
    if len(data) > MAX_BYTES:
        raise ValueError(
            f"The file has {len(data) / 2**20:.1f} MB and {MAX_BYTES / 2**20:.0f} MB are the most; "
            "save the picture smaller, for example 1000 pixels wide."
        )
    image = opened(data)
    width, height = image.size
    size = _fitted(width, height)
    try:
        with ONE_AT_A_TIME:
            return _as_picture(np.asarray(_upright_and_grey(image, size), dtype=float))
    except Exception:  # on a broken file the decoders raise nearly anything
        raise ValueError(
            f"The {image.format} picture of {width} × {height} pixels is damaged or was cut short after "
            f"{len(data):,} bytes; save or download it again."
        ) from None


JPEG, SCAN = b"\xff\xd8", b"\xff\xda"  # with which a JPEG begins, and each of its scans, in which they do not stand
CHOOSE = "choose a picture as PNG, JPEG, WebP, BMP or GIF"


class _Bounded(io.BytesIO):
    """Bytes that are read in so many pieces at most."""

    left = MAX_READS

    def read(self, size: int | None = -1, /) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise ValueError("it is in too many pieces")
        return super().read(size)


def opened(data: bytes) -> Image.Image:
    """The picture in `data`, known by its header only. Raises ValueError where it is none, or too large."""
    limit = f"{MAX_PIXELS / 1e6:.0f} million are the most; save it smaller, for example 1000 pixels wide."
    file = _Bounded(data)
    try:
        image = Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError:
        bomb = 2 * (Image.MAX_IMAGE_PIXELS or 0) / 1e6
        raise ValueError(f"The picture has more than {bomb:.0f} million pixels and {limit}") from None
    except Exception:  # a broken file raises nearly anything
        svg = b"<svg" in data[:1000].lower()
        kind = "is an SVG drawing, which has no pixels" if svg else "is no picture that can be read"
        raise ValueError(f"The file of {len(data):,} bytes {kind}; {CHOOSE}.") from None
    width, height = image.size
    if width * height > MAX_PIXELS:
        millions = width * height / 1e6
        raise ValueError(f"The picture has {width} × {height} pixels, {millions:.0f} million, and {limit}")
    scans = data.count(SCAN) if data.startswith(JPEG) else 0
    if scans > MAX_SCANS:
        raise ValueError(f"The picture comes in {scans:,} scans and {MAX_SCANS} are the most; save it again.")
    file.left = MAX_PARTS
    return image


def _fitted(width: int, height: int) -> tuple[int, int]:
    """The size at which a picture is worked on: at most LARGEST_SIDE; small ones are enlarged a whole number
    of times. Raises ValueError where it would be narrower than SMALLEST_SIDE."""
    longer = max(width, height)
    scale = LARGEST_SIDE // longer if longer <= LARGEST_SIDE else LARGEST_SIDE / longer
    size = round(width * scale), round(height * scale)
    if min(size) < SMALLEST_SIDE:
        ratio = LARGEST_SIDE // SMALLEST_SIDE
        raise ValueError(
            f"The picture has {width} × {height} pixels, which is too narrow to filter; cut out a part "
            f"at most {ratio} times as long as it is wide, and at least {SMALLEST_SIDE} pixels wide."
        )
    return size


def _upright_and_grey(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture decoded at `size` (before it is turned as its EXIF orientation says), on white, in grey."""
    image.draft("RGB", (2 * size[0], 2 * size[1]))  # a JPEG is decoded no larger than needed
    enlarged = size[0] >= image.width
    kind = Image.Resampling.NEAREST if enlarged else Image.Resampling.LANCZOS
    return flat(image, lambda plain: plain.resize(size, kind)).convert("L")


def flat(
    image: Image.Image, resized: Callable[[Image.Image], Image.Image] = lambda plain: plain, highest: int = 0
) -> Image.Image:
    """The one way from an opened picture to its pixels: L or RGB, 8 bits a channel, upright as its EXIF orientation
    says. Of more bits the upper 8 are kept: as many as `highest` needs, the brightest pixel of all pictures that belong
    together (0: its own). What is transparent lies on white, or on black where all that can be seen of it is white.
    `resized` makes it smaller on the way, before it is turned. Decodes it: raises nearly anything where it is
    damaged."""
    turn = orientation(image)
    image = _eight_bits(image, highest)
    if image.has_transparency_data:
        small = _on_paper(resized(image.convert("RGBA")))
        small = small.convert("L") if image.mode in ("LA", "La") else small
    else:
        small = resized(image.convert("L" if image.mode in ("1", "L") else "RGB"))
    return small.transpose(TURNS[turn]) if turn in TURNS else small


def orientation(image: Image.Image) -> int:
    """How a picture is to be turned, by the EXIF before its pixels: 1 where it says nothing, or nothing that can be
    read. Decodes nothing."""
    if image.format == "PNG" and "exif" not in image.info:
        return 1  # Pillow would decode it, to look behind its pixels
    try:
        found = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # of its EXIF, which a broken file has, too
        return 1
    return found if isinstance(found, int) and found in TURNS else 1


def is_deep(image: Image.Image) -> bool:
    """Whether a picture has more than 8 bits a pixel."""
    return image.mode.startswith("I")


def brightest(image: Image.Image) -> int:
    """The highest number of a picture with more than 8 bits a pixel. Decodes it, and raises as `flat` does."""
    return int(cast(tuple[float, float], image.getextrema())[1])


def bits_of(highest: int) -> int:
    """How many bits a pixel has where that is the highest number: files of 16 bits often hold 10, 12 or 14."""
    return next((bits for bits in DEPTHS if highest < 2**bits), DEPTHS[-1])


def _eight_bits(image: Image.Image, highest: int) -> Image.Image:
    """A picture with more bits a pixel in 8."""
    if not is_deep(image):
        return image
    bits = bits_of(highest or brightest(image))
    return Image.fromarray((np.asarray(image) >> (bits - 8)).clip(0, 255).astype(np.uint8))


def _on_paper(image: Image.Image) -> Image.Image:
    """RGBA -> RGB, on white; on black where on white there is next to nothing to be seen, as of a white drawing."""
    papers = [Image.new("RGBA", image.size, colour) for colour in ("white", "black")]
    on_white, on_black = (Image.alpha_composite(paper, image).convert("RGB") for paper in papers)
    return on_white if _contrast(on_white) >= min(INVISIBLE, _contrast(on_black)) else on_black


def _contrast(image: Image.Image) -> float:
    """The levels of grey between its darkest and its brightest pixel."""
    low, high = cast(tuple[float, float], image.convert("L").getextrema())
    return high - low


INVISIBLE = 8  # levels of grey, of 255, below which nothing is seen of a drawing
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
