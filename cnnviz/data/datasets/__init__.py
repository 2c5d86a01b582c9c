"""Data sets: a name gives uint8 tensors, classes, mean and standard deviation. MNIST ships in the package.

A data set is an `.npz` in the Keras convention: `x_train`, `y_train`, `x_test`, `y_test` (images uint8, (N, H, W) or
(N, H, W, C); labels integers) and, if wanted, `classes`. Any such file in the data folder (environment variable
CNNVIZ_DATA, otherwise the user's cache folder) is a data set under its name; so is a `.zip` of class folders
(`folders.py`). FashionMNIST, CIFAR-10 and CIFAR-100 are downloaded when they are first used and are kept there.

MNIST: LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist, CC BY-SA 3.0.
"""

import os
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch

from cnnviz import PACKAGE
from cnnviz.data.byte_cache import ByteCache
from cnnviz.data.datasets import brought, downloads, keras, uploads
from cnnviz.data.datasets.archives import Progress, no_progress
from cnnviz.data.datasets.preprocessing import FITS, Preprocessing, statistics
from cnnviz.data.datasets.uploads import READERS, Upload, convert

__all__ = [
    "FITS",
    "DataSet",
    "Form",
    "Preprocessing",
    "Progress",
    "Upload",
    "changed",
    "convert",
    "data_folder",
    "finish",
    "form",
    "keep",
    "lay_down",
    "load",
    "names",
    "no_progress",
    "offered",
    "statistics",
]

EMBEDDED = PACKAGE / "data"
MAX_CACHED = 400 * 2**20  # bytes of data sets in memory, but for the newest: MNIST has 55 MB, the largest upload 315


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

    @property
    def nbytes(self) -> int:
        """The bytes that it takes in memory."""
        return sum(tensor.nbytes for tensor in (self.x_train, self.y_train, self.x_test, self.y_test))

    @property
    def picture(self) -> tuple[int, int, int]:
        """The (C, H, W) of one image."""
        channels, height, width = self.x_train.shape[1:]
        return channels, height, width


@dataclass(frozen=True)
class Form:
    """What is known of a data set without loading it: (C, H, W) of an image, and how many classes there are."""

    picture: tuple[int, int, int]
    classes: int


def data_folder() -> Path:
    """Where a user's own data sets lie, and the downloaded ones."""
    return Path(os.environ.get("CNNVIZ_DATA") or Path.home() / ".cache" / "cnnviz" / "data")


def names() -> list[str]:
    """The data sets at hand: the embedded ones, then the user's own and the downloaded ones."""
    return list(_files())


def offered(own: Callable[[Iterable[str]], Collection[str]] = lambda sessions: ()) -> list[str]:
    """The data sets for a menu: those at hand, but of what readers brought only that of the sessions that `own` picks
    out of many, then those that would be downloaded."""
    return list(dict.fromkeys([*brought.listed(names(), data_folder(), own), *downloads.SETS]))


def form(name: str) -> Form:
    """The form of a data set, also of one that is still to be downloaded. Raises ValueError as `load` does."""
    path = _files().get(name)
    if path is None and name in downloads.FORMS:
        return Form(*downloads.FORMS[name])
    if path is None:
        raise _missing(name)
    return _form(path, _changed(name, path))


@lru_cache(maxsize=64)  # of a few numbers each
def _form(path: Path, changed: int) -> Form:
    if path.suffix == ".npz":
        return Form(*keras.form(path))
    data = _cached(path, changed)
    return Form(data.picture, len(data.classes))


def load(name: str) -> DataSet:
    """The data set of that name, downloaded if need be; those that were used last are kept in memory.

    Raises ValueError with one sentence where it is missing, unreadable or not in the convention.
    """
    path = _files().get(name)
    if path is None and name in downloads.SETS:
        path = downloads.download(name, data_folder())
    if path is None:
        raise _missing(name)
    return _cached(path, _changed(name, path))


def keep(file: str, content: bytes, session: str = "", progress: Progress = no_progress) -> str:
    """Keeps a data set that a session brings ('': nobody's) in the data folder and returns its name; `progress` hears
    the share that is done, from 0 to 1. Raises ValueError with a sentence where it is none, is too large, or cannot be
    kept."""
    return uploads.keep(file, content, data_folder(), session, progress)


def lay_down(file: str, content: bytes) -> Upload:
    """Writes down a file that somebody brings, for `convert` to judge; raises ValueError as `keep` does."""
    return uploads.lay_down(file, content, data_folder())


def finish(upload: Upload, session: str) -> str:
    """The name of the data set that `convert` has made of it, which is the session's from now on; raises ValueError as
    `keep` does."""
    return uploads.finish(upload, data_folder(), session)


def changed(name: str) -> int:
    """When a data set that is here was written, in nanoseconds: tells two of one name apart. Raises ValueError where it
    is not here."""
    path = _files().get(name)
    if path is None:
        raise _missing(name)
    return _changed(name, path)


def _changed(name: str, path: Path) -> int:
    """When the file of a data set was written, in nanoseconds. Raises ValueError where it has just been cleared
    away."""
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise _missing(name) from error


def _missing(name: str) -> ValueError:
    """What is raised where there is no such data set."""
    here = names()
    absent = ", ".join(known for known in offered() if known not in here)
    to_come = f"; {absent} would be downloaded" if absent else ""
    listed = ", ".join(known for known in offered() if known in here)
    return ValueError(f"there is no data set {name[:80]!r}; at hand are {listed}{to_come}")


def _files() -> dict[str, Path]:
    """The data sets at hand by name; an embedded one goes before a user's own, and an .npz before a .zip."""
    found: dict[str, Path] = {}
    for folder in (EMBEDDED, data_folder()):
        for suffix in READERS:
            for path in sorted(folder.glob(f"*{suffix}")):
                if re.fullmatch(r"[\w-]+", path.stem) and path.is_file():
                    found.setdefault(path.stem, path)
    return found


_cache: ByteCache[DataSet] = ByteCache(MAX_CACHED, lambda data: data.nbytes)


def _cached(path: Path, changed: int) -> DataSet:
    """The data set in that file as it was at `changed`, in memory."""
    return _cache.get((path, changed), partial(_load, path))


def _load(path: Path) -> DataSet:
    arrays = READERS[path.suffix](path)
    classes = keras.class_names(path.name, arrays)
    tensors = {key: _tensor(arrays.pop(key)) for key in keras.ARRAYS}
    mean, std = statistics(tensors["x_train"])
    return DataSet(path.stem, **tensors, classes=classes, mean=mean, std=std)


def _tensor(array: np.ndarray) -> torch.Tensor:
    """Labels (N,) or (N, 1) -> int64 (N,); images (N, H, W) or (N, H, W, C) -> uint8 (N, C, H, W)."""
    if array.ndim < 3:
        return torch.from_numpy(array.reshape(-1).astype(np.int64))
    images = array[..., None] if array.ndim == 3 else array
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
