"""How long it takes, and how much memory, to trace every network of the zoo; and how long a change of the input size
takes to be seen on the Shapes page: `python -m bench.trace [--repeats 30] [--write]`."""

from __future__ import annotations

import argparse
import contextlib
import time
import tracemalloc
from collections.abc import Sequence
from statistics import median, quantiles

from playwright.sync_api import Browser, sync_playwright

from bench.ui import Timing, at_floor, circumstances, floor_of, probed_page, table
from cnnviz.networks import zoo
from cnnviz.tracing import ShapeError, trace
from harness.browser import launch
from harness.server import ROOT

REPORT = ROOT / "docs" / "bench-trace.md"
HEAD = "| network | steps | median ms | p95 ms | peak MB |\n|---|---|---|---|---|"
SHAPES = (".diagram", ".net .shape")


def traced(name: str, repeats: int) -> str:
    """One row: steps, milliseconds, and the peak of memory that Python allocates in one trace."""
    network, shape, steps, times = zoo.weightless(name), (1, *zoo.entry(name).input_shape), 0, []
    for _ in range(repeats):
        start = time.perf_counter()
        try:
            steps = len(trace(network, shape))
        except ShapeError as error:
            steps = len(error.steps)
        times.append(1000 * (time.perf_counter() - start))
    tracemalloc.start()
    with contextlib.suppress(ShapeError):
        trace(network, shape)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    p95 = quantiles(times, n=20, method="inclusive")[-1]
    return f"| {name} | {steps} | {median(times):.1f} | {p95:.1f} | {peak:.2f} |"


def redrawn(browser: Browser, name: str, repeats: int) -> Timing:
    """From a click on the height's + to the diagram that shows it; every size is a new one, so nothing is cached."""
    with probed_page(browser, "app.py", f"/shapes?network={name}") as (page, clock):
        up = page.locator(".st-key-shapes_height").get_by_test_id("stNumberInputStepUp")
        return clock.time(f"{name}: a new input height", repeats, lambda i: up.click(), "click", SHAPES, 80)


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, and write the report if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.relative_to(ROOT)}")
    chosen = parser.parse_args(given)
    lines = [HEAD, *(traced(name, min(chosen.repeats, 20)) for name in zoo.names()), ""]
    with sync_playwright() as playwright:
        browser = launch(playwright)
        rows = [floor_of(browser, chosen.repeats)]
        rows += [redrawn(browser, name, chosen.repeats) for name in ("lenet5", "resnet18")]
        lines += [table(rows), "", at_floor(rows), "", circumstances(browser)]
        browser.close()
    text = "\n".join(lines)
    print(text)
    if chosen.write:
        REPORT.write_text(f"# Tracing\n\n`python -m bench.trace --write` wrote this.\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
