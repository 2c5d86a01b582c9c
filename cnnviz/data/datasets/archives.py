"""A zip that somebody brings: judged by its directory before anything is unpacked, and never unpacked further than that
says."""

import io
import os
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from cnnviz.data.files import check_regular
from cnnviz.data.texts import one_line

PART = 2**20  # bytes that are unpacked at a time
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # others may ask for gigabytes before the first byte comes
ENCRYPTED = 0x1  # the flag that says so
LONGEST_REASON = 160  # letters of what a library says of a damaged file
LONGEST_NAME = 80  # letters of a member's name in a sentence
ENTRY = b"PK\x01\x02"  # with which each member's entry in the directory begins

Progress = Callable[[float], None]


def no_progress(_done: float) -> None:
    """Who asks for no progress gets none."""


@dataclass(frozen=True)
class Kind:
    """What a zip is for: its suffix, what helps where it is damaged, and how many members it may have."""

    suffix: str
    remedy: str
    max_members: int


def shown(member: zipfile.ZipInfo) -> str:
    """A member's name in a sentence."""
    return repr(member.filename[:LONGEST_NAME])


class _Counted(io.FileIO):
    """A file whose directory is counted before it is taken apart: each entry costs a hundred times its bytes."""

    def __init__(self, path: Path, max_members: int) -> None:
        super().__init__(path)
        self.max_members: int | None = max_members  # None: nothing is counted any more
        self._size = os.fstat(self.fileno()).st_size

    def read(self, size: int | None = -1, /) -> bytes:
        within = self._size if size is None or size < 0 else min(size, self._size)  # a directory may claim any size
        content = super().read(within) or b""
        if self.max_members is not None and content.count(ENTRY) > self.max_members:
            raise zipfile.BadZipFile(f"it has more than {self.max_members:,} members")
        return content


class Archive:
    """A zip of that kind, open; `file` is its name in sentences. Raises ValueError with one where it is no zip, or has
    too many members. Which of them may be read, `judge` says."""

    def __init__(self, path: Path, file: str, kind: Kind) -> None:
        self.file, self.kind = file, kind
        with self.readable():
            check_regular(path)
            self._raw = _Counted(path, kind.max_members)
        try:
            with self.readable():
                self._zip = zipfile.ZipFile(self._raw)
                self._raw.max_members = None
            self.members = self._zip.infolist()
            if not all(member.filename for member in self.members):
                raise ValueError(f"{self.file} holds a member without a name; {self.kind.remedy}")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._raw.close()

    def judge(self, members: Sequence[zipfile.ZipInfo], max_bytes: int) -> None:
        """Raises ValueError where one of these members is encrypted, compressed in a way of its own, or there twice, or
        where together they would unpack to more than `max_bytes`."""
        size = sum(member.file_size for member in members)
        if size > max_bytes:
            raise ValueError(f"{self.file} unpacks to {size:,} bytes; at most {max_bytes:,} are read")
        for member in members:
            if member.flag_bits & ENCRYPTED:
                raise ValueError(f"{self.file}: {shown(member)} is encrypted; {self.kind.remedy} without a password")
            if member.compress_type not in METHODS:
                raise ValueError(
                    f"{self.file}: {shown(member)} is compressed by method {member.compress_type}, and only "
                    f"deflate is read; {self.kind.remedy}"
                )
        for name, count in Counter(member.filename for member in members).most_common(1):
            if count > 1:
                raise ValueError(f"{self.file} holds {name[:LONGEST_NAME]!r} {count:,} times; {self.kind.remedy}")

    @contextmanager
    def readable(self) -> Iterator[None]:
        """For whatever reads: zipfile, zlib and codecs raise nearly anything on a damaged file, and each of it becomes
        the sentence."""
        try:
            yield
        except Exception as error:
            said = getattr(error, "strerror", None) or error  # without the path, which is a matter of the server
            reason = one_line(said, LONGEST_REASON) or type(error).__name__
            raise ValueError(
                f"{self.file} is not a readable {self.kind.suffix} file ({reason}); {self.kind.remedy}"
            ) from error

    def head(self, member: zipfile.ZipInfo, size: int) -> bytes:
        """The first `size` bytes of a member."""
        with self.readable(), self._zip.open(member) as stream:
            return stream.read(size)

    def opened(self, member: zipfile.ZipInfo) -> IO[bytes]:
        """The bytes of a member as a stream; what reads it stands within `readable`."""
        return self._zip.open(member)

    def read(self, member: zipfile.ZipInfo) -> bytes:
        """All bytes of a member; a caller bounds them by its `file_size`."""
        with self.readable():
            return self._zip.read(member)

    def read_into(self, member: zipfile.ZipInfo, skip: int, place: memoryview, progress: Progress) -> None:
        """Unpacks a member after its first `skip` bytes into `place`, all of it; `progress` hears the bytes so far."""
        with self.readable(), self._zip.open(member) as stream:
            stream.read(skip)
            done = 0
            while done < len(place):
                part = stream.read(min(PART, len(place) - done))
                if not part:
                    raise EOFError(f"{shown(member)} was cut short after {done:,} bytes")
                place[done : done + len(part)] = part
                done += len(part)
                progress(done)
            stream.read(1)  # its end, where its checksum is compared
