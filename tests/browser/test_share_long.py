"""The link to a long text in a browser: what is said of it, and the text as a file."""

from __future__ import annotations

import random
from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Page, expect

from cnnviz.links.sources import write
from tests.browser.stage import OpenPage

NETWORK = "nn.Sequential(\r\n\tnn.Flatten(),  # \u3000\u5377\u79ef\r\n\tnn.Linear(784, 10),\r\n)\r\n"
SIZES = [(1440, 900, False), (390, 844, True)]


def padded(length: int) -> str:
    """A network with a comment that hardly gets shorter, of so many characters in a link."""
    pick = random.Random(5)
    text = f"{NETWORK}# "
    while len(write(text)) < length:
        text += "".join(pick.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=20))
    return text


def said_in_the_dialog(page: Page, button: str) -> str:
    """What it says at last, opened by that button."""
    page.get_by_role("button", name=button).click()
    why = page.locator("#panel .why")
    expect(why).not_to_be_empty()
    return why.inner_text()


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(("width", "height", "dark"), SIZES)
def test_a_long_link_says_so_and_gives_its_text_as_a_file(
    open_page: OpenPage, width: int, height: int, dark: bool
) -> None:
    text = padded(7_500)
    page = open_page(f"/shapes?network=own_text&text={quote_plus(write(text))}", width=width, height=height, dark=dark)
    said = said_in_the_dialog(page, "Copy link")  # by itself, where the link is a long one
    assert f"{len(page.locator('.made').input_value()):,} characters" in said and "7,500" in said and "2,953" in said
    expect(page.locator("#panel .code")).to_be_hidden()
    file = page.get_by_role("link", name="network.py")
    box = file.bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= height
    with page.expect_download() as waiting:
        file.click()
    assert waiting.value.suggested_filename == "network.py"
    assert waiting.value.path().read_bytes() == text.encode()


def test_what_a_code_cannot_hold_is_said_and_the_rest_is_offered_without_a_file(open_page: OpenPage) -> None:
    page = open_page(f"/shapes?network=own_text&text={quote_plus(write(padded(4_000)))}")
    said = said_in_the_dialog(page, "Link for a class")
    assert f"{len(page.locator('.made').input_value()):,} characters" in said and "2,953" in said
    expect(page.locator("#panel .code")).to_be_hidden()
    expect(page.get_by_role("link", name="network.py")).to_be_hidden()
