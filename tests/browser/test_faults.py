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


def test_a_killed_server_comes_back_under_open_pages_and_a_run_goes_on(open_page: OpenPage, tmp_path: Path) -> None:
    """Its worker goes on without it; of the pages each is as it was, and can be used."""
    with serve(folder=tmp_path) as first:
        training = open_page("/train?epochs=1000&batch_size=256", on=first, allowed=CUT)
        run = train(training)
        others = [open_page(path, on=first, allowed=CUT) for path in ("/convolution", "/evaluate", "/draw")]
        stage, pages = Stage(others[0]), [*others, training]
        stage.action("start")
        stage.type("x0", 0, 0, "7")
        assert "x=5x5_7_" in others[0].url
        until(training, run, "running")
        urls = [page.url for page in pages]
        metrics = tmp_path / "runs" / run / "metrics.jsonl"
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
        seen = metrics.read_bytes()
        with serve(folder=tmp_path, port=first.port):
            for page, url in zip(pages, urls, strict=True):
                connected(page)
                whole(page)
                assert page.url == url
            expect(stage.value("x0", 0, 0)).to_have_text("7")
            stage.type("x0", 0, 1, "8")
            expect(stage.value("x0", 0, 1)).to_have_text("8")
            until(training, run, "running")
            grown(metrics, len(seen))
            press(training, "Stop")
            until(training, run, "stopped")
            assert metrics.read_bytes().startswith(seen) and (metrics.parent / "model.safetensors").is_file()
            for page in pages:
                page.close()


def grown(file: Path, size: int) -> None:
    """Wait until more than so many bytes stand in the file."""
    deadline = time.monotonic() + PATIENCE
    while file.stat().st_size <= size:
        assert time.monotonic() < deadline, f"nothing was added to {file.name}"
        time.sleep(0.1)


def test_a_killed_worker_is_a_sentence(open_page: OpenPage, tmp_path: Path) -> None:
    with serve(folder=tmp_path) as server:
        page = open_page("/train?epochs=1000", on=server)
        run = train(page)
        until(page, run, "running")
        os.kill(worker_of(server.process.pid), signal.SIGKILL)
        until(page, run, "failed")
        expect(page.get_by_text("killed by signal 9")).to_be_visible()
        whole(page)
        metrics = tmp_path / "runs" / run / "metrics.jsonl"
        events = [json.loads(line) for line in metrics.read_text().splitlines()]
        assert events[-1]["event"] == "failed" and len(events) > 1, "what was measured until then is kept"
        again = train(page)
        until(page, again, "running")
        press(page, "Stop")
        until(page, again, "stopped")
        page.close()


def test_the_folders_are_taken_away_under_open_pages(open_page: OpenPage, tmp_path: Path) -> None:
    with serve(folder=tmp_path) as server:
        for name in ("data", "runs"):
            (tmp_path / name).mkdir(exist_ok=True)
        pages = [open_page(path, on=server) for path in ("/train", "/evaluate", "/inside")]
        for name in ("data", "runs"):
            (tmp_path / name).rmdir() if not any((tmp_path / name).iterdir()) else (tmp_path / name).rename(
                tmp_path / "x"
            )
            (tmp_path / name).write_text("a file in its place")
        for page in pages:
            page.reload()
            settle(page)
            whole(page)
        press(pages[0], "Train")
        expect(pages[0].get_by_text(re.compile("the folder of the runs cannot be written"))).to_be_visible()
        with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=10) as health:
            assert health.read() == b"ok"
        for page in pages:
            page.close()
