"""Data in any usual form, as people bring it: what it is taken for, by the names of its files.

    .npz                           arrays under any usual names (arrays.py)
    .zip                           pictures in class folders (folders.py), or any of the following
    .csv, .csv.gz                  a table of pixels (tables.py)
    train-images-idx3-ubyte.gz ... idx files, images and labels
    .parquet                       pictures in a column

This is all that looks into a foreign file. Nothing is unpickled or executed, nothing unpacked to disk, and nothing
before its header was judged. It needs no torch and no Streamlit, so that a process with limits of its own can do it.
"""

import gzip
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO

from cnnviz.data.datasets import arrays, folders, keras, parquets, tables
from cnnviz.data.datasets.archives import Archive, Kind, Progress, no_progress
from cnnviz.data.datasets.folders import File
from cnnviz.data.datasets.keras import LARGEST, Arrays
from cnnviz.data.datasets.understood import Account, Choice, Understood
from cnnviz.data.files import check_regular
from cnnviz.data.pictures import SUFFIXES
from cnnviz.data.texts import one_line

ZIP = Kind(".zip", "pack it again", max_members=150_000)  # with folders, and what macOS adds
SINGLE = (".npz", ".zip", ".csv", ".csv.gz", ".parquet")
IDX = re.compile(r"(idx[1-4][-.]ubyte|ubyte)(\.gz)?$|\.idx[1-4]?(\.gz)?$", re.IGNORECASE)
TOP_BIT = 0x800  # of a zip's flags: the name is UTF-8
CSV = (".csv", ".csv.gz", ".tsv")
# what people have that is not read, and what helps
REMEDIES = {
    (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".7z", ".rar", ".tar.xz"): "unpack it, and pack its folder as a .zip",
    (".pkl", ".pickle", ".pt", ".pth", ".joblib"): (
        "it is a pickle, which can execute anything where it is opened; save its arrays with numpy.savez"
    ),
    (".npy",): "it is one array; save images and labels in one file, numpy.savez('mine.npz', x_train=…, y_train=…)",
    (
        ".mat",
        ".h5",
        ".hdf5",
        ".tfrecord",
        ".arrow",
        ".feather",
    ): "open it in Python and save its arrays with numpy.savez",
    (".xlsx", ".xls", ".ods", ".numbers", ".txt", ".json"): "save the table as CSV, a label and the pixels in each row",
    tuple(f".{suffix}" for suffix in (*SUFFIXES, *folders.FOREIGN)): (
        "it is one picture; put the pictures of each class into a folder, and pack the folders as a .zip"
    ),
}
READ = "an .npz, a .zip of class folders, a CSV of pixels (.csv.gz), idx files (.gz) or a .parquet with pictures"


def kind_of(name: str) -> str:
    """'npz', 'zip', 'csv', 'idx' or 'parquet', by the name of a file; '' for what is not read."""
    lower = name.lower()
    if IDX.search(lower):
        return "idx"
    return next((suffix[1:4] if suffix != ".parquet" else "parquet" for suffix in SINGLE if lower.endswith(suffix)), "")


def remedy(name: str) -> str:
    """A sentence's part for a file that is not read: what helps."""
    lower = name.lower()
    return next((words for suffixes, words in REMEDIES.items() if lower.endswith(suffixes)), f"what is read is {READ}")


def read(
    path: Path,
    file: str = "",
    choice: Choice | None = None,
    max_bytes: int = 0,
    progress: Progress = no_progress,
) -> tuple[Arrays, Understood]:
    """The arrays of our own form that a file amounts to, and what there is to say of it; it is called `file` in
    sentences, and its name says what it is. `progress` hears the share that is done, from 0 to 1.

    Raises ValueError with one sentence where it is damaged, none of what is read, or makes more than `max_bytes` (0:
    LARGEST).
    """
    file, choice, max_bytes, account = file or path.name, choice or Choice(), max_bytes or LARGEST, Account()
    with _sentences(file):
        check_regular(path)
        match kind_of(file):
            case "npz":
                with Archive(path, file, keras.KIND) as archive:
                    found = arrays.of_npz(archive, account, max_bytes)
                    keras.judge_ratio(file, sum(one.file_size for one in archive.members), path.stat().st_size)
                    return arrays.of_found(file, found, account, choice, max_bytes, progress)
            case "zip":
                with Archive(path, file, ZIP) as archive:
                    return _of_zip(archive, account, choice, max_bytes, progress)
            case "csv" | "idx" | "parquet":
                one = _OneFile(file, path.stat().st_size, partial(_opened, path, file))
                return _of_files(file, [one], account, choice, max_bytes, progress)
    raise ValueError(f"{file} is not read: {remedy(file)}")


class _OneFile:
    """A file beside others: its name, its bytes as they are packed, and how its bytes are had, unpacked."""

    def __init__(self, name: str, size: int, opened: Callable[[], IO[bytes]]) -> None:
        self.name, self.size, self.opened = name, size, opened


def _opened(path: Path, name: str) -> IO[bytes]:
    return arrays.unpacked(path.open("rb"), name)


@contextmanager
def _sentences(file: str) -> Iterator[None]:
    """For what a damaged .gz raises on the way."""
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zipfile.BadZipFile, zlib.error, OSError) as error:
        said = getattr(error, "strerror", None) or error
        raise ValueError(f"{file} cannot be read ({one_line(said, 160)}); save or download it again") from error


# --- a zip


def _of_zip(
    archive: Archive, account: Account, choice: Choice, max_bytes: int, progress: Progress
) -> tuple[Arrays, Understood]:
    """Pictures in folders where there are any; otherwise the tables, idx files or arrays in it."""
    file = archive.file
    members = [(_name(member), member) for member in archive.members if not member.is_dir()]
    for name, _ in members:
        if name.startswith(("/", "\\")) or ".." in re.split(r"[\\/]", name):
            raise ValueError(f"{file} holds {name[:80]!r}, a path that leaves the zip; pack it again")
    found = [File(name, member.file_size, partial(archive.read, member)) for name, member in members]
    usable = [
        (one, member) for one, (_, member) in zip(found, members, strict=True) if not folders.is_hidden(one.place)
    ]
    shown = [member for one, member in usable if one.suffix in SUFFIXES]
    if shown:
        archive.judge(shown, max_bytes)
        inside = [_name(member) for member in archive.members if member.is_dir()]
        return folders.read(file, found, account, choice, max_bytes, progress, inside)
    taken = [(one, member) for one, member in usable if _family(one.path) not in ("", "zip")]
    if not taken and (inner := next((one for one, _ in usable if one.suffix == "zip"), None)):
        raise ValueError(f"{file} holds {inner.path[:80]!r}, a zip in a zip; unpack that one, and bring what is in it")
    if not taken:
        return folders.read(file, found, account, choice, max_bytes, progress)  # which says what it has in their place
    archive.judge([member for _, member in taken], arrays.MAX_NUMBERS * max_bytes)
    for one, _ in usable:
        if _family(one.path) in ("", "zip"):
            account.leave_out(one.path, "it is none of the files with images")
    files = [_OneFile(one.path, one.size, partial(_opened_member, archive, member, one.path)) for one, member in taken]
    return _of_files(file, files, account, choice, max_bytes, progress)


def _name(member: zipfile.ZipInfo) -> str:
    """The name of a member as whoever packed it wrote it: macOS writes UTF-8 without the flag that says so, and its
    letters apart from their accents."""
    name = member.filename
    if not member.flag_bits & TOP_BIT:
        with suppress(UnicodeError):  # it is what it says
            name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name)


def _opened_member(archive: Archive, member: zipfile.ZipInfo, name: str) -> IO[bytes]:
    return arrays.unpacked(archive.opened(member), name)


def _of_files(
    file: str, files: Sequence[_OneFile], account: Account, choice: Choice, max_bytes: int, progress: Progress
) -> tuple[Arrays, Understood]:
    """The data set that tables, idx files or arrays make, those of the kind that most of them are of."""
    kinds = [_family(one.name) for one in files]
    kind = max(("parquet", "csv", "idx", "arrays"), key=kinds.count)
    own = [one for one, its in zip(files, kinds, strict=True) if its == kind]
    for one, its in zip(files, kinds, strict=True):
        if its != kind:
            account.leave_out(one.name, "the other files are of another kind")
    if kind in ("parquet", "arrays") and sum(one.size for one in own) > max_bytes:
        raise ValueError(f"{file} has more than {max_bytes:,} bytes, the most that are read")
    match kind:
        case "parquet":
            contents = [(one.name, _all_of(one)) for one in own]
            return parquets.of_parquet(file, contents, account, choice, max_bytes, progress)
        case "csv":
            csvs = [tables.Table(one.name, one.opened) for one in own]
            return tables.of_csv(file, csvs, account, choice, max_bytes, progress)
        case "idx":
            if len(own) < 2:
                raise ValueError(
                    f"{own[0].name} is one of the files of a data set; bring images and labels together, all at once "
                    "or in a .zip, such as train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz"
                )
            found = [arrays.of_idx(file, one.name, one.opened, account) for one in own]
            return arrays.of_found(file, found, account, choice, max_bytes, progress)
    account.kind = "arrays in several files"
    found = [array for one in own for array in arrays.of_array_file(file, one.name, _all_of(one), max_bytes)]
    return arrays.of_found(file, found, account, choice, max_bytes, progress)


def _family(name: str) -> str:
    if name.lower().endswith(CSV):
        return "csv"
    return "arrays" if name.lower().endswith((".npy", ".npz")) else kind_of(name)


def _all_of(one: _OneFile) -> bytes:
    with one.opened() as stream:
        return stream.read()
