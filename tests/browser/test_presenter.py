"""Presenter view, locked links and the link for a class, in a browser."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from cnnviz.lessons import LESSONS
from harness.pages import settle
from tests.browser.stage import OpenPage, Stage, open_stage
from tests.browser.test_draw import write


def listens(page: Page) -> Page:
    """The page, once its script has begun to listen to keys."""
    expect(page.locator('[data-action="next"][aria-label]')).to_be_attached()
    return page


def heading(page: Page, title: str) -> None:
    """Wait until the lesson of that title is on the screen."""
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    settle(page)
    listens(page)


def query(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def press(page: Page, key: str, title: str) -> None:
    page.keyboard.press(key)
    heading(page, title)


def test_from_lesson_to_lesson_by_link_and_keys(open_page: OpenPage) -> None:
    page = listens(open_page("/?present=1"))
    the_first_has_none_before_it(page)
    page.get_by_role("link", name="Pooling").click()
    heading(page, "Pooling")
    expect(page.get_by_text(f"3 of {len(LESSONS)}")).to_be_visible()
    assert query(page) == {"present": "1"}, "a link on a presented page opens a presented page"
    press(page, "PageUp", "Channels")
    press(page, "ArrowLeft", "Convolution")
    expect(page.get_by_text(f"1 of {len(LESSONS)}")).to_be_visible()
    press(page, "ArrowRight", "Channels")
    press(page, "PageDown", "Pooling")
    assert query(page) == {"present": "1"}
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)


def the_first_has_none_before_it(page: Page) -> None:
    expect(page.get_by_role("button", name="No previous lesson")).to_be_disabled()
    page.keyboard.press("ArrowLeft")
    settle(page)
    heading(page, "See a convolutional network think")


def test_p_begins_it_and_escape_ends_it_and_the_settings_stay(open_page: OpenPage) -> None:
    page = listens(open_page("/pooling?kernel_h=3", dark=True))
    page.keyboard.press("p")
    expect(page.get_by_text(f"3 of {len(LESSONS)}")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    settle(page)
    assert query(page) == {"kernel_h": "3", "present": "1"}
    the_code_fills_the_screen_for_the_room(page)
    the_bar_stays_in_sight(page)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    settle(page)
    assert query(page) == {"kernel_h": "3"}


def test_buttons_for_a_finger(open_page: OpenPage) -> None:
    page = open_page("/pooling?present=1", width=390, height=844)
    page.get_by_role("button", name="Next: Image filters").tap()
    heading(page, "Image filters")
    page.get_by_role("button", name="Previous: Pooling").tap()
    heading(page, "Pooling")
    page.get_by_role("button", name="Leave").tap()
    expect(page.get_by_role("button", name="Leave")).to_have_count(0)
    settle(page)
    assert query(page) == {}


def test_the_stage_fits_the_first_screen_keys_are_its_own_and_escape_leaves(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/convolution?present=1")
    page = listens(stage.page)
    the_stage_fits_the_first_screen(page)
    type_is_large(page)
    keys_that_are_somebody_elses_turn_no_page(stage)
    a_lesson_comes_back_as_it_was_left(stage)
    escape_closes_what_is_open_and_then_leaves(page)
    the_link_for_a_class_opens_what_was_set(stage)


def keys_that_are_somebody_elses_turn_no_page(stage: Stage) -> None:
    page = stage.page
    stage.press("Home", "ArrowRight", "ArrowRight")
    expect(page.locator(".position")).to_have_text("3 of 9")
    stage.cell("x0", 0, 0).click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("p")
    page.keyboard.press("Escape")
    page.get_by_label("Stride").focus()
    page.keyboard.press("ArrowRight")
    page.locator(".scrub").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    heading(page, "Convolution")
    assert query(page) == {"present": "1"}


def a_lesson_comes_back_as_it_was_left(stage: Stage) -> None:
    stage.type("x0", 0, 0, "5")
    stage.press("PageDown")  # a clicker's key means the lesson, even while the stage has the focus
    heading(stage.page, "Channels")
    stage.page.get_by_role("button", name="Previous: Convolution").click()
    heading(stage.page, "Convolution")
    expect(stage.value("x0", 0, 0)).to_have_text("5")


def the_stage_fits_the_first_screen(page: Page) -> None:
    """At least the grids and their arithmetic, below controls in one row."""
    bottom = page.locator(".transport").evaluate("bar => bar.getBoundingClientRect().bottom")
    assert bottom <= 900


def type_is_large(page: Page) -> None:
    """The letters that the room has to read, in pixels of the screen: numbers in cells, their arithmetic, prose."""
    for width, least in ((1440, 22), (1920, 26)):
        page.set_viewport_size({"width": width, "height": width * 9 // 16})
        settle(page)
        assert min(page.evaluate(LETTERS)) >= least


def escape_closes_what_is_open_and_then_leaves(page: Page) -> None:
    page.get_by_role("button", name="Link for a class").click()
    expect(page.locator("#panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    page.get_by_role("button", name="More").click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    settle(page)  # Streamlit opens it again with the answer to the click, if it was closed before that came
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    settle(page)
    expect(page.get_by_role("button", name="Leave")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stSidebar")).to_be_visible()


def the_code_fills_the_screen_for_the_room(page: Page) -> None:
    page.get_by_role("button", name="Link for a class").click()
    page.locator(".code").click()
    drawn = page.locator(".code img").bounding_box()
    assert drawn is not None and drawn["height"] > 800 and drawn["y"] >= 0 and drawn["y"] + drawn["height"] <= 900
    assert page.locator(".code img").evaluate("e => e.complete && e.naturalWidth > 0")
    page.locator(".code").click()
    expect(page.get_by_label("nothing")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()


def the_bar_stays_in_sight(page: Page) -> None:
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 700)")
    expect(page.get_by_role("button", name="Next: Image filters")).to_be_in_viewport()


LETTERS = """() => {
    const host = [...document.querySelectorAll('.st-key-convolution_stage *')].find((one) => one.shadowRoot);
    const prose = [...document.querySelectorAll('.stMarkdown p')].pop();
    const read = [...host.shadowRoot.querySelectorAll('.cell .value, .arithmetic'), prose];
    return read.map((one) => parseFloat(getComputedStyle(one).fontSize) * one.currentCSSZoom);
}"""


def test_drawing_hits_where_the_pen_is(open_page: OpenPage) -> None:
    """Large type magnifies the pad, too: a 7 is read as a 7."""
    page = open_page("/draw?present=1")
    write(page, 7)
    expect(page.locator(".guess b")).to_have_text("7")


def test_a_chart_answers_where_the_pointer_is(open_page: OpenPage) -> None:
    """Large type magnifies the charts, too: in the middle stands the middle of 16 epochs."""
    page = open_page("/train?present=1")
    chart = page.locator(".chart").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    reading = page.locator(".reading span").first
    expect(reading).to_contain_text("epoch")
    assert 6.5 < float(reading.inner_text().removeprefix("epoch ")) < 9


def locked_cell(stage: Stage) -> None:
    """A click on a cell of the input opens no editor."""
    stage.cell("x0", 0, 0).click()
    expect(stage.page.locator(".editor")).to_have_count(0)


def test_a_locked_link_freezes_grids_and_controls_and_lasts(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/convolution?lock=x.stride&padding_h=1")
    page = stage.page
    expect(page.get_by_text("This link fixes: input and stride.")).to_be_visible()
    locked_cell(stage)
    expect(page.get_by_label("Stride")).to_be_disabled()
    stage.type("w0", 0, 0, "4")
    assert query(page)["lock"] == "x.stride" and query(page)["w"].startswith("3x3_4")
    stage.action("forward")
    locked_cell(stage)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Pooling").click()
    heading(page, "Pooling")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Convolution").click()
    heading(page, "Convolution")
    assert "lock" not in query(page)
    expect(page.get_by_label("Stride")).to_be_enabled()


def test_all_but_stepping_is_frozen(open_page: OpenPage) -> None:
    stage = open_stage(open_page, "/convolution?lock=all")
    locked_cell(stage)
    stage.action("start")
    stage.action("forward")
    expect(stage.page.locator(".position")).to_have_text("2 of 9")
    tries = stage.page.locator(".tries button")
    expect(tries.first).to_be_visible()
    for button in tries.all():
        expect(button).to_be_disabled()


def the_link_for_a_class_opens_what_was_set(stage: Stage) -> None:
    page = stage.page
    page.get_by_role("button", name="Link for a class").click()
    made = page.locator(".made")
    page.get_by_label("all but").check()
    page.get_by_label("input", exact=True).check()
    page.get_by_label("stride", exact=True).check()
    link = made.input_value()
    assert parse_qs(urlsplit(link).query).keys() == {"x", "lock"}
    assert parse_qs(urlsplit(link).query)["lock"] == ["x.stride"]
    page.get_by_label("Do not show the controls").check()
    page.get_by_label("Presenter view: large type").check()
    link = made.input_value()
    assert parse_qs(urlsplit(link).query)["hide"] == ["x.stride"]
    expect(page.locator(".code img")).to_be_visible()
    page.goto(link)
    heading(page, "Convolution")
    expect(stage.value("x0", 0, 0)).to_have_text("5")
    expect(page.get_by_label("Stride")).to_have_count(0)
    expect(page.get_by_role("button", name="Leave")).to_be_visible()
