"""Channels and Pooling in a browser, and the home page."""

from __future__ import annotations

from playwright.sync_api import expect

from harness.pages import settle
from tests.browser.stage import OpenPage, Stage, open_stage


def test_home_opens_on_a_live_convolution_and_leads_everywhere(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/")
    stage.type("x0", 0, 0, "5")
    stage.expect_output("y0", 0, 0, "15")
    stage.page.get_by_test_id("stMain").get_by_role("link", name="Pooling").click()
    expect(stage.page.get_by_role("heading", name="Pooling")).to_be_visible()


def test_the_worked_volume_number_for_number_on_the_first_screen_and_in_groups(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/channels")
    the_worked_volume_number_for_number(stage)
    all_of_the_worked_volume_is_on_the_first_screen(stage)
    channels_filters_and_groups(stage)
    a_half_typed_channel_speaks_only_while_it_is_there(stage)


def the_worked_volume_number_for_number(stage: Stage) -> None:
    assert stage.values("y0") == ["8", "4", "−1", "−4", "−2", "1", "−5", "−7", "−2"]
    assert stage.values("y1") == ["5", "−3", "−5", "7", "−1", "0", "5", "1", "1"]
    stage.cell("y0", 0, 0).hover()
    expect(stage.arithmetic).to_contain_text("+ 1 = 8")
    for plane in ("x0", "x1", "x2"):
        assert stage.page.locator(f'.cell.in-window[data-plane="{plane}"]').count() == 9
    stage.cell("x1", 3, 3).hover()
    expect(stage.arithmetic).to_contain_text("feeds 2 output cells")


def all_of_the_worked_volume_is_on_the_first_screen(stage: Stage) -> None:
    expect(stage.cell("x0", 0, 0)).to_be_in_viewport()
    box, sum_ = stage.cell("y1", 2, 2).bounding_box(), stage.arithmetic.bounding_box()
    assert box is not None and sum_ is not None and box["y"] + box["height"] <= sum_["y"] < 900


def channels_filters_and_groups(stage: Stage) -> None:
    stage.type("b1", 0, 0, "10")
    stage.expect_output("y1", 0, 0, "15")
    stage.page.get_by_role("radio", name="Depthwise").click()
    settle(stage.page)
    for index in range(3):
        stage.cell(f"y{index}", 1, 1).hover()
        lit = stage.page.locator(".cell.in-window")
        assert lit.count() == 9
        assert lit.first.get_attribute("data-plane") == f"x{index}"
    stage.page.get_by_role("radio", name="1 × 1 convolution").click()
    settle(stage.page)
    assert len(stage.values("y0")) == 25
    stage.paste("x2", 0, 0, "\n".join(["1\t" * 5 + "1"] * 6))
    for plane in ("x0", "x1", "x2", "y0"):
        expect(stage.page.locator(f'.cell[data-plane="{plane}"]')).to_have_count(36)


def a_half_typed_channel_speaks_only_while_it_is_there(stage: Stage) -> None:
    stage.type("x2", 1, 1, "oops")
    expect(stage.warning).to_contain_text("Row 2, column 2 of x[2]")
    fewer, more = (stage.page.locator(".st-key-channels_channels button").nth(n) for n in (0, 1))
    fewer.click()
    expect(stage.warning).to_have_count(0)
    more.click()
    expect(stage.warning).to_contain_text("Row 2, column 2 of x[2]")


def test_on_a_phone_the_total_of_the_sum_stays_in_sight(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/channels", width=390, height=844)
    stage.press("Home")
    expect(stage.arithmetic.locator(".total")).to_contain_text("= 8")
    expect(stage.arithmetic.locator(".total .y")).to_be_in_viewport(ratio=1)


def test_the_winner_of_a_maximum_is_marked(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/pooling")
    assert stage.values("y0") == ["3", "5", "5", "3"]
    assert stage.values("y1") == ["1.75", "2", "2.75", "1.75"]
    stage.cell("y0", 0, 1).hover()
    expect(stage.page.locator('.cell.winner[data-plane="x0"]')).to_have_attribute("data-col", "3")
    expect(stage.arithmetic).to_contain_text("max(1, 0, 2, 5) = 5")
    expect(stage.arithmetic).to_contain_text("/ 4 = 2")
    stage.cell("x0", 4, 4).hover()
    expect(stage.arithmetic).to_contain_text("feeds no output cell")
    assert stage.page.locator(".cell.unreached").count() == 9


def test_padding_never_wins_and_the_name_follows_the_kind(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/pooling?x=1x1_-3&kernel_h=2&padding_h=1&kind=max")
    stage.cell("y0", 0, 0).hover()
    expect(stage.arithmetic).to_contain_text("max(−∞, −∞, −∞, (−3)) = −3")
    stage.page.locator('.size[data-axis="columns"]').focus()
    stage.page.keyboard.press("Tab")
    expect(stage.cell("x0", 1, 1).locator(".editor")).to_be_focused()


def test_pooling_presets_and_ceil_mode(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/pooling?ceil_mode=1")
    assert len(stage.values("y0")) == 9
    stage.page.get_by_role("radio", name="Global average").click()
    settle(stage.page)
    assert stage.values("y0") == ["1.68"]
    stage.page.get_by_role("radio", name="Adaptive 2 × 2").click()
    settle(stage.page)
    assert len(stage.values("y0")) == 4
    stage.page.get_by_role("radio", name="Max 3 × 3, stride 1").click()
    settle(stage.page)
    assert stage.values("y0") == ["3", "5", "5", "5", "5", "5", "5", "5", "3"]
