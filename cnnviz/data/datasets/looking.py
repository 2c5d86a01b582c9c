"""What there is to see of a data set: its images in an order, its figures, and images that are there more than once.

Needs no torch. `part` is 'train' or 'test'.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from PIL import Image

from cnnviz.data.datasets.archives import Progress
from cnnviz.data.datasets.keras import Arrays

PARTS = ("train", "test")
SMALL = 16  # pixels a side of the grey versions that are compared
MAX_GROUPS = 500  # of images that are alike, the largest first
MAX_MEANS = 100  # classes whose mean image is drawn
ROWS = 2**20  # bytes that are summed up at a time


def by_class(labels: np.ndarray) -> np.ndarray:
    """The places of all images, class by class, each in the order of the set."""
    return np.argsort(labels, kind="stable")


def of_class(labels: np.ndarray, number: int) -> np.ndarray:
    """The places of the images of one class."""
    return np.flatnonzero(labels == number)


def sheet(images: np.ndarray, columns: int, longest: int) -> Image.Image:
    """Images, uint8 (N, H, W) or (N, H, W, 3), side by side in rows of `columns`, each at most `longest` pixels."""
    count, height, width = images.shape[:3]
    rows = -(-count // columns)
    tile_height, tile_width = thumbnail(height, width, longest)
    if (tile_height, tile_width) != (height, width):
        small = [Image.fromarray(image).resize((tile_width, tile_height)) for image in images]
        images = np.stack([np.asarray(image) for image in small])
    filled = np.zeros((rows * columns, *images.shape[1:]), np.uint8)
    filled[:count] = images
    laid = filled.reshape(rows, columns, *images.shape[1:]).swapaxes(1, 2)
    return Image.fromarray(laid.reshape(rows * tile_height, columns * tile_width, *images.shape[3:]))


def thumbnail(height: int, width: int, longest: int) -> tuple[int, int]:
    """The (H, W) of an image that is brought to `longest` pixels where it is larger."""
    scale = min(1.0, longest / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


# --- figures


@dataclass(frozen=True)
class Figures:
    """What there is to count of one part: images of each class, mean and standard deviation of each channel on the
    scale from 0 to 1, the mean image and that of each class, uint8 (H, W, C) and (classes, H, W, C), and how many
    images have every pixel alike."""

    counts: tuple[int, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    mean_image: np.ndarray
    class_means: np.ndarray
    empty: int


def figures(arrays: Arrays, part: str, progress: Progress) -> Figures:
    """The figures of a part; `progress` hears the share that is done."""
    images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"].reshape(-1)
    classes, shape = len(arrays["classes"]), images.shape[1:]
    sums = np.zeros((classes, *shape))
    squares, empty = np.zeros(shape[2:] or (1,)), 0
    rows = max(1, ROWS // max(1, int(np.prod(shape))))
    for at in range(0, len(images), rows):
        block = images[at : at + rows]
        flat = block.reshape(len(block), -1)
        empty += int((flat.max(1) == flat.min(1)).sum())
        own = labels[at : at + rows]
        for number in np.unique(own):
            sums[number] += block[own == number].sum(0, dtype=np.float64)
        wide = block.astype(np.float64)
        squares += np.square(wide).sum(axis=(0, 1, 2)) if block.ndim == 4 else np.square(wide).sum()
        progress(min(1.0, (at + rows) / len(images)))
    counts = np.bincount(labels, minlength=classes)
    pixels = len(images) * shape[0] * shape[1]
    total = sums.sum(0)
    mean = total.reshape(-1, *(shape[2:] or (1,))).sum(0) / pixels / 255
    std = np.sqrt(np.maximum(squares / pixels / 255**2 - mean**2, 0))
    each = sums[:MAX_MEANS] / np.maximum(counts[:MAX_MEANS], 1).reshape(-1, *(1,) * len(shape))
    return Figures(
        tuple(counts.tolist()),
        tuple(mean.tolist()),
        tuple(std.tolist()),
        _as_picture(total / max(1, len(images))),
        _as_picture(each),
        empty,
    )


def _as_picture(values: np.ndarray) -> np.ndarray:
    """uint8 with an axis of channels, which an image in colour has already."""
    pixels: np.ndarray = np.rint(values).astype(np.uint8)
    return pixels if pixels.shape[-1] == 3 else pixels[..., None]


# --- images that are there more than once


@dataclass(frozen=True)
class Repeats:
    """Images that are there more than once: how many are too many (`equal`, every byte; `alike`, as small grey
    pictures), how many test images are among the training images (`leaked`), and the largest groups, each of places in
    the training images, then in the test images, whose places count on from the training images."""

    equal: int
    alike: int
    leaked: int
    equal_groups: tuple[tuple[int, ...], ...]
    alike_groups: tuple[tuple[int, ...], ...]


def repeats(arrays: Arrays, progress: Progress) -> Repeats:
    """Which images of both parts are equal, and which only look alike."""
    images = [arrays[f"x_{part}"] for part in PARTS]
    train, total = len(images[0]), sum(map(len, images))
    done = 0

    def did(count: int) -> None:
        nonlocal done
        done += count
        progress(min(1.0, done / (2 * total)))

    equal = _groups(images, lambda image: image.tobytes(), did)
    alike = _groups(images, _as_small, did)
    same = {place: number for number, group in enumerate(equal) for place in group}
    only_alike = [group for group in alike if len({same.get(place, -place - 1) for place in group}) > 1]
    leaked = sum(any(place < train for place in group) * sum(place >= train for place in group) for group in equal)
    return Repeats(
        sum(len(group) - 1 for group in equal),
        sum(len(group) - 1 for group in only_alike),
        leaked,
        tuple(map(tuple, equal[:MAX_GROUPS])),
        tuple(map(tuple, only_alike[:MAX_GROUPS])),
    )


def _groups(
    images: list[np.ndarray], key: Callable[[np.ndarray], bytes], did: Callable[[int], None]
) -> list[list[int]]:
    """The places of images of one key, where there are several; the largest groups first."""
    found: dict[bytes, list[int]] = defaultdict(list)
    place = 0
    for part in images:
        for image in part:
            found[blake2b(key(image), digest_size=16).digest()].append(place)
            place += 1
            if place % 500 == 0:
                did(500)
    return sorted((group for group in found.values() if len(group) > 1), key=lambda group: (-len(group), group))


def _as_small(image: np.ndarray) -> bytes:
    """An image as a grey picture of 16x16: what two have that look alike at a glance."""
    small = Image.fromarray(image).convert("L").resize((SMALL, SMALL), Image.Resampling.BOX)
    return np.asarray(small).tobytes()
