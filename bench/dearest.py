"""What one visitor can cost the others: `python -m bench.dearest [--write]`; on Linux. It takes half an hour.

The dearest requests that a review found (bench/dear.py) are sent again, one after the other, to one server, while
another session edits a cell of Convolution about every 100 ms, from a process of its own (bench/victims.py). Processor
time is that of the server, without what the edits take, and that of its helpers. The server's memory at its highest is
resident, what stays of it is its own (anonymous). Beside each stands what it was when the review was made. At the end
all of them come at once, from as many sessions, while 30 others edit.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles

from bench.dear import PREPARED, Send
from bench.load import BUDGET, Class, each_page
from bench.session import session
from bench.usage import Usage, forget_peak
from bench.victims import Edit, Victims, editing
from harness.server import ROOT, Server, serve

REPORT = ROOT / "docs" / "bench-dearest.md"
COMMIT = "c2d0a97"  # of the review
BEFORE = {  # processor seconds, MB, and the victim's worst edit in ms: the review's table
    ".npz of 2 kB, 20 million items of no bytes": ("8.6", "2,367", "8,188"),
    "own text of 65,536 channels, one visit of Inside": ("4.6", "5,297", "437"),
    "own text of 1,024 channels, Evaluate": ("60", "3,093", "228"),
    "200,000 pictures of one pixel": ("3.6", "2,264", "60"),
    "message of 18 MB": ("1 to 3", "480, held", "504 (`[]`: 4,091)"),
    "zip of 1,500 PNGs of 25 megapixels (37 MB)": ("140", "33", "46"),
    "run of 100 M parameters, Inside": ("21", "395, stays", "32"),
    "zip of 100,000 tiny PNGs": ("9.0", "115", "457"),
    "150,000 edits in one message": ("9.4", "99", "364"),
    "200 convolutions that do not fit, fixes × 10": ("9.2", "30", "229"),
    "QR codes of 2,900 letters × 20": ("2.7", "1", "554"),
}
EDITORS, PAUSE = 30, 2.0  # sessions that edit at the end, and seconds between two edits of each
CALM = 20  # seconds in which they edit alone, to be compared with, and the least that all at once are watched
STAYS = 60  # seconds after which what memory is still held is looked at
HEADER = [
    *("what", f"CPU-s at {COMMIT}", "server", "helpers", f"MB at {COMMIT}", "highest"),
    *(f"after {STAYS} s", f"worst edit, ms, at {COMMIT}", "now", "what the page says"),
]


@dataclass(frozen=True)
class Cost:
    """What one request cost: processor seconds of the server and of its helpers, MB more at the highest and in the
    end, the slowest edit of another session in ms; and what was said to it."""

    what: str
    server: float
    helpers: float
    highest: float
    stays: float
    worst: float
    said: str

    def cells(self) -> list[str]:
        """As they stand in the table."""
        seconds, megabytes, worst = BEFORE[self.what]
        now = [f"{self.server:.1f}", f"{self.helpers:.1f}", megabytes, f"{self.highest:.0f}", f"{self.stays:.0f}"]
        return [self.what, seconds, *now, worst, f"{self.worst:.0f}", self.said.replace("|", "/")]


async def _said(send: Send, server: Server) -> str:
    """What was said to a request, or how it went wrong."""
    try:
        return await send(server)
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300]


async def _edit_costs(server: Server, victim: Victims) -> float:
    """Processor seconds of the server for one edit of the victim."""
    before, begin = Usage.of(server.process.pid), time.monotonic()
    await asyncio.sleep(10)
    count = len(await victim.since(begin))
    return (Usage.of(server.process.pid).own_seconds - before.own_seconds) / count


async def _cost(server: Server, victim: Victims, what: str, of_edit: float, wait: float) -> Cost:
    """What one request costs, sent while the victim edits."""
    send = PREPARED[what](0)
    await asyncio.sleep(2)
    process = server.process.pid
    forget_peak(process)
    before, begin = Usage.of(process), time.monotonic()
    said = await _said(send, server)
    edits = await victim.since(begin)
    after = Usage.of(process)
    await asyncio.sleep(wait)
    return Cost(
        what,
        max(0.0, after.own_seconds - before.own_seconds - of_edit * len(edits)),
        after.started_seconds - before.started_seconds,
        after.highest - before.resident,
        Usage.of(process).own - before.own,
        1000 * max(edit.took for edit in edits),
        "; ".join([said, *_wrong(edits)]),
    )


def _wrong(edits: Sequence[Edit]) -> list[str]:
    """What went wrong with edits of those who do no harm."""
    return [f"AN EDIT FAILED: {wrong}" for wrong in dict.fromkeys(edit.wrong for edit in edits) if wrong]


async def _all_at_once(server: Server) -> str:
    """Every request at once while others edit, in sentences."""
    sends = {what: prepare(1) for what, prepare in PREPARED.items()}
    with editing(server.url, EDITORS, PAUSE) as editors:
        await asyncio.sleep(10)  # until all have opened their page
        begin = time.monotonic()
        await asyncio.sleep(CALM)
        calm = await editors.since(begin)
        begin = time.monotonic()
        said = await asyncio.gather(*(_timed(send, server) for send in sends.values()), asyncio.sleep(CALM))
        took, edits = time.monotonic() - begin, await editors.since(begin)
    p95, p95_calm = (_p95([1000 * edit.took for edit in some]) for some in (edits, calm))
    verdict = "ok" if p95 <= BUDGET else "OVER"
    lines = [
        f"## All of them at once\n\nWhile {EDITORS} sessions edit, each every {PAUSE:g} s: p95 of an edit {p95:.0f} ms "
        f"(budget {BUDGET} ms; {verdict}), median {median(1000 * edit.took for edit in edits):.0f} ms, worst "
        f"{max(1000 * edit.took for edit in edits):.0f} ms, {len(edits):,} edits in {took:.0f} s; before they came "
        f"p95 {p95_calm:.0f} ms. {sum(bool(edit.wrong) for edit in edits)} edits failed.",
        *(f"- {what}: {words}" for what, words in zip(sends, said)),
        *(f"- {wrong}" for wrong in _wrong(edits)),
    ]
    return "\n".join([lines[0], "", *lines[1:]])


async def _timed(send: Send, server: Server) -> str:
    begin = time.monotonic()
    said = await _said(send, server)
    return f"{time.monotonic() - begin:.1f} s. {said}"


def _p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]


async def _load_all(server: Server) -> None:
    """What the first to come would pay for: every page, each view that computes, a file, fixes, a code."""
    await each_page(server.url, Class())
    for view in ("kernels", "strongest_inputs", "why"):
        async with session(server.url) as one:
            await one.visit("inside", f"view={view}")
            await one.settle()
    for what in ("zip of 100,000 tiny PNGs", "200 convolutions that do not fit, fixes × 10", "message of 18 MB"):
        await _said(PREPARED[what](9), server)
    await _said(PREPARED["QR codes of 2,900 letters × 20"](9), server)


async def measure(server: Server, chosen: argparse.Namespace) -> str:
    """All of it on one server, as Markdown."""
    await _load_all(server)
    await asyncio.sleep(chosen.wait)
    costs = []
    with editing(server.url, 1, 0.1) as victim:
        await asyncio.sleep(5)
        of_edit = await _edit_costs(server, victim)
        for what in PREPARED:
            costs.append(await _cost(server, victim, what, of_edit, chosen.wait))
            print(" | ".join(costs[-1].cells()), flush=True)
    return f"{table(costs)}\n\n{await _all_at_once(server)}"


def table(costs: Sequence[Cost]) -> str:
    """The costs as a Markdown table."""
    lines = [HEADER, ["---"] * len(HEADER), *(cost.cells() for cost in costs)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, and with --write keep the report in docs/bench-dearest.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.dearest", description=__doc__)
    parser.add_argument("--wait", type=float, default=STAYS, help="seconds until a request's memory is looked at again")
    parser.add_argument("--write", action="store_true", help=f"also write {REPORT.relative_to(ROOT)}")
    chosen = parser.parse_args(given)
    if platform.system() != "Linux":
        raise SystemExit(f"bench.dearest reads /proc, which {platform.system()} does not have; run it on Linux")
    with tempfile.TemporaryDirectory(prefix="cnnviz-", ignore_cleanup_errors=True) as folder:
        os.environ |= {"CNNVIZ_RUNS": f"{folder}/runs", "CNNVIZ_DATA": f"{folder}/data"}  # older versions write there
        with serve(folder=Path(folder)) as server:
            text = asyncio.run(measure(server, chosen))
    versions = f"Streamlit {version('streamlit')}, Python {platform.python_version()}"
    text += f"\n\n{os.cpu_count()} CPU cores for all of it, localhost, {versions}.\n"
    print(text)
    if chosen.write:
        REPORT.write_text(
            f"# The dearest requests of one visitor\n\nMade by `python -m bench.dearest --write`.\n\n{text}",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
