"""For everybody: every page opens by its link, light and dark, on a desktop and on a phone; axe-core
finds nothing serious, pictures are told in words, the keyboard reaches everything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from harness.pages import settle
from harness.server import Server, page_paths
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


def finds_nothing_serious(page: Page) -> None:
    """Neither in the light nor in the dark, to which the page follows the system."""
    at_the_start(page)
    for scheme, background in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", background)
        settle(page)
        assert findings(page) == [], scheme


@pytest.mark.parametrize("path", FURTHER)
def test_axe_finds_nothing_serious_further_in(path: str, open_page: OpenPage) -> None:
    finds_nothing_serious(open_page(path))


@pytest.mark.parametrize("path", page_paths())
def test_a_page_is_for_everybody(path: str, open_page: OpenPage) -> None:
    """By a link: its menu, words, each stop of the keyboard, then axe. In one page, for opening it is what takes long;
    another on a phone."""
    page = open_page(path)
    has_a_menu(page)
    if path != "/architectures":  # the only page that draws a figure unasked
        assert page.evaluate(SCRIPTS) == 0
    assert ask(page, "untold") == []
    every_stop_is_seen(page)
    finds_nothing_serious(page)
    needs_no_sideways_scrolling(open_page(path, width=390, height=844))


@pytest.mark.parametrize("path", ["/convolution", "/evaluate"])
def test_a_link_may_be_the_first_that_anybody_opens_on_a_server(
    path: str, open_page: OpenPage, fresh_server: Server
) -> None:
    """A page that needs no torch, and one that does."""
    has_a_menu(open_page(path, on=fresh_server))


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
            page.wait_for_timeout(300)  # it had not come into view yet
            looks = ask(page, "here")
        assert looks["marked"], f"nothing shows that the focus is on {looks['html']}"
    assert ask(page, "missed") == []


def test_a_step_by_hand_is_told_and_one_by_itself_is_not(open_page: OpenPage) -> None:
    page = open_page("/convolution", motion=True)
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
def test_who_wants_less_motion_gets_no_autoplay(path: str, open_page: OpenPage) -> None:
    page = open_page(path, motion=True)
    expect(page.locator(".stage.playing")).to_have_count(1)
    page = open_page(path)
    expect(page.locator(".stage .cell").first).to_be_visible()
    before = page.locator(".arithmetic").inner_text()
    page.wait_for_timeout(1500)
    expect(page.locator(".stage.playing")).to_have_count(0)
    assert page.locator(".arithmetic").inner_text() == before


def test_everything_that_moves_minds_the_wish_for_less(open_page: OpenPage) -> None:
    assert ask(open_page("/shapes"), "moving") == []
