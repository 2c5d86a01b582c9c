"""The standard sets that torchvision knows where to find: fetched once, kept as `.npz` in the data folder."""

import socket
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from cnnviz.data.datasets.keras import ARRAYS, Arrays, write

SETS = {"fashion_mnist": "FashionMNIST", "cifar10": "CIFAR10", "cifar100": "CIFAR100"}  # our names, torchvision's
FORMS = {  # (C, H, W) of an image, and classes
    "fashion_mnist": ((1, 28, 28), 10),
    "cifar10": ((3, 32, 32), 10),
    "cifar100": ((3, 32, 32), 100),
}
BYTES = {"fashion_mnist": 30_878_645, "cifar10": 170_498_071, "cifar100": 169_001_437}  # that come over the line
PATIENCE = 20  # seconds of silence after which a server is given up


def download(name: str, folder: Path) -> Path:
    """Fetches the set of that name, puts it as <name>.npz into `folder` and returns its path.

    Raises ValueError where that fails, with what to put where by hand.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=folder) as raw, _patience():
            arrays = _fetched(name, raw)
        write(folder / f"{name}.npz", arrays)
    except (OSError, RuntimeError, ValueError, EOFError, ImportError, tarfile.TarError, zlib.error) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(
            f"the data set {name} is not on this machine and could not be downloaded ({reason}); put it as {name}.npz "
            f"with {', '.join(ARRAYS)} into {folder}"
        ) from error
    return folder / f"{name}.npz"


def download_progress(name: str, folder: Path, pause: float = 0.2) -> Iterator[float]:
    """The same, telling from 0 to 1 how much has come so far, until it is done."""
    max_received = 0
    with ThreadPoolExecutor(1) as background:
        done = background.submit(download, name, folder)
        while not done.done():
            max_received = max(max_received, _received(name, folder))  # in the end the archives go
            yield min(1.0, max_received / BYTES[name])
            wait([done], pause)
        done.result()


def _received(name: str, folder: Path) -> int:
    """The bytes of archives that lie in the folder of a download under way."""
    sizes = []
    with suppress(OSError):  # they have just been renamed, or cleared away
        for path in folder.glob(f".{name}-*/**/*.gz"):
            sizes.append(path.stat().st_size)
    return sum(sizes)


def _fetched(name: str, raw: str) -> Arrays:
    """The arrays of a set, channels last, which torchvision downloads into the folder `raw` and checks."""
    import torchvision  # takes a second, and nobody else needs it

    kind = getattr(torchvision.datasets, SETS[name])
    train, test = (kind(raw, train=part, download=True) for part in (True, False))
    return {
        "x_train": np.asarray(train.data),
        "y_train": np.asarray(train.targets, dtype=np.uint8),
        "x_test": np.asarray(test.data),
        "y_test": np.asarray(test.targets, dtype=np.uint8),
        "classes": np.array(train.classes),
    }


@contextmanager
def _patience() -> Iterator[None]:
    """torchvision sets no time limit on a connection, so the default of all of them is set for the while."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
