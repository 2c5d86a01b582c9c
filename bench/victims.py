"""Sessions that edit a cell of Convolution again and again while others do what they like, in a process of their own:
`python -m bench.victims URL [--sessions 1] [--pause 0.1]`. A line of JSON for each edit says when it began (the
system's monotonic clock), how many seconds it took, and what went wrong."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import Class, edit
from bench.session import Session, session
from harness.server import ROOT


@dataclass(frozen=True)
class Edit:
    """One edit: when it began, how many seconds it took, and what went wrong ('': nothing)."""

    began: float
    took: float
    wrong: str


@dataclass(frozen=True)
class Victims:
    """Those who edit, and what is known of it so far."""

    process: subprocess.Popen[bytes]
    output: Path

    def edits(self, begin: float, end: float) -> list[Edit]:
        """The edits that were under way at some time between the two. Raises RuntimeError where nobody edits any
        more."""
        if self.process.poll() is not None:
            raise RuntimeError(f"the victims have ended: {self.output.read_text(errors='replace')[-2000:]}")
        lines = self.output.read_text().splitlines(keepends=True)
        found = [Edit(*json.loads(line)) for line in lines if line.startswith("[") and line.endswith("\n")]
        return [one for one in found if one.began <= end and one.began + one.took >= begin]

    async def since(self, begin: float) -> list[Edit]:
        """The same from `begin` to now, when what was under way has ended: another edit has begun and ended since."""
        end = time.monotonic()
        while not any(one.began > end for one in self.edits(end, time.monotonic())):
            await asyncio.sleep(0.05)
        return self.edits(begin, end)


@contextmanager
def editing(url: str, sessions: int, pause: float) -> Iterator[Victims]:
    """So many sessions that edit, each with that pause in seconds between two edits, for as long as the block takes."""
    with tempfile.TemporaryDirectory(prefix="cnnviz-") as folder:
        output = Path(folder) / "edits"
        command = [sys.executable, "-m", "bench.victims", url, "--sessions", str(sessions), "--pause", str(pause)]
        with output.open("wb") as file:
            process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT)
        try:
            yield Victims(process, output)
        finally:
            process.terminate()
            process.wait()


async def _edit_for_ever(one: Session, number: int, pause: float) -> None:
    rng, at, page_is_open = random.Random(number), number, False
    while True:
        await asyncio.sleep(pause * rng.uniform(0.5, 1.5))
        notes, began = Class(), time.monotonic()
        try:
            if not page_is_open:
                await one.visit("convolution")
                page_is_open, began = True, time.monotonic()
            await edit(one, at, notes)
        except Exception as error:
            notes.problems.append(f"{type(error).__name__} {error}")
        wrong = "; ".join([*notes.problems, *one.problems])
        print(json.dumps([began, time.monotonic() - began, wrong]), flush=True)
        one.problems.clear()
        at += 1


async def _edit_all(url: str, sessions: int, pause: float) -> None:
    async def alone(number: int) -> None:
        async with session(url) as one:
            await _edit_for_ever(one, number, pause)

    await asyncio.gather(*(alone(number) for number in range(sessions)))


def main(given: Sequence[str] | None = None) -> None:
    """Edit until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m bench.victims", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--sessions", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.1, help="seconds between two edits of a session, on average")
    chosen = parser.parse_args(given)
    asyncio.run(_edit_all(chosen.url, chosen.sessions, chosen.pause))


if __name__ == "__main__":
    main()
