"""The Architectures page in a browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from harness.pages import settle
from tests.browser.stage import OpenPage


def test_milestones_their_blocks_and_the_way_to_the_network(open_page: OpenPage) -> None:
    page = open_page("/architectures")
    page.get_by_text("2014 · GoogLeNet").click()
    settle(page)
    expect(page.locator(".item", has_text="branch")).to_have_count(7)
    expect(page).to_have_url(re.compile("milestone=GoogLeNet"))
    page.get_by_role("link", name="The whole network").click()
    expect(page.get_by_role("heading", name="Shapes")).to_be_visible()
    expect(page.locator(".item.fold", has_text="inception3a")).to_have_count(1)
