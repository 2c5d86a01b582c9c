"""How fast the page answers, in a real browser: `python -m bench.ui [--repeats 60] [--write]`.

Hover and step: from the input event to the frame that paints the highlight. Edit: from the Enter that ends
it to the frame that shows the new output, by way of the server. The floor: the same for a component whose
rerun does nothing. All are clocked inside the page (probe.js), driven by real mouse and key events.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Browser, Locator, Page, WebSocket, sync_playwright

from harness.browser import launch, new_context
from harness.pages import Watch, open_path, settle
from harness.server import ROOT, serve

PROBE = Path(__file__).with_name("probe.js").read_text(encoding="utf-8")
FRAME = 1000 / 60  # ms
FLOOR = 21.0  # ms: the median of a rerun that does nothing, where the budgets for edits were set
REPORT = ROOT / "docs" / "bench-ui.md"

Act = Callable[[int], None]


@dataclass(frozen=True)
class Timing:
    """One row of the report; times in milliseconds, from the input event to the paint."""

    what: str
    times: list[float]
    budget: float | None = None  # for the 95th percentile
    messages: int = 0  # sent to the server meanwhile

    @property
    def p95(self) -> float:
        """The 95th percentile."""
        return quantiles(self.times, n=20, method="inclusive")[-1]

    def cells(self) -> list[str]:
        """What, repeats, median, p95, max, budget, verdict, messages: as they are printed."""
        numbers = [f"{value:.1f}" for value in (median(self.times), self.p95, max(self.times))]
        budget = "" if self.budget is None else f"{self.budget:.1f}"
        verdict = "" if self.budget is None else "ok" if self.p95 <= self.budget else "OVER"
        return [self.what, str(len(self.times)), *numbers, budget, verdict, str(self.messages)]


HEADER = ["what", "repeats", "median ms", "p95 ms", "max ms", "budget p95", "", "messages to the server"]
AT_FLOOR = """Machines differ, and the same one from hour to hour: the budgets for edits were set where a rerun that
does nothing took {0:g} ms in the median. Here it took {1:.1f} ms, in the same run. Scaled to {0:g} ms, the 95th
percentiles are: {2}."""


class Clock:
    """Times what actions change in one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.messages = 0
        page.on("websocket", self._count)

    def _count(self, socket: WebSocket) -> None:
        def sent(_: object) -> None:
            self.messages += 1

        socket.on("framesent", sent)

    def time(
        self, what: str, repeats: int, act: Act, event: str, watched: tuple[str, str], budget: float | None
    ) -> Timing:
        """Repeat `act(i)`: from its `event` until `watched` (root, selector) reads differently."""
        times = []
        messages = self.messages
        for i in range(-3, repeats):  # three to warm up
            self.page.evaluate("([event, root, selector]) => probe.arm(event, root, selector)", [event, *watched])
            act(i)
            elapsed = self.page.evaluate("measured")
            if i >= 0:
                times.append(elapsed)
            else:
                messages = self.messages
        return Timing(what, times, budget, self.messages - messages)


# --- what is measured

HIGHLIGHT = (".stage", ".cell.in-window, .cell.now")
OUTPUT = (".stage", '.cell[data-plane="y0"] .value')


def hover(page: Page, clock: Clock, repeats: int) -> Timing:
    """The mouse goes from output cell to output cell; the window that lights up follows."""
    centres = outputs(page)
    tour = cycle([*centres[1:], centres[0]])  # the window stands on the first already
    return clock.time(
        "hover an output cell",
        repeats,
        lambda i: page.mouse.move(*next(tour)),
        "pointerover",
        HIGHLIGHT,
        FRAME,
    )


def outputs(page: Page) -> list[tuple[float, float]]:
    """Where the output's cells are: the middle of each, in pixels."""
    boxes = [cell.bounding_box() for cell in page.locator('.cell[data-plane="y0"]').all()]
    return [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes if box]


def step(page: Page, clock: Clock, repeats: int) -> Timing:
    """One step forward, one back, by key."""
    page.mouse.move(1, 1)
    page.locator(".stage").focus()
    keys = cycle(["ArrowRight", "ArrowLeft"])
    return clock.time(
        "step the window", repeats, lambda i: page.keyboard.press(next(keys)), "keydown", HIGHLIGHT, FRAME
    )


def commit(page: Page, clock: Clock, repeats: int) -> Timing:
    """A number is typed into the kernel's first cell; Enter; the output that Python computed is shown."""
    cell = page.locator('.cell[data-plane="w0"]').first

    def edit(i: int) -> None:
        cell.click()
        page.locator(".editor").fill(str(20 + i))
        page.keyboard.press("Enter")

    measured = clock.time("edit a cell", repeats, edit, "keydown", OUTPUT, 80)
    page.keyboard.press("Escape")
    return measured


def slide(page: Page, clock: Clock, repeats: int) -> Timing:
    """The stride is clicked up and down: the output gets another shape, and the stage is laid out anew."""
    buttons = cycle(strides(page))
    return clock.time("change the stride", repeats, lambda i: next(buttons).click(), "click", OUTPUT, 80)


def strides(page: Page) -> list[Locator]:
    """What makes the stride larger, and smaller."""
    box = page.locator('[class*="st-key-convolution_stride_h"]')
    return [box.get_by_test_id(f"stNumberInputStep{way}") for way in ("Up", "Down")]


def floor(page: Page, clock: Clock, repeats: int) -> Timing:
    """The shortest way to the server and back."""
    button = page.locator("#floor")
    watched = ("#floor", "#count")
    return clock.time("floor: a rerun that does nothing", repeats, lambda i: button.click(), "click", watched, None)


def floor_of(browser: Browser, repeats: int) -> Timing:
    """The floor of this machine at this moment."""
    with probed_page(browser, "bench/floor.py", "/") as (page, clock):
        return floor(page, clock, repeats)


@contextmanager
def probed_page(browser: Browser, script: str, path: str) -> Iterator[tuple[Page, Clock]]:
    """A page on a fresh server, ready and with the probe in it."""
    with serve(script) as server:
        page = new_context(browser).new_page()
        clock, watch = Clock(page), Watch(page)
        open_path(page, server.url + path)
        if problems := watch.found():
            raise RuntimeError("\n".join(problems))
        page.evaluate(PROBE)
        yield page, clock
        page.context.close()


def measure(browser: Browser, repeats: int) -> list[Timing]:
    """All of it, one after the other."""
    rows = [floor_of(browser, repeats)]
    with probed_page(browser, "app.py", "/convolution") as (page, clock):
        page.locator('.transport [data-action="start"]').click()  # it plays on load
        settle(page)
        rows += [what(page, clock, repeats) for what in (hover, step, commit, slide)]
    return rows


# --- the report


def table(rows: list[Timing]) -> str:
    """The rows as a Markdown table, padded so that it also reads in a terminal."""
    cells = [HEADER, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |" for line in cells]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def at_floor(rows: list[Timing]) -> str:
    """The percentiles of what goes to the server, for a machine on which the floor, the first row, is FLOOR."""
    here = median(rows[0].times)
    sentences = [
        f"{row.what} {scaled:.0f} ms ({'ok' if scaled <= row.budget else 'OVER'})"
        for row in rows[1:]
        if row.messages and row.budget is not None
        for scaled in [row.p95 * FLOOR / here]
    ]
    return AT_FLOOR.format(FLOOR, here, ", ".join(sentences))


def circumstances(browser: Browser) -> str:
    """Where it was measured, in one line."""
    versions = f"Streamlit {version('streamlit')}, Python {platform.python_version()}"
    return f"{os.cpu_count()} CPU cores, localhost, headless Chromium {browser.version}, {versions}."


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, and with --write keep the table in docs/bench-ui.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.ui", description=__doc__)
    parser.add_argument("--repeats", type=int, default=60)
    parser.add_argument("--write", action="store_true", help="also write docs/bench-ui.md")
    arguments = parser.parse_args(given)
    with sync_playwright() as playwright, launch(playwright) as browser:
        rows = measure(browser, arguments.repeats)
        report = f"{table(rows)}\n\n{at_floor(rows)}\n\n{circumstances(browser)}\n"
    print(report)
    if arguments.write:
        REPORT.write_text(f"# How fast the page answers\n\nMade by `python -m bench.ui --write`.\n\n{report}")


if __name__ == "__main__":
    main()
