"""How much memory the app takes: `python -m bench.memory [--write]`; on Linux, from /proc.

The server when it has just started, after each page was opened once, and while several sessions are open; its worker
when it is warm, and at its highest in a run of lenet5. Resident memory is its own (anonymous) and pages of files:
mostly torch's libraries, which all processes share and which the system drops where it needs the room.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench.ui import circumstances
from harness.browser import launch, new_context
from harness.pages import open_path, settle
from harness.server import ROOT, page_paths, serve

REPORT = ROOT / "docs" / "bench-memory.md"
SESSIONS = 5
RUN = "/train?epochs=2"  # of lenet5 on the whole of MNIST
HEADER = ["what", "resident MB", "its own MB", "highest resident MB"]


@dataclass(frozen=True)
class Memory:
    """What one process holds, in MB of 10^6 bytes."""

    what: str
    resident: float
    own: float  # anonymous: what no file stands behind
    highest: float  # resident, since the process began

    def cells(self) -> list[str]:
        """As they are printed."""
        return [self.what, *(f"{value:.0f}" for value in (self.resident, self.own, self.highest))]


def held(what: str, process: int) -> Memory:
    """What the process holds now. Raises OSError where there is no such process, or no /proc."""
    status = kilobytes((Path("/proc") / str(process) / "status").read_text())
    return Memory(what, *(status[name] * 1024 / 1e6 for name in ("VmRSS", "RssAnon", "VmHWM")))


def kilobytes(text: str) -> dict[str, int]:
    """The lines `Name: 123 kB` of one of /proc's files."""
    words = [line.split() for line in text.splitlines()]
    return {line[0].rstrip(":"): int(line[1]) for line in words if line[2:] == ["kB"]}


def children(process: int) -> list[int]:
    """The processes that it started and that are still there."""
    found: list[int] = []
    for thread in (Path("/proc") / str(process) / "task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended, and its children are another's
            found += map(int, (thread / "children").read_text().split())
    return found


def worker_of(server: int, seconds: float = 60) -> int:
    """The server's worker, once it is there."""
    deadline = time.monotonic() + seconds
    while not (found := children(server)):
        if time.monotonic() > deadline:
            raise RuntimeError(f"The server started no worker within {seconds:g} s")
        time.sleep(0.2)
    return found[0]


def measure(browser: Browser) -> Iterator[Memory]:
    """One row after the other, on one server."""
    with serve() as server:
        process = server.process.pid
        yield held("server, started", process)
        page = new_context(browser).new_page()
        page.set_default_timeout(60_000)
        for path in page_paths():
            open_path(page, server.url + path)
            yield held(f"server, {path} opened too", process)
        more = [new_context(browser).new_page() for _ in range(SESSIONS)]
        for other in more:
            open_path(other, server.url + "/convolution")
        yield held(f"server, {SESSIONS} more sessions", process)
        for other in more:
            other.context.close()
        worker = worker_of(process)
        time.sleep(8)  # torch and MNIST are loaded
        yield held("worker, warm", worker)
        train(page, server.url)
        yield held("worker, after a run of lenet5", worker)
        yield held("server, after the run", process)


def train(page: Page, url: str) -> None:
    """Press Train and wait until the run is over."""
    open_path(page, url + RUN)
    page.locator(".st-key-train_start button").click()
    page.locator(".st-key-train_stop button").wait_for()
    page.locator(".st-key-train_stop button").wait_for(state="detached", timeout=300_000)
    settle(page)


def table(rows: list[Memory]) -> str:
    """The rows as a Markdown table, padded so that it also reads in a terminal."""
    cells = [HEADER, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |" for line in cells]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, and with --write keep the table in docs/bench-memory.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"also write {REPORT.relative_to(ROOT)}")
    chosen = parser.parse_args(given)
    if platform.system() != "Linux":
        raise SystemExit(f"bench.memory reads /proc, which {platform.system()} does not have; run it on Linux")
    with sync_playwright() as playwright, launch(playwright) as browser:
        text = f"{table(list(measure(browser)))}\n\n{circumstances(browser)}\n"
    print(text)
    if chosen.write:
        REPORT.write_text(f"# Memory\n\nMade by `python -m bench.memory --write`.\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
