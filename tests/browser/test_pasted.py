"""What people have, pasted into the box of the Shapes page: a cell, two networks, two inputs, Keras, a text that takes
too long."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from cnnviz.ui.lessons.own_texts import SECONDS
from harness.pages import open_path, settle
from tests.browser.stage import OpenPage

OWN = "/shapes?network=own_text"
CELL = """import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 5)
        self.fc = nn.Linear({features}, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        return self.fc(x.flatten(1))

net = Net().to(device)
for epoch in range(3):
    train(net)
"""
PAIR = """class Left(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Linear(28, 3)

    def forward(self, a, b):
        return self.one(a) + self.one(b)

class Right(nn.Module):
    def __init__(self):
        super().__init__()
        self.two = nn.Linear(28, 7)

    def forward(self, x):
        return self.two(x)

left, right = Left(), Right()
"""
KERAS = """model = keras.Sequential([
    keras.Input(shape=(28, 28, 1)),
    layers.Conv2D(4, 3, activation="relu"),
    layers.Flatten(),
    layers.Dense(10),
])
model.compile(optimizer="adam")
"""
LONG = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(28, 28) for _ in range(1900)])

    def forward(self, x):
        for again in range(10):
            for layer in self.layers:
                x = layer(x)
        return x
"""
SIZES = [(1440, 900, False), (390, 844, True)]


def area(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Your network")


def paste(page: Page, text: str) -> None:
    """Have the box take a text from the clipboard, and wait for what becomes of it."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    area(page).focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("ControlOrMeta+v")
    expect(area(page)).to_have_value(text)
    page.keyboard.press("ControlOrMeta+Enter")
    settle(page)


def names(page: Page) -> list[str]:
    return page.locator(".item .name").all_text_contents()


def fits_the_window(page: Page) -> bool:
    wide: int = page.get_by_test_id("stMain").evaluate("one => one.scrollWidth - one.clientWidth")
    return wide <= 0


def test_a_cell_is_followed_with_the_channels_that_it_names(open_page: OpenPage) -> None:
    page = open_page(OWN)
    paste(page, CELL.format(features="6 * 14 * 14"))
    expect(page.locator(".item")).to_have_count(5)
    expect(page.locator(".item.broken")).to_have_count(0)
    assert "conv" in names(page) and "fc" in names(page)
    page.wait_for_url(re.compile("channels=3&height=32&width=32"))


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(("width", "height", "dark"), SIZES)
def test_a_fix_is_seen_as_a_change_and_made_by_a_click(
    open_page: OpenPage, width: int, height: int, dark: bool
) -> None:
    page = open_page(OWN, width=width, height=height, dark=dark)
    paste(page, CELL.format(features="400"))
    expect(page.locator(".item.broken")).to_have_count(1)
    button = page.get_by_role("button", name="Use Linear(1176, 10)")
    change = page.get_by_test_id("stCode").first
    expect(change).to_contain_text("- 7: self.fc = nn.Linear(400, 10)")
    expect(change).to_contain_text("+ 7: self.fc = nn.Linear(1176, 10)")
    assert fits_the_window(page)
    button.click()
    expect(area(page)).to_have_value(CELL.format(features="1176"))
    expect(page.locator(".item.broken")).to_have_count(0)
    expect(page.locator(".item", has_text="fc")).to_have_count(1)


def test_which_network_is_meant_and_its_inputs_survive_a_reload(open_page: OpenPage) -> None:
    page = open_page(OWN)
    paste(page, PAIR)
    page.get_by_text("Left (line 1)").click()
    expect(page.locator(".item .name", has_text="one")).not_to_have_count(0)
    size = page.get_by_role("textbox", name="Size of b")
    size.fill("1x1x28")
    size.press("Enter")
    page.wait_for_url("**further=1x1x28*")
    page.wait_for_url("**chosen=Left*")
    settle(page)
    before = names(page)
    open_path(page, page.url)
    expect(size).to_have_value("1 × 1 × 28")
    expect(page.get_by_role("radio", name="Left (line 1)")).to_be_checked()
    assert names(page) == before
    page.get_by_text("Right (line 9)").click()
    page.wait_for_url("**chosen=Right*")
    expect(size).to_have_count(0)
    expect(page.locator(".item .name", has_text="two")).to_have_count(1)


def test_keras_is_answered_with_a_text_that_a_click_takes(open_page: OpenPage) -> None:
    page = open_page(OWN)
    paste(page, KERAS)
    expect(page.locator(".item")).to_have_count(0)
    expect(page.get_by_test_id("stCode")).to_contain_text("nn.Linear(2704, 10)")
    expect(area(page)).to_have_value(KERAS)
    page.get_by_role("button", name="Use this text").click()
    expect(area(page)).to_have_value(re.compile(r"nn\.Linear\(2704, 10\)"))
    expect(page.locator(".item.broken")).to_have_count(0)
    expect(page.locator(".item")).not_to_have_count(0)


def test_a_text_that_takes_too_long_is_told_and_stays(open_page: OpenPage) -> None:
    page = open_page(OWN)
    paste(page, LONG)
    expect(page.get_by_test_id("stAlert")).to_contain_text(f"{SECONDS['trace']:g} s")
    expect(area(page)).to_have_value(LONG)
    expect(page.locator(".item")).to_have_count(0)
    paste(page, CELL.format(features="6 * 14 * 14"))
    expect(page.locator(".item.broken")).to_have_count(0)
    expect(page.locator(".item")).to_have_count(5)
