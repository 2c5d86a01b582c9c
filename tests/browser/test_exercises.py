"""Predict, then reveal, as a student does it: hidden in the page itself, by keyboard, and kept in the link."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from harness.pages import settle
from harness.server import Server
from tests.browser.stage import OpenPage, Stage, open_stage

CELL = "/convolution?task=cell"  # its answer is 10


def guess(page: Page, text: str) -> None:
    """Type it and press Enter."""
    box = page.get_by_label("Your guess")
    box.fill(text)
    box.press("Enter")
    settle(page)


def held(page: Page) -> str:
    """All that the stage holds: texts, tooltips, labels."""
    return page.locator(".stage").evaluate("stage => stage.outerHTML")


def test_the_hidden_number_is_nowhere_in_the_page(open_page: OpenPage, server: Server) -> None:
    stage = open_stage(open_page, "/convolution?task=cell-1-1&x=3x3_97_0_0_0_31_0_0_0_53&w=3x3_7_0_0_0_11_0_0_0_13")
    answer = str(97 * 7 + 31 * 11 + 53 * 13)
    stage.expect_output("y0", 0, 0, "?")
    expect(stage.arithmetic).to_have_text("Output, row 1, column 1 = ?")
    stage.cell("y0", 0, 0).hover()
    stage.cell("x0", 0, 0).hover()  # its product, 679, would be a part of the answer
    told = held(stage.page)
    assert answer not in told and "679" not in told
    assert 'title="?"' in told and "hidden, to be predicted" in told
    nor_is_it_where_one_types_beside_it(stage, server)
    answer = str(97 * 7 + 31 * 11 + 59 * 13)
    guess(stage.page, answer)
    stage.expect_output("y0", 0, 0, answer)
    expect(stage.page.get_by_test_id("stAlert")).to_have_text(f"{int(answer):,} is right.")


def nor_is_it_where_one_types_beside_it(stage: Stage, server: Server) -> None:
    """Neither before Python has answered, when the browser shows every other consequence, nor after."""
    stage.cell("x0", 2, 2).click()
    with server.held():
        stage.page.locator(".editor").fill("59")
        stage.page.keyboard.press("Enter")
        expect(stage.cell("x0", 2, 2)).to_have_attribute("data-provisional", "")
        stage.expect_output("y0", 0, 0, "?")
        told = held(stage.page)
    settle(stage.page)
    for page in (told, held(stage.page)):
        assert str(97 * 7 + 31 * 11 + 59 * 13) not in page and "hidden, to be predicted" in page


def test_half_typed_wrong_and_right_guesses(open_page: OpenPage) -> None:
    stage = open_stage(open_page, CELL)
    a_half_typed_guess_survives_an_edit(stage)
    wrong_and_right_are_counted_and_a_mistake_is_named(stage)


def a_half_typed_guess_survives_an_edit(stage: Stage) -> None:
    stage.page.get_by_label("Your guess").fill("half")
    stage.type("x0", 0, 0, "5")
    stage.expect_output("y0", 0, 0, "11")
    expect(stage.page.get_by_label("Your guess")).to_have_value("half")


def wrong_and_right_are_counted_and_a_mistake_is_named(stage: Stage) -> None:
    expect(stage.page.locator(".position")).to_have_text("4 of 9")  # it stands on the asked window, and stays there
    guess(stage.page, "9")
    expect(stage.page.get_by_test_id("stAlert")).to_have_text("This leaves the bias out.")
    expect(stage.page.get_by_text("0 of 1 right, 0 at the first guess")).to_be_visible()
    stage.expect_output("y0", 1, 0, "?")
    guess(stage.page, "10")
    stage.expect_output("y0", 1, 0, "10")
    expect(stage.arithmetic).to_contain_text("Output, row 2, column 1")
    stage.page.get_by_role("button", name="Next exercise").click()
    settle(stage.page)
    guess(stage.page, "6 x 5")
    expect(stage.page.get_by_text("2 of 2 right, 1 at the first guess")).to_be_visible()


def test_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page(CELL)
    page.get_by_label("Your guess").focus()
    page.keyboard.type("abc")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stAlert")).to_contain_text("“abc” is not a number")
    for name in ("Check", "Hint"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name=name)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Hint: Lay the kernel on the outlined window")).to_be_visible()
    page.get_by_label("Your guess").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("10")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stAlert")).to_have_text("10 is right.")


def test_the_size_is_hidden_whatever_one_points_at(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/convolution?task=size")
    expect(stage.page.get_by_text("? × ?")).to_be_visible()
    expect(stage.page.locator(".position")).to_have_text("1 of 1")
    stage.cell("x0", 13, 11).hover()
    expect(stage.arithmetic).not_to_contain_text("feeds")
    stage.cell("w0", 0, 0).hover()
    expect(stage.arithmetic).not_to_contain_text("meets")
    assert "How large is the output?" not in stage.page.inner_text("body")
    guess(stage.page, "6x5")
    expect(stage.page.locator('.cell[data-plane="y0"]')).to_have_count(30)


def test_an_exercise_is_chosen_below_the_lesson_and_left_again(open_page: OpenPage) -> None:
    page = open_page("/pooling")
    page.get_by_role("button", name="Maximum against average").click()
    expect(page.get_by_role("radio", name="top right")).to_be_visible()
    expect(page).to_have_url(re.compile("task=against.*x=4x4_9_0_5_6"))
    settle(page)
    page.get_by_text("top right").click()
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_test_id("stAlert")).to_have_text("Top right is right.")
    page.get_by_role("button", name="Leave").click()
    settle(page)
    expect(page.get_by_text("Check", exact=True)).to_have_count(0)
    expect(page).not_to_have_url(re.compile("task="))


def test_who_chooses_an_exercise_by_key_goes_on_in_it(open_page: OpenPage, server: Server) -> None:
    page = open_page("/convolution")
    page.get_by_role("button", name="Output size").focus()
    with server.held():  # as one that is far, or busy
        page.keyboard.press("Enter")
        page.wait_for_timeout(2000)
    expect(page.get_by_label("Your guess")).to_be_focused()
    settle(page)
    page.keyboard.type("6 x 5")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stAlert")).to_contain_text("is right")


def test_a_teacher_hides_a_cell_and_copies_the_link(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/channels?stride_h=1")
    stage.page.get_by_role("button", name="Hide a cell").click()
    stage.expect_output("y0", 0, 0, "?")
    box = stage.page.get_by_label("Column", exact=True)
    box.fill("3")
    box.press("Enter")
    stage.expect_output("y0", 0, 2, "?")
    settle(stage.page)
    expect(stage.page).to_have_url(re.compile("task=cell-1-3"))
    other = open_stage(open_page, stage.page.url[stage.page.url.index("/channels") :])
    other.expect_output("y0", 0, 2, "?")
    assert stage.values("y1") == other.values("y1")


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("path", ["/receptive?task=strided", "/shapes?task=flatten", "/architectures?task=macs"])
def test_other_lessons_keep_their_picture_back_until_it_is_guessed(open_page: OpenPage, path: str) -> None:
    page = open_page(path)
    picture = page.locator('[class*="st-key-receptive_stage"], [class*="diagram"], [class*="architectures_block"]')
    expect(page.get_by_role("button", name="Check")).to_be_visible()
    assert picture.count() == 0
    page.get_by_role("button", name="Show me").click()
    expect(page.get_by_test_id("stAlert")).to_contain_text("The answer is")
    expect(picture.first).to_be_visible()


def test_on_a_phone_it_stays_on_the_first_screen(open_page: OpenPage) -> None:
    page = open_page(CELL, width=390, height=844, dark=True)
    guess(page, "9")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator('[class*="_exercise"]').first.bounding_box()
    assert box is not None and box["height"] < 260
