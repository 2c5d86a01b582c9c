"""A data set that a reader brings: checked, then kept as `.npz` in the data folder under a name of our own."""

import logging
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from cnnviz.data.datasets import folders, keras
from cnnviz.data.datasets.archives import Progress, no_progress
from cnnviz.data.datasets.keras import Arrays
from cnnviz.data.texts import one_line

log = logging.getLogger(__name__)

READERS = {".npz": keras.read, ".zip": folders.read}
MAX_BYTES = 50 * 2**20
MAX_UNPACKED = 300 * 2**20
MAX_KEPT = 20  # the oldest go first
LONGEST_FILE = 60  # letters of a file's name in a sentence
READING = 0.9  # of the work of `convert`; the rest is writing


def keep(file: str, content: bytes, folder: Path, progress: Progress = no_progress) -> str:
    """The name under which the data set of the file called `file` can be loaded from now on.

    Raises ValueError with a sentence where it is none, is too large, or cannot be kept. The log has its size and its
    kind: names of files, and of classes, are the reader's.
    """
    kind = _suffix(file) or "another kind"
    try:
        name = _kept(file, content, folder, progress)
    except ValueError:
        log.info("a data set of %d bytes (%s) was refused", len(content), kind)
        raise
    log.info("a data set of %d bytes (%s) is kept as %s", len(content), kind, name)
    _clear(folder)
    return name


def read(path: Path, file: str, progress: Progress = no_progress) -> Arrays:
    """The arrays of a data set that somebody brings: `path` is where its bytes lie, `file` what it was called.

    This is all that looks into a foreign file: it needs neither Streamlit nor the folder of the data sets, so that a
    process with limits of its own can do it. `progress` hears the share that is done, from 0 to 1. Raises ValueError
    with one sentence where the file is no data set, or more than may be brought.
    """
    called, suffix = _called(file), _suffix(file)
    if suffix is None:
        raise ValueError(f"{called} is neither an .npz nor a .zip")
    return READERS[suffix](path, called, MAX_UNPACKED, progress)


def convert(path: Path, file: str, target: Path, progress: Progress = no_progress) -> None:
    """Read a data set as `read` does, and write it to `target` as an .npz of our own. Raises ValueError as `read` does,
    and OSError where it cannot be written; `target` is then not there."""
    keras.write(target, read(path, file, lambda done: progress(READING * done)))
    progress(1.0)


def _kept(file: str, content: bytes, folder: Path, progress: Progress) -> str:
    called = _called(file)
    if _suffix(file) and len(content) > MAX_BYTES:
        raise ValueError(f"{called} has {len(content):,} bytes; a data set brought here has at most {MAX_BYTES:,}")
    name = f"own_{sha256(content).hexdigest()[:8]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".upload-", dir=folder) as place:
            brought, own = Path(place) / "upload", Path(place) / "own.npz"
            brought.write_bytes(content)
            convert(brought, file, own, progress)
            own.replace(folder / f"{name}.npz")  # it is there whole, and whoever is ended on the way leaves nothing
    except OSError as error:
        log.warning("the folder for data sets, %s, takes no more: %s", folder, error.strerror)
        raise ValueError(f"{called} cannot be kept in {folder} ({error.strerror})") from error
    return name


def _called(file: str) -> str:
    """What a file is called, in one line of a sentence."""
    return one_line(file, LONGEST_FILE)


def _suffix(file: str) -> str | None:
    """Which of READERS reads a file of that name; None where none does."""
    return next((suffix for suffix in READERS if file.lower().endswith(suffix)), None)


def _clear(folder: Path) -> None:
    """Removes all but the newest that readers have brought."""
    ages = {}
    for path in folder.glob("own_????????.npz"):
        with suppress(OSError):  # somebody has just removed it, or it leads nowhere
            ages[path] = path.stat().st_mtime
    for path in sorted(ages, key=ages.__getitem__, reverse=True)[MAX_KEPT:]:
        with suppress(OSError):
            path.unlink()
