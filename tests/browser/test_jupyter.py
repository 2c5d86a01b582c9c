"""A network in JupyterLab: a cell that is run draws it, plays it and keeps it; a notebook that nobody trusts shows the
table. JupyterLab is an extra (requirements-jupyter.txt): where it is not installed, the run says so."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from harness.browser import new_context
from harness.pages import PATIENCE
from harness.server import free_port
from tests.helpers import ROOT

NO_JUPYTER = "jupyterlab is not installed; pip install -r requirements-jupyter.txt"
TOKEN = "of-this-test"
ENDING = 5.0  # seconds in which JupyterLab, whose work is saved, has gone; its kernels go when it has
BLOCKED = "import sys\nsys.modules['streamlit'] = None"
LENET = """import cnnviz
from torch import nn

net = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
)
cnnviz.show(net, (1, 28, 28))"""
ROWS = "cnnviz.trace(net, (1, 28, 28))"
TOO_SMALL = "cnnviz.show(net, (1, 24, 24))"
CELLS = [BLOCKED, LENET, ROWS, TOO_SMALL]
LISTENS = """() => {
    const kernel = jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""

OpenNotebook = Callable[..., Page]


def notebook(cells: list[str]) -> str:
    """A notebook that has not been run, as a file."""
    written = [
        {"cell_type": "code", "id": f"cell{at}", "metadata": {}, "execution_count": None, "outputs": [], "source": one}
        for at, one in enumerate(cells)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps({"cells": written, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the notebooks lie."""
    return tmp_path_factory.mktemp("notebooks")


@pytest.fixture(scope="module")
def jupyter(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab of this module's own: it reads and writes no settings of whoever runs the tests."""
    if importlib.util.find_spec("jupyterlab") is None:
        pytest.skip(NO_JUPYTER)
    own, url = tmp_path_factory.mktemp("jupyter"), f"http://127.0.0.1:{free_port()}"
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": url.rpartition(":")[2],
        "ServerApp.port_retries": "0",
        "ServerApp.open_browser": "False",
        "ServerApp.allow_root": "True",
        "ServerApp.root_dir": str(folder),
        "IdentityProvider.token": TOKEN,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.expose_app_in_browser": "True",
    }
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    with (own / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **{name: str(own / name.lower()) for name in names}},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_healthy(process, url, own / "log")
        yield url
    finally:
        process.terminate()
        try:
            process.wait(ENDING)
        except subprocess.TimeoutExpired:  # a thread of AnyIO's may stay when its loop has ended
            process.kill()
            process.wait()


def wait_until_healthy(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/api/status?token={TOKEN}", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start: {log.read_text()[-3000:]}")


@pytest.fixture
def open_notebook(browser: Browser, jupyter: str) -> Iterator[OpenNotebook]:
    """open_notebook(name, dark) -> its page in JupyterLab. Nothing may be asked of another machine."""
    contexts, elsewhere = [], []

    def open_it(name: str, *, dark: bool = False) -> Page:
        contexts.append(new_context(browser, dark=dark))
        page = contexts[-1].new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.on("request", lambda request: elsewhere.append(request.url) if is_elsewhere(request.url) else None)
        page.goto(f"{jupyter}/lab/tree/{name}?reset&token={TOKEN}")
        page.wait_for_function("window.jupyterapp")
        page.evaluate("jupyterapp.restored.then(() => null)")
        expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible()
        return page

    def is_elsewhere(url: str) -> bool:
        return not url.startswith((jupyter, "data:", "blob:", "about:"))

    yield open_it
    for context in contexts:
        context.close()
    assert not elsewhere, elsewhere


def command(page: Page, name: str, **arguments: str) -> None:
    """What an entry of JupyterLab's menus does; it is not waited for."""
    page.evaluate("([name, given]) => { jupyterapp.commands.execute(name, given); }", [name, arguments])


def run_all(page: Page) -> None:
    page.wait_for_function(LISTENS)
    command(page, "notebook:run-all-cells")


def output(page: Page, cell: int) -> Locator:
    """What stands below a cell."""
    return page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".jp-OutputArea-output")


def diagram(page: Page, cell: int) -> FrameLocator:
    return output(page, cell).frame_locator("iframe")


def save(page: Page, file: Path) -> None:
    command(page, "docmanager:save")
    deadline = time.monotonic() + PATIENCE
    while "evalue" not in file.read_text(encoding="utf-8"):
        assert time.monotonic() < deadline, "the notebook was not saved"
        page.wait_for_timeout(50)


def test_a_notebook_is_run_saved_and_opened_again(open_notebook: OpenNotebook, folder: Path) -> None:
    file = folder / "net.ipynb"
    file.write_text(notebook(CELLS), encoding="utf-8")
    page = open_notebook("net.ipynb", dark=True)
    run_all(page)
    it_is_drawn_and_plays(page)
    assert background(page) == "rgb(255, 255, 255)", "the notebook is light, whatever the reader's system is"
    the_rows_are_a_table(page)
    the_break_is_drawn_and_told(page)
    save(page, file)
    choose_dark(page)
    again = open_notebook("net.ipynb")
    it_is_drawn_and_plays(again)
    assert background(again) == "rgb(15, 19, 24)", "and now it is dark"
    stranger = folder / "stranger.ipynb"
    stranger.write_text(file.read_text(encoding="utf-8").replace("1, 24, 24", "1, 24, 23"), encoding="utf-8")
    the_table_alone_is_there(open_notebook("stranger.ipynb"))


def it_is_drawn_and_plays(page: Page) -> None:
    drawn = diagram(page, 1)
    expect(drawn.locator(".item")).to_have_count(9)
    drawn.locator(".diagram").press("End")
    expect(drawn.locator(".position")).to_have_text("9 of 9")
    expect(drawn.locator(".formulas")).to_contain_text("850")
    drawn.locator('[data-action="play"]').click()
    expect(drawn.locator(".position")).to_have_text("2 of 9")
    the_frame_is_as_high_as_what_it_holds(output(page, 1).locator("iframe"))
    expect(output(page, 1).locator("tbody tr")).to_have_count(13)


def the_frame_is_as_high_as_what_it_holds(frame: Locator) -> None:
    inside, around = frame.evaluate(
        "frame => [frame.contentDocument.documentElement.scrollHeight, frame.getBoundingClientRect().height]"
    )
    assert inside == around > 250


def the_rows_are_a_table(page: Page) -> None:
    cells = output(page, 2).locator("tbody tr").last.locator("td").all_inner_texts()
    assert cells[0] == "Total" and cells[-2:] == ["61,706", "416,520"]


def the_break_is_drawn_and_told(page: Page) -> None:
    expect(diagram(page, 3).locator(".item.broken")).to_have_count(1)
    told = output(page, 3).last
    expect(told).to_contain_text("Linear(256, 120)")
    lines = told.inner_text().strip().splitlines()
    assert len(lines) <= 8 and lines[-1].endswith(TOO_SMALL), lines


def the_table_alone_is_there(page: Page) -> None:
    expect(output(page, 1).locator("tbody tr")).to_have_count(13)
    assert output(page, 1).locator("td").all_inner_texts()[-2:] == ["61,706", "416,520"]
    assert page.locator(".jp-OutputArea-output").locator("iframe, script").count() == 0


def background(page: Page) -> str:
    """The colour behind the diagram."""
    colour: str = diagram(page, 1).locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    return colour


def choose_dark(page: Page) -> None:
    """JupyterLab keeps that for what is opened next."""
    with page.expect_response(lambda one: one.request.method == "PUT" and "themes" in one.url):
        command(page, "apputils:change-theme", theme="JupyterLab Dark")
    expect(page.locator('body[data-jp-theme-light="false"]')).to_be_attached()
