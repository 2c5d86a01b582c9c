"""`data-state`: what a component is at, from loading to ready or failed, busy while the server has not answered."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from harness.pages import settle
from harness.server import Server, serve
from tests.browser.stage import OpenPage, open_stage
from tests.browser.test_draw import write

# one that is held on its way, one that throws, one with a stylesheet
SCRIPT = """
import streamlit as st

from cnnviz.ui.core import component
from cnnviz.ui.core.assets import Assets

PLAIN = "export function mount() {}"
BROKEN = "export function mount() { throw new Error('broken on purpose'); }"

STYLED = '''export function mount({ data, parentElement }) {
  (window.drawn ??= []).push(data.clicks);
  parentElement.querySelector("p").textContent = data.clicks;
  return () => { window.left = data.clicks; };
}'''

st.set_page_config(layout="wide")
for name, css, js in (("slow", "", PLAIN), ("broken", "", BROKEN), ("styled", "p { color: rgb(1, 2, 3); }", STYLED)):
    if name != "styled" or not st.session_state.get("without"):
        made = Assets(name, f"<p>{name}</p>", css, "main.js", (("main.js", js),))
        component.mount(made, key=name, data={"clicks": st.session_state.get("clicks", 0)})


def click():
    st.session_state.clicks = st.session_state.get("clicks", 0) + 1


st.button("again", key="again", on_click=click)
st.button("without", key="without")
st.text(f"clicked {st.session_state.get('clicks', 0)} times")
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
    held = hold(page, r"/slow\.[0-9a-f]+\.js")
    slow = page.locator(".st-key-slow [data-state]")
    expect(slow).to_have_attribute("data-state", "loading")
    broken = page.locator('.st-key-broken[data-state="failed"], .st-key-broken [data-state="failed"]')
    expect(broken.first).to_be_attached()  # for a moment both: Streamlit puts its message in the component's place
    while not held:
        page.wait_for_timeout(50)
    for route in held:
        route.continue_()
    expect(slow).to_have_attribute("data-state", "ready")


def hold(page: Page, pattern: str) -> list[Route]:
    """Whatever file of that name is asked for when the page is loaded anew, which does not come. The page is left
    before: what it was still asking for would be held in its place."""
    held: list[Route] = []
    address = page.url
    page.goto("about:blank")
    page.route(re.compile(pattern), lambda route: held.append(route))
    page.goto(address)
    return held


def hold_stylesheets(page: Page) -> list[Route]:
    """The stylesheets of the third component, once all scripts have come."""
    held = hold(page, r"/styled\.[0-9a-f]+\.css")
    expect(page.locator(".st-key-styled [data-state]")).to_be_attached()
    expect(page.locator('.st-key-slow [data-state="ready"]')).to_be_attached()
    page.wait_for_function("() => window.updates === 0")
    return held


def test_nothing_is_drawn_before_the_stylesheet_is_there_and_then_the_newest(
    open_page: OpenPage, odd_ones: Server
) -> None:
    page = open_page("/", on=odd_ones, allowed=("broken on purpose",), ready=False)
    held = hold_stylesheets(page)
    styled, text = page.locator(".st-key-styled [data-state]"), page.locator(".st-key-styled p")
    for clicks in (1, 2):
        page.locator(".st-key-again button").click()
        expect(page.get_by_text(f"clicked {clicks} times")).to_be_visible()
        page.wait_for_function("() => window.updates === 0")
    expect(styled).to_have_attribute("data-state", "loading")
    assert text.count() == 0 and page.evaluate("window.drawn") is None
    held[0].continue_()
    expect(styled).to_have_attribute("data-state", "ready")
    assert (text.inner_text(), page.evaluate("[window.drawn, window.left]")) == ("2", [[2], None])
    assert text.evaluate("p => getComputedStyle(p).color") == "rgb(1, 2, 3)"
    page.locator(".st-key-again button").click()
    expect(text).to_have_text("3")
    page.locator(".st-key-without button").click()
    expect(styled).to_have_count(0)
    assert page.evaluate("[window.drawn, window.left]") == [[2, 3], 3], (
        "it is left once, when the page does not have it"
    )


def test_one_whose_stylesheet_does_not_come_has_failed(open_page: OpenPage, odd_ones: Server) -> None:
    allowed = ("broken on purpose", "styled", "Failed to load", "ERR_FAILED")
    page = open_page("/", on=odd_ones, allowed=allowed, ready=False)
    held = hold_stylesheets(page)
    held[0].abort()
    styled = page.locator('.st-key-styled[data-state="failed"], .st-key-styled [data-state="failed"]')
    expect(styled.first).to_be_attached()


def test_components_of_a_page_share_their_modules(open_page: OpenPage) -> None:
    page = open_page("/convolution")
    names = "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('/bidi-'))"
    asked = [url.rpartition("/bidi-components/")[2] for url in page.evaluate(names)]
    modules = [name for name in asked if name.startswith("cnnviz.files/")]
    assert len(modules) == 1 and re.fullmatch(r"cnnviz\.files/modules\.[0-9a-f]{16}\.js", modules[0])
    assert sum(name.startswith("cnnviz.stage/stage.") for name in asked) == 2, "its entry and its stylesheet"
