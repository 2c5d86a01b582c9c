"""The skeleton in a real browser: a run is trained, watched and found again; a digit is drawn and read."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from bench.browser import settle

OpenPage = Callable[..., Page]

SEVEN = [(0.28, 0.25), (0.72, 0.25), (0.6, 0.5), (0.48, 0.8)]
TWO = [(0.3, 0.3), (0.5, 0.2), (0.68, 0.32), (0.62, 0.48), (0.3, 0.8), (0.74, 0.79)]
ONE = [(0.5, 0.2), (0.5, 0.8)]


def test_a_run_is_watched_read_and_found_again(open_page: OpenPage) -> None:
    page = open_page("/train?epochs=1&batch=512")
    page.get_by_role("button", name="Train", exact=True).click()
    curve = page.locator(".curve").first
    expect(curve).to_have_attribute("d", re.compile("^M.*L"), timeout=20_000)
    expect(page.get_by_text("of the test images are named rightly")).to_be_visible(timeout=60_000)
    settle(page)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    shown = page.get_by_text("of the test images are named rightly").inner_text()
    assert float(re.search(r"([\d.]+) %", shown).group(1)) > 80
    assert re.search(r"run=lenet5-[\d]{8}-[\d]{6}-[0-9a-f]{8}", page.url)
    read_by_keyboard_and_mouse(page)

    again = open_page(f"/{page.url.split('/', 3)[3]}")
    expect(again.get_by_text(shown)).to_be_visible()
    assert again.locator(".curve").first.get_attribute("d") == page.locator(".curve").first.get_attribute("d")


def read_by_keyboard_and_mouse(page: Page) -> None:
    """The arrow keys and the mouse read the first chart."""
    figure = page.locator(".lines").first
    figure.focus()
    page.keyboard.press("End")
    expect(figure.locator(".said")).to_have_text(re.compile(r"^epoch 1, training [\d.]+, test [\d.]+$"))
    page.keyboard.press("ArrowLeft")
    expect(figure.locator(".said")).to_have_text(re.compile(r"^epoch 0\.\d+, training"))
    page.keyboard.press("Escape")
    expect(figure.locator(".cursor")).to_have_count(0)
    figure.locator(".chart").hover()
    expect(figure.locator(".cursor")).to_have_count(1)


def test_stop_and_draw_with_what_was_learnt(open_page: OpenPage) -> None:
    page = open_page("/train?epochs=20")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator(".curve").first).to_have_attribute("d", re.compile("^M.*L"), timeout=20_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile("Stopped at epoch"))).to_be_visible(timeout=10_000)
    page.get_by_text("Draw a digit for this network").click()
    expect(page.locator(".paper")).to_be_visible()
    expect(page.get_by_text(re.compile("lenet5, trained on mnist for"))).to_be_visible()
    assert "network=lenet5-" in page.url


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
