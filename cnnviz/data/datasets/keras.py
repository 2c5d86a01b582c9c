"""The `.npz` in the Keras convention: reading, checking and writing it."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from cnnviz.data.files import atomic_write

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
LARGEST = 4 * 2**30  # bytes that the arrays of one data set may take in memory
MAX_CLASSES = 1000
LONGEST_NAME = 80  # letters of a class

Arrays = dict[str, np.ndarray]


def read(path: Path, file: str = "", max_bytes: int = 0) -> Arrays:
    """The arrays of an .npz, called `file` in sentences; nothing in it is unpickled, and no more than `max_bytes`
    (0: LARGEST) are unpacked. Raises ValueError where the file is unreadable, too large, or lacks an array."""
    file, max_bytes = file or path.name, max_bytes or LARGEST
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            held = [name.removesuffix(".npy") for name in archive.namelist()]
        wanted = [key for key in (*ARRAYS, "classes") if key in held]
        with np.load(path, allow_pickle=False) as opened:
            arrays = {key: opened[key] for key in wanted} if size <= max_bytes else {}
    except (OSError, EOFError, MemoryError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{file} is not a readable .npz file ({error}); save it again with numpy.savez") from error
    if size > max_bytes:
        raise ValueError(f"{file} unpacks to {size:,} bytes; at most {max_bytes:,} are read")
    missing = [key for key in ARRAYS if key not in arrays]
    if missing:
        raise ValueError(f"{file} has no {', '.join(missing)}; it needs {', '.join(ARRAYS)}")
    return arrays


def form(path: Path) -> tuple[tuple[int, int, int], int]:
    """(C, H, W) of an image and the number of classes, without unpacking the images. Raises ValueError where the file
    is unreadable or has none."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("x_train.npy") as file:
            first = np.lib.format.read_magic(file) == (1, 0)
            read = np.lib.format.read_array_header_1_0 if first else np.lib.format.read_array_header_2_0
            shape = read(file)[0]
        with np.load(path, allow_pickle=False) as arrays:
            labels = {key: arrays[key] for key in ("y_train", "y_test", "classes") if key in arrays}
        _, height, width, *channels = shape
        return ((channels or [1])[0], height, width), len(class_names(path.name, labels))
    except (OSError, EOFError, KeyError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(
            f"{path.name} is not a readable .npz file ({error}); save it again with numpy.savez"
        ) from error


def check(file: str, arrays: Arrays) -> None:
    """Raises ValueError where the arrays of that file are not images and their labels."""
    for part in ("train", "test"):
        _check_images(file, f"x_{part}", arrays[f"x_{part}"])
        _check_labels(file, f"y_{part}", arrays[f"y_{part}"], len(arrays[f"x_{part}"]))
    train, test = (arrays[key].shape[1:] for key in ("x_train", "x_test"))
    if train != test:
        raise ValueError(f"{file}: training images are {train} and test images {test}; make them alike")
    classes = arrays.get("classes")
    if classes is not None and classes.dtype.kind not in "US":
        raise ValueError(f"{file}: classes has dtype {classes.dtype}; the names of classes are text")


def _check_images(file: str, key: str, images: np.ndarray) -> None:
    """Raises ValueError where `images` are not uint8 (N, H, W) or (N, H, W, C)."""
    if images.dtype != np.uint8:
        raise ValueError(f"{file}: {key} has dtype {images.dtype}; images are uint8, from 0 to 255")
    if images.ndim not in (3, 4) or 0 in images.shape or (images.ndim == 4 and images.shape[3] not in (1, 3)):
        raise ValueError(
            f"{file}: {key} has shape {images.shape}; images are (N, H, W) or (N, H, W, C) with C = 1 or 3"
        )


def _check_labels(file: str, key: str, labels: np.ndarray, count: int) -> None:
    """Raises ValueError where `labels` are not `count` small integers."""
    if labels.dtype.kind not in "iu":
        raise ValueError(f"{file}: {key} has dtype {labels.dtype}; labels are integers")
    if labels.shape not in {(count,), (count, 1)}:
        raise ValueError(f"{file}: {count} images but labels of shape {labels.shape} in {key}")
    if labels.min() < 0 or labels.max() >= MAX_CLASSES:
        raise ValueError(
            f"{file}: labels in {key} run from {labels.min()} to {labels.max()}; they start at 0 and stay "
            f"below {MAX_CLASSES}"
        )


def class_names(file: str, arrays: Arrays) -> tuple[str, ...]:
    """The names of the classes, each in one line; without any, their numbers. Raises ValueError where there are too few
    or too many, or where one is too long."""
    count = 1 + int(max(arrays["y_train"].max(), arrays["y_test"].max()))
    named = np.ravel(arrays.get("classes", np.arange(count).astype(str)))
    classes = tuple(np.char.decode(named, "utf-8", "replace") if named.dtype.kind == "S" else named)
    if len(classes) < count:
        raise ValueError(f"{file}: {len(classes)} classes are named but the largest label is {count - 1}")
    if len(classes) > MAX_CLASSES:
        raise ValueError(f"{file}: {len(classes):,} classes are named; at most {MAX_CLASSES:,} can be told apart")
    names = tuple(" ".join(str(name).split()) for name in classes)
    if longest := next((name for name in names if len(name) > LONGEST_NAME), None):
        raise ValueError(
            f"{file}: the class {longest[:20]!r}... has a name of {len(longest)} letters; {LONGEST_NAME} are the most"
        )
    return names


def write(path: Path, arrays: Arrays) -> None:
    """Write an .npz."""
    with atomic_write(path) as temporary, open(temporary, "wb") as file:  # by its name alone it would get an .npz
        np.savez(file, **arrays)  # type: ignore[arg-type]
