"""Data sets: a name gives uint8 tensors, classes, mean and standard deviation. MNIST ships in the package.

A data set is an `.npz` in the Keras convention: `x_train`, `y_train`, `x_test`, `y_test` (images uint8, (N, H, W) or
(N, H, W, C); labels integers) and, if wanted, `classes`. Any such file in the data folder (environment variable
CNNVIZ_DATA, otherwise the user's cache folder) is a data set under its name; whatever else `foreign.py` reads, too:
it is converted once. FashionMNIST, CIFAR-10 and CIFAR-100 are downloaded when they are first used and are kept there.

MNIST: LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist, CC BY-SA 3.0.
"""

from __future__ import annotations

import glob
import io
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cnnviz import PACKAGE
from cnnviz.data.byte_cache import ByteCache
from cnnviz.data.datasets import brought, downloads, foreign, keras, previews, uploads
from cnnviz.data.datasets.archives import Progress, no_progress
from cnnviz.data.datasets.keras import Arrays
from cnnviz.data.datasets.understood import Choice, LeftOut, Understood
from cnnviz.data.datasets.uploads import Upload, convert

if TYPE_CHECKING:
    import torch

__all__ = [
    "Choice",
    "DataSet",
    "Form",
    "LeftOut",
    "Progress",
    "Understood",
    "Upload",
    "arrays",
    "as_npz",
    "at_hand",
    "changed",
    "convert",
    "data_folder",
    "finish",
    "form",
    "is_ones_own",
    "is_preview",
    "keep",
    "lay_down",
    "load",
    "names",
    "needs_converting",
    "no_progress",
    "offered",
    "remove",
    "unreadable",
]

EMBEDDED = PACKAGE / "data"
MAX_CACHED = 400 * 2**20  # bytes of data sets in memory, but for the newest: MNIST has 55 MB, the largest upload 315
CONVERTED = ".converted"  # the folder beside foreign files in which they lie in our own form


@dataclass(frozen=True)
class DataSet:
    """Images as uint8 (N, C, H, W), labels as int64 (N,), mean and standard deviation of each channel.

    Mean and standard deviation are those of the training images, on the scale from 0 to 1. `whole` is how many training
    and test images the set has of which this is a preview; None where it is all of it.
    """

    name: str
    x_train: torch.Tensor
    y_train: torch.Tensor
    x_test: torch.Tensor
    y_test: torch.Tensor
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    whole: tuple[int, int] | None = None

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
    """The data sets at hand, whole: the embedded ones, then the user's own and the downloaded ones."""
    return list(_files())


def offered(own: Callable[[Iterable[str]], Collection[str]] = lambda sessions: ()) -> list[str]:
    """The data sets for a menu: those at hand, but of what readers brought only that of the sessions that `own` picks
    out of many, then those that would be downloaded."""
    return list(dict.fromkeys([*brought.listed(names(), data_folder(), own), *downloads.SETS]))


def is_preview(name: str) -> bool:
    """Whether only a preview of that data set is at hand."""
    return name not in _files() and name in previews.names()


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
    return Form(*keras.form(_own_form(path, changed)))


def load(name: str) -> DataSet:
    """The data set of that name, downloaded if need be; those that were used last are kept in memory.

    Raises ValueError with one sentence where it is missing, unreadable or not in a form that is read.
    """
    path = _files().get(name)
    if path is None and name in downloads.SETS:
        path = downloads.download(name, data_folder())
    if path is None:
        raise _missing(name)
    changed = _changed(name, path)
    return _cache.get((path, changed), partial(_tensors, name, partial(_arrays, path, changed)))


def at_hand(name: str) -> DataSet:
    """The data set of that name as it is here, its preview where it is not: nothing is downloaded. Raises ValueError as
    `load` does."""
    if is_preview(name):
        return _cache.get(("preview", name), partial(_tensors, name, partial(previews.arrays, name)))
    if name not in _files():
        raise _missing(name)
    return load(name)


def arrays(name: str) -> Arrays:
    """The same without torch: uint8 images (N, H, W) or (N, H, W, 3), labels (N,), classes. Raises ValueError as `load`
    does."""
    if is_preview(name):
        return previews.arrays(name)
    path = _files().get(name)
    if path is None:
        raise _missing(name)
    return _arrays(path, _changed(name, path))


def keep(file: str, content: bytes, session: str = "", progress: Progress = no_progress) -> str:
    """Keeps a data set that a session brings ('': nobody's) in the data folder and returns its name; `progress` hears
    the share that is done, from 0 to 1. Raises ValueError with a sentence where it is none, is too large, or cannot be
    kept."""
    return uploads.keep(file, content, data_folder(), session, progress)


def lay_down(files: Sequence[tuple[str, bytes]]) -> Upload:
    """Writes down files that somebody brings for one data set, for `convert` to judge; raises ValueError as `keep`
    does."""
    return uploads.lay_down(files, data_folder())


def finish(
    upload: Upload, session: str, choice: Choice | None = None, in_use: brought.InUse = brought.nobody_uses
) -> str:
    """The name of the data set that `convert` has made of it by that choice, which is the session's from now on; raises
    ValueError as `keep` does. `in_use(name, sessions)` says which others may not go for it."""
    return uploads.finish(upload, data_folder(), session, choice, in_use)


def remove(name: str, session: str, in_use: brought.InUse = brought.nobody_uses) -> None:
    """Takes a data set that a session brought from it. Raises ValueError where it is not the session's or in use."""
    brought.remove(name, session, data_folder(), in_use)


def changed(name: str) -> int:
    """When a data set that is here was written, in nanoseconds: tells two of one name apart; 0 for a preview. Raises
    ValueError where it is not here."""
    if is_preview(name):
        return 0
    path = _files().get(name)
    if path is None:
        raise _missing(name)
    return _changed(name, path)


def needs_converting(name: str) -> bool:
    """Whether a data set lies in the data folder in a form that has to be read first, which takes a while."""
    path = _files().get(name)
    return path is not None and path.suffix.lower() != ".npz" and not _converted(path, _changed(name, path)).is_file()


def is_ones_own(name: str) -> bool:
    """Whether a data set lies in the data folder and is none of the standard ones, which torchvision fetches."""
    path = _files().get(name)
    return path is not None and path.parent != EMBEDDED and name not in downloads.SETS


def as_npz(name: str) -> bytes:
    """A data set as an .npz in the Keras convention. Raises ValueError as `load` does."""
    out = io.BytesIO()
    np.savez(out, **arrays(name))  # type: ignore[arg-type]
    return out.getvalue()


def unreadable() -> list[tuple[str, str]]:
    """Files in the data folder that are no data set, each with what helps: a name that is taken, a kind that is not
    read."""
    found = []
    taken = set(_files().values())
    for path in _visible():
        if path in taken:
            continue
        if not foreign.kind_of(path.name):
            found.append((path.name, foreign.remedy(path.name)))
        elif foreign.kind_of(path.name) == "idx":
            found.append((path.name, "put the idx files of a data set into one .zip"))
        else:
            found.append((path.name, f"the name {_slug(path)} is another data set's; rename the file"))
    return found


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


# --- files


def _files() -> dict[str, Path]:
    """The data sets at hand by name; an embedded one goes before a user's own, and an .npz before what has to be
    converted. What in a file's name can be no part of a data set's becomes a dash below."""
    found = {path.stem: path for path in sorted(EMBEDDED.glob("*.npz"))}
    own = [path for path in _visible() if foreign.kind_of(path.name) not in ("", "idx")]
    for path in sorted(own, key=lambda path: (_rank(path), path.name)):
        name = _slug(path)
        if name and (_is_plain(path) or name not in downloads.SETS):  # fashion.mnist.npz is not the standard set
            found.setdefault(name, path)
    return found


def _visible() -> list[Path]:
    """The files in the data folder, but for hidden ones and our own marks."""
    with suppress(OSError):
        entries = [entry for entry in os.scandir(data_folder()) if not entry.name.startswith(".")]
        return [Path(entry.path) for entry in entries if ".by-" not in entry.name and _is_file(entry)]
    return []


def _is_file(entry: os.DirEntry[str]) -> bool:
    with suppress(OSError):
        return entry.is_file()
    return False


def _rank(path: Path) -> int:
    """An .npz under a plain name goes first."""
    return (0 if path.name.endswith(".npz") else 1) + (0 if _is_plain(path) else 2)


def _stem(path: Path) -> str:
    """The name of a file without what says of which kind it is."""
    lower = path.name.lower()
    return next((path.name[: -len(end)] for end in foreign.SINGLE if lower.endswith(end)), path.stem)


def _is_plain(path: Path) -> bool:
    return re.fullmatch(r"[\w-]+", _stem(path)) is not None


def _slug(path: Path) -> str:
    """The name of the data set in a file: that of the file, with a dash below for what cannot stand in a name."""
    return re.sub(r"[^\w-]+", "_", _stem(path)).strip("_")


# --- in memory


_cache: ByteCache[DataSet] = ByteCache(MAX_CACHED, lambda data: data.nbytes)
_arrays_cache: ByteCache[Arrays] = ByteCache(MAX_CACHED, lambda arrays: sum(one.nbytes for one in arrays.values()))


def _arrays(path: Path, changed: int) -> Arrays:
    """The arrays in that file as it was at `changed`, in memory."""
    return _arrays_cache.get((path, changed), partial(_read, path, changed))


def _read(path: Path, changed: int) -> Arrays:
    arrays = keras.read(_own_form(path, changed), path.name)
    return {**arrays, "classes": np.array(keras.class_names(path.name, arrays))}


def _own_form(path: Path, changed: int) -> Path:
    """An .npz of our own form with what that file holds: the file itself where it is one, otherwise what it was
    converted to. Raises ValueError where it is no data set."""
    if path.suffix.lower() == ".npz":
        with suppress(ValueError):
            keras.form(path)
            return path
    for target in (_converted(path, changed), _temporary() / _converted(path, changed).name):
        if target.is_file():
            return target
    arrays, _ = foreign.read(path)
    for folder in (path.parent / CONVERTED, _temporary()):
        with suppress(OSError):  # a folder that takes nothing
            folder.mkdir(exist_ok=True)
            target = folder / _converted(path, changed).name
            keras.write(target, arrays)
            for earlier in set(folder.glob(f"{glob.escape(path.name)}.*.npz")) - {target}:
                earlier.unlink(missing_ok=True)
            return target
    raise ValueError(f"{path.name} cannot be converted: neither {path.parent} nor the temporary folder takes it")


def _converted(path: Path, changed: int) -> Path:
    """Where it lies in our own form, as it was then."""
    return path.parent / CONVERTED / f"{path.name}.{changed}.npz"


@cache
def _temporary() -> Path:
    """A folder of this process, which goes when the process ends."""
    kept = tempfile.TemporaryDirectory(prefix="cnnviz-data-")
    _temporary_folders.append(kept)
    return Path(kept.name)


_temporary_folders: list[tempfile.TemporaryDirectory[str]] = []


def _tensors(name: str, read: Callable[[], Arrays]) -> DataSet:
    from cnnviz.data.datasets.preprocessing import statistics

    arrays = read()
    classes = keras.class_names(name, arrays)
    tensors = {key: _tensor(arrays[key]) for key in keras.ARRAYS}
    whole = previews.of(name) if is_preview(name) else None
    mean, std = (whole.mean, whole.std) if whole else statistics(tensors["x_train"])
    return DataSet(name, **tensors, classes=classes, mean=mean, std=std, whole=whole.counts if whole else None)


def _tensor(array: np.ndarray) -> torch.Tensor:
    """Labels (N,) or (N, 1) -> int64 (N,); images (N, H, W) or (N, H, W, C) -> uint8 (N, C, H, W)."""
    import torch  # light pages look at data sets without it

    if array.ndim < 3:
        return torch.from_numpy(array.reshape(-1).astype(np.int64))
    images = array[..., None] if array.ndim == 3 else array
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
