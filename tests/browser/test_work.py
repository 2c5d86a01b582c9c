"""What helper processes compute, as a reader sees it: how far it is, Cancel, and that the page goes on meanwhile."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import expect

from bench.memory import children
from harness.pages import settle
from harness.server import Server
from tests.browser.stage import OpenPage
from tests.data.datasets.brought_files import folders, zipped
from tests.helpers import wait


def helpers(server: Server) -> list[int]:
    """The processes of the server that compute for its pages."""
    names = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in children(server.process.pid)}
    return [pid for pid, words in names.items() if b"helper" in words]


@contextmanager
def held_up(server: Server) -> Iterator[None]:
    """The helpers that there are compute nothing for a while. One whose work nobody waits for any more is ended."""
    held = helpers(server)
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in held:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def test_what_takes_long_can_be_given_up_and_asked_again(server: Server, open_page: OpenPage) -> None:
    """It is a file that is read, for the process that does it may be held for six minutes before it counts as hung."""
    other = open_page("/convolution")
    page = open_page("/data?view=bring")
    wait(lambda: helpers(server))
    with held_up(server):
        pets = {"name": "pets.zip", "mimeType": "application/zip", "buffer": zipped(folders(10))}
        page.locator("input[type=file]").set_input_files(pets)
        words, bar = page.get_by_text("Reading the file"), page.get_by_role("progressbar")
        expect(words).to_be_visible()
        expect(bar).to_be_visible()
        other.get_by_role("spinbutton", name="Stride").fill("2")  # nobody else waits
        other.get_by_role("spinbutton", name="Stride").press("Enter")
        expect(other).to_have_url(f"{server.url}/convolution?stride_h=2")
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("Reading the file: cancelled.")).to_be_visible()
        expect(bar).to_have_count(0)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("was understood as a folder of pictures for each class")).to_be_visible()
    settle(page)
