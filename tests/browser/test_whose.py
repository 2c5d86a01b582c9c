"""Two browsers at one server: neither stops, sees or takes what is the other's; and what is one's own is found again
after a reload."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from harness.pages import settle
from harness.server import Server
from tests.browser.panel import press, train, until, until_done
from tests.browser.test_room import opened
from tests.helpers import wait

OpenPage = Callable[..., Page]
SHORT = "/train?subset=600&epochs=1"


def own_runs(page: Page, server: Server) -> int:
    """How many rows 'Your runs' has, which is unfolded, without the runs that nobody started, which are everybody's."""
    settle(page)
    if page.get_by_text("No run yet.").count():
        return 0
    rows = page.get_by_test_id("stDataFrame").locator("table").get_attribute("aria-rowcount")
    nobodys = [run for run in (server.folder / "runs").glob("*/config.json") if not run.with_name("owner").exists()]
    return int(rows) - 1 - len(nobodys)  # 1: the head


def unfold(page: Page, title: str) -> None:
    page.locator("summary", has_text=title).click()
    settle(page)


def place(page: Page) -> str:
    """Path and query of a page."""
    return f"/{page.url.split('/', 3)[3]}"


def npz(seed: int) -> bytes:
    """A data set of its own."""
    generator = np.random.default_rng(seed)
    out = io.BytesIO()
    images, labels = generator.integers(0, 256, (40, 28, 28), dtype=np.uint8), np.arange(40) % 10
    np.savez(out, x_train=images, y_train=labels, x_test=images, y_test=labels)
    return out.getvalue()


def test_runs_are_those_of_who_started_them(open_page: OpenPage, server: Server, whole: bool) -> None:
    """With another server, too: tests/browser/test_faults.py."""
    where_the_browser_keeps_nothing_the_connection_counts(open_page, server)
    mine = open_page("/train?epochs=1000")
    a_run_is_stopped_and_listed_by_who_started_it(mine, open_page, server)
    runs = server.folder / "runs"
    at_work = what_a_reader_who_has_left_has_waiting_is_dropped_and_what_is_at_work_goes_on(mine, runs, whole)
    mine = open_page(f"/train?run={at_work}")
    unfold(mine, "Your runs")
    assert own_runs(mine, server) == 3
    press(mine, "Stop")
    until(mine, at_work, "stopped")


BLOCKED = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked'); } });"


def where_the_browser_keeps_nothing_the_connection_counts(open_page: OpenPage, server: Server) -> None:
    page = open_page(SHORT, script=BLOCKED)
    run = train(page)
    unfold(page, "Your runs")
    assert own_runs(page, server) == 1
    until_done(page, run)
    page.close()


def a_run_is_stopped_and_listed_by_who_started_it(mine: Page, open_page: OpenPage, server: Server) -> None:
    run = train(mine)
    until(mine, run, "running")
    theirs = open_page(place(mine))
    until(theirs, run, "running")
    expect(mine.get_by_role("button", name="Stop")).to_be_visible()
    expect(theirs.get_by_role("button", name="Stop")).to_have_count(0)
    unfold(theirs, "Your runs")
    assert own_runs(theirs, server) == 0
    mine.reload()
    settle(mine)
    unfold(mine, "Your runs")
    assert own_runs(mine, server) == 1
    press(mine, "Stop")
    for page in (mine, theirs):
        until(page, run, "stopped")
    theirs.close()


def what_a_reader_who_has_left_has_waiting_is_dropped_and_what_is_at_work_goes_on(
    page: Page, runs: Path, whole: bool
) -> str:
    """The run that is at work."""
    at_work = train(page)
    until(page, at_work, "running")
    waiting = train(page)
    page.reload()
    settle(page)
    page.wait_for_timeout(5000 if whole else 0)  # longer than anybody is waited for: a reload is no leaving
    until(page, waiting, "waiting")
    page.close()
    left = time.monotonic()
    journal = runs / waiting / "metrics.jsonl"
    wait(lambda: journal.exists() and "its reader has left" in journal.read_text())
    assert 3 < time.monotonic() - left < 60, "Streamlit says at once that a connection has ended"
    assert '"stopped"' not in (runs / at_work / "metrics.jsonl").read_text()
    return at_work


def test_a_data_set_that_was_brought_is_its_readers_and_its_links(open_page: OpenPage) -> None:
    mine = open_page("/data?view=bring")
    mine.locator("input[type=file]").set_input_files({"name": "x.npz", "mimeType": "", "buffer": npz(0)})
    mine.get_by_role("button", name="Keep it").click()
    mine.wait_for_url(re.compile("dataset=own_"))
    name = re.search(r"dataset=(own_[0-9a-f]+)", mine.url)[1]
    mine.goto(f"{mine.url.split('/data')[0]}/train")
    settle(mine)
    theirs = open_page("/train")
    own = f"Yours: 10 classes, 28 × 28 grey ({name[4:8]})"
    for page, has_it in ((mine, 1), (theirs, 0)):
        page.get_by_role("combobox", name="Data set").click()
        expect(page.get_by_role("option", name="CIFAR-100")).to_be_visible()
        expect(page.get_by_role("option", name=own)).to_have_count(has_it)
        page.keyboard.press("Escape")
    linked = open_page(f"/train?dataset={name}")
    expect(linked.get_by_role("combobox", name="Data set")).to_have_value(own)


def test_a_room_is_its_teachers_and_a_nickname_its_readers(open_page: OpenPage) -> None:
    board = open_page("/room")
    code = opened(board)
    first, second = (open_page(f"{SHORT}&room={code}") for _ in range(2))
    for page, given in ((first, "Ada"), (second, "Ada 2")):
        box = page.get_by_label(f"Room {code}: your nickname")
        box.fill("Ada")
        box.press("Enter")
        settle(page)
        expect(page.get_by_label(f"Room {code}: your nickname")).to_have_value(given)
    expect(second.get_by_test_id("stAlert")).to_contain_text("somebody else's name")
    until_done(first, train(first))
    expect(board.get_by_text(re.compile("Ada.* leads with"))).to_be_visible()

    second.goto(f"{second.url.split('/train')[0]}/room?room={code}")
    expect(second.get_by_text(re.compile("Ada.* leads with"))).to_be_visible()
    expect(second.locator("summary", has_text="Your room")).to_have_count(0)
    board.reload()
    settle(board)
    unfold(board, "Your room")
    press(board, "Remove it from the board")
    expect(second.get_by_text("No run yet.")).to_be_visible()
    press(board, "Close the room")
    expect(board.get_by_role("button", name="Open a room")).to_be_visible()
    expect(second.get_by_text(f"there is no room '{code}' on this server")).to_be_visible()


def test_the_token_is_sent_once_and_is_nowhere_to_be_seen(open_page: OpenPage) -> None:
    sent: list[bytes] = []
    page = open_page("/")
    page.on("websocket", lambda line: line.on("framesent", lambda frame: sent.append(frame)))
    page.reload()
    settle(page)
    token = page.evaluate("localStorage.getItem('cnnviz-session')").encode()
    assert re.fullmatch(rb"[0-9a-f]{32}", token)
    for link in ("Convolution", "Pooling"):
        page.get_by_test_id("stSidebar").get_by_role("link", name=link, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(link)
        settle(page)
    assert sum(token in (frame if isinstance(frame, bytes) else frame.encode()) for frame in sent) == 1
    assert token.decode() not in page.url and token.decode() not in page.content()


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("width", [1440, 390])
def test_what_sends_the_token_takes_no_place(width: int, open_page: OpenPage) -> None:
    page = open_page("/convolution", width=width)
    right = "node => node.getBoundingClientRect().right"
    edges = [page.locator(place).evaluate(right) for place in (".st-key-page_head", '[class*="_share"]')]
    assert edges[0] == pytest.approx(edges[1], abs=1)
