"""Images as numbers of any type and order, brought to uint8 (N, H, W) or (N, H, W, 3) block by block."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cnnviz.data.datasets.archives import Progress
from cnnviz.data.datasets.keras import MAX_IMAGES, MAX_SIDE, MIN_SIDE
from cnnviz.data.datasets.scales import Extent, Scale, scales
from cnnviz.data.datasets.understood import Account

BLOCK = 2**22  # bytes that are converted at a time
FORMS = "images are (N, H, W), (N, H, W, C) or (N, C, H, W) with 1 to 4 channels, or rows of H·W pixels"


@dataclass(frozen=True)
class Numbers:
    """Images by `name` in a file, of any type, (N, ...): `blocks` gives them anew each time, some at a time. Where
    they stand in Fortran order `columns` gives the same as (numbers of an image, N), some numbers at a time: blocks
    would be all at once. `typed` is whether their type says something, as it does not where they stood as text."""

    name: str
    dtype: np.dtype
    shape: tuple[int, ...]
    blocks: Callable[[], Iterator[np.ndarray]]
    columns: Callable[[], Iterator[np.ndarray]] | None = None
    typed: bool = True

    def __len__(self) -> int:
        return self.shape[0]

    def pieces(self) -> Iterator[np.ndarray]:
        """All numbers, some at a time, in the order in which they stand."""
        return self.columns() if self.columns else self.blocks()

    def head(self, count: int) -> np.ndarray:
        """The first images."""
        if self.columns is None:
            return next(self.blocks())[:count]
        return _as_rows(np.concatenate([piece[:, :count] for piece in self.columns()]), self.shape)


def as_images(
    file: str, parts: Sequence[Numbers], account: Account, max_bytes: int, progress: Progress
) -> list[np.ndarray]:
    """All parts of one data set as uint8 (N, H, W) or (N, H, W, 3), each on its scale. `progress` hears the share that
    was read. Raises ValueError with one sentence where they are no images, are of two sizes, or take more than
    `max_bytes`."""
    orders = [_order(file, part) for part in parts]
    if len({order.size for order in orders}) > 1:
        first = orders[0].size
        name, other = next((p.name, o.size) for p, o in zip(parts, orders, strict=True) if o.size != first)
        raise ValueError(
            f"{file}: the images of {parts[0].name} are {first} and those of {name} {other}; make them alike"
        )
    size = sum(math.prod((len(part), *order.size)) for part, order in zip(parts, orders, strict=True))
    if size > max_bytes:
        raise ValueError(f"{file} makes {size:,} bytes of images; at most {max_bytes:,} are read")
    work = _Work(progress, 2 * sum(len(part) for part in parts))
    scaled = scales(file, [_extent(file, part, work) for part in parts], account)
    for order in orders:
        order.say(account)
    return [_converted(part, order, scale, work) for part, order, scale in zip(parts, orders, scaled, strict=True)]


@dataclass
class _Work:
    """Tells how far the work is, in images, each of which is gone through twice."""

    progress: Progress
    whole: int
    done: float = 0

    def did(self, count: float) -> None:
        self.done += count
        self.progress(min(1.0, self.done / max(1, self.whole)))


# --- in which order the numbers stand


@dataclass(frozen=True)
class _Order:
    """How one image of `name` stands in its numbers: `turn` brings a block to (n, H, W) or (n, H, W, C); `size` is
    what is left of it, (H, W) or (H, W, 3)."""

    size: tuple[int, ...]
    turn: Callable[[np.ndarray], np.ndarray]
    sentence: str = ""

    def say(self, account: Account) -> None:
        if self.sentence:
            account.note(self.sentence)


def _order(file: str, part: Numbers) -> _Order:
    """Raises ValueError where the shape is none of images."""
    _, *shape = part.shape
    if part.dtype.hasobject:
        raise ValueError(
            f"{file}: {part.name} has dtype object, which only pickle reads; save it again with dtype=numpy.uint8, "
            "images of one size"
        )
    if part.dtype.kind not in "buif":
        raise ValueError(f"{file}: {part.name} has dtype {part.dtype}; images are numbers, best uint8 from 0 to 255")
    judge_count(file, part)
    order = None if 0 in part.shape else _of_shape(part, shape)
    if order is None:
        raise ValueError(f"{file}: {part.name} has shape {part.shape}; {FORMS}")
    height, width = order.size[:2]
    if not MIN_SIDE <= min(height, width) <= max(height, width) <= MAX_SIDE:
        raise ValueError(
            f"{file}: the images of {part.name} have {height} × {width} pixels; a side has from {MIN_SIDE} to "
            f"{MAX_SIDE}"
        )
    return order


def judge_count(file: str, part: Numbers) -> None:
    """Raises ValueError where these are more images than are read."""
    if part.shape and len(part) > MAX_IMAGES:
        raise ValueError(
            f"{file}: {part.name} has {len(part):,} images; at most {MAX_IMAGES:,} are read, so save fewer"
        )


def _of_shape(part: Numbers, shape: Sequence[int]) -> _Order | None:
    """The order of images of that shape; None where they are none."""
    match shape:
        case [height, width] if width > 1:
            return _Order((height, width), lambda block: block)
        case [pixels] | [pixels, 1]:
            return _of_rows(part, pixels)
        case [height, width, channels] if channels <= 4 and min(height, width) > channels:
            return _of_channels(part.name, height, width, channels, first=False)
        case [channels, height, width] if channels <= 4:
            return _of_channels(part.name, height, width, channels, first=True)
        case [height, width, channels] if channels <= 4:
            return _of_channels(part.name, height, width, channels, first=False)
    return None


def _of_channels(name: str, height: int, width: int, channels: int, first: bool) -> _Order:
    """Images with an axis of channels."""
    words = [f"The channels of {name} stand first: they were put last."] if first else []
    if channels in (2, 4):
        words.append(f"The images of {name} have an alpha channel: what is transparent lies on white.")
    size = (height, width) if channels <= 2 else (height, width, 3)
    return _Order(size, lambda block: np.moveaxis(block, 1, 3) if first else block, " ".join(words))


def _of_rows(part: Numbers, pixels: int) -> _Order | None:
    """Rows of pixels, each a square picture: grey, or three channels one after the other as in CIFAR's files, or in
    turns. Which of the latter, neighbours tell that are alike."""
    side, coloured = math.isqrt(pixels), math.isqrt(pixels // 3)
    if side * side == pixels:
        words = f"Each row of {part.name} has {pixels:,} pixels: it was taken as a picture of {side} × {side}."
        return _Order((side, side), lambda block: block.reshape(len(block), side, side), words)
    if 3 * coloured * coloured != pixels:
        return None
    shapes = {True: (3, coloured, coloured), False: (coloured, coloured, 3)}
    first = _is_smoother_by_planes(part, coloured)
    planes = "one channel after the other" if first else "the channels of a pixel beside one another"
    words = (
        f"Each row of {part.name} has {pixels:,} numbers: it was taken as a picture of {coloured} × {coloured} in "
        f"colour, {planes}."
    )

    def turn(block: np.ndarray) -> np.ndarray:
        images = block.reshape(len(block), *shapes[first])
        return np.moveaxis(images, 1, 3) if first else images

    return _Order((coloured, coloured, 3), turn, words)


def _is_smoother_by_planes(part: Numbers, side: int) -> bool:
    """Whether the neighbours in a row are more alike where rows of pixels are read channel by channel."""
    some = part.head(64).astype(np.float64)
    planes = np.moveaxis(some.reshape(len(some), 3, side, side), 1, 3)
    pixels = some.reshape(len(some), side, side, 3)
    rough = [float(np.abs(np.diff(images, axis=2)).mean()) for images in (planes, pixels)]
    return rough[0] <= rough[1]


# --- bringing them to bytes


def _extent(file: str, part: Numbers, work: _Work) -> Extent:
    """Raises ValueError where a number is none."""
    low, high, whole = math.inf, -math.inf, True
    for block in part.pieces():
        if block.dtype.kind == "f":
            if not np.isfinite(block).all():
                raise ValueError(f"{file}: a pixel in {part.name} is no number (NaN or infinite)")
            whole = whole and bool((block == np.rint(block)).all())
        low, high = min(low, float(block.min())), max(high, float(block.max()))
        work.did(block.size * len(part) / math.prod(part.shape))
    return Extent(part.name, part.dtype, low, high, whole, part.typed)


def _converted(part: Numbers, order: _Order, scale: Scale, work: _Work) -> np.ndarray:
    """All images of a part as uint8."""
    images, at = np.empty((len(part), *order.size), np.uint8), 0
    for block in _scaled_rows(part, scale) if part.columns else map(scale, part.blocks()):
        images[at : at + len(block)] = _on_white(order.turn(block))
        at += len(block)
        work.did(len(block))
    return images


def _scaled_rows(part: Numbers, scale: Scale) -> Iterator[np.ndarray]:
    """The images of a part in Fortran order, some at a time: a byte for each number is kept until its last column was
    read."""
    each = math.prod(part.shape[1:])
    numbers, at = np.empty((each, len(part)), np.uint8), 0
    for piece in part.pieces():
        numbers[at : at + len(piece)] = scale(piece)
        at += len(piece)
    rows = max(1, BLOCK // each)
    for first in range(0, len(part), rows):
        yield _as_rows(numbers[:, first : first + rows], part.shape)


def _as_rows(columns: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Columns (numbers of an image, n) -> images (n, ...) of that shape, whose first axis runs fastest."""
    return np.ascontiguousarray(columns.reshape(*shape[:0:-1], columns.shape[1]).T)


def _on_white(images: np.ndarray) -> np.ndarray:
    """uint8 (n, H, W[, C]) -> (n, H, W) or (n, H, W, 3): one channel goes, and what is transparent lies on white."""
    if images.ndim == 3:
        return images
    channels = images.shape[3]
    if channels == 1:
        return images[..., 0]
    if channels == 3:
        return images
    alpha = images[..., -1:].astype(np.uint16)
    lying = (images[..., :-1] * alpha + 255 * (255 - alpha) + 127) // 255
    return (lying[..., 0] if channels == 2 else lying).astype(np.uint8)
