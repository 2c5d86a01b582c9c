"""What `bench.far` reports: its distances, its rows with their budgets, its two tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

from bench.ui import FLOOR, FRAME
from harness.far import Line


@dataclass(frozen=True)
class Distance:
    """How far the server is: `round_trip` in seconds, `rate` in bits a second; and which of the budgets hold there."""

    name: str
    round_trip: float
    rate: float | None = None
    budgets: str = ""

    def set(self, line: Line) -> None:
        """From now on the line is so long, and so narrow."""
        line.round_trip, line.rate = self.round_trip, self.rate


HERE = Distance("here", 0, budgets="near")
FAR = Distance("150 ms", 0.15, budgets="far")
DISTANCES = (
    HERE,
    Distance("50 ms", 0.05),
    FAR,
    Distance("400 ms", 0.4),
    Distance("150 ms, 2 Mbit/s", 0.15, 2_000_000, budgets="far"),
)


def p95(values: Sequence[float]) -> float:
    """The 95th percentile."""
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


@dataclass(frozen=True)
class Row:
    """One row of the report: what is measured, in which unit, and the budget for `judged` of it, here and far away."""

    what: str
    unit: str = "ms"
    near: float | None = None
    far: float | None = None
    judged: Callable[[Sequence[float]], float] = p95
    at_least: bool = False
    everywhere: bool = False  # the budget knows no distance

    def budget(self, distance: Distance) -> float | None:
        """What holds at that distance; None: nothing does."""
        if self.everywhere:
            return self.near
        return {"near": self.near, "far": self.far}.get(distance.budgets)

    def told(self) -> str:
        """The budget in words."""
        known = list(dict.fromkeys(f"{value:.3g}" for value in (self.near, self.far) if value is not None))
        kind = "at least " if self.at_least else "p95 " if self.judged is p95 else ""
        return f"{kind}{', '.join(known)} {self.unit}" if known else ""

    def cell(self, values: Sequence[float], distance: Distance) -> str:
        """The median, the 95th percentile in brackets, and whether the budget is kept."""
        if not values:
            return ""
        spread = f" ({short(p95(values))})" if len(values) > 2 else ""
        budget, judged = self.budget(distance), self.judged(values)
        kept = budget is None or (judged >= budget if self.at_least else judged <= budget)
        verdict = "" if budget is None else " ok" if kept else " **over**" if not self.at_least else " **under**"
        return f"{short(median(values))}{spread}{verdict}"


def short(value: float) -> str:
    """Three digits."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


NOTHING = Row("floor: a rerun that does nothing")
HOVER = Row("point at a cell: its window is lit", near=FRAME, everywhere=True)
EDIT = Row("edit a cell: consequences shown", near=FRAME, everywhere=True)
EDIT_CONFIRMED = Row("edit a cell: confirmed", near=80, far=240)
STRIDE = Row("stride: the new stage shown", near=FRAME, everywhere=True)
STRIDE_CONFIRMED = Row("stride: confirmed", near=80, far=240)
PEN = Row("the pen moves: bars follow", near=80, far=260)
BARS_A_SECOND = Row("bars while drawing", "a second", near=15, far=10, judged=median, at_least=True)
PAINT = Row("first visit: something to look at", "s", near=0.3, far=0.5, judged=median)
STAGE = Row("first visit: the stage can be used", "s", near=2, far=5, judged=median)
WHOLE = Row("first visit: all of the page is there", "s", judged=median)
LOADED = Row("first visit: over the line", "MB", judged=median)
AGAIN = Row("second visit: the stage can be used", "s", near=2.3, far=2.3, judged=median)
LAB = Row("first screen of a lab", "s", near=0.3, far=1, judged=median)
POINT = Row("press Train: the first point", "s", near=0.6, far=1)
ROWS = (
    NOTHING,
    HOVER,
    EDIT,
    EDIT_CONFIRMED,
    STRIDE,
    STRIDE_CONFIRMED,
    PEN,
    BARS_A_SECOND,
    PAINT,
    STAGE,
    WHOLE,
    LOADED,
    AGAIN,
    LAB,
    POINT,
)
DOWN, UP = "down, kB", "up, kB"
MOVE = "a move of the pen, /draw"
BYTES = {DOWN: 3.0, UP: 2.0}  # kB; an edit has no budget for what goes up


@dataclass
class Found:
    """What was measured: by row and distance, and the bytes by what was done and the way that they went."""

    times: dict[tuple[Row, Distance], list[float]] = field(default_factory=lambda: defaultdict(list))
    passed: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))


def tables(found: Found) -> str:
    """Both, in Markdown, with what is to be known of them."""
    heads = ["what", "budget", *(distance.name for distance in DISTANCES)]
    times = [
        [row.what, row.told(), *(row.cell(found.times[row, distance], distance) for distance in DISTANCES)]
        for row in ROWS
    ]
    sizes = [_sizes(found, what) for what in dict.fromkeys(what for what, _ in found.passed)]
    floor = median(found.times[NOTHING, HERE])
    return "\n\n".join(
        [
            _markdown([heads, *times]),
            f"Where the budgets were set a rerun that does nothing took {FLOOR:g} ms; here it took {floor:.0f} ms.",
            _markdown([["over the line", *BYTES], *sizes]),
        ]
    )


def _sizes(found: Found, what: str) -> list[str]:
    """The row of the bytes of something: medians, and whether the budgets are kept."""
    cells = []
    for way, budget in BYTES.items():
        size = median(found.passed[what, way])
        judged = way == DOWN or what == MOVE
        cells.append(f"{short(size)}{'' if not judged else ' ok' if size <= budget else ' **over**'}")
    return [what, *cells]


def _markdown(rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is words; padded, so that it also reads in a terminal."""
    cells = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    rule = [":" + "-" * (widths[0] + 1), *("-" * (width + 1) + ":" for width in widths[1:])]
    return "\n".join([lines[0], "|" + "|".join(rule) + "|", *lines[1:]])
