"""The rows of the table that model.summary() of Keras prints, as each version prints it: in boxes or not, with names
that are cut at the width of their column, and with names and shapes that go on in the next line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from cnnviz.networks.source.keras.kinds import ALIASES, KINDS, NoCounterpartError, Shape

MAX_ROWS = 500
_HEADER = re.compile(r"Layer \(type\)[^\n]{0,200}Output Shape[^\n]{0,200}")
_END = re.compile(r"^[#> \t]*(Total params|Trainable params):", re.MULTILINE)
_SUM = re.compile(r"^[#> \t]*(Total|Optimizer) params: ([\d,]{1,20})", re.MULTILINE)
_BATCH = r"\[?\((?:None|\d{1,9}),?"
_SIZE = r"(?:\d{1,9}|None)"
_SIZES = rf"(?: ?{_SIZE}(?:(?:, ?| ){_SIZE})*,?)?"
_SHAPE = re.compile(rf"{_BATCH}(?P<sizes>{_SIZES})(?P<closed>\)\]?)?(?=[\s\u2502|]|$)")
_PARAMETERS = re.compile(r"[\s\u2502|]*([\d,]{1,20}\u2026?)(?![\w.])")
_REST = re.compile(rf"(?P<sizes>{_SIZES})(?P<closed>\)\]?)?")
_NAME = re.compile(r"(?!_{3}|-{3})[\w().\u2026-]{1,80}(?: \([\w.\u2026]{0,80}\)?)?")
_EDGES = " \t\u2502|"
_WITHOUT_SHAPE = re.compile(r"\((\w{1,80})\)[\s\u2502|]+(multiple|\?)\s")
_KIND = re.compile(r"\((\w{1,80})\)")
_INSIDE = ("\u2514", "\u251c", "|")  # begins a row of what the row above it holds
_WITHIN = ("Sequential", "Functional", "Model")  # networks that are a layer


@dataclass(frozen=True)
class Row:
    """A layer of the table: its kind, its output's shape without the batch, its parameters, its name, and whether the
    number of parameters is cut."""

    kind: str
    shape: Shape
    parameters: int
    name: str = ""
    is_cut: bool = False

    @property
    def own_name(self) -> str:
        """Its name without its kind."""
        return self.name.partition("(")[0].strip() or self.kind


@dataclass
class _Cells:
    """A row as it is printed: its name with the kind in brackets, its sizes and whether they are all there, and what
    begins it where it stands inside of another."""

    name: str
    sizes: str
    parameters: str
    whole: bool
    lead: str


def recognised(text: str) -> bool:
    """Whether the text holds such a table: kinds of Keras stand in brackets below its header, or batches named None;
    without its header, both, in two rows or more."""
    header = _HEADER.search(text)
    kinds = any(one[1] in KINDS for one in _KIND.finditer(text, header.end() if header else 0))
    return (kinds and text.count("(None,") > 1) if header is None else (kinds or "(None," in text)


def is_headed(text: str) -> bool:
    """Whether the table has its first line."""
    return _HEADER.search(text) is not None


def rows(text: str) -> list[Row]:
    """The rows of the first table. Raises NoCounterpartError for one that cannot be read."""
    header = _HEADER.search(text)
    start = header.end() if header else 0
    end = _END.search(text, start)
    table = text[start : end.start() if end else len(text)]
    if unnamed := _WITHOUT_SHAPE.search(table):
        raise NoCounterpartError(
            f"The summary prints no output shape of {unnamed[1][:40]} but {unnamed[2]!r}; paste the code."
        )
    found: list[Row] = []
    for cells in _outermost([*islice(_cells(table), MAX_ROWS + 1)]):
        found.append(_row(cells, found[-1].shape if found else ()))
    if not found:
        raise NoCounterpartError("The summary has no layers that can be read; paste the whole table, or the code.")
    if len(found) > MAX_ROWS:
        raise NoCounterpartError(f"The summary has more than {MAX_ROWS} layers, which are the most.")
    return _completed(found, total(text))


def _outermost(cells: list[_Cells]) -> list[_Cells]:
    """The rows without those of networks whose own layers stand below them."""
    below = [*cells, None][1:]
    return [one for one, other in zip(cells, below, strict=True) if other is None or other.lead in ("", one.lead)]


def _completed(found: list[Row], whole: int | None) -> list[Row]:
    """The rows, where the number of parameters of one is cut, with as many as the others leave. Raises
    NoCounterpartError where that is not known."""
    cut = [at for at, row in enumerate(found) if row.is_cut]
    if not cut:
        return found
    rest = (whole or 0) - sum(row.parameters for row in found if not row.is_cut)
    if len(cut) > 1 or not str(rest).startswith(str(found[cut[0]].parameters)):
        raise NoCounterpartError(
            f"The number of parameters of {found[cut[0]].name} is cut in the summary; print it wider, as by "
            "model.summary(line_length=100), or paste the code."
        )
    found[cut[0]] = replace(found[cut[0]], parameters=rest)
    return found


def total(text: str) -> int | None:
    """The parameters that the table says in all, without those of an optimiser, which Keras 3 adds; None where it is
    cut off before."""
    said = {found[1]: int(found[2].replace(",", "")) for found in _SUM.finditer(text)}
    return said["Total"] - said.get("Optimizer", 0) if "Total" in said else None


def _cells(table: str) -> Iterator[_Cells]:
    """The rows as they are printed, each with what goes on in the lines below it."""
    pending: _Cells | None = None
    for line in table.splitlines():
        line = line.lstrip("#>")  # of a comment or a quotation
        begun = _begun(line[:400])
        if begun is not None:
            if pending is not None:
                yield pending
            pending = begun
        elif pending is not None:
            _go_on(pending, line[:400])
    if pending is not None:
        yield pending


def _begun(line: str) -> _Cells | None:
    """The row that begins in a line; None where none does. Raises NoCounterpartError where it has a shape alone."""
    shape = _SHAPE.search(line)
    if shape is None:
        return None
    parameters = _PARAMETERS.match(line, shape.end())
    if parameters is None:
        raise NoCounterpartError(
            f"This row of the summary cannot be read: {' '.join(line.split())[:60]!r}; "
            "paste the whole table, or the code."
        )
    name, begun = line[: shape.start()], line.lstrip(" \t\u2502")[:1]
    lead = begun if begun in _INSIDE else ""
    name = name.strip(f"{_EDGES}{lead}")
    return _Cells(name, shape["sizes"], parameters[1], shape["closed"] is not None, lead)


def _go_on(row: _Cells, line: str) -> None:
    """Adds to a row what a line has of its name and its shape."""
    cells = [cell for part in re.split(r"[\u2502|]| {2,}", line) if (cell := part.strip())]
    if cells and not row.whole and (rest := _REST.fullmatch(cells[-1])):
        row.sizes += rest["sizes"]
        row.whole = rest["closed"] is not None
        cells.pop()
    if len(cells) == 1 and _NAME.fullmatch(cells[0]) and not row.name.endswith(")") and len(row.name) < 200:
        row.name += cells[0]


def _row(cells: _Cells, before: Shape) -> Row:
    if not cells.whole:
        raise NoCounterpartError(f"The output shape of {cells.name[:60]} is not whole; paste the whole table.")
    shape = tuple(None if one == "None" else int(one) for one in re.findall(r"\d+|None", cells.sizes))
    number = cells.parameters.replace(",", "")
    parameters = int(number.rstrip("\u2026") or 0)
    kind = _within(cells.name) if parameters == 0 else ""
    return Row(kind or _kind(cells.name, shape, before), shape, parameters, cells.name[:60], number.endswith("\u2026"))


def _within(name: str) -> str:
    """Sequential for a network that is a layer, as one that augments pictures; '' for any other."""
    kind = name.partition("(")[2].rstrip(")\u2026.")
    return "Sequential" if len(kind) > 3 and any(one.startswith(kind) for one in _WITHIN) else ""


def _kind(name: str, shape: Shape, before: Shape) -> str:
    """The kind of a layer, also where the width of its column has cut it. Raises NoCounterpartError."""
    own, _, printed = name.partition("(")
    printed = printed.strip()
    whole = printed.endswith(")")
    printed = printed.rstrip(")").rstrip("\u2026.")
    if whole and printed in KINDS:
        return ALIASES.get(printed, printed)
    if whole:
        raise NoCounterpartError(f"{name[:60]} of the summary is no layer that is translated.")
    fitting = {ALIASES.get(kind, kind) for kind in KINDS if kind.startswith(printed) and _fits(kind, shape, before)}
    plain = re.sub(r"_?\d*[\s\u2026.]*$", "", own.strip()) if "\u2026" not in own else own.strip().rstrip("\u2026.")
    plain = plain.replace("_", "").lower()
    named = {kind for kind in fitting if kind.lower() == plain or kind.lower() == f"{plain}layer"}
    if not named and "\u2026" in own:
        named = {kind for kind in fitting if kind.lower().startswith(plain)}
    likely = named or (fitting if printed else set())
    if len(likely) != 1:
        raise NoCounterpartError(
            f"{name[:60]} of the summary is cut, and which layer it is does not follow; paste the code."
        )
    return likely.pop()


def _fits(kind: str, shape: Shape, before: Shape) -> bool:
    """Whether a kind has as many axes as the table's shapes."""
    axes = re.search(r"(\d)D", kind)
    return axes is None or int(axes[1]) == len(before if kind.startswith("Global") else shape) - 1
