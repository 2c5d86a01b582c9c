"""A data set that a reader brings: checked, then kept as `.npz` in the data folder under a name of our own."""

import logging
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from weakref import finalize

from cnnviz.data.datasets import brought, folders, keras
from cnnviz.data.datasets.archives import Progress, no_progress
from cnnviz.data.datasets.keras import Arrays
from cnnviz.data.texts import one_line

log = logging.getLogger(__name__)

READERS = {".npz": keras.read, ".zip": folders.read}
MAX_BYTES = 50 * 2**20
MAX_UNPACKED = 300 * 2**20
LONGEST_FILE = 60  # letters of a file's name in a sentence
FORGOTTEN = 3600.0  # seconds after which nobody reads on what was laid down, as by a server that was killed
MAX_LAID = 20  # files that wait to be read, of all sessions
READING = 0.9  # of the work of `convert`; the rest is writing


@dataclass(frozen=True)
class Upload:
    """A file that lies in a folder of its own until it was judged: `file` is what it was called, `name` what the data
    set will be, `path` where it lies, and `target` where an `.npz` of our own is written."""

    file: str
    name: str
    path: Path
    target: Path

    def drop(self) -> None:
        """Removes what there is of it."""
        shutil.rmtree(self.path.parent, ignore_errors=True)


def keep(file: str, content: bytes, folder: Path, session: str, progress: Progress = no_progress) -> str:
    """The name under which the data set of the file called `file`, which `session` brings, can be loaded from now on.

    Raises ValueError with a sentence where it is none, is too large, or cannot be kept. It is `lay_down`, `convert` and
    `finish` in one.
    """
    upload = lay_down(file, content, folder)
    try:
        convert(upload.path, file, upload.target, progress)
        return finish(upload, folder, session)
    finally:
        upload.drop()


def lay_down(file: str, content: bytes, folder: Path) -> Upload:
    """Writes down a file that somebody brings, to be judged by `convert`. Raises ValueError with a sentence where it is
    of another kind, too large, or cannot be written."""
    called = _called(file)
    if _suffix(file) is None:
        _log_refusal(len(content), file)
        raise ValueError(f"{called} is neither an .npz nor a .zip")
    if len(content) > MAX_BYTES:
        _log_refusal(len(content), file)
        raise ValueError(f"{called} has {len(content):,} bytes; a data set brought here has at most {MAX_BYTES:,}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if _swept(folder) >= MAX_LAID:
            raise ValueError(f"{MAX_LAID} files are being read, as many as this server takes; try again in a moment")
        place = Path(tempfile.mkdtemp(prefix=".upload-", dir=folder))
        # whoever has the name may see the pictures: it cannot be guessed
        upload = Upload(file, f"own_{sha256(content).hexdigest()[:16]}", place / "upload", place / "own.npz")
    except OSError as error:
        raise _not_kept(called, folder, error) from error
    finalize(upload, shutil.rmtree, place, ignore_errors=True)  # its reader's session may end before it is read
    try:
        upload.path.write_bytes(content)
    except OSError as error:
        upload.drop()
        raise _not_kept(called, folder, error) from error
    return upload


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
    and where it cannot be written; `target` is then not there."""
    size = 0
    try:
        size = path.stat().st_size
        keras.write(target, read(path, file, lambda done: progress(READING * done)))
    except OSError as error:
        raise _not_kept(_called(file), target.parent, error) from error
    except ValueError:
        _log_refusal(size, file)
        raise
    progress(1.0)


def finish(upload: Upload, folder: Path, session: str) -> str:
    """The name of the data set that was converted: from now on it is there, and is the session's. Raises ValueError
    where it cannot be kept."""
    try:
        upload.target.replace(folder / f"{upload.name}.npz")
        brought.keep_for(upload.name, session, folder)
    except OSError as error:
        raise _not_kept(_called(upload.file), folder, error) from error
    log.info("a data set is kept as %s", upload.name)
    return upload.name


def _log_refusal(size: int, file: str) -> None:
    """The log has the size of a file and its kind: names of files, and of classes, are the reader's."""
    log.info("a data set of %d bytes (%s) was refused", size, _suffix(file) or "another kind")


def _swept(folder: Path) -> int:
    """How many files lie there to be read, once those are gone that were laid down long ago: their readers have
    left."""
    count = 0
    for place in folder.glob(".upload-*"):
        with suppress(OSError):
            if time.time() - place.stat().st_mtime > FORGOTTEN:
                shutil.rmtree(place, ignore_errors=True)
            else:
                count += 1
    return count


def _not_kept(called: str, folder: Path, error: OSError) -> ValueError:
    log.warning("the folder for data sets, %s, takes no more: %s", folder, error.strerror)
    return ValueError(f"{called} cannot be kept in {folder} ({error.strerror})")


def _called(file: str) -> str:
    """What a file is called, in one line of a sentence."""
    return one_line(file, LONGEST_FILE)


def _suffix(file: str) -> str | None:
    """Which of READERS reads a file of that name; None where none does."""
    return next((suffix for suffix in READERS if file.lower().endswith(suffix)), None)
