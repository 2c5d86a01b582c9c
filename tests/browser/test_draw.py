"""Draw a digit in a real browser: a digit is drawn and read."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]

SEVEN = [(0.28, 0.25), (0.72, 0.25), (0.6, 0.5), (0.48, 0.8)]
TWO = [(0.3, 0.3), (0.5, 0.2), (0.68, 0.32), (0.62, 0.48), (0.3, 0.8), (0.74, 0.79)]
ONE = [(0.5, 0.2), (0.5, 0.8)]


def draw(page: Page, stroke: list[tuple[float, float]], lift: bool = True) -> None:
    """One stroke on the pad, at the speed of a hand."""
    paper = page.locator(".paper")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
    page.mouse.move(*places[0])
    page.mouse.down()
    for (x0, y0), (x1, y1) in pairwise(places):
        for step in range(1, 9):
            page.mouse.move(x0 + (x1 - x0) * step / 8, y0 + (y1 - y0) * step / 8)
            time.sleep(0.012)
    if lift:
        page.mouse.up()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)], ids=["desktop", "phone"])
def test_drawn_digits_are_read(open_page: OpenPage, width: int, height: int) -> None:
    page = open_page("/draw", width=width, height=height)
    for digit, stroke in {"7": SEVEN, "2": TWO, "1": ONE}.items():
        expect(page.locator(".guess")).to_contain_text("Nothing is on the pad")
        draw(page, stroke)
        expect(page.locator(".guess b")).to_have_text(digit)
        assert_something_is_painted(page)
        page.get_by_role("button", name="Clear").click()


def assert_something_is_painted(page: Page) -> None:
    """The picture that the network saw has ink."""
    assert page.locator(".picture").evaluate(
        "c => c.getContext('2d').getImageData(0, 0, 28, 28).data.some((v, i) => i % 4 < 3 && v > 200)"
    )


def test_the_bars_follow_the_pen_before_it_is_lifted(open_page: OpenPage) -> None:
    page = open_page("/draw")
    page.evaluate(
        """() => {
            const find = (root) => {
                for (const el of root.querySelectorAll('*')) {
                    if (el.matches('.bars')) return el;
                    const inner = el.shadowRoot && find(el.shadowRoot);
                    if (inner) return inner;
                }
            };
            window.changes = 0;
            const watch = { subtree: true, attributes: true, attributeFilter: ['style'] };
            new MutationObserver(() => window.changes++).observe(find(document), watch);
        }"""
    )
    began = time.monotonic()
    draw(page, TWO, lift=False)
    seconds = time.monotonic() - began
    changes = page.evaluate("window.changes")
    expect(page.locator(".guess b")).to_have_text("2")
    page.mouse.up()
    print(f"{changes} updates in {seconds:.2f} s")
    assert changes >= 4


def test_undo_and_clear(open_page: OpenPage) -> None:
    page = open_page("/draw")
    draw(page, SEVEN)
    expect(page.locator(".guess b")).to_have_text("7")
    draw(page, [(0.05, 0.95), (0.95, 0.95)])
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".guess b")).to_have_text("7")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".guess")).to_contain_text("Nothing is on the pad")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".guess b")).to_have_text("7")
    page.get_by_role("button", name="Eraser").click()
    draw(page, SEVEN)
    page.get_by_role("slider", name="Width of the pen").focus()
    page.keyboard.press("End")
    draw(page, SEVEN)
    expect(page.locator(".guess")).to_contain_text("Nothing is on the pad")
