"""Arrays that somebody brings, an .npz of any usual form or idx files, taken for a data set by their names and
shapes."""

import gzip
import io
import math
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import IO

import numpy as np

from cnnviz.data.datasets import npy
from cnnviz.data.datasets.archives import Archive, Progress
from cnnviz.data.datasets.assembling import Part, assemble
from cnnviz.data.datasets.keras import ARRAYS, KIND, MAX_CLASSES, MAX_IMAGES, MAX_ITEM, Arrays, check_letters, header_of
from cnnviz.data.datasets.labels import flat
from cnnviz.data.datasets.numbers import BLOCK, Numbers, as_images, judge_count
from cnnviz.data.datasets.roles import role
from cnnviz.data.datasets.understood import Account, Choice, Understood
from cnnviz.data.texts import one_line

MAX_NUMBERS = 8  # bytes that are gone through for each that is kept: float64 for uint8
IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MAX_DIMENSIONS = 4
MAX_HELD = 20  # arrays of an .npz among others
NEEDED = f"it needs {', '.join(ARRAYS)}"


@dataclass(frozen=True)
class Found(Numbers):
    """An array by its name, not read yet: images, or labels, or names of classes."""

    def whole(self) -> np.ndarray:
        """All of it, which is small."""
        blocks = list(self.blocks())
        return np.concatenate(blocks) if blocks else np.zeros(self.shape, self.dtype)


def of_found(
    file: str, found: Sequence[Found], account: Account, choice: Choice, max_bytes: int, progress: Progress
) -> tuple[Arrays, Understood]:
    """The data set that arrays of those names make. Raises ValueError with one sentence where they make none."""
    placed = _placed(file, found, account)
    images = {part: one for (kind, part), one in placed.items() if kind == "images"}
    labels = {part: one for (kind, part), one in placed.items() if kind == "labels"}
    objects = next((one for one in found if one.dtype.hasobject), None)
    if not images and objects is not None:
        raise ValueError(
            f"{file}: {objects.name} has dtype object, which only pickle reads; save its arrays one by one, "
            f"numpy.savez('mine.npz', x_train=…, y_train=…)"
        )
    for part in [part for part, one in images.items() if part in ("test", "val") and one.shape[:1] == (0,)]:
        account.leave_out(images.pop(part).name, "it is empty")
        labels.pop(part, None)
    if not images:
        raise ValueError(f"{file} has no images; {NEEDED}")
    if not labels:
        raise ValueError(f"{file} has no labels, such as y_train; {NEEDED}")
    for one in images.values():
        judge_count(file, one)
    for part in labels.keys() - images.keys():
        account.leave_out(labels[part].name, "there are no images for these labels")
    read = {
        part: flat(file, labels[part].name, _small(file, labels[part]), one.shape[0], account)
        for part, one in images.items()
        if part in labels and one.shape
    }
    for part in images.keys() - read.keys():
        account.leave_out(images[part].name, "there are no labels for these images")
    if not read:
        raise ValueError(f"{file} has no images with labels; {NEEDED}")
    numbers = [images[part] for part in read]
    whole = as_images(file, numbers, account, max_bytes, progress)
    parts = {part: Part(pixels, own) for (part, own), pixels in zip(read.items(), whole, strict=True)}
    return assemble(file, parts, _names(file, placed), account, choice, whole[0].shape[1:3])


def _small(file: str, labels: Found) -> np.ndarray:
    """Labels. Raises ValueError where they are too many to be any."""
    count = math.prod(max(1, side) for side in labels.shape)  # an empty one may have an axis of any length
    if labels.dtype.hasobject:
        return np.empty(labels.shape if count <= MAX_IMAGES else 0, object)
    if labels.dtype.itemsize > MAX_ITEM or count > 8 * MAX_IMAGES or labels.dtype.itemsize * count > 2**28:
        raise ValueError(f"{file}: {labels.name} of {labels.dtype} and shape {labels.shape} is too much to be labels")
    if labels.dtype.itemsize == 0:
        raise ValueError(f"{file}: an item of {labels.name} takes 0 bytes; from 1 to {MAX_ITEM:,} are read")
    return labels.whole()


def _names(file: str, placed: dict[tuple[str, str], Found]) -> list[object]:
    """The names of classes that came with it. Raises ValueError where they are none."""
    one = next((one for (kind, _), one in placed.items() if kind == "classes"), None)
    if one is None:
        return []
    if one.dtype.kind not in "USiu":  # scikit-learn's digits have theirs as numbers
        what = ", which only pickle reads; save them with dtype=str" if one.dtype.hasobject else ""
        raise ValueError(f"{file}: {one.name} has dtype {one.dtype}{what}; the names of classes are text")
    if not 0 < one.dtype.itemsize <= MAX_ITEM:
        raise ValueError(
            f"{file}: a name in {one.name} takes {one.dtype.itemsize:,} bytes; from 1 to {MAX_ITEM:,} are read"
        )
    if math.prod(one.shape) > MAX_CLASSES:
        raise ValueError(
            f"{file}: {math.prod(one.shape):,} classes are named; at most {MAX_CLASSES:,} can be told apart"
        )
    return list(np.ravel(one.whole()).tolist())


# --- which is which


def _placed(file: str, found: Sequence[Found], account: Account) -> dict[tuple[str, str], Found]:
    """The arrays by what they are and of which part: by their names, otherwise by their shapes in their order. Raises
    ValueError where two are the same."""
    placed: dict[tuple[str, str], Found] = {}
    unknown = []
    for one in found:
        kind, part = role(one.name)
        if not kind:
            unknown.append(one)
        elif kind == "classes":
            placed.setdefault((kind, ""), one)
        elif (kind, part) in placed and kind == "images" and one.shape[:1] == placed[kind, part].shape[:1]:
            first, second = sorted((placed[kind, part], one), key=lambda found: -len(found.shape))
            placed[kind, part] = first
            account.leave_out(second.name, f"{first.name} has the images already")
        elif (kind, part) in placed:
            raise ValueError(
                f"{file} holds {one.name} and {placed[kind, part].name}, both {kind}{f' of {part}' if part else ''}; "
                f"leave one out, or call them as {', '.join(ARRAYS)}"
            )
        else:
            placed[kind, part] = one
    if any(kind == "images" for kind, _ in placed):
        for one in unknown:
            account.leave_out(one.name, f"its name says neither images nor labels; {NEEDED}")
        return placed
    return placed | _by_shape(unknown, account)


def _by_shape(found: Sequence[Found], account: Account) -> dict[tuple[str, str], Found]:
    """Arrays without telling names, as numpy.savez calls them arr_0, arr_1: images have two axes at the least, and go
    with the labels of as many. The first pair is for training, the second for the test."""
    images = [one for one in found if len(one.shape) > 2 or (len(one.shape) == 2 and one.shape[1] >= 16)]
    told = {role(one.name)[1] for one in images}
    labels = [one for one in found if one not in images and one.shape]
    placed: dict[tuple[str, str], Found] = {}
    parts = ["train", "test"] if len(images) == 2 else [""]
    if len(images) == 2 and told == {"train", "test"}:
        parts = [role(one.name)[1] for one in images]
    for one, part in zip(images[:2], parts, strict=False):
        own = next((other for other in labels if other.shape[0] == one.shape[0]), None)
        if own is None:
            continue
        labels.remove(own)
        placed[("images", part)], placed[("labels", part)] = one, own
        account.note(f"{one.name} was taken as the images{f' for {part}' if part else ''}, {own.name} as their labels.")
    used = list(placed.values())
    for one in found:
        if one not in used:
            account.leave_out(one.name, f"neither its name nor its shape {one.shape} says what it is; {NEEDED}")
    return placed


# --- an .npz


def of_npz(archive: Archive, account: Account, max_bytes: int) -> list[Found]:
    """The arrays of an .npz, judged by their headers. Raises ValueError where they are none, or too much."""
    account.kind = "arrays in an .npz"
    named = [(member.filename.removesuffix(".npy"), member) for member in archive.members]
    twice = next((name for name, count in Counter(name for name, _ in named).items() if count > 1), None)
    if twice is not None:
        raise ValueError(f"{archive.file} holds {twice[:80]} more than once; {KIND.remedy}")
    archive.judge([member for name, member in named if role(name)[0]], MAX_NUMBERS * max_bytes)
    found = []
    for name, member in named:
        try:
            found.append(_of_member(archive, name, member))
        except ValueError as error:
            if role(name)[0]:
                raise
            account.leave_out(member.filename, f"it is no array that is wanted ({one_line(error, 80)})")
    return found


def _of_member(archive: Archive, name: str, member: zipfile.ZipInfo) -> Found:
    """One member, whose bytes in the zip are as many as its header says, but for objects, which nobody reads."""
    header = header_of(archive, member)

    def blocks() -> Iterator[np.ndarray]:
        with archive.readable(), closing(archive.opened(member)) as stream:
            yield from _npy_blocks(stream, header)

    def columns() -> Iterator[np.ndarray]:
        with archive.readable(), closing(archive.opened(member)) as stream:
            yield from _npy_columns(stream, header)

    return Found(name, header.dtype, header.shape, blocks, columns if _by_columns(header) else None)


def _by_columns(header: npy.Header) -> bool:
    """Whether the first axis runs fastest, so that no row is there before the last number is."""
    return header.fortran and len(header.shape) > 1 and header.count > 0


def _npy_columns(stream: IO[bytes], header: npy.Header) -> Iterator[np.ndarray]:
    """The numbers of an .npy that stand by columns, (some columns, N) at a time."""
    _exactly(stream, header.start)
    yield from _row_blocks(stream, header.dtype, (header.count // header.shape[0], header.shape[0]))
    _at_end(stream)


def _npy_blocks(stream: IO[bytes], header: npy.Header) -> Iterator[np.ndarray]:
    """The numbers of an .npy, some rows at a time; those that stand by columns all at once."""
    _exactly(stream, header.start)
    if header.fortran or not header.shape:
        flat_numbers = np.frombuffer(_exactly(stream, header.nbytes), header.dtype)
        check_letters(flat_numbers)
        yield flat_numbers.reshape(header.shape[::-1]).T if header.fortran else flat_numbers.reshape(-1)
    else:
        yield from _row_blocks(stream, header.dtype, header.shape)
    _at_end(stream)


def _at_end(stream: IO[bytes]) -> None:
    """Reads the end, where a checksum is compared. Raises ValueError where it is none."""
    if stream.read(1):
        raise ValueError("it goes on after its last number")


def _row_blocks(stream: IO[bytes], dtype: np.dtype, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """The rows of an array that stand in a stream, some megabytes at a time. Raises EOFError where it ends before."""
    each = math.prod(shape[1:]) * dtype.itemsize
    rows = max(1, BLOCK // max(1, each))
    for at in range(0, shape[0], rows):
        count = min(rows, shape[0] - at)
        numbers = np.frombuffer(_exactly(stream, count * each), dtype)
        check_letters(numbers)
        yield numbers.reshape(count, *shape[1:])


def _exactly(stream: IO[bytes], size: int) -> bytes:
    """So many bytes. Raises EOFError where there are fewer."""
    parts, left = [], size
    while left:
        part = stream.read(min(left, BLOCK))
        if not part:
            raise EOFError(f"it was cut short: {left:,} bytes are missing")
        parts.append(part)
        left -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def of_array_file(file: str, name: str, content: bytes, max_bytes: int) -> list[Found]:
    """The arrays of an .npy, or of an .npz that lies in a zip, under the name of the file where their own says nothing,
    as KMNIST's arr_0. Raises ValueError where it is none, or unpacks to more than `max_bytes`."""
    if name.lower().endswith(".npy"):
        return [_of_stream(file, name.removesuffix(".npy"), _in_memory(content))]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as inner:
            if sum(one.file_size for one in inner.infolist()) > max_bytes:
                raise ValueError(f"{file}: {name} unpacks to more than {max_bytes:,} bytes, the most that are read")
            held = {one.filename.removesuffix(".npy"): inner.read(one) for one in inner.infolist()[:MAX_HELD]}
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise ValueError(f"{file}: {name} is no readable .npz ({error})") from error
    stem = name.removesuffix(".npz")
    called = {key: key if role(key)[0] else f"{stem}-{key}" for key in held}
    if len(held) == 1:
        called = dict.fromkeys(held, stem)
    return [_of_stream(file, called[key], _in_memory(own)) for key, own in held.items()]


def _of_stream(file: str, name: str, opened: Callable[[], IO[bytes]]) -> Found:
    """An .npy by its bytes. Raises ValueError where it is none."""
    with closing(opened()) as stream:
        start = stream.read(npy.MAX_START)
        size = len(start) + len(stream.read())
    try:
        header = npy.header(start)
    except ValueError as error:
        raise ValueError(f"{file}: {name} is no .npy that can be read ({error})") from error
    if size != header.start + header.nbytes and not header.dtype.hasobject:
        raise ValueError(f"{file}: {name} has {size:,} bytes, and {header.start + header.nbytes:,} by its header")

    def blocks() -> Iterator[np.ndarray]:
        with closing(opened()) as stream:
            yield from _npy_blocks(stream, header)

    def columns() -> Iterator[np.ndarray]:
        with closing(opened()) as stream:
            yield from _npy_columns(stream, header)

    return Found(name, header.dtype, header.shape, blocks, columns if _by_columns(header) else None)


# --- idx, as MNIST was published


def of_idx(file: str, name: str, opened: Callable[[], IO[bytes]], account: Account) -> Found:
    """An idx file (http://yann.lecun.com/exdb/mnist). `opened` gives its bytes anew each time, unpacked. Raises
    ValueError where it is none."""
    account.kind = "idx files, as MNIST was published"
    with closing(opened()) as stream:
        dtype, shape = _idx_header(file, name, stream)

    def blocks() -> Iterator[np.ndarray]:
        with closing(opened()) as stream:
            try:
                _idx_header(file, name, stream)
                for block in _row_blocks(stream, dtype, shape):
                    yield block.swapaxes(1, 2) if turned and block.ndim == 3 else block
            except (EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
                raise ValueError(f"{file}: {name} cannot be read ({error}); download it again") from error

    turned = "emnist" in name.lower()
    if turned and len(shape) == 3:
        account.note("EMNIST's idx files have rows and columns exchanged: the images were turned back.")
        shape = (shape[0], shape[2], shape[1])
    return Found(name, dtype, shape, blocks)


def _idx_header(file: str, name: str, stream: IO[bytes]) -> tuple[np.dtype, tuple[int, ...]]:
    """Type and shape: two zeros, the type, the number of dimensions, and each of them in four bytes."""
    try:
        magic = _exactly(stream, 4)
        known = magic[:2] == b"\0\0" and magic[2] in IDX_TYPES and 1 <= magic[3] <= MAX_DIMENSIONS
        shape = struct.unpack(f">{magic[3]}I", _exactly(stream, 4 * magic[3])) if known else ()
    except (EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{file}: {name} cannot be read ({error}); download it again") from error
    if not known:
        raise ValueError(f"{file}: {name} is no idx file: it begins with {magic.hex(' ')}, not with 00 00 08")
    if shape[0] > MAX_IMAGES:
        raise ValueError(f"{file}: {name} has {shape[0]:,} items; at most {MAX_IMAGES:,} are read")
    return np.dtype(IDX_TYPES[magic[2]]), shape


def unpacked(stream: IO[bytes], name: str) -> IO[bytes]:
    """A stream whose bytes are those of the file that was packed, where its name ends with .gz."""
    return gzip.GzipFile(fileobj=stream) if name.lower().endswith(".gz") else stream  # type: ignore[return-value]


def _in_memory(content: bytes) -> Callable[[], IO[bytes]]:
    """Bytes as a stream."""
    return lambda: io.BytesIO(content)
