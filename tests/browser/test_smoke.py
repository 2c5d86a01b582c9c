"""Every page opens from its URL on a fresh server, in light and dark, on a desktop and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from harness.server import Server, page_paths, serve

OpenPage = Callable[..., Page]
DeepLink = tuple[str, Server]


@pytest.fixture(scope="module", params=page_paths())
def deep_link(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeepLink]:
    """A page's path, and a server on which it is the first thing that anybody opens."""
    folder: Path = tmp_path_factory.mktemp("deep-link")
    with serve(folder=folder) as running:
        yield request.param, running


def test_a_deep_link_opens_with_the_menu(deep_link: DeepLink, open_page: OpenPage) -> None:
    path, server = deep_link
    dark = len(path) % 2 == 0  # one half of the pages in the dark; test_accessible opens them all so
    page = open_page(path, dark=dark, on=server)
    menu = page.get_by_test_id("stPageLink")
    expect(menu.first).to_be_visible()
    assert menu.count() >= len(page_paths())
    background = page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor")
    assert background == ("rgb(15, 19, 24)" if dark else "rgb(255, 255, 255)")


def test_a_phone_needs_no_sideways_scrolling(deep_link: DeepLink, open_page: OpenPage) -> None:
    path, server = deep_link
    page = open_page(path, width=390, height=844, on=server)
    widths = page.evaluate(
        """() => {
            const main = document.querySelector('[data-testid="stMain"]');
            return [document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth];
        }"""
    )
    assert max(widths) <= 0, f"{path} is {max(widths)} px wider than the phone"
