"""For everybody: every page opens by its link, light and dark, on a desktop and on a phone; axe-core
finds nothing serious, pictures are told in words, the keyboard reaches everything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from harness.pages import settle
from harness.server import page_paths
from tests.browser.axe import ask, at_the_start, findings
from tests.browser.plot import SCRIPTS

OpenPage = Callable[..., Page]

SCHEMES = {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 19, 24)"}  # and their backgrounds
STAGES = ["/", "/convolution", "/channels", "/pooling"]  # where a window slides

FURTHER = [
    "/convolution?op=transposed_convolution&activation=relu",
    "/shapes?network=conv_cifar10&channels=1&height=28&width=28",
    "/receptive?layer=1",
    "/inside?view=why",
    "/evaluate?true=4&named=9",
    "/pooling?kernel_h=0",
]


def finds_nothing_serious(page: Page, whole: bool) -> None:
    """Neither in the light nor in the dark, to which the page follows the system, and where colours alone differ: there
    axe looks at these, and at everything where the check is to be `whole`."""
    at_the_start(page)
    for scheme, background in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", background)
        settle(page)
        rules = [] if whole or scheme == "light" else ["color-contrast"]
        assert findings(page, *rules) == [], scheme


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("path", FURTHER)
def test_axe_finds_nothing_serious_further_in(path: str, open_page: OpenPage, whole: bool) -> None:
    finds_nothing_serious(open_page(path), whole)


@pytest.mark.long(sample=3)
@pytest.mark.parametrize("path", page_paths())
def test_a_page_is_for_everybody(path: str, open_page: OpenPage, whole: bool) -> None:
    """By a link: its menu, words, each stop of the keyboard, axe, nothing that moves unasked, and all of it as narrow
    as a phone. In one page, for opening it is what takes long; in `make test-long` also opened on a phone."""
    page = open_page(path)
    has_a_menu(page)
    if path != "/architectures":  # the only page that draws a figure unasked
        assert page.evaluate(SCRIPTS) == 0
    assert ask(page, "untold") == [] and ask(page, "moving") == []
    every_stop_is_seen(page)
    finds_nothing_serious(page, whole)
    nothing_has_moved(page)
    page.set_viewport_size({"width": 390, "height": 844})
    settle(page)
    needs_no_sideways_scrolling(page)
    if whole:
        needs_no_sideways_scrolling(open_page(path, width=390, height=844))


def nothing_has_moved(page: Page) -> None:
    """What walks is where it was put before axe looked, which took longer than a step, for motion is unwelcome."""
    assert page.locator(".stage.playing").count() == 0
    if page.locator(".transport .position").count():
        assert page.locator(".transport .position").first.inner_text().startswith("1 of ")


def has_a_menu(page: Page) -> None:
    menu = page.get_by_test_id("stPageLink")
    expect(menu.first).to_be_visible()
    assert menu.count() >= len(page_paths())


def needs_no_sideways_scrolling(page: Page) -> None:
    widths = page.evaluate(
        """() => {
            const main = document.querySelector('[data-testid="stMain"]');
            return [document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth];
        }"""
    )
    assert max(widths) <= 0, f"{page.url} is {max(widths)} px wider than the phone"


def every_stop_is_seen(page: Page) -> None:
    count = ask(page, "expectStops")
    for _ in range(3 * count + 40):  # the cells of a grid are a stop each once one has entered it
        page.keyboard.press("Tab")
        looks = ask(page, "here")
        if looks is None:
            break
        if not looks["marked"]:
            settle(page)  # it had not come into view yet
            looks = ask(page, "here")
        assert looks["marked"], f"nothing shows that the focus is on {looks['html']}"
    assert ask(page, "missed") == []


@pytest.mark.long(sample=2)
@pytest.mark.parametrize("path", STAGES)
def test_a_stage_plays_and_says_its_steps_only_by_hand(path: str, open_page: OpenPage) -> None:
    """It plays where nobody wants less motion; then it stops at a key, and goes on by hand alone."""
    page = open_page(path, motion=True)
    line, stage = page.locator(".arithmetic"), page.locator(".stage")
    expect(page.locator(".stage.playing")).to_have_count(1)
    assert line.get_attribute("aria-live") == "off"
    stage.focus()
    page.keyboard.press("Home")
    expect(page.locator(".stage.playing")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    assert line.get_attribute("aria-live") == "polite"
    assert ("row 1, column 2" in line.inner_text()) and stage.get_attribute("aria-label")
    assert stage.get_attribute("aria-describedby") == line.get_attribute("id"), "the description follows the step"
    page.locator('.cell[data-plane="y0"]').last.hover()
    assert line.get_attribute("aria-live") == "off"


def test_a_stage_says_what_it_shows(open_page: OpenPage) -> None:
    page = open_page("/convolution?stride_h=2")
    label = page.locator(".stage").get_attribute("aria-label")
    assert label == "Cross-correlation of a 5 by 5 input, giving 2 by 2"
    cells = page.locator('.cell[data-plane="y0"]').evaluate_all("cells => cells.map((one) => one.ariaLabel)")
    assert cells[0] == "Output, row 1, column 1: 11" and len(cells) == 4
