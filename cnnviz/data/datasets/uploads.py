"""A data set that a reader brings: checked, then kept as `.npz` in the data folder under a name of our own."""

import logging
import shutil
import tempfile
import time
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from weakref import finalize

from cnnviz.data.datasets import brought, foreign, keras
from cnnviz.data.datasets.archives import Progress, no_progress
from cnnviz.data.datasets.understood import Choice, Understood
from cnnviz.data.texts import one_line

log = logging.getLogger(__name__)

MAX_FILES = 20  # brought at once: four idx files, or a parquet in pieces
MAX_BYTES = 50 * 2**20
MAX_UNPACKED = 300 * 2**20
LONGEST_FILE = 60  # letters of a file's name in a sentence
FORGOTTEN = 3600.0  # seconds after which nobody reads on what was laid down, as by a server that was killed
MAX_LAID = 20  # files that wait to be read, of all sessions
READING = 0.9  # of the work of `convert`; the rest is writing


@dataclass(frozen=True)
class Upload:
    """A file that lies in a folder of its own until it was judged: `file` is what it was called, `digest` the hash of
    its bytes, `path` where it lies, and `target` where an `.npz` of our own is written."""

    file: str
    digest: str
    path: Path
    target: Path

    def name(self, choice: Choice) -> str:
        """What the data set will be called, taken in that way. Whoever has the name may see the pictures: it cannot be
        guessed."""
        chosen = "" if choice == Choice() else f" {choice.side} {choice.channels}"
        return f"own_{sha256((self.digest + chosen).encode()).hexdigest()[:32]}"

    def drop(self) -> None:
        """Removes what there is of it."""
        shutil.rmtree(self.path.parent, ignore_errors=True)


def keep(file: str, content: bytes, folder: Path, session: str, progress: Progress = no_progress) -> str:
    """The name under which the data set of the file called `file`, which `session` brings, can be loaded from now on.

    Raises ValueError with a sentence where it is none, is too large, or cannot be kept. It is `lay_down`, `convert` and
    `finish` in one.
    """
    upload = lay_down([(file, content)], folder)
    try:
        convert(upload.path, upload.file, upload.target, Choice(), progress)
        return finish(upload, folder, session)
    finally:
        upload.drop()


def lay_down(files: Sequence[tuple[str, bytes]], folder: Path) -> Upload:
    """Writes down the files that somebody brings for one data set, each its name and its bytes, to be judged by
    `convert`. Raises ValueError with a sentence where they are of another kind, too large, or cannot be written."""
    size = sum(len(content) for _, content in files)
    called = _called(files[0][0]) if len(files) == 1 else f"{len(files)} files"
    try:
        _judge(files, called, size)
    except ValueError:
        _log_refusal(size, files[0][0])
        raise
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if _swept(folder) >= MAX_LAID:
            raise ValueError(f"{MAX_LAID} files are being read, as many as this server takes; try again in a moment")
        place = Path(tempfile.mkdtemp(prefix=".upload-", dir=folder))
        file = files[0][0] if len(files) == 1 else f"{len(files)} files.zip"
        digest = sha256(b"".join(content for _, content in sorted(files))).hexdigest()
        upload = Upload(file, digest, place / "upload", place / "own.npz")
    except OSError as error:
        raise _not_kept(called, folder, error) from error
    finalize(upload, shutil.rmtree, place, ignore_errors=True)  # its reader's session may end before it is read
    try:
        _write(upload.path, files)
    except OSError as error:
        upload.drop()
        raise _not_kept(called, folder, error) from error
    return upload


def _judge(files: Sequence[tuple[str, bytes]], called: str, size: int) -> None:
    """Raises ValueError where the names are of another kind, or where it is too much."""
    if len(files) > MAX_FILES:
        raise ValueError(f"{called} are too many; bring at most {MAX_FILES} at once, or pack them as a .zip")
    for name, _ in files:
        if not foreign.kind_of(name):
            raise ValueError(f"{_called(name)} is not read: {foreign.remedy(name)}")
    if size > MAX_BYTES:
        plain = next((name for name, _ in files if name.lower().endswith(".csv")), "")
        remedy = f"; pack it: gzip {_called(plain)}" if plain else ""
        verb = "has" if len(files) == 1 else "have"
        raise ValueError(f"{called} {verb} {size:,} bytes; a data set brought here has at most {MAX_BYTES:,}{remedy}")


def _write(path: Path, files: Sequence[tuple[str, bytes]]) -> None:
    """One file as it is, several as a zip of them."""
    if len(files) == 1:
        path.write_bytes(files[0][1])
        return
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, content) in enumerate(files):
            called = Path(name.replace("\\", "/")).name or f"file {number}"
            archive.writestr(zipfile.ZipInfo(called), content)


def convert(
    path: Path,
    file: str,
    target: Path,
    choice: Choice | None = None,
    progress: Progress = no_progress,
) -> Understood:
    """Read data that somebody brought, as `foreign.read` does, and write it to `target` as an .npz of our own; what
    there is to say of it. Raises ValueError as that does, and where it cannot be written; `target` is then not
    there."""
    size = 0
    called = _called(file)
    try:
        size = path.stat().st_size
        arrays, understood = foreign.read(path, called, choice, MAX_UNPACKED, lambda done: progress(READING * done))
        keras.write(target, arrays)
    except OSError as error:
        raise _not_kept(called, target.parent, error) from error
    except ValueError:
        _log_refusal(size, file)
        raise
    progress(1.0)
    return understood


def finish(
    upload: Upload,
    folder: Path,
    session: str,
    choice: Choice | None = None,
    in_use: brought.InUse = brought.nobody_uses,
) -> str:
    """The name of the data set that was converted, by that choice: from now on it is there, and is the session's.
    Raises ValueError where it cannot be kept."""
    name = upload.name(choice or Choice())
    try:
        brought.keep_for(name, upload.target, session, folder, in_use)
    except OSError as error:
        raise _not_kept(_called(upload.file), folder, error) from error
    except ValueError as error:
        raise ValueError(f"{_called(upload.file)} is not kept: {error}") from None
    log.info("a data set is kept as %s", name)
    return name


def _log_refusal(size: int, file: str) -> None:
    """The log has the size of a file and its kind: names of files, and of classes, are the reader's."""
    log.info("a data set of %d bytes (%s) was refused", size, _suffix(file))


def _suffix(file: str) -> str:
    """Of which kind a file is, by its name, for the log."""
    kind = foreign.kind_of(file)
    return f".{kind}" if kind else "another kind"


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
    """What a file is called, in one line of a sentence; of a long name its end, which says what it is."""
    line = one_line(file, 10 * LONGEST_FILE)
    return line if len(line) <= LONGEST_FILE else f"…{line[-LONGEST_FILE:]}"
