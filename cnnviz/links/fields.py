"""A page's settings as the query of a link, and back: compact, readable, and safe to take from anybody.

A page declares its settings as a frozen dataclass whose fields are made by `integer`, `choice`, `flag`, `grid` ...;
each knows how its value is written into a link and what may be read from one. What equals the default is left out, so
that a link is as short as what was changed. A value that cannot be read gives the default and a sentence.

Only letters, digits, '-', '.' and '_' are written, which no browser or mail program escapes; in a short text, whatever
stands in it.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from cnnviz.links import sources

Cells = tuple[tuple[float, ...], ...]  # a small grid of numbers, row by row
State = TypeVar("State")

MAX_NOTES = 5  # sentences about parts of a link that are wrong; others are counted
LARGEST = 1e6  # what a cell may hold: sums of 7 x 7 products stay exact and readable


class Axes(NamedTuple):
    """A setting along the rows and along the columns."""

    h: int
    w: int


@dataclass(frozen=True)
class _Codec:
    """How one setting is written into a link and read from one. `read` raises ValueError on anything else."""

    write: Callable[[Any], str]
    read: Callable[[str], Any]


def parameters(state_class: type[Any]) -> dict[str, str]:
    """The setting behind each name that a link may hold: stride behind stride_h and stride_w, mode behind mode."""
    return {name: field.name for field in dataclasses.fields(state_class) for name in _parameters(field)}


def _parameters(field: "dataclasses.Field[Any]", parted: bool = True) -> list[str]:
    """The names of one setting in a link; of `axes` the columns' only where they are `parted` from the rows."""
    if not isinstance(field.default, Axes):
        return [field.name]
    return [f"{field.name}_{axis}" for axis in ("hw" if parted else "h")]


def _values(value: Any) -> Sequence[Any]:
    """What stands in a link under each of these names."""
    return value if isinstance(value, Axes) else [value]


def encode(state: Any) -> dict[str, str]:
    """The query of a link to `state`: what differs from the defaults."""
    parted = getattr(state, "per_axis", False)
    query = {}
    for field in dataclasses.fields(state):
        values, usual = _values(getattr(state, field.name)), _values(field.default)
        for name, value, default in zip(_parameters(field, parted), values, usual, strict=False):
            if value != default:
                query[name] = field.metadata["codec"].write(value)
    return query


def decode(state_class: type[State], query: Mapping[str, str]) -> tuple[State, list[str]]:
    """The state that a link holds, and a sentence for every part that could not be read; of more than MAX_NOTES, one
    for the rest. Unknown names are ignored, so that other parameters (a run, a lock) can stand beside."""
    values, wrong = {}, dict[str, ValueError]()
    for field in dataclasses.fields(state_class):  # type: ignore[arg-type]
        found = {}
        for name in _parameters(field):
            try:
                if name in query:
                    found[name] = field.metadata["codec"].read(query[name])
            except ValueError as error:
                wrong[name] = error
        if found:
            values[field.name] = _joined(field, found, parted=query.get("per_axis") == "1")
    return state_class(**values), _unused(query, wrong)


def _unused(query: Mapping[str, str], wrong: Mapping[str, ValueError]) -> list[str]:
    """A sentence for each part of a link that is wrong, of the first MAX_NOTES, and one for all others."""
    names = list(wrong)
    named = len(names) if len(names) <= MAX_NOTES + 1 else MAX_NOTES
    notes = [f"The link's {name}={shorten(query[name])} was not used: {wrong[name]}." for name in names[:named]]
    if rest := names[named:]:
        some = ", ".join(rest[:MAX_NOTES])
        others = f"{some} and {len(rest) - MAX_NOTES} more" if len(rest) > MAX_NOTES else some
        notes.append(f"{len(rest)} more parts of the link were not used: {others}.")
    return notes


def _joined(field: "dataclasses.Field[Any]", found: Mapping[str, Any], parted: bool) -> Any:
    """The setting of which a link held `found`, by the names in the link."""
    if not isinstance(field.default, Axes):
        return found[field.name]
    rows = found.get(f"{field.name}_h", field.default.h)
    return Axes(rows, found.get(f"{field.name}_w", field.default.w) if parted else rows)


def accepted(state_class: type[Any], name: str, value: Any) -> Any:
    """`value` as the setting of that name takes it from a link. Raises ValueError where a link cannot hold it."""
    field = {one.name: one for one in dataclasses.fields(state_class)}[name]
    codec, two = field.metadata["codec"], isinstance(field.default, Axes)
    try:
        read = [codec.read(codec.write(one)) for one in (Axes(*value) if two else [value])]
    except (AttributeError, IndexError, TypeError) as error:
        raise ValueError("it is of another kind") from error
    return Axes(*read) if two else read[0]


def shorten(text: str, max_length: int = 24) -> str:
    """Text from a stranger, short and in one line, for a sentence about it; what cannot be printed is replaced."""
    line = " ".join(text.split())
    cut = line if len(line) <= max_length else line[: max_length - 1] + "…"
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in cut)


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number: 3, -0.5, 1e-07."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def number_texts(grid: Cells) -> list[list[str]]:
    """The cells of a grid as `number_text` writes them, row by row."""
    return [[number_text(cell) for cell in row] for row in grid]


def read_number(text: str) -> float:
    """A number as a person types or pastes it: '3', '-0.5', '1e-3', '1,5', '−2'. Raises ValueError with a sentence."""
    cleaned = text.strip().replace("−", "-")
    if not cleaned:
        raise ValueError("the cell is empty; type a number such as 0")
    if cleaned.count(",") == 1 and "." not in cleaned:
        cleaned = cleaned.replace(",", ".")
    try:
        value = float(cleaned) if "_" not in cleaned else math.nan
    except ValueError:
        raise ValueError(f"“{shorten(text)}” is not a number; type one such as 2, -1 or 0.5") from None
    if not math.isfinite(value):
        raise ValueError(f"“{shorten(text)}” is not a finite number; type one such as 2, -1 or 0.5")
    if abs(value) > LARGEST:
        raise ValueError(f"{shorten(text)} is too large; stay between -{LARGEST:,.0f} and {LARGEST:,.0f}")
    return value + 0.0  # no negative zero


def setting(default: Any, write: Callable[[Any], str], read: Callable[[str], Any]) -> Any:
    """A field of a page's settings."""
    return dataclasses.field(default=default, metadata={"codec": _Codec(write, read)})


def integer(default: int, low: int, high: int) -> Any:
    """A whole number from `low` to `high`."""
    return setting(default, str, lambda text: _read_integer(text, low, high))


def axes(default: int, low: int, high: int) -> Any:
    """`Axes` of whole numbers from `low` to `high`, in the link as `<name>_h` and `<name>_w`. Where the settings' flag
    `per_axis` is off, the rows' number counts for both and stands there alone."""
    return setting(Axes(default, default), str, lambda text: _read_integer(text, low, high))


def _read_integer(text: str, low: int, high: int) -> int:
    """The number that `text` says. Raises ValueError on anything else, and beyond the bounds."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and low <= int(text) <= high):
        raise ValueError(f"it has to be a whole number from {low} to {high}")
    return int(text)


def decimal(default: float, low: float, high: float) -> Any:
    """A number from `low` to `high`."""

    def read(text: str) -> float:
        value = read_number(text)
        if not low <= value <= high:
            raise ValueError(f"it has to be a number from {low:g} to {high:g}")
        return value

    return setting(default, number_text, read)


def flag(default: bool) -> Any:
    """A switch: 1 or 0."""

    def read(text: str) -> bool:
        if text not in ("0", "1"):
            raise ValueError("it has to be 1 or 0")
        return text == "1"

    return setting(default, lambda value: "1" if value else "0", read)


def choice(default: str, options: Sequence[str]) -> Any:
    """One of `options`; in the link spaces are underscores."""
    names = {option.replace(" ", "_"): option for option in options}

    def read(text: str) -> str:
        if text not in names:
            raise ValueError(f"it has to be one of {', '.join(names)}")
        return names[text]

    return setting(default, lambda value: value.replace(" ", "_"), read)


def text(default: str, max_length: int = 2000, allowed: Callable[[str], bool] = str.isprintable) -> Any:
    """Up to `max_length` characters that pass `allowed`."""

    def read(value: str) -> str:
        if len(value) > max_length or not allowed(value):
            raise ValueError(f"it has to be plain text of at most {max_length} characters")
        return value

    return setting(default, str, read)


def source(default: str, max_length: int) -> Any:
    """A long text of up to `max_length` characters, in the link as `sources.write` writes it."""
    return setting(default, sources.write, lambda value: sources.read(value, max_length))


def names(max_names: int, each: int = 80) -> Any:
    """Up to `max_names` names, joined by dots; none of them twice."""

    def read(text: str) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(part for part in text.split(".") if part))
        if len(found) > max_names or any(len(name) > each or not name.isprintable() for name in found):
            raise ValueError(f"it has to be at most {max_names} names joined by dots")
        return found

    return setting((), ".".join, read)


def grid(default: Sequence[Sequence[float]], max_rows: int, max_cols: int) -> Any:
    """A grid of numbers of at most `max_rows` x `max_cols`, as 2x3_1_0_-1_0.5_0_2: its size, then row by row."""
    return setting(cells(default), write_grid, lambda value: _read_grid(value, max_rows, max_cols))


def grid_stack(default: Sequence[Sequence[Sequence[float]]], max_grids: int, max_rows: int, max_cols: int) -> Any:
    """Up to `max_grids` grids (channels, filters), joined by two underscores."""

    def read(value: str) -> tuple[Cells, ...]:
        parts = value.split("__")
        if len(parts) > max_grids:
            raise ValueError(f"it has to be at most {max_grids} grids")
        return tuple(_read_grid(part, max_rows, max_cols) for part in parts)

    return setting(tuple(cells(one) for one in default), lambda value: "__".join(map(write_grid, value)), read)


def cells(rows: Sequence[Sequence[float]]) -> Cells:
    """Any nested sequence (or array) of numbers as a hashable grid."""
    return tuple(tuple(float(value) for value in row) for row in rows)


def write_grid(value: Cells) -> str:
    """A grid as 2x3_1_0_-1_0.5_0_2."""
    return "_".join([f"{len(value)}x{len(value[0])}", *chain.from_iterable(number_texts(value))])


def _read_grid(value: str, max_rows: int, max_cols: int) -> Cells:
    """The grid that `write_grid` wrote. Raises ValueError on any other text, size or number."""
    size, *numbers = value.split("_")
    height, _, width = size.partition("x")
    if not (height.isascii() and width.isascii() and height.isdigit() and width.isdigit()):
        raise ValueError("it has to begin with the size of the grid, such as 3x3")
    if len(size) > 7 or not (1 <= int(height) <= max_rows and 1 <= int(width) <= max_cols):
        raise ValueError(f"its size has to be from 1 × 1 to {max_rows} × {max_cols}")
    rows, cols = int(height), int(width)
    if len(numbers) != rows * cols:
        raise ValueError(f"{rows} × {cols} takes {rows * cols} numbers and it has {len(numbers)}")
    flat = [read_number(cell) for cell in numbers]
    return tuple(tuple(flat[row * cols : (row + 1) * cols]) for row in range(rows))
