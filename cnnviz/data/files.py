"""Files that are there whole or not at all, and files that are files."""

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path` to write to, and rename it afterwards: a reader never meets half a file.

    Where the writing raises, `path` stays what it was and nothing is left. A process that is killed leaves a `.tmp`.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def check_regular(path: Path) -> None:
    """Raises OSError where `path` is no file to read: who opens a FIFO waits for somebody to write, and a device never
    ends."""
    if not path.is_file():
        found = errno.EINVAL if path.exists() else errno.ENOENT
        raise OSError(found, "it is no regular file" if found == errno.EINVAL else os.strerror(found), str(path))


def read_regular(path: Path, max_bytes: int) -> bytes:
    """The first `max_bytes` of a file. Raises OSError where it is none, or cannot be read."""
    check_regular(path)
    with open(path, "rb") as file:
        return file.read(max_bytes)
