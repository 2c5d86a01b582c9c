"""How the app feels while it trains: `python -m bench.live [--repeats 20] [--write]`.

From the press on Train to the first point on the chart, with a warm worker; how often the charts are updated; and how
long an edit takes on another page meanwhile, beside the same edit without a run.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from playwright.sync_api import Browser, Page, sync_playwright

from bench.ui import PROBE, Clock, Timing, at_floor, circumstances, commit, floor_of, slide, table
from harness.browser import launch, new_context
from harness.pages import open_path, settle
from harness.server import ROOT, serve

REPORT = ROOT / "docs" / "bench-live.md"
WATCH = 12  # seconds for which updates are counted
MIN_RATE = 2.0  # updates a second
NEW_POINT = """async () => {
  const chart = () => [...document.querySelectorAll('.st-key-train_stage *')].map((e) => e.shadowRoot ?? e)
    .map((e) => e.querySelector?.('.chart')).find(Boolean);
  const button = document.querySelector('.st-key-train_start button'), before = chart();
  const pressed = performance.now();
  button.click();
  const told = () => chart()?.getAttribute('aria-label') ?? '';
  const isThere = () => chart() !== before && /^Loss[^;]*, last/.test(told());
  while (!isThere()) await new Promise(requestAnimationFrame);
  return performance.now() - pressed;
}"""
UPDATES = """async (seconds) => {
  const charts = () => [...document.querySelectorAll('.st-key-train_stage *')].map((e) => e.shadowRoot ?? e)
    .map((e) => e.querySelector?.('.chart')?.getAttribute('aria-label')).find(Boolean);
  const times = [], end = performance.now() + 1000 * seconds;
  let seen = charts();
  while (performance.now() < end) {
    await new Promise(requestAnimationFrame);
    if (charts() !== seen) { seen = charts(); times.push(performance.now()); }
  }
  return times;
}"""


def first_point(page: Page, repeats: int) -> Timing:
    """Press Train, see a point; stop the run; again."""
    times = []
    for _ in range(repeats):
        times.append(page.evaluate(NEW_POINT))
        page.locator(".st-key-train_stop button").click()
        page.get_by_text("Stopped at epoch").wait_for()
        settle(page)
    return Timing("press Train: the first point on the chart", times, 1000)


def updates(page: Page) -> tuple[Timing, float]:
    """The gaps between two updates of the chart, and how many there are a second, while a run goes on."""
    page.evaluate(NEW_POINT)
    times = page.evaluate(UPDATES, WATCH)
    gaps = [after - before for before, after in pairwise(times)]
    return Timing("a run: from one update of the chart to the next", gaps), len(times) / WATCH


def edits(page: Page, url: str, repeats: int, during: bool) -> list[Timing]:
    """A cell and the stride on the Convolution page."""
    other = page.context.new_page()
    clock = Clock(other)
    open_path(other, f"{url}/convolution")
    other.locator('.transport [data-action="start"]').click()
    settle(other)
    other.evaluate(PROBE)
    rows = [what(other, clock, repeats) for what in (commit, slide)]
    other.close()
    when, budget = ("during a run", 150.0) if during else ("no run", None)
    return [replace(row, what=f"{row.what}, {when}", budget=budget) for row in rows]


def measure(browser: Browser, repeats: int) -> tuple[list[Timing], float]:
    """All of it, on one server."""
    rows = [floor_of(browser, 3 * repeats)]
    with serve("app.py") as server:
        page = new_context(browser).new_page()
        page.set_default_timeout(60_000)
        open_path(page, f"{server.url}/train?epochs=200")
        page.wait_for_timeout(6000)  # the worker gets warm
        rows.append(first_point(page, repeats))
        rows += edits(page, server.url, 3 * repeats, during=False)
        page.bring_to_front()
        gaps, rate = updates(page)
        rows += [gaps, *edits(page, server.url, 3 * repeats, during=True)]
        page.context.close()
    return rows, rate


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, and with --write keep the table in docs/bench-live.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--write", action="store_true", help=f"also write {REPORT.relative_to(ROOT)}")
    chosen = parser.parse_args(given)
    with sync_playwright() as playwright, launch(playwright) as browser:
        rows, rate = measure(browser, chosen.repeats)
        verdict = "ok" if rate >= MIN_RATE else "UNDER"
        text = (
            f"{table(rows)}\n\nThe chart is updated {rate:.1f} times a second (budget: at least {MIN_RATE:g}; "
            f"{verdict})."
        )
        text += f"\n\n{at_floor(rows)}\n\n{circumstances(browser)}\n"
    print(text)
    if chosen.write:
        REPORT.write_text(f"# While a run is on\n\nMade by `python -m bench.live --write`.\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
