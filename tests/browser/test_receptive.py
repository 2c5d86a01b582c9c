"""The Receptive field page as a student uses it: hover, click, keys, controls, a phone, a dark room."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from harness.pages import settle
from harness.server import Server
from tests.browser.stage import OpenPage

DEFAULT = (
    "Unit (4, 4) of layer 6 sees 16 × 16 input cells: rows 7 to 22, columns 7 to 22. "
    "Neighbouring units are 4 cells apart."
)
COUNT_MESSAGES = """() => {
    const send = WebSocket.prototype.send;
    window.sent = 0;
    WebSocket.prototype.send = function (...message) { window.sent += 1; return send.apply(this, message); };
}"""


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return opened(open_page)


def opened(open_page: OpenPage, query: str = "", **options: object) -> Page:
    page: Page = open_page(f"/receptive{query}", **options)
    expect(told(page)).to_contain_text("Unit (")
    return page


def told(page: Page) -> Locator:
    return page.locator(".reach .description")


def canvas(page: Page, number: int) -> Locator:
    return page.locator(f'.map[data-map="{number}"] canvas')


def point(page: Page, number: int, row: int, col: int, size: int, click: bool = False) -> None:
    """The mouse over unit (row, col), counted from 0, of map `number`, which has `size` cells."""
    box = canvas(page, number).bounding_box()
    assert box
    place = box["x"] + (col + 0.5) / size * box["width"], box["y"] + (row + 0.5) / size * box["height"]
    (page.mouse.click if click else page.mouse.move)(*place)


def outlined(page: Page, number: int) -> list[int] | None:
    """First row, first column and size of the outline on a map; None where there is none."""
    field = page.locator(f'.map[data-map="{number}"] .field')
    if field.get_attribute("hidden") is not None:
        return None
    return [int(field.get_attribute(f"data-{name}") or "") for name in ("top", "left", "size")]


def pixel(page: Page, number: int, row: int, col: int, size: int) -> list[int]:
    """The colour in the middle of a cell as it is drawn."""
    return canvas(page, number).evaluate(
        """(canvas, [row, col, size]) => {
            const at = (cell) => Math.floor(((cell + 0.5) / size) * canvas.width);
            return [...canvas.getContext("2d").getImageData(at(col), at(row), 1, 1).data];
        }""",
        [row, col, size],
    )


def test_the_path_is_read_by_mouse_and_keys_and_drawn_anew_in_another_window(page: Page) -> None:
    it_opens_with_the_whole_path(page)
    hovering_a_unit_of_any_layer_needs_no_server(page)
    keys_move_the_unit_and_enter_pins_it(page)
    a_turned_phone_draws_the_paths_anew(page)


def it_opens_with_the_whole_path(page: Page) -> None:
    expect(told(page)).to_have_text(DEFAULT)
    assert [outlined(page, number) for number in range(7)] == [
        [6, 6, 16],
        [7, 7, 14],
        [8, 8, 12],
        [4, 4, 6],
        [5, 5, 4],
        [6, 6, 2],
        [3, 3, 1],
    ]
    captions = page.locator(".map figcaption b").all_inner_texts()
    assert captions[0] == "Input" and captions[3] == "3 · Max pool 2 × 2"
    assert page.locator(".map .sizes b").all_inner_texts()[1:] == [f"{n} × {n}" for n in (3, 5, 6, 10, 14, 16)]
    assert page.locator(".paths polygon").count() == 6


def hovering_a_unit_of_any_layer_needs_no_server(page: Page) -> None:
    page.evaluate(COUNT_MESSAGES)
    point(page, 3, 2, 10, 14)
    expect(told(page)).to_contain_text("Unit (3, 11) of layer 3 sees 6 × 6 input cells: rows 3 to 8, columns 19 to 24")
    assert outlined(page, 0) == [2, 18, 6] and outlined(page, 4) is None
    point(page, 6, 0, 0, 7)
    expect(told(page)).to_contain_text("rows −5 to 10, columns −5 to 10")
    expect(told(page)).to_contain_text("100 of the 256 cells lie in the picture, the others on padding.")
    point(page, 0, 5, 5, 28)  # the input has no field of its own
    expect(told(page)).to_have_text(DEFAULT)
    assert page.evaluate("window.sent") == 0 and "row" not in page.url


def keys_move_the_unit_and_enter_pins_it(page: Page) -> None:
    page.locator(".reach .maps").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(told(page)).to_contain_text("Unit (6, 5) of layer 6")
    page.keyboard.press("Shift+ArrowLeft")
    expect(told(page)).to_contain_text("Unit (6, 1) of layer 6")
    page.keyboard.press("PageUp")
    expect(told(page)).to_contain_text("of layer 5")
    for _ in range(9):
        page.keyboard.press(",")
    expect(told(page)).to_contain_text("of layer 1 sees 3 × 3")
    page.keyboard.press(".")
    page.keyboard.press("PageDown")
    expect(told(page)).to_contain_text("of layer 3")
    page.keyboard.press("Escape")
    expect(told(page)).to_have_text(DEFAULT)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    settle(page)
    expect(page).to_have_url(re.compile("row=2"))
    expect(told(page)).to_contain_text("Unit (3, 4) of layer 6")


def a_turned_phone_draws_the_paths_anew(page: Page) -> None:
    drawn = page.locator(".paths polygon").count()  # as many as the browser's width has room for
    assert drawn > 3
    page.set_viewport_size({"width": 700, "height": 900})
    expect(page.locator(".paths polygon")).not_to_have_count(drawn)
    box, frame = canvas(page, 1).bounding_box(), page.locator(".reach").bounding_box()
    assert box and frame and box["x"] + box["width"] <= frame["x"] + frame["width"]


def test_cells_without_a_path_are_not_coloured(open_page: OpenPage) -> None:
    page = opened(open_page, "?stack=c3s1p2d2-c3s1p2d2-c3s1p2d2")
    expect(told(page)).to_contain_text("Only 49 of the 169 have a path to the unit.")
    beyond, met, hole = (pixel(page, 1, row, 10, 28) for row in (2, 10, 11))
    assert met != hole and beyond == hole


def test_a_unit_is_pinned_layers_are_edited_and_ready_made_ones_taken(
    page: Page, open_page: OpenPage, elsewhere: Server
) -> None:
    a_click_pins_and_the_link_holds_it(page, open_page, elsewhere)
    editing_the_layer_redraws_every_map_after_it(page)
    ready_made_and_a_challenge_set_the_stage(page)


def a_click_pins_and_the_link_holds_it(page: Page, open_page: OpenPage, elsewhere: Server) -> None:
    point(page, 4, 2, 3, 14, click=True)
    settle(page)
    expect(page).to_have_url(re.compile("layer=4"))
    expect(page).to_have_url(re.compile("row=2"))
    expect(page).to_have_url(re.compile("col=3"))
    expect(page.get_by_role("combobox", name="Layer 4 of 6")).to_be_visible()
    page.mouse.move(5, 5)
    expect(told(page)).to_contain_text("Unit (3, 4) of layer 4 sees 10 × 10")
    again = opened(open_page, f"?{page.url.partition('?')[2]}", on=elsewhere)
    assert told(again).inner_text() == told(page).inner_text()


def editing_the_layer_redraws_every_map_after_it(page: Page) -> None:
    point(page, 1, 14, 14, 28, click=True)
    settle(page)
    page.get_by_role("spinbutton", name="Stride").fill("2")
    page.keyboard.press("Enter")
    expect(page.locator('.map[data-map="1"] .sizes')).to_contain_text("14 × 14")
    expect(page.locator('.map[data-map="6"] .sizes')).to_contain_text("sees 29 × 29")
    page.get_by_role("button", name="Add layer").click()
    expect(page.locator(".map")).to_have_count(8)
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".map")).to_have_count(7)


def ready_made_and_a_challenge_set_the_stage(page: Page) -> None:
    page.get_by_role("radio", name="LeNet-5").click()
    expect(page.locator(".map")).to_have_count(5)
    expect(told(page)).to_contain_text("of layer 4 sees 16 × 16")
    page.get_by_role("button", name="In the corner").click()
    expect(told(page)).to_contain_text("Unit (1, 1) of layer 6 sees 16 × 16")


def test_practice_is_drawn_once_unfolded(open_page: OpenPage) -> None:
    page = opened(open_page, "?network=lenet5")
    assert page.locator(".cnnviz-heat").count() == 0
    page.get_by_text("Which of these cells count most?").click()
    expect(page.locator(".cnnviz-heat figure")).to_have_count(2)
    sizes = page.locator(".cnnviz-heat img").evaluate_all("images => images.map((image) => image.naturalWidth)")
    assert sizes == [32, 32]


def test_a_phone_shows_all_maps_and_the_sentence(open_page: OpenPage) -> None:
    page = opened(open_page, width=390, height=844)
    main = page.get_by_test_id("stMain")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        settle(page)
        assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0
        for number in range(7):
            box = canvas(page, number).bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    expect(told(page)).to_be_in_viewport()
    canvas(page, 1).tap()
    settle(page)
    expect(page).to_have_url(re.compile("layer=1"))
    expect(told(page)).to_contain_text("of layer 1 sees 3 × 3")
