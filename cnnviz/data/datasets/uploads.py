"""A data set that a reader brings: checked, then kept as `.npz` in the data folder under a name of our own."""

import logging
import tempfile
from hashlib import sha256
from pathlib import Path

from cnnviz.data.datasets import brought, folders, keras

log = logging.getLogger(__name__)

READERS = {".npz": keras.read, ".zip": folders.read}
MAX_BYTES = 50 * 2**20
MAX_UNPACKED = 300 * 2**20


def keep(file: str, content: bytes, folder: Path, session: str) -> str:
    """The name under which the data set of the file called `file`, which `session` brings, can be loaded from now on.

    Raises ValueError with a sentence where it is none, is too large, or cannot be kept. The log has its size and its
    kind: names of files, and of classes, are the reader's.
    """
    kind = next((suffix for suffix in READERS if file.lower().endswith(suffix)), "another kind")
    try:
        name = _kept(file, content, folder, session)
    except ValueError:
        log.info("a data set of %d bytes (%s) was refused", len(content), kind)
        raise
    log.info("a data set of %d bytes (%s) is kept as %s", len(content), kind, name)
    return name


def _kept(file: str, content: bytes, folder: Path, session: str) -> str:
    shown = file[:60]
    reader = next((read for suffix, read in READERS.items() if file.lower().endswith(suffix)), None)
    if reader is None:
        raise ValueError(f"{shown} is neither an .npz nor a .zip")
    if len(content) > MAX_BYTES:
        raise ValueError(f"{shown} has {len(content):,} bytes; a data set brought here has at most {MAX_BYTES:,}")
    name = f"own_{sha256(content).hexdigest()[:16]}"  # whoever has it may see the pictures: it cannot be guessed
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".upload-", dir=folder) as place:
            path = Path(place) / "upload"
            path.write_bytes(content)
            arrays = reader(path, shown, MAX_UNPACKED)
        keras.check(shown, arrays)
        keras.class_names(shown, arrays)
        keras.write(folder / f"{name}.npz", arrays)
        brought.keep_for(name, session, folder)
    except OSError as error:
        log.warning("the folder for data sets, %s, takes no more: %s", folder, error.strerror)
        raise ValueError(f"{shown} cannot be kept in {folder} ({error.strerror})") from error
    return name
