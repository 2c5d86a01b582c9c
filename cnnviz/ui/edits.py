"""What was typed into a stage, taken into the page's settings.

Text that is no number stays in its cell as a draft, with a sentence, while the number before it still counts; cells
that a smaller size cuts off come back when it grows again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.links import Cells, grids, locks
from cnnviz.ui import state

MAX_TEXT = 20_000  # letters of a pasted block
PARTS = {"cell": ("row", "col", "text"), "paste": ("row", "col", "text"), "size": ("rows", "cols")}


@dataclass(frozen=True)
class Target:
    """The setting behind a plane: a grid, or number `index` of several grids. `max_size` rows and columns where its
    size can be changed."""

    field: str
    name: str  # in sentences: 'the input'
    index: int | None = None
    max_size: tuple[int, int] | None = None


def memory(name: str) -> dict[str, Any]:
    """What the session keeps of the edits of page `name`: acknowledged number, drafts, cut-off cells, sentences."""
    memory: dict[str, Any] = st.session_state.setdefault(
        state.typing_key(name), {"ack": 0, "drafts": {}, "cut": {}, "notes": []}
    )
    return memory


def acknowledged(name: str) -> int:
    """The number of the last edit that was taken."""
    return int(memory(name)["ack"])


def drafts(name: str, target: Target) -> dict[str, dict[str, str]]:
    """'row,column' -> text and sentence of the cells of `target` that hold no number."""
    return {
        f"{row},{col}": draft
        for (field, index, row, col), draft in memory(name)["drafts"].items()
        if (field, index) == (target.field, target.index)
    }


def notes(name: str, targets: Collection[Target] | None = None) -> list[str]:
    """The sentences about refused blocks and about drafts (in `targets` only: those of a hidden grid wait)."""
    kept = memory(name)
    shown = None if targets is None else {(target.field, target.index) for target in targets}
    drafts = {key: draft for key, draft in kept["drafts"].items() if shown is None or key[:2] in shown}
    return [*kept["notes"], *(draft["why"] for draft in drafts.values())]


def forget(name: str, *fields: str) -> None:
    """Drop drafts and cut-off cells of `fields`, which something else (a preset) has replaced."""
    kept = memory(name)
    kept["notes"] = []
    kept["drafts"] = {key: draft for key, draft in kept["drafts"].items() if key[0] not in fields}
    kept["cut"] = {key: cells for key, cells in kept["cut"].items() if key[0] not in fields}


def take(name: str, key: str, targets: Mapping[str, Target]) -> None:
    """Callback of the stage: apply the edits that have not been taken yet, in their order."""
    kept = memory(name)
    kept["notes"] = []
    for edit in sound(st.session_state[key].get("edits")):
        if edit["seq"] <= kept["ack"]:
            continue
        kept["ack"] = edit["seq"]
        target = targets.get(edit["plane"])
        if target is None:
            continue
        if state.lock(name).fixes(target.field):
            kept["notes"] = [locks.refusal([target.field])]
            continue
        if edit["kind"] == "cell":
            type_cell(name, target, edit["row"], edit["col"], edit["text"])
        elif edit["kind"] == "paste":
            paste(name, target, edit["row"], edit["col"], edit["text"])
        elif edit["kind"] == "size":
            resize(name, target, edit["rows"], edit["cols"])


def sound(edits: Any) -> list[dict[str, Any]]:
    """Of what came in, the edits that a stage can send; anybody can send anything over a WebSocket."""
    return [edit for edit in edits if is_edit(edit)] if isinstance(edits, list) else []


def is_edit(edit: Any) -> bool:
    """Whether it has the parts of its kind, none of them negative or longer than a stage lets them be."""
    parts = PARTS.get(str(edit.get("kind"))) if isinstance(edit, dict) else None
    if parts is None or not isinstance(edit.get("plane"), str):
        return False
    numbers = [edit.get(part) for part in ("seq", *parts) if part != "text"]
    text = edit.get("text", "")
    return all(type(one) is int and one >= 0 for one in numbers) and isinstance(text, str) and len(text) <= MAX_TEXT


def current(name: str, target: Target) -> Cells:
    """The grid of `target` as it is."""
    value = getattr(state.current(name), target.field)
    grid: Cells = value if target.index is None else value[target.index]
    return grid


def put(name: str, target: Target, grid: Cells) -> None:
    """Make `grid` the grid of `target`."""
    if target.index is None:
        state.change(name, **{target.field: grid})
        return
    several = getattr(state.current(name), target.field)
    state.change(name, **{target.field: (*several[: target.index], grid, *several[target.index + 1 :])})


def type_cell(name: str, target: Target, row: int, col: int, text: str) -> None:
    """One cell was typed. What is no number stays as a draft."""
    grid = current(name, target)
    if not (0 <= row < len(grid) and 0 <= col < len(grid[0])):
        return
    put(name, target, write(name, target, grid, row, col, text))


def write(name: str, target: Target, grid: Cells, row: int, col: int, text: str) -> Cells:
    """`grid` with `text` in a cell; or unchanged, and a draft kept, where it is no number."""
    where = (target.field, target.index, row, col)
    kept = memory(name)
    kept["drafts"].pop(where, None)
    try:
        return grids.with_cell(grid, row, col, text)
    except ValueError as error:
        why = f"Row {row + 1}, column {col + 1} of {target.name}: {error}. Until then {grid[row][col]:g} counts."
        kept["drafts"][where] = {"text": text, "why": why}
        return grid


def paste(name: str, target: Target, row: int, col: int, text: str) -> None:
    """A block was pasted with its corner in (row, col); the grid grows to take it, as far as it may."""
    grid = current(name, target)
    try:
        block, ragged = grids.read_block(text)
        rows, cols = grids.grown_size(grid, row + len(block), col + max(map(len, block)), target.max_size)
    except ValueError as error:
        memory(name)["notes"] = [f"The block was not pasted into {target.name}: {error}."]
        return
    if ragged:
        memory(name)["notes"] = [f"The block was pasted into {target.name}, but {ragged}."]
    if (rows, cols) != (len(grid), len(grid[0])):
        resize(name, target, rows, cols)
    grid = current(name, target)
    if (rows, cols) != (len(grid), len(grid[0])):  # the link fixes what would have to give way
        return
    for r, texts in enumerate(block):
        for c, one in enumerate(texts):
            grid = write(name, target, grid, row + r, col + c, one)
    put(name, target, grid)


def resize(name: str, target: Target, rows: int, cols: int) -> None:
    """A new size for the grid, or for all grids of the setting. Cells that are cut off are kept for later."""
    if target.max_size is None or not (1 <= rows <= target.max_size[0] and 1 <= cols <= target.max_size[1]):
        return
    value = getattr(state.current(name), target.field)
    several = [value] if target.index is None else list(value)
    kept = memory(name)
    resized = []
    for index, grid in enumerate(several):
        key = (target.field, None if target.index is None else index)
        kept["cut"][key] = grids.laid_over(kept["cut"].get(key, ((),)), grid)
        resized.append(grids.cut_to(kept["cut"][key], rows, cols))
    kept["drafts"] = {
        key: draft
        for key, draft in kept["drafts"].items()
        if key[0] != target.field or (key[2] < rows and key[3] < cols)
    }
    state.change(name, **{target.field: resized[0] if target.index is None else tuple(resized)})
