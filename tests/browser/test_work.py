"""What helper processes compute, as a reader sees it: how far it is, Cancel, and that the page goes on meanwhile."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect

from bench.memory import children
from harness.pages import settle
from harness.server import Server
from tests.helpers import wait

OpenPage = Callable[..., Page]
LAYERS = ", ".join(["nn.Conv2d(1, 1, 3, padding=1)", "nn.ReLU()"] * 25)
LONG = f"nn.Sequential({LAYERS}, nn.Flatten(), nn.Linear(784, 10))"


def helpers(server: Server) -> list[int]:
    """The processes of the server that compute for its pages."""
    names = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in children(server.process.pid)}
    return [pid for pid, words in names.items() if b"helper" in words]


@contextmanager
def held_up(server: Server) -> Iterator[None]:
    """The helpers that there are compute nothing for a while."""
    held = helpers(server)
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in held:
            os.kill(pid, signal.SIGCONT)


def test_what_takes_long_can_be_given_up_and_asked_again(server: Server, open_page: OpenPage) -> None:
    other = open_page("/convolution")
    page = open_page(f"/shapes?network=own_text&height=28&width=28&text={quote(LONG)}")
    totals = page.get_by_text("multiply-accumulates")
    expect(totals.first).to_be_visible()
    settle(page)  # what is typed while a page runs its own end may be drawn over
    wait(lambda: len(helpers(server)) == 1)
    with held_up(server):
        page.get_by_role("spinbutton", name="Height").fill("32")
        page.get_by_role("spinbutton", name="Height").press("Enter")
        words = page.get_by_text("Following a tensor through it")
        expect(words).to_be_visible()
        expect(totals).to_have_count(0)
        other.get_by_role("spinbutton", name="Stride").fill("2")  # nobody else waits
        other.get_by_role("spinbutton", name="Stride").press("Enter")
        expect(other).to_have_url(f"{server.url}/convolution?stride_h=2")
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("Following a tensor through it: cancelled.")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(totals.first).to_be_visible()
    settle(page)
