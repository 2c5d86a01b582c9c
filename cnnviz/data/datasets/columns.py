"""How the columns of a table of pixels are to be taken, told from its first lines: which cells stand between which
marks, whether a line names the columns, which of them is the label, which hold pixels."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from cnnviz.data.texts import one_line

MAX_COLUMNS = 20_000
SAMPLED = 200  # rows by which columns are told
PIXELS = ("pi", "p", "pix", "pixel", "pixels")  # what columns of pixels are called, but for their number
LABELS = ("label", "labels", "class", "y", "target", "emotion", "category", "digit", "letter", "species")
PLACES = ("usage", "split", "part", "set", "subset")  # columns that say of which part a row is
_NAMED = ("image", "img", "picture", "sample")  # things that columns name or count
IDS = frozenset(  # columns that say which row it is, by the letters of their names
    ("", "id", "index", "idx", "name", "file", "filename", "path", "unnamed", "row", "rowid", "no", "nr", "uuid")
    + tuple(f"{what}{end}" for what in _NAMED for end in ("", "id", "index", "name", "no"))
)
MARKS = ",;\t|"  # between cells; blanks where there are none of these
ALIKE = 3  # as many times as many values as its neighbours has what is none of them
SELDOM = 20  # one cell of so many may be a mistake
COUNTED = 8  # rows that have to be counted one by one, before a column is taken for their numbers
OTHERS = 3  # columns beside those of pixels, at the most
CUT = "..."  # what numpy writes for the middle of a long row
MISSING = ("", "nan")  # labels that are none
_NO_NUMBERS = str.maketrans("[](),;", "      ")  # what numpy and Python write around numbers, and between them


@dataclass(frozen=True)
class Layout:
    """How the columns of a CSV are to be taken: which is the label (-1: none), which hold pixels, which says of which
    part a row is (-1: none). `skipped` lines stand before the first row of an image, `joined` is whether one column
    holds all pixels of a row, with blanks between them."""

    delimiter: str
    skipped: int
    columns: tuple[str, ...]
    label: int
    pixels: tuple[int, ...]
    place: int = -1
    joined: bool = False


def layout_of(own: str, lines: Sequence[str], later: Callable[[], Sequence[str]] = tuple) -> Layout:
    """Told from the first lines of the table `own`; `later` gives others further down, for where labels are sorted.
    Raises ValueError where they are none of images."""
    before, delimiter = _before(lines)
    found = [line for line in lines[before:] if line.strip()]
    if not found:
        raise ValueError(f"{own} has no first line with numbers; it needs a row for each image")
    delimiter = delimiter or _delimiter(found[:20])
    places = range(len(found)) if len(found) <= SAMPLED else np.linspace(0, len(found) - 1, SAMPLED).astype(int)
    rows = [_row(found[at], delimiter) for at in places]
    width = Counter(map(len, rows)).most_common(1)[0][0]
    if width > MAX_COLUMNS:
        raise ValueError(f"{own} has {width:,} columns; at most {MAX_COLUMNS:,} are read")
    if len(rows[0]) != width:
        raise ValueError(
            f"{own}: line {before + 1} has {len(rows[0]):,} cells, and those below {width:,}; it needs a name for each "
            "column, or is to be left out"
        )
    numbers = [int(at) for at, row in zip(places, rows, strict=True) if len(row) == width]
    rows = [row for row in rows if len(row) == width]
    header = _has_header(rows)
    sample, numbers = (rows[1:], numbers[1:]) if header else (rows, [at + 1 for at in numbers])
    if not sample or not any(is_number(cell) or _is_joined(cell) for row in sample for cell in row):
        raise ValueError(f"{own} has no numbers below its first line; it needs a row for each image")
    names = tuple(rows[0]) if header else tuple(f"column {at + 1}" for at in range(width))
    table = _Table(own, delimiter, before + header, names, sample, numbers, header, later)
    return _joined_layout(table) or _separate_layout(table)


def cells(line: str, delimiter: str) -> list[str]:
    """The cells of a line, as RFC 4180 has them, of any length: Python's own reader takes no cell of more than 131,072
    letters."""
    if '"' not in line:
        return line.split(delimiter)
    found, at = [], 0
    while True:
        text = ""
        if line.startswith('"', at):
            parts, at = [], at + 1
            while (end := line.find('"', at)) >= 0:
                parts.append(line[at:end])
                at = end + 1
                if not line.startswith('"', at):
                    break
                parts.append('"')
                at += 1
            else:
                parts.append(line[at:])
                at = len(line)
            text = "".join(parts)
        end = line.find(delimiter, at)
        found.append(text + (line[at:] if end < 0 else line[at:end]))
        if end < 0:
            return found
        at = end + len(delimiter)


def is_number(cell: str) -> bool:
    """Whether a cell is a number as a table has it: 1_000 is none."""
    try:
        return cell.isascii() and "_" not in cell and math.isfinite(float(cell))
    except ValueError:
        return False


def numbers_in(cell: str, most: int = -1) -> list[str]:
    """The first numbers of a cell that holds all pixels of an image, in which blanks or commas stand between."""
    return cell.translate(_NO_NUMBERS).split(None, most)


def _is_joined(cell: str) -> bool:
    """Whether a cell holds several numbers."""
    first = [part for part in numbers_in(cell, 16)[:16] if part != CUT]
    return len(first) > 3 and all(map(is_number, first))


def _row(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in cells(line, delimiter)]


# --- lines


def _before(lines: Sequence[str]) -> tuple[int, str]:
    """How many lines stand before the table, blank ones and remarks (# made by me), and the mark that one of them gives
    (sep=;), or ''."""
    delimiter = ""
    for at, line in enumerate(lines):
        text = line.strip().strip('"')
        if text.lower().startswith("sep=") and len(text) <= 5:
            delimiter = text[4:] or "\t"
        elif text and not text.startswith("#"):
            return at, delimiter
    return len(lines), delimiter


def _delimiter(lines: Sequence[str]) -> str:
    """What stands between cells: the mark that each line has most of; blanks where there is none."""
    fewest = {mark: min(line.count(mark) for line in lines) for mark in MARKS + " "}
    best = max(MARKS, key=lambda mark: fewest[mark])
    return best if fewest[best] or not fewest[" "] else " "


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first line names the columns: where numbers stand further down it has words, or numbers that count
    the columns."""
    first, below = rows[0], rows[1:]
    numeric = [at for at in range(len(first)) if _holds_numbers([row[at] for row in below])]
    if not numeric:
        return len(rows) == 1 and not any(is_number(cell) or _is_joined(cell) for cell in first)
    words = [at for at in numeric if first[at] and not is_number(first[at]) and not _is_joined(first[at])]
    counted = [first[at] for at in numeric if at not in words and first[at]] if len(words) < OTHERS else []
    if len(counted) > OTHERS and _count(counted, range(len(counted))):
        return True
    return 2 * len(words) >= len(numeric) or any(first[at].lower() in LABELS for at in words)


def _holds_numbers(column: Sequence[str]) -> bool:
    """Whether most of the cells that are not empty hold numbers; those that do not are named later."""
    own = [cell for cell in column if cell]
    return bool(own) and 2 * sum(is_number(cell) or _is_joined(cell) for cell in own) > len(own)


def _count(column: Sequence[str], places: Sequence[int]) -> bool:
    """Whether these are whole numbers that count their places, from 0 or 1 on."""
    first = column[0]
    return first in ("0", "1") and all(
        cell == str(at - places[0] + int(first)) for at, cell in zip(places, column, strict=True)
    )


# --- columns


@dataclass(frozen=True)
class _Table:
    """Some of the first rows of a table with their numbers, from 1 on, and what its columns are called: 'column 1'
    where no line names them. `later` gives lines further down."""

    own: str
    delimiter: str
    skipped: int
    names: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int]
    header: bool
    later: Callable[[], Sequence[str]]

    def with_later(self) -> "_Table":
        """The same with rows from further down."""
        rows = [_row(line, self.delimiter) for line in self.later()]
        own = [row for row in rows if len(row) == len(self.names)]
        return replace(self, rows=[*self.rows, *own], numbers=[*self.numbers, *[0] * len(own)])

    def column(self, at: int) -> list[str]:
        return [row[at] for row in self.rows]

    def named(self, names: Sequence[str]) -> int:
        """The first column that is called so; -1 where none is."""
        lower = [name.lower() for name in self.names] if self.header else []
        return next((at for at, name in enumerate(lower) if name in names), -1)

    def is_id(self, at: int) -> bool:
        """Whether a column says which row it is: by its name, or because it counts them."""
        letters = "".join(letter for letter in self.names[at].lower() if letter.isalpha())
        own = self.column(at)
        called = self.header and letters in IDS and not self.names[at].isdigit()
        return called or (len(own) >= COUNTED and _count(own, self.numbers))

    def laid_out(self, label: int, pixels: Sequence[int], place: int, joined: bool = False) -> Layout:
        return Layout(self.delimiter, self.skipped, self.names, label, tuple(pixels), place, joined)


def _joined_layout(table: _Table) -> Layout | None:
    """Where one column holds all pixels; None where none does."""
    place = table.named(PLACES)
    joined = [at for at in range(len(table.names)) if _are_joined(table.column(at))]
    if not joined:
        return None
    pixels = next((at for at in joined if table.names[at].lower() == "pixels"), joined[0])
    label = table.named(LABELS)
    if label < 0:
        label = _only_label(table, [at for at in range(len(table.names)) if at not in (*joined, place)])
    return table.laid_out(label, [pixels], place, joined=True)


def _are_joined(column: Sequence[str]) -> bool:
    """Whether most of the cells that are not empty hold all pixels of an image."""
    own = [cell for cell in column if cell]
    return 2 * sum(map(_is_joined, own)) > len(own)


def _separate_layout(table: _Table) -> Layout:
    """Where each pixel has a column. Raises ValueError where they make no picture."""
    width, place, label = len(table.names), table.named(PLACES), table.named(LABELS)
    numeric = [at for at in range(width) if at != place and _holds_numbers(table.column(at))]
    alike = _alike_names(table, numeric) if table.header else []
    if label < 0 and _is_picture(len(alike)):
        label = _only_label(table, [at for at in range(width) if at not in (*alike, place) and any(table.column(at))])
        pixels = alike
    elif label < 0:
        label, pixels = _guessed(table, numeric, place)
    else:
        pixels = [at for at in numeric if at != label]
        if not _is_picture(len(pixels)):
            pixels = alike if _is_picture(len(alike)) else [at for at in pixels if not table.is_id(at)]
    if not _is_picture(len(pixels)):
        raise ValueError(
            f"{table.own} has {width:,} columns, {len(pixels):,} of them with pixels, which make no square picture; it "
            "needs one of labels and one for each pixel, 784 for 28 × 28, for example"
        )
    _judge_cells(table, pixels)
    return table.laid_out(label, pixels, place)


def _is_picture(pixels: int) -> bool:
    """Whether so many pixels make a square, grey or in three channels."""
    if pixels <= 3:
        return False
    side, coloured = math.isqrt(pixels), math.isqrt(pixels // 3)
    return side * side == pixels or 3 * coloured * coloured == pixels


def _alike_names(table: _Table, numeric: Sequence[int]) -> list[int]:
    """The columns that are called alike but for a number, pixel0, pixel1 ..., which all but a few are."""
    stems = {at: _stem(table.names[at]) for at in numeric}
    if not stems:
        return []
    stem, count = Counter(stems.values()).most_common(1)[0]
    return [at for at in numeric if stems[at] == stem] if OTHERS < count >= len(stems) - OTHERS else []


def _stem(name: str) -> str:
    """The name of a column without the number at its end: pixel for pixel12, nothing for 3x4."""
    return name.lower().rstrip("0123456789 ._-x×()")


def _only_label(table: _Table, candidates: Sequence[int]) -> int:
    """The one of these columns that can be the label; -1 where none can. Raises ValueError where several can."""
    fitting = [at for at in candidates if not table.is_id(at) and not _is_unique(table.column(at))]
    if len(fitting) > 1:
        raise _asked(table, fitting)
    return fitting[0] if fitting else -1


def _is_unique(column: Sequence[str]) -> bool:
    """Whether no two rows have the same, as names of files do."""
    return len(column) >= COUNTED and len(set(column)) == len(column)


def _guessed(table: _Table, numeric: Sequence[int], place: int) -> tuple[int, list[int]]:
    """The column of labels (-1: none), and those of pixels, where names say nothing: a column of words is the label;
    otherwise one of both ends."""
    words = [at for at in range(len(table.names)) if at not in (*numeric, place) and any(table.column(at))]
    pixels = list(numeric)
    if not _fits(pixels, words) and numeric and table.is_id(numeric[0]):
        pixels = pixels[1:]
    if _is_picture(len(pixels)):
        return _only_label(table, words), pixels
    if not _is_picture(len(pixels) - 1):
        return -1, pixels
    ends = [at for at in (pixels[0], pixels[-1]) if not table.header or _stem(table.names[at]) not in PIXELS]
    fitting = [at for at in ends if all(map(_is_class, table.column(at)))]
    if wordy := [at for at in ends if _has_words(table.column(at))]:
        fitting = wordy
    label = fitting[0] if len(fitting) == 1 else -1
    if len(fitting) == 2:
        sorted_perhaps = any(len(set(table.column(at))) == 1 for at in ends)
        label = _told_apart(table.with_later() if sorted_perhaps else table, pixels)
    return label, [at for at in pixels if at != label]


def _fits(pixels: Sequence[int], words: Sequence[int]) -> bool:
    return _is_picture(len(pixels)) if words else _is_picture(len(pixels) - 1) or _is_picture(len(pixels))


def _told_apart(table: _Table, pixels: Sequence[int]) -> int:
    """Which end is the label where both could be: the one that has far fewer or far more values than the columns
    beside it, as pixels have about as many. Raises ValueError where neither or both do."""
    values = {at: len(set(table.column(at))) for at in (*pixels[:4], *pixels[-4:])}
    beside = {pixels[0]: pixels[1:4], pixels[-1]: pixels[-4:-1]}
    several = [at for at in beside if values[at] > 1]
    if not several and max(values.values()) == 1:
        return pixels[0]  # a dark edge all around, and no more than one class
    usual = {at: median(values[other] for other in own) for at, own in beside.items()}
    other = [at for at in several or beside if not usual[at] < ALIKE * values[at] < ALIKE * ALIKE * usual[at]]
    if len(several) == 1 and (several == other or min(usual.values()) == 1):
        return several[0]
    if len(other) != 1:
        raise _asked(table, list(beside))
    return other[0]


def _is_class(cell: str) -> bool:
    return cell.casefold() in MISSING or (is_number(cell) and float(cell).is_integer() and -1 <= float(cell) < 1000)


def _has_words(column: Sequence[str]) -> bool:
    """Whether words stand between the numbers of a column, more of them than by mistake."""
    words = sum(not is_number(cell) and cell.casefold() not in MISSING for cell in column)
    return words > 1 and SELDOM * words > len(column)


def _asked(table: _Table, columns: Sequence[int]) -> ValueError:
    """What is raised where a reader has to say which column is the label."""
    names = " and ".join(repr(table.names[at][:40]) for at in columns[:3])
    how = "call that one label" if table.header else "give the columns names in a first line: label, pixel0, pixel1 …"
    return ValueError(f"{table.own}: each of the columns {names} could be the label; {how}")


def _judge_cells(table: _Table, pixels: Sequence[int]) -> None:
    """Raises ValueError where a pixel is no number."""
    for number, row in zip(table.numbers, table.rows, strict=True):
        for at in pixels:
            if not is_number(row[at]):
                raise no_pixel(table.own, number, table.names[at], row[at])


def no_pixel(own: str, row: int, column: str, cell: str) -> ValueError:
    """What is raised where the cell of a pixel is none."""
    what = f"has {one_line(cell, 40)!r}" if cell else "is empty"
    where = f"the cell of row {row:,} in column {one_line(column, 40)!r}"
    return ValueError(f"{own}: {where} {what}; every pixel has a number, so correct it or leave the row out")
