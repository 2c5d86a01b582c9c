"""The line is cut, the server restarted, a worker killed: nothing that was saved is lost, and the page goes on."""

from __future__ import annotations

import json
import os
import re
import signal
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from bench.memory import worker_of
from harness.browser import new_context
from harness.pages import PATIENCE, open_path, settle
from harness.server import Server, serve
from tests.browser.panel import press, train, until
from tests.browser.stage import Stage
from tests.browser.test_accessible import has_a_menu

OpenPage = Callable[..., Page]

CUT = ("WebSocket", "ERR_", "Failed to load", "failed:", "HTTP 5", "Connection", "Failed to fetch")  # while it is away


def whole(page: Page) -> None:
    """Neither a traceback nor half a page."""
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_role("heading", level=1).count() == 1


def connected(page: Page) -> None:
    """The page is in touch with its server again."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-connection-state", "CONNECTED")
    settle(page)


def test_a_cut_in_mid_edit_loses_no_edit(browser: Browser, server: Server) -> None:
    """The line goes through Playwright, which lets it drop in the moment in which an edit is under way."""
    page, lines = new_context(browser).new_page(), []

    def through(line) -> None:
        lines.append(line)
        line.connect_to_server()

    page.route_web_socket(re.compile("_stcore/stream"), through)
    open_path(page, f"{server.url}/convolution")
    stage = Stage(page)
    stage.action("start")
    stage.type("x0", 0, 0, "7")
    stage.cell("x0", 0, 1).click()
    page.locator(".editor").fill("8")
    page.evaluate("window.stayed = true")
    lines[-1].close(code=1011, reason="cut")
    page.keyboard.press("Enter")
    connected(page)
    expect(stage.value("x0", 0, 0)).to_have_text("7")
    expect(stage.value("x0", 0, 1)).to_have_text("8")
    stage.type("x0", 0, 2, "9")
    stage.expect_output("y0", 0, 0, "25")  # 11 before; the kernel's first row is 1 0 1
    assert len(lines) > 1 and page.evaluate("window.stayed")
    whole(page)
    page.context.close()


def test_a_worker_a_server_and_the_folders_go_and_the_open_pages_go_on(open_page: OpenPage, tmp_path: Path) -> None:
    """Step by step under the same pages, for what costs is a server. The first that anybody opens on it needs torch."""
    with serve(folder=tmp_path) as first:
        evaluate = open_page("/evaluate", on=first, allowed=CUT)
        has_a_menu(evaluate)
        training = open_page("/train?epochs=1000&batch_size=256", on=first, allowed=CUT)
        run = a_killed_worker_is_a_sentence(training, first, tmp_path / "runs")
        others = [open_page(path, on=first, allowed=CUT) for path in ("/convolution", "/draw")]
        Stage(others[0]).action("start")
        Stage(others[0]).type("x0", 0, 0, "7")
        assert "x=5x5_7_" in others[0].url
        pages = [*others, evaluate, training]
        urls = [page.url for page in pages]
        metrics = tmp_path / "runs" / run / "metrics.jsonl"
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
        seen = metrics.read_bytes()
        with serve(folder=tmp_path, port=first.port) as second:
            for page, url in zip(pages, urls, strict=True):
                connected(page)
                whole(page)
                assert page.url == url
            the_stage_has_its_edit_and_takes_another(Stage(others[0]))
            the_run_has_gone_on_and_can_be_stopped(training, run, metrics, seen)
            open_path(others[1], f"{second.url}/inside")
            the_folders_are_taken_away([training, evaluate, others[1]], tmp_path, second)
            for page in pages:
                page.close()


def a_killed_worker_is_a_sentence(page: Page, server: Server, runs: Path) -> str:
    """The next run, which has another worker and is under way."""
    run = train(page)
    until(page, run, "running")
    os.kill(worker_of(server.process.pid), signal.SIGKILL)
    until(page, run, "failed")
    expect(page.get_by_text("killed by signal 9")).to_be_visible()
    whole(page)
    events = [json.loads(line) for line in (runs / run / "metrics.jsonl").read_text().splitlines()]
    assert events[-1]["event"] == "failed" and len(events) > 1, "what was measured until then is kept"
    again = train(page)
    until(page, again, "running")
    return again


def the_stage_has_its_edit_and_takes_another(stage: Stage) -> None:
    expect(stage.value("x0", 0, 0)).to_have_text("7")
    stage.type("x0", 0, 1, "8")
    expect(stage.value("x0", 0, 1)).to_have_text("8")


def the_run_has_gone_on_and_can_be_stopped(page: Page, run: str, metrics: Path, seen: bytes) -> None:
    """Its worker has gone on without the server."""
    until(page, run, "running")
    grown(metrics, len(seen))
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
        whole(page)
    press(pages[0], "Train")
    expect(pages[0].get_by_text(re.compile("the folder of the runs cannot be written"))).to_be_visible()
    with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=10) as health:
        assert health.read() == b"ok"
