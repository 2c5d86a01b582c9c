"""A zip of class folders as a data set: cat/1.png, dog/1.png, or train/cat/1.png, test/cat/1.png.

Nothing is unpacked to disk: a path in the zip only names a class. Where there is no test folder, every fifth picture
of a class is kept for the test. Pictures of one size stay as they are; otherwise the middle square of each is brought
to 32x32. Pictures that are all grey give one channel, others three.
"""

import zipfile
import zlib
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image, ImageOps

from cnnviz.data.datasets.keras import LARGEST, MAX_CLASSES, Arrays
from cnnviz.data.pictures import MAX_BYTES, SUFFIXES, opened

MAX_FILES = 100_000
LARGEST_SIDE = 128  # of pictures that stay as they are
SIDE = 32  # of those that do not, as in CIFAR
EVERY = 5  # one picture in so many is for the test
GREY = ("1", "L")
Size = tuple[int, int]


@dataclass(frozen=True)
class _Picture:
    """Where a picture lies in the zip: its class, and whether it is for training or for the test."""

    entry: zipfile.ZipInfo
    label: str
    part: str


def read(path: Path, file: str = "", max_bytes: int = 0) -> Arrays:
    """The arrays that the zip amounts to, as in an .npz; it is called `file` in sentences. Raises ValueError where it
    is damaged, makes more than `max_bytes` (0: LARGEST), or is of another form."""
    file, max_bytes = file or path.name, max_bytes or LARGEST
    try:
        with zipfile.ZipFile(path) as archive:
            pictures = _split(_placed(file, _entries(file, archive, max_bytes)), file)
            size, mode = _common_form(archive, pictures)
            count = len(pictures) * size[0] * size[1] * len(mode)
            if count > max_bytes:
                raise ValueError(f"{file} makes {count:,} bytes of pictures; at most {max_bytes:,} are read")
            return _arrays(archive, pictures, size, mode)
    except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{file} is not a readable .zip file ({error}); pack it again") from error


def _entries(file: str, archive: zipfile.ZipFile, max_bytes: int) -> list[zipfile.ZipInfo]:
    """The pictures in the zip by their suffix, sorted; hidden files and what macOS adds are passed over."""
    found = []
    for entry in archive.infolist():
        place = PurePosixPath(entry.filename.replace("\\", "/"))
        if place.is_absolute() or ".." in place.parts or ":" in entry.filename:
            raise ValueError(f"{file} holds {entry.filename[:80]!r}, a path that leaves the zip; pack it again")
        hidden = any(part.startswith((".", "__MACOSX")) for part in place.parts)
        if not entry.is_dir() and not hidden and place.suffix[1:].lower() in SUFFIXES:
            found.append(entry)
    if len(found) > MAX_FILES:
        raise ValueError(f"{file} holds {len(found):,} pictures; at most {MAX_FILES:,} are read")
    size = sum(entry.file_size for entry in found)
    if size > max_bytes:
        raise ValueError(f"{file} unpacks to {size:,} bytes; at most {max_bytes:,} are read")
    if not found:
        raise ValueError(f"{file} holds no pictures; it needs folders of them, one a class, such as cat/1.png")
    return sorted(found, key=lambda entry: entry.filename)


def _placed(file: str, found: list[zipfile.ZipInfo]) -> list[_Picture]:
    """The class of each picture, and its part where there is a folder train or test; a folder around all is taken
    off."""
    folders = [PurePosixPath(entry.filename.replace("\\", "/")).parts[:-1] for entry in found]
    while len({place[:1] for place in folders}) == 1 and min(map(len, folders)) > 1:
        folders = [place[1:] for place in folders]
    parted = {place[0] for place in folders if len(place) == 2} <= {"train", "test"}
    for entry, place in zip(found, folders, strict=True):
        if len(place) not in (1, 2) or len(place) != len(folders[0]) or not parted:
            raise ValueError(
                f"{file}: {entry.filename[:80]!r} lies in no class folder like the others; put pictures into "
                "folders, one a class, or these into train and test"
            )
    return [
        _Picture(entry, place[-1], place[0] if len(place) == 2 else "")
        for entry, place in zip(found, folders, strict=True)
    ]


def _split(pictures: list[_Picture], file: str) -> list[_Picture]:
    """The pictures with a part each: those without one take turns, every fifth of a class for the test."""
    if not pictures[0].part:
        pictures = [
            _Picture(picture.entry, label, "test" if index % EVERY == EVERY - 1 else "train")
            for label, group in groupby(sorted(pictures, key=lambda p: p.label), key=lambda p: p.label)
            for index, picture in enumerate(group)
        ]
    classes = {picture.label for picture in pictures}
    if not 2 <= len(classes) <= MAX_CLASSES:
        raise ValueError(f"{file} has {len(classes)} classes; from 2 to {MAX_CLASSES:,} can be told apart")
    for part in ("train", "test"):
        if part not in {picture.part for picture in pictures}:
            raise ValueError(
                f"{file} has no pictures for the {part}; it needs {EVERY} of a class, or folders train and test"
            )
    return pictures


def _common_form(archive: zipfile.ZipFile, pictures: list[_Picture]) -> tuple[Size, str]:
    """The (width, height) and mode (L or RGB) that all pictures are brought to, from their headers."""
    sizes, grey = set(), True
    for picture in pictures:
        image = _header(archive, picture)
        sizes.add(image.size)
        grey = grey and image.mode in GREY
    alike = len(sizes) == 1 and max(max(size) for size in sizes) <= LARGEST_SIDE
    return (sizes.pop() if alike else (SIDE, SIDE)), "L" if grey else "RGB"


def _arrays(archive: zipfile.ZipFile, pictures: list[_Picture], size: Size, mode: str) -> Arrays:
    """All pictures decoded, one after the other, as arrays of the Keras convention."""
    classes = sorted({picture.label for picture in pictures})
    number = {label: index for index, label in enumerate(classes)}
    found: Arrays = {"classes": np.array(classes)}
    for part in ("train", "test"):
        chosen = [picture for picture in pictures if picture.part == part]
        found[f"x_{part}"] = np.stack([_decoded(archive, picture, size, mode) for picture in chosen])
        found[f"y_{part}"] = np.array([number[picture.label] for picture in chosen])
    return found


def _header(archive: zipfile.ZipFile, picture: _Picture) -> Image.Image:
    """A picture whose pixels are not decoded yet. Raises ValueError where it is none or too large."""
    name, size = picture.entry.filename[:80], picture.entry.file_size
    if size > MAX_BYTES:
        raise ValueError(f"{name} has {size:,} bytes; a picture has at most {MAX_BYTES:,}")
    try:
        return opened(archive.read(picture.entry))
    except ValueError as error:
        raise ValueError(f"{name}: {str(error).rstrip('.')}") from None


def _decoded(archive: zipfile.ZipFile, picture: _Picture, size: Size, mode: str) -> np.ndarray:
    """The picture as uint8 (H, W) or (H, W, 3): its middle, where its proportions are others."""
    image = _header(archive, picture)
    try:
        turned = ImageOps.exif_transpose(image)
        return np.asarray(ImageOps.fit(turned.convert(mode), size))
    except Exception:  # on a broken file the decoders raise nearly anything
        raise ValueError(f"{picture.entry.filename[:80]} is damaged or was cut short; save it again") from None
