"""A zip of class folders as a data set: cat/1.png, dog/1.png, or train/cat/1.png, test/cat/1.png.

Nothing is unpacked to disk: a path in the zip only names a class. Where there is no test folder, every fifth picture
of a class is kept for the test. Pictures of one size stay as they are; otherwise the middle square of each is brought
to 32x32. Pictures that are all grey give one channel, others three.
"""

import math
import zipfile
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image, ImageOps

from cnnviz.data.datasets.archives import Archive, Kind, Progress, no_progress, shown
from cnnviz.data.datasets.keras import LARGEST, MAX_CLASSES, MIN_SIDE, Arrays, class_name, judge_scores
from cnnviz.data.pictures import MAX_BYTES, SUFFIXES, opened

MAX_FILES = 100_000
MAX_DEPTH = 12  # folders around a picture: where all lie in the same ones, these are taken off
LARGEST_SIDE = 128  # of pictures that stay as they are
SIDE = 32  # of those that do not, as in CIFAR
EVERY = 5  # one picture in so many is for the test
GREY = ("1", "L")
MAX_PIXELS = 2_000_000_000  # of all pictures together: at 29 ns each, as WebP takes, a minute of the two that there are
HEADERS = 0.1  # of the work is in the headers
KIND = Kind(".zip", "pack it again", max_members=150_000)  # with folders, and what macOS adds


@dataclass(frozen=True)
class _Form:
    """What all pictures are brought to: a size, and grey (L) or RGB."""

    width: int
    height: int
    mode: str

    @property
    def shape(self) -> tuple[int, ...]:
        """(H, W) or (H, W, 3)."""
        return (self.height, self.width) if self.mode == "L" else (self.height, self.width, 3)

    @property
    def nbytes(self) -> int:
        """The bytes of one picture."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class _Picture:
    """Where a picture lies in the zip: its class, and whether it is for training or for the test."""

    entry: zipfile.ZipInfo
    label: str
    part: str


def read(path: Path, file: str = "", max_bytes: int = 0, progress: Progress = no_progress) -> Arrays:
    """The arrays that the zip amounts to, as in an .npz; it is called `file` in sentences.

    No picture is decoded before the headers of all were judged; `progress` hears the share that is done, from 0 to 1.
    Raises ValueError with one sentence where it is damaged, makes more than `max_bytes` (0: LARGEST) or MAX_PIXELS, or
    is of another form.
    """
    file, max_bytes = file or path.name, max_bytes or LARGEST
    with Archive(path, file, KIND) as archive:
        pictures = _split(_placed(file, _entries(archive, max_bytes)), file)
        form = _common_form(archive, pictures, _part(progress, 0, HEADERS))
        if len(pictures) * form.nbytes > max_bytes:
            raise ValueError(
                f"{file} makes {len(pictures) * form.nbytes:,} bytes of pictures; at most {max_bytes:,} are read"
            )
        return _arrays(archive, pictures, form, _part(progress, HEADERS, 1))


def _part(progress: Progress, begin: float, end: float) -> Progress:
    """`progress`, as a part of the work hears it from 0 to 1."""
    return lambda done: progress(begin + (end - begin) * done)


def _entries(archive: Archive, max_bytes: int) -> list[zipfile.ZipInfo]:
    """The pictures in the zip by their suffix, sorted; hidden files and what macOS adds are passed over."""
    file, found = archive.file, []
    for entry in archive.members:
        place = PurePosixPath(entry.filename.replace("\\", "/"))
        if place.is_absolute() or ".." in place.parts or ":" in entry.filename:
            raise ValueError(f"{file} holds {shown(entry)}, a path that leaves the zip; pack it again")
        if len(place.parts) > MAX_DEPTH:
            raise ValueError(f"{file}: {shown(entry)} lies {len(place.parts) - 1:,} folders deep; put it into one")
        hidden = any(part.startswith((".", "__MACOSX")) for part in place.parts)
        if not entry.is_dir() and not hidden and place.suffix[1:].lower() in SUFFIXES:
            found.append(entry)
    if len(found) > MAX_FILES:
        raise ValueError(f"{file} holds {len(found):,} pictures; at most {MAX_FILES:,} are read")
    archive.judge(found, max_bytes)
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
                f"{file}: {shown(entry)} lies in no class folder like the others; put pictures into "
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
    for label in classes:
        class_name(file, label)  # which refuses one that is too long
    judge_scores(file, sum(picture.part == "test" for picture in pictures), len(classes))
    return pictures


def _common_form(archive: Archive, pictures: list[_Picture], progress: Progress) -> _Form:
    """The form that all pictures are brought to, from their headers. Raises ValueError where decoding them would take
    too long."""
    sizes, grey, pixels = set(), True, 0
    for index, picture in enumerate(pictures):
        image = _header(archive, picture)
        sizes.add(image.size)
        grey = grey and image.mode in GREY
        pixels += image.width * image.height
        progress((index + 1) / len(pictures))
    if pixels > MAX_PIXELS:
        raise ValueError(
            f"{archive.file} holds pictures of {pixels / 1e6:,.0f} million pixels in all; at most "
            f"{MAX_PIXELS / 1e6:,.0f} million are decoded, so make them smaller, {LARGEST_SIDE} pixels wide for example"
        )
    sides = {side for size in sizes for side in size}
    alike = len(sizes) == 1 and MIN_SIDE <= min(sides) <= max(sides) <= LARGEST_SIDE
    return _Form(*(sizes.pop() if alike else (SIDE, SIDE)), "L" if grey else "RGB")


def _arrays(archive: Archive, pictures: list[_Picture], form: _Form, progress: Progress) -> Arrays:
    """All pictures decoded, one after the other, as arrays of the Keras convention."""
    classes = sorted({picture.label for picture in pictures})
    number = {label: index for index, label in enumerate(classes)}
    found: Arrays = {"classes": np.array(classes)}
    done = 0
    for part in ("train", "test"):
        chosen = [picture for picture in pictures if picture.part == part]
        found[f"x_{part}"] = images = np.empty((len(chosen), *form.shape), np.uint8)
        for image, picture in zip(images, chosen, strict=True):
            image[:] = _decoded(archive, picture, form)
            done += 1
            progress(done / len(pictures))
        found[f"y_{part}"] = np.array([number[picture.label] for picture in chosen])
    return found


def _header(archive: Archive, picture: _Picture) -> Image.Image:
    """A picture whose pixels are not decoded yet. Raises ValueError where it is none or too large."""
    name, size = shown(picture.entry), picture.entry.file_size
    if size > MAX_BYTES:
        raise ValueError(f"{name} has {size:,} bytes; a picture has at most {MAX_BYTES:,}")
    content = archive.read(picture.entry)
    try:
        return opened(content)
    except ValueError as error:
        raise ValueError(f"{name}: {str(error).rstrip('.')}") from None


def _decoded(archive: Archive, picture: _Picture, form: _Form) -> np.ndarray:
    """The picture as uint8 (H, W) or (H, W, 3): its middle, where its proportions are others."""
    image = _header(archive, picture)
    try:
        ImageOps.exif_transpose(image, in_place=True)
        converted = image if image.mode == form.mode else image.convert(form.mode)
        return np.asarray(ImageOps.fit(converted, (form.width, form.height)))
    except Exception:  # on a broken file the decoders raise nearly anything
        raise ValueError(f"{shown(picture.entry)} is damaged or was cut short; save it again") from None
