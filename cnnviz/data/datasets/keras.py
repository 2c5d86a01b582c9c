"""The `.npz` in the Keras convention: judging, reading and writing it.

All arrays are judged by their headers before one is read: what a file of two kilobytes claims may be gigabytes.
"""

import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnviz.data.datasets import npy
from cnnviz.data.datasets.archives import Archive, Kind, Progress, no_progress, shown
from cnnviz.data.datasets.npy import Header
from cnnviz.data.files import atomic_write
from cnnviz.data.texts import one_line

IMAGES = ("x_train", "x_test")
LABELS = ("y_train", "y_test")
ARRAYS = ("x_train", "y_train", "x_test", "y_test")
LARGEST = 4 * 2**30  # bytes that the arrays of one data set may take in memory
MAX_IMAGES = 1_000_000  # of a part: the largest that people have as arrays, EMNIST, has 697,932
MIN_SIDE, MAX_SIDE = 4, 512  # pixels: a kernel needs some, and a text of one's own takes no kernel beyond 512
MAX_SCORES = 10_000_000  # test images x classes: an evaluation keeps so many numbers, 40 MB; CIFAR-100 has a tenth
MAX_CLASSES = 1000
LONGEST_NAME = 80  # letters of a class
MAX_ITEM = 4096  # bytes that one name may take in an array, where each takes as many as the longest
JOINERS = "\u200c\u200d"  # unseen letters that Persian and emoji are written with
ENCODINGS = ("utf-8", "cp1252", "latin-1")  # in which bytes may be words
MAX_RATIO, FREE = 200, 16 * 2**20  # unpacked to packed, in files that unpack to more than that; MNIST's is 5
KIND = Kind(".npz", "save it again with numpy.savez", max_members=100)

Arrays = dict[str, np.ndarray]
Picture = tuple[int, int, int]


def read(path: Path, file: str = "", max_bytes: int = 0, progress: Progress = no_progress) -> Arrays:
    """The arrays of an .npz, called `file` in sentences: uint8 images (N, H, W) or (N, H, W, C), integer labels (N,) or
    (N, 1) and, where there are any, names of classes.

    Nothing in it is unpickled, no more than `max_bytes` (0: LARGEST) are unpacked, and nothing before all headers were
    judged. `progress` hears the share that was read, from 0 to 1. Raises ValueError with one sentence where the file is
    unreadable, too large, or not in the convention.
    """
    with Archive(path, file or path.name, KIND) as archive:
        judged = _judged(archive, max_bytes or LARGEST)
        judge_ratio(archive.file, sum(one.header.nbytes for one in judged.values()), path.stat().st_size)
        arrays = _unpacked(archive, judged, [key for key in judged if key not in IMAGES], no_progress)
        _judge_labels(archive.file, arrays)
        judge_scores(archive.file, judged["x_test"].header.shape[0], len(class_names(archive.file, arrays)))
        return arrays | _unpacked(archive, judged, IMAGES, progress)


def form(path: Path) -> tuple[Picture, int]:
    """(C, H, W) of an image and the number of classes, without unpacking the images. Raises ValueError as `read`
    does."""
    with Archive(path, path.name, KIND) as archive:
        judged = _judged(archive, LARGEST)
        arrays = _unpacked(archive, judged, [key for key in judged if key not in IMAGES], no_progress)
        _judge_labels(archive.file, arrays)
        _, height, width, *channels = judged["x_train"].header.shape
        return ((channels or [1])[0], height, width), len(class_names(archive.file, arrays))


def class_names(file: str, arrays: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    """The names of the classes, each in one line; without any, their numbers. Raises ValueError where there are too
    few, or where one is too long."""
    count = 1 + int(max(arrays[key].max() for key in LABELS))
    named = np.ravel(arrays.get("classes", np.arange(count).astype(str)))
    if len(named) < count:
        raise ValueError(f"{file}: {len(named)} classes are named but the largest label is {count - 1}")
    return named_apart(file, named)


def named_apart(file: str, names: Iterable[object]) -> tuple[str, ...]:
    """The names of classes, each in one line. Raises ValueError where one is none, or is given twice."""
    found = tuple(class_name(file, name) for name in as_text(names))
    for name, times in Counter(found).most_common(1):
        if times > 1:
            raise ValueError(f"{file}: {times:,} classes are called {name!r}; give each a name of its own")
    return found


def as_text(words: Iterable[object]) -> list[str]:
    """Words as text: bytes are UTF-8 where all are, otherwise what Windows wrote in western Europe, or Latin-1."""
    own = list(words)
    for encoding in ENCODINGS:
        with suppress(UnicodeDecodeError):
            return [word.decode(encoding) if isinstance(word, bytes) else str(word) for word in own]
    raise AssertionError("Latin-1 decodes any byte")


def class_name(file: str, name: object) -> str:
    """The name of a class in one line, as UTF-8 can write it: half a pair of surrogates is no text anywhere. Letters
    stand with their accents in one. Raises ValueError where there is none, where it is too long, or where a letter is
    none that is seen: those for control, and those that turn the direction of what follows."""
    line = unicodedata.normalize("NFC", one_line(name, MAX_ITEM))
    if not line:
        raise ValueError(f"{file}: a class has no name; give each one of up to {LONGEST_NAME} letters")
    unseen = next((one for one in line if unicodedata.category(one) in ("Cc", "Cf") and one not in JOINERS), "")
    if unseen:
        raise ValueError(
            f"{file}: the name of the class {line[:20]!r} has a letter that is not seen (U+{ord(unseen):04X}); take it "
            "out"
        )
    if len(line) > LONGEST_NAME:
        raise ValueError(
            f"{file}: the class {line[:20]!r}... has a name of {len(line)} letters; {LONGEST_NAME} are the most"
        )
    return line


def judge_scores(file: str, images: int, classes: int) -> None:
    """Raises ValueError where the scores of so many test images in so many classes are more than are kept."""
    if images * classes > MAX_SCORES:
        raise ValueError(
            f"{file}: {images:,} test images of {classes:,} classes make {images * classes:,} scores; at most "
            f"{MAX_SCORES:,} are kept, so save fewer test images"
        )


def write(path: Path, arrays: Arrays) -> None:
    """Write an .npz."""
    with atomic_write(path) as temporary, open(temporary, "wb") as file:  # by its name alone it would get an .npz
        np.savez(file, **arrays)  # type: ignore[arg-type]


# --- what is in the file


@dataclass(frozen=True)
class _Judged:
    """An array that may be read: where it lies, and what it is."""

    member: zipfile.ZipInfo
    header: Header


def _judged(archive: Archive, max_bytes: int) -> dict[str, _Judged]:
    """The arrays that are wanted, by name, none of them read. Raises ValueError where they are not in the convention,
    or would unpack to more than `max_bytes`."""
    members = _members(archive)
    archive.judge(list(members.values()), max_bytes)
    if missing := [key for key in ARRAYS if key not in members]:
        raise ValueError(f"{archive.file} has no {', '.join(missing)}; it needs {', '.join(ARRAYS)}")
    found = {key: _Judged(member, header_of(archive, member)) for key, member in members.items()}
    _judge(archive.file, {key: one.header for key, one in found.items()})
    return found


def _members(archive: Archive) -> dict[str, zipfile.ZipInfo]:
    """The members that are wanted, by the name of their array. Raises ValueError where one is there twice."""
    found: dict[str, zipfile.ZipInfo] = {}
    for member in archive.members:
        key = member.filename.removesuffix(".npy")
        if key in found:
            raise ValueError(f"{archive.file} holds {key} more than once; {KIND.remedy}")
        if key in (*ARRAYS, "classes"):
            found[key] = member
    return found


def header_of(archive: Archive, member: zipfile.ZipInfo) -> Header:
    """The header of a member, whose bytes in the zip are as many as it says, but for objects, which nobody reads."""
    start = archive.head(member, npy.MAX_START)
    with archive.readable():
        header = npy.header(start)
        told = header.start + header.nbytes
        if member.file_size != told and not header.dtype.hasobject:
            raise ValueError(f"{shown(member)} has {member.file_size:,} bytes, and {told:,} by its header")
    return header


def _unpacked(archive: Archive, judged: Mapping[str, _Judged], keys: Sequence[str], progress: Progress) -> Arrays:
    """The arrays of those names; `progress` hears the share that was read."""
    whole, before, arrays = sum(judged[key].header.nbytes for key in keys), 0, {}
    for key in keys:
        arrays[key] = _array(archive, judged[key], _part(progress, before, whole))
        before += judged[key].header.nbytes
    return arrays


def _part(progress: Progress, before: int, whole: int) -> Progress:
    """`progress`, as one of several members hears it in bytes."""
    return lambda done: progress((before + done) / whole)


def _array(archive: Archive, judged: _Judged, progress: Progress) -> np.ndarray:
    """An array that was judged: it takes the bytes that its header says, and no more."""
    header = judged.header
    content = np.empty(header.nbytes, np.uint8)
    archive.read_into(judged.member, header.start, content.data, progress)
    with archive.readable():
        flat = content.view(header.dtype)
        check_letters(flat)
        return flat.reshape(header.shape[::-1]).T if header.fortran else flat.reshape(header.shape)


def check_letters(flat: np.ndarray) -> None:
    """Raises ValueError where a text has letters that there are not: numpy takes any number for one until it is
    read."""
    if flat.dtype.kind == "U" and flat.view(flat.dtype.byteorder + "u4").max(initial=0) > 0x10FFFF:
        raise ValueError("a name of a class is no text")


# --- judging it


def _judge(file: str, headers: Mapping[str, Header]) -> None:
    """Raises ValueError where the headers are not those of images, their labels and names of classes."""
    for part in ("train", "test"):
        _judge_images(file, f"x_{part}", headers[f"x_{part}"])
        _judge_label_header(file, f"y_{part}", headers[f"y_{part}"], headers[f"x_{part}"].shape[0])
    train, test = (headers[key].shape[1:] for key in IMAGES)
    if train != test:
        raise ValueError(f"{file}: training images are {train} and test images {test}; make them alike")
    if "classes" in headers:
        _judge_names(file, headers["classes"])


def _judge_images(file: str, key: str, images: Header) -> None:
    """Raises ValueError where these are not uint8 (N, H, W) or (N, H, W, C), few enough and of a size that can be."""
    shape = images.shape
    if images.dtype != np.uint8:
        raise ValueError(f"{file}: {key} has dtype {images.dtype}; images are uint8, from 0 to 255")
    if len(shape) not in (3, 4) or 0 in shape or (len(shape) == 4 and shape[3] not in (1, 3)):
        raise ValueError(f"{file}: {key} has shape {shape}; images are (N, H, W) or (N, H, W, C) with C = 1 or 3")
    if not MIN_SIDE <= min(shape[1:3]) <= max(shape[1:3]) <= MAX_SIDE:
        raise ValueError(
            f"{file}: the images of {key} have {shape[1]} × {shape[2]} pixels; a side has from {MIN_SIDE} to {MAX_SIDE}"
        )
    if shape[0] > MAX_IMAGES:
        raise ValueError(f"{file}: {key} has {shape[0]:,} images; at most {MAX_IMAGES:,} are read, so save fewer")


def _judge_label_header(file: str, key: str, labels: Header, count: int) -> None:
    """Raises ValueError where these are not `count` integers."""
    if labels.dtype.kind not in "iu":
        raise ValueError(f"{file}: {key} has dtype {labels.dtype}; labels are integers")
    if labels.shape not in {(count,), (count, 1)}:
        raise ValueError(f"{file}: {count} images but labels of shape {labels.shape} in {key}")


def _judge_names(file: str, classes: Header) -> None:
    """Raises ValueError where these are not the names of so many classes as can be told apart, each of some letters."""
    if classes.dtype.kind not in "US":
        raise ValueError(f"{file}: classes has dtype {classes.dtype}; the names of classes are text")
    if not 0 < classes.dtype.itemsize <= MAX_ITEM:
        raise ValueError(
            f"{file}: a name in classes takes {classes.dtype.itemsize:,} bytes; from 1 to {MAX_ITEM:,} are read"
        )
    if classes.count > MAX_CLASSES:
        raise ValueError(f"{file}: {classes.count:,} classes are named; at most {MAX_CLASSES:,} can be told apart")


def judge_ratio(file: str, unpacked: int, packed: int) -> None:
    """Raises ValueError where a small file makes a large data set: there is next to nothing in its images."""
    if unpacked > max(FREE, MAX_RATIO * packed):
        raise ValueError(
            f"{file} unpacks to {unpacked:,} bytes from {packed:,}; at most {MAX_RATIO} times as many are read, so "
            "save it with numpy.savez, which does not compress"
        )


def _judge_labels(file: str, arrays: Mapping[str, np.ndarray]) -> None:
    """Raises ValueError where labels are not small, or all the same."""
    if len({int(end) for key in LABELS for end in (arrays[key].min(), arrays[key].max())}) < 2:
        raise ValueError(f"{file} has images of one class; there is something to tell apart from two on")
    for key in LABELS:
        low, high = arrays[key].min(), arrays[key].max()
        if low < 0 or high >= MAX_CLASSES:
            raise ValueError(
                f"{file}: labels in {key} run from {low} to {high}; they start at 0 and stay below {MAX_CLASSES}"
            )
