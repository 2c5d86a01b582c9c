"""Every budget that is measured in a browser, here and far away: `python -m bench.far [--write]`.

Between browser and server lies a line (harness/far.py) whose length and width are set while pages are open, so that
the distances take turns and what else the machine does meanwhile falls on all of them. `shown` is from the event to the
first painted frame in which what is watched reads differently, wherever that was computed; `confirmed` to the one in
which Python has answered and nothing on the stage is provisional any more. Everything is clocked inside the page.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import cycle
from math import cos, sin

from playwright.sync_api import Browser, Page, sync_playwright

from bench.distances import (
    AGAIN,
    BARS_A_SECOND,
    DISTANCES,
    DOWN,
    EDIT,
    EDIT_CONFIRMED,
    FAR,
    HERE,
    HOVER,
    LAB,
    LOADED,
    MOVE,
    NOTHING,
    PAINT,
    PEN,
    POINT,
    STAGE,
    STRIDE,
    STRIDE_CONFIRMED,
    UP,
    WHOLE,
    Found,
    Row,
    tables,
)
from bench.draw import BARS, RATE
from bench.live import NEW_POINT
from bench.ui import HIGHLIGHT, OUTPUT, PROBE, circumstances, outputs, strides
from harness.browser import launch, new_context
from harness.far import Line, far
from harness.pages import open_path, settle
from harness.server import ROOT, serve

REPORT = ROOT / "docs" / "bench-far.md"
INTRODUCTION = """# Here and far away

Made by `python -m bench.far --write`: medians, in brackets the 95th percentiles of three values and more. Between
browser and server lies a line of the length that the column says; 2 Mbit/s are shared by all connections, in each
direction. A new connection costs a round trip. `shown` is the first painted frame in which what is watched reads
differently; `confirmed` the one in which Python has answered and nothing on the stage is provisional any more.

"""
ROUNDS, EACH = 2, 6  # so often all distances have their turn, with so many repeats of each act
VISITS, PRESSES = 3, 3  # at each distance
EDITS = 5  # whose bytes are counted, on each page
PAGES = ("/convolution", "/channels", "/pooling", "/filters")  # those with grids to type into
DRAWING = 4  # seconds in which bars are counted
CENTRE, TURN = 0.5, 0.7  # the pen draws spirals: the middle of the paper, radians from one move to the next

# when the stage can be used first: it is drawn, its script runs, and it has nothing left to load
USABLE = """(() => {
    const isReady = (one) => one.shadowRoot?.querySelector('[data-state="ready"] .stage .cell');
    const look = () => {
        if ([...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')].some(isReady))
            window.usableAt = performance.now();
        else requestAnimationFrame(look);
    };
    look();
})()"""
DRAWN = """(() => {
    const isDrawn = (one) => one.shadowRoot?.querySelector('.stage .cell .value')?.textContent;
    const look = () => {
        const there = document.querySelector('#component');
        if (there && isDrawn(there)) window.drawnAt = performance.now();
        else requestAnimationFrame(look);
    };
    look();
})()"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


# --- acts on pages that are open


class Open:
    """An open page, and the line that it came over."""

    def __init__(self, page: Page, line: Line) -> None:
        self.page, self.line = page, line

    def come(self, path: str) -> None:
        """Go to that page, and be ready to clock what happens on it."""
        open_path(self.page, f"http://127.0.0.1:{self.line.port}{path}")
        self.page.evaluate(PROBE)

    def time(self, act: Callable[[], None], event: str, watched: tuple[str, str]) -> tuple[float, float]:
        """From the event that the act causes until it shows, and until it is confirmed, in ms."""
        self.page.evaluate("([event, root, selector]) => probe.arm(event, root, selector)", [event, *watched])
        act()
        times = float(self.page.evaluate("measured")), float(self.page.evaluate("confirmed"))
        settle(self.page)
        return times

    def passed_by(self, act: Callable[[], None]) -> dict[str, float]:
        """What an act sends over the line, in kB."""
        before = dict(self.line.passed)
        act()
        settle(self.page)
        return {
            UP: (self.line.passed["up"] - before["up"]) / 1000,
            DOWN: (self.line.passed["down"] - before["down"]) / 1000,
        }


class Floor(Open):
    """The page whose rerun does nothing."""

    def act(self) -> Iterator[dict[Row, float]]:
        for _ in range(EACH):
            time, _confirmed = self.time(self.page.locator("#floor").click, "click", ("#floor", "#count"))
            yield {NOTHING: time}


class Grid(Open):
    """A page with cells to type into."""

    def __init__(self, page: Page, line: Line) -> None:
        super().__init__(page, line)
        self.numbers = cycle(range(20, 60))

    def edit(self) -> None:
        """Type another number into a cell of the kernel, or of what there is; Enter."""
        cells = self.page.locator('.cell.editable[data-plane="w0"]')
        (cells if cells.count() else self.page.locator(".cell.editable")).first.click()
        self.page.locator(".editor").fill(str(next(self.numbers)))
        self.page.keyboard.press("Enter")

    def act(self) -> Iterator[dict[Row, float]]:
        yield from self.hover()
        for _ in range(EACH):
            shown, confirmed = self.time(self.edit, "keydown", OUTPUT)
            yield {EDIT: shown, EDIT_CONFIRMED: confirmed}
        self.page.keyboard.press("Escape")
        buttons = cycle(strides(self.page))
        for _ in range(2 * (EACH // 2) + 2):  # up as often as down
            shown, confirmed = self.time(next(buttons).click, "click", OUTPUT)
            yield {STRIDE: shown, STRIDE_CONFIRMED: confirmed}

    def hover(self) -> Iterator[dict[Row, float]]:
        """From one cell of the output to the next."""
        self.page.mouse.move(1, 1)
        for place in outputs(self.page)[1 : 1 + EACH]:
            self.page.evaluate("([root, cells]) => probe.arm('pointerover', root, cells)", list(HIGHLIGHT))
            self.page.mouse.move(*place)
            yield {HOVER: float(self.page.evaluate("measured"))}


class Paper(Open):
    """The pad of Draw."""

    def clear(self) -> None:
        """Take fresh paper."""
        button = self.page.locator(".pad .clear")
        if button.is_enabled():
            button.click()
        settle(self.page)

    def spiral(self) -> Iterator[Callable[[], None]]:
        """Put the pen on fresh paper; then its moves."""
        self.clear()
        box = self.page.locator(".paper").bounding_box()
        assert box is not None

        def move(i: int) -> None:
            reach = 0.1 + 0.02 * i
            place = CENTRE + reach * cos(TURN * i), CENTRE + reach * sin(TURN * i)
            self.page.mouse.move(box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"])

        move(0)
        self.page.mouse.down()
        settle(self.page)
        for i in range(1, 1 + EACH):
            yield partial(move, i)
        self.page.mouse.up()
        settle(self.page)

    def act(self) -> Iterator[dict[Row, float]]:
        for move in self.spiral():
            yield {PEN: self.time(move, "pointermove", (".readers", BARS))[0]}

    def rate(self) -> float:
        """Bars a second while the pen moves all the time."""
        self.page.bring_to_front()
        self.clear()
        updates = float(self.page.evaluate(RATE, DRAWING))
        settle(self.page)
        return updates


def take_turns(found: Found, pages: Sequence[Floor | Grid | Paper]) -> None:
    """Every act at every distance, round after round; the first round warms up."""
    for round_ in range(ROUNDS + 1):
        for distance in DISTANCES if round_ else [HERE]:
            for page in pages:
                distance.set(page.line)
                page.page.bring_to_front()
                for times in page.act():
                    for row, time in times.items() if round_ else ():
                        found.times[row, distance].append(time)


def draw_on(found: Found, paper: Paper) -> None:
    """Bars a second at each distance."""
    for distance in DISTANCES:
        distance.set(paper.line)
        found.times[BARS_A_SECOND, distance].append(paper.rate())


def count_bytes(found: Found, grid: Grid, paper: Paper) -> None:
    """What an edit sends on each page, and a move of the pen."""

    def note(what: str, sent: dict[str, float]) -> None:
        for way, size in sent.items():
            found.passed[what, way].append(size)

    for open_ in (grid, paper):
        HERE.set(open_.line)
    grid.page.bring_to_front()
    for path in PAGES:
        grid.come(path)
        note(f"the first edit of a cell, {path}", grid.passed_by(grid.edit))
        for _ in range(EDITS):
            note(f"an edit of a cell, {path}", grid.passed_by(grid.edit))
    paper.page.bring_to_front()
    for move in paper.spiral():
        note(MOVE, paper.passed_by(move))


# --- visits


def visit(page: Page, line: Line) -> tuple[float, float, float]:
    """Seconds until /convolution shows something, until its stage can be used, and until all of it is there."""
    page.add_init_script(USABLE)
    open_path(page, f"http://127.0.0.1:{line.port}/convolution")
    return tuple(page.evaluate(f"[{PAINTED}, usableAt, busyAt].map((time) => time / 1000)"))


def lab(page: Page, line: Line) -> float:
    """Seconds until a lab shows its grids with their numbers."""
    page.add_init_script(DRAWN)
    page.goto(f"http://127.0.0.1:{line.port}/labs/convolution.html")
    page.wait_for_function("() => window.drawnAt")
    return float(page.evaluate("drawnAt / 1000"))


def visits(found: Found, browser: Browser, line: Line) -> None:
    """A fresh browser comes, and comes again."""
    for _ in range(VISITS):
        for distance in DISTANCES:
            distance.set(line)
            before = line.passed["down"]
            with new_context(browser) as context:
                page = context.new_page()
                paint, stage, whole = visit(page, line)
                loaded = (line.passed["down"] - before) / 1e6
                page.close()
                _, again, _ = visit(context.new_page(), line)
            for row, value in {PAINT: paint, STAGE: stage, WHOLE: whole, LOADED: loaded, AGAIN: again}.items():
                found.times[row, distance].append(value)
            with new_context(browser) as context:
                found.times[LAB, distance].append(lab(context.new_page(), line))


def train(found: Found, open_: Open) -> None:
    """Press Train, see a point, stop; the first press warms the worker."""
    open_.page.set_default_timeout(60_000)
    open_.come("/train?epochs=200")
    for press in range(PRESSES + 1):
        for distance in (HERE, FAR) if press else [HERE]:
            distance.set(open_.line)
            time = float(open_.page.evaluate(NEW_POINT)) / 1000
            open_.page.locator(".st-key-train_stop button").click()
            open_.page.get_by_text("Stopped at epoch").wait_for()
            settle(open_.page)
            if press:
                found.times[POINT, distance].append(time)


def measure(browser: Browser) -> Found:
    """All of it."""
    found = Found()
    with ExitStack() as stack:
        lines = [
            stack.enter_context(far(stack.enter_context(serve(script)).port)) for script in ("bench/floor.py", "app.py")
        ]
        floor_line, line = lines
        pages = [stack.enter_context(new_context(browser)).new_page() for _ in range(3)]
        floor, grid, paper = Floor(pages[0], floor_line), Grid(pages[1], line), Paper(pages[2], line)
        for open_, path in ((floor, "/"), (grid, "/convolution"), (paper, "/draw")):
            open_.page.bring_to_front()
            open_.come(path)
        grid.page.locator('.transport [data-action="start"]').click()  # it plays on load
        take_turns(found, (floor, grid, paper))
        draw_on(found, paper)
        count_bytes(found, grid, paper)
        for page in pages:
            page.close()
        visits(found, browser, line)
        train(found, Open(stack.enter_context(new_context(browser)).new_page(), line))
    return found


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, and with --write keep the tables in docs/bench-far.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.far", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"also write {REPORT.relative_to(ROOT)}")
    chosen = parser.parse_args(given)
    with sync_playwright() as playwright, launch(playwright) as browser:
        report = f"{tables(measure(browser))}\n\n{circumstances(browser)}\n"
    print(report)
    if chosen.write:
        REPORT.write_text(INTRODUCTION + report, encoding="utf-8")


if __name__ == "__main__":
    main()
