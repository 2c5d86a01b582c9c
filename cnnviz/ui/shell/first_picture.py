"""What stands in a page's place until the app has come: a convolution, and one sentence."""

from collections.abc import Sequence
from functools import cache
from html import escape

from cnnviz.lessons.convolution.settings import Convolution
from cnnviz.ui.core import theme

CELL, GAP = 30, 24  # pixels
WORDS = "cnnviz: see a convolutional network think. The page is on its way."
LABEL = "A convolution: each number of the output is a window of the input, weighted by the kernel and added up."


@cache
def html() -> str:
    """A drawing with its sentence and its own style, light and dark as the system is; at most 10 kB."""
    lesson = Convolution()
    grids = {"input": lesson.x, "kernel": lesson.w, "output": lesson.compute().output.tolist()}
    height = CELL * max(len(grid) for grid in grids.values())
    drawn, left, start, top = [], 0, 0, 0
    for role, grid in grids.items():
        start, top = left, (height - CELL * len(grid)) // 2
        drawn.append(f'<g style="--c:{theme.ROLES[role]}" transform="translate({start} {top})">{_cells(grid)}</g>')
        left += CELL * len(grid[0]) + GAP
    rows, columns = lesson.kernel
    window = f'<rect class="window" width="{CELL * columns}" height="{CELL * rows}" rx="3"/>'  # and what it gives
    window += f'<rect class="window" x="{start}" y="{top}" width="{CELL}" height="{CELL}" rx="3"/>'
    box = f"-2 -2 {left - GAP + 4} {height + 4}"
    picture = f'<svg role="img" aria-label="{LABEL}" viewBox="{box}">{"".join(drawn)}{window}</svg>'
    return f'<style>{STYLE}</style><div class="first">{picture}<p role="status">{WORDS}</p></div>'


def _cells(grid: Sequence[Sequence[float | str]]) -> str:
    """The numbers of a grid, each in its square."""
    return "".join(
        f'<rect x="{CELL * c + 1}" y="{CELL * r + 1}" width="{CELL - 2}" height="{CELL - 2}" rx="2"/>'
        f'<text x="{CELL * c + CELL // 2}" y="{CELL * r + CELL // 2}">{escape(f"{float(number):g}")}</text>'
        for r, row in enumerate(grid)
        for c, number in enumerate(row)
    )


LIGHT, DARK = theme.NEUTRAL["light"], theme.NEUTRAL["dark"]
STYLE = f"""
body {{ margin: 0; background: {LIGHT["backgroundColor"]}; color: {LIGHT["textColor"]} }}
.first {{ min-height: 100vh; display: grid; place-content: center; justify-items: center; gap: 1rem;
  font: 1rem "Source Sans", sans-serif }}
.first svg {{ width: min(26rem, 86vw) }}
.first p {{ margin: 0; padding: 0 1rem; text-align: center }}
.first g rect {{ fill: var(--c); opacity: .14 }}
.first text {{ fill: currentColor; font-size: 13px; text-anchor: middle; dominant-baseline: central }}
.first .window {{ fill: none; stroke: {theme.ROLES["window"]}; stroke-width: 2.5 }}
@media (prefers-color-scheme: dark) {{
  body {{ background: {DARK["backgroundColor"]}; color: {DARK["textColor"]} }}
  .first g rect {{ opacity: .3 }}
}}
"""
