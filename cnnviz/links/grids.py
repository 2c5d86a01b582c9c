"""Small grids of numbers as a person edits them: a cell typed, a block pasted from a spreadsheet, a size changed."""

import re

from cnnviz.links.fields import Cells, read_number


def with_cell(grid: Cells, row: int, col: int, text: str) -> Cells:
    """`grid` with the number that `text` says in (row, col). Raises ValueError with a sentence where it says none."""
    value = read_number(text)
    changed = (*grid[row][:col], value, *grid[row][col + 1 :])
    return (*grid[:row], changed, *grid[row + 1 :])


def read_block(text: str) -> tuple[list[list[str]], str]:
    """The cells of a pasted block, and what is odd about its shape ('' if nothing).

    Rows are lines. Cells stand between tabs, as a spreadsheet copies them; else between semicolons, commas or
    spaces, so that a list or a matrix from a text works too, brackets and all. Raises ValueError where there is
    nothing.
    """
    lines = [line for line in text.replace("\r", "").split("\n") if line.strip(" []();,\t") or "\t" in line]
    if not lines:
        raise ValueError("it is empty")
    between = r"\t" if "\t" in text else r"[;\s]+" if _decimal_commas(lines) else r"[;,\s]+"
    block = [re.split(between, line if "\t" in text else line.strip(" []();,")) for line in lines]
    widths = [len(row) for row in block]
    odd = next((n for n, width in enumerate(widths) if width != widths[0]), None)
    if odd is None:
        return block, ""
    return block, (
        f"its row {odd + 1} has {widths[odd]} cells where the first has {widths[0]}; "
        "the cells without a partner kept what they had"
    )


def _decimal_commas(lines: list[str]) -> bool:
    """Whether commas stand inside numbers, 1,5 as many countries write it, with spaces or semicolons between them."""
    cells = [cell for line in lines for cell in re.split(r"[;\s]+", line.strip())]
    return any("," in cell for cell in cells) and all(re.fullmatch(r"-?\d+(,\d+)?", cell) for cell in cells)


def grown_size(grid: Cells, rows: int, cols: int, max_size: tuple[int, int] | None) -> tuple[int, int]:
    """The size that `grid` has to have for a block that reaches to `rows` x `cols`. Raises ValueError beyond `most`."""
    height, width = max(rows, len(grid)), max(cols, len(grid[0]))
    limit = max_size or (len(grid), len(grid[0]))
    if height > limit[0] or width > limit[1]:
        raise ValueError(f"it would reach to {height} × {width}, and {limit[0]} × {limit[1]} is the most")
    return height, width


def cut_to(grid: Cells, rows: int, cols: int) -> Cells:
    """The upper left rows x cols of `grid`, filled up with zeros."""
    return tuple(
        tuple(grid[r][c] if r < len(grid) and c < len(grid[r]) else 0.0 for c in range(cols)) for r in range(rows)
    )


def laid_over(under: Cells, over: Cells) -> Cells:
    """`over` in the upper left of `under`, which sticks out below and to the right."""
    height = max(len(under), len(over))
    return tuple(
        (*over[r], *under[r][len(over[r]) :])
        if r < len(over) and r < len(under)
        else (over if r < len(over) else under)[r]
        for r in range(height)
    )
