"""For everybody: axe-core finds nothing serious, every picture is told in words, and the keyboard reaches everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bench.browser import Server, Watch, new_context, open_path, page_paths, settle

OpenPage = Callable[..., Page]

SERIOUS = {"serious", "critical"}
STAGES = ["/", "/convolution", "/channels", "/pooling"]  # where a window slides

# every element, those of the components' shadow trees included, and what is told of them
DEEP = """
const all = (root) => [...root.querySelectorAll("*")].flatMap((one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);
const parent = (one) => one.parentElement ?? one.getRootNode().host ?? null;
const chain = (one) => (one ? [one, ...chain(parent(one))] : []);
const focused = (root = document) => root.activeElement?.shadowRoot ? focused(root.activeElement.shadowRoot) : root.activeElement;
const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 0;
"""
UNTOLD = f"""() => {{
  {DEEP}
  const told = (one) => one.getAttribute("aria-label") || one.getAttribute("aria-hidden") === "true" || one.alt;
  const pictures = all(document.querySelector('[data-testid="stMain"]')).filter((one) => /^(canvas|svg|img)$/i.test(one.tagName));
  return pictures.filter((one) => seen(one) && !one.dataset.testid && !one.closest(".katex, [data-testid=stIconMaterial]"))
    .filter((one) => !chain(one).some((outer) => told(outer) || /^(BUTTON|A|SUMMARY|LABEL)$/.test(outer.tagName)))
    .map((one) => one.outerHTML.slice(0, 200));
}}"""
STOPS = f"""() => {{
  {DEEP}
  const stops = all(document.body).filter((one) => one.tabIndex >= 0 && !one.disabled && !one.closest("[inert]") && seen(one));
  const natural = (one) => /^(BUTTON|A|INPUT|SELECT|TEXTAREA|SUMMARY|IFRAME)$/.test(one.tagName) || one.hasAttribute("tabindex");
  window.stops = stops.filter(natural);
  window.reached = new Set();
  return window.stops.length;
}}"""
LOOKS = f"""async () => {{
  {DEEP}
  const styles = (one) => chain(one).slice(0, 5).flatMap((outer) => [outer, ...outer.children].slice(0, 8)).map((part) => {{
    const {{ outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor, textDecoration, color }} = getComputedStyle(part);
    return [outlineStyle === "none" ? "" : outlineWidth + outlineColor, boxShadow, borderColor, backgroundColor, textDecoration, color].join();
  }}).join(";");
  const here = focused();
  if (!here || here === document.body) return null;
  window.reached.add(here);
  chain(here).forEach((outer) => window.reached.add(outer)); // the editor of a cell stands for its cell
  const box = here.getBoundingClientRect();
  const told = {{ html: here.outerHTML.slice(0, 160), marked: true, place: [box.x, box.y] }};
  if (here.tagName === "INPUT" && here.classList.contains("editor")) return told; // it has a border while it is there
  const during = styles(here);
  here.blur();
  const end = performance.now() + 500; // Streamlit's own boxes fade
  while (styles(here) === during && performance.now() < end) await new Promise(requestAnimationFrame);
  told.marked = styles(here) !== during;
  here.focus({{ preventScroll: true }});
  return told;
}}"""
# of a group of radio buttons one is a stop, and the arrow keys choose another
MISSED = """() => {
  const group = (one) => (one.type === "radio" || one.role === "radio") && one.closest('[role="radiogroup"]');
  const passed = new Set([...window.reached].map(group));
  const missed = window.stops.filter((one) => one.isConnected && !window.reached.has(one));
  return missed.filter((one) => !group(one) || !passed.has(group(one))).map((one) => one.outerHTML.slice(0, 160));
}"""


def at_the_start(page: Page) -> None:
    """What walks stands still on its first position, so that cells lie ahead of it."""
    start = page.locator('.transport [data-action="start"]')
    if start.count():
        start.first.click()


def findings(page: Page) -> list[str]:
    """What axe-core calls serious or critical, element by element."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:120]} ({'; '.join(check['message'] for check in node['any'])[:160]})"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", page_paths())
def test_axe_finds_nothing_serious(path: str, dark: bool, open_page: OpenPage) -> None:
    page = open_page(path, dark=dark)
    at_the_start(page)
    assert findings(page) == []


FURTHER = [
    "/convolution?op=transposed_convolution&activation=relu",
    "/shapes?network=conv_cifar10&channels=1&height=28&width=28",
    "/receptive?layer=1",
    "/inside?view=why",
    "/evaluate?true=4&named=9",
    "/pooling?kernel_h=0",
]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", FURTHER)
def test_axe_finds_nothing_serious_further_in(path: str, dark: bool, open_page: OpenPage) -> None:
    page = open_page(path, dark=dark)
    at_the_start(page)
    assert findings(page) == []


@pytest.mark.parametrize("path", page_paths())
def test_every_picture_is_told_in_words(path: str, open_page: OpenPage) -> None:
    assert open_page(path).evaluate(UNTOLD) == []


@pytest.mark.parametrize("path", page_paths())
def test_the_keyboard_reaches_everything_and_shows_where_it_is(path: str, open_page: OpenPage) -> None:
    page = open_page(path)
    count = page.evaluate(STOPS)
    for _ in range(3 * count + 40):  # the cells of a grid are a stop each once one has entered it
        page.keyboard.press("Tab")
        looks = page.evaluate(LOOKS)
        if looks is None:
            break
        if not looks["marked"]:
            page.wait_for_timeout(300)  # it had not come into view yet
            looks = page.evaluate(LOOKS)
        assert looks["marked"], f"nothing shows that the focus is on {looks['html']}"
    assert page.evaluate(MISSED) == []


def test_a_step_by_hand_is_told_and_one_by_itself_is_not(open_page: OpenPage) -> None:
    page = open_page("/convolution")
    line = page.locator(".arithmetic")
    expect(page.locator(".stage")).to_have_class("stage playing")
    assert line.get_attribute("aria-live") == "off"
    page.locator(".stage").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert line.get_attribute("aria-live") == "polite"
    assert line.inner_text().startswith("Output, row 1, column 2 = ")
    described = page.locator(".stage").get_attribute("aria-describedby")
    assert described == line.get_attribute("id"), "the stage's description follows the step"
    page.locator('.cell[data-plane="y0"]').last.hover()
    assert line.get_attribute("aria-live") == "off"


def test_a_stage_says_what_it_shows(open_page: OpenPage) -> None:
    page = open_page("/convolution?stride_h=2")
    label = page.locator(".stage").get_attribute("aria-label")
    assert label == "Cross-correlation of a 5 by 5 input, giving 2 by 2"
    cells = page.locator('.cell[data-plane="y0"]').evaluate_all("cells => cells.map((one) => one.ariaLabel)")
    assert cells[0] == "Output, row 1, column 1: 11" and len(cells) == 4


@pytest.mark.parametrize("path", STAGES)
def test_who_wants_less_motion_gets_no_autoplay(path: str, browser: Browser, server: Server) -> None:
    for motion, plays in (("reduce", 0), ("no-preference", 1)):
        context = new_context(browser)
        page = context.new_page()
        page.emulate_media(reduced_motion=motion)
        watch = Watch(page)
        open_path(page, server.url + path)
        expect(page.locator(".stage .cell").first).to_be_visible()
        expect(page.locator(".stage.playing")).to_have_count(plays)
        if not plays:
            before = page.locator(".arithmetic").inner_text()
            page.wait_for_timeout(1500)
            assert page.locator(".arithmetic").inner_text() == before
        assert not watch.found()
        context.close()


def test_everything_that_moves_minds_the_wish_for_less(open_page: OpenPage) -> None:
    page = open_page("/shapes")
    page.emulate_media(reduced_motion="reduce")
    settle(page)
    moving = page.evaluate(
        f"""() => {{ {DEEP}
          return all(document.querySelector('[data-testid="stMain"]'))
            .filter((one) => one.getRootNode() !== document && getComputedStyle(one).transitionDuration !== "0s")
            .map((one) => one.outerHTML.slice(0, 120)); }}"""
    )
    assert moving == []
