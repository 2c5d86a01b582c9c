"""Small data sets in the forms in which people have them: what tests bring.

Every image has a bright row and a dark column, so that whatever turns, shifts or mixes images is seen; `images()` and
`labels()` are what a reader has to make of each.
"""

from __future__ import annotations

import csv
import gzip
import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

SIDE = 8


def labels(count: int, classes: int = 3) -> np.ndarray:
    """Of `count` images, in turns."""
    return np.arange(count) % classes


def images(count: int, seed: int = 0, side: int = SIDE) -> np.ndarray:
    """uint8 (count, side, side): noise under a bright row whose place says the class, and a darker first column."""
    pixels = np.random.default_rng(seed).integers(0, 120, (count, side, side), dtype=np.uint8)
    for image, label in zip(pixels, labels(count), strict=True):
        image[1 + 2 * label] = 255
        image[:, 0] = 0
    return pixels


def coloured(count: int, seed: int = 0, side: int = SIDE) -> np.ndarray:
    """The same, uint8 (count, side, side, 3), each channel smooth in itself."""
    grey = images(count, seed, side).astype(int)
    return np.stack([grey, 255 - grey, grey // 2 + 60], 3).astype(np.uint8)


def arrays(count: int = 12, test: int = 6, **others: Any) -> dict[str, Any]:
    """A data set in the Keras convention; None leaves one out."""
    found = {
        "x_train": images(count),
        "y_train": labels(count),
        "x_test": images(test, 1),
        "y_test": labels(test),
        **others,
    }
    return {name: array for name, array in found.items() if array is not None}


def npz(named: Mapping[str, Any] | None = None, **others: Any) -> bytes:
    """An .npz of those arrays."""
    out = io.BytesIO()
    np.savez_compressed(out, **(named if named is not None else arrays(**others)))
    return out.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of those files, each name as UTF-8 with its flag where it needs one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def zipped_by_macos(files: Mapping[str, bytes]) -> bytes:
    """A zip as macOS packs it: names in UTF-8 without the flag that says so."""

    class Unflagged(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:
            return self.filename.encode(), self.flag_bits & ~0x800

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(Unflagged(name), content)
    return out.getvalue()


def picture(pixels: np.ndarray, kind: str = "PNG", mode: str | None = None) -> bytes:
    """Pixels as a file of that kind."""
    image = Image.fromarray(pixels)
    out = io.BytesIO()
    (image.convert(mode) if mode else image).save(out, kind)
    return out.getvalue()


def folders(count: int = 6, prefix: str = "", suffix: str = "png", **others: bytes) -> dict[str, bytes]:
    """Pictures of two classes in folders."""
    kind = {"jpg": "JPEG"}.get(suffix, suffix.upper())
    named = {
        f"{prefix}{name}/{at:02}.{suffix}": picture(coloured(2 * count, 2)[place + 2 * at], kind)
        for place, name in enumerate(("cat", "dog"))
        for at in range(count)
    }
    return {**named, **others}


def table(
    pixels: np.ndarray, own: Sequence[object] | None, header: bool = True, last: bool = False, delimiter: str = ","
) -> bytes:
    """A CSV of one row an image; without labels where `own` is None."""
    rows = pixels.reshape(len(pixels), -1).tolist()
    names = [f"pixel{at}" for at in range(len(rows[0]))]
    if own is not None:
        rows = [[*row, label] if last else [label, *row] for row, label in zip(rows, own, strict=True)]
        names = [*names, "label"] if last else ["label", *names]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([names, *rows] if header else rows)
    return out.getvalue().encode()


def idx(array: np.ndarray) -> bytes:
    """An array of bytes as an idx file."""
    shape = struct.pack(f">{array.ndim}I", *array.shape)
    return b"\0\0\x08" + bytes([array.ndim]) + shape + array.astype(np.uint8).tobytes()


def idx_files(packed: bool = True) -> dict[str, bytes]:
    """The four files of MNIST, small."""
    found = {
        "train-images-idx3-ubyte": idx(images(12)),
        "train-labels-idx1-ubyte": idx(labels(12)),
        "t10k-images-idx3-ubyte": idx(images(6, 1)),
        "t10k-labels-idx1-ubyte": idx(labels(6)),
    }
    return {f"{name}.gz": gzip.compress(one) for name, one in found.items()} if packed else found
