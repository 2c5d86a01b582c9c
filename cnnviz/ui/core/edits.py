"""What was typed into a stage, taken into the page's settings.

Text that is no number stays in its cell as a draft, with a sentence, while the number before it still counts; cells
that a smaller size cuts off come back when it grows again.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnnviz.links import Cells, grids, locks

if TYPE_CHECKING:
    from cnnviz.ui.core.store import Store

MAX_TEXT = 20_000  # letters of a pasted block
MAX_LETTERS = 150_000  # of all edits in a message; the browser sends 100,000 at a time (ui/components/stage/edit.js)
MAX_AHEAD = 1_000_000  # edits that a browser may have counted which this session has not: it was cut off, or is new
_STEPS = ("undo", "redo", "example")
_PARTS: dict[str, tuple[str, ...]] = {
    "cell": ("row", "col", "text"),
    "paste": ("row", "col", "text"),
    "size": ("rows", "cols"),
    **dict.fromkeys(_STEPS, ()),
}


@dataclass(frozen=True)
class Target:
    """The setting behind a plane: a grid, or number `index` of several grids. `max_size` rows and columns where its
    size can be changed."""

    field: str
    name: str  # in sentences: 'the input'
    index: int | None = None
    max_size: tuple[int, int] | None = None

    @property
    def grid(self) -> tuple[str, int | None]:
        """Which grid of the settings it is."""
        return self.field, self.index


@dataclass
class Typed:
    """What a session keeps of what was typed into a page's stage: the number of the last edit that was taken; by grid
    and cell, text and sentence of the cells that hold no number; by grid, the cells that a smaller size cut off; what
    was wrong with a block."""

    taken: int = 0
    drafts: dict[tuple[str, int | None, int, int], dict[str, str]] = field(default_factory=dict)
    cut: dict[tuple[str, int | None], Cells] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def drafts_of(self, target: Target) -> dict[str, dict[str, str]]:
        """'row,column' -> text and sentence of the cells of `target` that hold no number."""
        return {f"{key[2]},{key[3]}": draft for key, draft in self.drafts.items() if key[:2] == target.grid}

    def sentences(self, targets: Collection[Target] | None = None) -> list[str]:
        """About refused blocks and about drafts (in `targets` only: those of a hidden grid wait)."""
        shown = None if targets is None else {target.grid for target in targets}
        return [*self.notes, *(draft["why"] for key, draft in self.drafts.items() if shown is None or key[:2] in shown)]

    def forget(self, fields: Iterable[str]) -> None:
        """Drop drafts and cut-off cells of `fields`, which something else (a preset) has replaced."""
        gone = set(fields)
        self.notes = []
        self.drafts = {key: draft for key, draft in self.drafts.items() if key[0] not in gone}
        self.cut = {key: cells for key, cells in self.cut.items() if key[0] not in gone}

    def replace(self) -> None:
        """Drop all of it: a link has brought other grids."""
        self.drafts, self.cut, self.notes = {}, {}, []


def take(store: "Store[Any]", sent: Any, targets: Mapping[str, Target]) -> None:
    """Callback of the stage: apply those of the edits that it `sent` that have not been taken yet, in their order."""
    typed = store.typed
    typed.notes = []
    for edit in _sound(sent):
        if not typed.taken < edit["seq"] <= typed.taken + MAX_AHEAD:
            continue
        typed.taken = edit["seq"]
        if edit["kind"] in _STEPS:
            _walk(store, edit["kind"])
        elif target := targets.get(edit["plane"]):
            _apply(store, target, edit)


def _walk(store: "Store[Any]", kind: str) -> None:
    """Through what was on the page before."""
    if kind == "undo":
        store.undo()
    elif kind == "redo":
        store.redo()
    else:
        store.back_to_example()


def _apply(store: "Store[Any]", target: Target, edit: Mapping[str, Any]) -> None:
    """One step: a cell, a block or a size, where the link leaves it free."""
    if store.lock.fixes(target.field):
        store.typed.notes = [locks.refusal([target.field])]
        return
    with store.step():
        if edit["kind"] == "cell":
            _type_cell(store, target, edit["row"], edit["col"], edit["text"])
        elif edit["kind"] == "paste":
            _paste(store, target, edit["row"], edit["col"], edit["text"])
        elif edit["kind"] == "size":
            _resize(store, target, edit["rows"], edit["cols"])


def _sound(edits: Any) -> list[dict[str, Any]]:
    """Of what came in, the edits that a stage can send; anybody can send anything over a WebSocket."""
    return [edit for edit in edits if _is_edit(edit)] if isinstance(edits, list) else []


def _is_edit(edit: Any) -> bool:
    """Whether it has the parts of its kind, none of them negative or longer than a stage lets them be."""
    parts = _PARTS.get(str(edit.get("kind"))) if isinstance(edit, dict) else None
    if parts is None or not (edit["kind"] in _STEPS or isinstance(edit.get("plane"), str)):
        return False
    numbers = [edit.get(part) for part in ("seq", *parts) if part != "text"]
    text = edit.get("text", "")
    return all(type(one) is int and one >= 0 for one in numbers) and isinstance(text, str) and len(text) <= MAX_TEXT


def _current(store: "Store[Any]", target: Target) -> Cells:
    """The grid of `target` as it is."""
    value = getattr(store.state, target.field)
    grid: Cells = value if target.index is None else value[target.index]
    return grid


def _put(store: "Store[Any]", target: Target, grid: Cells) -> None:
    """Make `grid` the grid of `target`."""
    if target.index is None:
        store.change(**{target.field: grid})
        return
    several = getattr(store.state, target.field)
    store.change(**{target.field: (*several[: target.index], grid, *several[target.index + 1 :])})


def _type_cell(store: "Store[Any]", target: Target, row: int, col: int, text: str) -> None:
    """One cell was typed. What is no number stays as a draft."""
    grid = _current(store, target)
    if not (0 <= row < len(grid) and 0 <= col < len(grid[0])):
        return
    _put(store, target, _write(store.typed, target, grid, row, col, text))


def _write(typed: Typed, target: Target, grid: Cells, row: int, col: int, text: str) -> Cells:
    """`grid` with `text` in a cell; or unchanged, and a draft kept, where it is no number."""
    where = (*target.grid, row, col)
    typed.drafts.pop(where, None)
    try:
        return grids.with_cell(grid, row, col, text)
    except ValueError as error:
        why = f"Row {row + 1}, column {col + 1} of {target.name}: {error}. Until then {grid[row][col]:g} counts."
        typed.drafts[where] = {"text": text, "why": why}
        return grid


def _paste(store: "Store[Any]", target: Target, row: int, col: int, text: str) -> None:
    """A block was pasted with its corner in (row, col); the grid grows to take it, as far as it may."""
    grid, typed = _current(store, target), store.typed
    try:
        block, ragged = grids.read_block(text)
        rows, cols = grids.grown_size(grid, row + len(block), col + max(map(len, block)), target.max_size)
    except ValueError as error:
        typed.notes = [f"The block was not pasted into {target.name}: {error}."]
        return
    if ragged:
        typed.notes = [f"The block was pasted into {target.name}, but {ragged}."]
    if (rows, cols) != (len(grid), len(grid[0])):
        _resize(store, target, rows, cols)
    grid = _current(store, target)
    if (rows, cols) != (len(grid), len(grid[0])):  # the link fixes what would have to give way
        return
    for r, texts in enumerate(block):
        for c, one in enumerate(texts):
            grid = _write(typed, target, grid, row + r, col + c, one)
    _put(store, target, grid)


def _resize(store: "Store[Any]", target: Target, rows: int, cols: int) -> None:
    """A new size for the grid, or for all grids of the setting. Cells that are cut off are kept for later."""
    if target.max_size is None or not (1 <= rows <= target.max_size[0] and 1 <= cols <= target.max_size[1]):
        return
    value, typed = getattr(store.state, target.field), store.typed
    several = [value] if target.index is None else list(value)
    resized = []
    for index, grid in enumerate(several):
        key = (target.field, None if target.index is None else index)
        typed.cut[key] = grids.laid_over(typed.cut.get(key, ((),)), grid)
        resized.append(grids.cut_to(typed.cut[key], rows, cols))
    typed.drafts = {
        key: draft for key, draft in typed.drafts.items() if key[0] != target.field or (key[2] < rows and key[3] < cols)
    }
    store.change(**{target.field: resized[0] if target.index is None else tuple(resized)})
