"""What opening a page costs the processor: `python -m bench.opening [--repeats 10] [--write]`; on Linux, from /proc.

Each page is opened by its link, one after the other in a browser that has its files already, until it is ready: seconds
of processor time of the browser and of the server, and seconds by the clock.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from bench.memory import children
from bench.ui import circumstances
from harness.browser import Profiles, launch
from harness.pages import open_path
from harness.server import ROOT, page_paths, serve

REPORT = ROOT / "docs" / "bench-opening.md"
WARM_UP = 2  # visits to each page before they count
HEADER = ["page", "repeats", "browser, s", "server, s", "by the clock, s"]


@dataclass(frozen=True)
class Opening:
    """The visits to one page: seconds of processor time of browser and server, and seconds by the clock, of each."""

    page: str
    browser: list[float]
    server: list[float]
    clock: list[float]

    def cells(self) -> list[str]:
        """As they are printed: medians."""
        columns = (self.browser, self.server, self.clock)
        return [self.page, str(len(self.clock)), *(f"{median(times):.2f}" for times in columns)]


def worked(process: int) -> float:
    """Seconds of processor time of the process, and of those that it has started, whether they run or are over."""
    with suppress(OSError):  # it has just ended; whoever started it counts it now
        words = (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()
        own = sum(map(int, words[11:15])) / os.sysconf(
            "SC_CLK_TCK"
        )  # user and system, its own and of those it waited for
        return own + sum(worked(child) for child in children(process))
    return 0.0


def visits(visit: Callable[[], None], repeats: int, processes: tuple[int, int], path: str) -> Opening:
    """So many visits to a page, beside the browser's and the server's processes; the first few do not count."""
    found = Opening(path, [], [], [])
    for number in range(WARM_UP + repeats):
        before = (*map(worked, processes), time.perf_counter())
        visit()
        after = (*map(worked, processes), time.perf_counter())
        if number >= WARM_UP:
            for times, start, end in zip((found.browser, found.server, found.clock), before, after, strict=True):
                times.append(end - start)
    return found


def measure(repeats: int, paths: Sequence[str]) -> tuple[list[Opening], str]:
    """Every page, and where it was measured."""
    known = set(children(os.getpid()))
    with sync_playwright() as playwright, launch(playwright, Profiles.OPTION) as browser:
        [driver] = set(children(os.getpid())) - known  # Playwright's, under which the browser runs
        profiles = Profiles(browser)
        with serve() as server:
            processes = driver, server.process.pid
            found = [visits(partial(visit, profiles, server.url, path), repeats, processes, path) for path in paths]
        return found, circumstances(browser)


def visit(profiles: Profiles, url: str, path: str) -> None:
    """Open the page, and close it once it is ready."""
    page = profiles.page(url)
    open_path(page, url + path)
    page.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, prints, and on demand writes the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=10, help="visits to each page")
    parser.add_argument("--page", action="append", help="only this one, such as /convolution; may be given again")
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.relative_to(ROOT)}")
    chosen = parser.parse_args(arguments)
    found, where = measure(chosen.repeats, chosen.page or page_paths())
    rows = [HEADER, *(one.cells() for one in found)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in [rows[0], ["---", *["---:"] * (len(HEADER) - 1)], *rows[1:]])
    text = f"# What opening a page costs\n\nMade by `python -m bench.opening --write`; medians.\n\n{table}\n\n{where}\n"
    print(text)
    if chosen.write:
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
