"""A class at work: `python -m bench.load [--sessions 30] [--seconds 60] [--visits 3000] [--write]`; on Linux.

Real sessions over WebSockets (`bench/session.py`) edit cells, change the stride and draw, each every few seconds, while
two runs train and two more sessions watch them. An edit is timed from the message to the end of its script; what is
drawn in a browser comes on top (`bench.ui`). Stepping and hovering cost the server nothing: no message is sent. Then
all of them leave, and pages are opened and left again and again. Memory is the server's own (anonymous), from /proc.
All of it, this program included, shares the cores of one machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from statistics import median, quantiles

import numpy as np

from bench.memory import held
from bench.session import Session, session
from bench.strangers import SIDE
from harness.drawings import as_sent
from harness.server import ROOT, Server, page_paths, serve

REPORT = ROOT / "docs" / "bench-load.md"
BUDGET = 500  # ms, of the 95th percentile of an edit
MAX_MEMORY = 15  # MB a session
RUNS = 2
EVERY = 0.4  # seconds between two looks at a run, as its page asks
STROKE = 12  # pictures that the pad posts while one draws a line, ten a second
LEFT = 150  # seconds after which Streamlit has let go of a session whose page is closed (it keeps them for 120)
HEADER = ["what", "times", "median ms", "p95 ms", "max ms"]


@dataclass
class Class:
    """What was timed, in ms by what was done, and what went wrong."""

    times: dict[str, list[float]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    async def time(self, what: str, done: Awaitable[float]) -> None:
        """Wait for it, and note how long it took, or what went wrong."""
        try:
            elapsed = await done
            self.times.setdefault(what, []).append(1000 * elapsed)
        except Exception as error:
            self.problems.append(f"{what}: {type(error).__name__} {error}")


# --- what a student does


async def edit(one: Session, at: int, notes: Class) -> None:
    """A number typed into a cell; the stage has to come back with it."""
    number = one.shown("convolution_stage")["ack"] + 1
    cell = {"seq": number, "kind": "cell", "plane": "x0", "row": at % 5, "col": at // 5 % 5, "text": str(at % 10)}
    await notes.time("edit a cell", one.send("convolution_stage", json_value=json.dumps({"edits": [cell]})))
    if one.shown("convolution_stage")["ack"] != number:
        notes.problems.append(f"edit {number} was not taken")


async def change(one: Session, at: int, notes: Class) -> None:
    """The stride, up and down."""
    await notes.time("change the stride", one.send("convolution_stride_h", double_value=1.0 + at % 2))


async def draw(one: Session, at: int, notes: Class) -> None:
    """A line on the pad, posted while it grows, and read each time."""
    for step in range(1, STROKE + 1):
        ink = np.zeros((SIDE, SIDE), np.uint8)
        ink[20 : 20 + 5 * step, 52:60] = 255
        drawing = {"id": f"{at}.{step}", "picture": as_sent(ink), "stamp": "", "alone": False}
        await notes.time("draw", one.send("_pad", json_value=json.dumps({"drawing": drawing})))
        await asyncio.sleep(0.1)


async def student(one: Session, number: int, end: float, pause: float, notes: Class) -> None:
    """Two thirds edit and one third draws, each with a pause of their own between two acts."""
    draws, rng = number % 3 == 2, random.Random(number)
    await notes.time("open a page", one.visit("draw" if draws else "convolution"))
    at = number
    while time.monotonic() < end:
        await asyncio.sleep(pause * rng.uniform(0.5, 1.5))
        act: Callable[[Session, int, Class], Awaitable[None]] = draw if draws else (edit, change)[at % 3 == 2]
        try:
            await act(one, at, notes)
        except KeyError as error:
            notes.problems.append(f"{act.__name__}: {error}")
        at += 1


async def watcher(one: Session, number: int, end: float, notes: Class) -> None:
    """Press Train, and watch the run, which is pressed again when it is over."""
    await notes.time("open a page", one.visit("train", "epochs=5"))
    while time.monotonic() < end:
        await notes.time("press Train", one.send("train_start", trigger_value=True))
        if "run=" not in one.query:
            notes.problems.append(f"watcher {number}: no run was begun")
            return
        await watch(one, end, notes)


async def watch(one: Session, end: float, notes: Class) -> None:
    """Look at the run until it is over."""
    while one.polled and time.monotonic() < end:
        await asyncio.sleep(EVERY)
        await notes.time("look at a run", one.run(None, one.polled, automatic=True))


# --- the whole class


async def at_work(server: Server, sessions: int, seconds: float, pause: float, notes: Class) -> float:
    """All of them at once; the server's memory in MB at the end, while all of them are there."""
    end = time.monotonic() + seconds
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(session(server.url)) for _ in range(sessions + RUNS)]
        watching, working = opened[:RUNS], opened[RUNS:]
        tasks = [watcher(one, number, end, notes) for number, one in enumerate(watching)]
        tasks += [student(one, number, end, pause, notes) for number, one in enumerate(working)]
        await asyncio.gather(*tasks)
        during = memory(server)
        notes.problems += [problem for one in opened for problem in one.problems]
    return during


async def each_page(url: str, notes: Class) -> None:
    """Every page once, so that what all sessions share is there."""
    for path in page_paths():
        async with session(url) as one:
            await notes.time("the first to open a page", one.visit(path.strip("/")))
            notes.problems += one.problems


async def visits(server: Server, count: int, notes: Class) -> list[tuple[int, float]]:
    """Open and leave the pages in turn: memory in MB after every sixth of the visits."""
    paths, found = page_paths(), [(0, memory(server))]
    for number in range(1, count + 1):
        async with session(server.url) as one:
            await notes.time("visit a page", one.visit(paths[number % len(paths)].strip("/")))
            notes.problems += one.problems
        if number % max(1, count // 6) == 0:
            found.append((number, memory(server)))
    return found


def memory(server: Server) -> float:
    """The server's own memory in MB; its workers are not counted."""
    return held("server", server.process.pid).own


# --- the report


def table(notes: Class) -> str:
    """What was timed, as Markdown."""
    cells = [HEADER]
    for what, times in notes.times.items():
        p95 = quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
        cells.append([what, str(len(times)), *(f"{value:.0f}" for value in (median(times), p95, max(times)))])
    widths = [max(map(len, column)) for column in zip(*cells)]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |" for line in cells]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def edits_of(notes: Class) -> list[float]:
    return [time for what in ("edit a cell", "change the stride", "draw") for time in notes.times.get(what, [])]


def sentences(notes: Class, sessions: int, before: float, during: float, after: float | None) -> str:
    """The verdicts, in sentences."""
    times = edits_of(notes)
    p95 = quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else float("nan")
    if after is None:
        hurried = "In a hurry memory says nothing."
        return f"{sessions} sessions: p95 of an edit {p95:.0f} ms, {len(notes.problems)} errors. {hurried}"
    each = (during - before) / (sessions + RUNS)
    lines = [
        f"{sessions} sessions at work while {RUNS} runs train: p95 of an edit {p95:.0f} ms "
        f"(budget {BUDGET} ms; {'ok' if p95 <= BUDGET else 'OVER'}), {len(notes.problems)} errors.",
        f"The server's memory: {before:.0f} MB before they came, {during:.0f} MB with them, {each:.1f} MB for each "
        f"(budget {MAX_MEMORY} MB; {'ok' if each <= MAX_MEMORY else 'OVER'}).",
    ]
    lines.append(f"{LEFT} s after all of them had left: {after:.0f} MB.")
    return "\n\n".join(lines)


async def measure(server: Server, chosen: argparse.Namespace) -> str:
    """All of it on one server, one class after the other, as Markdown."""
    first, later, wait = Class(), Class(), 0 if chosen.hurry else LEFT
    await each_page(server.url, first)
    await at_work(server, 2, min(10, chosen.seconds), chosen.pause, Class())  # so that what grows once has grown
    await asyncio.sleep(wait)
    text = table(first)
    for sessions in chosen.sessions:
        notes, before = Class(), memory(server)
        during = await at_work(server, sessions, chosen.seconds, chosen.pause, notes)
        await asyncio.sleep(wait)
        after = None if chosen.hurry else memory(server)
        said = sentences(notes, sessions, before, during, after)
        text += f"\n\n## {sessions} sessions\n\n{table(notes)}\n\n{said}"
        text += "".join(f"\n\n- {problem}" for problem in dict.fromkeys(notes.problems[:20]))
    text += "".join(f"\n\n- {problem}" for problem in dict.fromkeys(first.problems[:20]))
    if chosen.visits:
        seen = ", ".join(f"{own:.0f} after {count:,}" for count, own in await visits(server, chosen.visits, later))
        text += f"\n\n## Visits\n\n{table(later)}\n\nThe server's memory in MB: {seen}. {len(later.problems)} errors."
    return text


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, and with --write keep the report in docs/bench-load.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--sessions", type=int, nargs="+", default=[30, 100], help="of each class [30 and 100]")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=2, help="seconds between two acts of a session, on average")
    parser.add_argument("--visits", type=int, default=3000)
    parser.add_argument("--hurry", action="store_true", help="do not wait until Streamlit lets go of those who left")
    parser.add_argument("--write", action="store_true", help=f"also write {REPORT.relative_to(ROOT)}")
    chosen = parser.parse_args(given)
    if platform.system() != "Linux":
        raise SystemExit(f"bench.load reads /proc, which {platform.system()} does not have; run it on Linux")
    os.environ |= {"CNNVIZ_MAX_RUNS": str(RUNS), "CNNVIZ_MAX_QUEUED_EACH": "2"}
    with serve() as server:
        text = asyncio.run(measure(server, chosen))
    versions = f"Streamlit {version('streamlit')}, Python {platform.python_version()}"
    text += f"\n\n{os.cpu_count()} CPU cores for all of it, localhost, {versions}.\n"
    print(text)
    if chosen.write:
        REPORT.write_text(f"# A class at work\n\nMade by `python -m bench.load --write`.\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
