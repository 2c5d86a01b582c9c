"""Draw a digit in a real browser: digits are drawn, brought and picked, read, named, and kept in a link."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image
from playwright.sync_api import Locator, Page, Route, expect

from bench.strokes import Stroke, styled
from cnnviz.data import datasets
from harness.far import Line, far
from harness.pages import open_path, settle
from harness.server import Server
from tests.sampling import Tries

OpenPage = Callable[..., Page]
CHANGES = """() => {
    const find = (root) => {
        for (const el of root.querySelectorAll('*')) {
            if (el.matches('.bars')) return el;
            const inner = el.shadowRoot && find(el.shadowRoot);
            if (inner) return inner;
        }
    };
    window.changes = 0;
    const watch = { subtree: true, attributes: true, attributeFilter: ['style'] };
    new MutationObserver(() => window.changes++).observe(find(document), watch);
}"""
PIXELS = "paper => paper.toDataURL()"
UNDER_WAY = """() => {
    window.most = 0;
    let sent = 0;
    const send = WebSocket.prototype.send, heard = new WeakSet();
    WebSocket.prototype.send = function (...message) {
        if (!heard.has(this)) this.addEventListener('message', () => { sent = 0; });
        heard.add(this);
        window.most = Math.max(window.most, ++sent);
        return send.apply(this, message);
    };
}"""
EMPTY = "Nothing is on the pad"


def places(page: Page, stroke: Stroke) -> Stroke:
    """Points of the pad as points of the window."""
    paper = page.locator(".paper")
    paper.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = paper.bounding_box()
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]


def draw(page: Page, stroke: Stroke) -> None:
    """One stroke on the pad, in no time: while one draws, the pad sends all that it has every 60 ms."""
    points = places(page, stroke)
    page.mouse.move(*points[0])
    page.mouse.down()
    for x, y in points[1:]:
        page.mouse.move(x, y)
    page.mouse.up()


def draw_slowly(page: Page, stroke: Stroke) -> None:
    """One stroke on the pad at the speed of a hand, which is not lifted."""
    points = places(page, stroke)
    page.mouse.move(*points[0])
    page.mouse.down()
    for (x0, y0), (x1, y1) in pairwise(points):
        for step in range(1, 5):
            page.mouse.move(x0 + (x1 - x0) * step / 4, y0 + (y1 - y0) * step / 4)
            time.sleep(0.004)


def write(page: Page, digit: int, style: str = "plain") -> None:
    for stroke in styled(digit, style):
        draw(page, stroke)


def reads(page: Page, digit: int, reader: int = 0) -> None:
    """The guess, be it a sure one or not."""
    expect(page.locator(".guess b").nth(reader)).to_have_text(re.compile(rf"^{digit}\??$"))


def the_test_digit(page: Page) -> Locator:
    return page.get_by_role("spinbutton", name="Test digit")


def clear(page: Page) -> None:
    page.locator(".pad .clear").click()
    expect(page.locator(".guess").first).to_contain_text(EMPTY)


DIGITS = [(digit, style) for style in ("plain", "in a corner", "slanted") for digit in range(10)]


def test_digits_are_read(open_page: OpenPage, tries: Tries) -> None:
    """Four of them, in `make test-long` all; that all are read is held without a browser, too
    (tests/inference/test_inference.py)."""
    page = open_page("/draw")
    for _ in tries(len(DIGITS), sample=4):
        digit, style = DIGITS[tries.last]
        write(page, digit, style)
        reads(page, digit)
        clear(page)


def test_a_finger_draws_and_the_page_stays_where_it_is(open_page: OpenPage) -> None:
    page = open_page("/draw", width=390, height=844)
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touched = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})

    page.locator(".paper").evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    before = page.evaluate(scrolled)
    for stroke in styled(7, "plain"):
        points = places(page, stroke)
        send("touchStart", points[0])
        for (x0, y0), (x1, y1) in pairwise(points):
            for step in range(1, 9):
                send("touchMove", (x0 + (x1 - x0) * step / 8, y0 + (y1 - y0) * step / 8))
        send("touchEnd")
    reads(page, 7)
    assert page.evaluate(scrolled) == before
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    the_bars_are_seen_while_one_draws(page)


def the_bars_are_seen_while_one_draws(page: Page) -> None:
    page.locator(".paper").evaluate("e => e.scrollIntoView({ block: 'start', behavior: 'instant' })")
    box = page.locator(".bars").bounding_box()
    assert box["y"] + box["height"] < 844


def there_and_back(page: Page) -> None:
    """Another page, and the drawing is still on this one's pad: Streamlit takes a pad away by itself, too."""
    menu = page.get_by_test_id("stSidebar")
    menu.get_by_role("link", name="Pooling").click()
    expect(page.get_by_role("heading", name="Pooling", level=1)).to_be_visible()
    menu.get_by_role("link", name="Draw").click()
    expect(page.locator(".pad .redo")).to_be_enabled()


def test_undo_redo_clear_and_the_eraser(open_page: OpenPage) -> None:
    page = open_page("/draw")
    write(page, 7)
    reads(page, 7)
    undo, redo = (page.get_by_role("button", name=name) for name in ("Undo", "Redo"))
    undo.click()
    expect(page.locator(".guess")).to_contain_text(EMPTY)
    expect(undo).to_be_disabled()
    redo.click()
    reads(page, 7)
    expect(redo).to_be_disabled()
    clear(page)
    undo.click()
    reads(page, 7)
    page.locator(".paper").press("Control+Shift+z")
    expect(page.locator(".guess")).to_contain_text(EMPTY)
    page.locator(".paper").press("Control+z")
    reads(page, 7)
    there_and_back(page)
    reads(page, 7)
    page.get_by_role("button", name="Eraser").click()
    page.get_by_role("slider", name="Width of the pen").focus()
    page.keyboard.press("End")
    write(page, 7)
    expect(page.locator(".guess")).to_contain_text(EMPTY)


def test_keys_put_test_digits_on_the_pad_and_the_link_holds_them(open_page: OpenPage) -> None:
    page = open_page("/draw")
    labels = datasets.load("mnist").y_test.tolist()
    page.locator(".paper").press("5")
    reads(page, 5)
    first = labels.index(5)
    expect(the_test_digit(page)).to_have_value(str(first))
    expect(page).to_have_url(re.compile(f"digit={first}"))
    page.locator(".paper").press("5")
    second = labels.index(5, first + 1)
    expect(the_test_digit(page)).to_have_value(str(second))
    page.locator(".paper").press("ArrowRight")
    expect(the_test_digit(page)).to_have_value(str(second + 1))
    reads(page, labels[second + 1])
    draw(page, [(0.1, 0.9), (0.3, 0.9)])
    expect(the_test_digit(page)).to_have_value("")  # it is no test digit any more
    again = open_page(f"/draw?digit={first}")
    reads(again, 5)
    settle(again)  # what is half typed while the page still comes is typed over
    the_test_digit(again).fill("0")
    the_test_digit(again).press("Enter")
    reads(again, labels[0])


def test_a_control_that_comes_late_shows_what_the_link_says(open_page: OpenPage) -> None:
    page = open_page("/room")

    def later(route: Route) -> None:
        time.sleep(1)  # meanwhile the pad sends its digit, and the page runs again
        route.continue_()

    page.route(re.compile(r"/(NumberInput|Selectbox|Multiselect)[^/]*\.js"), later)
    open_path(page, page.url.split("/room")[0] + "/draw?digit=2019&network=mnist_cnn&beside=conv_mnist")
    expect(the_test_digit(page)).to_have_value("2019")
    expect(page.get_by_role("combobox", name=re.compile("Network"))).to_have_value("mnist_cnn")
    expect(page.locator(".reader .name")).to_have_text(["mnist_cnn", "conv_mnist"])
    reads(page, 9)


def photo_of_a_digit() -> bytes:
    """A dark 3 in a corner of a large grey page, lit from one side."""
    data = datasets.load("mnist")
    digit = data.x_test[int((data.y_test == 3).nonzero()[2]), 0].numpy()
    ink = np.kron(digit, np.ones((8, 8))) / 255
    page = np.full((420, 560), 190.0) + np.linspace(-30, 20, 560)
    page[150:374, 40:264] *= 1 - 0.75 * ink
    file = io.BytesIO()
    Image.fromarray(page.astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def photo_of_a_camera() -> bytes:
    """The same as a camera keeps it: large, grainy, lying on its side, with a note that says so."""
    page = Image.open(io.BytesIO(photo_of_a_digit())).resize((2400, 1800)).transpose(Image.Transpose.ROTATE_90)
    grain = np.random.default_rng(0).normal(0, 6, (2400, 1800))
    exif, file = Image.Exif(), io.BytesIO()
    exif[ExifTags.Base.Orientation] = 6  # to be turned by a quarter, clockwise
    Image.fromarray((np.asarray(page) + grain).clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=100, exif=exif)
    return file.getvalue()


def test_a_picture_is_brought_and_drawing_goes_on(open_page: OpenPage) -> None:
    page = open_page("/draw")
    chooser = page.locator("input.file")
    chooser.set_input_files({"name": "three.png", "mimeType": "image/png", "buffer": photo_of_a_digit()})
    reads(page, 3)
    expect(page.locator(".card").first.locator(".size")).to_have_text("192 × 256")
    chooser.set_input_files({"name": "note.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(page.get_by_role("alert")).to_contain_text("note.png")
    reads(page, 3)  # what lay there stays
    large_files_are_made_small_in_the_browser(page)
    draw(page, [(0.1, 0.95), (0.2, 0.95)])
    expect(page.get_by_role("alert")).to_have_count(0)
    clear(page)
    the_bars_follow_the_pen_before_it_is_lifted(page)


def large_files_are_made_small_in_the_browser(page: Page) -> None:
    chooser, photo = page.locator("input.file"), photo_of_a_camera()
    assert len(photo) > 2_000_000  # more than a message may have
    clear(page)
    chooser.set_input_files({"name": "camera.jpg", "mimeType": "image/jpeg", "buffer": photo})
    reads(page, 3)
    expect(page.locator(".card").first.locator(".size")).to_have_text("192 × 256")
    chooser.set_input_files({"name": "new.heic", "mimeType": "image/heic", "buffer": bytes(600_000)})
    expect(page.get_by_role("alert")).to_contain_text("600,000")
    chooser.set_input_files({"name": "huge.png", "mimeType": "image/png", "buffer": bytes(11 << 20)})
    expect(page.get_by_role("alert")).to_contain_text("11.0 MB")
    reads(page, 3)


def the_bars_follow_the_pen_before_it_is_lifted(page: Page) -> None:
    page.evaluate(CHANGES)
    draw_slowly(page, styled(2, "plain")[0])
    reads(page, 2)
    assert page.evaluate("window.changes") >= 4
    page.mouse.up()


def test_a_drawing_goes_into_the_link(open_page: OpenPage) -> None:
    page = open_page("/draw")
    write(page, 4, "in a corner")
    reads(page, 4)
    page.get_by_role("button", name="Drawing into link").click()
    page.wait_for_function("() => location.search.includes('drawing=')")
    again = open_page(page.url[page.url.index("/draw") :])
    reads(again, 4)
    write(page, 4, "in a corner")  # another drawing: the link does not hold this one
    page.wait_for_function("() => !location.search.includes('drawing=')")
    page.get_by_role("button", name="Undo").click()
    reads(page, 4)
    again.get_by_role("button", name="Look inside the network with this drawing").click()
    again.wait_for_function("() => location.pathname.endsWith('inside') && location.search.includes('drawing=')")
    expect(again.get_by_text("It says 4")).to_be_visible()


def test_steps_are_switched_and_numbers_are_shown(open_page: OpenPage) -> None:
    page = open_page("/draw?crop=0&scale=0&centre=0")
    write(page, 3, "in a corner")
    expect(page.locator(".card", has_text="Scale").locator(".size")).to_have_text("28 × 28")
    for name in ("Crop", "Scale", "Centre"):
        switch = page.get_by_role("switch", name=name)
        expect(switch).to_have_attribute("aria-checked", "false")
        switch.click()
        expect(switch).to_have_attribute("aria-checked", "true")
    reads(page, 3)
    expect(page).not_to_have_url(re.compile("crop"))
    page.get_by_text("The digit as numbers").click()
    expect(page.locator(".whole td")).to_have_count(784)
    values = {int(text) for text in page.locator(".whole td").all_inner_texts()}
    assert 0 in values and max(values) > 200
    page.locator(".card canvas").last.hover()
    expect(page.locator(".pipeline .value")).to_contain_text("Normalise: row")


def test_networks_side_by_side_and_digits_that_were_named(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("/draw?beside=conv_mnist.lenet5--epoch_0")
    expect(page.locator(".reader")).to_have_count(3)
    height = page.locator(".readers").bounding_box()["height"]
    write(page, 6)
    reads(page, 6)
    reads(page, 6, reader=1)
    expect(page.locator(".reader").nth(2).locator(".doubt")).to_contain_text("Uncertain")
    assert page.locator(".readers").bounding_box()["height"] == height  # what is below stays under the pointer
    page.get_by_label("Logits").check()
    expect(page.locator(".bar .share").first).not_to_contain_text("%")
    for digit in (6, 1):
        page.locator(".labels button").nth(digit).click()
        expect(page.locator(".labels button").nth(digit)).to_have_attribute("aria-pressed", "true")
        clear(page)
        write(page, 1)
        reads(page, 1)
    page.get_by_text("Digits that you named: 2").click()
    expect(page.locator(".guesses .title").first).to_have_text("lenet5: 100 %")
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as digits.npz").click()
    download.value.save_as(tmp_path / "digits.npz")
    saved = np.load(tmp_path / "digits.npz")
    assert sorted([*saved["y_train"], *saved["y_test"]]) == [1, 6]
    page.get_by_role("button", name="Make them a data set").click()
    page.get_by_role("link", name="Train on them").click()
    page.wait_for_function("() => location.pathname.endsWith('train') && location.search.includes('dataset=')")


def test_drawing_goes_on_far_away_and_while_the_line_is_cut(open_page: OpenPage, server: Server) -> None:
    with far(server.port) as line:
        there = replace(server, url=f"http://127.0.0.1:{line.port}")
        page = open_page("/draw", on=there, allowed=("WebSocket", "ERR_", "disconnected"))
        page.wait_for_function("() => performance.now() - window.sentAt > 1000")  # it asks after its helpers
        line.round_trip = 0.2
        several_pictures_are_under_way_at_once(page)
        what_is_drawn_while_the_line_is_cut_is_read_afterwards(page, line)
        what_is_drawn_in_no_time_on_a_slow_line_is_read(page, line)
        settle(page)


def several_pictures_are_under_way_at_once(page: Page) -> None:
    page.evaluate(UNDER_WAY)
    while page.evaluate("window.most") < 2:
        draw_slowly(page, styled(8, "plain")[0])
        page.mouse.up()
    reads(page, 8)
    assert page.evaluate("window.most") <= 3


def what_is_drawn_in_no_time_on_a_slow_line_is_read(page: Page, line: Line) -> None:
    line.round_trip, line.rate = 0.4, 2_000_000
    page.locator(".pad .clear").click()
    write(page, 3)
    reads(page, 3)


def what_is_drawn_while_the_line_is_cut_is_read_afterwards(page: Page, line: Line) -> None:
    draw(page, [(0.2, 0.9), (0.8, 0.9)])
    line.cut()
    expect(page.get_by_test_id("stApp")).not_to_have_attribute("data-test-connection-state", "CONNECTED")
    page.locator(".pad .clear").click()
    write(page, 7)
    drawn = page.locator(".pad .paper").evaluate(PIXELS)
    line.restore()
    reads(page, 7)
    settle(page)
    assert page.locator(".pad .paper").evaluate(PIXELS) == drawn, "what was drawn lies there, whichever pad it is"
