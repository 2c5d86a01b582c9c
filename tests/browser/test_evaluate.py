"""The Evaluate page as a student uses it: point, click, keys, pages, links, a phone, a dark room."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from cnnviz import runs
from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.networks import zoo
from cnnviz.training import TrainConfig
from cnnviz.ui.core.store import STALE_SECONDS
from harness.pages import settle
from harness.server import Server
from tests.browser.stage import OpenPage

COUNT_MESSAGES = """() => {
    const send = WebSocket.prototype.send;
    window.sent = 0;
    WebSocket.prototype.send = function (...message) { window.sent += 1; return send.apply(this, message); };
}"""


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return opened(open_page)


def opened(open_page: OpenPage, query: str = "", **options: object) -> Page:
    page: Page = open_page(f"/evaluate{query}", **options)
    expect(page.locator(".confusion .cell").first).to_be_visible()
    expect(page.locator(".specimen .share").first).to_be_visible()
    return page


def cell(page: Page, row: int, col: int) -> Locator:
    return page.locator(f'.confusion .cell[data-row="{row}"][data-col="{col}"]')


def told(page: Page) -> Locator:
    return page.locator(".confusion .description")


def title(page: Page) -> Locator:
    return page.locator(".gallery .title")


def tiles(page: Page) -> Locator:
    return page.locator(".gallery .tile")


def test_an_untouched_page_is_read_by_mouse_and_keys(page: Page) -> None:
    it_opens_with_the_matrix_and_the_worst_misclassified(page)
    a_picture_is_drawn_pixel_by_pixel(page)
    pointing_needs_no_server(page)
    a_second_click_goes_back_to_the_misclassified(page)
    keys_move_through_the_matrix(page)
    the_gallery_turns_over_by_mouse_and_keys(page)
    sixteen_samples_and_an_image_by_its_number(page)
    a_challenge_sets_the_cell(page)
    a_narrow_window_cuts_nothing_off(page)


def it_opens_with_the_matrix_and_the_worst_misclassified(page: Page) -> None:
    assert page.locator(".confusion .cell").count() == 100
    expect(cell(page, 4, 4)).to_have_text("982")
    expect(cell(page, 9, 4)).to_have_text("5")
    expect(cell(page, 0, 1)).to_have_text("")
    expect(page.locator(".confusion .legend")).to_contain_text("1 to 6 images")
    expect(title(page)).to_have_text("47 misclassified, most confident first")
    expect(tiles(page)).to_have_count(16)
    expect(tiles(page).first).to_contain_text("guess 3")
    expect(tiles(page).first).to_contain_text("true 5")
    expect(tiles(page).first).to_contain_text("#2597")
    expect(page.locator(".specimen .guess")).to_contain_text("wrong: true 5")
    expect(page.get_by_text("9,913 of 10,000 lie above 90 %; 99.79 % of these are right.")).to_be_attached()


def a_picture_is_drawn_pixel_by_pixel(page: Page) -> None:
    canvas = tiles(page).first.locator("canvas")
    assert canvas.evaluate("canvas => [canvas.width, canvas.height, getComputedStyle(canvas).imageRendering]") == [
        28,
        28,
        "pixelated",
    ]
    both = [
        page.locator(one).first.evaluate("canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data]")
        for one in (".gallery .tile canvas", ".specimen canvas")
    ]
    assert both[0] == both[1] and max(both[0][::4]) == 255 and set(both[0][3::4]) == {255}


def pointing_needs_no_server(page: Page) -> None:
    page.evaluate(COUNT_MESSAGES)
    cell(page, 9, 4).hover()
    expect(told(page)).to_have_text("true 9, predicted 4: 5 images, 0.5 % of the 1,009 images of 9 are predicted as 4.")
    cell(page, 1, 4).hover()
    expect(told(page)).to_contain_text("true 1, predicted 4: 1 image,")
    cell(page, 9, 9).hover()
    expect(told(page)).to_have_text(
        "true 9, predicted 9: 1,000 images, 99.1 % of the 1,009 images of 9 are classified correctly."
    )
    page.mouse.move(2, 2)
    expect(told(page)).to_contain_text("Most frequent mistake: true 5, predicted 3: 6 images. Click a cell")
    assert page.evaluate("window.sent") == 0


def a_second_click_goes_back_to_the_misclassified(page: Page) -> None:
    for _ in range(2):
        cell(page, 5, 3).click()
        expect(title(page)).to_have_text("true 5, predicted 3: 6 images, most confident first")
        cell(page, 5, 3).click()
        expect(title(page)).to_have_text("47 misclassified, most confident first")
    settle(page)
    expect(page).not_to_have_url(re.compile("true"))
    cell(page, 0, 1).click()  # an empty one has nothing to show
    settle(page)
    expect(title(page)).to_have_text("47 misclassified, most confident first")


def keys_move_through_the_matrix(page: Page) -> None:
    cell(page, 0, 0).focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    expect(told(page)).to_contain_text("true 2, predicted 2: 1,029 images")
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text("true 2, predicted 2: 1,029 images, least sure first")
    expect(cell(page, 2, 2)).to_be_focused()
    page.keyboard.press("Escape")
    expect(title(page)).to_have_text("47 misclassified, most confident first")


def the_gallery_turns_over_by_mouse_and_keys(page: Page) -> None:
    page.get_by_role("button", name="Next page").click()
    expect(page.locator(".gallery .page")).to_have_text("2 of 3")
    first = tiles(page).first
    expect(page.locator(".specimen .guess")).to_contain_text(
        f"Test image {first.locator('.more').inner_text().split('#')[1]}"
    )
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(tiles(page).nth(5)).to_be_focused()
    page.keyboard.press("Enter")
    expect(tiles(page).nth(5)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("PageDown")
    expect(page.locator(".gallery .page")).to_have_text("3 of 3")
    settle(page)
    expect(page).to_have_url(re.compile("page=3"))
    expect(page).not_to_have_url(re.compile("image"))


def test_back_returns_to_the_cell_before_and_the_link_holds_it(
    page: Page, open_page: OpenPage, elsewhere: Server
) -> None:
    back_returns_to_the_cell_before(page)
    a_click_on_a_cell_shows_its_images_and_the_link_holds_it(page, open_page, elsewhere)


def back_returns_to_the_cell_before(page: Page) -> None:
    for row, col in ((9, 4), (5, 3)):
        cell(page, row, col).click()
        expect(title(page)).to_contain_text(f"true {row}, predicted {col}:")
        settle(page)
        page.wait_for_timeout(1000 * STALE_SECONDS["page"] + 200)  # before, it counts as a late message
    page.go_back()
    expect(title(page)).to_contain_text("true 9, predicted 4:")
    expect(cell(page, 9, 4)).to_have_class("cell chosen")
    page.go_back()
    expect(title(page)).to_have_text("47 misclassified, most confident first")
    expect(page.locator(".confusion .chosen")).to_have_count(0)


def a_click_on_a_cell_shows_its_images_and_the_link_holds_it(
    page: Page, open_page: OpenPage, elsewhere: Server
) -> None:
    cell(page, 9, 4).click()
    expect(title(page)).to_have_text("true 9, predicted 4: 5 images, most confident first")
    expect(tiles(page)).to_have_count(5)
    tiles(page).nth(2).click()
    index = tiles(page).nth(2).locator(".more").inner_text().split("#")[1]
    expect(page.locator(".specimen .guess")).to_contain_text(f"Test image {index}")
    settle(page)
    for part in ("true=9", "named=4", f"image={index}"):
        expect(page).to_have_url(re.compile(part))
    again = opened(open_page, f"?{page.url.partition('?')[2]}", on=elsewhere)
    expect(cell(again, 9, 4)).to_have_class("cell chosen")
    assert tiles(again).all_inner_texts() == tiles(page).all_inner_texts()
    assert again.locator(".specimen").inner_text() == page.locator(".specimen").inner_text()


def sixteen_samples_and_an_image_by_its_number(page: Page) -> None:
    page.get_by_role("radio", name="Samples").click()
    expect(title(page)).to_have_text("All 10,000 test images, shuffled")
    expect(tiles(page)).to_have_count(16)
    page.get_by_role("spinbutton", name="Test image").fill("2019")
    page.keyboard.press("Enter")
    expect(page.locator(".specimen .guess")).to_have_text("Test image 2019, predicted as9with > 99.9 %, right")
    expect(page.locator(".specimen .bar.first")).to_contain_text("9")
    cell(page, 9, 4).click()
    expect(page.get_by_role("radio", name="Samples")).not_to_be_checked()


def a_challenge_sets_the_cell(page: Page) -> None:
    page.get_by_role("button", name="Nine or four?").click()
    expect(title(page)).to_have_text("true 9, predicted 4: 5 images, most confident first")


def a_narrow_window_cuts_nothing_off(page: Page) -> None:
    page.get_by_role("radio", name="Samples").click()
    expect(tiles(page)).to_have_count(16)
    page.set_viewport_size({"width": 1024, "height": 768})
    settle(page)
    texts = page.locator(".tile span, .specimen .guess, .specimen .share, .cnnviz-table.dense")
    assert texts.count() > 16 * 3 and texts.evaluate_all("all => all.every(one => one.scrollWidth <= one.clientWidth)")


def test_a_phone_shows_the_whole_matrix(open_page: OpenPage) -> None:
    page = opened(open_page, width=390, height=844)
    main = page.get_by_test_id("stMain")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        settle(page)
        assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0
        for at in ((0, 0), (9, 9)):
            box = cell(page, *at).bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["width"] > 26
    cell(page, 9, 4).tap()
    expect(title(page)).to_have_text("true 9, predicted 4: 5 images, most confident first")
    tiles(page).nth(1).tap()
    expect(tiles(page).nth(1)).to_have_attribute("aria-pressed", "true")


def test_colours_and_a_hundred_classes(open_page: OpenPage, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data set and a run of one's own; the network is untrained, so its weights are those of its seed."""
    monkeypatch.setenv("CNNVIZ_DATA", str(server.folder / "data"))
    monkeypatch.setenv("CNNVIZ_RUNS", str(server.folder / "runs"))
    datasets.data_folder().mkdir(exist_ok=True)
    draw = np.random.default_rng(0)
    x, y = draw.integers(0, 256, (300, 32, 32, 3), dtype=np.uint8), np.arange(300) % 100
    names = np.array([f"painter {n}" for n in range(100)])
    np.savez(datasets.data_folder() / "paints.npz", x_train=x, y_train=y, x_test=x, y_test=y, classes=names)
    run = runs.create(TrainConfig(network="cifar100_cnn", dataset="paints"))
    card = checkpoints.card_for(
        "cifar100_cnn", datasets.load("paints"), accuracy=None, epochs=0, seed=0, command="by hand"
    )
    checkpoints.save(run.weights, zoo.build("cifar100_cnn"), card)
    page = opened(open_page, f"?network={run.id}&image=7")
    assert page.locator(".confusion .cell").count() == 625
    expect(page.get_by_text("The 25 of 100 classes with the most misclassified images.")).to_be_visible()
    expect(page.locator(".specimen .bar")).to_have_count(12)
    expect(page.locator(".specimen .others")).to_have_text("and 88 other classes")
    expect(page.locator(".specimen .bar.true .name")).to_have_text("painter 7")
    pixels = page.locator(".specimen canvas").evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, 32, 32).data]"
    )
    assert (np.array(pixels).reshape(32, 32, 4)[..., :3] == x[7]).all()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0
