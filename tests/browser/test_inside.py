"""The Inside page as a student uses it: point, click, keys, the pad, a link, a phone, a dark room."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from harness.pages import PATIENCE, settle
from tests.browser.stage import OpenPage


def opened(open_page: OpenPage, query: str = "", **options: object) -> Page:
    page: Page = open_page(f"/inside{query}", **options)
    expect(page.locator(".maps canvas").first).to_be_visible()
    return page


def canvas(page: Page, layer: str) -> Locator:
    return page.locator(f'.maps canvas[data-layer="{layer}"]')


def told(page: Page) -> Locator:
    return page.locator(".maps .description")


def test_a_unit_is_pointed_at_clicked_and_found_by_keys(open_page: OpenPage) -> None:
    page = opened(open_page)
    pointing_tells_of_a_unit_and_marks_what_it_sees_without_a_server_call(page)
    a_click_shows_the_arithmetic_and_writes_the_link(page)
    keys_move_and_choose(page)


def pointing_tells_of_a_unit_and_marks_what_it_sees_without_a_server_call(page: Page) -> None:
    settle(page)
    before = canvas(page, "input").evaluate("c => c.toDataURL()")
    canvas(page, "conv2").hover(position={"x": 20, "y": 20})
    expect(told(page)).to_contain_text("conv2 (Conv2d), map 0, row 4, column 4")
    expect(told(page)).to_contain_text("It sees rows 8 to 21 and columns 8 to 21")
    assert canvas(page, "input").evaluate("c => c.toDataURL()") != before
    assert "layer" not in page.url


def a_click_shows_the_arithmetic_and_writes_the_link(page: Page) -> None:
    settle(page)
    canvas(page, "conv2").click(position={"x": 20, "y": 20})
    expect(page.locator(".figures .title")).to_have_count(6)
    expect(page.locator(".figures .line")).to_contain_text("bias")
    expect(page).to_have_url(re.compile("layer=conv2.*row=4.*col=4"))


def keys_move_and_choose(page: Page) -> None:
    settle(page)
    canvas(page, "pool2").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(told(page)).to_contain_text("pool2 (MaxPool2d), map 0, row 1, column 1")
    page.keyboard.press("Enter")
    expect(page.locator(".figures .result")).to_have_text([re.compile("maximum =")])


def test_the_maps_follow_the_pen_before_it_is_lifted(open_page: OpenPage) -> None:
    page = opened(open_page, "?source=drawing")
    paper = page.locator(".pad .paper")
    expect(paper).to_be_visible()
    settle(page)
    box = paper.bounding_box()
    assert box
    empty = canvas(page, "relu1").evaluate("c => c.toDataURL()")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    deadline = time.monotonic() + PATIENCE
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 40, steps=12)
    while canvas(page, "relu1").evaluate("c => c.toDataURL()") == empty:
        assert time.monotonic() < deadline, "the maps did not follow"
        time.sleep(0.02)
    page.mouse.up()
    expect(page.get_by_text("It says 1")).to_be_visible()


@pytest.mark.long(sample=2)
@pytest.mark.parametrize("view", ["arithmetic", "kernels", "strongest_inputs", "why"])
def test_on_a_phone_nothing_scrolls_sideways(open_page: OpenPage, view: str) -> None:
    page = opened(open_page, f"?view={view}&layer=conv2", width=390, height=844)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        settle(page)
        fits_the_phone(page)


def fits_the_phone(page: Page) -> None:
    expect(page.locator(".figures canvas").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wide = page.locator(".maps canvas, .figures canvas").evaluate_all(
        "all => all.filter(c => c.getBoundingClientRect().right > 391).length"
    )
    assert wide == 0


def test_a_network_of_many_layers_is_folded(open_page: OpenPage) -> None:
    page = opened(open_page, "?network=residual_8")
    assert page.locator(".maps .card").count() > 30
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
