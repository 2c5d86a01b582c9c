"""What a page with a figure by plotly costs: `python -m bench.plotly [--repeats 40] [--write]`.

The first load, in a browser that has nothing yet: bytes and time until the text and the table are there, and until the
figure is; beside it the same page while its figure is folded. And an edit beside the figure, folded and unfolded.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from statistics import median, quantiles

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from bench.ui import circumstances, floor_of
from harness.browser import launch, new_context
from harness.pages import open_path, settle
from harness.server import ROOT, serve

REPORT = ROOT / "docs" / "bench-plotly.md"
FOLDS = {"/evaluate": "Is it as sure as it is right? The figure", "/train": "Compare runs that are over"}
EDITS = {
    "/evaluate": "Evaluate, a cell clicked",
    "/architectures": "Architectures, another block",
    "/train": "Train, one epoch more or less",
}
DRAWN = ".js-plotly-plot .modebar-btn"
BYTES = """() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
  .reduce((sum, one) => sum + one.transferSize, 0)"""
CHUNK = """() => performance.getEntriesByType('resource').filter((one) => one.name.includes('/PlotlyChart'))
  .reduce((sum, one) => sum + one.transferSize, 0)"""

ARM = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  let clicked, ran = false;
  addEventListener('click', () => { clicked = performance.now(); }, {capture: true, once: true});
  window.rerun = new Promise((resolve) => {
    new MutationObserver((changes, observer) => {
      const state = app.dataset.testScriptState;
      if (clicked && state !== 'notRunning') ran = true;
      if (!ran || state !== 'notRunning') return;
      observer.disconnect();
      requestAnimationFrame(() => resolve(performance.now() - clicked));
    }).observe(app, {attributes: true});
  });
}"""


@dataclass(frozen=True)
class Load:
    """First visits to a page: seconds until its table is there, and until its figure is; megabytes in all, and those of
    plotly's script. Zero where there is no figure."""

    what: str
    text: list[float]
    drawn: list[float]
    megabytes: float
    script: float

    def cells(self) -> list[str]:
        """As they are printed."""
        figure = f"{median(self.drawn):.2f}" if self.script else "-"
        return [self.what, f"{median(self.text):.2f}", figure, f"{self.megabytes:.1f}", f"{self.script:.1f}"]


def load(browser: Browser, url: str, what: str, ready: str, unfold: str = "", repeats: int = 5) -> Load:
    """Open the page `repeats` times, each in a browser profile of its own; `unfold` is what has to be clicked first."""
    text, drawn = [], []
    for _ in range(repeats):
        page = new_context(browser).new_page()
        page.set_default_timeout(60_000)
        began = time.perf_counter()
        page.goto(url, wait_until="commit")
        page.locator(ready).first.wait_for()
        text.append(time.perf_counter() - began)
        if unfold:
            began = time.perf_counter()
            page.get_by_text(unfold, exact=True).click()
        if unfold or url.endswith("architectures"):
            page.locator(DRAWN).first.wait_for()
            drawn.append(time.perf_counter() - began)
        settle(page)
        megabytes, script = page.evaluate(BYTES) / 1e6, page.evaluate(CHUNK) / 1e6
        page.context.close()
    return Load(what, text, drawn, megabytes, script)


def loads(browser: Browser, url: str, repeats: int) -> list[Load]:
    """All first visits. Each page was opened once before: what its server imports and computes once is not counted."""
    pages = [
        ("/architectures", "Architectures, its figure below the first screen", ".cnnviz-table", False),
        ("/evaluate", "Evaluate, folded", ".cnnviz-table", False),
        ("/evaluate", "Evaluate, unfolded at once", ".cnnviz-table", True),
        ("/train", "Train, folded", ".st-key-train_compare", False),
        ("/train", "Train, unfolded at once", ".st-key-train_compare", True),
    ]
    for path, _, ready, _ in pages[::2]:
        load(browser, url + path, "", ready, repeats=1)
    return [
        load(browser, url + path, what, ready, FOLDS[path] if unfolded else "", repeats)
        for path, what, ready, unfolded in pages
    ]


# --- edits


@dataclass(frozen=True)
class Rerun:
    """Edits on a page: milliseconds from the click until the page's script has ended and its answer is there, and
    kilobytes that came for each."""

    what: str
    times: list[float]
    kilobytes: float

    def cells(self) -> list[str]:
        """As they are printed."""
        p95 = quantiles(self.times, n=20, method="inclusive")[-1]
        return [self.what, str(len(self.times)), f"{median(self.times):.0f}", f"{p95:.0f}", f"{self.kilobytes:.1f}"]


class Answers:
    """Counts the bytes that a page's server sends."""

    def __init__(self, page: Page) -> None:
        self.received = 0
        page.on("websocket", lambda socket: socket.on("framereceived", self._count))

    def _count(self, frame: str | bytes) -> None:
        self.received += len(frame)


def rerun(page: Page, answers: Answers, what: str, targets: Sequence[Locator], repeats: int) -> Rerun:
    """Click the targets in turn."""
    times, turns = [], cycle(targets)
    for i in range(-3, repeats):  # three to warm up
        if i == 0:
            answers.received = 0
        page.evaluate(ARM)
        next(turns).click()
        elapsed = page.evaluate("rerun")
        settle(page)
        if i >= 0:
            times.append(elapsed)
    return Rerun(what, times, answers.received / 1000 / repeats)


def targets(page: Page, path: str) -> list[Locator]:
    """What is clicked in turn on a page: cells of the matrix, blocks, the number of epochs."""
    if path == "/evaluate":
        cells = ((9, 4), (5, 3))
        return [page.locator(f'.confusion .cell[data-row="{row}"][data-col="{col}"]') for row, col in cells]
    if path == "/architectures":
        return [page.get_by_text(name) for name in ("2012 · AlexNet", "2014 · VGG-16")]
    return [page.locator(".st-key-train_epochs").get_by_test_id(f"stNumberInputStep{way}") for way in ("Up", "Down")]


def reruns(browser: Browser, url: str, repeats: int) -> list[Rerun]:
    """An edit beside each figure, while it is folded and while it is drawn."""
    rows = []
    for path, name in EDITS.items():
        page = new_context(browser).new_page()
        page.set_default_timeout(60_000)
        answers = Answers(page)
        open_path(page, url + path)
        clicked = targets(page, path)
        if path in FOLDS:
            rows.append(rerun(page, answers, f"{name}, the figure folded", clicked, repeats))
            page.get_by_text(FOLDS[path], exact=True).click()
        page.locator(DRAWN).first.wait_for()
        settle(page)
        rows.append(rerun(page, answers, f"{name}, the figure drawn", clicked, repeats))
        page.context.close()
    return rows


# --- the report


def report(browser: Browser, repeats: int) -> str:
    """All of it, on one server."""
    floor = median(floor_of(browser, repeats).times)
    with serve("app.py") as server:
        visits = loads(browser, server.url, max(3, repeats // 8))
        edits = reruns(browser, server.url, repeats)
    first = grid(["first visit", "text and table, s", "figure, s", "MB in all", "MB plotly"], visits)
    later = grid(["an edit", "repeats", "median ms", "p95 ms", "kB received"], edits)
    note = (
        "Medians; on Evaluate and Train the seconds of the figure begin with the click that unfolds it. On localhost, "
        f"uncompressed. A rerun that does nothing took {floor:.1f} ms in the same run."
    )
    return f"{first}\n\n{later}\n\n{note}\n\n{circumstances(browser)}\n"


def grid(head: list[str], rows: Sequence[Load] | Sequence[Rerun]) -> str:
    """The rows as a Markdown table, padded so that it also reads in a terminal."""
    cells = [head, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |" for line in cells]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, and with --write keep the tables in docs/bench-plotly.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.plotly", description=__doc__)
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--write", action="store_true", help=f"also write {REPORT.relative_to(ROOT)}")
    chosen = parser.parse_args(given)
    with sync_playwright() as playwright, launch(playwright) as browser:
        text = report(browser, chosen.repeats)
    print(text)
    if chosen.write:
        head = "# What a figure by plotly costs\n\nMade by `python -m bench.plotly --write`.\n\n"
        REPORT.write_text(head + text, encoding="utf-8")


if __name__ == "__main__":
    main()
