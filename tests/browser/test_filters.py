"""The Image filters page as a student uses it: hover, keys, pin, edit, bring a picture, open a link."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from cnnviz.data.pictures import built_in
from cnnviz.lessons.filters.settings import Filters
from harness.pages import settle
from harness.server import Server
from tests.browser.stage import OpenPage, Stage

DEFAULT = "Convolved [73, 95] = 70·(−1) + 139·0 + 181·1"


@pytest.fixture
def stage(open_page: OpenPage) -> Stage:
    return opened(open_page)


def opened(open_page: OpenPage, query: str = "", **options: object) -> Stage:
    stage = Stage(open_page(f"/filters{query}", **options))
    expect(stage.arithmetic).to_contain_text("Convolved [")
    return stage


def area(stage: Stage, name: str) -> Locator:
    return stage.page.locator(f'.area[data-stage="{name}"]')


def point(stage: Stage, name: str, row: int, col: int, click: bool = False) -> None:
    """The mouse over cell (row, col), counted from 0, of a stage."""
    cells = area(stage, name).locator("canvas").evaluate("canvas => [canvas.width, canvas.height]")
    box = area(stage, name).bounding_box()
    assert box
    place = box["x"] + (col + 0.5) / cells[0] * box["width"], box["y"] + (row + 0.5) / cells[1] * box["height"]
    (stage.page.mouse.click if click else stage.page.mouse.move)(*place)


def marked(stage: Stage, name: str, mark: str = "cursor") -> list[int]:
    """Row, column, rows and columns of an outline, in cells of its stage (it may be drawn larger)."""
    return area(stage, name).evaluate(
        """(area, mark) => {
            const box = area.querySelector('.mark.' + mark).getBoundingClientRect();
            const canvas = area.querySelector('canvas').getBoundingClientRect();
            const { width, height } = area.querySelector('canvas');
            const middle = (from, length, start, all, cells) => Math.floor((from + length / 2 - start) / all * cells);
            return [middle(box.top, box.height, canvas.top, canvas.height, height),
                    middle(box.left, box.width, canvas.left, canvas.width, width)];
        }""",
        mark,
    )


def pixel(stage: Stage, name: str, row: int, col: int) -> list[int]:
    return area(stage, name).evaluate(
        "(area, [r, c]) => [...area.querySelector('canvas').getContext('2d').getImageData(c, r, 1, 1).data]",
        [row, col],
    )


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()
    settle(page)


def picture_file(width: int = 100, height: int = 50, name: str = "mine.png") -> FilePayload:
    buffer = io.BytesIO()
    Image.new("L", (width, height), 90).save(buffer, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": buffer.getvalue()}


def test_the_stages_are_read_by_mouse_and_keys(stage: Stage, open_page: OpenPage, elsewhere: Server) -> None:
    it_opens_with_every_stage_and_its_arithmetic(stage)
    hovering_any_stage_follows_the_chain_without_the_server(stage)
    arrow_keys_move_and_enter_pins(stage)
    a_click_pins_the_cell_and_the_link_holds_it(stage, open_page, elsewhere)


def it_opens_with_every_stage_and_its_arithmetic(stage: Stage) -> None:
    assert stage.page.locator(".frame .caption").all_inner_texts() == [
        "Picture\n192 × 192",
        "Convolved\n190 × 190",
        "ReLU\n190 × 190",
        "Max pooling 2 × 2\n95 × 95",
    ]
    expect(stage.arithmetic).to_contain_text(DEFAULT)
    expect(stage.arithmetic).to_contain_text("= 209; ReLU: max(0, 209) = 209; max pooling [37, 48] takes 312")
    assert stage.values("n0") == ["70", "139", "181", "70", "71", "119", "70", "71", "70"]
    assert stage.values("q0") == ["209", "312", "51", "199"]
    expect(stage.page.locator('.cell.winner[data-plane="q0"]')).to_have_text("312")


def hovering_any_stage_follows_the_chain_without_the_server(stage: Stage) -> None:
    stage.page.evaluate(
        """() => {
            const send = WebSocket.prototype.send;
            window.sent = 0;
            WebSocket.prototype.send = function (...message) { window.sent += 1; return send.apply(this, message); };
        }"""
    )
    point(stage, "convolved", 20, 30)
    expect(stage.arithmetic).to_contain_text("Convolved [21, 31] =")
    assert marked(stage, "picture") == [21, 31] and marked(stage, "pooled") == [10, 15]
    point(stage, "picture", 101, 60)
    expect(stage.arithmetic).to_contain_text("Convolved [101, 60] =")
    point(stage, "rectified", 189, 189)
    expect(stage.arithmetic).to_contain_text("max pooling [95, 95]")
    point(stage, "pooled", 36, 47)
    expect(stage.arithmetic).to_contain_text("Convolved [73, 96] =")
    expect(stage.arithmetic).to_contain_text("takes 312 from this cell")
    expect(area(stage, "picture").locator(".mark.reach")).to_be_visible()
    stage.page.mouse.move(5, 5)
    expect(stage.arithmetic).to_contain_text(DEFAULT)
    assert "row" not in stage.page.url and stage.page.evaluate("window.sent") == 0


def arrow_keys_move_and_enter_pins(stage: Stage) -> None:
    area(stage, "convolved").focus()
    for key in ("ArrowDown", "ArrowRight", "Shift+ArrowRight"):
        stage.page.keyboard.press(key)
    expect(stage.arithmetic).to_contain_text("Convolved [74, 106] =")
    stage.page.keyboard.press("Escape")
    expect(stage.arithmetic).to_contain_text(DEFAULT)
    stage.page.keyboard.press("ArrowUp")
    stage.page.keyboard.press("Enter")
    settle(stage.page)
    expect(stage.page).to_have_url(re.compile("row=71"))
    expect(stage.arithmetic).to_contain_text("Convolved [72, 95] =")


def a_click_pins_the_cell_and_the_link_holds_it(stage: Stage, open_page: OpenPage, elsewhere: Server) -> None:
    point(stage, "convolved", 50, 60, click=True)
    stage.page.mouse.move(5, 5)
    settle(stage.page)
    expect(stage.arithmetic).to_contain_text("Convolved [51, 61] =")
    said = stage.arithmetic.inner_text()
    query = stage.page.url.partition("?")[2]
    assert "row=50" in query and "col=60" in query
    again = opened(open_page, f"?{query}", on=elsewhere)
    assert again.arithmetic.inner_text() == said


def test_a_kernel_is_edited_and_grows(stage: Stage) -> None:
    an_edited_kernel_filters_the_picture_anew(stage)
    the_kernel_grows_and_quick_typing_loses_nothing(stage)


def an_edited_kernel_filters_the_picture_anew(stage: Stage) -> None:
    before = pixel(stage, "convolved", 70, 40)
    stage.paste("w0", 0, 0, "0\t0\t0\n0\t1\t0\n0\t0\t0")
    expect(stage.page.get_by_role("combobox", name="Kernel")).to_have_value("Identity")
    expect(stage.arithmetic).to_contain_text("71·1")
    assert pixel(stage, "convolved", 70, 40) != before
    assert pixel(stage, "convolved", 70, 40) == pixel(stage, "picture", 71, 41)
    stage.type("b0", 0, 0, "100")
    expect(stage.arithmetic).to_contain_text("+ 100 = 171")
    expect(stage.page).to_have_url(re.compile("w=3x3_0_0_0_0_1_0_0_0_0"))
    expect(stage.page).to_have_url(re.compile("b=1x1_100"))


def the_kernel_grows_and_quick_typing_loses_nothing(stage: Stage) -> None:
    size = stage.page.locator('.size[data-plane="w0"][data-axis="columns"]')
    size.fill("5")
    size.press("Enter")
    settle(stage.page)
    expect(stage.page.locator('.cell[data-plane="w0"]')).to_have_count(15)
    expect(stage.page.locator(".extent").nth(1)).to_have_text("190 × 188")
    stage.cell("w0", 0, 0).click()
    for number in "123456789":
        stage.page.keyboard.type(number)
        stage.page.keyboard.press("Tab")
    stage.page.keyboard.press("Escape")
    settle(stage.page)
    assert stage.values("w0")[:9] == list("123456789")


PROVISIONAL = ".filter[data-provisional]"


def seen(page: Page) -> list[str]:
    """All that the stages show: their pictures, their captions and legends, the numbers below."""
    pictures = page.locator(".area canvas").evaluate_all("all => all.map((canvas) => canvas.toDataURL())")
    texts = page.locator(".caption, .legend, .cell .value, .arithmetic").all_inner_texts()
    return [*pictures, *texts]


def test_what_is_changed_is_seen_before_the_server_answers(stage: Stage, open_page: OpenPage, server: Server) -> None:
    an_edit_is_seen_at_once_and_its_answer_changes_nothing(stage, server)
    a_smaller_kernel_is_seen_at_once_and_gets_its_cells_back(stage, server)
    what_is_no_plain_number_waits_for_python(stage, server)
    steps_are_taken_back(stage)
    the_controls_are_seen_at_once(stage, server)
    where_the_browser_computes_otherwise_pythons_stages_are_shown(open_page, server)


def an_edit_is_seen_at_once_and_its_answer_changes_nothing(stage: Stage, server: Server) -> None:
    page, before = stage.page, pixel(stage, "convolved", 70, 40)
    with server.held():
        for row, text in ((0, "-2.5"), (1, "0.25")):
            commit(stage, row, 2, text)
        expect(stage.arithmetic).to_contain_text("70·(−1) + 139·0 + 181·(−2.5)")
        expect(stage.arithmetic).to_contain_text("119·0.25")
        expect(page.locator(PROVISIONAL)).to_have_count(1)
        assert pixel(stage, "convolved", 70, 40) != before
        foreseen = seen(page)
    it_is_confirmed(page, foreseen)
    expect(page).to_have_url(re.compile("w=3x3_-1_0_-2.5_-2_0_0.25_"))


def a_smaller_kernel_is_seen_at_once_and_gets_its_cells_back(stage: Stage, server: Server) -> None:
    page = stage.page
    with server.held():
        size = page.locator('.size[data-plane="w0"][data-axis="columns"]')
        size.fill("2")
        size.press("Enter")
        expect(page.locator(".extent").nth(1)).to_have_text("190 × 191")
        size.press("ArrowUp")
        expect(page.locator(".extent").nth(1)).to_have_text("190 × 190")
        expect(size).to_be_focused()
        assert stage.values("w0")[2] == "−2.5"
        foreseen = seen(page)
    it_is_confirmed(page, foreseen)


def what_is_no_plain_number_waits_for_python(stage: Stage, server: Server) -> None:
    """A digit that Python alone reads stands in its cell, and the number before it counts until then."""
    with server.held():
        commit(stage, 0, 0, "７")
        commit(stage, 2, 2, "9")
        expect(stage.arithmetic).to_contain_text("70·(−1) + 139·0 + 181·(−2.5)")
        expect(stage.arithmetic).to_contain_text("70·9")
        assert stage.values("w0")[0] == "７"
    expect(stage.arithmetic).to_contain_text("70·7 + 139·0")
    settle(stage.page)


def steps_are_taken_back(stage: Stage) -> None:
    stage.page.get_by_role("button", name="Undo").click()
    expect(stage.arithmetic).to_contain_text("70·7 + 139·0")
    expect(stage.arithmetic).to_contain_text("70·1 + 0")
    stage.page.keyboard.press("Control+z")
    expect(stage.arithmetic).to_contain_text("70·(−1) + 139·0")
    settle(stage.page)


def the_controls_are_seen_at_once(stage: Stage, server: Server) -> None:
    page = stage.page
    page.get_by_role("button", name="More").click()
    settle(page)
    with server.held():
        stride = page.locator(".st-key-filters_stride").get_by_test_id("stNumberInputStepUp")
        stride.click()
        stride.click()
        expect(page.locator(".extent").nth(1)).to_have_text("64 × 64")
        page.get_by_role("combobox", name="Colours").click()
        page.get_by_role("option", name="Grey", exact=True).click()
        expect(page.locator(".legend").nth(1)).to_contain_text("0")
        expect(page.locator(".legend.signed")).to_have_count(0)
        page.locator("label").filter(has_text="ReLU").click()
        expect(page.locator(".area")).to_have_count(3)
        expect(page.locator(PROVISIONAL)).to_have_count(1)
        foreseen = seen(page)
    it_is_confirmed(page, foreseen)
    expect(page).to_have_url(re.compile("stride=3&relu=0&colours=grey"))


def where_the_browser_computes_otherwise_pythons_stages_are_shown(open_page: OpenPage, server: Server) -> None:
    """As if its ReLU added a thousand to the first cell."""
    wrong = """const map = Float64Array.prototype.map;
        Float64Array.prototype.map = function (...by) {
            const made = map.apply(this, by);
            made[0] += 1000;
            return made;
        };"""
    stage = opened(open_page, script=wrong)
    first_block_is(stage, Filters())
    with server.held():
        commit(stage, 0, 0, "5")
        assert stage.page.locator(PROVISIONAL).count() == 0
    settle(stage.page)
    first_block_is(stage, Filters(w=((5, 0, 1), (-2, 0, 2), (-1, 0, 1))))


def first_block_is(stage: Stage, settings: Filters) -> None:
    """The first pooling window, and what comes of it, are as Python computes them."""
    result = settings.compute(built_in(settings.picture))
    point(stage, "pooled", 0, 0)
    expect(stage.arithmetic).to_contain_text("max pooling [1, 1]")
    shown = [float(text.replace("−", "-")) for text in stage.values("q0")]
    assert shown == result.rectified[:2, :2].ravel().tolist() and result.pooled is not None
    assert stage.values("m0") == [f"{result.pooled[0, 0]:g}"]


def commit(stage: Stage, row: int, col: int, text: str) -> None:
    """Type into the kernel, and wait for nothing."""
    stage.cell("w0", row, col).click()
    stage.page.locator(".editor").fill(text)
    stage.page.keyboard.press("Enter")


def it_is_confirmed(page: Page, foreseen: list[str]) -> None:
    """The server's answer is what was seen before it."""
    expect(page.locator(PROVISIONAL)).to_have_count(0)
    settle(page)
    assert seen(page) == foreseen


def test_what_is_no_number_stays_and_stages_come_and_go(stage: Stage) -> None:
    what_is_no_number_stays_with_a_sentence(stage)
    stages_come_and_go_with_their_controls(stage)


def what_is_no_number_stays_with_a_sentence(stage: Stage) -> None:
    for text in ("two", "nan", "1e308", ""):
        stage.type("w0", 1, 2, text)
        expect(stage.warning).to_contain_text("Row 2, column 3 of the kernel")
        expect(stage.warning).to_contain_text("Until then 2 counts")
        assert stage.values("w0")[5] == text
        expect(stage.arithmetic).to_contain_text(DEFAULT)
        stage.type("w0", 1, 2, "3")
        expect(stage.warning).to_have_count(0)
        expect(stage.arithmetic).to_contain_text("119·3")
        stage.type("w0", 1, 2, "2")


def stages_come_and_go_with_their_controls(stage: Stage) -> None:
    page = stage.page
    page.locator("label").filter(has_text="ReLU").click()
    settle(page)
    choose(page, "Pooling", "None")
    expect(page.locator(".area")).to_have_count(2)
    expect(page.locator('.cell[data-plane="q0"]')).to_have_count(0)
    choose(page, "Pooling", "Average")
    expect(page.locator(".area")).to_have_count(3)
    expect(stage.arithmetic).to_contain_text("average pooling [37, 48] of its 4 cells = 192.75")
    choose(page, "Picture", "Zone plate")
    assert pixel(stage, "picture", 96, 96)[0] == 255
    expect(page).to_have_url(re.compile("picture=Zone_plate"))


def test_a_picture_of_ones_own(stage: Stage, open_page: OpenPage) -> None:
    page = stage.page
    choose(page, "Picture", "Own file")
    page.locator('input[type="file"]').set_input_files(picture_file())
    expect(page.locator(".extent").first).to_have_text("100 × 200")
    assert pixel(stage, "picture", 5, 5)[0] == 90
    expect(page.get_by_test_id("stFileUploader")).to_have_count(0)
    page.get_by_role("button", name="Another file").click()
    broken = {"name": "notes.png", "mimeType": "image/png", "buffer": b"dear diary"}
    page.locator('input[type="file"]').set_input_files(broken)
    expect(stage.warning).to_contain_text("The file of 10 bytes is no picture that can be read")
    expect(page.locator(".extent").first).to_have_text("100 × 200")
    page.locator('input[type="file"]').set_input_files(picture_file(64, 64))
    expect(page.locator(".extent").first).to_have_text("256 × 256")
    expect(stage.warning).to_have_count(0)
    other = opened(open_page, "?" + page.url.partition("?")[2])
    expect(other.warning).to_contain_text("a file of its sender’s own")
    expect(other.page.locator(".extent").first).to_have_text("192 × 192")


def test_on_a_phone_a_finger_reads_and_the_sum_stays_in_sight(open_page: OpenPage) -> None:
    stage = opened(open_page, width=390, height=844)
    page = stage.page
    tops = [box["y"] for one in page.locator(".area").all() if (box := one.bounding_box())]
    assert tops == sorted(tops) and tops[1] - tops[0] > 300
    area(stage, "convolved").scroll_into_view_if_needed()
    area(stage, "convolved").tap(position={"x": 100, "y": 180})
    settle(page)
    expect(page).to_have_url(re.compile("row="))
    box = stage.arithmetic.bounding_box()
    assert box and box["y"] + box["height"] <= 845
    widths = page.evaluate(
        "() => { const main = document.querySelector('[data-testid=\"stMain\"]'); "
        "return main.scrollWidth - main.clientWidth; }"
    )
    assert widths <= 0
