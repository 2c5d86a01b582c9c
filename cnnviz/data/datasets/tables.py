"""Tables of pixels as CSV, the form in which MNIST is passed around.

A row is an image: its label, and its pixels in a column each, or all in one (`pixels`, as in FER-2013).
"""

import csv
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np

from cnnviz.data.datasets.archives import Progress
from cnnviz.data.datasets.assembling import Part, assemble
from cnnviz.data.datasets.keras import MAX_IMAGES, Arrays
from cnnviz.data.datasets.labels import flat
from cnnviz.data.datasets.numbers import Numbers, as_images
from cnnviz.data.datasets.roles import role
from cnnviz.data.datasets.understood import Account, Choice, Understood
from cnnviz.data.texts import one_line

if TYPE_CHECKING:
    import pyarrow

BLOCK = 2**20  # bytes of text that are read at a time; a line of 3 x 64 x 64 pixels has 50 kB
MAX_COLUMNS = 20_000
LABELS = ("label", "labels", "class", "y", "target", "emotion", "category", "digit", "letter", "species")
SAMPLED = 200  # rows by which a column of labels is told
MAX_STATED = 500  # letters of a reason
PLACES = ("usage", "split", "part", "set", "subset")  # columns that say of which part a row is
NO_PIXELS = ("id", "index", "idx", "name", "file", "filename", "path", "unnamed: 0", "")


@dataclass(frozen=True)
class Table:
    """A table by the name of its file: `opened` gives its bytes anew each time."""

    name: str
    opened: Callable[[], IO[bytes]]


# --- CSV


@dataclass(frozen=True)
class _Layout:
    """How the columns of a CSV are to be taken: which is the label (-1: none), which hold pixels, which says of which
    part a row is (-1: none). `header` is whether the first line names them, `joined` whether one column holds all
    pixels of a row, with blanks between them."""

    delimiter: str
    header: bool
    columns: tuple[str, ...]
    label: int
    pixels: tuple[int, ...]
    place: int = -1
    joined: bool = False


@dataclass
class _Rows:
    """The rows of one part so far."""

    pixels: list[np.ndarray] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(map(len, self.pixels))


def of_csv(
    file: str, tables: Sequence[Table], account: Account, choice: Choice, max_bytes: int, progress: Progress
) -> tuple[Arrays, Understood]:
    """The data set that one or several CSV files make, which their names tell apart. Raises ValueError with one
    sentence where they make none."""
    account.kind = "a table of pixels"
    parts: dict[str, _Rows] = defaultdict(_Rows)
    layouts = _layouts(file, tables, account)
    for number, (table, layout) in enumerate(layouts):
        _read_csv(file, table, layout, parts, account, max_bytes, _part_of(progress, number, len(layouts)))
    found = {part: rows for part, rows in parts.items() if rows.pixels}
    widths = {block.shape[1] for rows in found.values() for block in rows.pixels}
    if len(widths) != 1:
        sizes = " and ".join(f"{width:,}" for width in sorted(widths)) or "no"
        raise ValueError(f"{file}: rows of {sizes} pixels; all images of a data set have as many")
    numbers = {part: _numbers(f"the {part} table" if part else "the table", rows) for part, rows in found.items()}
    images = as_images(file, list(numbers.values()), account, max_bytes, lambda done: progress(0.8 + 0.2 * done))
    whole = {
        part: Part(pixels, _labels(file, part, rows, account))
        for (part, rows), pixels in zip(found.items(), images, strict=True)
    }
    return assemble(file, whole, (), account, choice, images[0].shape[1:3])


def _layouts(file: str, tables: Sequence[Table], account: Account) -> list[tuple[Table, _Layout]]:
    """The tables with how each is to be taken; those that have no images are left out, if there are others. Raises
    ValueError where none has."""
    found, refusals = [], []
    for table in tables:
        try:
            found.append((table, _layout(file, table)))
        except ValueError as error:
            refusals.append((table, error))
    if not found:
        raise refusals[0][1]
    for table, refusal in refusals:
        account.leave_out(table.name, str(refusal).partition(f"{table.name} ")[2] or str(refusal))
    return found


def _part_of(progress: Progress, number: int, count: int) -> Progress:
    """`progress`, as one of several tables hears it, which are the most of the work."""
    return lambda done: progress(0.8 * (number + done) / count)


def _numbers(name: str, rows: _Rows) -> Numbers:
    kinds = [block.dtype for block in rows.pixels]
    return Numbers(name, np.result_type(*kinds), (len(rows), rows.pixels[0].shape[1]), lambda: iter(rows.pixels))


def _labels(file: str, part: str, rows: _Rows, account: Account) -> np.ndarray | None:
    """Labels as numbers where all are; None where there are none."""
    if not rows.labels:
        return None
    if len(rows.labels) != len(rows):
        raise ValueError(
            f"{file}: {len(rows):,} rows{f' of {part}' if part else ''} have {len(rows.labels):,} labels: one of the "
            "tables has no column of labels; leave it out"
        )
    words = np.array([label.strip() for label in rows.labels])
    try:
        return flat(file, f"the {part} rows" if part else "the rows", words.astype(np.float64), len(words), _Silent())
    except ValueError:
        return words


class _Silent(Account):
    """An account of what is no news: a CSV has nothing but text."""

    def note(self, sentence: str) -> None:
        """Says nothing."""


def _read_csv(
    file: str,
    table: Table,
    layout: _Layout,
    parts: dict[str, _Rows],
    account: Account,
    max_bytes: int,
    progress: Progress,
) -> None:
    """Adds the rows of one table to `parts`."""
    import pyarrow
    from pyarrow import csv as reader

    part_of_file = role(table.name)[1]
    own = f"{file}: {table.name}" if table.name != file else file
    types = {name: pyarrow.string() for name in layout.columns}
    if not layout.joined:
        types |= {layout.columns[at]: pyarrow.float32() for at in layout.pixels}
    kept = sum(block.nbytes for rows in parts.values() for block in rows.pixels)
    try:
        with table.opened() as stream:
            batches = reader.open_csv(
                cast(Any, stream),
                reader.ReadOptions(
                    use_threads=False, block_size=BLOCK, column_names=list(layout.columns), skip_rows=int(layout.header)
                ),
                reader.ParseOptions(delimiter=layout.delimiter),
                reader.ConvertOptions(column_types=types, strings_can_be_null=False),
            )
            for count, batch in enumerate(batches):
                kept += _take(own, batch, layout, parts, part_of_file)
                if kept > max_bytes:
                    raise ValueError(f"{file} makes more than {max_bytes:,} bytes of images, the most that are read")
                progress(1 - 0.99 ** (count + 1))
    except (pyarrow.ArrowException, OSError, EOFError) as error:
        raise ValueError(f"{own} cannot be read as a table ({said(error)}); save it again as CSV") from error
    if layout.label < 0 and parts[part_of_file].pixels:
        account.note(f"{table.name} has no column of labels.")


def said(error: BaseException) -> str:
    """What a library says, in one line."""
    return one_line(error, 160) or type(error).__name__


def _take(own: str, batch: "pyarrow.RecordBatch", layout: _Layout, parts: dict[str, _Rows], part_of_file: str) -> int:
    """Adds a batch of rows; returns the bytes that it takes."""
    pixels = _joined(own, batch, layout) if layout.joined else _separate(own, batch, layout)
    places = [_part(word) for word in batch.column(layout.place).to_pylist()] if layout.place >= 0 else []
    labels = batch.column(layout.label).to_pylist() if layout.label >= 0 else []
    kept = 0
    for part in dict.fromkeys(places or [part_of_file]):
        chosen = [at for at, place in enumerate(places) if place == part] if places else range(len(pixels))
        block = _narrow(pixels[chosen] if places else pixels)
        parts[part].pixels.append(block)
        parts[part].labels += [str(labels[at]) for at in chosen] if labels else []
        kept += block.nbytes
        if len(parts[part].labels) > MAX_IMAGES:
            raise ValueError(f"{own} has more than {MAX_IMAGES:,} rows, the most that are read")
    return kept


def _part(word: str) -> str:
    """Which part a row says that it is of: FER-2013 has Training, PublicTest and PrivateTest."""
    lower = word.lower()
    return "val" if lower == "publictest" else "test" if lower == "privatetest" else role(word)[1]


def _separate(own: str, batch: "pyarrow.RecordBatch", layout: _Layout) -> np.ndarray:
    """The pixels that stand in a column each, float32 (n, pixels). Raises ValueError where a cell is empty."""
    pixels = np.empty((batch.num_rows, len(layout.pixels)), np.float32)
    for place, at in enumerate(layout.pixels):
        column = batch.column(at)
        if column.null_count:
            raise ValueError(f"{own}: a cell in column {layout.columns[at][:40]!r} is empty; every pixel has a number")
        pixels[:, place] = column.to_numpy(zero_copy_only=False)
    return pixels


def _joined(own: str, batch: "pyarrow.RecordBatch", layout: _Layout) -> np.ndarray:
    """The pixels that stand in one column, with blanks between them, float32 (n, pixels)."""
    rows = []
    for text in batch.column(layout.pixels[0]).to_pylist():
        try:
            rows.append(np.array(text.split(), np.float32))
        except ValueError:
            raise ValueError(f"{own}: the pixels {one_line(text, 40)!r} are no numbers with blanks between") from None
        if len(rows[-1]) != len(rows[0]):
            raise ValueError(f"{own}: rows of {len(rows[0]):,} and of {len(rows[-1]):,} pixels; all have as many")
    return np.stack(rows) if rows else np.zeros((0, 1), np.float32)


def _narrow(pixels: np.ndarray) -> np.ndarray:
    """The same in a byte each where they are whole numbers that fit."""
    small = (
        pixels.astype(np.uint8, casting="unsafe")
        if pixels.min(initial=0) >= 0 and pixels.max(initial=0) <= 255
        else None
    )
    return small if small is not None and (small == pixels).all() else pixels


# --- how its columns are to be taken


def _layout(file: str, table: Table) -> _Layout:
    """Told from the first lines. Raises ValueError where they are none of images."""
    own = f"{file}: {table.name}" if table.name != file else file
    first = _first_lines(own, table)
    delimiter = max(",;\t ", key=first[0].count)
    rows = [[cell.strip() for cell in row] for row in csv.reader(first, delimiter=delimiter)]
    width = len(rows[0])
    rows = [row for row in rows if len(row) == width]
    if width > MAX_COLUMNS:
        raise ValueError(f"{own} has {width:,} columns; at most {MAX_COLUMNS:,} are read")
    header = len(rows) > 1 and not all(map(_is_number, rows[0]))
    sample = rows[1:] if header else rows
    names = _unique(rows[0]) if header else tuple(f"column {at + 1}" for at in range(width))
    lower = [name.lower() for name in names] if header else [""] * width
    place = next((at for at, name in enumerate(lower) if name in PLACES), -1)
    if header and "pixels" in lower and not _is_number(sample[0][lower.index("pixels")]):
        label = next((at for at, name in enumerate(lower) if name in LABELS), -1)
        return _Layout(delimiter, True, names, label, (lower.index("pixels"),), place, joined=True)
    label = next((at for at, name in enumerate(lower) if name in LABELS), -1)
    numeric = [at for at in range(width) if at != place and _is_numeric([row[at] for row in sample])]
    if label < 0:
        label = _guessed_label(width, numeric, sample, place)
    pixels = tuple(at for at in numeric if at != label and not (header and lower[at] in NO_PIXELS))
    if not _is_picture(len(pixels)):
        raise ValueError(
            f"{own} has {width:,} columns, {len(pixels):,} of them with pixels, which make no square picture; it needs "
            "one of labels and one for each pixel, 784 for 28 × 28, for example"
        )
    return _Layout(delimiter, header, names, label, pixels, place)


def _first_lines(own: str, table: Table) -> list[str]:
    """The first lines of a table, whole. Raises ValueError where it is no text, or has none."""
    try:
        with table.opened() as stream:
            start = stream.read(BLOCK)
    except (OSError, EOFError) as error:
        raise ValueError(f"{own} cannot be read ({said(error)}); pack it again") from error
    try:
        text = start.decode("utf-8-sig", "strict" if len(start) < BLOCK else "ignore")
    except UnicodeDecodeError as error:
        raise ValueError(f"{own} is no text in UTF-8 (byte {error.start:,}); save it again as CSV") from None
    lines = text.splitlines()
    if len(start) == BLOCK:
        lines = lines[:-1]
    if not lines or not lines[0].strip():
        raise ValueError(f"{own} has no first line of at most {BLOCK:,} bytes; it needs a row for each image")
    return lines[: SAMPLED + 1]


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _is_numeric(cells: Sequence[str]) -> bool:
    """Whether a column has numbers; an empty cell among them is said to be one later."""
    return any(cells) and all(_is_number(cell) for cell in cells if cell)


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Names of columns, each once: some files have an empty one, or two of a name."""
    seen: set[str] = set()
    found = []
    for at, name in enumerate(names):
        found.append(name if name not in seen else f"{name} ({at + 1})")
        seen.add(name)
    return tuple(found)


def _is_picture(pixels: int) -> bool:
    side, coloured = math.isqrt(pixels), math.isqrt(pixels // 3)
    return pixels > 3 and (side * side == pixels or 3 * coloured * coloured == pixels)


def _guessed_label(width: int, numeric: Sequence[int], sample: Sequence[Sequence[str]], place: int) -> int:
    """The column of labels where none is called so: one of words; otherwise the first or the last, whichever makes the
    rest a picture and has a few small whole numbers that are not all the same; -1 where all columns are pixels."""
    words = [at for at in range(width) if at not in numeric and at != place]
    if words and _is_picture(len(numeric)):
        return words[0]
    if not _is_picture(len(numeric) - 1):
        return -1
    ends = [numeric[0], numeric[-1]]
    distinct = {at: {row[at] for row in sample} for at in ends}
    fitting = [at for at in ends if all(_is_class(cell) for cell in distinct[at])]
    return next((at for at in fitting if len(distinct[at]) > 1), fitting[0] if fitting else -1)


def _is_class(cell: str) -> bool:
    return float(cell).is_integer() and -1 <= float(cell) < 1000
