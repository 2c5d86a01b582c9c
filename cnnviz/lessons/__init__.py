"""Exercises: predict first, then see. What is asked, what is right, and which mistake gives which wrong answer.

Every answer is computed from the settings of the page by what the page itself computes with, so it stays right when a
teacher changes the grid. One module a lesson; it is imported when it is asked for, since some need torch.
"""

from importlib import import_module
from typing import Any

from cnnviz.lessons.common.exercise import Cell, Exercise, Mistake, Verdict

__all__ = [
    "LESSONS",
    "WITH_CELLS",
    "Cell",
    "Exercise",
    "Mistake",
    "Verdict",
    "cell_task",
    "find",
    "of_lesson",
    "outputs",
    "read_cell",
]

WITH_CELLS = ("convolution", "channels", "pooling")  # where any cell of the output can be asked for
LESSONS = (
    *WITH_CELLS,
    *("filters", "shapes", "receptive", "inside", "architectures", "draw", "train", "evaluate"),
)


def of_lesson(lesson: str) -> tuple[Exercise, ...]:
    """The exercises of the page with that slug, the easier ones first."""
    exercises: tuple[Exercise, ...] = lesson_module(lesson).EXERCISES
    return exercises


def find(lesson: str, task: str) -> Exercise:
    """The exercise that a link names. Raises ValueError where the lesson has none of that name."""
    found = next((one for one in of_lesson(lesson) if one.id == task), None)
    if found is not None:
        return found
    if lesson in WITH_CELLS and (cell := read_cell(task)):
        own: Exercise = lesson_module(lesson).cell(cell)
        return own
    names = ", ".join(one.id for one in of_lesson(lesson))
    raise ValueError(f"there is no exercise “{task}” here; there are {names}")


def cell_task(cell: Cell) -> str:
    """The name, in a link, of the exercise that asks for one output cell: cell-2-1, or cell-2-1-3 for the third
    output. Counted from 1, as the stage counts."""
    parts = [cell.row, cell.col, *([cell.output] if cell.output else [])]
    return "-".join(["cell", *(str(part + 1) for part in parts)])


def read_cell(task: str) -> Cell | None:
    """The cell that `cell_task` named; None for any other text."""
    name, *parts = task.split("-")
    if name != "cell" or len(parts) not in (2, 3):
        return None
    if not all(part.isascii() and part.isdigit() and 1 <= int(part) <= 99 for part in parts):
        return None
    return Cell(*(int(part) - 1 for part in parts))


def outputs(lesson: str, settings: Any) -> tuple[int, int, int]:
    """How many outputs a lesson WITH_CELLS has in that state, their rows and columns."""
    found: tuple[int, int, int] = lesson_module(lesson).outputs(settings)
    return found


def lesson_module(lesson: str) -> Any:
    """The module with the exercises of a lesson. Raises ValueError where there is no such lesson."""
    if lesson not in LESSONS:
        raise ValueError(f"there is no lesson “{lesson}” with exercises; there are {', '.join(LESSONS)}")
    return import_module(f"{__name__}.{lesson}")
