"""What the tests read of a figure by plotly, and do to it."""

from __future__ import annotations

import contextlib
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from harness.pages import settle
from tests.helpers import wait

FOLDS = {  # where the figures stand, and what is to be unfolded first
    "/architectures": "",
    "/evaluate": "Is it as sure as it is right? The figure",
    "/train": "Compare runs that are over",
}

# how often plotly's script was loaded
SCRIPTS = "performance.getEntriesByType('resource').filter((one) => one.name.includes('/PlotlyChart')).length"


def draw(page: Page) -> Locator:
    """Unfold the page's figure, and wait until it is drawn and in sight."""
    path = "/" + page.url.split("/", 3)[3].partition("?")[0]
    if FOLDS[path]:
        page.get_by_text(FOLDS[path], exact=True).click()
    figure = page.get_by_test_id("stPlotlyChart")
    expect(figure.locator(".modebar-btn").first).to_be_attached()
    expect(figure.locator(".scatterlayer path").first).to_be_attached()
    settle(page)
    figure.scroll_into_view_if_needed()
    return figure


def point_at(figure: Locator, point: Locator, *said: str) -> None:
    """Point at one of its points until its label says all of that: at the upper end of a bar, which goes on below its
    plot where the scale is logarithmic. What moves the page or draws the figure anew under a pointer that rests takes
    the label away; whoever reads moves it once more."""

    def told() -> bool:
        figure.evaluate("figure => figure.scrollIntoView({block: 'center'})")  # not behind the page's own head
        box = point.bounding_box()
        assert box
        figure.page.mouse.move(0, 0)
        point.hover(force=True, position={"x": box["width"] / 2, "y": min(box["height"] / 2, 8)})
        with contextlib.suppress(AssertionError):
            for part in said:
                expect(figure.locator(".hoverlayer")).to_contain_text(part, timeout=3_000)
            return True
        return False

    wait(told)


def ranges(figure: Locator) -> list[float]:
    """From where to where the horizontal axis goes."""
    return figure.locator(".js-plotly-plot").evaluate("plot => plot._fullLayout.xaxis.range.map(Number)")


def zoom(page: Page, figure: Locator) -> list[float]:
    """Drag over the middle of the upper plot; the new range."""
    before = ranges(figure)
    figure.scroll_into_view_if_needed()
    box = figure.locator(".nsewdrag").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 3
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + box["width"] / 3, y + box["height"] / 3, steps=5)
    page.mouse.up()
    page.wait_for_function(
        "low => document.querySelector('.js-plotly-plot')._fullLayout.xaxis.range[0] > low", arg=before[0]
    )
    return ranges(figure)


def saved(page: Page, button: str) -> Path:
    """What the button of that name saves; its file has that ending."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    assert waiting.value.suggested_filename.endswith(f".{button.lower()}")
    return Path(waiting.value.path())
