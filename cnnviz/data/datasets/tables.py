"""Tables of pixels as CSV, the form in which MNIST is passed around.

A row is an image: its label, and its pixels in a column each, or all in one (`pixels`, as in FER-2013).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np

from cnnviz.data.datasets.archives import Progress
from cnnviz.data.datasets.assembling import Part, assemble
from cnnviz.data.datasets.columns import CUT, Layout, layout_of, no_pixel, numbers_in
from cnnviz.data.datasets.keras import MAX_IMAGES, Arrays
from cnnviz.data.datasets.numbers import Numbers, as_images
from cnnviz.data.datasets.roles import role
from cnnviz.data.datasets.understood import Account, Choice, Understood
from cnnviz.data.texts import one_line

if TYPE_CHECKING:
    import pyarrow

BLOCK = 2**20  # bytes of text that are read at a time; a line of 3 x 64 x 64 pixels has 50 kB
LATER, MAX_LATER = 4, 400  # lines of each block, and of all, by which labels are told that are sorted
NO_TEXTS = {  # what a table begins with that is none
    b"\x1f\x8b": "it is packed as .gz; let its name end with .csv.gz, and pack it once",
    b"PK": "it is a spreadsheet or a zip; save it as CSV",
    b"\xff\xfe": "it is in UTF-16; save it as CSV in UTF-8",
    b"\xfe\xff": "it is in UTF-16; save it as CSV in UTF-8",
}
# what pyarrow says of a cell
_NO_CELL = re.compile(
    r"In CSV column #([0-9]{1,9}): (?:Row #([0-9]{1,12}): )?CSV conversion error to float: invalid value '(.*)'"
)


@dataclass(frozen=True)
class Table:
    """A table by the name of its file: `opened` gives its bytes anew each time."""

    name: str
    opened: Callable[[], IO[bytes]]


# --- CSV


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
    if all(own.label < 0 for _, own in layouts):
        raise ValueError(
            f"{file} has no column of labels; it needs one beside those of the pixels, called label, with the class of "
            "each image"
        )
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
        part: Part(pixels, _labels(file, part, rows))
        for (part, rows), pixels in zip(found.items(), images, strict=True)
    }
    return assemble(file, whole, (), account, choice, images[0].shape[1:3])


def _layouts(file: str, tables: Sequence[Table], account: Account) -> list[tuple[Table, Layout]]:
    """The tables with how each is to be taken; those that have no images are left out, if there are others. Raises
    ValueError where none has."""
    found, refusals = [], []
    for table in tables:
        try:
            own = _own(file, table)
            found.append((table, layout_of(own, _first_lines(own, table), partial(_later_lines, own, table))))
        except ValueError as error:
            refusals.append((table, error))
    if not found:
        raise refusals[0][1]
    for table, refusal in refusals:
        account.leave_out(table.name, str(refusal).partition(f"{table.name} ")[2] or str(refusal))
    return found


def _own(file: str, table: Table) -> str:
    """What a table is called in sentences."""
    return f"{file}: {table.name}" if table.name != file else file


def _part_of(progress: Progress, number: int, count: int) -> Progress:
    """`progress`, as one of several tables hears it, which are the most of the work."""
    return lambda done: progress(0.8 * (number + done) / count)


def _numbers(name: str, rows: _Rows) -> Numbers:
    kinds = [block.dtype for block in rows.pixels]
    shape = (len(rows), rows.pixels[0].shape[1])
    return Numbers(name, np.result_type(*kinds), shape, lambda: iter(rows.pixels), typed=False)


def _labels(file: str, part: str, rows: _Rows) -> np.ndarray | None:
    """Labels as they are written; None where there are none."""
    if not rows.labels:
        return None
    if len(rows.labels) != len(rows):
        raise ValueError(
            f"{file}: {len(rows):,} rows{f' of {part}' if part else ''} have {len(rows.labels):,} labels: one of the "
            "tables has no column of labels; leave it out"
        )
    return np.array([label.strip() for label in rows.labels])


def _read_csv(
    file: str,
    table: Table,
    layout: Layout,
    parts: dict[str, _Rows],
    account: Account,
    max_bytes: int,
    progress: Progress,
) -> None:
    """Adds the rows of one table to `parts`."""
    import pyarrow
    from pyarrow import csv as reader

    part_of_file = role(table.name)[1]
    own, names = _own(file, table), [f"column {at}" for at in range(len(layout.columns))]
    types = dict.fromkeys(names, pyarrow.string())
    if not layout.joined:
        types |= {names[at]: pyarrow.float32() for at in layout.pixels}
    kept = sum(block.nbytes for rows in parts.values() for block in rows.pixels)
    try:
        with table.opened() as stream:
            batches = reader.open_csv(
                cast(Any, stream),
                reader.ReadOptions(use_threads=False, block_size=BLOCK, column_names=names, skip_rows=layout.skipped),
                reader.ParseOptions(delimiter=layout.delimiter),
                reader.ConvertOptions(column_types=types, strings_can_be_null=False),
            )
            before = 0
            for count, batch in enumerate(batches):
                kept += _take(own, before, batch, layout, parts, part_of_file)
                before += batch.num_rows
                if kept > max_bytes:
                    raise ValueError(f"{file} makes more than {max_bytes:,} bytes of images, the most that are read")
                progress(1 - 0.99 ** (count + 1))
    except (pyarrow.ArrowException, OSError, EOFError) as error:
        if cell := _NO_CELL.match(str(error)):
            row = max(1, int(cell[2] or 0) - layout.skipped)
            raise no_pixel(own, row, layout.columns[int(cell[1])], cell[3]) from error
        raise ValueError(f"{own} cannot be read as a table ({said(error)}); save it again as CSV") from error
    if layout.label < 0 and parts[part_of_file].pixels:
        account.note(f"{table.name} has no column of labels.")


def said(error: BaseException) -> str:
    """What a library says, in one line."""
    return one_line(error, 160) or type(error).__name__


def _take(
    own: str,
    before: int,
    batch: "pyarrow.RecordBatch",
    layout: Layout,
    parts: dict[str, _Rows],
    part_of_file: str,
) -> int:
    """Adds a batch of rows, which comes after `before` others; returns the bytes that it takes."""
    pixels = _joined(own, before, batch, layout) if layout.joined else _separate(own, before, batch, layout)
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


def _separate(own: str, before: int, batch: "pyarrow.RecordBatch", layout: Layout) -> np.ndarray:
    """The pixels that stand in a column each, float32 (n, pixels). Raises ValueError where a cell is empty."""
    pixels = np.empty((batch.num_rows, len(layout.pixels)), np.float32)
    for place, at in enumerate(layout.pixels):
        column = batch.column(at)
        if column.null_count:
            row = before + 1 + int(np.flatnonzero(column.is_null())[0])
            raise no_pixel(own, row, layout.columns[at], "")
        pixels[:, place] = column.to_numpy(zero_copy_only=False)
    return pixels


def _joined(own: str, before: int, batch: "pyarrow.RecordBatch", layout: Layout) -> np.ndarray:
    """The pixels that stand in one column, with blanks or commas between them, float32 (n, pixels)."""
    rows = []
    for number, text in enumerate(batch.column(layout.pixels[0]).to_pylist(), before + 1):
        try:
            rows.append(np.array(numbers_in(text), np.float32))
        except ValueError:
            cut = ": numpy leaves out the middle of long rows" if CUT in text else ""
            raise ValueError(
                f"{own}: the pixels {one_line(text, 40)!r} of row {number:,} are no numbers with blanks between{cut}; "
                "write all of them"
            ) from None
        if len(rows[-1]) != len(rows[0]):
            raise ValueError(
                f"{own}: rows of {len(rows[0]):,} and of {len(rows[-1]):,} pixels (row {number:,}); all have as many"
            )
    return np.stack(rows) if rows else np.zeros((0, 1), np.float32)


def _narrow(pixels: np.ndarray) -> np.ndarray:
    """The same in a byte each where they are whole numbers that fit."""
    small = (
        pixels.astype(np.uint8, casting="unsafe")
        if pixels.min(initial=0) >= 0 and pixels.max(initial=0) <= 255
        else None
    )
    return small if small is not None and (small == pixels).all() else pixels


def _first_lines(own: str, table: Table) -> list[str]:
    """The first lines of a table, whole. Raises ValueError where it is no text, or has none."""
    try:
        with table.opened() as stream:
            start = stream.read(BLOCK)
    except (OSError, EOFError) as error:
        raise ValueError(f"{own} cannot be read ({said(error)}); pack it again") from error
    if inside := next((what for begin, what in NO_TEXTS.items() if start.startswith(begin)), ""):
        raise ValueError(f"{own} is no text: {inside}")
    try:
        text = start.decode("utf-8-sig", "strict" if len(start) < BLOCK else "ignore")
    except UnicodeDecodeError as error:
        raise ValueError(f"{own} is no text in UTF-8 (byte {error.start:,}); save it again as CSV") from None
    lines = _lines(text)
    if len(start) == BLOCK:
        lines = lines[:-1]
    if not any(line.strip() for line in lines):
        raise ValueError(f"{own} has no first line of at most {BLOCK:,} bytes; it needs a row for each image")
    return lines


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _later_lines(own: str, table: Table) -> list[str]:
    """Some lines from all over a table, whole. Raises ValueError where it cannot be read."""
    found: list[str] = []
    try:
        with table.opened() as stream:
            while part := stream.read(BLOCK):
                found += _lines(part.decode("utf-8", "replace"))[1:-1][-LATER:]
                if len(found) > MAX_LATER:
                    found = found[::2]
    except (OSError, EOFError) as error:
        raise ValueError(f"{own} cannot be read ({said(error)}); pack it again") from error
    return found
