"""A room as a class uses it: the teacher opens it, students train, and every run appears on the board by itself."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from harness.pages import settle
from tests.browser import panel
from tests.browser.panel import until_done

OpenPage = Callable[..., Page]
SHORT = "&subset=600&epochs=1"


def opened(board: Page) -> str:
    """Open a room; its code."""
    board.get_by_role("button", name="Open a room").click()
    link = board.get_by_role("link", name=re.compile("The class link"))
    expect(link).to_be_visible()
    expect(board.get_by_text("No run yet.")).to_be_visible()
    return re.search(r"in room (\w{6})", link.inner_text())[1]


def train_as(page: Page, code: str, nickname: str) -> None:
    """Say who one is, and train to the end."""
    box = page.get_by_label(f"Room {code}: your nickname")
    box.fill(nickname)
    box.press("Enter")
    settle(page)
    train(page)


def train(page: Page) -> None:
    """Press Train, and see one's own run through."""
    until_done(page, panel.train(page))


def test_two_students_meet_on_the_board(open_page: OpenPage) -> None:
    board = open_page("/room")
    code = opened(board)
    for nickname, query in (("Ada", SHORT), ("**Alan**", f"{SHORT}&network=conv_mnist")):
        train_as(open_page(f"/train?room={code}{query}"), code, nickname)
    expect(board.get_by_text(re.compile("leads with .* 2 runs by 2"))).to_be_visible()
    expect(board.locator(".bubbles circle")).to_have_count(2)  # the first table loads pandas meanwhile
    for told in (r"Ada: \d.* LeNet-5, 61,706 parameters", r"\*\*Alan\*\*: \d.* Conv MNIST, 60,074 parameters"):
        expect(board.locator(".bubbles .plot")).to_have_attribute("aria-label", re.compile(told))
    before = board.locator(".bubbles circle").first.get_attribute("cx")
    board.get_by_test_id("stButtonGroup").get_by_text("Parameters").click()
    expect(board.locator(".bubbles circle").first).not_to_have_attribute("cx", before)
    expect(board).to_have_url(re.compile("axis=parameters"))


def test_a_room_that_the_server_does_not_know_is_said_and_runs_are_trained_all_the_same(open_page: OpenPage) -> None:
    page = open_page(f"/train?room=ABCDEF{SHORT}")
    expect(page.get_by_text("there is no room 'ABCDEF' on this server")).to_be_visible()
    train(page)
