"""What the browser shows before Python has answered: the server is held meanwhile."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from harness.pages import settle
from harness.server import Server
from tests.browser.stage import OpenPage, Stage, open_stage


def provisional(page: Page) -> int:
    return page.locator("[data-provisional]").count()


def answered(stage: Stage, plane: str) -> None:
    """Python's answer comes, and changes nothing that is seen of the plane."""
    seen = stage.values(plane)
    settle(stage.page)
    assert (provisional(stage.page), stage.values(plane)) == (0, seen)


def type_ahead(stage: Stage, plane: str, row: int, col: int, text: str) -> None:
    """Type into a cell without waiting for an answer."""
    stage.cell(plane, row, col).click()
    stage.page.locator(".editor").fill(text)
    stage.page.keyboard.press("Enter")


def test_consequences_are_seen_before_the_answer_which_changes_nothing(open_page: OpenPage, server: Server) -> None:
    stage = open_stage(open_page, "/convolution?activation=ReLU")
    cells_and_what_is_no_number(stage, server)
    steppers_and_the_operation(stage, server)
    sizes_and_back_again(stage, server)
    undo_and_the_example(stage)


def cells_and_what_is_no_number(stage: Stage, server: Server) -> None:
    with server.held():
        type_ahead(stage, "x0", 0, 0, "5")
        stage.expect_output("y0", 0, 0, "15")
        type_ahead(stage, "b0", 0, 0, "-20")
        stage.expect_output("y0", 0, 0, "−5")
        stage.expect_output("a0", 0, 0, "0")
        type_ahead(stage, "w0", 0, 0, "x")
        stage.expect_output("w0", 0, 0, "x")  # Python says what is wrong with it
        stage.expect_output("y0", 0, 0, "−5")
        assert provisional(stage.page) > 9
    answered(stage, "y0")
    expect(stage.warning).to_contain_text("is not a number")


def steppers_and_the_operation(stage: Stage, server: Server) -> None:
    page = stage.page
    with server.held():
        page.locator('[class*="st-key-convolution_stride_h"] button').last.click()
        expect(page.locator('.cell[data-plane="y0"]')).to_have_count(4)
        page.locator('[class*="st-key-convolution_padding_h"] button').last.click()
        expect(page.locator('.cell[data-plane="y0"]')).to_have_count(9)
        page.wait_for_timeout(700)  # however long the answer takes
        page.get_by_label("Operation").click()
        page.get_by_role("option", name="Transposed", exact=True).click()
        expect(page.locator('.cell[data-plane="y0"]')).to_have_count(81)
        assert page.locator('.cell.padding[data-plane="x0"]').count() == 0
    answered(stage, "y0")
    expect(page).to_have_url(re.compile("op=transposed.*stride_h=2&padding_h=1"))


def sizes_and_back_again(stage: Stage, server: Server) -> None:
    rows = stage.page.get_by_label("Input: rows")
    with server.held():
        for size in (2, 6):
            rows.fill(str(size))
            rows.press("Enter")
            expect(stage.page.locator('.cell[data-plane="x0"]')).to_have_count(5 * size)
        stage.expect_output("x0", 4, 3, "3")  # what was cut off is there again
        stage.expect_output("x0", 5, 3, "0")
    answered(stage, "x0")


def undo_and_the_example(stage: Stage) -> None:
    page = stage.page
    for rows in (2, 5):
        stage.press("Control+z")
        settle(page)
        expect(page.locator('.cell[data-plane="x0"]')).to_have_count(5 * rows)
    stage.press("Control+y")
    settle(page)
    expect(page.locator('.cell[data-plane="x0"]')).to_have_count(10)
    page.get_by_role("button", name="Back to the example").click()
    settle(page)
    expect(page).to_have_url(re.compile("/convolution$"))
    stage.expect_output("y0", 0, 0, "11")
    page.get_by_role("button", name="Undo").click()
    settle(page)
    expect(page).to_have_url(re.compile("op=transposed.*stride_h=2&padding_h=1"))


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("path", ["/pooling?padding_h=1", "/channels"])
def test_other_lessons_show_them_too(open_page: OpenPage, server: Server, path: str) -> None:
    stage = open_stage(open_page, path)
    before = stage.values("y1")
    name = path[1:].partition("?")[0]
    with server.held():
        type_ahead(stage, "x0", 1, 1, "90")
        expect(stage.value("y0", 0, 0)).not_to_have_text(before[0])
        stage.page.locator(f'[class*="st-key-{name}_stride_h"] button').first.click()
        expect(stage.page.locator('.cell[data-plane="y1"]')).not_to_have_count(len(before))
    answered(stage, "y1")
    answered(stage, "y0")


def test_another_kind_of_pooling_and_other_windows(open_page: OpenPage, server: Server) -> None:
    """One grid of results in place of two, and two again."""
    stage = open_stage(open_page, "/pooling")
    captions = stage.page.locator(".plane .caption b")
    with server.held():
        choose(stage.page, "Kind", "L2")
        expect(captions).to_have_text(["Input", "L2 norm"])
        choose(stage.page, "Kind", "Average")
        expect(captions).to_have_text(["Input", "Average"])
        choose(stage.page, "Kind", "Max and average")
        expect(captions).to_have_text(["Input", "Maximum", "Average"])
        choose(stage.page, "Windows", "Global")
        expect(stage.page.locator('.cell[data-plane="y1"]')).to_have_count(1)
        stage.expect_output("y0", 0, 0, "5")  # the largest of 25 numbers
        stage.expect_output("y1", 0, 0, "1.68")  # their mean
    answered(stage, "y1")
    answered(stage, "y0")


def choose(page: Page, menu: str, entry: str) -> None:
    page.get_by_role("combobox", name=menu).click()
    page.get_by_role("option", name=entry, exact=True).click()


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("way", ["at once", "by touch", "number"])
def test_who_goes_on_to_another_page_with_an_edit_under_way_gets_there(
    open_page: OpenPage, server: Server, way: str
) -> None:
    """What was typed comes after the request for the other page, of a finger before it; it counts in any case."""
    stage = open_stage(open_page, "/convolution")
    page = stage.page
    stride = page.locator('[class*="st-key-convolution_stride_h"] input')
    if way == "number":
        stride.fill("2")
    else:
        stage.cell("x0", 0, 0).click()
        page.locator(".editor").fill("7")
    link = page.get_by_role("link", name="Pooling").first
    with server.held():
        if way == "by touch":
            tap(page, link)
        else:
            link.click()
        page.wait_for_timeout(300)
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Pooling")
    page.get_by_role("link", name="Convolution").first.click()
    settle(page)
    if way == "number":
        expect(stride).to_have_value("2")
    else:
        stage.expect_output("x0", 0, 0, "7")


def tap(page: Page, target: Locator) -> None:
    """Touch it for as long as a finger does."""
    touch = page.context.new_cdp_session(page)
    box = target.bounding_box()
    assert box
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    page.wait_for_timeout(60)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
