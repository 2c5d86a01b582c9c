"""The Convolution page as a student uses it: edit, hover, step, keys, links, and everything that can be typed wrong."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from cnnviz.ui.core.store import STALE_SECONDS
from harness.pages import settle, switch_on
from harness.server import Server
from tests.browser.stage import OpenPage, Stage, open_stage

WORKED = ["11", "12", "11", "13", "17", "7", "16", "15", "9"]


@pytest.fixture
def stage(open_page: OpenPage) -> Stage:
    return open_stage(open_page, "/convolution")


def test_it_opens_moving_and_with_a_result(open_page: OpenPage) -> None:
    page = open_page("/convolution", motion=True)
    stage = Stage(page)
    assert stage.values("y0") == WORKED
    expect(stage.arithmetic).not_to_contain_text("Output, row 1, column 1 =")  # nobody has touched it


def test_an_untouched_stage_is_read_by_mouse_and_keys(stage: Stage) -> None:
    assert stage.values("y0") == WORKED
    expect(stage.page.get_by_role("button", name="More", exact=False).first).not_to_contain_text("•")
    hover_shows_windows_both_ways(stage)
    step_scrub_and_keys_move_the_window(stage)
    the_window_counts_while_one_types(stage)
    arrow_keys_move_between_cells(stage)
    sizes_change_on_the_stage(stage)


def hover_shows_windows_both_ways(stage: Stage) -> None:
    stage.cell("y0", 1, 1).hover()
    expect(stage.arithmetic).to_contain_text("Output, row 2, column 2")
    expect(stage.arithmetic).to_contain_text("= 17")
    lit = stage.page.locator('.cell.in-window[data-plane="x0"]')
    assert lit.count() == 9
    assert lit.locator(".product").all_inner_texts() == ["1", "0", "5", "0", "1", "2", "5", "0", "3"]
    stage.cell("x0", 1, 1).hover()
    expect(stage.arithmetic).to_contain_text("feeds 4 output cells")
    assert stage.page.locator('.cell.fed[data-plane="y0"]').count() == 4
    stage.cell("w0", 0, 0).hover()
    expect(stage.arithmetic).to_contain_text("meets 9 input cells")
    assert stage.page.locator('.cell.met[data-plane="x0"]').count() == 9


def step_scrub_and_keys_move_the_window(stage: Stage) -> None:
    stage.action("start")
    expect(stage.page.locator(".position")).to_have_text("1 of 9")
    stage.action("forward")
    expect(stage.arithmetic).to_contain_text("Output, row 1, column 2")
    stage.action("back")
    stage.press("End")
    expect(stage.page.locator(".position")).to_have_text("9 of 9")
    stage.press("ArrowLeft", "ArrowLeft")
    expect(stage.page.locator(".position")).to_have_text("7 of 9")
    stage.press("Home", "ArrowRight")
    expect(stage.arithmetic).to_contain_text("Output, row 1, column 2")
    assert stage.page.locator('.cell.ahead[data-plane="y0"]').count() == 7
    stage.page.locator(".scrub").fill("4")
    expect(stage.arithmetic).to_contain_text("Output, row 2, column 2")
    stage.press("Space")
    expect(stage.page.locator(".stage.playing")).to_be_visible()
    stage.press("Space")
    assert stage.page.locator(".stage.playing").count() == 0


def the_window_counts_while_one_types(stage: Stage) -> None:
    stage.press("Home")
    stage.cell("x0", 2, 2).click()
    expect(stage.page.locator(".editor")).to_be_focused()
    expect(stage.arithmetic).to_contain_text("Output, row 1, column 1 =")


def arrow_keys_move_between_cells(stage: Stage) -> None:
    stage.cell("x0", 1, 1).click()
    for key, place in (
        ("ArrowRight", (1, 2)),
        ("ArrowDown", (2, 2)),
        ("ArrowLeft", (2, 1)),
        ("ArrowUp", (1, 1)),
    ):
        stage.page.keyboard.press(key)
        expect(stage.cell("x0", *place).locator(".editor")).to_be_focused()
    stage.page.keyboard.press("Shift+Tab")
    expect(stage.cell("x0", 1, 0).locator(".editor")).to_be_focused()


NO_NUMBERS = {
    "abc": "Row 2, column 2 of the input: “abc” is not a number; type one such as 2, -1 or 0.5. Until then 1 counts.",
    "": "the cell is empty; type a number such as 0",
    "1e308": "1e308 is too large; stay between -1,000,000 and 1,000,000",
    "NaN": "“NaN” is not a finite number",
}


def test_what_is_typed_counts_or_stays_with_a_sentence(stage: Stage) -> None:
    what_is_no_number_stays_with_a_sentence(stage)
    markdown_is_shown_as_it_is(stage)
    an_edited_cell_changes_the_output_and_the_url(stage)
    blocks_are_pasted_and_odd_ones_are_explained(stage)


def what_is_no_number_stays_with_a_sentence(stage: Stage) -> None:
    stage.type("x0", 0, 0, "4")
    for text, sentence in NO_NUMBERS.items():
        stage.type("x0", 1, 1, text, key="Tab")
        expect(stage.warning).to_contain_text(sentence)
        stage.expect_output("x0", 1, 1, text)
        expect(stage.cell("x0", 1, 1)).to_have_class(re.compile("invalid"))
        stage.expect_output("x0", 0, 0, "4")
        stage.expect_output("y0", 0, 0, "14")  # the 1 that was there still counts
        stage.type("x0", 1, 1, "2")
        expect(stage.warning).to_have_count(0)
        stage.expect_output("y0", 0, 0, "15")
        stage.type("x0", 1, 1, "1")


def markdown_is_shown_as_it_is(stage: Stage) -> None:
    stage.type("x0", 0, 0, "**<b>$x$</b>", key="Tab")
    expect(stage.warning).to_contain_text("“**<b>$x$</b>” is not a number")


def an_edited_cell_changes_the_output_and_the_url(stage: Stage) -> None:
    stage.type("x0", 0, 0, "5")
    stage.expect_output("y0", 0, 0, "15")
    stage.type("w0", 1, 1, "-1")
    stage.expect_output("y0", 0, 0, "13")
    stage.type("b0", 0, 0, "0,5")
    stage.expect_output("y0", 0, 0, "13.5")
    expect(stage.page).to_have_url(re.compile("x=5x5_5_2"))
    expect(stage.page).to_have_url(re.compile("b=1x1_0.5"))


def sizes_change_on_the_stage(stage: Stage) -> None:
    cut_cells_come_back(stage)
    a_size_box_keeps_the_focus_over_a_new_layout(stage)
    half_typed_text_outlives_a_new_layout(stage)
    a_kernel_larger_than_the_input_is_mended(stage)


def size(stage: Stage, plane: str, axis: str) -> Locator:
    return stage.page.locator(f'.size[data-plane="{plane}"][data-axis="{axis}"]')


def cut_cells_come_back(stage: Stage) -> None:
    box = size(stage, "x0", "columns")
    for columns, count in (("3", 15), ("5", 25), ("16", 80), ("5", 25)):
        box.fill(columns)
        box.press("Enter")
        expect(stage.page.locator('.cell[data-plane="x0"]')).to_have_count(count)
        settle(stage.page)
    assert stage.values("x0")[:6] == ["1", "2", "1", "0", "1", "3"]


def a_size_box_keeps_the_focus_over_a_new_layout(stage: Stage) -> None:
    size(stage, "x0", "rows").focus()
    stage.page.keyboard.press("ArrowUp")
    expect(stage.page.locator('.cell[data-plane="x0"]')).to_have_count(30)
    settle(stage.page)
    expect(size(stage, "x0", "rows")).to_be_focused()


def half_typed_text_outlives_a_new_layout(stage: Stage) -> None:
    box = size(stage, "x0", "rows")
    box.fill("7")
    box.press("Enter")
    stage.cell("x0", 0, 0).click()  # at once, before the answer is here
    stage.page.keyboard.type("8")
    expect(stage.page.locator('.cell[data-plane="x0"]')).to_have_count(35)
    expect(stage.page.locator(".editor")).to_be_focused()
    stage.page.keyboard.type("7")
    stage.page.keyboard.press("Enter")
    stage.expect_output("x0", 0, 0, "87")


def a_kernel_larger_than_the_input_is_mended(stage: Stage) -> None:
    box = size(stage, "w0", "columns")
    box.fill("7")
    box.press("Enter")
    expect(stage.warning).to_contain_text("3 × 7")  # it needs a padding of 1
    expect(stage.page.locator('.cell[data-plane="y0"]')).to_have_count(7)


def test_quick_typing_a_large_stride_and_something_to_try(stage: Stage) -> None:
    quick_typing_across_cells_loses_nothing(stage)
    a_stride_larger_than_the_input_is_explained(stage)
    trying_something_brings_the_stage_into_sight(stage)


def quick_typing_across_cells_loses_nothing(stage: Stage) -> None:
    stage.cell("x0", 0, 0).click()
    for number in "987654321":
        stage.page.keyboard.type(number)
        stage.page.keyboard.press("Tab")
    stage.page.keyboard.press("Escape")
    settle(stage.page)
    assert stage.values("x0")[:10] == ["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"]
    expect(stage.page).to_have_url(re.compile("x=5x5_9_8_7_6_5_4_3_2_1_0_"))


def a_stride_larger_than_the_input_is_explained(stage: Stage) -> None:
    stride = stage.page.locator(".st-key-convolution_stride_h input")
    stride.fill("9")
    stride.press("Enter")
    settle(stage.page)
    assert len(stage.values("y0")) == 1
    expect(stage.page.get_by_text("The stride, 9, is larger than the padded input, 5 rows")).to_be_visible()
    assert stage.page.locator(".cell.unreached").count() == 16


def trying_something_brings_the_stage_into_sight(stage: Stage) -> None:
    stage.page.get_by_role("button", name="Look wider").scroll_into_view_if_needed()
    stage.page.get_by_role("button", name="Look wider").click()
    settle(stage.page)
    expect(stage.cell("x0", 0, 0)).to_be_in_viewport()


def blocks_are_pasted_and_odd_ones_are_explained(stage: Stage) -> None:
    stage.paste("x0", 0, 0, "1\t2\t3\n4\t5\t6\n")
    assert stage.values("x0")[:8] == ["1", "2", "3", "0", "1", "4", "5", "6"]
    stage.paste("x0", 4, 4, "1\t2\n3\n")
    expect(stage.warning).to_contain_text("its row 2 has 1 cells where the first has 2")
    expect(stage.page.locator('.cell[data-plane="x0"]')).to_have_count(36)
    before = stage.values("x0")
    stage.paste("x0", 0, 0, "\n".join(["1\t2"] * 20))
    expect(stage.warning).to_contain_text("it would reach to 20 × 6, and 16 × 16 is the most")
    assert stage.values("x0") == before
    stage.paste("w0", 0, 0, "a\t2\n3\t4\n")
    expect(stage.warning).to_contain_text("Row 1, column 1 of the kernel: “a” is not a number")
    stage.expect_output("w0", 1, 1, "4")


def test_a_copied_link_and_the_menu_bring_back_what_was_set(
    another_machine: Server, stage: Stage, open_page: OpenPage
) -> None:
    page = stage.page
    stage.type("x0", 2, 2, "-7.25")
    page.locator(".st-key-convolution_stride_h button").last.click()
    settle(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url and "stride_h=2" in link
    the_code_is_copied(stage)
    the_menu_brings_it_back_as_it_was_left(stage)
    other = open_stage(open_page, link[link.index("/convolution") :], on=another_machine)
    for plane in ("x0", "w0", "y0"):
        assert other.values(plane) == stage.values(plane)


def the_code_is_copied(stage: Stage) -> None:
    stage.page.locator(".st-key-convolution_torch pre").hover()
    stage.page.get_by_role("button", name="Copy the code").click()
    expect(stage.page.locator(".st-key-convolution_torch [role=status]")).to_have_text("Copied")
    copied = stage.page.evaluate("navigator.clipboard.readText()")
    assert copied == "y = F.conv2d(x, w, b, stride=2, padding=0, dilation=1)"
    names = stage.page.locator(".st-key-convolution_torch code span")
    assert names.evaluate_all("all => all.map((one) => one.className)") == ["output", "input", "kernel", "bias"]


def the_menu_brings_it_back_as_it_was_left(stage: Stage) -> None:
    before = stage.values("y0")
    menu = stage.page.get_by_test_id("stSidebar")
    menu.get_by_role("link", name="Pooling").click()
    expect(stage.page.get_by_role("heading", name="Pooling")).to_be_visible()
    settle(stage.page)
    menu.get_by_role("link", name="Convolution", exact=True).click()
    expect(stage.page.get_by_role("heading", name="Convolution", exact=True)).to_be_visible()
    settle(stage.page)
    assert stage.values("y0") == before
    stage.type("x0", 0, 0, "3")  # and it can still be edited
    stage.expect_output("y0", 0, 0, f"{float(before[0]) + 2:g}")
    stage.type("x0", 0, 0, "1")


def test_a_tampered_link_gives_the_default_and_a_sentence(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/convolution?x=5x5_1_oops&stride_h=99&mode=reflect")
    expect(stage.warning).to_contain_text("The link's x=5x5_1_oops was not used: 5 × 5 takes 25 numbers and it has 2.")
    expect(stage.warning).to_contain_text(
        "The link's stride_h=99 was not used: it has to be a whole number from 1 to 16."
    )
    assert stage.values("y0") == WORKED


def test_back_undoes_edits(stage: Stage) -> None:
    """Once the browser has come with the newest URL, older ones are the reader's at once."""
    stage.type("x0", 0, 0, "5")
    stage.type("x0", 0, 0, "9")
    stage.expect_output("y0", 0, 0, "19")
    stage.page.get_by_test_id("stButton").filter(has_text="More").or_(stage.page.get_by_text("More")).first.click()
    settle(stage.page)
    stage.page.keyboard.press("Escape")
    for value in ("15", "11"):
        stage.page.go_back()
        settle(stage.page)
        stage.expect_output("y0", 0, 0, value)
    stage.type("x0", 0, 0, "7")
    stage.expect_output("y0", 0, 0, "17")
    stage.page.wait_for_timeout(1000 * STALE_SECONDS["page"] + 200)  # before, it counts as a late message
    stage.page.go_back()
    settle(stage.page)
    stage.expect_output("y0", 0, 0, "11")
    expect(stage.page).not_to_have_url(re.compile("x="))


def test_activation_and_transposed_and_torch(stage: Stage) -> None:
    page = stage.page
    outputs = page.locator('.cell[data-plane="y0"]')
    page.get_by_role("button", name="Find the edge").click()
    expect(outputs.filter(has_text="40").first).to_be_visible()
    settle(page)
    assert set(stage.values("y0")) == {"0", "40"}
    page.get_by_role("button", name="Stamp it back").click()
    expect(outputs).to_have_count(121)
    settle(page)
    stage.cell("x0", 0, 0).hover()
    expect(stage.arithmetic).to_contain_text("feeds 9 output cells")
    page.get_by_text("The whole script, and a check").click()
    settle(page)  # the script above the switch is coloured, and moves it
    switch_on(page, "Check with PyTorch, live")
    expect(page.get_by_text("The same 121 numbers")).to_be_visible()


def test_the_activation_is_on_the_stage_in_the_sum_and_on_its_curve(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/convolution?activation=Sigmoid&w=1x1_1&x=1x3_-1_0_2")
    assert stage.values("a0") == ["0.27", "0.5", "0.88"]
    stage.cell("a0", 0, 2).hover()
    expect(stage.arithmetic).to_contain_text("= 2, and Sigmoid(2) = 0.880797")
    chart = stage.page.locator(".st-key-convolution_curve")
    expect(chart.locator("circle")).to_have_count(3)
    expect(chart).to_contain_text("slope")


def test_nothing_is_cut_off_and_more_is_marked_where_something_in_it_is_set(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/convolution?padding_h=1&activation=ReLU&dilation_h=2")
    expect(stage.page.get_by_role("button", name="More •")).to_be_visible()
    for width in (1440, 390):
        stage.page.set_viewport_size({"width": width, "height": 844})
        settle(stage.page)
        for plane in ("x0", "w0", "y0", "a0"):
            box = stage.page.locator(f'.grid:has([data-plane="{plane}"])').bounding_box()
            assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width


def test_a_wide_grid_scrolls_with_its_window_on_a_phone(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/convolution?x=16x16" + "_1" * 256, width=390, height=844)
    stage.action("start")
    for name, col in (("start", 0), ("end", 15)):
        stage.press({"start": "Home", "end": "End"}[name])
        box = stage.cell("x0", 0, col).bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_on_a_phone_a_long_formula_scrolls_by_itself_and_the_menu_closes_after_a_tap(open_page: OpenPage) -> None:
    page = open_stage(open_page, "/convolution?op=transposed&stride_h=2", width=390, height=844).page
    main = page.get_by_test_id("stMain")
    assert main.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
    formula = page.locator("p:has(> .katex)").first
    assert formula.evaluate("one => one.scrollWidth > one.clientWidth")
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Pooling").click()
    expect(page.get_by_role("heading", name="Pooling")).to_be_visible()
    expect(page.get_by_test_id("stSidebarContent")).not_to_be_in_viewport()
