"""The labs in a browser: as the app serves them, and from a disk without a network."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from cnnviz.ui import labs
from harness.browser import new_context
from harness.server import Server
from tests.browser.stage import Stage


def test_they_work_as_the_app_serves_them_and_from_a_disk(browser: Browser, server: Server, tmp_path: Path) -> None:
    context = new_context(browser)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{server.url}/labs")
    a_lab_is_chosen_and_tried(page)
    page.get_by_role("link", name="All labs").click()
    expect(page).to_have_url(re.compile("/labs/index.html$"))

    labs.write(tmp_path, "https://cnnviz.example")
    context.set_offline(True)
    page.goto((tmp_path / "index.html").as_uri())
    a_lab_is_chosen_and_tried(page)
    context.close()
    assert not problems


def a_lab_is_chosen_and_tried(page: Page) -> None:
    page.get_by_role("link", name="Channels").click()
    stage = Stage(page)
    stage.expect_output("y0", 0, 0, "8")
    open_it = page.get_by_role("link", name="Open what you see here in the app")
    stage.cell("b0", 0, 0).click()
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    stage.expect_output("y0", 0, 0, "12")
    expect(open_it).to_have_attribute("href", re.compile(r"/channels\?.*b=1x1_5__1x1_0"))
    page.get_by_role("button", name="Depthwise").click()
    expect(page.locator('.cell[data-plane="y2"]')).to_have_count(9)
    expect(open_it).to_have_attribute("href", re.compile("groups=3"))
    page.get_by_label("Padding", exact=True).fill("0")
    page.keyboard.press("Enter")
    expect(page.locator('.cell[data-plane="y2"]')).to_have_count(4)
