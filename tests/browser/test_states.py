"""`data-state`: what a component is at, from loading to ready or failed, busy while the server has not answered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from harness.pages import settle
from harness.server import Server, serve
from tests.browser.stage import OpenPage, open_stage
from tests.browser.test_draw import write

# one that waits until it is let go, one that throws
SCRIPT = """
import streamlit as st

from cnnviz.ui.components.load import Assets, register

SLOW = "await new Promise((go) => { window.go = go; });\\nexport default function () {}"
BROKEN = "export default function () { throw new Error('broken on purpose'); }"

st.set_page_config(layout="wide")
for name, js in (("slow", SLOW), ("broken", BROKEN)):
    register(Assets(name, f"<p>{name}</p>", "", js))(key=name, data={})
"""
RECORD = """element => {
    window.states = [element.dataset.state];
    new MutationObserver(() => window.states.push(element.dataset.state)).observe(element, { attributes: true });
}"""


@pytest.fixture(scope="module")
def odd_ones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of two components that are not as usual."""
    folder = tmp_path_factory.mktemp("states")
    (folder / "page.py").write_text(SCRIPT)
    with serve(str(folder / "page.py"), folder=folder) as running:
        yield running


def record(page: Page, key: str) -> None:
    """From now on, what the component of that key is at."""
    page.locator(f".st-key-{key} [data-state]").evaluate(RECORD)


def states(page: Page) -> list[str]:
    """What was recorded, without what only was set again."""
    told: list[str] = page.evaluate("window.states")
    return [state for at, state in enumerate(told) if not at or told[at - 1] != state]


def test_an_edit_is_busy_until_its_answer_is_drawn(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/convolution")
    record(stage.page, "convolution_stage")
    stage.type("x0", 0, 0, "5")
    assert stage.values("y0")[0] == "15" and states(stage.page) == ["ready", "busy", "ready"]


def test_a_button_whose_answer_leaves_it_as_it_was(open_page: OpenPage) -> None:
    page = open_stage(open_page, "/convolution").page
    record(page, "convolution_tries")
    for _ in range(3):
        page.locator(".tries button").first.click()
        settle(page)
    assert states(page) == ["ready", *["busy", "ready"] * 3]


def test_a_pad_is_busy_until_its_last_picture_is_acknowledged(open_page: OpenPage) -> None:
    page = open_page("/draw")
    record(page, "draw_pad")
    write(page, 7)
    settle(page)
    assert page.locator(".guess b").inner_text() == "7", "the answer to the last stroke is there"
    found = states(page)  # a slow machine answers the first strokes while the pen still moves
    assert len(found) % 2 and found == ["ready", "busy"] * (len(found) // 2) + ["ready"] != ["ready"]


def test_it_loads_until_its_script_has_drawn_and_fails_where_that_throws(open_page: OpenPage, odd_ones: Server) -> None:
    page = open_page("/", on=odd_ones, allowed=("broken on purpose",), ready=False)
    slow = page.locator(".st-key-slow [data-state]")
    expect(slow).to_have_attribute("data-state", "loading")
    expect(page.locator('.st-key-broken[data-state="failed"], .st-key-broken [data-state="failed"]')).to_be_attached()
    page.wait_for_function("'go' in window")
    page.evaluate("window.go()")
    expect(slow).to_have_attribute("data-state", "ready")
