"""Data sets: a name gives uint8 tensors, classes, mean and standard deviation. MNIST ships in the package.

A data set is an `.npz` in the Keras convention: `x_train`, `y_train`, `x_test`, `y_test` (images uint8, (N,
H, W) or (N, H, W, C); labels integers) and, if wanted, `classes`. Any such file in the data folder
(environment variable CNNVIZ_DATA, otherwise the user's cache folder) is a data set under its name.

MNIST: LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist, CC BY-SA 3.0.
"""

import os
import re
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

EMBEDDED = Path(__file__).with_name("data")
ARRAYS = ("x_train", "y_train", "x_test", "y_test")
LARGEST = 4 * 2**30  # bytes that the arrays of one data set may take in memory
MOST_CLASSES = 1000


@dataclass(frozen=True)
class DataSet:
    """Images as uint8 (N, C, H, W), labels as int64 (N,), mean and standard deviation of each channel.

    Mean and standard deviation are those of the training images, on the scale from 0 to 1.
    """

    name: str
    x_train: torch.Tensor
    y_train: torch.Tensor
    x_test: torch.Tensor
    y_test: torch.Tensor
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]


def data_folder() -> Path:
    """Where a user's own data sets lie."""
    return Path(os.environ.get("CNNVIZ_DATA") or Path.home() / ".cache" / "cnnviz" / "data")


def names() -> list[str]:
    """The data sets at hand: the embedded ones, then the user's own."""
    found = (path.stem for folder in (EMBEDDED, data_folder()) for path in sorted(folder.glob("*.npz")))
    return list(dict.fromkeys(name for name in found if re.fullmatch(r"[\w-]+", name)))


def load(name: str) -> DataSet:
    """The data set of that name; the last two are kept in memory.

    Raises ValueError with one sentence where it is missing, unreadable or not in the convention.
    """
    if name not in names():
        raise ValueError(f"there is no data set {name!r}; at hand are {', '.join(names())}")
    path = next(p for p in (EMBEDDED / f"{name}.npz", data_folder() / f"{name}.npz") if p.is_file())
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _load(path: Path, _changed: int) -> DataSet:
    arrays = _read(path)
    for part in ("train", "test"):
        _check(path.name, part, arrays[f"x_{part}"], arrays[f"y_{part}"])
    if arrays["x_train"].shape[1:] != arrays["x_test"].shape[1:]:
        train, test = arrays["x_train"].shape[1:], arrays["x_test"].shape[1:]
        raise ValueError(f"{path.name}: training images are {train} and test images {test}; make them alike")
    tensors = {key: _tensor(arrays[key]) for key in ARRAYS}
    mean, std = statistics(tensors["x_train"])
    return DataSet(path.stem, **tensors, classes=_classes(path.name, arrays), mean=mean, std=std)


def _read(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz; nothing in it is unpickled, and no more than LARGEST bytes are unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            held = [name.removesuffix(".npy") for name in archive.namelist()]
        wanted = [key for key in (*ARRAYS, "classes") if key in held]
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in wanted} if size <= LARGEST else {}
    except (OSError, EOFError, MemoryError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(
            f"{path.name} is not a readable .npz file ({error}); save it again with numpy.savez"
        ) from error
    if size > LARGEST:
        raise ValueError(f"{path.name} unpacks to {size:,} bytes; at most {LARGEST:,} are read")
    missing = [key for key in ARRAYS if key not in arrays]
    if missing:
        raise ValueError(f"{path.name} has no {', '.join(missing)}; it needs {', '.join(ARRAYS)}")
    return arrays


def _check(file: str, part: str, images: np.ndarray, labels: np.ndarray) -> None:
    if images.dtype != np.uint8:
        raise ValueError(f"{file}: x_{part} has dtype {images.dtype}; images are uint8, from 0 to 255")
    if images.ndim not in (3, 4) or 0 in images.shape or (images.ndim == 4 and images.shape[3] not in (1, 3)):
        raise ValueError(
            f"{file}: x_{part} has shape {images.shape}; images are (N, H, W) or (N, H, W, C) with C = 1 or 3"
        )
    if labels.dtype.kind not in "iu":
        raise ValueError(f"{file}: y_{part} has dtype {labels.dtype}; labels are integers")
    if labels.reshape(-1).shape != images.shape[:1]:
        raise ValueError(f"{file}: {len(images)} images in x_{part} but labels of shape {labels.shape} in y_{part}")
    if labels.min() < 0 or labels.max() >= MOST_CLASSES:
        raise ValueError(
            f"{file}: labels in y_{part} run from {labels.min()} to {labels.max()}; they start at 0 and stay "
            f"below {MOST_CLASSES}"
        )


def _tensor(array: np.ndarray) -> torch.Tensor:
    """Labels (N,) or (N, 1) -> int64 (N,); images (N, H, W) or (N, H, W, C) -> uint8 (N, C, H, W)."""
    if array.ndim < 3:
        return torch.from_numpy(array.reshape(-1).astype(np.int64))
    images = array[..., None] if array.ndim == 3 else array
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))


def _classes(file: str, arrays: dict[str, np.ndarray]) -> tuple[str, ...]:
    """The names of the classes; without any, their numbers."""
    count = 1 + int(max(arrays["y_train"].max(), arrays["y_test"].max()))
    classes = tuple(str(name) for name in np.ravel(arrays.get("classes", np.arange(count))))
    if len(classes) < count:
        raise ValueError(f"{file}: {len(classes)} classes are named but the largest label is {count - 1}")
    return classes


def statistics(images: torch.Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel of uint8 (N, C, H, W), on the scale from 0 to 1."""
    parts = [part.to(torch.float32) / 255 for part in images.split(5000)]
    count = images.numel() / images.shape[1]
    mean = sum(part.sum((0, 2, 3), dtype=torch.float64) for part in parts) / count
    square = sum(part.square().sum((0, 2, 3), dtype=torch.float64) for part in parts) / count
    std = (square - mean.square()).clamp(min=1e-12).sqrt()
    return tuple(mean.tolist()), tuple(std.tolist())


def normalise(
    images: torch.Tensor, mean: tuple[float, ...], std: tuple[float, ...], size: tuple[int, int]
) -> torch.Tensor:
    """The one way from a picture to what a network sees, in training and in prediction.

    uint8 (N, C, H, W) is framed with zeros to `size` = (H, W) as LeCun framed 28x28 to 32x32, scaled to 0..1,
    less the mean and divided by the standard deviation: float32 (N, C, *size) on the same device. Raises
    ValueError where the channels differ or the picture is larger than `size`.
    """
    channels, height, width = images.shape[1:]
    if channels != len(mean) or height > size[0] or width > size[1]:
        raise ValueError(
            f"a picture of {channels}x{height}x{width} does not fit into {len(mean)}x{size[0]}x{size[1]}, "
            "which the network takes"
        )
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    framed = F.pad(images, (left, size[1] - width - left, top, size[0] - height - top))
    scale, shift = (torch.tensor(values, device=images.device).view(1, -1, 1, 1) for values in (std, mean))
    return framed.to(torch.float32).div_(255).sub_(shift).div_(scale)
