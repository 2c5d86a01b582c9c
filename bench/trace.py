"""How long it takes, and how much memory, to trace every network of the zoo: `python -m bench.trace [--write]`; and how
long a change of the input size takes to be seen on the Shapes page."""

from __future__ import annotations

import argparse
import time
import tracemalloc
from statistics import median, quantiles

from playwright.sync_api import Page, sync_playwright

from bench.browser import ROOT, Watch, launch, new_context, open_path, serve, settle
from bench.ui import circumstances
from cnnviz import zoo
from cnnviz.tracing import ShapeError, trace

REPORT = ROOT / "docs" / "bench-trace.md"
BUDGET = 80.0  # ms, for the 95th percentile of a commit
HEAD = "| network | steps | median ms | p95 ms | peak MB |\n|---|---|---|---|---|"
REDRAWN = """([label, value]) => new Promise((resolve) => {
    const box = document.querySelector(`input[aria-label="${label}"]`);
    const host = [...document.querySelectorAll('*')].find((one) => one.shadowRoot?.querySelector('.diagram'));
    const net = (host?.shadowRoot ?? document).querySelector('.diagram .net');
    const start = performance.now();
    new MutationObserver((_changes, observer) => {
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
    }).observe(net, {childList: true});
    box.focus();
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
    set.call(box, value);
    box.dispatchEvent(new Event('input', {bubbles: true}));
    box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}));
})"""


def traced(name: str, repeats: int) -> str:
    """One row: steps, milliseconds, and the peak of memory that Python allocates in one trace."""
    network, shape, steps = zoo.weightless(name), (1, *zoo.entry(name).input_shape), 0
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        try:
            steps = len(trace(network, shape))
        except ShapeError as error:
            steps = len(error.steps)
        times.append(1000 * (time.perf_counter() - start))
    tracemalloc.start()
    try:
        trace(network, shape)
    except ShapeError:
        pass
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return f"| {name} | {steps} | {median(times):.1f} | {p95(times):.1f} | {peak:.2f} |"


def p95(times: list[float]) -> float:
    """The 95th percentile."""
    return quantiles(times, n=20, method="inclusive")[-1]


def redrawn(page: Page, repeats: int) -> list[float]:
    """Milliseconds from a new height to the diagram that shows it; every size is a new one, so nothing is cached."""
    times = []
    for n in range(repeats + 5):
        times.append(page.evaluate(REDRAWN, ["Height", str(32 + n)]))
        settle(page)
    return times[5:]


def main() -> None:
    """Measure, print, and write the report if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.relative_to(ROOT)}")
    chosen = parser.parse_args()
    lines = [HEAD, *(traced(name, chosen.repeats) for name in zoo.names()), ""]
    lines += ["| a new input height, redrawn | repeats | median ms | p95 ms | budget p95 |", "|---|---|---|---|---|"]
    with serve() as server, sync_playwright() as playwright:
        browser = launch(playwright)
        for name in ("lenet5", "resnet18"):
            page = new_context(browser).new_page()
            watch = Watch(page)
            open_path(page, f"{server.url}/shapes?network={name}")
            times = redrawn(page, max(50, chosen.repeats))
            lines.append(f"| {name} | {len(times)} | {median(times):.1f} | {p95(times):.1f} | {BUDGET:.0f} |")
            assert not watch.found(), watch.found()
        lines += ["", circumstances(browser)]
        browser.close()
    text = "\n".join(lines)
    print(text)
    if chosen.write:
        REPORT.write_text(f"# Tracing\n\n`python -m bench.trace --write` wrote this.\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
