"""The Data page as a class uses it: scroll through a wall, point at pixels, bring a file, record symbols and train."""

from __future__ import annotations

import io
import math
import re
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from cnnviz.data import datasets
from cnnviz.ui import pictures
from harness.pages import settle
from tests.browser.stage import OpenPage
from tests.data.datasets.brought_files import folders, idx_files, zipped

LONG = 120_000  # milliseconds that a run may take on a busy machine

# a camera that shows what it is told to: a square that moves over a grey ground
CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: 320, height: 240 });
    const draw = canvas.getContext("2d");
    let step = 0;
    setInterval(() => {
        draw.fillStyle = "#888";
        draw.fillRect(0, 0, 320, 240);
        draw.fillStyle = window.shown === "right" ? "#d00" : "#00d";
        draw.fillRect(window.shown === "right" ? 190 : 60, 60 + (step++ % 40), 70, 70);
    }, 50);
    window.shown = "left";
    return canvas.captureStream(20);
};
"""


def opened(open_page: OpenPage, query: str = "", **options: object) -> Page:
    page: Page = open_page(f"/data{query}", **options)
    expect(page.locator(".browser .wall canvas").first).to_be_visible()
    expect(page.locator(".browser .pixel")).not_to_be_empty()
    return page


def name(page: Page) -> Locator:
    return page.locator(".browser .name")


def shown(page: Page, selector: str) -> np.ndarray:
    """The pixels of a canvas, (H, W, 4)."""
    values = page.locator(selector).evaluate(
        "canvas => { const d = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);"
        " return [d.height, d.width, [...d.data]]; }"
    )
    return np.array(values[2], np.uint8).reshape(values[0], values[1], 4)


def test_the_wall_is_read_by_mouse_and_keys(open_page: OpenPage) -> None:
    page = opened(open_page)
    an_image_is_shown_pixel_for_pixel(page, "train", 0)
    the_pixel_under_the_pointer_is_told(page)
    keys_go_from_image_to_image(page)
    a_click_looks_at_an_image_and_the_link_has_it(page)
    it_scrolls_to_the_last_image(page)


def an_image_is_shown_pixel_for_pixel(page: Page, part: str, index: int) -> None:
    pixels = datasets.arrays("mnist")[f"x_{part}"][index]
    drawn = shown(page, ".browser .stage .picture")
    assert np.array_equal(drawn[..., 0], pixels) and np.array_equal(drawn[..., 2], pixels)


def the_pixel_under_the_pointer_is_told(page: Page) -> None:
    pixels = datasets.arrays("mnist")["x_train"][0]
    box = page.locator(".browser .stage .picture").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * (11.5 / 28), box["y"] + box["height"] * (8.5 / 28))
    expect(page.locator(".browser .pixel")).to_have_text(f"Row 8, column 11: {pixels[8, 11]}")
    cells = page.locator(".browser .numbers td").all_inner_texts()
    assert cells == [str(value) for value in pixels[5:12, 8:15].ravel()]
    value = (pixels[8, 11] / 255 - 0.130660) / 0.308108
    expect(page.locator(".browser .formula")).to_contain_text(f"= {value:.3f}")


def keys_go_from_image_to_image(page: Page) -> None:
    page.locator(".browser .wall").focus()
    page.keyboard.press("ArrowRight")
    expect(name(page)).to_have_text("Training image 1: 0")
    settle(page)
    page.keyboard.press("ArrowRight")
    expect(name(page)).to_have_text("Training image 2: 4")
    page.locator(".browser .stage .picture").focus()
    before = page.locator(".browser .pixel").inner_text()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".browser .pixel")).not_to_have_text(before)


def a_click_looks_at_an_image_and_the_link_has_it(page: Page) -> None:
    box = page.locator(".browser .wall").bounding_box()
    assert box
    page.mouse.click(box["x"] + 20, box["y"] + 20)
    expect(name(page)).to_have_text("Training image 0: 5")
    settle(page)
    page.locator(".browser .wall").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"image=1\b"))


def it_scrolls_to_the_last_image(page: Page) -> None:
    page.locator(".browser .wall").focus()
    settle(page)
    page.keyboard.press("End")
    expect(page.locator(".browser .wall")).to_have_attribute("data-pictures", "there")
    settle(page)
    page.keyboard.press("ArrowLeft")
    label = datasets.arrays("mnist")["y_train"][59_998]
    expect(name(page)).to_have_text(f"Training image 59,998: {label}")


def test_a_link_opens_one_image_of_a_class_in_colour(open_page: OpenPage) -> None:
    page = opened(open_page, "?dataset=cifar10&part=test&order=class&image=7&view=images")
    data = datasets.arrays("cifar10")
    drawn = shown(page, ".browser .stage .picture")
    assert np.array_equal(drawn[..., :3], data["x_test"][7])
    assert name(page).inner_text() == f"Test image 7: {data['classes'][data['y_test'][7]]}"
    expect(page.locator(".browser .channels figure")).to_have_count(3)
    expect(page.locator(".browser .numbers table")).to_have_count(3)
    green = shown(page, ".browser .channels figure:nth-child(2) canvas")
    assert np.array_equal(green[..., 0], data["x_test"][7][..., 1])


def test_a_batch_has_the_images_of_its_step(open_page: OpenPage) -> None:
    page = opened(open_page, "?view=batch&batch_size=32&step=3&seed=5")
    expect(page.locator(".browser .title")).to_have_text("32 images")
    place = page.request.get(f"{page.url.split('/data')[0]}/{pictures.base('mnist', 'train', 'epoch-5-1-32-3')}/0.png")
    first = int(place.headers["x-images"].split(":")[0])
    expect(name(page)).to_contain_text(f"Training image {first:,}:")


def upload(page: Page, files: dict[str, bytes], folder: Path) -> None:
    for called, content in files.items():
        (folder / called).write_bytes(content)
    page.locator("input[type=file]").set_input_files([folder / called for called in files])


def test_what_is_brought_is_looked_at_kept_and_trained_on(open_page: OpenPage, tmp_path: Path) -> None:
    page: Page = open_page("/data?view=bring")
    files = {**folders(10), "hond/1.heic": b"x", "readme.txt": b"x"}
    upload(page, {"pets.zip": zipped(files)}, tmp_path)
    expect(page.get_by_text("was understood as a folder of pictures for each class")).to_be_visible()
    expect(page.get_by_text("The class hond is missing")).to_be_visible()
    expect(page.locator(".sheet .item")).to_have_count(16)
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator(".browser .title")).to_have_text("16 images")
    page.get_by_role("link", name="Train on it").click()
    expect(page.get_by_role("combobox", name="Data set")).to_have_value(re.compile("Yours: 2 classes"))


def test_four_idx_files_at_once(open_page: OpenPage, tmp_path: Path) -> None:
    page: Page = open_page("/data?view=bring")
    upload(page, idx_files(), tmp_path)
    expect(page.get_by_text("was understood as idx files")).to_be_visible()
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_text("was understood as idx files")).to_be_hidden()


def test_what_is_no_data_set_gets_a_sentence(open_page: OpenPage, tmp_path: Path) -> None:
    page: Page = open_page("/data?view=bring")
    upload(page, {"pets.rar": b"Rar!"}, tmp_path)
    expect(page.get_by_text("pack its folder as a .zip")).to_be_visible()


# --- recorded


def strokes(kind: int, random: Random) -> list[list[tuple[float, float]]]:
    """A cross, a ring or a triangle, from 0 to 1, somewhat elsewhere and otherwise each time."""
    across, down, size = random.uniform(-0.1, 0.1), random.uniform(-0.1, 0.1), random.uniform(0.24, 0.34)

    def at(x: float, y: float) -> tuple[float, float]:
        return 0.5 + across + size * x + random.uniform(-0.02, 0.02), 0.5 + down + size * y + random.uniform(
            -0.02, 0.02
        )

    if kind == 0:
        return [[at(-1, -1), at(1, 1)], [at(1, -1), at(-1, 1)]]
    if kind == 1:
        return [[at(math.cos(step * math.pi / 6), math.sin(step * math.pi / 6)) for step in range(13)]]
    return [[at(-1, 0.8), at(0, -1), at(1, 0.8), at(-1, 0.8)]]


def tap(page: Page, button: Locator) -> None:
    """Press a button that is there, as often as a class does, without looking each time whether it is."""
    box = button.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def draw(page: Page, kind: int, random: Random) -> None:
    tap(page, page.locator(".recorder .wipe"))
    box = page.locator(".recorder .pad").bounding_box()
    assert box
    for line in strokes(kind, random):
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in line]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def holds(page: Page) -> Locator:
    return page.locator(".recorder .hold")


def counts(page: Page) -> Locator:
    return page.locator(".recorder .count")


def trained(page: Page) -> int:
    """Per cent of the held-out fifth, once the run is over."""
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator(".recorder .status")).to_contain_text("Trained", timeout=LONG)
    found = re.search(r"(\d+) %", page.locator(".recorder .status").inner_text())
    assert found
    return int(found[1])


def test_three_symbols_are_recorded_learnt_and_read(open_page: OpenPage) -> None:
    page: Page = open_page("/data?view=record")
    page.get_by_role("button", name="Add a class").click()
    expect(holds(page)).to_have_count(3)
    random = Random(3)
    for kind, called in enumerate(("cross", "ring", "triangle")):
        page.get_by_role("textbox", name=f"Name of class {kind + 1}").fill(called)
        for _ in range(20):
            draw(page, kind, random)
            tap(page, holds(page).nth(kind))
        expect(counts(page).nth(kind)).to_have_text(re.compile(r"2\d pictures"))  # a press may last for two
    assert trained(page) >= 90
    for kind, called in enumerate(("cross", "ring", "triangle")):
        draw(page, kind, random)
        expect(page.locator(".recorder .bar.first .name")).to_have_text(called)
    the_network_works_on_other_pages(page)


def the_network_works_on_other_pages(page: Page) -> None:
    page.get_by_role("link", name="Evaluate it").click()
    expect(page.get_by_text(re.compile(r"of the 1\d test images of rec_"))).to_be_visible()
    expect(page.locator(".confusion .cell").first).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Look inside").click()
    expect(page.get_by_text(re.compile("It says (cross|ring|triangle)"))).to_be_visible()


def test_the_camera_gives_five_pictures_a_second(open_page: OpenPage) -> None:
    page: Page = open_page("/data?view=record", script=CAMERA)
    page.get_by_role("button", name="Camera").click()
    expect(page.locator(".recorder video")).to_be_visible()
    page.wait_for_timeout(500)
    for place, side in enumerate(("left", "right")):
        page.evaluate(f"window.shown = {side!r}")
        page.wait_for_timeout(200)
        button = holds(page).nth(place)
        button.hover()
        page.mouse.down()
        page.wait_for_timeout(2600)
        page.mouse.up()
        found = int(counts(page).nth(place).inner_text().split()[0])
        assert 10 <= found <= 15, found
    assert trained(page) >= 90
    expect(page.locator(".recorder .bar.first .name")).to_have_text("Class 2")
    page.evaluate("window.shown = 'left'")
    expect(page.locator(".recorder .bar.first .name")).to_have_text("Class 1")


def test_chromiums_own_camera_is_recorded(open_page: OpenPage) -> None:
    page: Page = open_page("/data?view=record", width=390, height=844)
    page.get_by_role("button", name="Camera").click()
    expect(page.locator(".recorder video")).to_be_visible()
    expect(page.locator(".recorder .blocked")).to_be_hidden()
    page.wait_for_timeout(500)
    holds(page).first.hover()
    page.mouse.down()
    page.wait_for_timeout(2300)
    page.mouse.up()
    assert 10 <= int(counts(page).first.inner_text().split()[0]) <= 14
    small = shown(page, ".recorder .small")
    assert small[..., 1].astype(int).mean() > small[..., 0].astype(int).mean() + 50, "it is green"


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("width", [390, 1440])
def test_files_are_recorded_too(open_page: OpenPage, tmp_path: Path, width: int) -> None:
    page: Page = open_page("/data?view=record", width=width, height=844)
    for at in range(12):
        out = io.BytesIO()
        Image.fromarray(np.full((60, 80, 3), 20 * at, np.uint8)).save(out, "PNG")
        (tmp_path / f"{at}.png").write_bytes(out.getvalue())
    with page.expect_file_chooser() as chooser:
        page.locator(".recorder .file").first.click()
    chooser.value.set_files(sorted(tmp_path.glob("*.png")))
    expect(counts(page).first).to_have_text("12 pictures")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
