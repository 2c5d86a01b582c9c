"""The line is cut, the server restarted, a worker killed: nothing that was saved is lost, and the page goes on."""

from __future__ import annotations

import json
import os
import re
import signal
import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bench.memory import worker_of
from harness.far import HOST, Line, far
from harness.pages import PATIENCE, open_path, settle
from harness.server import Server, serve
from tests.browser.panel import press, train, until
from tests.browser.stage import Stage
from tests.browser.test_accessible import has_a_menu
from tests.browser.test_draw import photo_of_a_digit, reads
from tests.browser.test_whose import own_runs, unfold

OpenPage = Callable[..., Page]

# while it is away
CUT = ("WebSocket", "ERR_", "Failed to load", "failed:", "HTTP 5", "Connection", "disconnected", "Failed to fetch")


def intact(page: Page) -> None:
    """Neither a traceback nor half a page."""
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_role("heading", level=1).count() == 1


def connected(page: Page) -> None:
    """The page is in touch with its server again."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-connection-state", "CONNECTED")
    settle(page)


def far_away(server: Server, line: Line) -> Server:
    """The same server, at the other end of a line."""
    return replace(server, url=f"http://{HOST}:{line.port}")


def strip(page: Page) -> Locator:
    """What says that there is no connection."""
    return page.locator(".strip.says", has_text="No connection; trying again")


def test_a_line_is_cut_and_nothing_that_was_typed_is_lost(open_page: OpenPage, server: Server, whole: bool) -> None:
    """That one swallows in silence takes long to be found out: in `make test-long`; tests/js/connection.test.js has it
    without the waiting."""
    with far(server.port) as line:
        stage = Stage(open_page("/convolution", on=far_away(server, line), allowed=CUT))
        stage.action("start")
        stage.page.evaluate("window.stayed = true")
        if whole:
            swallowed_in_silence(stage, line)
        else:
            type_into(stage, 0, 0, "7")
            type_into(stage, 0, 1, "8")
        closed_in_mid_edit(stage, line)
        offline(stage)
        stage.expect_output("y0", 0, 0, "36")  # 11 at first; the kernel is 1 0 1, 1 1 1, 1 0 1
        assert stage.page.evaluate("window.stayed") and "x=5x5_7_8_9_0_1_7_8_" in stage.page.url
        intact(stage.page)
        on_a_line_that_is_slow_quick_typing_and_clicking_lose_nothing(stage, line)


def swallowed_in_silence(stage: Stage, line: Line) -> None:
    """No end is told, and the connection is dead for good."""
    page, where = stage.page, stage.cell("x0", 0, 0).bounding_box()
    line.swallow()
    type_into(stage, 0, 0, "7")
    expect(strip(page)).to_be_visible()
    assert stage.cell("x0", 0, 0).bounding_box() == where, "the strip moves nothing"
    type_into(stage, 0, 1, "8")
    line.restore(hang_up=False)
    expect(strip(page)).to_have_count(0)
    connected(page)
    holds(stage, 0, "7", "8")


def closed_in_mid_edit(stage: Stage, line: Line) -> None:
    stage.cell("x0", 0, 2).click()
    stage.page.locator(".editor").fill("9")
    line.cut()
    expect(strip(stage.page)).to_be_visible()
    stage.page.keyboard.press("Enter")
    type_into(stage, 1, 0, "7")
    expect(stage.page.get_by_role("dialog")).to_have_count(0)
    line.restore()
    connected(stage.page)
    holds(stage, 0, "7", "8", "9")
    holds(stage, 1, "7")


def offline(stage: Stage) -> None:
    stage.page.context.set_offline(True)
    expect(strip(stage.page)).to_be_visible()
    type_into(stage, 1, 1, "8")
    stage.page.context.set_offline(False)
    expect(strip(stage.page)).to_have_count(0)
    connected(stage.page)
    holds(stage, 1, "7", "8")


def on_a_line_that_is_slow_quick_typing_and_clicking_lose_nothing(stage: Stage, line: Line) -> None:
    """Cell after cell, the stride in between, and no waiting."""
    line.round_trip, line.rate = 0.4, 2_000_000
    stage.cell("x0", 0, 0).click()
    typed = [str(n) for n in range(10, 20)]
    for text in typed[:6]:
        stage.page.keyboard.type(text)
        stage.page.keyboard.press("Tab")
    plus = stage.page.locator(".st-key-convolution_strip").get_by_test_id("stNumberInputStepUp").first
    plus.click()
    plus.click()
    stage.cell("x0", 1, 1).click()
    for text in typed[6:]:
        stage.page.keyboard.type(text)
        stage.page.keyboard.press("Tab")
    stage.page.keyboard.press("Escape")
    settle(stage.page)
    holds(stage, 0, *typed[:5])
    holds(stage, 1, *typed[5:])
    assert "x=5x5_10_11_12_13_14_15_16_17_18_19_" in stage.page.url and "stride_h=3" in stage.page.url
    assert strip(stage.page).count() == 0


def type_into(stage: Stage, row: int, col: int, text: str) -> None:
    """As a reader does who waits for nothing."""
    stage.cell("x0", row, col).click()
    stage.page.locator(".editor").fill(text)
    stage.page.keyboard.press("Enter")


def holds(stage: Stage, row: int, *texts: str) -> None:
    """The first cells of a row of the input."""
    for col, text in enumerate(texts):
        expect(stage.value("x0", row, col)).to_have_text(text)


def test_a_worker_a_server_and_the_folders_go_and_the_open_pages_go_on(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    """Step by step under the same pages, for what costs is a server; in `make test-long` more of them."""
    monkeypatch.setenv("CNNVIZ_HELPERS", "0")  # a process less that loads torch
    with serve(folder=tmp_path) as first:
        seen_first = [open_page("/evaluate", on=first, allowed=CUT)] if whole else []
        for page in seen_first:  # the first that anybody opens on it needs torch
            has_a_menu(page)
        training = open_page("/train?epochs=1000&batch_size=256", on=first, allowed=CUT)
        run = a_killed_worker_is_a_sentence(training, first, tmp_path / "runs")
        others = [open_page(path, on=first, allowed=CUT) for path in ("/convolution", "/draw")]
        Stage(others[0]).action("start")
        Stage(others[0]).type("x0", 0, 0, "7")
        Stage(others[0]).type("x0", 1, 0, "q")
        assert "x=5x5_7_" in others[0].url
        a_picture_is_brought_and_named(others[1])
        pages = [*others, *seen_first, training]
        urls = [page.url for page in pages]
        metrics = tmp_path / "runs" / run / "metrics.jsonl"
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
        the_charts_say_that_they_wait(training)
        typed_without_a_server(Stage(others[0]))
        seen = metrics.read_bytes()
        with serve(folder=tmp_path, port=first.port) as second:
            for page, url in zip(pages, urls, strict=True):
                connected(page)
                intact(page)
                assert page is others[0] or page.url == url
            the_stage_has_its_edits_and_takes_another(Stage(others[0]))
            what_is_lost_is_named(others[1])
            the_run_has_gone_on_and_can_be_stopped(training, second, run, metrics, seen)
            open_path(others[0], f"{second.url}/train")
            unfold(others[0], "Your runs")
            assert own_runs(others[0], second) == 0, "another browser's are not seen"
            if whole:
                open_path(others[1], f"{second.url}/inside")
            the_folders_are_taken_away([training, *seen_first, others[1]], tmp_path, second)
            for page in pages:
                page.close()


def a_killed_worker_is_a_sentence(page: Page, server: Server, runs: Path) -> str:
    """The next run, which has another worker and is under way."""
    run = train(page)
    until(page, run, "running")
    os.kill(worker_of(server.process.pid), signal.SIGKILL)
    until(page, run, "failed")
    expect(page.get_by_text("killed by signal 9")).to_be_visible()
    intact(page)
    events = [json.loads(line) for line in (runs / run / "metrics.jsonl").read_text().splitlines()]
    assert events[-1]["event"] == "failed" and len(events) > 1, "what was measured until then is kept"
    again = train(page)
    until(page, again, "running")
    return again


def the_charts_say_that_they_wait(page: Page) -> None:
    expect(strip(page)).to_be_visible()
    for chart in page.locator(".lines.live").all():
        expect(chart.get_by_text("waits for the connection")).to_be_visible()


def typed_without_a_server(stage: Stage) -> None:
    """The last but one is no number."""
    expect(strip(stage.page)).to_be_visible()
    for col, text in enumerate(("8", "x", "6"), start=1):
        type_into(stage, 0, col, text)


def a_picture_is_brought_and_named(page: Page) -> None:
    page.locator("input.file").set_input_files(
        {"name": "three.png", "mimeType": "image/png", "buffer": photo_of_a_digit()}
    )
    reads(page, 3)
    page.locator(".labels button").nth(3).click()
    expect(page.get_by_text("Digits that you named: 1")).to_be_visible()
    settle(page)


def what_is_lost_is_named(page: Page) -> None:
    """The pad shows yet what lay on it, and that is read."""
    reads(page, 3)
    expect(page.get_by_role("alert")).to_contain_text("a session that the server has forgotten")
    said = page.locator(".strip.says")
    expect(said).to_contain_text("What the server alone had is lost: 1 digit that you named.")
    said.get_by_role("button", name="Close").click()
    expect(said).to_have_count(0)


def the_stage_has_its_edits_and_takes_another(stage: Stage) -> None:
    """In the new session of the new server, where they came once and in order; the way back is lost, and named."""
    said = stage.page.locator(".strip.says")
    expect(said).to_contain_text("What the server alone had is lost: the steps that could be undone.")
    said.get_by_role("button", name="Close").click()
    holds(stage, 0, "7", "8", "x", "6")
    holds(stage, 1, "q")
    expect(stage.warning.filter(has_text="Row 1, column 3")).to_be_visible()
    assert "x=5x5_7_8_1_6_" in stage.page.url
    stage.type("x0", 0, 2, "5")
    holds(stage, 0, "7", "8", "5", "6")


def the_run_has_gone_on_and_can_be_stopped(page: Page, server: Server, run: str, metrics: Path, seen: bytes) -> None:
    """Its worker has gone on without the server."""
    until(page, run, "running")
    grown(metrics, len(seen))
    unfold(page, "Your runs")
    assert own_runs(page, server) == 2, "those that were started at the server before"
    press(page, "Stop")
    until(page, run, "stopped")
    assert metrics.read_bytes().startswith(seen) and (metrics.parent / "model.safetensors").is_file()


def grown(file: Path, size: int) -> None:
    """Wait until more than so many bytes stand in the file."""
    deadline = time.monotonic() + PATIENCE
    while file.stat().st_size <= size:
        assert time.monotonic() < deadline, f"nothing was added to {file.name}"
        time.sleep(0.1)


def the_folders_are_taken_away(pages: list[Page], folder: Path, server: Server) -> None:
    """A file lies in the place of each. The first of the pages is Train."""
    for name in ("data", "runs"):
        if (folder / name).exists():
            (folder / name).rename(folder / f"{name} elsewhere")
        (folder / name).write_text("a file in its place")
    for page in pages:
        page.reload()
        settle(page)
        intact(page)
    press(pages[0], "Train")
    expect(pages[0].get_by_text(re.compile("the folder of the runs cannot be written"))).to_be_visible()
    with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=10) as health:
        assert health.read() == b"ok"
